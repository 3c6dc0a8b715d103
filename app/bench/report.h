#pragma once
// What a bench has found, and how it is shown: a table for people or one JSON document.
#include "app/bench/meter.h"

#include <cstdint>
#include <string>
#include <vector>

namespace foreshard {

struct BenchFigure {
    std::string name;  // "plain_loop"
    std::string unit;  // of its items: "records", "commits"
    std::vector<Round> rounds;
};
struct BenchRatio {    // of one figure to another, round by round
    std::string name;  // "pipeline_to_disk_limit"
    std::vector<double> values;
};
struct BenchLatency {
    std::string name;
    double p50Micros = 0;
    double p99Micros = 0;
};

class BenchReport {
public:
    explicit BenchReport(std::string bench) : bench_(std::move(bench)) {}

    // Figures appear in the order in which they were first named.
    void add(const std::string& name, const std::string& unit, const Round& round);
    // By items, or by bytes, of the rounds both have. REQUIRES: both figures exist.
    void addRatio(const std::string& of, const std::string& to, bool byBytes);
    void addLatency(const BenchLatency& latency) { latencies_.push_back(latency); }
    // Takes the quantiles itself; nothing when `micros` is empty.
    void addLatency(const std::string& name, std::vector<double> micros);
    // Once, however often it is said.
    void note(const std::string& sentence);

    std::string text() const;
    std::string json() const;

private:
    const BenchFigure& figure(const std::string& name) const;

    std::string bench_;
    std::vector<BenchFigure> figures_;
    std::vector<BenchRatio> ratios_;
    std::vector<BenchLatency> latencies_;
    std::vector<std::string> notes_;
};

}  // namespace foreshard
