using System.Text.Json;

namespace RiskGrid.Hosting.Settings;

/// <summary>A setting as somebody wrote it.</summary>
/// <param name="Text">The value; may be a secret.</param>
/// <param name="Source">Where it was written, for messages: <c>--ledger</c>, <c>RISKGRID_LEDGER</c>, <c>ledger in riskgrid.json</c>.</param>
/// <param name="Folder">What a relative path in it is relative to.</param>
internal sealed record SettingValue(string Text, string Source, string Folder);

/// <summary>Reads settings: flags before environment before file. A value may stand in a file of its own, so that no password needs to be
/// on a command line or in a configuration.</summary>
internal static class SettingSources
{
    public const string ConfigFlag = "--config";
    public const string ConfigVariable = "RISKGRID_CONFIG";

    /// <summary>The value of every setting that is set, and where it comes from.</summary>
    /// <param name="flag">A flag's value; null where it was not given.</param>
    /// <param name="environment">A variable's value; null or empty where it is not set.</param>
    /// <param name="config">The value of <c>--config</c>.</param>
    /// <exception cref="SettingsException">A source cannot be read, names something unknown or says a thing twice.</exception>
    public static IReadOnlyDictionary<Setting, SettingValue> Read(Func<Setting, string?> flag, Func<string, string?> environment, string? config)
    {
        var here = Directory.GetCurrentDirectory();
        var path = config ?? NotEmpty(environment(ConfigVariable));
        var file = path is null ? [] : ReadFile(path, config is null ? ConfigVariable : ConfigFlag);
        var values = new Dictionary<Setting, SettingValue>();
        foreach (var setting in Setting.All)
        {
            if (flag(setting) is { } given)
                values[setting] = new SettingValue(given, setting.Flag, here);
            else if (FromEnvironment(setting, environment, here) is { } variable)
                values[setting] = variable;
            else if (file.TryGetValue(setting, out var written))
                values[setting] = written;
        }

        return values;
    }

    private static SettingValue? FromEnvironment(Setting setting, Func<string, string?> environment, string here)
    {
        var (value, file) = (NotEmpty(environment(setting.Variable)), NotEmpty(environment(setting.FileVariable)));
        if (value is not null && file is not null)
            throw new SettingsException($"{setting.Variable} and {setting.FileVariable} are both set; unset one");
        return value is not null ? new SettingValue(value, setting.Variable, here)
            : file is not null ? new SettingValue(ReadSecret(file, setting.FileVariable), setting.FileVariable, here)
            : null;
    }

    private static Dictionary<Setting, SettingValue> ReadFile(string path, string source)
    {
        var full = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(full)!;
        var values = new Dictionary<Setting, SettingValue>();
        using var document = Parse(full, source);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new SettingsException($"{path} ({source}) holds no JSON object; write {{ \"broker\": \"amqp://...\", ... }}");
        foreach (var property in document.RootElement.EnumerateObject())
        {
            var setting = Setting.All.FirstOrDefault(s => property.NameEquals(s.Key) || property.NameEquals(s.FileKey))
                ?? throw new SettingsException(
                    $"{path}: '{property.Name}' is not a setting; there are {string.Join(", ", Setting.All)}, and each with _file for a file that holds the value");
            var where = $"{property.Name} in {path}";
            var text = property.Value.ValueKind switch
            {
                JsonValueKind.String => property.Value.GetString()!,
                JsonValueKind.Number => property.Value.GetRawText(),
                _ => throw new SettingsException($"{where} is neither a text nor a number"),
            };
            var value = new SettingValue(property.NameEquals(setting.Key) ? text : ReadSecret(Path.Combine(folder, text), where), where, folder);
            if (!values.TryAdd(setting, value))
                throw new SettingsException($"{where}: {setting} is there already; leave one out");
        }

        return values;
    }

    private static JsonDocument Parse(string path, string source)
    {
        try
        {
            return JsonDocument.Parse(
                File.ReadAllText(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        }
        catch (JsonException e)
        {
            throw new SettingsException($"{path} ({source}) is not JSON: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"{path} ({source}) can't be read: {e.Message}");
        }
    }

    private static string ReadSecret(string path, string source)
    {
        try
        {
            // Editors and `echo` end a file with a line break that is no part of the secret.
            var text = File.ReadAllText(path).TrimEnd('\r', '\n');
            return text.Length > 0 ? text : throw new SettingsException($"{source}: {path} is empty");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"{source}: {path} can't be read: {e.Message}");
        }
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
