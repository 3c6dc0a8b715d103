#pragma once
// A record that the operator cannot take: it throws, crashes or hangs on it, again and again. After
// kOperatorTriesMax tries the record goes to the dead-letter log, and every replay from then on
// leaves it out.
#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"

#include <cstdint>
#include <string>
#include <vector>

namespace foreshard {

inline constexpr std::uint32_t kOperatorTriesMax = 3;

// Which record. The offset alone says it; the rest says where to look.
struct RecordPlace {
    ShardId shard;
    FrameNo n = 0;
    std::uint32_t index = 0;  // in the frame, from 0
    Offset offset = 0;
    friend bool operator==(const RecordPlace&, const RecordPlace&) = default;
};

// "record at offset 17 (shard 2, frame 5, index 3)"
std::string describe(const RecordPlace& place);

// One entry of the dead-letter log. The record stays in its buffer box too.
struct DeadLetter {
    RecordPlace place;
    Bytes key;
    Bytes raw;              // verbatim, with its line end
    std::uint32_t crc = 0;  // CRC-32C of raw
    std::string reason;
    std::uint32_t tries = 0;
    WallMillis wallMs = 0;
};

// The process ended while the operator had this record, and not by a kill or a power cut.
struct OperatorMark {
    RecordPlace place;
    std::uint64_t life = 0;  // of the process that ended: each one counts a record once
    std::string reason;
};

// A record that has ended processes before; kept until a checkpoint contains it.
struct Suspect {
    RecordPlace place;
    std::uint32_t tries = 0;
    std::uint64_t life = 0;  // of the last try
    std::string reason;
};
struct SuspectList {
    std::vector<Suspect> suspects;
};

// What a person wants to happen after the last try.
enum class OnPoison : std::uint8_t {
    kSkip = 0,  // log the record and go on without it
    kStop = 1,  // stop the engine and say which record it is
};

}  // namespace foreshard
