#pragma once
// Where outputs go, in the words of `--sink`. Pure.
#include "engine/base/result.h"
#include "engine/model/output.h"

#include <string>

namespace foreshard {

struct SinkUri {
    enum class Kind : std::uint8_t {
        kNull,  // nowhere: no outputs are made
        kFile,
        kZmq
    };
    Kind kind = Kind::kNull;
    SinkFormat format = SinkFormat::kJsonl;  // of kFile
    std::string target;                      // file or endpoint
    SinkMode mode = SinkMode::kCommitted;
    std::string uri = "null:";  // without the mode
};

const char* sinkModeName(SinkMode mode);
const char* sinkFormatName(SinkFormat format);

// "null:", "jsonl:FILE", "csv:FILE", "zmq:ENDPOINT", each with "?mode=committed" or
// "?mode=immediate". kInvalid names what is wrong.
Result<SinkUri> parseSinkUri(const std::string& text);

}  // namespace foreshard
