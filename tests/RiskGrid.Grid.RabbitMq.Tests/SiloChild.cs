namespace RiskGrid.Grid.RabbitMq.Tests;

internal static class SiloChild
{
    public static int Main() => 0;
}
