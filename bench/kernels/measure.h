// Two programs for the same work, timed in turns.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

struct Contest {
    std::string kernel, peer, isa;
    double elements;   // per call
    int batches;       // different inputs, taken in turn
    int rounds;        // calls of each side
    double tolerance;  // of the two checksums, relative
    std::function<void(int batch)> ours, theirs;
    /// What a side's last call left behind, summed up; not timed.
    std::function<double(int batch)> our_sum, their_sum;
};

inline double seconds(const std::function<void(int)>& work, int batch) {
    const auto start = std::chrono::steady_clock::now();
    work(batch);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

inline double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// Prints one JSON object on a line. Ends the program if the two sides did not compute the same.
inline void run(const Contest& contest) {
    std::vector<double> ours, theirs;
    double our_sum = 0, their_sum = 0;
    for (int round = -1; round < contest.rounds; ++round) {
        const int batch = (round + contest.batches) % contest.batches;
        const double a = seconds(contest.ours, batch), b = seconds(contest.theirs, batch);
        our_sum += contest.our_sum(batch);
        their_sum += contest.their_sum(batch);
        if (round < 0) continue;  // the first warms caches and code
        ours.push_back(a * 1e9 / contest.elements);
        theirs.push_back(b * 1e9 / contest.elements);
    }
    if (!(std::fabs(our_sum - their_sum) <= contest.tolerance * std::fabs(their_sum))) {
        std::fprintf(stderr, "%s against %s: the checksums %.17g and %.17g differ\n", contest.kernel.c_str(),
                     contest.peer.c_str(), our_sum, their_sum);
        std::exit(1);
    }
    const double us = median(ours), them = median(theirs);
    std::printf(R"({"kernel":"%s","ours_ns":%.4g,"peer":"%s","peer_ns":%.4g,"ratio":%.4g,"isa":"%s"})"
                "\n",
                contest.kernel.c_str(), us, contest.peer.c_str(), them, them / us, contest.isa.c_str());
    std::fflush(stdout);
}
