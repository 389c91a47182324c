using System.Runtime.CompilerServices;

namespace RiskGrid.Pricing.Smiles;

/// <summary>What a convex spline is fitted to: one observation per knot.</summary>
/// <param name="Knots">Strikes over forward, increasing.</param>
/// <param name="Targets">Out-of-the-money values, undiscounted, over forward.</param>
/// <param name="Weights">One over the squared uncertainty of each target, above zero.</param>
/// <param name="Floors">What each value must stay above.</param>
/// <param name="Smoothing">Weight of the integral of the squared second derivative.</param>
internal sealed record ConvexSplineProblem(double[] Knots, double[] Targets, double[] Weights, double[] Floors, double Smoothing);

/// <summary>Least squares over convex natural cubic splines: a quadratic program, solved by a primal-dual interior point method.</summary>
/// <remarks>
/// Minimise ½Σw(o−y)² + ½λγᵀRγ over values o and second derivatives γ subject to Qᵀ(o+intrinsic) = Rγ (that they belong to one natural
/// spline: P. J. Green and B. W. Silverman, Nonparametric Regression and Generalized Linear Models (1994), section 2.1.2), γ ≥ 0
/// (convex) and o ≥ floor. Steps are Mehrotra's (J. Nocedal and S. J. Wright, Numerical Optimization (2nd edition 2006), section 16.6);
/// γ and the multipliers ν of the equality, taken in turns knot by knot, make every step one band system, so that a fit costs time
/// linear in the number of knots. No randomness and one order of operations: equal input gives equal bits. A process fits once: the
/// loops are compiled for speed at once, not after many calls.
/// </remarks>
internal sealed class ConvexSplineFit
{
    private const int MostSteps = 60;

    // Complementarity in units of the objective, where one is the square of one standard deviation at one knot.
    private const double Converged = 1e-9;
    private const double KeepInside = 0.995;

    private readonly ConvexSplineProblem _problem;
    private readonly int _knots;
    private readonly int _inner;
    private readonly double[] _gaps;
    private readonly double[] _kink;
    private readonly double[] _o, _z, _gamma, _s, _nu;
    private readonly double[] _do, _dz, _dgamma, _ds, _dnu;
    private readonly double[] _residualO, _residualGamma, _residualP;
    private readonly double[] _h, _rho, _right;
    private readonly QuasiDefiniteBand _system;

    private ConvexSplineFit(ConvexSplineProblem problem)
    {
        _problem = problem;
        _knots = problem.Knots.Length;
        _inner = _knots - 2;
        _gaps = new double[_knots - 1];
        for (var i = 0; i < _gaps.Length; i++)
            _gaps[i] = problem.Knots[i + 1] - problem.Knots[i];
        var intrinsic = Array.ConvertAll(problem.Knots, ConvexSpline.Intrinsic);
        _kink = new double[_inner];
        SecondDifferences(intrinsic, _kink);
        (_o, _z, _do, _dz, _residualO, _h, _rho) = (New(_knots), New(_knots), New(_knots), New(_knots), New(_knots), New(_knots), New(_knots));
        (_gamma, _s, _nu, _dgamma, _ds, _dnu) = (New(_inner), New(_inner), New(_inner), New(_inner), New(_inner), New(_inner));
        (_residualGamma, _residualP) = (New(_inner), New(_inner));
        _right = New(2 * _inner);
        _system = new QuasiDefiniteBand(2 * _inner);
    }

    /// <summary>The convex spline nearest to the targets; at least three knots.</summary>
    public static ConvexSpline Solve(ConvexSplineProblem problem)
    {
        var fit = new ConvexSplineFit(problem);
        fit.Start();
        for (var step = 0; step < MostSteps; step++)
        {
            var gap = fit.Residuals();
            if (gap < Converged)
                break;
            fit.Step(gap);
        }

        var curvatures = new double[fit._knots];
        fit._gamma.CopyTo(curvatures, 1);
        return new ConvexSpline(problem.Knots, fit._o, curvatures);
    }

    private static double[] New(int length) => new double[length];

    private void Start()
    {
        var span = _problem.Knots[^1] - _problem.Knots[0];
        for (var i = 0; i < _knots; i++)
        {
            var uncertainty = 1 / Math.Sqrt(_problem.Weights[i]);
            _o[i] = Math.Max(_problem.Targets[i], _problem.Floors[i] + (0.1 * uncertainty));
            _z[i] = 1 / (_o[i] - _problem.Floors[i]);
        }

        SecondDifferences(_o, _gamma);
        for (var i = 0; i < _inner; i++)
        {
            var width = 0.5 * (_gaps[i] + _gaps[i + 1]);
            _gamma[i] = Math.Max((_gamma[i] + _kink[i]) / width, 0.1 / span);
            _s[i] = 1 / _gamma[i];
        }
    }

    // Fills the residuals of the optimality conditions and answers the mean complementarity.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Residuals()
    {
        double gap = 0;
        SecondDifferences(_o, _residualP);
        for (var i = 0; i < _inner; i++)
        {
            _residualP[i] += _kink[i] - Gram(_gamma, i);
            _residualGamma[i] = (_problem.Smoothing * Gram(_gamma, i)) - Gram(_nu, i) - _s[i];
            gap += _gamma[i] * _s[i];
        }

        for (var i = 0; i < _knots; i++)
        {
            _residualO[i] = (_problem.Weights[i] * (_o[i] - _problem.Targets[i])) + Transposed(_nu, i) - _z[i];
            gap += (_o[i] - _problem.Floors[i]) * _z[i];
        }

        return gap / (_inner + _knots);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Step(double gap)
    {
        Assemble();
        Direction(0, false);
        var affine = Math.Min(Longest(_gamma, _dgamma, _s, _ds, 1), LongestValues(1));
        var after = 0.0;
        for (var i = 0; i < _inner; i++)
            after += (_gamma[i] + (affine * _dgamma[i])) * (_s[i] + (affine * _ds[i]));
        for (var i = 0; i < _knots; i++)
            after += (_o[i] - _problem.Floors[i] + (affine * _do[i])) * (_z[i] + (affine * _dz[i]));
        var ratio = after / (_inner + _knots) / gap;
        Direction(ratio * ratio * ratio * gap, true);
        var length = Math.Min(1, KeepInside * Math.Min(Longest(_gamma, _dgamma, _s, _ds, 2), LongestValues(2)));
        for (var i = 0; i < _inner; i++)
        {
            _gamma[i] += length * _dgamma[i];
            _s[i] += length * _ds[i];
            _nu[i] += length * _dnu[i];
        }

        for (var i = 0; i < _knots; i++)
        {
            _o[i] += length * _do[i];
            _z[i] += length * _dz[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Assemble()
    {
        _system.Clear();
        for (var i = 0; i < _knots; i++)
            _h[i] = 1 / (_problem.Weights[i] + (_z[i] / (_o[i] - _problem.Floors[i])));
        for (var i = 0; i < _inner; i++)
        {
            var (a, b, c) = Difference(i);
            _system[2 * i, 0] = (_problem.Smoothing * GramDiagonal(i)) + (_s[i] / _gamma[i]);
            _system[(2 * i) + 1, 0] = -((a * a * _h[i]) + (b * b * _h[i + 1]) + (c * c * _h[i + 2]));
            _system[(2 * i) + 1, 1] = -GramDiagonal(i);
            if (i >= 1)
            {
                var (_, beforeB, beforeC) = Difference(i - 1);
                var gram = _gaps[i] / 6;
                _system[2 * i, 2] = _problem.Smoothing * gram;
                _system[2 * i, 1] = -gram;
                _system[(2 * i) + 1, 3] = -gram;
                _system[(2 * i) + 1, 2] = -((a * beforeB * _h[i]) + (b * beforeC * _h[i + 1]));
            }

            if (i >= 2)
                _system[(2 * i) + 1, 4] = -(a * Difference(i - 2).Right * _h[i]);
        }

        _system.Factor();
    }

    // The Newton direction towards complementarity `target`; with the second-order term of the direction found before when asked to.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Direction(double target, bool corrected)
    {
        for (var i = 0; i < _knots; i++)
        {
            var room = _o[i] - _problem.Floors[i];
            _rho[i] = ((target - (corrected ? _do[i] * _dz[i] : 0)) / room) - _z[i];
            _do[i] = _h[i] * (_rho[i] - _residualO[i]);
        }

        for (var i = 0; i < _inner; i++)
        {
            var (a, b, c) = Difference(i);
            var push = ((target - (corrected ? _dgamma[i] * _ds[i] : 0)) / _gamma[i]) - _s[i];
            _ds[i] = push;
            _right[2 * i] = push - _residualGamma[i];
            _right[(2 * i) + 1] = -_residualP[i] - ((a * _do[i]) + (b * _do[i + 1]) + (c * _do[i + 2]));
        }

        _system.Solve(_right);
        for (var i = 0; i < _inner; i++)
        {
            _dgamma[i] = _right[2 * i];
            _dnu[i] = _right[(2 * i) + 1];
            _ds[i] -= _s[i] / _gamma[i] * _dgamma[i];
        }

        for (var i = 0; i < _knots; i++)
        {
            _do[i] -= _h[i] * Transposed(_dnu, i);
            _dz[i] = _rho[i] - (_z[i] / (_o[i] - _problem.Floors[i]) * _do[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double LongestValues(double most)
    {
        for (var i = 0; i < _knots; i++)
        {
            if (_do[i] < 0)
                most = Math.Min(most, (_o[i] - _problem.Floors[i]) / -_do[i]);
            if (_dz[i] < 0)
                most = Math.Min(most, _z[i] / -_dz[i]);
        }

        return most;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Longest(double[] x, double[] dx, double[] y, double[] dy, double most)
    {
        for (var i = 0; i < x.Length; i++)
        {
            if (dx[i] < 0)
                most = Math.Min(most, x[i] / -dx[i]);
            if (dy[i] < 0)
                most = Math.Min(most, y[i] / -dy[i]);
        }

        return most;
    }

    // Column i of Q: the weights of the three knots around inner knot i in its second difference.
    private (double Left, double Middle, double Right) Difference(int i) => (1 / _gaps[i], -((1 / _gaps[i]) + (1 / _gaps[i + 1])), 1 / _gaps[i + 1]);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SecondDifferences(double[] values, double[] result)
    {
        for (var i = 0; i < _inner; i++)
            result[i] = ((values[i + 2] - values[i + 1]) / _gaps[i + 1]) - ((values[i + 1] - values[i]) / _gaps[i]);
    }

    // Row `knot` of Q times a vector over inner knots.
    private double Transposed(double[] inner, int knot)
    {
        var sum = 0.0;
        if (knot >= 2)
            sum += inner[knot - 2] / _gaps[knot - 1];
        if (knot >= 1 && knot <= _inner)
            sum += inner[knot - 1] * Difference(knot - 1).Middle;
        if (knot < _inner)
            sum += inner[knot] / _gaps[knot];
        return sum;
    }

    private double GramDiagonal(int i) => (_gaps[i] + _gaps[i + 1]) / 3;

    // Row i of R times a vector over inner knots.
    private double Gram(double[] inner, int i)
    {
        var sum = GramDiagonal(i) * inner[i];
        if (i >= 1)
            sum += _gaps[i] / 6 * inner[i - 1];
        if (i + 1 < _inner)
            sum += _gaps[i + 1] / 6 * inner[i + 1];
        return sum;
    }
}
