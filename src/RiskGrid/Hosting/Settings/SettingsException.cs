namespace RiskGrid.Hosting.Settings;

/// <summary>A setting cannot be used; the message names where it was set and never shows a secret.</summary>
internal sealed class SettingsException(string message) : Exception(message);
