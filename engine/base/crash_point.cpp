#include "engine/base/crash_point.h"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <string>

namespace foreshard {
namespace {

struct Armed {
    std::uint64_t at = 0;
    int signal = SIGKILL;
    std::atomic<std::uint64_t> passed{0};
};

Armed& armed()
{
    static Armed armed;
    return armed;
}

Error notUnderstood(std::string_view words)
{
    std::string names;
    for (const CrashPointName& point : kCrashPoints)
        names += (names.empty() ? "" : ", ") + std::string(point.name);
    return Error{Errc::kInvalid, "FORESHARD_CRASH_AT=" + std::string(words)
                                     + ": it is not POINT:N or POINT:N:stop with a known point: "
                                       "give one of "
                                     + names};
}

}  // namespace

void passArmedCrashPoint()
{
    if (armed().passed.fetch_add(1) + 1 == armed().at) std::raise(armed().signal);
}

Status armCrashPoint(std::string_view words)
{
    const std::size_t colon = words.find(':');
    const std::string_view name = words.substr(0, colon);
    const auto point =
        std::find_if(kCrashPoints.begin(), kCrashPoints.end(),
                     [name](const CrashPointName& known) { return known.name == name; });
    if (point == kCrashPoints.end() || colon == std::string_view::npos) return notUnderstood(words);
    std::string_view number = words.substr(colon + 1);
    const bool stop = number.ends_with(":stop");
    if (stop) number.remove_suffix(std::string_view(":stop").size());
    std::uint64_t at = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), at);
    if (error != std::errc{} || end != number.data() + number.size() || at == 0)
        return notUnderstood(words);
    armed().at = at;
    armed().signal = stop ? SIGSTOP : SIGKILL;
    armedCrashPoint = static_cast<std::uint32_t>(point - kCrashPoints.begin());
    return {};
}

}  // namespace foreshard
