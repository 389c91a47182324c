using System.Globalization;
using NodaTime.Text;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cli.Runs;

/// <summary>What is written behind the options of runs. Each method names the option and shows the right form when the text has another.</summary>
internal static class OptionText
{
    /// <summary>The parts of a list with commas, from one option or from several.</summary>
    public static IReadOnlyList<string> List(IEnumerable<string>? texts) =>
        [.. (texts ?? []).SelectMany(t => t.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    /// <summary>Probabilities strictly between 0 and 1, kept as they are written: they are exact decimals.</summary>
    public static IReadOnlyList<string> Probabilities(string option, IEnumerable<string>? texts)
    {
        var list = List(texts);
        foreach (var text in list)
        {
            if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) || value is <= 0 or >= 1)
                throw new UsageException($"{option}: '{text}' is not a decimal between 0 and 1; 99 % is written 0.99");
        }

        return list;
    }

    /// <summary>Exact decimals of any size, kept as they are written.</summary>
    public static IReadOnlyList<string> Decimals(string option, IEnumerable<string>? texts)
    {
        var list = List(texts);
        foreach (var text in list)
        {
            if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
                throw new UsageException($"{option}: '{text}' is not a number such as 1.65");
        }

        return list;
    }

    /// <summary>Whole numbers from 0.</summary>
    public static IReadOnlyList<uint> Counts(string option, IEnumerable<string>? texts) =>
        [.. List(texts).Select(t => uint.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw new UsageException($"{option}: '{t}' is not a whole number"))];

    /// <summary>Finite numbers in a list with commas, at least one.</summary>
    public static IReadOnlyList<double> Numbers(string option, string text)
    {
        var parts = List([text]);
        if (parts.Count == 0)
            throw new UsageException($"{option}: a list of numbers is missing");
        return [.. parts.Select(p => Number(option, p))];
    }

    /// <summary><c>FROM..TO</c>, either end may be missing.</summary>
    public static (string From, string To) Window(string option, string text)
    {
        var ends = text.Split("..");
        if (ends.Length != 2 || ends.Any(e => e.Length > 0 && !LocalDatePattern.Iso.Parse(e).Success) || ends.All(e => e.Length == 0))
            throw new UsageException($"{option}: '{text}' is not a window such as 2008-01-01..2009-12-31 (either day may be left out)");
        return (ends[0], ends[1]);
    }

    /// <summary><c>DECAY,WARMUP</c>.</summary>
    public static HullWhiteFilter HullWhite(string option, string text)
    {
        var parts = List([text]);
        if (parts.Count != 2 || !uint.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var warmUp))
            throw new UsageException($"{option}: '{text}' is not a decay and a number of warm-up days such as 0.94,250");
        return new HullWhiteFilter { Decay = Number(option, parts[0]), WarmUp = warmUp };
    }

    /// <summary><c>SELECTOR:MOVE,MOVE,…</c>.</summary>
    public static Ladder Ladder(string option, string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1)
            throw new UsageException($"{option}: '{text}' is not a ladder such as IDX.SP500:-0.1,-0.05,0,0.05");
        return new Ladder { Selector = text[..colon].Trim(), Moves = { Numbers(option, text[(colon + 1)..]) } };
    }

    /// <summary><c>spot:MOVE,…;vol:MOVE,…</c> and optionally <c>;on:SELECTOR</c>.</summary>
    public static SpotVolatilityMatrix Matrix(string option, string text)
    {
        var matrix = new SpotVolatilityMatrix();
        foreach (var axis in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = axis.IndexOf(':', StringComparison.Ordinal);
            var values = axis[(colon + 1)..];
            switch (colon < 0 ? axis : axis[..colon].Trim())
            {
                case "spot" when colon > 0 && matrix.SpotMoves.Count == 0:
                    matrix.SpotMoves.Add(Numbers(option, values));
                    break;
                case "vol" when colon > 0 && matrix.VolatilityMoves.Count == 0:
                    matrix.VolatilityMoves.Add(Numbers(option, values));
                    break;
                case "on" when colon > 0 && matrix.Selector.Length == 0:
                    matrix.Selector = values.Trim();
                    break;
                default:
                    throw MatrixForm(option, text);
            }
        }

        return matrix.SpotMoves.Count > 0 && matrix.VolatilityMoves.Count > 0 ? matrix : throw MatrixForm(option, text);
    }

    private static UsageException MatrixForm(string option, string text) =>
        new($"{option}: '{text}' is not a matrix such as spot:-0.1,0,0.1;vol:-0.2,0,0.2 (and ;on:EQ.* for some spots only)");

    private static double Number(string option, string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw new UsageException($"{option}: '{text}' is not a number");
}
