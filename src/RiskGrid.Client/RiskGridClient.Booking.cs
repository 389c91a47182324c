using RiskGrid.Client.Rpc;
using RiskGrid.Protocol.Rpc;
using RiskGrid.Protocol.V1;
using Outcome = RiskGrid.Protocol.V1.TradeResult.Types.Outcome;

namespace RiskGrid.Client;

/// <summary>How trades are booked. Immutable.</summary>
public sealed record BookingOptions
{
    /// <summary>Who books, for the audit; at most 64 characters.</summary>
    public string Author { get; init; } = "";

    /// <summary>Time for all commands, tries and pauses included. 2 min.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Time for one request; a server that hangs is asked again after it. 30 s.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Commands in one request, 1 to 10,000. 2,000.</summary>
    public int BatchSize { get; init; } = 2_000;

    /// <summary>Told the number of commands answered so far.</summary>
    public IProgress<int>? Progress { get; init; }
}

/// <summary>Booking ended before every command was answered. The commands without answer have the outcome RETRY: they may be durable or not;
/// sending them again with the same command ids is safe.</summary>
public sealed class BookingIncompleteException : RpcException
{
    internal BookingIncompleteException(RpcException cause, IReadOnlyList<TradeResult> results, int unanswered)
        : base(cause.Status, $"{unanswered:N0} of {results.Count:N0} commands were not answered, send them again with the same command ids: {cause.Message}",
            cause.Details, cause)
    {
        Results = results;
        Unanswered = unanswered;
    }

    /// <summary>One per command, in the order given.</summary>
    public IReadOnlyList<TradeResult> Results { get; }

    /// <summary>How many have the outcome RETRY.</summary>
    public int Unanswered { get; }
}

/// <content>Booking.</content>
public sealed partial class RiskGridClient
{
    /// <summary>Most commands in one request.</summary>
    public const int MaxBatchSize = 10_000;

    // Half of what the server takes in one message, so that a batch of long terms still fits.
    private const int MaxBatchBytes = MessageFrame.DefaultMaxBytes / 2;

    /// <summary>Books, amends and cancels trades. The commands go in batches, one after the other in the order given; a batch is sent again
    /// with the same command ids until each of its commands is answered APPLIED or REFUSED, so that none is lost or applied twice whatever
    /// happens to the server meanwhile.</summary>
    /// <param name="commands">With a command id each, chosen by the caller.</param>
    /// <param name="options">Defaults when null.</param>
    /// <param name="cancellationToken">Gives up; commands already sent may be durable.</param>
    /// <returns>One result per command, in the order given.</returns>
    /// <exception cref="ArgumentException">A command has no id, or an option is out of range.</exception>
    /// <exception cref="BookingIncompleteException">The time is up or the server refused a request; says what was answered.</exception>
    public async Task<IReadOnlyList<TradeResult>> BookTradesAsync(
        IEnumerable<TradeCommand> commands, BookingOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new BookingOptions();
        if (options.BatchSize is < 1 or > MaxBatchSize)
            throw new ArgumentException($"the batch size is {options.BatchSize}: use 1 to {MaxBatchSize:N0}", nameof(options));
        var all = commands.ToList();
        if (all.FindIndex(command => command.CommandId.Length == 0) is var missing and >= 0)
            throw new ArgumentException($"command {missing} (trade '{all[missing].TradeId}') has no command id: without it a retry could book twice", nameof(commands));

        var results = new TradeResult?[all.Count];
        using var deadline = new Deadline(options.Timeout, Channel.Options.Time, cancellationToken);
        try
        {
            for (var start = 0; start < all.Count;)
            {
                var end = EndOfBatch(all, start, options.BatchSize);
                await BookBatchAsync(all, results, start, end, options, deadline).ConfigureAwait(false);
                start = end;
                options.Progress?.Report(end);
            }
        }
        catch (RpcException e)
        {
            throw Incomplete(e, all, results);
        }

        return results!;
    }

    private Task<bool> BookBatchAsync(
        List<TradeCommand> all, TradeResult?[] results, int start, int end, BookingOptions options, Deadline deadline) =>
        deadline.RunAsync(Channel.Backoff.PersistentThroughTimeouts, async token =>
        {
            var pending = Enumerable.Range(start, end - start).Where(index => results[index] is null).ToList();
            var request = new BookTradesRequest { Author = options.Author, Commands = { pending.Select(index => all[index]) } };
            var call = new RpcCallOptions { Timeout = options.RequestTimeout };
            var response = await Channel.UnaryAsync(BookTrades, request, call, token).ConfigureAwait(false);
            if (response.Results.Count != pending.Count)
                throw new RpcException(RpcStatus.Internal, $"the server answered {response.Results.Count} of {pending.Count} commands");
            TradeResult? retry = null;
            for (var row = 0; row < pending.Count; row++)
            {
                var result = response.Results[row];
                if (result.CommandId != all[pending[row]].CommandId)
                    throw new RpcException(RpcStatus.Internal, $"the server answered command '{result.CommandId}' in place of '{all[pending[row]].CommandId}'");
                if (result.Outcome is Outcome.Applied or Outcome.Refused)
                    results[pending[row]] = result;
                else
                    retry ??= result;
            }

            return retry is null ? true : throw new RpcException(RpcStatus.Unavailable, $"command '{retry.CommandId}' is to be retried: {retry.Reason}");
        });

    private static int EndOfBatch(List<TradeCommand> all, int start, int size)
    {
        var bytes = 0L;
        var end = start;
        while (end < all.Count && end - start < size)
        {
            bytes += all[end].CalculateSize();
            if (bytes > MaxBatchBytes && end > start)
                break;
            end++;
        }

        return end;
    }

    private static BookingIncompleteException Incomplete(RpcException cause, List<TradeCommand> all, TradeResult?[] results)
    {
        var unanswered = results.Count(result => result is null);
        var complete = results.Select((result, index) => result ?? new TradeResult
        {
            CommandId = all[index].CommandId,
            TradeId = all[index].TradeId,
            Outcome = Outcome.Retry,
            Reason = "not answered",
        });
        return new BookingIncompleteException(cause, [.. complete], unanswered);
    }
}
