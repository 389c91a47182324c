using RiskGrid.Compute;
using RiskGrid.Grains;
using RiskGrid.Kernels;
using RiskGrid.Model;
using RiskGrid.Pricing;

namespace RiskGrid.Bench;

/// <summary>How fast the scenario kernel alone revalues a portfolio: its books' own trades on markets that are ready, nothing else.</summary>
internal sealed class KernelRate
{
    // As many scenarios a call as a run's slices have at most.
    private const int Scenarios = 512;

    private readonly List<Book> _books = [];

    public KernelRate(IEnumerable<Trade> trades, MarketSnapshot snapshot)
    {
        var options = new PricingOptions(SiloServices.DefaultReporting, SiloServices.DefaultStaleAfter);
        foreach (var book in trades.GroupBy(t => t.Terms.Book))
            _books.Add(new Book(SheetMarket.From(Sheet.Build(book.Key, book), snapshot, options)));
    }

    /// <summary>How many revaluations one measurement makes.</summary>
    public double Revaluations(int threads, int rounds) => (double)threads * rounds * Scenarios * _books.Sum(b => (long)b.Count);

    /// <summary>Revaluations per second on all threads of a pool at once.</summary>
    /// <param name="pool">The pool; nothing else runs on it.</param>
    /// <param name="rounds">How often every thread revalues every book.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<double> MeasureAsync(ComputePool pool, int rounds, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        await pool.RunAsync(
            ComputePriority.Run,
            pool.Threads * rounds,
            _ =>
            {
                Span<double> pnl = stackalloc double[Scenarios];
                foreach (var book in _books)
                    book.Revalue(pnl);
            },
            cancellationToken);
        return Revaluations(pool.Threads, rounds) / time.GetElapsedTime(started).TotalSeconds;
    }

    private sealed class Book
    {
        private readonly OptionSide[] _side;
        private readonly double[] _strike;
        private readonly double[] _volatility;
        private readonly double[] _rootTime;
        private readonly double[] _weight;
        private readonly double[] _baseValue;
        private readonly int[] _slice;
        private readonly double[] _forward;
        private readonly double[] _discount;
        private readonly double[] _multiplier;

        public Book(SheetMarket market)
        {
            var section = market.Sheet.Europeans;
            _side = section.Side.ToArray();
            _strike = section.Strike.ToArray();
            _slice = section.Slice.ToArray();
            _volatility = new double[Count];
            _rootTime = new double[Count];
            _weight = new double[Count];
            _baseValue = new double[Count];
            for (var i = 0; i < Count; i++)
            {
                _volatility[i] = market.Quotes[section.VolatilityFactor[i]].Value;
                _rootTime[i] = Math.Sqrt(market.Slices[_slice[i]].Time);
                _weight[i] = section.Quantity[i] * section.Multiplier[i];
            }

            (_forward, _discount, _multiplier) = (new double[market.Slices.Length * Scenarios], new double[market.Slices.Length * Scenarios], new double[market.Slices.Length * Scenarios]);
            for (var k = 0; k < market.Slices.Length; k++)
            {
                for (var s = 0; s < Scenarios; s++)
                {
                    var move = 0.1 * ((s / (Scenarios - 1.0)) - 0.5);
                    _forward[(k * Scenarios) + s] = market.Slices[k].Spot * (1 + move);
                    _discount[(k * Scenarios) + s] = 1 - (0.1 * Math.Abs(move));
                    _multiplier[(k * Scenarios) + s] = 1 - (3 * move);
                }
            }
        }

        public int Count => _side.Length;

        public void Revalue(Span<double> pnl) => ScenarioKernel.AccumulatePnl(
            new ScenarioTrades { Side = _side, Strike = _strike, Volatility = _volatility, RootTime = _rootTime, Weight = _weight, BaseValue = _baseValue, Slice = _slice },
            new ScenarioMarket { Slices = _forward.Length / Scenarios, Count = Scenarios, Forward = _forward, Discount = _discount, VolatilityMultiplier = _multiplier },
            pnl);
    }
}
