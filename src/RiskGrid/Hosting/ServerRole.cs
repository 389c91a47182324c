namespace RiskGrid.Hosting;

/// <summary>What a process of the grid does.</summary>
public enum ServerRole
{
    /// <summary>Front door and silo in one: all of RiskGrid on one machine, or one of several such.</summary>
    Serve,

    /// <summary>Grains and computation, no front door.</summary>
    Silo,

    /// <summary>Front door, no grains.</summary>
    Gateway,
}
