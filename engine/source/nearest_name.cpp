#include "engine/source/nearest_name.h"

#include "engine/source/readable.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace foreshard {
namespace {

constexpr std::size_t kNamesListed = 20;
constexpr std::size_t kLengthMax = 64;  // keeps the distance cheap on absurd headers

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(char a, char b) { return lower(a) == lower(b); }

// Levenshtein's distance, in which two letters that changed places are one step, blind to ASCII
// case. ("Optimal string alignment", Boytsov, Indexing methods for approximate dictionary
// searching, 2011.)
std::size_t distance(BytesView a, BytesView b)
{
    std::vector<std::size_t> before(b.size() + 1);  // row i - 2, i - 1 and i
    std::vector<std::size_t> above(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::swap(before, above);
        std::swap(above, row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = above[j - 1] + (same(a[i - 1], b[j - 1]) ? 0 : 1);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, changed});
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
    }
    return row[b.size()];
}

// Null when none is nearer than `bound`: farther is no help.
const std::string* nearest(BytesView wanted, const std::vector<std::string>& names,
                           std::size_t bound)
{
    const std::string* best = nullptr;
    std::size_t bestDistance = bound;
    for (const std::string& name : names) {
        if (wanted.size() > kLengthMax || name.size() > kLengthMax) continue;
        const std::size_t steps = distance(wanted, name);
        if (steps >= bestDistance) continue;
        bestDistance = steps;
        best = &name;
    }
    return best;
}

}  // namespace

std::string nearestName(BytesView wanted, const std::vector<std::string>& names)
{
    const std::string* best = nearest(wanted, names, wanted.size() / 3 + 1);
    return best == nullptr ? std::string() : *best;
}

std::string nameAdvice(BytesView wanted, const std::vector<std::string>& names)
{
    if (names.empty()) return "has no names at all";
    std::string text = "has ";
    for (std::size_t i = 0; i < names.size() && i < kNamesListed; ++i)
        text += (i == 0 ? "" : ", ") + readable(names[i], kLengthMax);
    if (names.size() > kNamesListed) text += ", ...";

    const std::string* best = nearest(wanted, names, wanted.size() / 2 + 1);
    return text
           + (best != nullptr ? ": did you mean '" + readable(*best, kLengthMax) + "'?"
                              : ": name one of these");
}

}  // namespace foreshard
