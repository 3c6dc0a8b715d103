#pragma once
// The words of `foreshard run` (and of the console's embedded engine) turned into an engine's
// options.
#include "app/engine_host.h"

#include <cstdint>
#include <string>

namespace foreshard {

struct RunWords {
    std::string source;
    std::string pattern, key, time, type, value;
    std::string operatorName = "aggregate";
    std::string data;
    std::uint32_t nodes = 0;   // 0: 4, or what the data directory has
    std::uint32_t shards = 0;  // 0: 16, or what the data directory has
    std::string policy = "classes";
    std::string routing = "keyed";
    std::string rate = "max";
    std::string sink = "null:";
    std::string durability = "sync";
    std::string listen;
    std::string predictor;  // "", "off" or an endpoint
    std::string model;
    std::string onPoison = "skip";
    double operatorTimeout = 10;  // seconds
    bool untilEnd = false;
    std::uint64_t recordMax = 1U << 20U;
    std::uint64_t retain = 0;  // bytes
    std::uint32_t keepCheckpoints = 0;
    std::uint64_t historyBytes = 64U << 20U;
    std::string retainAge;  // "7d", "12h", "30m"; empty: no limit
    std::uint64_t segmentBytes = 64U << 20U;
    std::uint64_t diskReserve = 64U << 20U;  // reading waits while fewer bytes are free
};

// kInvalid names the flag and the value.
Result<EngineHostOptions> engineOptions(const RunWords& words);
// "classes", "promise", "fixed:300". `what` is what the user gave it as, for the message.
Result<IntervalPolicySetting> parsePolicy(const std::string& text,
                                          const std::string& what = "--policy");

}  // namespace foreshard
