#include "engine/simulate/checkers/record_checker.h"

#include "engine/archive/results.h"

namespace foreshard::sim {
namespace {

Aggregate expectedAggregate(const ExpectedValue& value)
{
    return {value.count, static_cast<double>(value.sum), static_cast<double>(value.min),
            static_cast<double>(value.max)};
}

std::string text(const Aggregate& value)
{
    return "count " + std::to_string(value.count) + " sum " + plainDecimal(value.sum) + " min "
           + plainDecimal(value.min) + " max " + plainDecimal(value.max);
}

}  // namespace

void RecordChecker::check(Disk& disk, const std::string& dataDirectory, const RandomStream& stream)
{
    const auto results = readResults(disk, dataDirectory);
    if (!results.ok())
        return violations_.report("records", "no results: " + results.error().message);
    std::map<Bytes, Aggregate> got;
    for (const AggregateRow& row : *results)
        got[row.key] = row.value;
    for (const auto& [key, value] : stream.expected) {
        const Aggregate wanted = expectedAggregate(value);
        const auto it = got.find(key);
        if (it == got.end())
            return violations_.report("records",
                                      "key " + key + " is missing: wanted " + text(wanted));
        if (!(it->second == wanted))
            return violations_.report(
                "records", "key " + key + ": wanted " + text(wanted) + ", got " + text(it->second));
    }
    if (got.size() != stream.expected.size())
        violations_.report("records", std::to_string(got.size()) + " keys in the results, wanted "
                                          + std::to_string(stream.expected.size()));
}

}  // namespace foreshard::sim
