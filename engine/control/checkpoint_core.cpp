#include "engine/control/checkpoint_core.h"

#include "engine/base/mutant.h"
#include "engine/model/addresses.h"

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

Nanos roundPause(std::uint64_t bytes)
{
    const std::uint64_t millis = bytes * 1000 / kRoundBytesPerSecond;
    return std::max<Nanos>(kRoundStep, std::chrono::milliseconds(millis));
}

bool isDamage(Errc code)
{
    return code == Errc::kCorrupt || code == Errc::kNotFound || code == Errc::kGap
           || code == Errc::kUnsupported;
}

}  // namespace

std::string nameOf(const CheckpointInfo& info)
{
    return "checkpoint " + std::to_string(info.id.value) + " of " + nameOf(info.shard);
}

CheckpointCore::CheckpointCore(const ControlView& view, std::string dataDirectory,
                               std::uint64_t firstRead)
    : view_(view), dataDirectory_(std::move(dataDirectory))
{
    scrub_.id = firstRead;
}

void CheckpointCore::announced(const CheckpointDone& done, Effects& effects)
{
    // Only what a node can know of its own file is taken from it.
    CheckpointInfo info = done.info;
    info.id = {};
    info.node = done.node;
    info.setsBack = false;
    info.state = CheckpointState::kListed;
    if (view_.owner(info.shard) == nullptr) return;
    const std::string to = nodeAddress(done.node);
    for (const CheckpointInfo& known : view_.checkpoints.of(info.shard)) {
        if (known.file != info.file || known.position != info.position) continue;
        // The answer was lost, with the control that gave it or on its way, or the announcement
        // came twice.
        const bool rebase = known.state == CheckpointState::kInvalidated;
        if (!rebase && !view_.settingBack.contains(info.shard)) sendTruncate(info.shard, effects);
        return effects.send(to,
                            CheckpointCommitted{info.shard, info.epoch, known.id, true, rebase});
    }
    switch (mayList(info)) {
        case Verdict::kFenced:
            return effects.send(to, CheckpointCommitted{info.shard, info.epoch, {}, false});
        case Verdict::kRebase:
            return effects.send(to, CheckpointCommitted{info.shard, info.epoch, {}, true, true});
        case Verdict::kLater:
            return;
        case Verdict::kList:
            break;
    }
    const std::uint64_t number = nextTicket_++;
    listing_[number] = done;
    effects.add(ListCheckpoint{std::move(info), {ControlPart::kListing, number}});
}

CheckpointCore::Verdict CheckpointCore::mayList(const CheckpointInfo& info) const
{
    const bool owns = view_.isOwner(info.shard, info.node, info.epoch);
    if (!owns && !mutant(Mutant::kIgnoreEpoch)) return Verdict::kFenced;
    if (isOvertaken(info)) return Verdict::kLater;
    if (info.kind == CheckpointKind::kDelta) {
        const CheckpointInfo* base = view_.checkpoints.find(info.shard, info.base);
        if (base == nullptr || base->state == CheckpointState::kInvalidated)
            return Verdict::kRebase;
    }
    // Said twice, or it would push the one that the shard goes back to off the list.
    const bool later = isListing(info.shard) || view_.settingBack.contains(info.shard);
    return later ? Verdict::kLater : Verdict::kList;
}

bool CheckpointCore::isListing(ShardId shard) const
{
    return std::any_of(listing_.begin(), listing_.end(),
                       [shard](const auto& one) { return one.second.info.shard == shard; });
}

bool CheckpointCore::isOvertaken(const CheckpointInfo& info) const
{
    // By frames it cannot be told: one asked for because of damage may be of the same frame. But an
    // owner writes its checkpoints one behind the other.
    const std::vector<CheckpointInfo>& list = view_.checkpoints.of(info.shard);
    return std::any_of(list.begin(), list.end(), [&info](const CheckpointInfo& listed) {
        return listed.epoch == info.epoch && !listed.setsBack
               && std::tie(listed.file, listed.position) > std::tie(info.file, info.position);
    });
}

void CheckpointCore::listed(Instant now, std::uint64_t number, const Result<CheckpointInfo>& info,
                            Effects& effects)
{
    const CheckpointDone done = std::move(listing_.extract(number).mapped());
    // Of an owner that is over, or an earlier one of this owner that came twice: the announcement
    // that counts is answered, and a fenced node has its epoch taken away.
    if (!info.ok() && info.error().code == Errc::kStale) return;
    if (!info.ok())
        return effects.fail(info.error().during("list a checkpoint in the control log"));
    ++count_;
    bytes_ += info->bytes;
    effects.add(NoteCheckpoint{*info});
    effects.send(nodeAddress(done.node),
                 CheckpointCommitted{info->shard, done.info.epoch, info->id, true},
                 "committed.sent");
    sendTruncate(info->shard, effects);
    scrub(now, effects);
    effects.add(ClearSuspects{info->shard, info->n});
}

void CheckpointCore::sendTruncate(ShardId shard, Effects& effects) const
{
    const CheckpointInfo* newest = view_.checkpoints.newest(shard);
    // A shard on its way back needs what is behind the older checkpoint.
    const FrameNo n = view_.settingBack.contains(shard) ? 0 : view_.checkpoints.truncatable(shard);
    const FrameNo saved = newest == nullptr ? 0 : newest->n;
    effects.send("edge", Truncate{shard, n, saved, view_.fence(shard)}, "truncate.sent");
}

void CheckpointCore::restoreFailed(const RestoreFailed& failed, Effects& effects)
{
    // A late Assign may name checkpoints that are forgotten by now; whoever heard it owns nothing.
    if (view_.isOwner(failed.shard, failed.node, failed.epoch))
        invalidate(failed.shard, failed.id, failed.text, effects);
}

void CheckpointCore::invalidate(ShardId shard, CheckpointId id, const std::string& text,
                                Effects& effects)
{
    const CheckpointInfo* info = view_.checkpoints.find(shard, id);
    if (info == nullptr || info->state == CheckpointState::kInvalidated) return;
    effects.say(EventSeverity::kError, "damage",
                nameOf(*info) + " is invalidated, the one before it counts: " + text);
    unsound_.insert(shard);
    problem_ = "checkpoints do not hold, and are tried again with a growing pause: " + text;
    effects.add(JudgeCheckpoints{
        shard, {id}, CheckpointState::kInvalidated, ticketFor({shard, Judgement::kInvalidated})});
}

std::vector<std::vector<CheckpointInfo>> CheckpointCore::repairable(ShardId shard) const
{
    std::vector<std::vector<CheckpointInfo>> chains;
    const std::vector<CheckpointInfo>& list = view_.checkpoints.of(shard);
    for (auto info = list.rbegin(); info != list.rend(); ++info) {
        // From here on the shard has gone on without what is invalidated.
        if (info->state != CheckpointState::kInvalidated) break;
        std::vector<CheckpointInfo> chain = view_.checkpoints.chain(shard, info->id);
        if (chain.front().kind == CheckpointKind::kFull) chains.push_back(std::move(chain));
    }
    return chains;
}

void CheckpointCore::reinstate(const std::vector<CheckpointInfo>& chain, Effects& effects)
{
    const ShardId shard = chain.back().shard;
    effects.say(EventSeverity::kWarning, "damage",
                nameOf(chain.back()) + " holds again: it was repaired");
    std::vector<CheckpointId> ids;
    for (const CheckpointInfo& part : chain)
        ids.push_back(part.id);
    effects.add(
        ReinstateCheckpoints{shard, std::move(ids), ticketFor({shard, Judgement::kReinstated})});
}

Ticket CheckpointCore::ticketFor(Judging judging)
{
    const std::uint64_t number = nextTicket_++;
    judging_[number] = judging;
    return {ControlPart::kJudging, number};
}

void CheckpointCore::judged(Instant now, std::uint64_t number, const Status& status,
                            Effects& effects)
{
    const Judging judging = judging_.extract(number).mapped();
    const bool verified = judging.judgement == Judgement::kVerified;
    if (verified) scrub_.noting = false;
    if (!status.ok()) {
        const char* what = verified ? "note that a checkpoint holds"
                           : judging.judgement == Judgement::kInvalidated
                               ? "invalidate a checkpoint"
                               : "take an invalidation back";
        return effects.fail(status.error().during(what));
    }
    if (!verified) return;
    // The edge has noted that only the older checkpoint counts for a shard on its way back.
    if (!view_.settingBack.contains(judging.shard)) sendTruncate(judging.shard, effects);
    scrub(now, effects);
}

Error CheckpointCore::withInvalidated(Error error) const
{
    if (error.code != Errc::kGap) return error;
    std::string text;
    for (const CheckpointInfo& info : view_.checkpoints.all()) {
        if (info.state != CheckpointState::kInvalidated) continue;
        text += (text.empty() ? "; invalidated as damaged: " : ", ") + nameOf(info)
                + " up to frame " + std::to_string(info.n) + " in " + dataDirectory_ + "/"
                + info.file + " at offset " + std::to_string(info.position);
    }
    // Frames are missing because what contained them is damaged.
    return text.empty() ? error : Error{Errc::kCorrupt, error.message + text};
}

void CheckpointCore::tick(Instant now, Effects& effects)
{
    askForFull(now, effects);
    scrub(now, effects);
}

void CheckpointCore::askForFull(Instant now, Effects& effects)
{
    if (now - lastAskedFull_ < kFullAgain) return;
    lastAskedFull_ = now;
    for (const auto& [id, owner] : view_.assignment.shards) {
        if (!view_.checkpoints.wantsFull(id) || view_.pending.any(id)) continue;
        // Only once the boxes have given the shard what it lacks. Before that it may never go on
        // from here, and a repaired newer checkpoint must still count; see reinstate().
        const NodeShardReport* entry = view_.reported(id);
        if (entry == nullptr || entry->state != ShardState::kLive) continue;
        effects.send(nodeAddress(owner.node), CheckpointCommitted{id, owner.epoch, {}, true, true});
    }
}

void CheckpointCore::scrub(Instant now, Effects& effects)
{
    if (scrub_.noting) return;
    if (scrub_.waiting && now - scrub_.sent < kScrubPatience) return;
    scrub_.waiting = false;
    ScrubRequest request;
    request.chain = unverified();
    if (request.chain.empty() && now >= scrub_.nextRound) request.chain = nextOfRound(now);
    if (request.chain.empty()) return;
    request.id = ++scrub_.id;
    scrub_.chain = request.chain;
    scrub_.sent = now;
    scrub_.waiting = true;
    effects.send("query", std::move(request));
}

std::vector<CheckpointInfo> CheckpointCore::unverified()
{
    const auto& shards = view_.assignment.shards;
    auto it = shards.upper_bound(scrub_.shard);
    for (std::size_t left = shards.size(); left > 0; --left, ++it) {
        if (it == shards.end()) it = shards.begin();
        std::vector<CheckpointInfo> chain = view_.checkpoints.chain(it->first);
        std::erase_if(chain, [](const CheckpointInfo& info) {
            return info.state != CheckpointState::kListed;
        });
        if (chain.empty()) continue;
        scrub_.shard = it->first;
        return chain;
    }
    return {};
}

std::vector<CheckpointInfo> CheckpointCore::nextOfRound(Instant now)
{
    std::vector<CheckpointInfo> kept = view_.checkpoints.all();
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

void CheckpointCore::read(const ScrubReply& reply, Effects& effects)
{
    if (!scrub_.waiting || reply.id != scrub_.id) return;
    scrub_.waiting = false;
    const ShardId shard = scrub_.chain.front().shard;
    if (reply.bad.value != 0 && isDamage(reply.code))
        invalidate(shard, reply.bad, reply.text, effects);
    std::vector<CheckpointId> whole;  // those before the bad one
    for (const CheckpointInfo& info : scrub_.chain) {
        if (info.id == reply.bad) break;
        if (info.state == CheckpointState::kListed) whole.push_back(info.id);
    }
    if (reply.bad.value == 0) noteSound(shard, effects);
    if (whole.empty()) return;
    scrub_.noting = true;
    effects.add(JudgeCheckpoints{shard, std::move(whole), CheckpointState::kVerified,
                                 ticketFor({shard, Judgement::kVerified})});
}

void CheckpointCore::noteSound(ShardId shard, Effects& effects)
{
    if (unsound_.erase(shard) == 0 || !unsound_.empty()) return;
    problem_.clear();
    effects.say(EventSeverity::kInfo, "engine", "checkpoints hold again");
}

}  // namespace foreshard
