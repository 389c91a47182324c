using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>A table of factor levels by day: the raw material of historical scenarios. Immutable, thread-safe.</summary>
public sealed class HistoryPanel
{
    private readonly ImmutableDictionary<FactorName, int> _columns;
    private readonly double[] _values; // row-major; NaN is a blank
    private readonly Lazy<string> _hash;

    internal HistoryPanel(string sourceName, ImmutableArray<LocalDate> dates, ImmutableArray<FactorName> factors, double[] values)
    {
        SourceName = sourceName;
        Dates = dates;
        Factors = factors;
        _values = values;
        _columns = factors.Select((f, i) => KeyValuePair.Create(f, i)).ToImmutableDictionary();
        _hash = new Lazy<string>(ComputeHash);
    }

    /// <summary>Where the panel was read from, for messages; not part of the hash.</summary>
    public string SourceName { get; }

    /// <summary>The days, strictly increasing.</summary>
    public ImmutableArray<LocalDate> Dates { get; }

    /// <summary>The factors, in the order of the file's columns.</summary>
    public ImmutableArray<FactorName> Factors { get; }

    /// <summary>SHA-256 over days, factors and value bits; lower-case hexadecimal.</summary>
    public string Hash => _hash.Value;

    /// <summary>Reads a CSV: a header <c>date,FACTOR,...</c>, then one row a day in increasing order; an empty field is a blank.
    /// Fields are not quoted.</summary>
    /// <param name="csv">The text; read to its end, not disposed.</param>
    /// <param name="sourceName">Names the text in errors.</param>
    /// <exception cref="ValidationException">The text is not such a table; the message names line and field.</exception>
    public static HistoryPanel Read(TextReader csv, string sourceName) => new HistoryPanelReader(csv, sourceName).Read();

    /// <summary>True when the panel has the factor.</summary>
    public bool Has(FactorName factor) => _columns.ContainsKey(factor);

    /// <summary>The level of a factor on a day, NaN where the panel is blank.</summary>
    /// <exception cref="ValidationException">The panel has no such factor.</exception>
    public double Value(int row, FactorName factor) => _values[(row * Factors.Length) + Column(factor)];

    internal int Column(FactorName factor) => _columns.TryGetValue(factor, out var column)
        ? column
        : throw new ValidationException("factor", $"{SourceName} has no column {factor}");

    internal double Value(int row, int column) => _values[(row * Factors.Length) + column];

    private string ComputeHash()
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(Encoding.UTF8.GetBytes($"riskgrid.panel\n{Dates.Length}\n{string.Join('\n', Factors)}\n"));
        var row = new byte[8 * (Factors.Length + 1)];
        for (var r = 0; r < Dates.Length; r++)
        {
            var date = Dates[r];
            BinaryPrimitives.WriteInt64LittleEndian(row, (date.Year * 10_000L) + (date.Month * 100L) + date.Day);
            for (var c = 0; c < Factors.Length; c++)
            {
                var value = Value(r, c);
                var bits = double.IsNaN(value) ? -1L : BitConverter.DoubleToInt64Bits(value);
                BinaryPrimitives.WriteInt64LittleEndian(row.AsSpan(8 * (c + 1)), bits);
            }

            sha.AppendData(row);
        }

        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }
}
