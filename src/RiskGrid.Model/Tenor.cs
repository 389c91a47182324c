using System.Globalization;

namespace RiskGrid.Model;

/// <summary>A length of time as curves name their pillars: <c>3M</c>, <c>5Y</c>, <c>2W</c>, <c>10D</c>.</summary>
public static class Tenor
{
    /// <summary>Years: months are twelfths, weeks 7/365, days 1/365.</summary>
    /// <exception cref="ValidationException">The text is not a positive whole number and one of D, W, M, Y.</exception>
    public static double Years(string tenor)
    {
        if (tenor is { Length: >= 2 and <= 5 }
            && int.TryParse(tenor.AsSpan(0, tenor.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count > 0)
        {
            switch (tenor[^1])
            {
                case 'Y': return count;
                case 'M': return count / 12.0;
                case 'W': return count * 7 / 365.0;
                case 'D': return count / 365.0;
            }
        }

        throw new ValidationException("tenor", $"'{tenor}' is not a tenor such as 10D, 2W, 3M or 5Y");
    }
}
