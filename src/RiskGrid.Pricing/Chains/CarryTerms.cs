using RiskGrid.Kernels;

namespace RiskGrid.Pricing.Chains;

/// <summary>What put-call parity says about all slices together: curve, forwards, spot.</summary>
internal sealed class CarryTerms
{
    private readonly (double Rate, double Error)?[] _implied;
    private readonly double[] _forwardErrors;

    private CarryTerms(int slices)
    {
        _implied = new (double, double)?[slices];
        _forwardErrors = new double[slices];
        Pairs = new int[slices];
        Discounts = new double[slices];
        Forwards = new double[slices];
        CarryInterpolated = new bool[slices];
    }

    public CurveFit Curve { get; private set; } = null!;

    public CarryFit Carry { get; private set; } = null!;

    public int[] Pairs { get; }

    public double[] Discounts { get; }

    public double[] Forwards { get; }

    public bool[] CarryInterpolated { get; }

    /// <param name="slices">In order of time.</param>
    /// <param name="progress">Told after each slice.</param>
    public static CarryTerms Fit(IReadOnlyList<SliceQuotes> slices, IProgress<CalibrationProgress>? progress)
    {
        var terms = new CarryTerms(slices.Count);
        var parity = new ParityFit[slices.Count];
        var rates = new List<ImpliedRate>();
        for (var i = 0; i < slices.Count; i++)
        {
            parity[i] = ParityFit.Of(slices[i].Quotes);
            terms.Pairs[i] = parity[i].Pairs;
            terms._implied[i] = parity[i].ImpliedRate(slices[i].Time);
            if (terms._implied[i] is { } rate)
                rates.Add(new ImpliedRate(slices[i].Time, rate.Rate, rate.Error));
            progress?.Report(new CalibrationProgress("parity", i + 1, slices.Count));
        }

        terms.Curve = CurveFit.Through(rates);
        terms.FitForwards(slices, parity);
        return terms;
    }

    public CalibratedSlice Describe(SliceQuotes slice, int i, double skew, bool smileInterpolated)
    {
        var zero = Curve.Curve.Rate(slice.Time);
        var option = slice.Quotes[0].Option;
        return new CalibratedSlice
        {
            Root = option.Root,
            Expiry = option.Expiry,
            Name = slice.Name,
            Time = slice.Time,
            Forward = slice.Forward,
            ForwardError = _forwardErrors[i],
            Discount = slice.Discount,
            Zero = zero,
            DividendYield = zero - (Elementary.Log(slice.Forward / Carry.Spot) / slice.Time),
            Skew = skew,
            Pairs = Pairs[i],
            ImpliedZero = _implied[i]?.Rate ?? double.NaN,
            ImpliedZeroError = _implied[i]?.Error ?? double.NaN,
            CarryInterpolated = CarryInterpolated[i],
            SmileInterpolated = smileInterpolated,
        };
    }

    private void FitForwards(IReadOnlyList<SliceQuotes> slices, ParityFit[] parity)
    {
        var own = new List<int>();
        for (var i = 0; i < slices.Count; i++)
        {
            Discounts[i] = Elementary.Exp(-Curve.Curve.Rate(slices[i].Time) * slices[i].Time);
            CarryInterpolated[i] = Pairs[i] < ParityFit.LeastPairs;
            _forwardErrors[i] = double.NaN;
            if (CarryInterpolated[i])
                continue;
            (Forwards[i], _forwardErrors[i]) = parity[i].ForwardGiven(Discounts[i]);
            own.Add(i);
        }

        Carry = CarryFit.Through(
            own.Select(i => slices[i].Time).ToArray(),
            own.Select(i => Forwards[i]).ToArray(),
            own.Select(i => _forwardErrors[i]).ToArray(),
            Curve.Curve.Rate(slices[own[0]].Time));
        for (var i = 0; i < slices.Count; i++)
        {
            if (CarryInterpolated[i])
                Forwards[i] = Carry.Forward(slices[i].Time);
        }
    }
}
