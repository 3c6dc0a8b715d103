// The part of ControlDriver that sets a shard back to an older checkpoint. First its chain is read
// back, on the query strand, then the edge holds the frames behind it again, then the shard gets a
// new epoch, then the manifest lists the checkpoint once more as the newest: with that line it is
// done, and until then nothing is. The rest is a recovery.
#include "engine/control/control_driver.h"

#include <algorithm>

namespace foreshard {
namespace {

constexpr Nanos kAskAgain = 100ms;
constexpr Nanos kPatience = 10s;
// A chain is asked for again when it could have been read at this rate, and given up after as many
// tries.
constexpr Nanos kReadAgain = 2s;
constexpr std::uint64_t kReadBytesPerSecond = 4U << 20U;
constexpr int kReads = 5;

std::string placeOf(const CheckpointInfo& info)
{
    return "checkpoint " + std::to_string(info.id.value) + " (frame " + std::to_string(info.n)
           + ", offset " + std::to_string(info.offset) + ")";
}

Error hasLeftTheList(const CheckpointInfo& info)
{
    return {Errc::kNotFound, placeOf(info) + " of " + nameOf(info.shard)
                                 + " has just left the list: give a later one"};
}

Nanos readAgainAfter(const std::vector<CheckpointInfo>& chain)
{
    std::uint64_t bytes = 0;
    for (const CheckpointInfo& info : chain)
        bytes += info.bytes;
    return kReadAgain + std::chrono::milliseconds(bytes * 1000 / kReadBytesPerSecond);
}

}  // namespace

Result<CheckpointInfo> ControlDriver::restorable(const RestoreCommand& restore)
{
    if (!assignment().shards.contains(restore.shard)) {
        return Error{Errc::kNotFound,
                     nameOf(restore.shard) + ": there is no such shard: look at `shards`"};
    }
    if (stopping_) return Error{Errc::kBusy, "the engine is stopping: start it again first"};
    if (activeMove(restore.shard) != nullptr || restores_.contains(restore.shard)) {
        return Error{Errc::kBusy, nameOf(restore.shard)
                                      + " is being moved or restored already: wait until that is "
                                        "done"};
    }
    const ManifestCore& manifest = manifest_->core();
    const CheckpointInfo* info = manifest.find(restore.shard, restore.checkpoint);
    if (info == nullptr || info->state == CheckpointState::kInvalidated) {
        std::string listed;
        for (const CheckpointInfo& one : manifest.of(restore.shard)) {
            if (one.state == CheckpointState::kInvalidated) continue;
            listed += (listed.empty() ? "" : ", ") + std::to_string(one.id.value);
        }
        return Error{Errc::kNotFound, "checkpoint " + std::to_string(restore.checkpoint.value)
                                          + " of " + nameOf(restore.shard)
                                          + " is not listed any more, or never was: give one "
                                          + "of " + (listed.empty() ? "none" : listed)};
    }
    return *info;
}

void ControlDriver::doRestore(const std::string& from, const Command& command,
                              const RestoreCommand& restore)
{
    const Result<CheckpointInfo> to = restorable(restore);
    if (!to.ok()) return reply(from, refused(command, to.error()));
    Restore begun;
    begun.from = from;
    begun.command = command;
    begun.to = *to;
    begun.chain = manifest_->core().chain(restore.shard, restore.checkpoint);
    begun.readId = nextId_++;
    begun.fence = shards_[restore.shard].fence + 1;
    begun.began = env_.strand.now();
    restores_[restore.shard] = begun;
    stepRestores(env_.strand.now());
}

void ControlDriver::stepRestores(Instant now)
{
    std::vector<ShardId> late;
    for (auto& [id, restore] : restores_) {
        // What is being listed now would free frames behind the hold: it comes first.
        if (restore.committing || shards_[id].committing > 0 || shards_[id].takingOver > 0)
            continue;
        const Nanos again = restore.holds ? kAskAgain : readAgainAfter(restore.chain);
        const Nanos patience = restore.holds ? kPatience : kReads * again;
        if (now - restore.began > patience) late.push_back(id);
        if (restore.lastAsked.nanos != 0 && now - restore.lastAsked < again) continue;
        restore.lastAsked = now;
        if (!restore.holds) {
            send("query", ScrubRequest{restore.readId, restore.chain});
            continue;
        }
        send("edge", Retain{id, restore.fence, restore.to.n + 1, restore.command.dryRun});
    }
    for (const ShardId id : late) {
        const Restore& restore = restores_.at(id);
        const std::string why = restore.holds ? ": the buffer boxes do not answer"
                                              : ": its checkpoint is not read back in time";
        endRestore(id,
                   refused(restore.command, Error{Errc::kTimeout, "restore " + nameOf(id) + why
                                                                      + ": repeat in a moment"}));
    }
}

bool ControlDriver::onChainRead(const ScrubReply& reply)
{
    const auto found =
        std::find_if(restores_.begin(), restores_.end(),
                     [&reply](const auto& entry) { return entry.second.readId == reply.id; });
    if (found == restores_.end()) return false;
    auto& [id, restore] = *found;
    if (restore.holds) return true;  // it was asked for twice
    if (reply.bad.value != 0) {
        const bool left = leftTheList(restore.to);
        endRestore(id, refused(restore.command,
                               left ? hasLeftTheList(restore.to) : Error{reply.code, reply.text}));
        return true;
    }
    restore.holds = true;
    restore.began = env_.strand.now();  // what the boxes are given is theirs alone
    restore.lastAsked = {};
    stepRestores(restore.began);
    return true;
}

// A commit that was under way may have taken it off, or it was invalidated.
bool ControlDriver::leftTheList(const CheckpointInfo& info) const
{
    const CheckpointInfo* listed = manifest_->core().find(info.shard, info.id);
    return listed == nullptr || listed->state == CheckpointState::kInvalidated;
}

void ControlDriver::onRetained(const Retained& retained)
{
    const auto found = restores_.find(retained.shard);
    if (found == restores_.end()) return;
    Restore& restore = found->second;
    if (restore.fence != retained.fence || !restore.holds || restore.committing) return;
    const Command& command = restore.command;
    const ShardId id = retained.shard;
    if (!retained.failure.empty())
        return endRestore(id, refused(command, Error{retained.failureCode, retained.failure}));
    if (retained.missingFirst != 0) {
        return endRestore(
            id,
            refused(command, Error{Errc::kGap,
                                   "frames " + std::to_string(retained.missingFirst) + ".."
                                       + std::to_string(retained.missingLast) + " of " + nameOf(id)
                                       + " are gone: retention has removed them: give a "
                                         "later checkpoint"}));
    }
    if (leftTheList(restore.to))
        return endRestore(id, refused(command, hasLeftTheList(restore.to)));
    if (command.dryRun) {
        const FrameNo frames = retained.lastN > restore.to.n ? retained.lastN - restore.to.n : 0;
        return endRestore(
            id, accepted(command, "dry run: " + nameOf(id) + ": back to " + placeOf(restore.to)
                                      + ", replays " + std::to_string(frames) + " frames"));
    }
    if (shards_[id].takingOver == 0) commitRestore(id);
}

void ControlDriver::commitRestore(ShardId id)
{
    Restore& restore = restores_.at(id);
    restore.committing = true;
    ShardAssignment owner = assignment().shards.at(id);
    owner.epoch = Epoch{owner.epoch.value + 1};
    AssignmentEntry entry;
    entry.kind = AssignmentEntryKind::kAssign;
    entry.actor = restore.command.actor;
    entry.reason = "set back to " + placeOf(restore.to);
    entry.shards = {owner};
    ++shards_[id].takingOver;
    const auto committed = [this, id, owner](const Result<LogIndex>& index) {
        --shards_[id].takingOver;
        Restore& waiting = restores_.at(id);
        const bool again =
            !index.ok() && index.error().code == Errc::kStale && waiting.command.expectVersion == 0;
        if (again) {  // a recovery has given it a new epoch meanwhile
            waiting.committing = false;
        } else if (!index.ok()) {
            endRestore(id, refused(waiting.command, index.error()));
        } else {
            setBack(id, owner);
        }
    };
    log_->propose(std::move(entry), restore.command.expectVersion, lifetime_.guard(committed));
}

void ControlDriver::setBack(ShardId id, const ShardAssignment& owner)
{
    Shard& shard = shards_[id];
    shard.cause = "restore";
    shard.detectMs = 0;
    shard.downSince = env_.strand.now();
    CheckpointInfo info = restores_.at(id).to;
    info.epoch = owner.epoch;
    info.setsBack = true;
    info.state = CheckpointState::kVerified;  // restorable() has read its chain
    info.wallMs = env_.strand.wallNow();
    info.reason = "restore";
    ++shard.committing;  // no Assign before the manifest says what to restore
    const auto listed = [this, id](const Result<CheckpointInfo>& done) { restoreListed(id, done); };
    manifest_->commit(info, lifetime_.guard(listed));
}

void ControlDriver::restoreListed(ShardId id, const Result<CheckpointInfo>& info)
{
    --shards_[id].committing;
    // It was invalidated meanwhile. The shard has a new epoch and restores what is the newest.
    if (!info.ok() && info.error().code == Errc::kStale)
        return endRestore(id, refused(restores_.at(id).command, info.error()));
    if (!info.ok()) return fail(info.error().during("list a restored checkpoint in the manifest"));
    const Restore& restore = restores_.at(id);
    rings_.checkpoints.push(*info);
    history_.note(*info);
    shards_[id].lastAssign = Instant{};
    const std::string text = nameOf(id) + " is set back to " + placeOf(restore.to) + " at epoch "
                             + std::to_string(info->epoch.value) + ", asked by "
                             + restore.command.actor;
    event(EventSeverity::kWarning, "restore", text);
    sendRoutes();
    endRestore(id, accepted(restore.command, text));
    sendAssign(id, assignment().shards.at(id));
}

void ControlDriver::endRestore(ShardId id, const CommandReply& answer)
{
    const Restore restore = restores_.at(id);
    restores_.erase(id);
    // From here on truncation goes on; what was sent before the hold stays ignored. After a dry
    // run, too: an answer to that which comes twice must be none to what is asked next.
    if (restore.holds) shards_[id].fence = restore.fence;
    reply(restore.from, answer);
}

}  // namespace foreshard
