using RiskGrid.Kernels;

namespace RiskGrid.Risk;

/// <summary>(1/π)∫Re[e^(K(s) − sx)/sᵖ]dt along s = c + it, t from 0 to ∞, for the K of <see cref="QuadraticForm"/>.</summary>
/// <remarks>
/// c minimises the integrand on the real axis (the saddle point). Panels of 16-point Gauss-Legendre quadrature are as long as the phase,
/// the curvature and the distance to the singularities allow. With few λ the integrand falls off only like a power of t while it
/// oscillates; then the path turns parallel to the real axis, where it falls off exponentially: all singularities lie on that axis, so
/// the integral does not change.
/// </remarks>
internal sealed class InversionPath
{
    private const int PanelLimit = 50_000;

    // Panels parallel to the real axis are about as long as the height: a fall that takes longer is one by a power, which panels never reach the end of.
    private const double LongestTurn = 3e4;

    // Of the sum so far: what a remainder may be at most to be left out.
    private const double Negligible = 1e-18;

    private readonly double[] _lambda;
    private readonly double[] _square;
    private readonly double _x;
    private readonly int _power;
    private double _c;
    private double _nearest;
    private int _panels;

    public InversionPath(double[] lambda, double[] square, double x, int power) => (_lambda, _square, _x, _power) = (lambda, square, x, power);

    public double? Integrate()
    {
        if (!FindSaddlePoint())
            return 0;
        var sum = 0.0;
        var turnAt = 2 * _nearest;
        for (var t = 0.0; _panels < PanelLimit;)
        {
            var here = At(new ComplexValue(_c, t));
            if (here.Value.Modulus * (t + _nearest) <= Negligible * Math.Abs(sum))
                return sum / Math.PI;
            if (t >= turnAt)
            {
                if (FallsOff(here, t) && Turned(here, t, sum) is { } rest)
                    return (sum + rest) / Math.PI;
                turnAt = 2 * t;
            }

            var length = Panel(here, t);
            sum += Quadrature(new ComplexValue(_c, t), new ComplexValue(0, length)).Re * length;
            t += length;
        }

        return null;
    }

    /// <summary>The minimum of K(c) − cx − p·ln c, which is convex; false when there is none because Q never exceeds x.</summary>
    private bool FindSaddlePoint()
    {
        var end = double.PositiveInfinity;
        foreach (var lambda in _lambda)
        {
            if (lambda > 0)
                end = Math.Min(end, 0.5 / lambda);
        }

        var (low, high) = (0.0, double.IsPositiveInfinity(end) ? 1 : end);
        while (double.IsPositiveInfinity(end) && At(new ComplexValue(high, 0)).First.Re <= 0)
        {
            (low, high) = (high, high * 2);
            if (high > 1e15)
                return false;
        }

        for (var step = 0; step < 60; step++)
        {
            var middle = 0.5 * (low + high);
            if (At(new ComplexValue(middle, 0)).First.Re <= 0)
                low = middle;
            else
                high = middle;
        }

        _c = 0.5 * (low + high);
        _nearest = Math.Min(_c, end - _c);
        return true;
    }

    /// <summary>True when, from a corner, the integrand falls steadily to nothing parallel to the real axis.</summary>
    private bool FallsOff(Integrand corner, double t)
    {
        if (corner.First.Re == 0)
            return false;
        var direction = corner.First.Re < 0 ? 1 : -1;
        var before = corner.Value.Modulus;
        for (var v = 0.25 / Math.Abs(corner.First.Re); v < LongestTurn * t; v *= 1.5)
        {
            var modulus = At(new ComplexValue(_c + (direction * v), t)).Value.Modulus;
            if (!(modulus <= before))
                return false;
            if (modulus <= Negligible * corner.Value.Modulus)
                return true;
            before = modulus;
        }

        return false;
    }

    private double? Turned(Integrand corner, double t, double sum)
    {
        var direction = corner.First.Re < 0 ? 1 : -1;
        var rest = 0.0;
        for (var v = 0.0; _panels < PanelLimit;)
        {
            var s = new ComplexValue(_c + (direction * v), t);
            var here = At(s);
            var length = Panel(here, t);
            if (here.Value.Modulus * length <= Negligible * Math.Abs(sum))
                return rest;
            rest += direction * Quadrature(s, new ComplexValue(direction * length, 0)).Im * length;
            v += length;
        }

        return null;
    }

    private double Panel(Integrand here, double t)
    {
        _panels++;
        var length = Math.Min(0.7 * Math.Sqrt((_nearest * _nearest) + (t * t)), 3 / Math.Sqrt(here.Second.Modulus));
        return here.First.Modulus > 0 ? Math.Min(length, 8 / here.First.Modulus) : length;
    }

    /// <summary>The mean of the integrand over a straight panel.</summary>
    private ComplexValue Quadrature(ComplexValue from, ComplexValue panel)
    {
        var sum = default(ComplexValue);
        var middle = from + (0.5 * panel);
        for (var i = 0; i < GaussLegendre.Nodes.Length; i++)
        {
            var offset = 0.5 * GaussLegendre.Nodes[i] * panel;
            sum += 0.5 * GaussLegendre.Weights[i] * (At(middle - offset).Value + At(middle + offset).Value);
        }

        return sum;
    }

    /// <summary>The integrand at s, with the first two derivatives of its logarithm.</summary>
    private Integrand At(ComplexValue s)
    {
        var one = new ComplexValue(1, 0);
        var (exponent, factor) = (-_x * s, one);
        var inverse = s.Inverse();
        var (first, second) = (new ComplexValue(-_x, 0) - (_power * inverse), _power * (inverse * inverse));
        for (var j = 0; j < _lambda.Length; j++)
        {
            var (lambda, square) = (_lambda[j], _square[j]);
            if (lambda == 0)
            {
                exponent += 0.5 * square * (s * s);
                first += square * s;
                second += new ComplexValue(square, 0);
                continue;
            }

            var r = (one - (2 * lambda * s)).Inverse();
            factor *= r.SquareRoot();
            first += lambda * r;
            second += 2 * lambda * lambda * (r * r);
            if (square == 0)
                continue;
            exponent += 0.5 * square * (s * s * r);
            first += square * (s * (one - (lambda * s)) * (r * r));
            second += square * (r * r * r);
        }

        for (var i = 0; i < _power; i++)
            factor *= inverse;
        var (sine, cosine) = SineCosine.Of(exponent.Im);
        var size = Elementary.Exp(exponent.Re);
        return new Integrand(new ComplexValue(size * cosine, size * sine) * factor, first, second);
    }

    private readonly record struct Integrand(ComplexValue Value, ComplexValue First, ComplexValue Second);
}
