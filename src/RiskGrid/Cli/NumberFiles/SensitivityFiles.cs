namespace RiskGrid.Cli.NumberFiles;

/// <summary>Deltas, gammas and a covariance from long CSVs, in ordinal order of the factors' names.</summary>
/// <param name="Factors">Every factor with a delta or a gamma.</param>
/// <param name="Delta">One a factor, zero where none is given.</param>
/// <param name="Gamma">Factors × factors, symmetric.</param>
/// <param name="Covariance">Factors × factors, symmetric.</param>
/// <param name="MissingCovariances">Pairs of different factors without a covariance, taken as zero.</param>
/// <param name="MissingVariances">Factors without a variance, taken not to move.</param>
/// <param name="UnusedCovariances">Rows of the covariance with a factor that has neither delta nor gamma.</param>
internal sealed record SensitivityFiles(
    string[] Factors, double[] Delta, double[] Gamma, double[] Covariance, int MissingCovariances, string[] MissingVariances, int UnusedCovariances)
{
    public static SensitivityFiles Read(string deltas, string? gammas, string covariance)
    {
        var delta = ReadPairs(deltas, 1);
        var gamma = gammas is null ? [] : ReadPairs(gammas, 2);
        var factors = delta.Keys.Concat(gamma.Keys).SelectMany(k => new[] { k.First, k.Second }).Distinct().Order(StringComparer.Ordinal).ToArray();
        var place = factors.Select((name, i) => (name, i)).ToDictionary(p => p.name, p => p.i, StringComparer.Ordinal);
        var n = factors.Length;
        var moves = ReadPairs(covariance, 2);
        var used = moves.Where(m => place.ContainsKey(m.Key.First) && place.ContainsKey(m.Key.Second)).ToList();
        var without = factors.Where(f => !moves.ContainsKey((f, f))).ToArray();
        return new SensitivityFiles(
            factors,
            [.. factors.Select(f => delta.GetValueOrDefault((f, f)))],
            Fill(gamma),
            Fill(used),
            (n * (n - 1) / 2) - used.Count(m => !string.Equals(m.Key.First, m.Key.Second, StringComparison.Ordinal)),
            without,
            moves.Count - used.Count);

        double[] Fill(IEnumerable<KeyValuePair<(string First, string Second), double>> entries)
        {
            var matrix = new double[n * n];
            foreach (var ((first, second), value) in entries)
                matrix[(place[first] * n) + place[second]] = matrix[(place[second] * n) + place[first]] = value;
            return matrix;
        }
    }

    /// <summary>Values by unordered pair of names; a name alone is a pair with itself.</summary>
    private static Dictionary<(string First, string Second), double> ReadPairs(string path, int names)
    {
        var file = NumberFile.Read(path, names);
        string[] expected = names == 1 ? ["factor", "value"] : ["factor1", "factor2", "value"];
        if (!file.Columns.SequenceEqual(expected, StringComparer.Ordinal))
            throw new InvalidDataException($"{path}, line 1, header: it is '{string.Join(',', file.Columns)}' and must be '{string.Join(',', expected)}'");
        var values = new Dictionary<(string First, string Second), double>();
        var lines = new Dictionary<(string First, string Second), int>();
        foreach (var row in file.Rows)
        {
            var (first, second) = (row.Text[0], row.Text[^1]);
            var key = string.CompareOrdinal(first, second) <= 0 ? (first, second) : (second, first);
            if (values.TryAdd(key, row.Numbers[0]))
                lines.Add(key, row.Line);
            else if (values[key] != row.Numbers[0])
                throw file.Refusal(row, names == 1 ? first : $"{first},{second}", $"{row.Numbers[0]:R} contradicts the {values[key]:R} of line {lines[key]}");
        }

        return values;
    }
}
