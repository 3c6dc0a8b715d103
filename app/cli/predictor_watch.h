#pragma once
// What is to be said about the predictor that `run --predictor ENDPOINT` named: that it does not
// answer, and that it does after all. No clock: time arrives with each call.
#include <chrono>
#include <cstdint>
#include <string>

namespace foreshard {

class PredictorWatch {
public:
    // `endpoint` empty: there is none to be watched.
    explicit PredictorWatch(std::string endpoint) : endpoint_(std::move(endpoint)) {}

    bool watches() const { return !endpoint_.empty() && !answers_; }
    // After `passed` more time it has given so many answers in all; "" when nothing is to be said.
    std::string saw(std::chrono::milliseconds passed, std::uint64_t answers);
    // At the end of the run; "" when nothing is to be said.
    std::string atTheEnd(std::uint64_t asked, std::uint64_t answers) const;

private:
    std::string endpoint_;
    std::chrono::milliseconds waited_{0};
    bool said_ = false;
    bool answers_ = false;
};

}  // namespace foreshard
