using System.Collections.Immutable;

namespace RiskGrid.Risk.Runs;

/// <summary>What a run computes. Field names, meanings and limits are those of <c>RunSpec</c> in <c>protos/riskgrid/v1/runs.proto</c>;
/// <see cref="RunSpecRules.Normalised"/> checks them and fills in the defaults. Immutable.</summary>
/// <param name="Path">The node whose subtree is computed; <c>/</c> is the firm.</param>
/// <param name="Kind">The calculation.</param>
public sealed record RunSpec(string Path, RunKind Kind)
{
    /// <summary>The market; empty means the default one.</summary>
    public string Market { get; init; } = string.Empty;

    /// <summary>Hash of a snapshot to compute at; empty means the market as it stands.</summary>
    public string SnapshotHash { get; init; } = string.Empty;

    /// <summary>Seconds after which the run fails; 0 means no limit. Changes no number.</summary>
    public double DeadlineSeconds { get; init; }

    /// <summary>Scenarios per shard; 0 leaves it to the server. Changes no number.</summary>
    public int ScenariosPerShard { get; init; }

    /// <summary>The whole spec as canonical JSON: the field names of <c>runs.proto</c> in ordinal order, no white space.</summary>
    /// <exception cref="Model.ValidationException">A field breaks its rule.</exception>
    public string ToJson() => RunSpecWriter.Write(this.Normalised(), withLimits: true);

    /// <summary>The same without what changes no number, for a manifest: equal texts ask for equal numbers.</summary>
    /// <inheritdoc cref="ToJson"/>
    public string ToNumbersJson() => RunSpecWriter.Write(this.Normalised(), withLimits: false);

    /// <summary>Reads a spec from JSON; fields may come in any order, and those with defaults may be left out.</summary>
    /// <returns>The spec, normalised.</returns>
    /// <exception cref="Model.ValidationException">It is not JSON, a field is unknown, comes twice, or breaks its rule.</exception>
    public static RunSpec FromJson(string json) => RunSpecReader.Read(json);
}

/// <summary>One of the calculations.</summary>
public abstract record RunKind
{
    private protected RunKind()
    {
    }
}

/// <summary>Freezes position and market, and values them.</summary>
public sealed record PinSpec : RunKind;

/// <summary>P&amp;L explain between the frozen inputs of two runs.</summary>
/// <param name="FromRun">The earlier run.</param>
/// <param name="ToRun">The later run.</param>
public sealed record ExplainSpec(string FromRun, string ToRun) : RunKind;

/// <summary>Backtest with frozen positions.</summary>
public sealed record BacktestSpec : RunKind
{
    /// <summary>Last days of the history to test on; 0 means 1,043.</summary>
    public int Days { get; init; }

    /// <summary>Vector entries before each day that give its value at risk; 0 means 250.</summary>
    public int Window { get; init; }

    /// <summary>Each above 0 and below 1; empty means 0.95, 0.975 and 0.99.</summary>
    public ImmutableArray<decimal> Confidences { get; init; } = [];

    /// <summary>The quantile rule.</summary>
    public QuantileRule QuantileRule { get; init; }
}
