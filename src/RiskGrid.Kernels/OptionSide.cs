namespace RiskGrid.Kernels;

/// <summary>Call or put; the value is the sign in the payoff max(side (S - K), 0).</summary>
public enum OptionSide : sbyte
{
    /// <summary>The right to sell.</summary>
    Put = -1,

    /// <summary>The right to buy.</summary>
    Call = 1,
}
