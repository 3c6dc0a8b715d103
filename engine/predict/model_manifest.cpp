#include "engine/predict/model_manifest.h"

#include "engine/predict/features.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <sodium.h>

namespace foreshard {
namespace {

Status checkShape(const std::string& path, const ModelManifest& manifest)
{
    const std::vector<int> horizons(kHorizonTicks.begin(), kHorizonTicks.end());
    if (manifest.columns != FeatureBuilder::columns() || manifest.horizons != horizons)
        return Error{Errc::kUnsupported,
                     path + " describes a model of other inputs or horizons: it was trained for "
                            "another version: retrain with `foreshard predict train`"};
    if (manifest.goldenInput.size() != kFeatureCount || manifest.goldenOutput.size() != kOutputCount
        || manifest.sha256.size() != 64)
        return Error{Errc::kCorrupt,
                     path + " is incomplete: the file is damaged: reinstall or retrain"};
    return {};
}

}  // namespace

Result<ModelManifest> parseManifest(const std::string& path, BytesView json)
{
    ModelManifest manifest;
    try {
        const auto root = nlohmann::json::parse(json);
        root.at("name").get_to(manifest.name);
        root.at("version").get_to(manifest.version);
        root.at("sha256").get_to(manifest.sha256);
        root.at("columns").get_to(manifest.columns);
        root.at("horizons").get_to(manifest.horizons);
        root.at("golden_input").get_to(manifest.goldenInput);
        root.at("golden_output").get_to(manifest.goldenOutput);
        root.at("trained_on").get_to(manifest.trainedOn);
        root.at("created").get_to(manifest.created);
    } catch (const nlohmann::json::exception& problem) {
        return Error{Errc::kCorrupt, path + " is not a model manifest: " + problem.what()
                                         + ": reinstall or retrain"};
    }
    FS_TRY_STATUS(checkShape(path, manifest));
    return manifest;
}

std::string manifestJson(const ModelManifest& manifest)
{
    nlohmann::ordered_json root;
    root["name"] = manifest.name;
    root["version"] = manifest.version;
    root["sha256"] = manifest.sha256;
    root["columns"] = manifest.columns;
    root["horizons"] = manifest.horizons;
    root["golden_input"] = manifest.goldenInput;
    root["golden_output"] = manifest.goldenOutput;
    root["trained_on"] = manifest.trainedOn;
    root["created"] = manifest.created;
    return root.dump(1) + "\n";
}

std::string sha256Hex(BytesView data)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, reinterpret_cast<const unsigned char*>(data.data()), data.size());
    std::string hex;
    for (const unsigned char byte : digest) {
        constexpr char kDigits[] = "0123456789abcdef";
        hex += kDigits[byte >> 4U];
        hex += kDigits[byte & 15U];
    }
    return hex;
}

Status verifyModelBytes(const ModelManifest& manifest, const std::string& modelPath,
                        BytesView model)
{
    const std::string found = sha256Hex(model);
    if (found == manifest.sha256) return {};
    return Error{Errc::kCorrupt, modelPath + " does not match its manifest (SHA-256 "
                                     + found.substr(0, 12) + " instead of "
                                     + manifest.sha256.substr(0, 12)
                                     + "): the file is damaged: reinstall or retrain"};
}

std::string manifestPathOf(const std::string& modelPath)
{
    const std::size_t slash = modelPath.find_last_of('/');
    const std::size_t dot = modelPath.find_last_of('.');
    const bool hasSuffix = dot != std::string::npos && (slash == std::string::npos || dot > slash);
    return (hasSuffix ? modelPath.substr(0, dot) : modelPath) + ".json";
}

}  // namespace foreshard
