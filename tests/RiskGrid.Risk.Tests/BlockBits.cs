using RiskGrid.Model;

namespace RiskGrid.Risk.Tests;

internal static class BlockBits
{
    /// <summary>Every move of a block, bit by bit: driver by driver, then scenario by scenario.</summary>
    public static long[] Of(ScenarioBlock block)
    {
        var bits = new List<long>();
        for (var row = 0; row < block.Layout.Rows; row++)
        {
            foreach (var move in block.Row(row, 0, block.Count))
                bits.Add(BitConverter.DoubleToInt64Bits(move));
        }

        return [.. bits];
    }

    public static long[] Whole(ScenarioSet set) => Of(set.Block(0, set.Count));

    public static FactorName[] Names(params string[] names) => [.. names.Select(FactorName.Parse)];
}
