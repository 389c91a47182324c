namespace RiskGrid.Risk.Runs;

/// <summary>Order statistics without a full sort.</summary>
internal static class Selection
{
    // Below this many numbers an insertion sort is faster than another partition.
    private const int Small = 16;

    /// <summary>The number that <paramref name="rank"/> − 1 others are at least as large as: rank 1 is the largest. Reorders the
    /// numbers; none may be NaN. Hoare's selection (C. A. R. Hoare, Algorithm 65: Find, CACM 4, 1961) with the median of three as pivot.</summary>
    public static double Largest(Span<double> numbers, int rank)
    {
        var target = numbers.Length - rank;
        var low = 0;
        var high = numbers.Length - 1;
        while (high - low >= Small)
        {
            var pivot = MedianOfThree(numbers[low], numbers[low + ((high - low) / 2)], numbers[high]);
            var i = low;
            var j = high;
            while (i <= j)
            {
                while (numbers[i] < pivot)
                    i++;
                while (pivot < numbers[j])
                    j--;
                if (i <= j)
                {
                    (numbers[i], numbers[j]) = (numbers[j], numbers[i]);
                    i++;
                    j--;
                }
            }

            if (target <= j)
                high = j;
            else if (target >= i)
                low = i;
            else
                return numbers[target];
        }

        numbers.Slice(low, high - low + 1).Sort();
        return numbers[target];
    }

    private static double MedianOfThree(double a, double b, double c) =>
        Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
