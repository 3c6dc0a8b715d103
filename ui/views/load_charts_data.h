#pragma once
// From samples to what a chart draws: at most so many points, peaks kept. Pure.
#include "engine/base/time.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace foreshard::ui {

struct ChartPoint {
    WallMillis timeMs = 0;
    double value = 0;
    friend bool operator==(const ChartPoint&, const ChartPoint&) = default;
};

// The lowest and highest of each bucket of samples, in order of time, when there are more than
// `pointsMax`. `samples` is any random-access sequence by time; `value` reads one.
template <class Samples, class Value>
std::vector<ChartPoint> decimate(const Samples& samples, WallMillis fromMs, WallMillis toMs,
                                 std::size_t pointsMax, Value value)
{
    const auto first =
        std::lower_bound(samples.begin(), samples.end(), fromMs,
                         [](const auto& sample, WallMillis time) { return sample.wallMs < time; });
    const auto last =
        std::upper_bound(first, samples.end(), toMs,
                         [](WallMillis time, const auto& sample) { return time < sample.wallMs; });
    const auto count = static_cast<std::size_t>(last - first);
    std::vector<ChartPoint> points;
    if (count <= pointsMax) {
        points.reserve(count);
        for (auto at = first; at != last; ++at)
            points.push_back({at->wallMs, value(*at)});
        return points;
    }
    const std::size_t buckets = std::max<std::size_t>(1, pointsMax / 2);
    points.reserve(2 * buckets);
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        const auto from = first + static_cast<std::ptrdiff_t>(bucket * count / buckets);
        const auto to = first + static_cast<std::ptrdiff_t>((bucket + 1) * count / buckets);
        auto low = from;
        auto high = from;
        for (auto at = from; at != to; ++at) {
            if (value(*at) < value(*low)) low = at;
            if (value(*at) > value(*high)) high = at;
        }
        if (high < low) std::swap(low, high);
        points.push_back({low->wallMs, value(*low)});
        if (high != low) points.push_back({high->wallMs, value(*high)});
    }
    return points;
}

// Corners of a step line: every value holds until the next.
inline std::vector<ChartPoint> stepped(const std::vector<ChartPoint>& points)
{
    std::vector<ChartPoint> corners;
    for (const ChartPoint& point : points) {
        if (!corners.empty() && corners.back().value != point.value)
            corners.push_back({point.timeMs, corners.back().value});
        else if (corners.size() > 1 && corners[corners.size() - 2].value == point.value)
            corners.pop_back();  // the middle of a flat piece
        corners.push_back(point);
    }
    return corners;
}

// The value in force at `timeMs`; null before the first.
template <class Samples>
auto sampleAt(const Samples& samples, WallMillis timeMs) -> decltype(&*samples.begin())
{
    const auto after =
        std::upper_bound(samples.begin(), samples.end(), timeMs,
                         [](WallMillis time, const auto& sample) { return time < sample.wallMs; });
    return after == samples.begin() ? nullptr : &*std::prev(after);
}

// The end of an axis from zero that holds `highest`: 1, 2, 4, 5 or 10 times a power of ten, so
// that four steps are round too.
inline double axisEnd(double highest, double least)
{
    const double wanted = std::max(highest, least);
    const double power = std::pow(10.0, std::floor(std::log10(wanted)));
    for (const double factor : {1.0, 2.0, 4.0, 6.0, 8.0, 10.0})
        if (wanted <= factor * power * (1 + 1e-9)) return factor * power;
    return 10 * power;
}

}  // namespace foreshard::ui
