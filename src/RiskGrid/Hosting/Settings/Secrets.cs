namespace RiskGrid.Hosting.Settings;

/// <summary>Addresses as they may be shown and logged.</summary>
internal static class Secrets
{
    private const string Hidden = "***";

    /// <summary>The address without user, password and query, which may hold a password as well; a path stays as it is.</summary>
    public static string Mask(string address)
    {
        var scheme = address.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
            return address;
        var rest = address[(scheme + 3)..];
        var query = rest.IndexOfAny(['?', '#']);
        var shown = query < 0 ? rest : rest[..query] + "?" + Hidden;

        // A password may hold an unescaped slash or at-sign: everything up to the last at-sign is secret.
        var at = shown.LastIndexOf('@');
        return address[..(scheme + 3)] + (at < 0 ? shown : Hidden + shown[at..]);
    }
}
