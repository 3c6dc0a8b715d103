#include "engine/simulate/simulate_command.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <ostream>

namespace foreshard::sim {
namespace {

constexpr int kExitUsage = 1;
constexpr int kExitNoProgress = 128;
constexpr int kExitInvariant = 129;

struct Totals {
    std::uint64_t seeds = 0;
    std::uint64_t passed = 0;
    std::uint64_t events = 0;
    double virtualSeconds = 0;
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    int exitCode = 0;

    void add(const SimulationReport& report)
    {
        ++seeds;
        passed += report.ok ? 1 : 0;
        events += report.events;
        virtualSeconds += report.virtualSeconds;
        hash = (hash ^ report.traceHash) * 0x100000001B3ULL;
        if (report.ok) return;
        // A broken invariant is the graver news.
        if (exitCode != kExitInvariant)
            exitCode = report.noProgress ? kExitNoProgress : kExitInvariant;
    }
};

std::string hex(std::uint64_t value)
{
    char text[24];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
    return text;
}

void printFailure(const SimulationReport& report, std::ostream& out)
{
    out << "seed " << report.seed << " FAILED after " << report.virtualSeconds
        << " s: " << report.violation << "\n  " << report.shape << "\n"
        << report.faultPlan;
    for (const std::string& line : report.lastTrace)
        out << "  " << line << "\n";
}

std::string summaryJson(const Totals& totals, double ratio)
{
    nlohmann::ordered_json json;
    json["seeds"] = totals.seeds;
    json["passed"] = totals.passed;
    json["events"] = totals.events;
    json["virtualSeconds"] = totals.virtualSeconds;
    if (ratio > 0) json["virtualPerReal"] = ratio;
    json["hash"] = hex(totals.hash);
    json["exitCode"] = totals.exitCode;
    return json.dump();
}

}  // namespace

std::string simulationJson(const SimulationReport& report)
{
    nlohmann::ordered_json json;
    json["seed"] = report.seed;
    json["ok"] = report.ok;
    json["hash"] = hex(report.traceHash);
    json["events"] = report.events;
    json["virtualSeconds"] = report.virtualSeconds;
    json["records"] = report.records;
    json["crashes"] = report.crashes;
    json["nodeKills"] = report.nodeKills;
    json["moves"] = report.moves;
    json["pauses"] = report.pauses;
    json["messagesLost"] = report.messagesLost;
    json["shape"] = report.shape;
    if (!report.ok) {
        json["violation"] = report.violation;
        json["noProgress"] = report.noProgress;
        json["faultPlan"] = report.faultPlan;
        json["lastTrace"] = report.lastTrace;
    }
    // A violation may quote a key that is no UTF-8.
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

int runSimulateCommand(const SimulateCommand& command, std::ostream& out)
{
    if (const Status status = checkFaultSet(command.faults); !status.ok()) {
        out << status.error().message << "\n";
        return kExitUsage;
    }
    Totals totals;
    const Instant began = command.realNow ? command.realNow() : Instant{};
    for (std::uint64_t seed = command.first; seed <= command.last; ++seed) {
        SimulationOptions options;
        options.seed = seed;
        options.length = std::chrono::minutes(command.minutes);
        options.faultSet = command.faults;
        options.explain = command.explain;
        const SimulationReport report = simulate(options);
        totals.add(report);
        if (command.json)
            out << simulationJson(report) << "\n";
        else if (!report.ok)
            printFailure(report, out);
        if (seed == ~std::uint64_t{0}) break;
    }
    const Nanos real = command.realNow ? command.realNow() - began : Nanos{0};
    const double ratio = real > Nanos{0} ? totals.virtualSeconds / toSeconds(real) : 0;
    if (command.json) {
        out << summaryJson(totals, ratio) << "\n";
        return totals.exitCode;
    }
    out << totals.seeds << " seeds, " << totals.passed << " passed, " << totals.events
        << " events, " << totals.virtualSeconds << " virtual seconds";
    if (ratio > 0) out << " (" << ratio << " times real time)";
    out << ", hash " << hex(totals.hash) << "\n";
    return totals.exitCode;
}

}  // namespace foreshard::sim
