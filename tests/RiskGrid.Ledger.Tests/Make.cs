using System.Security.Cryptography;
using System.Text;
using NodaTime;
using RiskGrid.Model;

namespace RiskGrid.Ledger.Tests;

/// <summary>Trades, commands and batches as the tests need them.</summary>
internal static class Make
{
    public static NodeId Book(string id) => NodeId.Parse(id);

    public static TradeTerms Terms(string book, double quantity = 10, double strike = 6900, string counterparty = "ACME") =>
        new(
            new EuropeanOption(
                "SPXW", FactorName.Parse("IDX.SP500"), "USD", OptionType.Call, strike, new LocalDateTime(2026, 2, 20, 16, 0), Currency.Usd, 100),
            quantity, NodeId.Parse(book), counterparty);

    public static LedgerCommand Booking(string commandId, string tradeId, TradeTerms terms, Instant? validAt = null) =>
        With(new BookCommand(CommandId.Parse(commandId), TradeId.Parse(tradeId), terms), validAt);

    public static LedgerCommand Amendment(string commandId, string tradeId, long version, TradeTerms terms, Instant? validAt = null) =>
        With(new AmendCommand(CommandId.Parse(commandId), TradeId.Parse(tradeId), version, terms), validAt);

    public static LedgerCommand Cancellation(string commandId, string tradeId, long version, Instant? validAt = null) =>
        With(new CancelCommand(CommandId.Parse(commandId), TradeId.Parse(tradeId), version), validAt);

    /// <summary>A command with a hash of all that it says; the terms' record text names every property.</summary>
    public static LedgerCommand With(TradeCommand command, Instant? validAt = null) =>
        new(command, SHA256.HashData(Encoding.UTF8.GetBytes($"{command} {validAt}")), validAt);

    public static AppendBatch Batch(string book, long epoch, params LedgerCommand[] commands) =>
        new(NodeId.Parse(book), epoch, "tester", commands, Reply);

    /// <summary>Says all that became of a command: a second application could not make the same bytes.</summary>
    public static byte[] Reply(TradeCommand command, AppendOutcome outcome) => Encoding.UTF8.GetBytes(
        outcome.Event is { } applied
            ? $"{command.CommandId} {command.TradeId} v{applied.Trade.Version} {applied.Book}#{applied.BookSequence} "
                + $"{applied.FromBook}#{applied.FromBookSequence} at {applied.RecordedAt.ToUnixTimeTicks()}"
            : $"{command.CommandId} {command.TradeId} refused {outcome.Field}: {outcome.Reason}");

    public static string Text(this AppendResult result) => Encoding.UTF8.GetString(result.Reply);

    public static async Task<AppendResult> AppendOneAsync(this ILedger ledger, string book, long epoch, LedgerCommand command) =>
        Assert.Single(await ledger.AppendAsync(Batch(book, epoch, command), CancellationToken.None));

    public static async Task<TradeEvent> ApplyAsync(this ILedger ledger, string book, long epoch, LedgerCommand command)
    {
        var result = await ledger.AppendOneAsync(book, epoch, command);
        Assert.True(result.Outcome?.Event is not null, $"the command should apply, but: {result.Text()}");
        return result.Outcome!.Event!;
    }

    public static async Task<(string Field, string Reason)> RefuseAsync(this ILedger ledger, string book, long epoch, LedgerCommand command)
    {
        var result = await ledger.AppendOneAsync(book, epoch, command);
        Assert.True(result.Outcome is { Event: null, Field: not null, Reason: not null }, $"the command should be refused, but: {result.Text()}");
        return (result.Outcome!.Field!, result.Outcome.Reason!);
    }

    public static Task<long> TakeEpochAsync(this ILedger ledger, string book) =>
        ledger.TakeEpochAsync(NodeId.Parse(book), CancellationToken.None);

    public static Task<BookState> ReadBookAsync(this ILedger ledger, string book, AsOf? asOf = null) =>
        ledger.ReadBookAsync(NodeId.Parse(book), asOf, CancellationToken.None);

    public static Task<BookState> ReadBookAtAsync(this ILedger ledger, string book, long sequence) =>
        ledger.ReadBookAtAsync(NodeId.Parse(book), sequence, CancellationToken.None);

    public static Task<IReadOnlyList<TradeEvent>> ReadBookEventsAsync(this ILedger ledger, string book, long after = 0) =>
        ledger.ReadBookEventsAsync(NodeId.Parse(book), after, CancellationToken.None);

    public static Task<IReadOnlyList<TradeEvent>> ReadTradeAsync(this ILedger ledger, string trade) =>
        ledger.ReadTradeAsync(TradeId.Parse(trade), CancellationToken.None);
}
