namespace RiskGrid.Grid.RabbitMq;

/// <summary>Why a call cannot be made now, in words.</summary>
internal static class Unavailable
{
    public static GrainUnavailableException Lost(Uri address, string reason) => new(
        $"The connection to the broker at {BrokerConnection.Describe(address)} was lost while this was under way: {reason}. "
        + "It may or may not have been applied: retry.");

    public static GrainUnavailableException Down(Uri address) => new(
        $"There is no connection to the broker at {BrokerConnection.Describe(address)} now; it is being rebuilt. Nothing was sent: retry.");

    public static GrainUnavailableException Stopping() =>
        new("This silo is not connected to its cluster: it has not started, or has left. Retry elsewhere or later.");
}
