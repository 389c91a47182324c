using System.Security.Cryptography;
using System.Text;

namespace RiskGrid.Ledger;

/// <summary>One numbered step of the schema.</summary>
/// <param name="Number">1, 2, 3 …, without gaps.</param>
/// <param name="Name">The file's name without its extension: <c>0001_trades</c>.</param>
/// <param name="Sql">What it runs.</param>
internal sealed record Migration(int Number, string Name, string Sql)
{
    /// <summary>SHA-256 of the text with Unix line ends, so that a checkout's line ends do not matter.</summary>
    public string Checksum { get; } =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));

    /// <summary>The migrations of a store inside this assembly, in order.</summary>
    /// <param name="store">The folder of the store: <c>Sqlite</c>.</param>
    public static IReadOnlyList<Migration> Embedded(string store)
    {
        var prefix = $"RiskGrid.Ledger.{store}.Migrations.";
        var assembly = typeof(Migration).Assembly;
        var migrations = new List<Migration>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var reader = new StreamReader(stream, Encoding.UTF8);
            var name = Path.GetFileNameWithoutExtension(resource[prefix.Length..]);
            migrations.Add(new Migration(int.Parse(name.AsSpan(0, 4)), name, reader.ReadToEnd()));
        }

        for (var i = 0; i < migrations.Count; i++)
        {
            if (migrations[i].Number != i + 1)
                throw new InvalidOperationException($"Migration {migrations[i].Name} is number {i + 1} in order; the numbers must have no gap.");
        }

        return migrations;
    }

    /// <summary>The migrations that a ledger still lacks.</summary>
    /// <param name="ledger">Where it is, for messages.</param>
    /// <param name="applied">What it has, in order.</param>
    /// <param name="known">What this build has.</param>
    /// <exception cref="LedgerFormatException">The ledger is newer than this build, or was made by changed migrations.</exception>
    public static IEnumerable<Migration> Missing(string ledger, IReadOnlyList<AppliedMigration> applied, IReadOnlyList<Migration> known)
    {
        for (var i = 0; i < applied.Count; i++)
            Check(ledger, applied[i], i < known.Count ? known[i] : null, known.Count);
        return known.Skip(applied.Count);
    }

    /// <summary>Refuses a ledger that is not of this build's schema.</summary>
    /// <param name="ledger">Where it is, for messages.</param>
    /// <param name="applied">What it has, in order.</param>
    /// <param name="known">What this build has.</param>
    /// <exception cref="LedgerFormatException">It is older or newer than this build, or was made by changed migrations.</exception>
    public static void RequireAll(string ledger, IReadOnlyList<AppliedMigration> applied, IReadOnlyList<Migration> known)
    {
        if (Missing(ledger, applied, known).Any())
        {
            throw new LedgerFormatException(
                $"The ledger {ledger} has schema {applied.Count}; this build's is {known.Count}. Start `riskgrid serve` of this build on it once: that brings it up to date.");
        }
    }

    private static void Check(string ledger, AppliedMigration applied, Migration? known, int newest)
    {
        if (known is null)
        {
            throw new LedgerFormatException(
                $"The ledger {ledger} has schema {applied.Version} ({applied.Name}); this build knows schemas up to {newest}. Use a newer build.");
        }

        if (applied.Version != known.Number || !string.Equals(applied.Checksum, known.Checksum, StringComparison.Ordinal))
        {
            throw new LedgerFormatException(
                $"The ledger {ledger} was made by another migration {applied.Version} ({applied.Name}) than this build's {known.Name}: "
                + $"checksum {applied.Checksum}, expected {known.Checksum}. An applied migration must not be changed; use the build that made the ledger.");
        }
    }
}

/// <summary>A migration as the ledger that it was applied to remembers it.</summary>
internal sealed record AppliedMigration(long Version, string Name, string Checksum);
