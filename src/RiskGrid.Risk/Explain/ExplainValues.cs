using RiskGrid.Kernels;
using RiskGrid.Pricing;

namespace RiskGrid.Risk;

/// <summary>Values and derivatives of one sheet's trades at one market, per unit in price points, with what they were computed from: one
/// kernel call. A trade that cannot be priced has <see cref="Failure"/> and zeros.</summary>
internal sealed class ExplainValues
{
    private readonly string?[] _failures;
    private readonly double[] _volatility;
    private readonly double[] _price;
    private readonly double[] _delta;
    private readonly double[] _gamma;
    private readonly double[] _vega;
    private readonly double[] _theta;
    private readonly double[] _rho;
    private readonly double[] _vanna;
    private readonly double[] _volga;

    /// <param name="market">The sheet's market.</param>
    /// <param name="volatilities">Volatility per element in place of the quoted one; NaN or an empty span for the quoted one.</param>
    public ExplainValues(SheetMarket market, ReadOnlySpan<double> volatilities = default)
    {
        Market = market;
        var section = market.Sheet.Europeans;
        var count = section.Count;
        _failures = new string?[count];
        _volatility = new double[count];
        var elements = new List<int>(count);
        for (var i = 0; i < count; i++)
        {
            _failures[i] = market.Failure(i);
            if (_failures[i] is not null)
                continue;
            elements.Add(i);
            _volatility[i] = volatilities.IsEmpty || double.IsNaN(volatilities[i]) ? market.Quotes[section.VolatilityFactor[i]].Value : volatilities[i];
        }

        (_price, _delta, _gamma, _vega) = (new double[count], new double[count], new double[count], new double[count]);
        (_theta, _rho, _vanna, _volga) = (new double[count], new double[count], new double[count], new double[count]);
        Price(elements);
    }

    public SheetMarket Market { get; }

    public ref readonly SliceMarket Slice(int element) => ref Market.Slices[Market.Sheet.Europeans.Slice[element]];

    public string? Failure(int element) => _failures[element];

    /// <summary>Units held times multiplier.</summary>
    public double Units(int element) => Market.Sheet.Europeans.Quantity[element] * Market.Sheet.Europeans.Multiplier[element];

    /// <summary>Value of the position in its own currency.</summary>
    public double Native(int element) => Units(element) * _price[element];

    /// <summary>Value of the position in the reporting currency: the bits of its mark-to-market.</summary>
    public double Value(int element) => Native(element) * Slice(element).FxRate;

    public double Volatility(int element) => _volatility[element];

    public string VolatilityStatus(int element) => Market.Quotes[Market.Sheet.Europeans.VolatilityFactor[element]].Status;

    public double Price(int element) => _price[element];

    public double Delta(int element) => _delta[element];

    public double Gamma(int element) => _gamma[element];

    public double Vega(int element) => _vega[element];

    /// <summary>Per calendar year that passes.</summary>
    public double Theta(int element) => _theta[element];

    public double Rho(int element) => _rho[element];

    public double Vanna(int element) => _vanna[element];

    public double Volga(int element) => _volga[element];

    private void Price(List<int> elements)
    {
        var section = Market.Sheet.Europeans;
        var count = elements.Count;
        var side = new OptionSide[count];
        var inputs = new double[6][];
        var outputs = new double[8][];
        for (var c = 0; c < inputs.Length; c++)
            inputs[c] = new double[count];
        for (var c = 0; c < outputs.Length; c++)
            outputs[c] = new double[count];
        for (var i = 0; i < count; i++)
        {
            ref readonly var slice = ref Slice(elements[i]);
            side[i] = section.Side[elements[i]];
            inputs[0][i] = slice.Spot;
            inputs[1][i] = section.Strike[elements[i]];
            inputs[2][i] = slice.Time;
            inputs[3][i] = _volatility[elements[i]];
            inputs[4][i] = slice.ZeroRate;
            inputs[5][i] = slice.DividendYield;
        }

        var batch = new SpotBatch
        {
            Side = side, Spot = inputs[0], Strike = inputs[1], Time = inputs[2], Volatility = inputs[3], Rate = inputs[4], DividendYield = inputs[5],
        };
        var greeks = new GreeksBuffers
        {
            Price = outputs[0], Delta = outputs[1], Gamma = outputs[2], Vega = outputs[3], Theta = outputs[4], Rho = outputs[5], Vanna = outputs[6],
            Volga = outputs[7],
        };
        var status = new ElementStatus[count];
        BlackScholes.Greeks(batch, greeks, status);
        double[][] to = [_price, _delta, _gamma, _vega, _theta, _rho, _vanna, _volga];
        for (var i = 0; i < count; i++)
        {
            if (status[i] != ElementStatus.Ok)
                _failures[elements[i]] = $"the pricing kernel refused it: {status[i]}";
            for (var c = 0; c < to.Length && status[i] == ElementStatus.Ok; c++)
                to[c][elements[i]] = outputs[c][i];
            if (_failures[elements[i]] is null && !double.IsFinite(Value(elements[i])))
                _failures[elements[i]] = "its value is beyond the range of double precision";
        }
    }
}
