using System.Runtime.CompilerServices;

namespace RiskGrid.Pricing.Chains;

/// <summary>A linear fit that outliers do not move.</summary>
/// <param name="Coefficients">One per column of the design.</param>
/// <param name="StandardErrors">One per coefficient, from the weighted residuals.</param>
/// <param name="Weights">The share of its own weight that each observation kept, 0 (an outlier) to 1.</param>
/// <param name="Scale">Robust standard deviation of the residuals, in units of an observation's own sigma.</param>
internal sealed record RobustEstimate(double[] Coefficients, double[] StandardErrors, double[] Weights, double Scale)
{
    /// <summary>The number of observations that count for more than nothing.</summary>
    public int Used => Weights.Count(w => w > 0);
}

/// <summary>Linear regression by least absolute deviations, then by Tukey's biweight from there.</summary>
/// <remarks>
/// Both are iteratively reweighted least squares. The biweight is redescending, so it needs the start that least absolute deviations
/// give. Tuning constant 4.685 (95 % efficient under normal errors) and scale 1.4826·median|r|: P. J. Huber and E. M. Ronchetti, Robust
/// Statistics (2nd edition 2009), sections 4.8, 5.1 and 7.7; A. E. Beaton and J. W. Tukey, Technometrics 16 (1974) p. 147.
/// Every sum runs in the order of the observations, so that equal input gives equal bits. A process fits once: the loops are compiled
/// for speed at once, not after many calls.
/// </remarks>
internal static class RobustRegression
{
    private const double TukeyConstant = 4.685;
    private const double NormalMedian = 1.4826;
    private const int AbsoluteSteps = 40;
    private const int TukeySteps = 50;

    // A step that moves no coefficient by more than this share ends the iteration.
    private const double Settled = 1e-12;

    // Below this many sigmas a residual counts as zero: it keeps the weights of exact data finite.
    private const double Negligible = 1e-6;

    /// <summary>Fits y ≈ design·coefficients, the i-th observation having standard deviation proportional to sigma[i].</summary>
    /// <param name="design">Row-major, one row of <paramref name="columns"/> numbers per observation.</param>
    /// <param name="columns">Number of coefficients.</param>
    /// <param name="y">The observations.</param>
    /// <param name="sigma">Their relative standard deviations, above zero.</param>
    /// <param name="penalty">Rows (row-major) of a quadratic penalty Σ(row·coefficients)² in units of sigma²; may be empty.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static RobustEstimate Fit(double[] design, int columns, double[] y, double[] sigma, double[]? penalty = null)
    {
        var n = y.Length;
        var weights = new double[n];
        var residuals = new double[n];
        Array.Fill(weights, 1);
        var system = new NormalEquations(design, columns, y, sigma, penalty ?? []);
        var beta = system.Solve(weights);
        for (var step = 0; step < AbsoluteSteps; step++)
        {
            system.Residuals(beta, residuals);
            for (var i = 0; i < n; i++)
                weights[i] = 1 / Math.Max(Math.Abs(residuals[i]), Negligible);
            var next = system.Solve(weights);
            var moved = Moved(beta, next);
            beta = next;
            if (moved < Settled)
                break;
        }

        var scale = 0.0;
        for (var step = 0; step < TukeySteps; step++)
        {
            system.Residuals(beta, residuals);
            scale = Math.Max(NormalMedian * MedianOfAbsolute(residuals), Negligible);
            for (var i = 0; i < n; i++)
                weights[i] = Biweight(residuals[i] / (TukeyConstant * scale));
            var next = system.Solve(weights);
            var moved = Moved(beta, next);
            beta = next;
            if (moved < Settled)
                break;
        }

        system.Residuals(beta, residuals);
        return new RobustEstimate(beta, system.StandardErrors(weights, residuals), weights, scale);
    }

    /// <summary>A robust mean of <paramref name="y"/>.</summary>
    public static RobustEstimate Location(double[] y, double[] sigma)
    {
        var design = new double[y.Length];
        Array.Fill(design, 1);
        return Fit(design, 1, y, sigma);
    }

    /// <summary>The lower median of the absolute values.</summary>
    public static double MedianOfAbsolute(ReadOnlySpan<double> values)
    {
        var sorted = new double[values.Length];
        for (var i = 0; i < values.Length; i++)
            sorted[i] = Math.Abs(values[i]);
        Array.Sort(sorted);
        return sorted.Length == 0 ? 0 : sorted[(sorted.Length - 1) / 2];
    }

    private static double Biweight(double u)
    {
        var inside = 1 - (u * u);
        return inside <= 0 ? 0 : inside * inside;
    }

    private static double Moved(double[] before, double[] after)
    {
        var most = 0.0;
        for (var i = 0; i < before.Length; i++)
            most = Math.Max(most, Math.Abs(after[i] - before[i]) / Math.Max(Math.Abs(after[i]), 1e-12));
        return most;
    }

    private sealed class NormalEquations(double[] design, int columns, double[] y, double[] sigma, double[] penalty)
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Residuals(double[] beta, double[] residuals)
        {
            for (var i = 0; i < y.Length; i++)
            {
                var fitted = 0.0;
                for (var j = 0; j < columns; j++)
                    fitted += design[(i * columns) + j] * beta[j];
                residuals[i] = (y[i] - fitted) / sigma[i];
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public double[] Solve(double[] weights)
        {
            var right = new double[columns];
            for (var i = 0; i < y.Length; i++)
            {
                var w = weights[i] / (sigma[i] * sigma[i]);
                for (var j = 0; j < columns; j++)
                    right[j] += w * design[(i * columns) + j] * y[i];
            }

            var matrix = Matrix(weights);
            SmallCholesky.Factor(matrix, columns);
            SmallCholesky.Solve(matrix, columns, right);
            return right;
        }

        public double[] StandardErrors(double[] weights, double[] residuals)
        {
            double sum = 0, count = 0;
            for (var i = 0; i < weights.Length; i++)
            {
                sum += weights[i] * residuals[i] * residuals[i];
                count += weights[i];
            }

            var variance = sum / Math.Max(count - columns, 1);
            var matrix = Matrix(weights);
            SmallCholesky.Factor(matrix, columns);
            var errors = new double[columns];
            for (var j = 0; j < columns; j++)
            {
                var unit = new double[columns];
                unit[j] = 1;
                SmallCholesky.Solve(matrix, columns, unit);
                errors[j] = Math.Sqrt(variance * unit[j]);
            }

            return errors;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private double[] Matrix(double[] weights)
        {
            var matrix = new double[columns * columns];
            for (var i = 0; i < y.Length; i++)
                AddSquare(matrix, design.AsSpan(i * columns, columns), weights[i] / (sigma[i] * sigma[i]));
            for (var i = 0; i < penalty.Length; i += columns)
                AddSquare(matrix, penalty.AsSpan(i, columns), 1);
            return matrix;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void AddSquare(double[] matrix, ReadOnlySpan<double> row, double weight)
        {
            for (var j = 0; j < columns; j++)
            {
                for (var k = 0; k < columns; k++)
                    matrix[(j * columns) + k] += weight * row[j] * row[k];
            }
        }
    }
}
