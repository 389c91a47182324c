namespace RiskGrid.Risk.Runs;

/// <summary>The largest losses of one vector over the blocks merged so far. Equal losses stand in the order of
/// their scenarios, so that there is one order.</summary>
internal sealed class TailStore(int scenarioCount, int depth, int slack, int stride)
{
    private int[] _scenarios = [];
    private double[] _losses = [];
    private double[] _companions = [];
    private int _count;
    private int _failed = -1;

    // What the blocks left out is below it.
    private double _leftOut = double.NegativeInfinity;

    /// <summary>A lower bound of the final loss at the depth.</summary>
    public double Threshold { get; private set; } = double.NegativeInfinity;

    /// <summary>What that loss is most likely not below.</summary>
    public double Expected { get; private set; } = double.NegativeInfinity;

    private bool IsWhole => depth == scenarioCount;

    public void Add(BlockTail tail)
    {
        if (tail.FailedScenario >= 0)
            _failed = _failed < 0 ? tail.FailedScenario : Math.Min(_failed, tail.FailedScenario);
        if (_failed >= 0)
        {
            Clear();
            return;
        }

        _leftOut = Math.Max(_leftOut, tail.Threshold);
        Grow(_count + tail.Losses.Length);
        tail.Scenarios.CopyTo(_scenarios.AsSpan(_count));
        tail.Losses.CopyTo(_losses.AsSpan(_count));
        tail.Companions.CopyTo(_companions.AsSpan(_count * stride));
        _count += tail.Losses.Length;
        if (!IsWhole && (_count > depth + slack || (_count >= depth && double.IsNegativeInfinity(Threshold))))
            CutBack();
    }

    /// <summary>Expects the final loss at the depth not to be below the present one at a rank. Blocks that left losses out make it too low, never too
    /// high.</summary>
    public void Expect(int rank)
    {
        if (_failed < 0 && rank <= Math.Min(_count, depth))
            Expected = Selection.Largest(_losses.AsSpan(0, _count).ToArray(), rank);
    }

    /// <summary>True when no block left out a loss that belongs to the tail of what is merged.</summary>
    public bool IsSound()
    {
        if (_failed >= 0 || double.IsNegativeInfinity(_leftOut))
            return true;
        if (_count < depth)
            return false;
        CutBack();
        return Threshold >= _leftOut;
    }

    /// <summary>The tail, the largest loss last.</summary>
    public Tail Sorted()
    {
        if (_failed >= 0)
            return Tail.Failed(scenarioCount, _failed);
        if (_count > depth)
            CutBack();
        var rows = new int[_count];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = i;
        var losses = _losses.AsSpan(0, _count).ToArray();
        Array.Sort(losses, rows);
        for (var from = 0; from < rows.Length;)
        {
            var to = from + 1;
            while (to < rows.Length && losses[to] == losses[from])
                to++;
            if (to - from > 1)
                rows.AsSpan(from, to - from).Sort((a, b) => _scenarios[a].CompareTo(_scenarios[b]));
            from = to;
        }

        var companions = new double[_count * stride];
        for (var i = 0; i < rows.Length; i++)
            _companions.AsSpan(rows[i] * stride, stride).CopyTo(companions.AsSpan(i * stride));
        return new Tail(scenarioCount, Array.ConvertAll(rows, r => _scenarios[r]), losses, companions, stride, failedScenario: -1);
    }

    private void Clear()
    {
        (_scenarios, _losses, _companions, _count) = ([], [], [], 0);
        (Threshold, Expected) = (double.NegativeInfinity, double.NegativeInfinity);
    }

    private void Grow(int needed)
    {
        if (needed <= _losses.Length)
            return;
        var size = Math.Max(needed, Math.Min(2 * _losses.Length, Math.Min(depth + slack, scenarioCount)));
        Array.Resize(ref _scenarios, size);
        Array.Resize(ref _losses, size);
        Array.Resize(ref _companions, size * stride);
    }

    private void CutBack()
    {
        var sorted = _losses.AsSpan(0, _count).ToArray();
        var cut = Selection.Largest(sorted, depth);
        var above = 0;
        var equal = 0;
        for (var i = 0; i < _count; i++)
        {
            above += _losses[i] > cut ? 1 : 0;
            equal += _losses[i] == cut ? 1 : 0;
        }

        var firstTie = FirstTie(cut, equal, above + equal - depth);
        var kept = 0;
        for (var i = 0; i < _count; i++)
        {
            if (_losses[i] < cut || (_losses[i] == cut && _scenarios[i] < firstTie))
                continue;
            _scenarios[kept] = _scenarios[i];
            _losses[kept] = _losses[i];
            _companions.AsSpan(i * stride, stride).CopyTo(_companions.AsSpan(kept * stride));
            kept++;
        }

        _count = kept;
        Threshold = cut;
    }

    // Blocks come in any order, so ties are cut by their scenarios, not by their places.
    private int FirstTie(double cut, int equal, int skipped)
    {
        var scenarios = new int[equal];
        var at = 0;
        for (var i = 0; i < _count; i++)
        {
            if (_losses[i] == cut)
                scenarios[at++] = _scenarios[i];
        }

        Array.Sort(scenarios);
        return scenarios[skipped];
    }
}
