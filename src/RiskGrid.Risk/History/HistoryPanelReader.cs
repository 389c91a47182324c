using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using NodaTime;
using NodaTime.Text;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>Reads one history panel. The format is plain numbers, so a row is split in place and nothing is allocated per field.</summary>
internal sealed class HistoryPanelReader(TextReader csv, string sourceName)
{
    private readonly List<LocalDate> _dates = [];
    private readonly List<double> _values = [];
    private ImmutableArray<FactorName> _factors = [];
    private int _line;

    public HistoryPanel Read()
    {
        ReadHeader();
        while (NextLine() is { } line)
        {
            // A blank last line is an editor's habit, not a row.
            if (line.Length > 0)
                ReadRow(line);
            else if (csv.Peek() >= 0)
                throw Refusal("row", "the line is empty");
        }

        if (_dates.Count == 0)
            throw Refusal("row", "there is no row below the header");
        return new HistoryPanel(sourceName, [.. _dates], _factors, [.. _values]);
    }

    private void ReadHeader()
    {
        var header = NextLine();
        if (string.IsNullOrEmpty(header))
            throw Refusal("header", "the header 'date,FACTOR,...' is missing");
        var names = header.Split(',');
        if (names[0] != "date")
            throw Refusal("header", $"the first column must be 'date', not '{names[0]}'");
        if (names.Length < 2)
            throw Refusal("header", "there is no factor column");
        var factors = ImmutableArray.CreateBuilder<FactorName>(names.Length - 1);
        var seen = new HashSet<FactorName>();
        foreach (var name in names.Skip(1))
        {
            var factor = Parse(name);
            if (!seen.Add(factor))
                throw Refusal("header", $"column {factor} comes twice");
            factors.Add(factor);
        }

        _factors = factors.MoveToImmutable();
    }

    private FactorName Parse(string name)
    {
        try
        {
            return FactorName.Parse(name);
        }
        catch (ValidationException refusal)
        {
            throw Refusal("header", refusal.Reason);
        }
    }

    private void ReadRow(string line)
    {
        var column = -1;
        foreach (var range in line.AsSpan().Split(','))
        {
            var field = line.AsSpan(range);
            if (column < 0)
                ReadDate(field);
            else if (column < _factors.Length)
                _values.Add(ReadValue(field, _factors[column]));
            column++;
        }

        if (column != _factors.Length)
            throw Refusal("row", $"{column} values under {_factors.Length} factor columns");
    }

    private void ReadDate(ReadOnlySpan<char> field)
    {
        var parsed = LocalDatePattern.Iso.Parse(field.ToString());
        if (!parsed.Success)
            throw Refusal("date", $"'{Shown(field)}' is not a date such as 2022-12-14");
        if (_dates.Count > 0 && parsed.Value <= _dates[^1])
            throw Refusal("date", $"{Shown(field)} does not come after the row above");
        _dates.Add(parsed.Value);
    }

    private double ReadValue(ReadOnlySpan<char> field, FactorName factor)
    {
        if (field.Length == 0)
            return double.NaN;
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!double.TryParse(field, Style, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
            throw Refusal(factor.Value, $"'{Shown(field)}' is not a finite number");
        return value;
    }

    private string? NextLine()
    {
        _line++;
        return csv.ReadLine();
    }

    private ValidationException Refusal(string field, string reason) => new(field, $"{reason} ({sourceName}, line {_line})");

    [SuppressMessage("Globalization", "MA0074", Justification = "No comparison takes place.")]
    private static string Shown(ReadOnlySpan<char> field) => field.Length <= 40 ? field.ToString() : $"{field[..40]}…";
}
