#include "engine/source/source_uri.h"

#include <optional>
#include <string_view>

namespace foreshard {
namespace {

constexpr const char* kKnown =
    "use csv:FILE, jsonl:FILE, lines:FILE, - (standard input, -?format=csv|jsonl|lines) or "
    "synth:NAME?seed=1&rate=5000";

std::optional<RecordFormatKind> formatOf(std::string_view name)
{
    if (name == "csv") return RecordFormatKind::kCsv;
    if (name == "jsonl") return RecordFormatKind::kJsonl;
    if (name == "lines") return RecordFormatKind::kLines;
    return std::nullopt;
}

Error invalid(const std::string& uri, const std::string& why, const std::string& next = kKnown)
{
    return {Errc::kInvalid, "source '" + uri + "' not understood: " + why + ": " + next};
}

// "a=1&b=2" into `out`; false when a part is no name=value or comes twice.
bool parseParameters(std::string_view query, std::map<std::string, std::string>& out)
{
    while (!query.empty()) {
        const std::size_t end = query.find('&');
        const std::string_view part = query.substr(0, end);
        query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
        const std::size_t equals = part.find('=');
        if (equals == std::string_view::npos || equals == 0) return false;
        if (!out.emplace(part.substr(0, equals), part.substr(equals + 1)).second) return false;
    }
    return true;
}

Result<SourceUri> parseStandardInput(const std::string& uri, SourceUri out)
{
    out.kind = SourceKind::kStandardInput;
    out.path = "-";
    for (const auto& [name, value] : out.parameters) {
        if (name != "format") return invalid(uri, "unknown parameter '" + name + "'");
        const auto format = formatOf(value);
        if (!format) return invalid(uri, "unknown format '" + value + "'");
        out.format = *format;
    }
    return out;
}

Result<SourceUri> parseSynth(const std::string& uri, std::string_view rest)
{
    SourceUri out;
    out.kind = SourceKind::kSynth;
    const std::size_t question = rest.find('?');
    out.name = rest.substr(0, question);
    if (out.name.empty()) out.name = "mixed";
    if (question != std::string_view::npos
        && !parseParameters(rest.substr(question + 1), out.parameters))
        return invalid(uri, "parameters are name=value, joined by &, each once");
    return out;
}

}  // namespace

Result<SourceUri> parseSourceUri(const std::string& uri)
{
    if (uri == "-" || uri.starts_with("-?")) {
        SourceUri out;
        if (uri.size() > 2 && !parseParameters(std::string_view(uri).substr(2), out.parameters))
            return invalid(uri, "parameters are name=value, joined by &, each once");
        return parseStandardInput(uri, std::move(out));
    }
    const std::size_t colon = uri.find(':');
    const std::string scheme = uri.substr(0, colon);
    if (colon == std::string::npos)
        return invalid(
            uri, "it names no format",
            uri.empty() ? kKnown : "write csv:" + uri + ", jsonl:" + uri + " or lines:" + uri);
    const std::string_view rest = std::string_view(uri).substr(colon + 1);
    if (scheme == "synth") return parseSynth(uri, rest);
    if (scheme == "zmq" || scheme == "nats" || scheme == "kafka")
        return Error{Errc::kUnsupported, "source '" + uri + "' cannot be read: this version has no "
                                             + scheme
                                             + " reader: pipe the stream in and give -, or a file"};
    const auto format = formatOf(scheme);
    if (!format) return invalid(uri, "unknown scheme '" + scheme + "'");
    if (rest.empty()) return invalid(uri, "the file name is missing");
    SourceUri out;
    out.format = *format;
    out.path = rest;
    return out;
}

}  // namespace foreshard
