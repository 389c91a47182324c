// The kernels against QuantLib and the C++ library, in one process, in turns. One JSON object a line.
#include <ql/exercise.hpp>
#include <ql/instruments/vanillaoption.hpp>
#include <ql/pricingengines/blackcalculator.hpp>
#include <ql/pricingengines/blackformula.hpp>
#include <ql/pricingengines/vanilla/analyticeuropeanengine.hpp>
#include <ql/processes/blackscholesprocess.hpp>
#include <ql/quotes/simplequote.hpp>
#include <ql/settings.hpp>
#include <ql/termstructures/volatility/equityfx/blackconstantvol.hpp>
#include <ql/termstructures/yield/flatforward.hpp>
#include <ql/time/calendars/nullcalendar.hpp>
#include <ql/time/daycounters/actual365fixed.hpp>
#include <thread>

#include "dispatch.h"
#include "measure.h"
#include "sample.h"

namespace {

constexpr int kElements = 8192;
constexpr int kBatches = 4;

using Samples = std::vector<Sample>;

QuantLib::Option::Type type_of(std::int8_t side) {
    return side > 0 ? QuantLib::Option::Call : QuantLib::Option::Put;
}

double sum(const std::vector<double>* columns, int count) {
    double total = 0;
    for (int i = 0; i < count; ++i)
        for (double v : columns[i]) total += std::fabs(v);
    return total;
}

Contest contest(const KernelTable& kernels, Samples& samples, const char* kernel, const char* peer,
                int rounds, double tolerance, int columns) {
    return {kernel,
            peer,
            kernels.name,
            kElements,
            kBatches,
            rounds,
            tolerance,
            {},
            {},
            [&samples, columns](int b) { return sum(samples[b].out, columns); },
            [&samples, columns](int b) { return sum(samples[b].peer, columns); }};
}

void black76_price(const KernelTable& kernels, Samples& samples) {
    Contest c = contest(kernels, samples, "Black-76 price", "QuantLib blackFormula", 101, 1e-11, 1);
    c.ours = [&](int b) {
        Sample& s = samples[b];
        kernels.black76_price(s.on_forward(), s.out[0].data(), s.status.data());
    };
    c.theirs = [&](int b) {
        Sample& s = samples[b];
        for (int i = 0; i < kElements; ++i)
            s.peer[0][i] = QuantLib::blackFormula(type_of(s.side[i]), s.strike[i], s.forward[i],
                                                  s.volatility[i] * std::sqrt(s.time[i]), s.discount[i]);
    };
    run(c);
}

void spot_price(const KernelTable& kernels, Samples& samples) {
    Contest c = contest(kernels, samples, "Black-Scholes price", "QuantLib blackFormula", 101, 1e-11, 1);
    c.ours = [&](int b) {
        Sample& s = samples[b];
        kernels.black_scholes_price(s.on_spot(), s.out[0].data(), s.status.data());
    };
    c.theirs = [&](int b) {
        Sample& s = samples[b];
        for (int i = 0; i < kElements; ++i) {
            const double discount = std::exp(-s.rate[i] * s.time[i]);
            const double forward = s.spot[i] * std::exp(-s.yield[i] * s.time[i]) / discount;
            s.peer[0][i] = QuantLib::blackFormula(type_of(s.side[i]), s.strike[i], forward,
                                                  s.volatility[i] * std::sqrt(s.time[i]), discount);
        }
    };
    run(c);
}

void greeks_of_calculator(const KernelTable& kernels, Samples& samples) {
    Contest c =
        contest(kernels, samples, "Black-Scholes price + 5 Greeks", "QuantLib BlackCalculator", 61, 1e-10, 6);
    c.ours = [&](int b) {
        Sample& s = samples[b];
        kernels.black_scholes_greeks(s.on_spot(), s.five_greeks(), s.status.data());
    };
    c.theirs = [&](int b) {
        Sample& s = samples[b];
        for (int i = 0; i < kElements; ++i) {
            const double discount = std::exp(-s.rate[i] * s.time[i]);
            const double forward = s.spot[i] * std::exp(-s.yield[i] * s.time[i]) / discount;
            const QuantLib::BlackCalculator black(type_of(s.side[i]), s.strike[i], forward,
                                                  s.volatility[i] * std::sqrt(s.time[i]), discount);
            s.peer[0][i] = black.value();
            s.peer[1][i] = black.delta(s.spot[i]);
            s.peer[2][i] = black.gamma(s.spot[i]);
            s.peer[3][i] = black.vega(s.time[i]);
            s.peer[4][i] = black.theta(s.spot[i], s.time[i]);
            s.peer[5][i] = black.rho(s.time[i]);
        }
    };
    run(c);
}

/// One option whose spot and volatility move, as on a desk.
void greeks_of_engine(const KernelTable& kernels) {
    using namespace QuantLib;
    const Date today(2, January, 2026);
    Settings::instance().evaluationDate() = today;
    Samples samples;
    for (int b = 0; b < kBatches; ++b) {
        Sample& s = samples.emplace_back(kElements, 40 + b);
        std::fill(s.side.begin(), s.side.end(), std::int8_t{1});
        std::fill(s.strike.begin(), s.strike.end(), 100.0);
        std::fill(s.time.begin(), s.time.end(), 1.0);
        std::fill(s.rate.begin(), s.rate.end(), 0.03);
        std::fill(s.yield.begin(), s.yield.end(), 0.01);
    }
    const auto spot = ext::make_shared<SimpleQuote>(100.0), volatility = ext::make_shared<SimpleQuote>(0.2);
    const Actual365Fixed days;
    const Handle<YieldTermStructure> rates(ext::make_shared<FlatForward>(today, 0.03, days)),
        yields(ext::make_shared<FlatForward>(today, 0.01, days));
    const Handle<BlackVolTermStructure> volatilities(
        ext::make_shared<BlackConstantVol>(today, NullCalendar(), Handle<Quote>(volatility), days));
    VanillaOption option(ext::make_shared<PlainVanillaPayoff>(Option::Call, 100.0),
                         ext::make_shared<EuropeanExercise>(today + 365));
    option.setPricingEngine(ext::make_shared<AnalyticEuropeanEngine>(
        ext::make_shared<BlackScholesMertonProcess>(Handle<Quote>(spot), yields, rates, volatilities)));
    Contest c = contest(kernels, samples, "Black-Scholes price + 5 Greeks", "QuantLib AnalyticEuropeanEngine",
                        21, 1e-10, 6);
    c.ours = [&](int b) {
        Sample& s = samples[b];
        kernels.black_scholes_greeks(s.on_spot(), s.five_greeks(), s.status.data());
    };
    c.theirs = [&](int b) {
        Sample& s = samples[b];
        for (int i = 0; i < kElements; ++i) {
            spot->setValue(s.spot[i]);
            volatility->setValue(s.volatility[i]);
            s.peer[0][i] = option.NPV();
            s.peer[1][i] = option.delta();
            s.peer[2][i] = option.gamma();
            s.peer[3][i] = option.vega();
            s.peer[4][i] = option.theta();
            s.peer[5][i] = option.rho();
        }
    };
    run(c);
}

/// Out-of-the-money prices above 1e-8 of the forward, of which QuantLib's solver makes something.
Samples priced_samples() {
    Samples samples;
    for (int b = 0; b < kBatches; ++b) {
        const Sample drawn(3 * kElements, 60 + b);
        Sample& s = samples.emplace_back(kElements, 60 + b);
        std::size_t kept = 0;
        for (std::size_t i = 0; i < drawn.side.size() && kept < kElements; ++i) {
            const double f = drawn.forward[i], k = drawn.strike[i],
                         v = drawn.volatility[i] * std::sqrt(drawn.time[i]);
            const std::int8_t side = k > f ? 1 : -1;
            const double price = QuantLib::blackFormula(type_of(side), k, f, v, drawn.discount[i]);
            if (!(price > 1e-8 * f * drawn.discount[i])) continue;
            try {
                QuantLib::blackFormulaImpliedStdDevLiRS(type_of(side), k, f, price, drawn.discount[i]);
            } catch (const QuantLib::Error&) {
                continue;
            }
            s.side[kept] = side;
            s.forward[kept] = f;
            s.strike[kept] = k;
            s.time[kept] = drawn.time[i];
            s.discount[kept] = drawn.discount[i];
            s.price[kept++] = price;
        }
        if (kept < kElements) std::exit(2);
    }
    return samples;
}

void implied_volatility(const KernelTable& kernels, Samples& samples) {
    Contest c = contest(kernels, samples, "implied volatility",
                        "QuantLib blackFormulaImpliedStdDevLiRS (1e-6)", 31, 1e-5, 1);
    c.ours = [&](int b) {
        Sample& s = samples[b];
        kernels.black76_implied_volatility(s.on_forward(), s.price.data(), s.out[0].data(), s.status.data());
    };
    c.theirs = [&](int b) {
        Sample& s = samples[b];
        for (int i = 0; i < kElements; ++i)
            s.peer[0][i] = QuantLib::blackFormulaImpliedStdDevLiRS(type_of(s.side[i]), s.strike[i],
                                                                   s.forward[i], s.price[i], s.discount[i]) /
                           std::sqrt(s.time[i]);
    };
    run(c);
}

/// A book of one slice a trade, so that every trade has its own forward and discount factor in each scenario.
struct Book {
    static constexpr int kTrades = 64, kSlices = 8;
    int scenarios;
    std::vector<std::int8_t> side;
    std::vector<std::int32_t> slice;
    std::vector<double> strike, volatility, root_time, weight, base, forward, discount, multiplier, pnl, peer;

    Book(int trades, int scenario_count, std::uint64_t seed) : scenarios(scenario_count) {
        const Sample s(trades, seed);
        std::mt19937_64 generator(seed);
        std::normal_distribution<double> normal;
        for (int i = 0; i < trades; ++i) {
            side.push_back(s.side[i]);
            slice.push_back(static_cast<std::int32_t>(static_cast<std::int64_t>(i) * kSlices / trades));
            strike.push_back(s.strike[i]);
            volatility.push_back(s.volatility[i]);
            root_time.push_back(std::sqrt(s.time[i]));
            weight.push_back(1 + i % 7);
            base.push_back(1.0);
        }
        for (int i = 0; i < kSlices * scenarios; ++i) {
            forward.push_back(100 * std::exp(0.03 * normal(generator)));
            discount.push_back(0.97 + 0.001 * normal(generator));
            multiplier.push_back(std::exp(0.1 * normal(generator)));
        }
        pnl.resize(static_cast<std::size_t>(scenarios));
        peer.resize(pnl.size());
    }

    rg_scenario_trades trades() const {
        return {static_cast<std::int64_t>(side.size()),
                side.data(),
                strike.data(),
                volatility.data(),
                root_time.data(),
                weight.data(),
                base.data(),
                slice.data()};
    }
    rg_scenario_market market() const {
        return {kSlices, scenarios, scenarios, forward.data(), discount.data(), multiplier.data()};
    }
};

void scenarios(const KernelTable& kernels) {
    constexpr int kScenarios = 1024;
    std::vector<Book> books;
    for (int b = 0; b < kBatches; ++b) books.emplace_back(Book::kTrades, kScenarios, 80 + b);
    const auto total = [](const std::vector<double>& values) { return sum(&values, 1); };
    run({"scenario revaluation, a trade under a scenario", "QuantLib blackFormula", kernels.name,
         static_cast<double>(Book::kTrades) * kScenarios, kBatches, 21, 1e-9,
         [&](int b) {
             std::fill(books[b].pnl.begin(), books[b].pnl.end(), 0.0);
             kernels.scenario_accumulate(books[b].trades(), books[b].market(), books[b].pnl.data());
         },
         [&](int b) {
             Book& book = books[b];
             std::fill(book.peer.begin(), book.peer.end(), 0.0);
             for (int t = 0; t < Book::kTrades; ++t)
                 for (int s = 0; s < kScenarios; ++s) {
                     const int at = book.slice[t] * kScenarios + s;
                     book.peer[s] +=
                         book.weight[t] * QuantLib::blackFormula(
                                              type_of(book.side[t]), book.strike[t], book.forward[at],
                                              book.volatility[t] * book.multiplier[at] * book.root_time[t],
                                              book.discount[at]) -
                         book.base[t];
                 }
         },
         [&](int b) { return total(books[b].pnl); }, [&](int b) { return total(books[b].peer); }});
}

/// Two sequences of normals have no checksum in common: the sums of squares must agree as those of n normals
/// do.
void normals(const KernelTable& kernels) {
    constexpr int kNormals = 1 << 16;
    std::vector<double> ours(kNormals), theirs(kNormals);
    std::mt19937_64 generator(1);
    std::normal_distribution<double> normal;
    std::int64_t path = 0;
    const auto squares = [](const std::vector<double>& values) {
        double total = 0;
        for (double v : values) total += v * v;
        return total;
    };
    run({"normals", "std::normal_distribution over mt19937_64", kernels.name, kNormals, 1, 31, 0.01,
         [&](int) {
             kernels.normals(1, 2, path, ours.data(), kNormals);
             path += kNormals;
         },
         [&](int) {
             for (double& v : theirs) v = normal(generator);
         },
         [&](int) { return squares(ours); }, [&](int) { return squares(theirs); }});
}

/// Single precision against double, to the error that the interface states.
void precisions(const KernelTable& kernels) {
    constexpr int kScenarios = 1024;
    std::vector<Book> books;
    for (int b = 0; b < kBatches; ++b) books.emplace_back(Book::kTrades, kScenarios, 80 + b);
    const auto total = [](const std::vector<double>& values) { return sum(&values, 1); };
    run({"scenario revaluation in single precision", "double precision", kernels.name,
         static_cast<double>(Book::kTrades) * kScenarios, kBatches, 101, 1e-6,
         [&](int b) {
             std::fill(books[b].pnl.begin(), books[b].pnl.end(), 0.0);
             kernels.scenario_accumulate_float(books[b].trades(), books[b].market(), books[b].pnl.data());
         },
         [&](int b) {
             std::fill(books[b].peer.begin(), books[b].peer.end(), 0.0);
             kernels.scenario_accumulate(books[b].trades(), books[b].market(), books[b].peer.data());
         },
         [&](int b) { return total(books[b].pnl); }, [&](int b) { return total(books[b].peer); }});
}

/// 10,000 trades under 10,000 scenarios: one thread with all scenarios against two threads with half of them
/// each.
void scaling(const KernelTable& kernels, bool single) {
    constexpr int kTrades = 10000, kScenarios = 10000;
    std::vector<Book> halves;
    for (int h = 0; h < 2; ++h) halves.emplace_back(kTrades, kScenarios / 2, 90 + h);
    const auto work = [&](int h, std::vector<double>& pnl) {
        std::fill(pnl.begin(), pnl.end(), 0.0);
        (single ? kernels.scenario_accumulate_float : kernels.scenario_accumulate)(
            halves[h].trades(), halves[h].market(), pnl.data());
    };
    run({single ? "10,000 options x 10,000 scenarios in single precision, two threads"
                : "10,000 options x 10,000 scenarios, two threads",
         "one thread", kernels.name, 1, 1, 5, 0,
         [&](int) {
             std::thread other(work, 1, std::ref(halves[1].pnl));
             work(0, halves[0].pnl);
             other.join();
         },
         [&](int) {
             work(0, halves[0].peer);
             work(1, halves[1].peer);
         },
         [&](int) { return sum(&halves[0].pnl, 1) + sum(&halves[1].pnl, 1); },
         [&](int) { return sum(&halves[0].peer, 1) + sum(&halves[1].peer, 1); }});
}

/// The same kernel on a narrower instruction set.
void widths(const KernelTable& wide, const KernelTable& narrow, Samples& samples) {
    for (const bool greeks : {false, true}) {
        Contest c = contest(wide, samples, greeks ? "Black-Scholes price + 5 Greeks" : "Black-Scholes price",
                            narrow.name, 31, 0, greeks ? 6 : 1);
        const auto work = [&samples, greeks](const KernelTable& kernels, int b, std::vector<double>* to) {
            Sample& s = samples[b];
            if (!greeks) {
                kernels.black_scholes_price(s.on_spot(), to[0].data(), s.status.data());
                return;
            }
            kernels.black_scholes_greeks(s.on_spot(),
                                         {to[0].data(), to[1].data(), to[2].data(), to[3].data(),
                                          to[4].data(), to[5].data(), nullptr, nullptr},
                                         s.status.data());
        };
        c.ours = [&, work](int b) { work(wide, b, samples[b].out); };
        c.theirs = [&, work](int b) { work(narrow, b, samples[b].peer); };
        run(c);
    }
}

}  // namespace

/// `kernels`: every contest on one core. `kernels scaling`: two threads against one.
int main(int argc, char** argv) {
    Samples samples, priced = priced_samples();
    for (int b = 0; b < kBatches; ++b) samples.emplace_back(kElements, 20 + b);
    const KernelTable* narrower = &scalar_kernels();
    for (const char* name : {"avx2", "avx512"}) {
        const KernelTable* kernels = kernels_named(name);
        if (!kernels) {
            if (argc == 1)
                std::fprintf(stderr, "This processor or compiler has no %s: its rows are left out.\n", name);
            continue;
        }
        if (argc > 1) {
            scaling(*kernels, false);
            scaling(*kernels, true);
            continue;
        }
        black76_price(*kernels, samples);
        spot_price(*kernels, samples);
        greeks_of_calculator(*kernels, samples);
        greeks_of_engine(*kernels);
        implied_volatility(*kernels, priced);
        scenarios(*kernels);
        precisions(*kernels);
        normals(*kernels);
        widths(*kernels, *narrower, samples);
        narrower = kernels;
    }
    return 0;
}
