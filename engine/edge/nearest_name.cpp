#include "engine/edge/nearest_name.h"

#include "engine/edge/readable.h"

#include <algorithm>
#include <numeric>

namespace foreshard {
namespace {

constexpr std::size_t kNamesListed = 20;
constexpr std::size_t kLengthMax = 64;  // keeps the distance cheap on absurd headers

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Levenshtein's distance, blind to ASCII case.
std::size_t distance(BytesView a, BytesView b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
        }
    }
    return row[b.size()];
}

}  // namespace

std::string nameAdvice(BytesView wanted, const std::vector<std::string>& names)
{
    if (names.empty()) return "has no names at all";
    std::string text = "has ";
    for (std::size_t i = 0; i < names.size() && i < kNamesListed; ++i)
        text += (i == 0 ? "" : ", ") + readable(names[i], kLengthMax);
    if (names.size() > kNamesListed) text += ", ...";

    const std::string* best = nullptr;
    std::size_t bestDistance = wanted.size() / 2 + 1;  // farther is no help
    for (const std::string& name : names) {
        if (wanted.size() > kLengthMax || name.size() > kLengthMax) continue;
        const std::size_t steps = distance(wanted, name);
        if (steps >= bestDistance) continue;
        bestDistance = steps;
        best = &name;
    }
    return text
           + (best != nullptr ? ": did you mean '" + readable(*best, kLengthMax) + "'?"
                              : ": name one of these");
}

}  // namespace foreshard
