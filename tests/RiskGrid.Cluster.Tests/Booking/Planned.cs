using RiskGrid.Protocol.V1;

namespace RiskGrid.Cluster.Tests.Booking;

/// <summary>A command and what must become of it.</summary>
/// <param name="Command">What is sent, with the same id however often.</param>
/// <param name="Version">The trade's version after it; 0 when it must be refused.</param>
/// <param name="RefusedField">The field for which it must be refused; empty when it must be applied.</param>
/// <param name="From">The book that the trade leaves, for a move between books; empty otherwise.</param>
internal sealed record Planned(TradeCommand Command, long Version, string RefusedField = "", string From = "")
{
    /// <summary>What the client was told.</summary>
    public TradeResult? Result { get; set; }

    public bool IsApplied => RefusedField.Length == 0;

    /// <summary>True when the id stands for an earlier command in the ledger.</summary>
    public bool ReusesId => RefusedField == "command_id";
}

/// <summary>A trade as its client knows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Version">The version that the last command made.</param>
/// <param name="Terms">Its terms; of a cancelled trade the last ones.</param>
internal sealed record KnownTrade(string Id, long Version, TradeTerms Terms)
{
    /// <summary>What made it so, in version order.</summary>
    public List<Planned> History { get; } = [];

    public bool IsCancelled => History[^1].Command.ActionCase == TradeCommand.ActionOneofCase.Cancel;
}
