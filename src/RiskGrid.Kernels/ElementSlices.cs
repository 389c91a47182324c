namespace RiskGrid.Kernels;

/// <summary>A batch of elements that are independent of each other, in slices of so many.</summary>
/// <param name="count">Elements.</param>
/// <param name="sliceSize">Elements a slice.</param>
/// <param name="compute">Computes (start, length) and returns how many it refused.</param>
internal sealed class ElementSlices(int count, int sliceSize, Func<int, int, int> compute)
    : SlicedBatch(1, ScenarioSlices.Cut(count, sliceSize))
{
    private readonly int[] refused = new int[ScenarioSlices.Cut(count, sliceSize)];

    public override int Refused => refused.Sum();

    public override void Compute(int pass, int slice)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(pass, 0);
        var start = slice * sliceSize;
        refused[slice] = compute(start, Math.Min(sliceSize, count - start));
    }
}
