using System.Security.Cryptography;
using RiskGrid.Model;

namespace RiskGrid.Ledger;

/// <summary>What of a run may be given to a store at all. One place for every store.</summary>
internal static class RunRules
{
    public static void Check(RunId run)
    {
        if (run == default)
            throw new ValidationException("run_id", "run id is missing");
    }

    public static void Check(NewRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        Check(run.Id);
        if (string.IsNullOrEmpty(run.SpecJson))
            throw new ValidationException("spec", $"run {run.Id} has no spec");
        if (string.IsNullOrEmpty(run.ManifestJson))
            throw new ValidationException("manifest", $"run {run.Id} has no manifest");
        if (run.ItemCount < 0)
            throw new ValidationException("item_count", $"run {run.Id} can't have {run.ItemCount} items");
    }

    public static void CheckItem(RunId run, int leg, int block, byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        Check(run);
        if (leg < 0)
            throw new ValidationException("leg", $"legs count from 0, {leg} is none");
        if (block < 0)
            throw new ValidationException("block", $"blocks count from 0, {block} is none");
    }

    public static void Check(RunId run, RunOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        Check(run);
        if (outcome.State is not (RunState.Done or RunState.Failed or RunState.Cancelled))
            throw new ValidationException("state", $"a run does not end in state {outcome.State}");
        if (outcome.State == RunState.Done && (outcome.Result is null || string.IsNullOrEmpty(outcome.ResultHash)))
            throw new ValidationException("result", $"run {run} can't be done without a result and its hash");
        if (outcome.State == RunState.Failed && string.IsNullOrEmpty(outcome.Error))
            throw new ValidationException("error", $"run {run} can't fail without a reason");

        var seen = new HashSet<(int Leg, NodeId Node)>();
        foreach (var vector in outcome.Vectors)
        {
            if (vector.Leg < 0 || vector.Node == default || string.IsNullOrEmpty(vector.ScenarioSetHash))
                throw new ValidationException("vectors", $"a vector of run {run} lacks its leg, its node or its scenario set's hash");
            if (!seen.Add((vector.Leg, vector.Node)))
                throw new ValidationException("vectors", $"run {run} has two vectors of node {vector.Node} in leg {vector.Leg}");
        }
    }

    public static void CheckLimit(int limit)
    {
        if (limit is < 1 or > ILedger.MaxListedRuns)
            throw new ValidationException("limit", $"a page holds 1 to {ILedger.MaxListedRuns} runs, not {limit}");
    }

    /// <summary>Creating a run again must mean the same run.</summary>
    public static void CheckSame(RunRecord stored, NewRun run)
    {
        var difference = !string.Equals(stored.SpecJson, run.SpecJson, StringComparison.Ordinal) ? "another spec"
            : !string.Equals(stored.ManifestJson, run.ManifestJson, StringComparison.Ordinal) ? "another manifest"
            : stored.ItemCount != run.ItemCount ? $"{stored.ItemCount} items, not {run.ItemCount}"
            : null;
        if (difference is not null)
            throw new ValidationException("run_id", $"run {run.Id} exists already with {difference}; choose a new id");
    }

    public static ValidationException NoSuchRun(RunId run) => new("run_id", $"run {run} does not exist");

    public static ValidationException NoSuchPage(RunId before) =>
        new("before", $"run {before} does not exist; take the last run of the page before");

    public static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
