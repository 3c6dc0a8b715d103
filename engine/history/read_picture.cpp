#include "engine/history/read_picture.h"

#include "engine/history/history_reader.h"

#include <map>
#include <utility>

namespace foreshard {
namespace {

constexpr std::size_t kRowsMax = 4096;            // of each kind
constexpr std::int64_t kSamplesSpanMs = 600'000;  // what the charts show

std::vector<HistoryRow> rowsOf(HistoryReader& reader, const std::string& kind)
{
    Result<std::vector<HistoryRow>> found = reader.read({kind, 0, kRowsMax});
    return found.ok() ? std::move(*found) : std::vector<HistoryRow>{};
}

std::vector<MoveSnapshot> movesOf(HistoryReader& reader)
{
    std::map<std::pair<PlanId, WallMillis>, MoveSnapshot> newest;  // the newest phase of each
    for (const HistoryRow& row : rowsOf(reader, "move")) {
        const auto move = moveOf(row);
        if (move.ok()) newest[{move->plan, move->startedWallMs}] = *move;
    }
    std::vector<MoveSnapshot> moves;
    moves.reserve(newest.size());
    for (const auto& [key, move] : newest)
        moves.push_back(move);
    return moves;
}

std::vector<EventSnapshot> eventsOf(HistoryReader& reader)
{
    std::vector<EventSnapshot> events;
    for (const HistoryRow& row : rowsOf(reader, "")) {
        const HistoryEvent& event = row.event;
        if (event.kind == "checkpoint") continue;
        const std::string by = event.actor.empty() ? "" : ", by " + event.actor;
        events.push_back({static_cast<std::uint64_t>(row.id), event.wallMs, event.severity,
                          event.kind, event.text + by});
    }
    return events;
}

}  // namespace

HistoryPicture readHistoryPicture(const std::string& path, WallMillis samplesAfter)
{
    HistoryPicture picture;
    picture.samplesUntilMs = samplesAfter;
    const auto reader = HistoryReader::open(path);
    if (!reader.ok()) return picture;
    for (const HistoryRow& row : rowsOf(**reader, "checkpoint")) {
        if (const auto info = checkpointOf(row); info.ok()) picture.checkpoints.push_back(*info);
    }
    for (const HistoryRow& row : rowsOf(**reader, "recovery")) {
        if (const auto recovery = recoveryOf(row); recovery.ok())
            picture.recoveries.push_back(*recovery);
    }
    picture.moves = movesOf(**reader);
    picture.events = eventsOf(**reader);
    if (auto samples = (*reader)->samples(samplesAfter, kSamplesSpanMs); samples.ok())
        picture.samples = std::move(*samples);
    if (!picture.samples.empty()) picture.samplesUntilMs = picture.samples.back().wallMs;
    return picture;
}

}  // namespace foreshard
