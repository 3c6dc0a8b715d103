#pragma once
// The manifest beside a model file says what the model is and proves that it is whole. A
// TorchScript file is a program, and one in eight randomly damaged ones still loads and answers
// with other numbers: so nothing is run before its SHA-256 fits, and nothing is used before it
// gives the known answer to the known question. Pure: bytes in, values out.
#include "engine/base/bytes.h"
#include "engine/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace foreshard {

struct ModelManifest {
    std::string name;
    std::uint32_t version = 1;
    std::string sha256;                // of the model file, lower-case hex
    std::vector<std::string> columns;  // inputs, in order
    std::vector<int> horizons;         // ticks
    std::vector<float> goldenInput;    // one row
    std::vector<float> goldenOutput;
    std::string trainedOn;
    std::string created;  // ISO date

    // "shard_predictor 1"
    std::string title() const { return name + " " + std::to_string(version); }
};

// `path` is for messages. kCorrupt when it is no manifest; kUnsupported when it is a manifest of
// other inputs or horizons than this program's.
Result<ModelManifest> parseManifest(const std::string& path, BytesView json);
std::string manifestJson(const ModelManifest& manifest);

std::string sha256Hex(BytesView data);
// kCorrupt unless `model` is the file the manifest describes.
Status verifyModelBytes(const ModelManifest& manifest, const std::string& modelPath,
                        BytesView model);
// "dir/x.pt" -> "dir/x.json"
std::string manifestPathOf(const std::string& modelPath);

}  // namespace foreshard
