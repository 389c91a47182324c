using System.Buffers;
using RiskGrid.Kernels;

namespace RiskGrid.Pricing;

/// <summary>The options of a sheet that can be priced, gathered side by side for one kernel call, with room for its results. Rents its
/// memory; one thread, used once and disposed.</summary>
internal sealed class EuropeanBatch : IDisposable
{
    private const int Columns = 12;

    private readonly double[] _numbers;
    private readonly OptionSide[] _side;
    private readonly ElementStatus[] _status;
    private readonly int[] _element;
    private readonly int _capacity;

    public EuropeanBatch(int capacity)
    {
        _capacity = capacity;
        _numbers = ArrayPool<double>.Shared.Rent(Math.Max(1, capacity * Columns));
        _side = ArrayPool<OptionSide>.Shared.Rent(Math.Max(1, capacity));
        _status = ArrayPool<ElementStatus>.Shared.Rent(Math.Max(1, capacity));
        _element = ArrayPool<int>.Shared.Rent(Math.Max(1, capacity));
    }

    public int Count { get; private set; }

    /// <summary>Position in the section of each gathered option.</summary>
    public ReadOnlySpan<int> Element => _element.AsSpan(0, Count);

    public ReadOnlySpan<ElementStatus> Status => _status.AsSpan(0, Count);

    public void Add(int element, OptionSide side, double strike, double volatility, in SliceMarket slice)
    {
        _element[Count] = element;
        _side[Count] = side;
        Column(0)[Count] = slice.Spot;
        Column(1)[Count] = strike;
        Column(2)[Count] = slice.Time;
        Column(3)[Count] = volatility;
        Column(4)[Count] = slice.ZeroRate;
        Column(5)[Count] = slice.DividendYield;
        Count++;
    }

    public void Price()
    {
        var batch = new SpotBatch
        {
            Side = _side.AsSpan(0, Count),
            Spot = Filled(0),
            Strike = Filled(1),
            Time = Filled(2),
            Volatility = Filled(3),
            Rate = Filled(4),
            DividendYield = Filled(5),
        };
        var greeks = new GreeksBuffers
        {
            Price = Filled(6),
            Delta = Filled(7),
            Gamma = Filled(8),
            Vega = Filled(9),
            Theta = Filled(10),
            Rho = Filled(11),
        };
        BlackScholes.Greeks(batch, greeks, _status.AsSpan(0, Count));
    }

    public EuropeanGreeks Greeks(int position) => new(
        Column(6)[position], Column(7)[position], Column(8)[position], Column(9)[position], Column(10)[position], Column(11)[position]);

    public void Dispose()
    {
        ArrayPool<double>.Shared.Return(_numbers);
        ArrayPool<OptionSide>.Shared.Return(_side);
        ArrayPool<ElementStatus>.Shared.Return(_status);
        ArrayPool<int>.Shared.Return(_element);
    }

    private Span<double> Column(int column) => _numbers.AsSpan(column * _capacity, _capacity);

    private Span<double> Filled(int column) => _numbers.AsSpan(column * _capacity, Count);
}
