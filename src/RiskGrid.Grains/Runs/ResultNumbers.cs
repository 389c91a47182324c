using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Grains.Runs;

/// <summary>A result as addressed values: what is hashed, and what a rerun compares.</summary>
/// <remarks>Each field that is set has one line: its address and its bits. Entries of lists are addressed by what names them (a path, a name,
/// a horizon and confidence), so that the same number has the same address whatever else is in the list.</remarks>
internal static class ResultNumbers
{
    private const int MaxDifferences = 100;

    // The fields that name an entry of a list, by message.
    private static readonly Dictionary<string, string[]> Names = new(StringComparer.Ordinal)
    {
        [nameof(NodeRisk)] = ["path"],
        [nameof(RunLeg)] = ["name"],
        [nameof(RiskMeasure)] = ["horizon_days", "confidence", "z", "approximation"],
        [nameof(RiskComponent)] = ["name"],
        [nameof(StressPnl)] = ["group", "scenario"],
        [nameof(ClassPnl)] = ["name"],
        [nameof(ExplainLine)] = ["name"],
        [nameof(BacktestMeasure)] = ["confidence"],
        [nameof(TestStatistic)] = ["name"],
        [nameof(TradeFailure)] = ["trade_id"],
    };

    /// <summary>SHA-256 over all addressed values; lower-case hexadecimal. Equal hashes mean equal bits.</summary>
    public static string Hash(RunResult result)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var value in Of(result))
            sha.AppendData(Encoding.UTF8.GetBytes($"{value.Address}\n{value.Bits}\n"));
        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }

    /// <summary>Compares two results value by value.</summary>
    public static RerunReport Compare(RunResult before, RunResult after, IEnumerable<RunDifference> inputs)
    {
        var report = new RerunReport { Differences = { inputs.Take(MaxDifferences) } };
        var known = new Dictionary<string, Value>(StringComparer.Ordinal);
        foreach (var value in Of(before))
            known[value.Address] = value;
        foreach (var value in Of(after))
        {
            report.Numbers++;
            if (known.Remove(value.Address, out var was) && string.Equals(was.Bits, value.Bits, StringComparison.Ordinal))
                continue;
            Differ(report, value.Address, was.Text ?? string.Empty, value.Text);
        }

        foreach (var value in known.Values.OrderBy(v => v.Address, StringComparer.Ordinal))
        {
            report.Numbers++;
            Differ(report, value.Address, value.Text, string.Empty);
        }

        report.Identical = report.Different == 0 && report.Differences.Count == 0;
        return report;
    }

    private static void Differ(RerunReport report, string address, string before, string after)
    {
        report.Different++;
        if (report.Differences.Count < MaxDifferences)
            report.Differences.Add(new RunDifference { Address = address, Before = before, After = after });
    }

    private static IEnumerable<Value> Of(RunResult result)
    {
        var values = new List<Value>();
        Walk(result, string.Empty, values);
        return values;
    }

    private static void Walk(IMessage message, string address, List<Value> values)
    {
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            var name = address.Length == 0 ? field.Name : $"{address} {field.Name}";
            if (field.IsRepeated)
            {
                var list = (System.Collections.IList)field.Accessor.GetValue(message);
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i] is IMessage entry)
                        Walk(entry, EntryAddress(address, field, entry, i), values);
                    else
                        values.Add(Value.Of($"{name}[{i.ToString(CultureInfo.InvariantCulture)}]", list[i]!));
                }
            }
            else if (field.FieldType == FieldType.Message)
            {
                if (field.Accessor.GetValue(message) is IMessage part)
                    Walk(part, name, values);
            }
            else if (!field.HasPresence || field.Accessor.HasValue(message))
            {
                values.Add(Value.Of(name, field.Accessor.GetValue(message)));
            }
        }
    }

    private static string EntryAddress(string address, FieldDescriptor list, IMessage entry, int position)
    {
        var text = Names.TryGetValue(entry.Descriptor.Name, out var names)
            ? string.Join(' ', names.Select(n => Convert.ToString(entry.Descriptor.FindFieldByName(n).Accessor.GetValue(entry), CultureInfo.InvariantCulture)).Where(v => v is { Length: > 0 }))
            : position.ToString(CultureInfo.InvariantCulture);
        return address.Length == 0 ? text : $"{address} {list.Name}[{text}]";
    }

    private readonly record struct Value(string Address, string Bits, string Text)
    {
        // The wire does not carry the sign of a zero.
        public static Value Of(string address, object value) => value is double number
            ? new Value(
                address,
                BitConverter.DoubleToInt64Bits(number + 0.0).ToString("X16", CultureInfo.InvariantCulture),
                number.ToString("R", CultureInfo.InvariantCulture))
            : Plain(address, Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty);

        private static Value Plain(string address, string text) => new(address, text, text);
    }
}
