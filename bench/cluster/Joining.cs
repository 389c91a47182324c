using System.Text.Json;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cluster.Bench;

/// <summary>A silo that is started while a run is under way: from its process to the first work that it has finished there.</summary>
internal static class Joining
{
    // Long enough that it does not end before the last silo has joined.
    private const int Paths = 2_000_000;

    // What a silo logs after its first item of a run, and after the first pass over a book.
    private const string FirstItem = "its first item here";
    private const string FirstBook = "the first that is priced here";

    public static async Task<JoinFigures> MeasureAsync(RiskCluster cluster, BenchOptions options, CancellationToken cancellationToken)
    {
        var lone = await cluster.JoinAsync("joined", 0, cancellationToken);
        var (finished, received, items, books, cpu) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < options.Rounds; round++)
        {
            var run = await cluster.StartRunAsync(Paths, (ulong)(round + 100), cancellationToken);
            await foreach (var state in cluster.Client.SubscribeRunAsync(run, cancellationToken: cancellationToken))
            {
                if (state.Progress.ItemsDone > 2)
                    break;
            }

            var silo = cluster.StartSilo("newcomer", 1, "information");
            var priced = silo.LoggedAsync(FirstBook, cancellationToken);
            var (at, line) = await silo.LoggedAsync(FirstItem, cancellationToken);
            cpu.Add(CpuTime.Of(silo.Id));
            items.Add(TimeProvider.System.GetElapsedTime(silo.StartedAt, at).TotalSeconds);
            books.Add(TimeProvider.System.GetElapsedTime(silo.StartedAt, (await priced).At).TotalSeconds);
            var item = JsonDocument.Parse(line).RootElement.GetProperty("Properties");
            received.Add(items[^1] - (item.GetProperty("Milliseconds").GetDouble() / 1000));
            finished.Add(Math.Min(books[^1], items[^1]));
            if (item.GetProperty("Run").GetString() != run)
                throw new InvalidOperationException($"the newcomer worked on another run than {run}: {line}");
            Figures.Say($"A silo had finished its first work {finished[^1]:F2} s after its process was started: its first book was priced after {books[^1]:F2} s; its first item of the run came after {received[^1]:F2} s and was computed after {items[^1]:F2} s, with {cpu[^1]:F2} s of its core");
            await silo.ReadyAsync(cancellationToken);
            if ((await cluster.Client.CancelRunAsync(run, cancellationToken)).State != RunState.Cancelled)
                throw new InvalidOperationException($"run {run} ended before the newcomer had joined");
            await cluster.StopSiloAsync(silo, cancellationToken);
            await cluster.SettledAsync(cancellationToken);
        }

        await cluster.StopSiloAsync(lone, cancellationToken);
        return new JoinFigures(
            Math.Round(Figures.Median(finished), 3), Figures.Rounded(finished), Figures.Rounded(books), Figures.Rounded(received), Figures.Rounded(items), Figures.Rounded(cpu));
    }
}

/// <summary>How soon a new silo is of use.</summary>
/// <param name="Median">Of <paramref name="Seconds"/>.</param>
/// <param name="Seconds">From the start of the process until it has finished its first useful work: a book that is priced, or an item of the run that is
/// computed, whichever comes first.</param>
/// <param name="FirstBookPricedSeconds">From the start of the process until the first of the books that came with its partitions is priced.</param>
/// <param name="FirstItemReceivedSeconds">From the start of the process until it has its first item of the run.</param>
/// <param name="FirstItemComputedSeconds">From the start of the process until that item is computed, with all that is read for a first one.</param>
/// <param name="CpuSeconds">Of the new process until the item is computed: what its start costs wherever it runs.</param>
internal sealed record JoinFigures(
    double Median, double[] Seconds, double[] FirstBookPricedSeconds, double[] FirstItemReceivedSeconds, double[] FirstItemComputedSeconds, double[] CpuSeconds);
