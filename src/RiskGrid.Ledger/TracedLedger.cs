using System.Diagnostics;

namespace RiskGrid.Ledger;

/// <summary>A ledger whose operations are spans and metrics, named after OpenTelemetry's conventions for databases.</summary>
/// <remarks>A span is made where there is a trace to belong to; the metrics count every operation.</remarks>
/// <param name="inner">The ledger; disposed with this.</param>
/// <param name="system">The store as the conventions name it: <c>sqlite</c>, <c>postgresql</c>.</param>
public sealed class TracedLedger(ILedger inner, string system) : DelegatingLedger(inner)
{
    /// <inheritdoc/>
    public override async Task<IReadOnlyList<AppendResult>> AppendAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        var results = await base.AppendAsync(batch, cancellationToken).ConfigureAwait(false);
        if (LedgerTelemetry.Rows.Enabled)
            LedgerTelemetry.Rows.Add(results.Count(r => r.Outcome is not null), new("db.system.name", system), new("db.operation.name", "append"));
        return results;
    }

    /// <inheritdoc/>
    protected override Task<T> AskAsync<T>(string operation, Func<ILedger, Task<T>> ask)
    {
        var traced = LedgerTelemetry.Source.HasListeners() && Activity.Current is not null;
        return traced || LedgerTelemetry.Duration.Enabled ? RecordAsync(operation, ask) : base.AskAsync(operation, ask);
    }

    private async Task<T> RecordAsync<T>(string operation, Func<ILedger, Task<T>> ask)
    {
        var begun = TimeProvider.System.GetTimestamp();
        using var span = Activity.Current is null ? null : LedgerTelemetry.Source.StartActivity($"{operation} {system}", ActivityKind.Client);
        span?.SetTag("db.system.name", system).SetTag("db.operation.name", operation);
        string? failed = null;
        try
        {
            return await base.AskAsync(operation, ask).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failed = e.GetType().Name;
            span?.SetTag("error.type", failed).SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
        finally
        {
            var tags = new TagList { new("db.system.name", system), new("db.operation.name", operation) };
            if (failed is not null)
                tags.Add("error.type", failed);
            LedgerTelemetry.Duration.Record(TimeProvider.System.GetElapsedTime(begun).TotalSeconds, tags);
        }
    }
}
