using RiskGrid.Client.TradeFiles;
using RiskGrid.Grid;
using RiskGrid.Ledger;
using RiskGrid.Model;
using RiskGrid.Protocol.Rpc;

namespace RiskGrid.Cli;

/// <summary>The failures that a person can mend, in one line each; anything else is a fault of the program and shows its stack.</summary>
internal static class Refusals
{
    public static string? Describe(Exception exception) => exception switch
    {
        RpcException { Status: RpcStatus.Unavailable } e => $"the server can't be reached or is not serving: {e.Message}. Is `riskgrid serve` running, and is --address right?",
        RpcException { Status: RpcStatus.DeadlineExceeded } e => $"the server did not do it in time: {e.Message}. Is it at work, and does its cluster have a silo?",
        RpcException { FieldViolations.Count: > 0 } e => string.Join("; ", e.FieldViolations.Select(v => $"{v.Field}: {v.Reason}")),
        RpcException e => $"{e.Status}: {e.Message}",
        TradeFileException e => e.Message,
        ValidationException e => e.Message,
        GridException and not GrainFailedException => exception.Message,
        LedgerUnavailableException e => $"the ledger can't be used: {e.Message}",
        LedgerFormatException e => $"the ledger can't be read: {e.Message}",
        FileNotFoundException e => $"{e.FileName} does not exist",
        DirectoryNotFoundException e => e.Message,
        UnauthorizedAccessException e => e.Message,
        InvalidDataException e => e.Message,
        IOException e => e.Message,
        ArgumentException { ParamName: null } e => e.Message,
        _ => null,
    };
}
