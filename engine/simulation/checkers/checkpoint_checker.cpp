#include "engine/simulation/checkers/checkpoint_checker.h"

#include "engine/checkpoint/checkpoint_store.h"
#include "engine/control/log/single_control_log.h"

#include <algorithm>
#include <set>

namespace foreshard::sim {

void CheckpointChecker::report(ShardId shard, const std::string& text)
{
    violations_.report("checkpoint", nameOf(shard) + " " + text, shard);
}

void CheckpointChecker::onSubscribed(const Subscribed& subscribed)
{
    const FrameNo promised = ledger_.newest(subscribed.shard);
    if (subscribed.lastN >= promised) return;
    report(subscribed.shard, "ends at frame " + std::to_string(subscribed.lastN)
                                 + " in the box, but frame " + std::to_string(promised)
                                 + " was delivered before: durable frames are lost");
}

void CheckpointChecker::onDone(const CheckpointDone& done)
{
    const CheckpointInfo& info = done.info;
    listed_.announced(info);
    const FrameNo promised = ledger_.newest(info.shard);
    if (info.n > promised) {
        return report(info.shard, "has a checkpoint at frame " + std::to_string(info.n)
                                      + ", but the edge has delivered " + std::to_string(promised)
                                      + " only");
    }
    auto& checked = checked_[info.shard];
    const std::pair place(info.file, info.position);
    if (std::exchange(checked, place) != place) checkContent(info);
}

void CheckpointChecker::checkContent(const CheckpointInfo& info)
{
    FrameNo since = 0;
    if (info.kind == CheckpointKind::kDelta) {
        const auto base = listed_.find(info.shard, info.base);
        if (!base) return report(info.shard, "has a delta on a checkpoint that was never listed");
        since = *base;
    }
    const auto states = CheckpointStore::load(disk_, dataDirectory_, {info});
    AggregateState state;
    const Status loaded = states.ok() ? state.load(states->front()) : Status(states.error());
    if (!loaded.ok())
        return report(info.shard, "announced an unreadable checkpoint: " + loaded.error().message);
    const std::string wrong = ledger_.differs(info.shard, info.n, since, state);
    if (!wrong.empty())
        report(info.shard, "checkpoint at frame " + std::to_string(info.n) + " " + wrong);
}

void CheckpointChecker::onAssign(const Assign& assign)
{
    listed_.told(assign.chain);
    noteSetBack(assign.chain);
}

void CheckpointChecker::onTruncate(const Truncate& truncate)
{
    FrameNo allowed = listed_.secondNewest(truncate.shard);
    if (truncate.n > allowed) allowed = std::max(allowed, secondThatHolds(truncate.shard));
    FrameNo& cut = cut_[truncate.shard];
    cut = std::max(cut, std::min(truncate.n, allowed));
    if (truncate.n <= allowed) return;
    report(truncate.shard, "is cut behind frame " + std::to_string(truncate.n)
                               + ", but its second-newest checkpoint is at frame "
                               + std::to_string(allowed));
}

// Messages do not tell which of those that were listed is invalidated: behind one from before a
// setback, whole again, a newer one with fewer frames may be.
FrameNo CheckpointChecker::secondThatHolds(ShardId shard) const
{
    const auto known = SingleControlLog::read(disk_, dataDirectory_);
    if (!known.ok()) return 0;
    int seen = 0;
    const std::vector<CheckpointInfo>& list = known->checkpoints.of(shard);
    for (auto info = list.rbegin(); info != list.rend(); ++info) {
        if (info->state != CheckpointState::kInvalidated && ++seen == 2) return info->n;
    }
    return 0;
}

void CheckpointChecker::checkDisk(const Archive& archive)
{
    const auto known = SingleControlLog::read(disk_, dataDirectory_);
    if (!known.ok())
        return violations_.report("checkpoint", "no control log: " + known.error().message);
    const ManifestCore& manifest = known->checkpoints;
    std::map<ShardId, std::set<FrameNo>> retained;
    for (const ArchivedFrame& frame : archive.frames())
        retained[frame.entry.shard].insert(frame.entry.n);
    std::set<ShardId> seen;
    for (const CheckpointInfo& info : manifest.all()) {
        if (!seen.insert(info.shard).second) continue;
        // When all are invalidated the box must have every frame.
        const std::vector<CheckpointInfo> chain = manifest.chain(info.shard);
        if (!chain.empty()) checkRestorable(chain);
        const FrameNo last = ledger_.newest(info.shard);
        for (FrameNo n = cutBehind(manifest, info.shard) + 1; n <= last; ++n) {
            if (retained[info.shard].contains(n)) continue;
            return report(info.shard, "has lost frame " + std::to_string(n)
                                          + ", which lies behind its second-newest checkpoint");
        }
    }
}

FrameNo CheckpointChecker::cutBehind(const ManifestCore& manifest, ShardId shard)
{
    noteSetBack(manifest.of(shard));
    // A checkpoint that was verified when the box was cut behind it may be invalidated by now; and
    // the edge cuts as the manifest says when it starts.
    FrameNo& cut = cut_[shard];
    cut = std::max(cut, manifest.truncatable(shard));
    return cut;
}

void CheckpointChecker::noteSetBack(const std::vector<CheckpointInfo>& list)
{
    for (const CheckpointInfo& info : list) {
        if (!info.setsBack || info.id <= setBack_[info.shard]) continue;
        // Listed only once the edge holds everything behind it again.
        setBack_[info.shard] = info.id;
        cut_[info.shard] = std::min(cut_[info.shard], info.n);
    }
}

void CheckpointChecker::checkRestorable(const std::vector<CheckpointInfo>& chain)
{
    const CheckpointInfo& newest = chain.back();
    const auto states = CheckpointStore::load(disk_, dataDirectory_, chain);
    if (!states.ok()) return report(newest.shard, "cannot be restored: " + states.error().message);
    AggregateState state;
    for (const Bytes& packed : *states) {
        if (const Status status = state.load(packed); !status.ok())
            return report(newest.shard, "cannot be restored: " + status.error().message);
    }
    const std::string wrong = ledger_.differs(newest.shard, newest.n, 0, state);
    if (!wrong.empty())
        report(newest.shard, "restored at frame " + std::to_string(newest.n) + " " + wrong);
}

}  // namespace foreshard::sim
