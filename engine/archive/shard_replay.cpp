#include "engine/archive/shard_replay.h"

#include "engine/checkpoint/checkpoint_store.h"
#include "engine/wire/record_codec.h"

#include <algorithm>
#include <limits>

namespace foreshard {

std::vector<ShardReplay::Start> ShardReplay::starts(Offset to) const
{
    std::vector<Start> starts = {{}};
    for (const CheckpointInfo& info : manifest_.of(shard_)) {
        if (info.offset <= to) starts.push_back({info.id, info.n, info.offset});
    }
    std::reverse(starts.begin(), starts.end());
    return starts;
}

std::size_t ShardReplay::indexBehind(FrameNo n) const
{
    const auto behind = [](FrameNo value, const ArchivedFrame* f) { return value < f->entry.n; };
    return static_cast<std::size_t>(std::upper_bound(frames_.begin(), frames_.end(), n, behind)
                                    - frames_.begin());
}

FrameNo ShardReplay::lastKnown() const
{
    const CheckpointInfo* newest = manifest_.newest(shard_);
    const FrameNo saved = newest == nullptr ? 0 : newest->n;
    return frames_.empty() ? saved : std::max(saved, frames_.back()->entry.n);
}

FrameNo ShardReplay::missing(const Start& start, Offset to) const
{
    FrameNo next = start.n + 1;
    for (std::size_t i = indexBehind(start.n); i < frames_.size(); ++i, ++next) {
        // A gap is one even before a frame that is too late: what is gone may be early enough.
        if (frames_[i]->entry.n != next) return next;
        if (frames_[i]->entry.firstOffset >= to) return 0;
    }
    return next <= lastKnown() ? next : 0;
}

Result<std::unique_ptr<AggregateState>> ShardReplay::load(Disk& disk,
                                                          const std::string& dataDirectory,
                                                          const Start& start) const
{
    auto state = std::make_unique<AggregateState>();
    FS_TRY(const std::vector<Bytes> packs,
           CheckpointStore::load(disk, dataDirectory, manifest_.chain(shard_, start.id)));
    for (const Bytes& pack : packs)
        FS_TRY_STATUS(state->load(pack));
    return state;
}

Status ShardReplay::apply(AggregateState& state, const Start& start, Offset to) const
{
    for (std::size_t i = indexBehind(start.n); i < frames_.size(); ++i) {
        if (frames_[i]->entry.firstOffset >= to) return {};
        FS_TRY(const Frame frame, archive_.read(*frames_[i]));
        RecordUnpacker records(frame.records);
        RecordView record;
        while (records.next(record) && record.offset < to) {
            if (archive_.applies(record)) state.apply(record.key, record.value);
        }
        FS_TRY_STATUS(records.status());
    }
    return {};
}

Result<std::unique_ptr<AggregateState>> ShardReplay::at(Disk& disk,
                                                        const std::string& dataDirectory,
                                                        Offset to) const
{
    std::optional<Error> unreadable;
    FrameNo gap = 0;
    for (const Start& start : starts(to)) {
        if (const FrameNo lost = missing(start, to); lost != 0) {
            if (gap == 0) gap = lost;  // of the newest start: nearest to what is asked for
            continue;
        }
        Result<std::unique_ptr<AggregateState>> state = load(disk, dataDirectory, start);
        if (!state.ok()) {
            if (!unreadable) unreadable = state.error();
            continue;
        }
        FS_TRY_STATUS(apply(**state, start, to));
        return state;
    }
    if (unreadable) return *unreadable;
    return Error{Errc::kGap, nameOf(shard_) + " lacks frame " + std::to_string(gap)
                                 + ": its segment was removed by retention or is lost"};
}

std::optional<Offset> ShardReplay::first(Disk& disk, const std::string& dataDirectory) const
{
    constexpr Offset kAll = std::numeric_limits<Offset>::max();
    std::vector<Start> oldestFirst = starts(kAll);
    std::reverse(oldestFirst.begin(), oldestFirst.end());
    for (const Start& start : oldestFirst) {
        if (missing(start, kAll) == 0 && load(disk, dataDirectory, start).ok()) return start.offset;
    }
    return std::nullopt;
}

}  // namespace foreshard
