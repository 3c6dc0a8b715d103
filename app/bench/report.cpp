#include "app/bench/report.h"

#include "engine/base/check.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <sys/utsname.h>
#include <thread>

namespace foreshard {
namespace {

using Json = nlohmann::ordered_json;

struct Spread {
    double median = 0;
    double least = 0;
    double most = 0;
};

Spread spreadOf(std::vector<double> values)
{
    if (values.empty()) return {};
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    const double median =
        values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
    return {median, values.front(), values.back()};
}

Spread spreadOf(const std::vector<Round>& rounds, const std::function<double(const Round&)>& value)
{
    std::vector<double> values;
    for (const Round& round : rounds)
        values.push_back(value(round));
    return spreadOf(std::move(values));
}

Json jsonOf(const Spread& spread)
{
    return {{"median", spread.median}, {"min", spread.least}, {"max", spread.most}};
}

Json jsonOf(const Round& round)
{
    return {{"seconds", round.seconds},
            {"items", round.items},
            {"bytes", round.bytes},
            {"items_per_second", round.itemsPerSecond()},
            {"bytes_per_second", round.bytesPerSecond()},
            {"cpu_us_per_item", round.cpuMicrosPerItem()},
            {"foreign_cores", round.foreignCores}};
}

std::string kernel()
{
    utsname system{};
    if (::uname(&system) != 0) return "unknown";
    return std::string(system.sysname) + " " + system.release;
}

template <class... Values>
std::string line(const char* format, Values... values)
{
    char text[320];
    const int length = std::snprintf(text, sizeof text, format, values...);
    FS_CHECK(length >= 0);
    return {text, std::min(static_cast<std::size_t>(length), sizeof text - 1)};
}

// "61.2 M", so that a column of very different numbers can be read.
std::string scaled(double value)
{
    if (value >= 1e9) return line("%.2f G", value / 1e9);
    if (value >= 1e6) return line("%.2f M", value / 1e6);
    if (value >= 1e3) return line("%.2f k", value / 1e3);
    return line("%.2f  ", value);
}

double quantile(const std::vector<double>& sorted, double share)
{
    const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
    return sorted[std::min(at, sorted.size() - 1)];
}

}  // namespace

void BenchReport::add(const std::string& name, const std::string& unit, const Round& round)
{
    const auto named = [&](const BenchFigure& figure) { return figure.name == name; };
    auto found = std::find_if(figures_.begin(), figures_.end(), named);
    if (found == figures_.end()) found = figures_.insert(found, {name, unit, {}});
    found->rounds.push_back(round);
}

const BenchFigure& BenchReport::figure(const std::string& name) const
{
    const auto named = [&](const BenchFigure& figure) { return figure.name == name; };
    const auto found = std::find_if(figures_.begin(), figures_.end(), named);
    FS_CHECK(found != figures_.end());
    return *found;
}

void BenchReport::addRatio(const std::string& of, const std::string& to, bool byBytes)
{
    const auto value = [byBytes](const Round& round) {
        return byBytes ? round.bytesPerSecond() : round.itemsPerSecond();
    };
    const std::vector<Round>& above = figure(of).rounds;
    const std::vector<Round>& below = figure(to).rounds;
    BenchRatio ratio{of + "_to_" + to, {}};
    for (std::size_t i = 0; i < std::min(above.size(), below.size()); ++i)
        if (value(below[i]) > 0) ratio.values.push_back(value(above[i]) / value(below[i]));
    ratios_.push_back(std::move(ratio));
}

void BenchReport::addLatency(const std::string& name, std::vector<double> micros)
{
    if (micros.empty()) return;
    std::sort(micros.begin(), micros.end());
    latencies_.push_back({name, quantile(micros, 0.5), quantile(micros, 0.99)});
}

void BenchReport::note(const std::string& sentence)
{
    if (std::find(notes_.begin(), notes_.end(), sentence) == notes_.end())
        notes_.push_back(sentence);
}

std::string BenchReport::text() const
{
    std::string out = line("bench %s on %u processors, %s\n\n", bench_.c_str(),
                           std::thread::hardware_concurrency(), kernel().c_str());
    out += line("%-16s %-8s %2s %10s %10s %10s %9s %12s %8s\n", "figure", "per s", "n", "median",
                "min", "max", "MB/s", "CPU us/item", "foreign");
    for (const BenchFigure& figure : figures_) {
        const Spread rate = spreadOf(figure.rounds, &Round::itemsPerSecond);
        const Spread bytes = spreadOf(figure.rounds, &Round::bytesPerSecond);
        const Spread cpu = spreadOf(figure.rounds, &Round::cpuMicrosPerItem);
        const Spread foreign =
            spreadOf(figure.rounds, [](const Round& round) { return round.foreignCores; });
        out += line("%-16s %-8s %2zu %10s %10s %10s %9.1f %12.4f %8.2f\n", figure.name.c_str(),
                    figure.unit.c_str(), figure.rounds.size(), scaled(rate.median).c_str(),
                    scaled(rate.least).c_str(), scaled(rate.most).c_str(), bytes.median / 1e6,
                    cpu.median, foreign.most);
    }
    if (!ratios_.empty())
        out += line("\n%-38s %10s %10s %10s\n", "ratio in the same run", "median", "min", "max");
    for (const BenchRatio& ratio : ratios_) {
        const Spread spread = spreadOf(ratio.values);
        out += line("%-38s %10.4f %10.4f %10.4f\n", ratio.name.c_str(), spread.median, spread.least,
                    spread.most);
    }
    if (!latencies_.empty()) out += line("\n%-38s %10s %10s\n", "latency, us", "p50", "p99");
    for (const BenchLatency& latency : latencies_)
        out += line("%-38s %10.0f %10.0f\n", latency.name.c_str(), latency.p50Micros,
                    latency.p99Micros);
    out += '\n';
    for (const std::string& sentence : notes_)
        out += "- " + sentence + '\n';
    return out;
}

std::string BenchReport::json() const
{
    Json document;
    document["bench"] = bench_;
    document["machine"] = {{"cpus", std::thread::hardware_concurrency()}, {"kernel", kernel()}};
    document["figures"] = Json::array();
    for (const BenchFigure& figure : figures_) {
        Json rounds = Json::array();
        for (const Round& round : figure.rounds)
            rounds.push_back(jsonOf(round));
        document["figures"].push_back(
            {{"name", figure.name},
             {"unit", figure.unit},
             {"items_per_second", jsonOf(spreadOf(figure.rounds, &Round::itemsPerSecond))},
             {"bytes_per_second", jsonOf(spreadOf(figure.rounds, &Round::bytesPerSecond))},
             {"cpu_us_per_item", jsonOf(spreadOf(figure.rounds, &Round::cpuMicrosPerItem))},
             {"rounds", std::move(rounds)}});
    }
    document["ratios"] = Json::array();
    for (const BenchRatio& ratio : ratios_) {
        Json entry = jsonOf(spreadOf(ratio.values));
        entry["name"] = ratio.name;
        entry["rounds"] = ratio.values;
        document["ratios"].push_back(std::move(entry));
    }
    document["latencies"] = Json::array();
    for (const BenchLatency& latency : latencies_)
        document["latencies"].push_back(
            {{"name", latency.name}, {"p50_us", latency.p50Micros}, {"p99_us", latency.p99Micros}});
    document["notes"] = notes_;
    return document.dump(2) + "\n";
}

}  // namespace foreshard
