#pragma once
// How many records a given rate allows by now. Pure: time is handed in.
#include "engine/base/check.h"
#include "engine/base/time.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace foreshard {

class Pacer {
public:
    // Records per second; 0: no limit.
    explicit Pacer(double ratePerSecond) : rate_(ratePerSecond) { FS_CHECK(rate_ >= 0); }

    // Time counts from the first call.
    std::size_t allowed(Instant now)
    {
        if (rate_ <= 0) return std::numeric_limits<std::size_t>::max();
        if (!start_) start_ = now;
        const double due = rate_ * toSeconds(now - *start_);
        if (due >= 9e18) return std::numeric_limits<std::size_t>::max();
        const auto whole = static_cast<std::uint64_t>(due);
        return whole > taken_ ? static_cast<std::size_t>(whole - taken_) : 0;
    }
    void take(std::size_t records) { taken_ += records; }

private:
    double rate_;
    std::optional<Instant> start_;
    std::uint64_t taken_ = 0;
};

}  // namespace foreshard
