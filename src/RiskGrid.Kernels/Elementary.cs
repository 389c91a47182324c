namespace RiskGrid.Kernels;

/// <summary>
/// The elementary functions of every result path: the same bits on every processor and under every C library. Arguments outside a
/// function's domain, and NaN, give <see cref="double.NaN"/>. Thread-safe; nothing is allocated.
/// </summary>
public static unsafe class Elementary
{
    /// <summary>eˣ, within one unit in the last place; zero below −745.2, infinity above 709.8.</summary>
    public static double Exp(double x)
    {
        double y;
        NativeMethods.Check(NativeMethods.Exp(&x, &y, 1));
        return y;
    }

    /// <summary>The natural logarithm, within one unit in the last place; −∞ at zero.</summary>
    public static double Log(double x)
    {
        double y;
        NativeMethods.Check(NativeMethods.Log(&x, &y, 1));
        return y;
    }

    /// <summary>The standard normal distribution function Φ, to about 1e-15 relative in the lower tail; zero below about −38.5.</summary>
    public static double NormalCdf(double x)
    {
        double y;
        NativeMethods.Check(NativeMethods.NormalCdf(&x, &y, 1));
        return y;
    }

    /// <summary>The standard normal density φ.</summary>
    public static double NormalPdf(double x)
    {
        double y;
        NativeMethods.Check(NativeMethods.NormalPdf(&x, &y, 1));
        return y;
    }

    /// <summary>The standard normal quantile Φ⁻¹; −∞ at 0 and ∞ at 1.</summary>
    public static double InverseNormalCdf(double probability)
    {
        double y;
        NativeMethods.Check(NativeMethods.InverseNormalCdf(&probability, &y, 1));
        return y;
    }

    /// <summary><paramref name="x"/> to the power <paramref name="exponent"/>; special cases as in IEEE 754 <c>pow</c>.</summary>
    public static double Pow(double x, double exponent)
    {
        double y;
        NativeMethods.Check(NativeMethods.Pow(&x, &exponent, &y, 1));
        return y;
    }

    /// <summary>eˣ of each element, the same bits as <see cref="Exp(double)"/>.</summary>
    /// <exception cref="ArgumentException">The lengths differ or the spans overlap.</exception>
    public static void Exp(ReadOnlySpan<double> x, Span<double> result)
    {
        Check(x, result);
        fixed (double* from = x, to = result) NativeMethods.Check(NativeMethods.Exp(from, to, x.Length));
    }

    /// <summary>The natural logarithm of each element, the same bits as <see cref="Log(double)"/>.</summary>
    /// <exception cref="ArgumentException">The lengths differ or the spans overlap.</exception>
    public static void Log(ReadOnlySpan<double> x, Span<double> result)
    {
        Check(x, result);
        fixed (double* from = x, to = result) NativeMethods.Check(NativeMethods.Log(from, to, x.Length));
    }

    private static void Check(ReadOnlySpan<double> x, Span<double> result)
    {
        Shapes.Require<double>(x.Length, result, nameof(result), nameof(x));
        Shapes.RequireApart<double, double>(result, nameof(result), x, nameof(x));
    }
}
