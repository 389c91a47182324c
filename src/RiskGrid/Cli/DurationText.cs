using System.Globalization;

namespace RiskGrid.Cli;

/// <summary>Times as they are written behind options: <c>2s</c>, <c>500ms</c>, <c>1.5s</c>, <c>2m</c>, <c>0</c>.</summary>
internal static class DurationText
{
    /// <summary>The time; the message of a wrong one names the option.</summary>
    public static TimeSpan Parse(string option, string text)
    {
        var number = text.TrimEnd('m', 's');
        double? unit = text[number.Length..] switch
        {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "" when number is "0" => 1,
            _ => null,
        };
        return unit is { } milliseconds && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            && value * milliseconds <= int.MaxValue
            ? TimeSpan.FromMilliseconds(value * milliseconds)
            : throw new UsageException($"{option}: '{text}' is not a time such as 2s or 500ms");
    }
}
