#pragma once
// What a snapshot is a picture of: a speaking engine, or the files of a data directory.
#include <cstdint>

namespace foreshard {

enum class EngineSight : std::uint8_t {
    kLive,       // an engine that speaks
    kEnded,      // a data directory whose last engine ended well
    kKilled,     // one whose last engine did not: a start recovers
    kElsewhere,  // one on which an engine runs that is not asked: what its files hold
};

}  // namespace foreshard
