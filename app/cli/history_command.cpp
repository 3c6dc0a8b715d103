// `foreshard history`: what happened on a data directory.
#include "app/cli/commands.h"
#include "app/report_json.h"
#include "engine/env/real/posix_disk.h"
#include "engine/history/history_reader.h"
#include "engine/history/history_store.h"
#include "engine/source/nearest_name.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>

namespace foreshard {
namespace {

using Json = nlohmann::ordered_json;

struct HistoryFlags {
    std::string data;
    std::string since;
    HistoryQuery query;
    bool json = false;
};

constexpr std::array<const char*, 3> kSeverities = {"info", "warning", "error"};

const char* severityOf(const HistoryEvent& event)
{
    return kSeverities.at(static_cast<std::size_t>(event.severity));
}

// Milliseconds since 1970, or "30m", "12h", "7d" before now.
Result<WallMillis> parseSince(const std::string& text)
{
    if (text.empty()) return WallMillis{0};
    std::int64_t number = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    const bool sane = error == std::errc{} && number >= 0 && number < (1LL << 52);
    if (sane && end == last) return number;
    const std::string unit(end, last);
    const std::int64_t seconds = unit == "s"   ? 1
                                 : unit == "m" ? 60
                                 : unit == "h" ? 3600
                                 : unit == "d" ? 86'400
                                               : 0;
    if (!sane || seconds == 0 || number > 100'000) {
        return Error{Errc::kInvalid, "--since " + text
                                         + ": this is no time: give milliseconds since 1970, or "
                                           "30m, 12h, 7d before now"};
    }
    return (static_cast<std::int64_t>(std::time(nullptr)) - number * seconds) * 1000;
}

Json jsonOf(const HistoryRow& row)
{
    const HistoryEvent& event = row.event;
    Json json = {{"id", row.id},
                 {"wall_ms", event.wallMs},
                 {"severity", severityOf(event)},
                 {"kind", event.kind},
                 {"text", event.text}};
    if (event.shard) json["shard"] = event.shard->value;
    if (event.node) json["node"] = event.node->value;
    if (!event.actor.empty()) json["actor"] = event.actor;
    const Json detail = Json::parse(event.detail, nullptr, false);
    if (detail.is_object()) json["detail"] = detail;
    return json;
}

// What engines write; of another kind there never is anything.
constexpr std::array<const char*, 19> kKinds = {
    "assignment", "checkpoint", "command",  "damage", "decision", "disk",      "drill",
    "engine",     "history",    "interval", "move",   "poison",   "predictor", "recovery",
    "refused",    "restore",    "sample",   "sink",   "source"};

Status checkKind(const std::string& kind)
{
    if (kind.empty() || std::find(kKinds.begin(), kKinds.end(), kind) != kKinds.end()) return {};
    return Error{Errc::kInvalid, "--kind " + kind + ": there is no such kind: a history "
                                     + nameAdvice(kind, {kKinds.begin(), kKinds.end()})};
}

int history(HistoryFlags& flags)
{
    const Result<WallMillis> since = parseSince(flags.since);
    if (!since.ok()) return reportError(since.error());
    flags.query.since = *since;
    if (const Status folder = checkDataFolder(flags.data); !folder.ok())
        return reportError(folder.error());
    // SQLite does not say why it cannot open a file.
    PosixDisk disk;
    const auto file = disk.open(historyPath(flags.data), OpenMode::kRead);
    if (!file.ok() && file.error().code != Errc::kNotFound) return reportError(file.error());
    const auto reader = HistoryReader::open(historyPath(flags.data));
    if (!reader.ok()) return reportError(reader.error());
    const auto rows = (*reader)->read(flags.query);
    if (!rows.ok()) return reportError(rows.error());
    if (const Status kind = checkKind(flags.query.kind); rows->empty() && !kind.ok())
        return reportError(kind.error());
    std::string out;
    Json all = Json::array();
    for (const HistoryRow& row : *rows) {
        const HistoryEvent& event = row.event;
        if (flags.json) {
            all.push_back(jsonOf(row));
            continue;
        }
        out += timeText(event.wallMs) + " " + severityOf(event) + " " + shown(event.kind) + ": "
               + shown(event.text) + (event.actor.empty() ? "" : ", by " + shown(event.actor))
               + "\n";
    }
    if (flags.json) {
        out = Json{{"rows", all}}.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    }
    return printOut(out);
}

}  // namespace

void addHistoryCommand(CLI::App& app, int& exitCode)
{
    const auto flags = std::make_shared<HistoryFlags>();
    CLI::App* command = app.add_subcommand("history", "what happened on a data directory");
    command->add_option("--data", flags->data, "data directory")->required();
    command->add_option("--kind", flags->query.kind,
                        "only this kind: checkpoint, recovery, move, decision, assignment, "
                        "command, sample, ...");
    command->add_option("--since", flags->since, "not before: milliseconds since 1970, or 12h ago");
    command->add_option("--limit", flags->query.limit, "the newest N (1000)")
        ->check(CLI::Range(1U, 1'000'000U));
    command->add_flag("--json", flags->json, "one JSON document");
    command->callback([flags, &exitCode] { exitCode = history(*flags); });
}

}  // namespace foreshard
