#include "engine/sink/sink_uri.h"

#include "engine/model/endpoint.h"

#include <string_view>

namespace foreshard {
namespace {

Error invalid(const std::string& text, const std::string& what)
{
    return {Errc::kInvalid, "sink " + text + ": " + what
                                + ": give null:, jsonl:FILE, csv:FILE or zmq:ENDPOINT, and "
                                  "?mode=committed or ?mode=immediate behind it"};
}

Status parseKind(SinkUri& uri, const std::string& text)
{
    const std::size_t colon = uri.uri.find(':');
    const std::string kind = uri.uri.substr(0, colon);
    uri.target = colon == std::string::npos ? "" : uri.uri.substr(colon + 1);
    if (colon == std::string::npos) return invalid(text, "it has no kind in front");
    if (kind == "null") {
        if (!uri.target.empty()) return invalid(text, "null: takes nothing behind it");
        return {};
    }
    if (kind == "jsonl" || kind == "csv") {
        uri.kind = SinkUri::Kind::kFile;
        uri.format = kind == "csv" ? SinkFormat::kCsv : SinkFormat::kJsonl;
    } else if (kind == "zmq") {
        uri.kind = SinkUri::Kind::kZmq;
        if (!uri.target.empty()) FS_TRY_STATUS(checkEndpoint("sink zmq:", uri.target));
    } else {
        return invalid(text, "there is no kind " + kind);
    }
    if (uri.target.empty()) return invalid(text, "the file or endpoint is missing");
    return {};
}

}  // namespace

const char* sinkModeName(SinkMode mode)
{
    return mode == SinkMode::kCommitted ? "committed" : "immediate";
}

const char* sinkFormatName(SinkFormat format)
{
    return format == SinkFormat::kJsonl ? "jsonl" : "csv";
}

Result<SinkUri> parseSinkUri(const std::string& text)
{
    constexpr std::string_view kMode = "?mode=";
    SinkUri uri;
    uri.uri = text;
    if (const std::size_t query = text.rfind('?'); query != std::string::npos) {
        uri.uri = text.substr(0, query);
        const std::string given = text.substr(query);
        if (given == std::string(kMode) + "immediate") {
            uri.mode = SinkMode::kImmediate;
        } else if (given != std::string(kMode) + "committed") {
            return invalid(text, "'" + given + "' is not understood");
        }
    }
    FS_TRY_STATUS(parseKind(uri, text));
    return uri;
}

}  // namespace foreshard
