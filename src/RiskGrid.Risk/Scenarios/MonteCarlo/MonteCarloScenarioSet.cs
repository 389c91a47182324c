using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using RiskGrid.Kernels;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>Random joint moves of zero mean, drawn on demand: nothing of the size of the paths is kept. Immutable, thread-safe.</summary>
/// <remarks>
/// <para>Normal: x = L·z with L·Lᵀ the covariance in ordinal order of the factors (<see cref="CovarianceFactor"/> says what becomes of a singular
/// one), times the days of the horizon. z is <see cref="KeyedRandom"/> keyed by the seed, the first eight bytes (little-endian) of SHA-256
/// of the factor's name, and the path: another factor joining changes nobody's z.</para>
/// <para>Student-t with ν degrees of freedom: x = L·z·√((ν − 2)/χ²), χ² the sum of ν squared normals of the path, of streams of their own
/// (names <c>student-t.1</c> …), so that the covariance is the given one. A. McNeil, R. Frey and P. Embrechts, Quantitative Risk Management
/// (2005), section 3.2.1, example 3.7: the covariance of a t is ν/(ν − 2) times its dispersion.</para>
/// <para>Antithetic: paths 2k and 2k + 1 are draw k and its opposite, with the same χ².</para>
/// </remarks>
public sealed class MonteCarloScenarioSet : ScenarioSet
{
    /// <summary>The generator's name in specs.</summary>
    internal const string Generator = "monte_carlo";
    private const int Version = 1;

    private readonly double[] _lower;
    private readonly ulong[] _streams;
    private readonly ulong[] _chiSquare;

    internal MonteCarloScenarioSet(string spec, FactorCovariance covariance, MonteCarloOptions options)
        : base(spec, new ScenarioLayout(covariance.Factors))
    {
        options.Check();
        Covariance = covariance.Over(options.HorizonDays);
        Options = options;
        _lower = CovarianceFactor.Of(Covariance);
        _streams = [.. covariance.Factors.Select(f => Stream(f.Value))];
        _chiSquare = [.. Enumerable.Range(1, options.DegreesOfFreedom ?? 0).Select(k => Stream($"student-t.{k}"))];
    }

    /// <inheritdoc/>
    public override int Count => Options.Paths;

    /// <inheritdoc/>
    public override bool IsAntithetic => Options.Antithetic;

    /// <inheritdoc/>
    public override bool IsSampled => true;

    /// <summary>The covariance of the moves, over the whole horizon.</summary>
    public FactorCovariance Covariance { get; }

    /// <summary>What the set was made with.</summary>
    public MonteCarloOptions Options { get; }

    internal static MonteCarloScenarioSet Create(HistoryPanel panel, IEnumerable<FactorName> drivers, MonteCarloOptions options)
    {
        options.Check();
        var covariance = FactorCovariance.Of(Historical(panel, drivers, options.Window));
        return new MonteCarloScenarioSet(SpecOf(panel, covariance, options), covariance, options);
    }

    private protected override string Name(int scenario) => $"path {scenario}";

    private protected override ScenarioBlock Make(int first, int count)
    {
        var moves = new double[Layout.Rows * count];
        if (!Options.Antithetic)
        {
            Draw(first, count, moves);
        }
        else if (count > 0)
        {
            var firstDraw = first / 2;
            var draws = ((first + count - 1) / 2) - firstDraw + 1;
            var rented = ArrayPool<double>.Shared.Rent(Layout.Rows * draws);
            Draw(firstDraw, draws, rented.AsSpan(0, Layout.Rows * draws));
            for (var row = 0; row < Layout.Rows; row++)
                Pair(rented.AsSpan(row * draws, draws), first % 2, moves.AsSpan(row * count, count));
            ArrayPool<double>.Shared.Return(rented);
        }

        return new ScenarioBlock(Layout, count, moves);
    }

    private static void Pair(ReadOnlySpan<double> draws, int skip, Span<double> moves)
    {
        for (var s = 0; s < moves.Length; s++)
            moves[s] = (s + skip) % 2 == 0 ? draws[(s + skip) / 2] : -draws[(s + skip) / 2];
    }

    private static ulong Stream(string name) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    private static string SpecOf(HistoryPanel panel, FactorCovariance covariance, MonteCarloOptions options) => CanonicalJson.Write(json =>
    {
        json.WriteBoolean("antithetic", options.Antithetic);
        if (options.Decay is { } decay)
            json.WriteNumber("decay", decay);
        if (options.DegreesOfFreedom is { } degrees)
            json.WriteNumber("degrees_of_freedom", degrees);
        CanonicalJson.WriteDate(json, "from", options.From);
        json.WriteString("generator", Generator);
        json.WriteNumber("horizon_days", options.HorizonDays);
        json.WriteString("panel", panel.Hash);
        json.WriteNumber("paths", options.Paths);
        json.WriteNumber("seed", options.Seed);
        CanonicalJson.WriteShifts(json, covariance.Factors);
        CanonicalJson.WriteDate(json, "to", options.To);
        json.WriteNumber("version", Version);
    });

    private void Draw(int first, int count, Span<double> moves)
    {
        var rented = ArrayPool<double>.Shared.Rent(_streams.Length * count);
        var normals = rented.AsSpan(0, _streams.Length * count);
        for (var d = 0; d < _streams.Length; d++)
            KeyedRandom.Normals(Options.Seed, _streams[d], first, normals.Slice(d * count, count));
        KeyedRandom.Correlate(_streams.Length, _lower, normals, moves);
        if (_chiSquare.Length > 0)
            Widen(first, count, normals, moves);
        ArrayPool<double>.Shared.Return(rented);
    }

    private void Widen(int first, int count, Span<double> normals, Span<double> moves)
    {
        var rented = ArrayPool<double>.Shared.Rent(count);
        var scale = rented.AsSpan(0, count);
        scale.Clear();
        var z = normals[..count];
        foreach (var stream in _chiSquare)
        {
            KeyedRandom.Normals(Options.Seed, stream, first, z);
            for (var p = 0; p < count; p++)
                scale[p] += z[p] * z[p];
        }

        for (var p = 0; p < count; p++)
            scale[p] = Math.Sqrt((_chiSquare.Length - 2) / scale[p]);
        for (var d = 0; d < _streams.Length; d++)
        {
            var row = moves.Slice(d * count, count);
            for (var p = 0; p < count; p++)
                row[p] *= scale[p];
        }

        ArrayPool<double>.Shared.Return(rented);
    }
}
