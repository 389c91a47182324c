namespace RiskGrid.Testing;

/// <summary>A server of a cluster.</summary>
public enum ServerKind
{
    RabbitMq,
    Postgres,
    Redis,
}
