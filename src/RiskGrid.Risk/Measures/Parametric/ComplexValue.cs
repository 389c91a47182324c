namespace RiskGrid.Risk;

/// <summary>A complex number whose operations have one order and one rounding each on every processor.</summary>
internal readonly record struct ComplexValue(double Re, double Im)
{
    public double Modulus => Math.Sqrt((Re * Re) + (Im * Im));

    public static ComplexValue operator +(ComplexValue a, ComplexValue b) => new(a.Re + b.Re, a.Im + b.Im);

    public static ComplexValue operator -(ComplexValue a, ComplexValue b) => new(a.Re - b.Re, a.Im - b.Im);

    public static ComplexValue operator *(double a, ComplexValue b) => new(a * b.Re, a * b.Im);

    public static ComplexValue operator *(ComplexValue a, ComplexValue b) => new((a.Re * b.Re) - (a.Im * b.Im), (a.Re * b.Im) + (a.Im * b.Re));

    public ComplexValue Inverse()
    {
        var square = (Re * Re) + (Im * Im);
        return new ComplexValue(Re / square, -Im / square);
    }

    /// <summary>The root with a real part of zero or above.</summary>
    public ComplexValue SquareRoot()
    {
        var modulus = Modulus;
        if (modulus == 0)
            return default;
        if (Re >= 0)
        {
            var root = Math.Sqrt(0.5 * (modulus + Re));
            return new ComplexValue(root, Im / (2 * root));
        }

        var imaginary = Math.Sqrt(0.5 * (modulus - Re));
        return Im >= 0 ? new ComplexValue(Im / (2 * imaginary), imaginary) : new ComplexValue(-Im / (2 * imaginary), -imaginary);
    }
}
