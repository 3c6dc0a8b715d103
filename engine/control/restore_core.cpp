#include "engine/control/restore_core.h"

#include "engine/control/command_reply.h"

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

RestoreCore::RestoreCore(const ControlView& view, OwnershipCore& ownership,
                         std::set<ShardId>& settingBack, std::uint64_t firstRead)
    : view_(view), ownership_(ownership), settingBack_(settingBack), nextRead_(firstRead)
{
}

Result<CheckpointInfo> RestoreCore::restorable(const RestoreCommand& restore) const
{
    const ShardId shard = restore.shard;
    if (view_.owner(shard) == nullptr)
        return Error{Errc::kNotFound, nameOf(shard) + ": there is no such shard: look at `shards`"};
    if (ownership_.activeMove(shard) != nullptr || restores_.contains(shard)) {
        return Error{Errc::kBusy, nameOf(shard)
                                      + " is being moved or restored already: wait until that is "
                                        "done"};
    }
    const CheckpointInfo* info = view_.checkpoints.find(shard, restore.checkpoint);
    if (info != nullptr && info->state != CheckpointState::kInvalidated) return *info;
    std::string listed;
    for (const CheckpointInfo& one : view_.checkpoints.of(shard)) {
        if (one.state == CheckpointState::kInvalidated) continue;
        listed += (listed.empty() ? "" : ", ") + std::to_string(one.id.value);
    }
    return Error{Errc::kNotFound, "checkpoint " + std::to_string(restore.checkpoint.value) + " of "
                                      + nameOf(shard)
                                      + " is not listed any more, or never was: give one of "
                                      + (listed.empty() ? "none" : listed)};
}

void RestoreCore::begin(Instant now, const std::string& from, const Command& command,
                        const RestoreCommand& restore, Effects& effects)
{
    const Result<CheckpointInfo> to = restorable(restore);
    if (!to.ok()) return effects.send(from, refused(view_.assignment, command, to.error()));
    Restore& begun = restores_[restore.shard];
    begun.from = from;
    begun.command = command;
    begun.to = *to;
    begun.chain = view_.checkpoints.chain(restore.shard, restore.checkpoint);
    begun.readId = nextRead_++;
    begun.began = now;
    settingBack_.insert(restore.shard);
    step(now, effects);
}

void RestoreCore::step(Instant now, Effects& effects)
{
    std::vector<ShardId> late;
    for (auto& [id, restore] : restores_) {
        if (restore.phase == Phase::kFencing && now - restore.began > kPatience) late.push_back(id);
        const bool asks = restore.phase == Phase::kReading || restore.phase == Phase::kRetaining;
        // What is being listed now would free frames behind the fence: it comes first.
        if (!asks || view_.pending.any(id)) continue;
        const bool reads = restore.phase == Phase::kReading;
        const Nanos again = reads ? readAgainAfter(restore.chain) : kAskAgain;
        const Nanos patience = reads ? kReads * again : kPatience;
        if (now - restore.began > patience) late.push_back(id);
        if (restore.lastAsked.nanos != 0 && now - restore.lastAsked < again) continue;
        restore.lastAsked = now;
        if (reads) {
            effects.send("query", ScrubRequest{restore.readId, restore.chain});
        } else {
            effects.send("edge",
                         Retain{id, view_.fence(id), restore.to.n + 1, restore.command.dryRun});
        }
    }
    for (const ShardId id : late) {
        const Phase phase = restores_.at(id).phase;
        const std::string why =
            phase == Phase::kReading   ? ": its checkpoint is not read back in time"
            : phase == Phase::kFencing ? ": the control log takes nothing for now"
                                       : ": the buffer boxes do not answer";
        refuse(id, Error{Errc::kTimeout, "restore " + nameOf(id) + why + ": repeat in a moment"},
               effects);
    }
}

bool RestoreCore::chainRead(Instant now, const ScrubReply& reply, Effects& effects)
{
    const auto found =
        std::find_if(restores_.begin(), restores_.end(),
                     [&reply](const auto& entry) { return entry.second.readId == reply.id; });
    if (found == restores_.end()) return false;
    auto& [id, restore] = *found;
    if (restore.phase != Phase::kReading) return true;  // it was asked for twice
    if (reply.bad.value != 0) {
        refuse(id,
               leftTheList(restore.to) ? hasLeftTheList(restore.to) : Error{reply.code, reply.text},
               effects);
        return true;
    }
    restore.phase = Phase::kFencing;
    restore.began = now;
    const Ticket ticket = ticketFor(ControlPart::kRestoreFence, id);
    restore.fenceTicket = ticket.number;
    effects.add(RaiseFence{id, ticket});
    return true;
}

void RestoreCore::fenceRaised(Instant now, std::uint64_t number, const Status& status,
                              Effects& effects)
{
    const ShardId id = shardOf(number);
    if (!status.ok()) return effects.fail(status.error().during("raise a truncation fence"));
    const auto found = restores_.find(id);
    // It was given up meanwhile, and may have begun anew.
    if (found == restores_.end() || found->second.fenceTicket != number) return;
    Restore& restore = found->second;
    restore.phase = Phase::kRetaining;
    restore.began = now;  // what the boxes are given is theirs alone
    restore.lastAsked = {};
    step(now, effects);
}

// A listing that was under way may have taken it off, or it was invalidated.
bool RestoreCore::leftTheList(const CheckpointInfo& info) const
{
    const CheckpointInfo* listed = view_.checkpoints.find(info.shard, info.id);
    return listed == nullptr || listed->state == CheckpointState::kInvalidated;
}

void RestoreCore::retained(const Retained& retained, Effects& effects)
{
    const ShardId id = retained.shard;
    const auto found = restores_.find(id);
    if (found == restores_.end()) return;
    const Restore& restore = found->second;
    if (restore.phase != Phase::kRetaining || retained.fence != view_.fence(id)) return;
    if (!retained.failure.empty())
        return refuse(id, Error{retained.failureCode, retained.failure}, effects);
    if (retained.missingFirst != 0) {
        return refuse(
            id,
            Error{Errc::kGap, "frames " + std::to_string(retained.missingFirst) + ".."
                                  + std::to_string(retained.missingLast) + " of " + nameOf(id)
                                  + " are gone: retention has removed them: give a "
                                    "later checkpoint"},
            effects);
    }
    if (leftTheList(restore.to)) return refuse(id, hasLeftTheList(restore.to), effects);
    if (restore.command.dryRun) {
        const FrameNo frames = retained.lastN > restore.to.n ? retained.lastN - restore.to.n : 0;
        return end(id,
                   accepted(view_.assignment, restore.command,
                            "dry run: " + nameOf(id) + ": back to " + placeOf(restore.to)
                                + ", replays " + std::to_string(frames) + " frames"),
                   effects);
    }
    if (!view_.pending.any(id)) commit(id, effects);
}

void RestoreCore::commit(ShardId id, Effects& effects)
{
    Restore& restore = restores_.at(id);
    restore.phase = Phase::kOwning;
    restore.owner = view_.assignment.shards.at(id);
    restore.owner.epoch = Epoch{restore.owner.epoch.value + 1};
    AssignmentEntry entry;
    entry.kind = AssignmentEntryKind::kAssign;
    entry.actor = restore.command.actor;
    entry.reason = "set back to " + placeOf(restore.to);
    entry.shards = {restore.owner};
    effects.add(ProposeAssignment{std::move(entry), restore.command.expectVersion,
                                  ticketFor(ControlPart::kRestoreOwner, id)});
}

void RestoreCore::committed(Instant now, std::uint64_t number, const Result<LogIndex>& index,
                            Effects& effects)
{
    const ShardId id = shardOf(number);
    Restore& restore = restores_.at(id);
    const bool overtaken = !index.ok() && index.error().code == Errc::kStale;
    if (overtaken && restore.command.expectVersion == 0) {
        restore.phase = Phase::kRetaining;  // a recovery has given the shard a new epoch meanwhile
        return;
    }
    if (!index.ok()) return refuse(id, index.error(), effects);
    ownership_.setBack(now, id);
    restore.phase = Phase::kListing;
    CheckpointInfo info = restore.to;
    info.epoch = restore.owner.epoch;
    info.setsBack = true;
    info.state = CheckpointState::kVerified;  // its chain was read back in the first phase
    info.wallMs = 0;                          // when it is listed
    info.reason = "restore";
    effects.add(ListCheckpoint{std::move(info), ticketFor(ControlPart::kRestoreListing, id)});
}

void RestoreCore::listed(Instant now, std::uint64_t number, const Result<CheckpointInfo>& info,
                         Effects& effects)
{
    const ShardId id = shardOf(number);
    // It was invalidated meanwhile. The shard has a new epoch and restores what is the newest.
    if (!info.ok() && info.error().code == Errc::kStale) return refuse(id, info.error(), effects);
    if (!info.ok())
        return effects.fail(info.error().during("list a restored checkpoint in the control log"));
    const Restore& restore = restores_.at(id);
    effects.add(NoteCheckpoint{*info});
    const std::string text = nameOf(id) + " is set back to " + placeOf(restore.to) + " at epoch "
                             + std::to_string(info->epoch.value) + ", asked by "
                             + restore.command.actor;
    effects.say(EventSeverity::kWarning, "restore", text);
    ownership_.sendRoutes(now, effects);
    end(id, accepted(view_.assignment, restore.command, text), effects);
    ownership_.assignNow(now, id, effects);
}

void RestoreCore::refuse(ShardId id, const Error& error, Effects& effects)
{
    end(id, refused(view_.assignment, restores_.at(id).command, error), effects);
}

void RestoreCore::end(ShardId id, CommandReply answer, Effects& effects)
{
    effects.send(restores_.at(id).from, std::move(answer));
    restores_.erase(id);
    // From here on truncation goes on; what was said before the fence was raised stays void.
    settingBack_.erase(id);
}

Ticket RestoreCore::ticketFor(ControlPart part, ShardId shard)
{
    const std::uint64_t number = nextTicket_++;
    tickets_[number] = shard;
    return {part, number};
}

ShardId RestoreCore::shardOf(std::uint64_t number) { return tickets_.extract(number).mapped(); }

}  // namespace foreshard
