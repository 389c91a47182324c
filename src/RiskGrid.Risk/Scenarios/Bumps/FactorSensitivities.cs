using System.Collections.Immutable;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>One second derivative.</summary>
/// <param name="First">Position of one factor.</param>
/// <param name="Second">Position of the other, at or above the first.</param>
/// <param name="Value">∂²P&amp;L/∂x∂y in the reporting currency per unit of both moves; it stands for both halves of the symmetric matrix.</param>
public readonly record struct FactorGamma(int First, int Second, double Value);

/// <summary>A node's first and second derivatives by its factors' moves: P&amp;L ≈ δ'x + ½x'Γx.</summary>
/// <param name="Factors">The factors, in ordinal order.</param>
/// <param name="Delta">δ: reporting currency per unit of the move. A log return of one for prices, FX rates and the volatility index; a change of one
/// (100 %) for zero rates.</param>
/// <param name="Gamma">Γ, sparse: the diagonal, then the pairs; what is not listed is zero.</param>
public sealed record FactorSensitivities(ImmutableArray<FactorName> Factors, ImmutableArray<double> Delta, ImmutableArray<FactorGamma> Gamma)
{
    /// <summary>Γ as a whole symmetric matrix, row by row.</summary>
    public double[] GammaMatrix()
    {
        var n = Factors.Length;
        var matrix = new double[n * n];
        foreach (var (first, second, value) in Gamma)
            matrix[(first * n) + second] = matrix[(second * n) + first] = value;
        return matrix;
    }

    /// <summary>δ'x + ½x'Γx of one move of the factors.</summary>
    public double Pnl(ReadOnlySpan<double> move)
    {
        var pnl = 0.0;
        for (var i = 0; i < Delta.Length; i++)
            pnl += Delta[i] * move[i];
        foreach (var (first, second, value) in Gamma)
            pnl += (first == second ? 0.5 : 1.0) * value * move[first] * move[second];
        return pnl;
    }
}
