using System.Collections.Immutable;
using CsvHelper;
using RiskGrid.Model;

namespace RiskGrid.Pricing.Chains;

/// <summary>A listed option chain as read from a file: sound rows in file order, and the rows that were refused. Immutable.</summary>
public sealed class OptionChain
{
    private OptionChain(string sourceName, ImmutableArray<ChainQuote> quotes, ImmutableArray<QuarantinedRow> quarantined)
    {
        SourceName = sourceName;
        Quotes = quotes;
        Quarantined = quarantined;
    }

    /// <summary>Where the chain came from, as errors name it.</summary>
    public string SourceName { get; }

    /// <summary>The sound rows in file order; contract symbols are unique.</summary>
    public ImmutableArray<ChainQuote> Quotes { get; }

    /// <summary>The refused rows in file order.</summary>
    public ImmutableArray<QuarantinedRow> Quarantined { get; }

    /// <summary>Reads a chain of S&amp;P 500 index options (roots SPX and SPXW) from comma-separated text with a header row.</summary>
    /// <param name="reader">The text; read to its end, not closed.</param>
    /// <param name="sourceName">Names the file in errors.</param>
    /// <remarks>Every row becomes a quote or a quarantined row. Columns are found by name; other columns are ignored.</remarks>
    /// <exception cref="ValidationException">There is no header, or a needed column is missing: no row can be read.</exception>
    public static OptionChain Read(TextReader reader, string sourceName)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(sourceName);
        string? malformed = null;
        var options = new CsvReaderOptions
        {
            Separator = ',',
            // One stray quotation mark must not swallow the rest of the file.
            AllowLineBreaksInQuotes = false,
            TrackLineNumbers = true,
            OnMalformedRecord = _ => malformed = "a quotation mark is out of place",
        };
        using var csv = CsvReader.Create(reader, options, leaveOpen: true);
        csv.ReadHeader();
        if (csv.Headers.Count == 0)
            throw new ValidationException("header", $"{sourceName} is empty: the first line must name the columns");
        var width = csv.Headers.Count;
        var parser = new ChainRowParser(ChainColumns.Find([.. csv.Headers], sourceName));
        var quotes = ImmutableArray.CreateBuilder<ChainQuote>();
        var quarantined = ImmutableArray.CreateBuilder<QuarantinedRow>();
        var contracts = new HashSet<string>(StringComparer.Ordinal);
        while (csv.Read())
        {
            var line = (int)csv.LineNumber;
            try
            {
                if (malformed is not null)
                    throw new ValidationException("row", malformed);
                if (csv.FieldCount != width)
                    throw new ValidationException("row", $"{csv.FieldCount} fields where the header names {width}");
                var quote = parser.Parse(csv, line);
                if (!contracts.Add(quote.Contract))
                    throw new ValidationException(ChainColumns.ContractName, $"{quote.Contract} appeared before");
                quotes.Add(quote);
            }
            catch (ValidationException refusal)
            {
                quarantined.Add(new QuarantinedRow(line, refusal.Field, refusal.Reason));
            }

            malformed = null;
        }

        return new OptionChain(sourceName, quotes.ToImmutable(), quarantined.ToImmutable());
    }
}
