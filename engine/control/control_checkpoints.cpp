// The part of ControlDriver that lists checkpoints, has them read back, invalidates damaged ones,
// and says what may be forgotten because of them.
#include "engine/base/crash_point.h"
#include "engine/base/mutant.h"
#include "engine/checkpoint/checkpoint_store.h"
#include "engine/control/control_driver.h"

#include <algorithm>
#include <tuple>

namespace foreshard {
namespace {

constexpr Nanos kScrubPatience = 5s;
constexpr Nanos kFullAgain = 500ms;
// Of what is verified already, one checkpoint at a time is read again: at most two a second and
// this many bytes a second.
constexpr Nanos kRoundStep = 500ms;
constexpr std::uint64_t kRoundBytesPerSecond = 4U << 20U;

std::string nameOf(const CheckpointInfo& info)
{
    return "checkpoint " + std::to_string(info.id.value) + " of shard "
           + std::to_string(info.shard.value);
}

Nanos roundPause(std::uint64_t bytes)
{
    const std::uint64_t millis = bytes * 1000 / kRoundBytesPerSecond;
    return std::max<Nanos>(kRoundStep, std::chrono::milliseconds(millis));
}

}  // namespace

void ControlDriver::onCheckpointDone(const CheckpointDone& done)
{
    // Only what a node can know of its own file is taken from it.
    CheckpointInfo info = done.info;
    info.id = {};
    info.node = done.node;
    info.setsBack = false;
    info.state = CheckpointState::kListed;
    const auto owner = assignment().shards.find(info.shard);
    if (owner == assignment().shards.end()) return;
    const std::string to = addressOf(done.node);
    for (const CheckpointInfo& known : manifest_->core().of(info.shard)) {
        if (known.file != info.file || known.position != info.position) continue;
        // Our answer was lost, or this message came twice.
        const bool invalidated = known.state == CheckpointState::kInvalidated;
        return send(to, CheckpointCommitted{info.shard, info.epoch, known.id, true, invalidated});
    }
    const bool fenced = info.epoch != owner->second.epoch || done.node != owner->second.node;
    if (fenced && !mutant(Mutant::kIgnoreEpoch)) {
        return send(to, CheckpointCommitted{info.shard, info.epoch, {}, false});
    }
    if (isOvertaken(info)) return;  // said again, late: it has had its answer
    if (info.kind == CheckpointKind::kDelta) {
        const CheckpointInfo* base = manifest_->core().find(info.shard, info.base);
        if (base == nullptr || base->state == CheckpointState::kInvalidated)
            return send(to, CheckpointCommitted{info.shard, info.epoch, {}, true, true});
    }
    Shard& shard = shards_[info.shard];
    if (shard.committing > 0) return;  // said twice
    // It would push the one that the shard goes back to off the list; the node says it again.
    if (restores_.contains(info.shard)) return;
    ++shard.committing;
    crashPoint("manifest.commit.before");
    manifest_->commit(info, lifetime_.guard([this, done](const Result<CheckpointInfo>& listed) {
        checkpointListed(done, listed);
    }));
}

bool ControlDriver::isOvertaken(const CheckpointInfo& info) const
{
    // By frames it cannot be told: one asked for because of damage may be of the same frame. But an
    // owner writes its checkpoints one behind the other.
    const std::vector<CheckpointInfo>& list = manifest_->core().of(info.shard);
    return std::any_of(list.begin(), list.end(), [&info](const CheckpointInfo& listed) {
        return listed.epoch == info.epoch && !listed.setsBack
               && std::tie(listed.file, listed.position) > std::tie(info.file, info.position);
    });
}

void ControlDriver::checkpointListed(const CheckpointDone& done, const Result<CheckpointInfo>& info)
{
    const ShardId id = done.info.shard;
    --shards_[id].committing;
    // Of an owner that is over, or an earlier one of this owner that came twice: the message that
    // counts is answered, and a fenced node has its epoch taken away.
    if (!info.ok() && info.error().code == Errc::kStale) return;
    if (!info.ok()) return fail(info.error().during("list a checkpoint in the manifest"));
    crashPoint("manifest.commit.after");
    ++checkpointCount_;
    checkpointBytes_ += info->bytes;
    rings_.checkpoints.push(*info);
    history_.note(*info);
    loads_.noteCheckpoint(std::chrono::microseconds(info->snapshotMicros));
    send(addressOf(done.node), CheckpointCommitted{id, done.info.epoch, info->id, true});
    crashPoint("committed.sent");
    sendTruncate(id);
    scrub(env_.strand.now());
    // Not vital: the next start sees from the manifest that they are applied.
    if (const Status status = letters_->saved(id, info->n); !status.ok())
        event(EventSeverity::kWarning, "disk", status.error().message);
}

void ControlDriver::sendTruncate(ShardId id)
{
    const ManifestCore& manifest = manifest_->core();
    const CheckpointInfo* newest = manifest.newest(id);
    send("edge", Truncate{id, manifest.truncatable(id), newest == nullptr ? 0 : newest->n,
                          shards_[id].fence});
    crashPoint("truncate.sent");
}

void ControlDriver::onRestoreFailed(const RestoreFailed& failed)
{
    const auto owner = assignment().shards.find(failed.shard);
    const bool current = owner != assignment().shards.end() && owner->second.epoch == failed.epoch
                         && owner->second.node == failed.node;
    // A late Assign may name checkpoints that are forgotten by now; whoever heard it owns nothing.
    if (current) invalidate(failed.shard, failed.id, failed.text);
}

void ControlDriver::invalidate(ShardId shard, CheckpointId id, const std::string& text)
{
    const CheckpointInfo* info = manifest_->core().find(shard, id);
    if (info == nullptr || info->state == CheckpointState::kInvalidated) return;
    event(EventSeverity::kError, "damage",
          nameOf(*info) + " is invalidated, the one before it counts: " + text);
    noteUnsound(shard, text);
    ++shards_[shard].invalidating;
    // What was said to the edge so far must not cut what the successor of the invalidated one
    // needs.
    const std::uint64_t fence = ++shards_[shard].fence;
    if (const auto restore = restores_.find(shard); restore != restores_.end()) {
        restore->second.fence = fence + 1;
        restore->second.lastAsked = {};
    }
    const auto invalidated = [this, shard](const Status& status) {
        --shards_[shard].invalidating;
        if (!status.ok()) return fail(status.error().during("invalidate a checkpoint"));
        showStates(shard);
    };
    manifest_->judge(shard, {id}, CheckpointState::kInvalidated, lifetime_.guard(invalidated));
}

void ControlDriver::showStates(ShardId shard)
{
    for (CheckpointInfo& shown : rings_.checkpoints.items()) {
        if (shown.shard != shard) continue;
        const CheckpointInfo* now = manifest_->core().find(shard, shown.id);
        if (now != nullptr) shown.state = now->state;
    }
}

Error ControlDriver::withInvalidated(Error error) const
{
    if (error.code != Errc::kGap) return error;
    std::string text;
    for (const CheckpointInfo& info : manifest_->core().all()) {
        if (info.state != CheckpointState::kInvalidated) continue;
        text += (text.empty() ? "; invalidated as damaged: " : ", ") + nameOf(info)
                + " up to frame " + std::to_string(info.n) + " in " + options_.dataDirectory + "/"
                + info.file + " at offset " + std::to_string(info.position);
    }
    // Frames are missing because what contained them is damaged.
    return text.empty() ? error : Error{Errc::kCorrupt, error.message + text};
}

void ControlDriver::reinstateRepaired(ShardId shard)
{
    const ManifestCore& manifest = manifest_->core();
    const std::vector<CheckpointInfo>& invalidated = manifest.of(shard);
    for (auto info = invalidated.rbegin(); info != invalidated.rend(); ++info) {
        // From here on the shard has gone on without what is invalidated.
        if (info->state != CheckpointState::kInvalidated) return;
        const std::vector<CheckpointInfo> chain = manifest.chain(shard, info->id);
        const bool whole = chain.front().kind == CheckpointKind::kFull
                           && CheckpointStore::load(env_.disk, options_.dataDirectory, chain).ok();
        if (!whole) continue;
        event(EventSeverity::kWarning, "damage", nameOf(*info) + " holds again: it was repaired");
        std::vector<CheckpointId> ids;
        for (const CheckpointInfo& part : chain)
            ids.push_back(part.id);
        ++shards_[shard].invalidating;
        return manifest_->reinstate(
            shard, ids, lifetime_.guard([this, shard](const Status& status) {
                --shards_[shard].invalidating;
                if (!status.ok()) fail(status.error().during("take an invalidation back"));
            }));
    }
}

void ControlDriver::noteRestoreFromNothing(ShardId shard)
{
    const ManifestCore& manifest = manifest_->core();
    if (manifest.newest(shard) != nullptr || manifest.of(shard).empty()) return;
    event(EventSeverity::kError, "damage",
          nameOf(shard)
              + " has no checkpoint left that holds: it starts from nothing and needs every frame "
                "from 1 on");
}

void ControlDriver::askForFull(Instant now)
{
    if (now - lastAskedFull_ < kFullAgain) return;
    lastAskedFull_ = now;
    for (const auto& [id, owner] : assignment().shards) {
        if (!manifest_->core().wantsFull(id) || shards_[id].committing > 0) continue;
        // Only once the boxes have given it what it lacks. Before that it may never go on from
        // here, and a repaired newer one must still count; see reinstateRepaired().
        const NodeShardReport* entry = reported(id);
        if (entry == nullptr || entry->state != ShardState::kLive) continue;
        send(addressOf(owner.node), CheckpointCommitted{id, owner.epoch, {}, true, true});
    }
}

void ControlDriver::scrub(Instant now)
{
    if (scrub_.noting) return;
    if (scrub_.waiting && now - scrub_.sent < kScrubPatience) return;
    scrub_.waiting = false;
    ScrubRequest request;
    request.chain = unverified();
    if (request.chain.empty() && now >= scrub_.nextRound) request.chain = nextOfRound(now);
    if (request.chain.empty()) return;
    request.id = scrub_.id = nextId_++;
    scrub_.chain = request.chain;
    scrub_.sent = now;
    scrub_.waiting = true;
    send("query", request);
}

std::vector<CheckpointInfo> ControlDriver::unverified()
{
    const auto& shards = assignment().shards;
    auto it = shards.upper_bound(scrub_.shard);
    for (std::size_t left = shards.size(); left > 0; --left, ++it) {
        if (it == shards.end()) it = shards.begin();
        std::vector<CheckpointInfo> chain = manifest_->core().chain(it->first);
        std::erase_if(chain, [](const CheckpointInfo& info) {
            return info.state != CheckpointState::kListed;
        });
        if (chain.empty()) continue;
        scrub_.shard = it->first;
        return chain;
    }
    return {};
}

std::vector<CheckpointInfo> ControlDriver::nextOfRound(Instant now)
{
    std::vector<CheckpointInfo> kept = manifest_->core().all();
    std::erase_if(kept, [](const CheckpointInfo& info) {
        return info.state == CheckpointState::kInvalidated;
    });
    if (kept.empty()) return {};
    const auto behind = std::find_if(kept.begin(), kept.end(), [this](const CheckpointInfo& info) {
        return info.id > scrub_.lastOfRound;
    });
    const CheckpointInfo& next = behind == kept.end() ? kept.front() : *behind;
    scrub_.lastOfRound = next.id;
    scrub_.nextRound = now + roundPause(next.bytes);
    return {next};
}

void ControlDriver::onScrubReply(const ScrubReply& reply)
{
    if (onChainRead(reply) || !scrub_.waiting || reply.id != scrub_.id) return;
    scrub_.waiting = false;
    const ShardId shard = scrub_.chain.front().shard;
    const bool damaged = reply.bad.value != 0
                         && (reply.code == Errc::kCorrupt || reply.code == Errc::kNotFound
                             || reply.code == Errc::kGap || reply.code == Errc::kUnsupported);
    if (damaged) invalidate(shard, reply.bad, reply.text);
    std::vector<CheckpointId> hold;  // those before the bad one do
    for (const CheckpointInfo& info : scrub_.chain) {
        if (info.id == reply.bad) break;
        if (info.state == CheckpointState::kListed) hold.push_back(info.id);
    }
    if (!damaged && reply.bad.value == 0) noteSound(shard);
    if (hold.empty()) return;
    scrub_.noting = true;
    const auto noted = [this, shard](const Status& status) {
        scrub_.noting = false;
        if (!status.ok()) return fail(status.error().during("note that a checkpoint holds"));
        showStates(shard);
        sendTruncate(shard);
        scrub(env_.strand.now());
    };
    manifest_->judge(shard, hold, CheckpointState::kVerified, lifetime_.guard(noted));
}

}  // namespace foreshard
