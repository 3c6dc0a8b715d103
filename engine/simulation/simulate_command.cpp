#include "engine/simulation/simulate_command.h"

#include "engine/base/check.h"
#include "engine/base/mutant.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

namespace foreshard::sim {
namespace {

constexpr int kExitSurvived = 1;
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

// What to type to see the same again, and how it came about.
std::string replayCommand(const SimulateCommand& command, std::uint64_t seed)
{
    std::string text = "foreshard simulate --seed " + std::to_string(seed);
    if (command.minutes > 0) text += " --minutes " + std::to_string(command.minutes);
    if (command.faults != "all") text += " --faults " + command.faults;
    if (!command.mutant.empty()) text += " --mutant " + command.mutant;
    return text + " --explain";
}

void printLines(const std::string& title, const std::vector<std::string>& lines, std::ostream& out)
{
    if (!lines.empty()) out << "  " << title << ":\n";
    for (const std::string& line : lines)
        out << "    " << line << "\n";
}

void printFailure(const SimulateCommand& command, const SimulationReport& report, std::ostream& out)
{
    out << "seed " << report.seed << " FAILED after " << report.virtualSeconds
        << " s: " << report.violation << "\n  " << report.shape << "\n"
        << report.faultPlan;
    printLines("the world's last events", report.lastTrace, out);
    printLines("the last that was said about " + report.shard, report.shardEvents, out);
    out << "  again: " << replayCommand(command, report.seed) << "\n";
}

SimulationOptions optionsOf(const SimulateCommand& command, std::uint64_t seed)
{
    SimulationOptions options;
    options.seed = seed;
    options.length = std::chrono::minutes(command.minutes);
    options.faultSet = command.faults;
    return options;
}

// Runs one seed and prints what it came to.
SimulationReport runSeed(const SimulateCommand& command, std::uint64_t seed, std::ostream& out)
{
    SimulationOptions options = optionsOf(command, seed);
    std::vector<std::string> history;
    const bool one = command.first == command.last;
    const auto explain = [&](const std::string& line) {
        if (command.json) {
            history.push_back(line);
        } else {
            out << line << "\n";
        }
    };
    if (command.explain && one) options.onLine = explain;
    SimulationReport report = simulate(options);
    if (command.explain && !one && !report.ok) {
        options.onLine = explain;
        report = simulate(options);
    }
    if (command.json) {
        out << simulationJson(command, report, history) << "\n";
    } else if (!report.ok) {
        printFailure(command, report, out);
    }
    return report;
}

// The first seed that notices the mutant in force; nothing when none does.
std::optional<SimulationReport> firstFailure(const SimulateCommand& command)
{
    for (std::uint64_t seed = command.first; seed <= command.last; ++seed) {
        SimulationReport report = simulate(optionsOf(command, seed));
        if (!report.ok) return report;
        if (seed == ~std::uint64_t{0}) break;
    }
    return std::nullopt;
}

// One line for a mutant (or for none, which must pass). Returns whether it went as it must.
bool runMutant(const SimulateCommand& command, const MutantName& entry, std::ostream& out)
{
    selectMutant(entry.mutant);
    const auto found = firstFailure(command);
    selectMutant(Mutant::kNone);
    const bool wanted = entry.mutant != Mutant::kNone;
    char head[64];
    std::snprintf(head, sizeof head, "%-22s", std::string(entry.name).c_str());
    out << head;
    if (found) {
        out << "seed " << found->seed << "  " << found->violation << "\n";
    } else {
        out << (wanted ? "SURVIVED seeds " : "passed seeds ") << command.first << ".."
            << command.last << "\n";
    }
    out.flush();
    return found.has_value() == wanted;
}

int runAllMutants(const SimulateCommand& command, std::ostream& out)
{
    bool right = runMutant(command, {Mutant::kNone, "(none)"}, out);
    for (const MutantName& entry : kMutantNames)
        right = runMutant(command, entry, out) && right;
    return right ? 0 : kExitSurvived;
}

double realMsPerSeed(const Totals& totals, Nanos real)
{
    return toMillis(real) / static_cast<double>(totals.seeds);
}

std::string summaryJson(const Totals& totals, Nanos real)
{
    nlohmann::ordered_json json;
    json["seeds"] = totals.seeds;
    json["passed"] = totals.passed;
    json["events"] = totals.events;
    json["virtual_seconds"] = totals.virtualSeconds;
    if (real > Nanos{0}) {
        json["virtual_per_real"] = totals.virtualSeconds / toSeconds(real);
        json["ms_per_seed"] = realMsPerSeed(totals, real);
    }
    json["hash"] = hex(totals.hash);
    json["exit_code"] = totals.exitCode;
    return json.dump();
}

}  // namespace

Status checkSimulateCommand(const SimulateCommand& command)
{
    FS_TRY_STATUS(checkFaultSet(command.faults));
    if (command.mutant.empty()) return {};
    if (!kMutantsBuilt)
        return Error{Errc::kInvalid, "--mutant " + command.mutant
                                         + ": this build has no planted bugs: build the preset "
                                           "`mutants`, or run `./dev mutants`"};
    if (command.mutant == "all" || mutantNamed(command.mutant)) return {};
    std::string names = "all";
    for (const MutantName& entry : kMutantNames)
        names += ", " + std::string(entry.name);
    return Error{Errc::kInvalid, "--mutant " + command.mutant
                                     + ": there is no such planted bug: choose from " + names};
}

std::string simulationJson(const SimulateCommand& command, const SimulationReport& report,
                           const std::vector<std::string>& history)
{
    nlohmann::ordered_json json;
    json["seed"] = report.seed;
    json["ok"] = report.ok;
    json["hash"] = hex(report.traceHash);
    json["events"] = report.events;
    json["virtual_seconds"] = report.virtualSeconds;
    json["records"] = report.records;
    json["crashes"] = report.crashes;
    json["node_kills"] = report.nodeKills;
    json["controls_replaced"] = report.controlsReplaced;
    json["moves"] = report.moves;
    json["pauses"] = report.pauses;
    json["bit_flips"] = report.bitFlips;
    json["refusals"] = report.refusals;
    json["messages_lost"] = report.messagesLost;
    json["shape"] = report.shape;
    if (!report.ok) {
        json["violation"] = report.violation;
        json["checker"] = report.checker;
        json["no_progress"] = report.noProgress;
        json["fault_plan"] = report.faultPlan;
        json["last_trace"] = report.lastTrace;
        json["shard"] = report.shard;
        json["shard_events"] = report.shardEvents;
        json["again"] = replayCommand(command, report.seed);
    }
    if (!history.empty()) json["history"] = history;
    // A violation may quote a key that is no UTF-8.
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

int runSimulateCommand(const SimulateCommand& command, std::ostream& out)
{
    FS_CHECK(checkSimulateCommand(command).ok());
    if (command.mutant == "all") return runAllMutants(command, out);
    selectMutant(mutantNamed(command.mutant).value_or(Mutant::kNone));
    Totals totals;
    const Instant began = command.realNow ? command.realNow() : Instant{};
    for (std::uint64_t seed = command.first; seed <= command.last; ++seed) {
        totals.add(runSeed(command, seed, out));
        if (seed == ~std::uint64_t{0}) break;
    }
    selectMutant(Mutant::kNone);
    const Nanos real = command.realNow ? command.realNow() - began : Nanos{0};
    if (command.json) {
        out << summaryJson(totals, real) << "\n";
        return totals.exitCode;
    }
    out << totals.seeds << " seeds, " << totals.passed << " passed, " << totals.events
        << " events, " << totals.virtualSeconds << " virtual seconds";
    if (real > Nanos{0}) {
        out << " (" << realMsPerSeed(totals, real) << " ms a seed, "
            << totals.virtualSeconds / toSeconds(real) << " times real time)";
    }
    out << ", hash " << hex(totals.hash) << "\n";
    return totals.exitCode;
}

}  // namespace foreshard::sim
