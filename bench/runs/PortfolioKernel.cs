using RiskGrid.Kernels;
using RiskGrid.Ledger;
using RiskGrid.Model;
using RiskGrid.Pricing;

namespace RiskGrid.Runs.Bench;

/// <summary>The portfolio of a ledger, laid out for the scenario kernel with every forward, discount factor and volatility multiplier already
/// made: what the kernel itself can do with these books.</summary>
internal sealed class PortfolioKernel
{
    // Enough that no cache holds the markets, little enough that making them takes no time.
    private const int Scenarios = 2_048;
    private const int Block = 256;
    private const ulong Seed = 20_260_130;

    private readonly List<Book> _books = [];

    private PortfolioKernel()
    {
    }

    /// <summary>How many trades there are, those of zero quantity with them.</summary>
    public int Trades => _books.Sum(b => b.Side.Length);

    /// <summary>Reads the newest state of every book, and the market that was kept last.</summary>
    public static async Task<PortfolioKernel> ReadAsync(ILedger ledger, string market)
    {
        var snapshot = await ledger.ReadMarketAsync(NodeId.Parse(market), CancellationToken.None)
            ?? throw new InvalidOperationException("the ledger has kept no market");
        var portfolio = new PortfolioKernel();
        foreach (var node in (await ledger.ReadPositionAsync(CancellationToken.None)).Keys.Order())
        {
            var state = await ledger.ReadBookAsync(node, null, CancellationToken.None);
            if (state.Trades.Count > 0)
                portfolio._books.Add(new Book(SheetMarket.From(Sheet.Build(node, state.Trades), snapshot, new PricingOptions(Currency.Usd, NodaTime.Duration.FromDays(1)))));
        }

        return portfolio;
    }

    /// <summary>Scenarios of the whole portfolio a second, on as many threads as asked for.</summary>
    public double ScenariosPerSecond(int threads, int rounds)
    {
        var pieces = _books.SelectMany(b => Enumerable.Range(0, Scenarios / Block).Select(k => (Book: b, Start: k * Block)))
            .OrderByDescending(p => p.Book.Side.Length).ToArray();
        var next = -1;
        var started = TimeProvider.System.GetTimestamp();
        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            int i;
            while ((i = Interlocked.Increment(ref next)) < pieces.Length * rounds)
                pieces[i % pieces.Length].Book.Price(pieces[i % pieces.Length].Start, Block);
        })).ToArray();
        foreach (var worker in workers)
            worker.Start();
        foreach (var worker in workers)
            worker.Join();
        var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        foreach (var book in _books)
            book.Check();
        return (double)Scenarios * rounds / seconds;
    }

    private sealed class Book
    {
        private readonly double[] _strike;
        private readonly double[] _volatility;
        private readonly double[] _rootTime;
        private readonly double[] _weight;
        private readonly double[] _base;
        private readonly int[] _slice;
        private readonly int _slices;
        private readonly double[] _forward;
        private readonly double[] _discount;
        private readonly double[] _multiplier;
        private readonly double[] _pnl = new double[Scenarios];

        public Book(SheetMarket market)
        {
            var section = market.Sheet.Europeans;
            var priced = Enumerable.Range(0, section.Count).Where(i => market.Failure(i) is null).ToArray();
            Side = [.. priced.Select(i => section.Side[i])];
            _strike = [.. priced.Select(i => section.Strike[i])];
            _volatility = [.. priced.Select(i => market.Quotes[section.VolatilityFactor[i]].Value)];
            _rootTime = [.. priced.Select(i => Math.Sqrt(market.Slices[section.Slice[i]].Time))];
            _weight = [.. priced.Select(i => section.Quantity[i] * section.Multiplier[i])];
            _base = new double[priced.Length];
            _slice = [.. priced.Select(i => section.Slice[i])];
            _slices = market.Slices.Length;
            var cells = _slices * Scenarios;
            (_forward, _discount, _multiplier) = (new double[cells], new double[cells], new double[cells]);
            var moves = new double[Scenarios];
            for (var k = 0; k < _slices; k++)
            {
                KeyedRandom.Normals(Seed, (ulong)k, 0, moves);
                var slice = market.Slices[k];
                for (var s = 0; s < Scenarios; s++)
                {
                    var at = (k * Scenarios) + s;
                    _forward[at] = Math.Max(slice.Spot, 1) * Elementary.Exp((0.015 * moves[s]) + ((slice.ZeroRate - slice.DividendYield) * slice.Time));
                    _discount[at] = Elementary.Exp(-slice.ZeroRate * slice.Time);
                    _multiplier[at] = Elementary.Exp(-0.05 * moves[s]);
                }
            }
        }

        public OptionSide[] Side { get; }

        public void Price(int start, int count)
        {
            var trades = new ScenarioTrades
            {
                Side = Side, Strike = _strike, Volatility = _volatility, RootTime = _rootTime, Weight = _weight, BaseValue = _base, Slice = _slice,
            };
            var market = new ScenarioMarket
            {
                Slices = _slices, Count = Scenarios, Forward = _forward, Discount = _discount, VolatilityMultiplier = _multiplier,
            };
            var pnl = _pnl.AsSpan(start, count);
            pnl.Clear();
            ScenarioKernel.AccumulatePnl(trades, market.Scenarios(start, count), pnl);
        }

        // What was not computed is zero, and no book of any weight is worth nothing in every scenario.
        public void Check()
        {
            if (_weight.Any(w => w != 0) && Array.Exists(_pnl, p => p == 0 || !double.IsFinite(p)))
                throw new InvalidOperationException("the kernel left a scenario without a value");
        }
    }
}
