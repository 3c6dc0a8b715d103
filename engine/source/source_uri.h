#pragma once
// What --source says, taken apart. Pure: nothing is opened or looked at here.
#include "engine/base/result.h"

#include <cstdint>
#include <map>
#include <string>

namespace foreshard {

enum class SourceKind : std::uint8_t {
    kFile,
    kStandardInput,
    kSynth
};
enum class RecordFormatKind : std::uint8_t {
    kCsv,
    kJsonl,
    kLines
};

struct SourceUri {
    SourceKind kind = SourceKind::kFile;
    RecordFormatKind format = RecordFormatKind::kLines;  // of files and standard input
    std::string path;                                    // file: as given; standard input: "-"
    std::string name;                                    // synth: which stream
    std::map<std::string, std::string> parameters;       // synth: seed=1, rate=5000, ...
};

// csv:FILE, jsonl:FILE, lines:FILE, -, -?format=csv|jsonl|lines, synth:NAME?a=1&b=2.
// kInvalid: not understood (names what is); kUnsupported: a transport this program does not read.
Result<SourceUri> parseSourceUri(const std::string& uri);

}  // namespace foreshard
