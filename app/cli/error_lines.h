#pragma once
// Which errors of a running engine become lines on standard error: a fault that stays repeats its
// error for every shard again and again, and the first ones say what there is to know. Errors are
// of one kind when they differ in numbers only. No clock: time arrives with each call. For one
// thread at a time.
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace foreshard {

class ErrorLines {
public:
    static constexpr std::uint64_t kFirst = 20;                    // of a kind: each is said
    static constexpr std::chrono::milliseconds kThenEach{10'000};  // after that one of it at most
    static constexpr std::size_t kKindsMax = 100;                  // the rest count as one kind

    // `now` since any fixed instant. "" when `text` is not to be said.
    std::string take(std::chrono::milliseconds now, std::string_view text);
    // At the end of the run; "" when everything was said.
    std::string atTheEnd() const;

private:
    struct Kind {
        std::uint64_t said = 0;
        std::uint64_t kept = 0;  // not said since the last one that was
        std::chrono::milliseconds lastSaid{0};
    };

    std::map<std::string, Kind, std::less<>> kinds_;
};

}  // namespace foreshard
