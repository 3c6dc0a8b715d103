#include "engine/node/shard_runner.h"

#include "engine/base/crash_point.h"
#include "engine/base/mutant.h"
#include "engine/wire/record_codec.h"

#include <algorithm>
#include <utility>

namespace foreshard {
namespace {

constexpr Nanos kRepeat = 100ms;   // between two sayings of what was not answered
constexpr int kWaitingAtOnce = 8;  // frames in one task, so that a tick never waits long

FrameNo restoredN(const Assign& assign) { return assign.chain.empty() ? 0 : assign.chain.back().n; }
CheckpointId newestOf(const Assign& assign)
{
    return assign.chain.empty() ? CheckpointId{} : assign.chain.back().id;
}

}  // namespace

ShardRunner::ShardRunner(NodeContext& context, Assign assign)
    : context_(context),
      assigned_(std::move(assign)),
      core_(restoredN(assigned_), newestOf(assigned_),
            Nanos{std::chrono::milliseconds(assigned_.intervalMs)}, context.env.strand.now()),
      guard_(context.operatorSpec, context.watch, assigned_),
      outputs_(context.outputs, context.node, assigned_.shard, assigned_.epoch, context.send),
      began_(context.env.strand.now()),
      loaded_(began_)
{
}

Status ShardRunner::restore()
{
    FS_TRY(
        const std::vector<Bytes> states,
        CheckpointStore::load(context_.env.disk, context_.dataDirectory, assigned_.chain, &bad_));
    for (std::size_t i = 0; i < states.size(); ++i) {
        bad_ = assigned_.chain[i].id;
        // The table is sized once, from the full state: growing it while loading is quadratic.
        if (state_.keys() == 0 && !assigned_.chain.empty())
            state_.reserve(assigned_.chain.front().keys);
        FS_TRY_STATUS(state_.load(states[i]));
    }
    if (!assigned_.chain.empty()) {
        appliedOffset_ = assigned_.chain.back().offset;
        recordsApplied_ = assigned_.chain.back().recordsApplied;
    }
    if (context_.outputs.on && !assigned_.chain.empty()) {
        FS_TRY(const Bytes owed,
               CheckpointStore::loadOutputs(context_.env.disk, context_.dataDirectory,
                                            assigned_.chain.back()));
        FS_TRY_STATUS(outputs_.restore(owed, assigned_.chain.back().n, context_.env.strand.now()));
    }
    loaded_ = context_.env.strand.now();
    subscribeAgain(loaded_);
    return {};
}

void ShardRunner::subscribeAgain(Instant now)
{
    lastSubscribe_ = now;
    Subscribe subscribe;
    subscribe.node = context_.node;
    subscribe.incarnation = context_.incarnation;
    subscribe.shard = assigned_.shard;
    subscribe.epoch = assigned_.epoch;
    subscribe.fromN = core_.appliedN() + 1;
    subscribe.window = context_.windowBytes;
    subscribe.fence = assigned_.fence;
    context_.send("edge", subscribe);
}

void ShardRunner::tick(Instant now)
{
    if (released_ || fenced_) return;
    if (!subscribed_ && now - lastSubscribe_ >= kRepeat) subscribeAgain(now);
    if (announcing_ && now - lastAnnounce_ >= kRepeat) {
        lastAnnounce_ = now;
        context_.send("control", CheckpointDone{context_.node, announced_});
    }
    if (poisoned_ && now - lastPoisoned_ >= kRepeat) sayPoisoned(now);
    outputs_.tick(now);
    applyWaiting();
    if (gone()) return;
    if (outputs_.wantsCheckpoint()) core_.request("outputs");
    if (const auto due = core_.due(now)) startCheckpoint(now, *due);
    finishRelease();
}

void ShardRunner::finishRelease()
{
    if (!core_.releasing() || !core_.saved()) return;
    released_ = true;
    context_.send("control",
                  Released{context_.node, assigned_.shard, assigned_.epoch, core_.appliedN()});
    crashPoint("released.sent");
}

void ShardRunner::startCheckpoint(Instant now, const ShardCore::Due& due)
{
    CheckpointInfo info;
    info.shard = assigned_.shard;
    info.epoch = assigned_.epoch;
    info.n = core_.appliedN();
    info.offset = appliedOffset_;
    info.kind = due.kind;
    info.base = due.base;
    const bool full = due.kind == CheckpointKind::kFull;
    info.keys = full ? state_.keys() : state_.changedKeys();
    info.recordsApplied = recordsApplied_;
    info.wallMs = context_.env.strand.wallNow();
    info.intervalMs = static_cast<std::uint32_t>(
        duration_cast<std::chrono::milliseconds>(core_.interval()).count());
    info.reason = due.reason;
    Bytes state = full ? state_.packFull() : state_.packChanges();
    core_.started(now, due.kind);
    storeStarted_ = context_.env.strand.now();
    info.snapshotMicros = (storeStarted_ - now).count() / 1000;
    crashPoint("checkpoint.store.before");
    context_.store.store(
        info, std::move(state),
        lifetime_.guard([this](const Result<CheckpointInfo>& done) { stored(done); }),
        outputs_.pack());
    checkpointNanos_ += (context_.env.strand.now() - now).count();
}

void ShardRunner::stored(const Result<CheckpointInfo>& info)
{
    if (!info.ok()) {
        core_.failed();
        context_.fail(info.error().during("store a checkpoint of shard "
                                          + std::to_string(assigned_.shard.value)));
        return;
    }
    crashPoint("checkpoint.store.after");
    const Instant now = context_.env.strand.now();
    announced_ = *info;
    announced_.storeMicros = (now - storeStarted_).count() / 1000;
    announcing_ = true;
    lastAnnounce_ = now;
    context_.send("control", CheckpointDone{context_.node, announced_});
    crashPoint("checkpoint.announced");
}

void ShardRunner::onCommitted(const CheckpointCommitted& committed)
{
    if (!announcing_ && committed.rebase) return core_.rebase(context_.env.strand.now());
    if (!announcing_) return;
    if (!committed.accepted) {
        fenced_ = true;
        return;
    }
    // Ids grow: a late or doubled answer to an earlier checkpoint must not pass for this one's.
    const bool names = committed.id.value != 0;
    if (names && committed.id <= std::max(core_.newest(), invalidated_)) return;
    if (committed.rebase) {
        // The answer names a checkpoint that was listed and invalidated meanwhile. That is its
        // answer; no other will come.
        if (names) invalidated_ = committed.id;
        if (names || announced_.kind == CheckpointKind::kDelta) {
            announcing_ = false;
            core_.failed();
        }
        return core_.rebase(context_.env.strand.now());
    }
    if (!names) return;
    crashPoint("checkpoint.committed");
    announcing_ = false;
    core_.committed(committed.id);
    outputs_.checkpointed(announced_.n, context_.env.strand.now());
    finishRelease();
}

void ShardRunner::onSubscribed(const Subscribed& subscribed)
{
    subscribed_ = true;
    core_.subscribed(subscribed.lastN);
    reportRecovery(context_.env.strand.now());
}

void ShardRunner::onTaken(const OutputTaken& taken)
{
    const Status status = outputs_.onTaken(taken, context_.env.strand.now());
    if (!status.ok()) return context_.fail(status.error());
    applyWaiting();
}

void ShardRunner::onRelease()
{
    const Instant now = context_.env.strand.now();
    if (!core_.releasing()) core_.release();
    core_.hurry(now);
    tick(now);
}

void ShardRunner::onCheckpointNow(const std::string& reason)
{
    core_.request(reason);
    if (reason == "close") core_.hurry(context_.env.strand.now());
}

void ShardRunner::onInterval(std::uint32_t intervalMs)
{
    core_.setInterval(std::chrono::milliseconds(intervalMs));
}

void ShardRunner::onFrame(const Frame& frame)
{
    const bool waiting = outputs_.full() || poisoned_ || !waiting_.empty();
    if (waiting && core_.judge(frame.header.n) != ShardCore::Verdict::kDuplicate)
        return keepWaiting(frame);
    applyFrame(frame);
}

void ShardRunner::keepWaiting(const Frame& frame)
{
    const FrameNo behind = core_.appliedN() + (poisoned_ ? 1 : 0) + waiting_.size();
    if (frame.header.n == behind + 1) waiting_.push_back(frame);
}

void ShardRunner::applyWaiting()
{
    for (int left = kWaitingAtOnce; left > 0 && !waiting_.empty(); --left) {
        if (outputs_.full() || poisoned_) return;
        const Frame frame = std::move(waiting_.front());
        waiting_.pop_front();
        applyFrame(frame);
    }
}

void ShardRunner::applyFrame(const Frame& frame)
{
    const auto verdict = core_.judge(frame.header.n);
    if (verdict == ShardCore::Verdict::kAhead)
        return;  // the edge sends the missing frame and this one again
    if (verdict == ShardCore::Verdict::kApply) {
        if (poisoned_) return;
        crashPoint("frame.apply.before");
        const Instant before = context_.env.strand.now();
        const bool live = core_.state() == ShardState::kLive;
        if (!applyInTurn(frame)) return;
        core_.applied(frame.header.n);
        outputs_.applied(frame.header.n, context_.env.strand.now());
        appliedOffset_ = frame.header.lastOffset + 1;
        const Instant after = context_.env.strand.now();
        busyNanos_ += (after - before).count();
        if (live && after >= frame.header.cutAt) {
            context_.latency.record((after - frame.header.cutAt).count() / 1000,
                                    frame.header.records);
        }
        reportRecovery(after);
        crashPoint("frame.apply.after");
    }
    context_.send("edge",
                  Applied{context_.node, assigned_.shard, assigned_.epoch, core_.appliedN()});
    crashPoint("applied.sent");
}

bool ShardRunner::applyInTurn(const Frame& frame)
{
#ifdef FORESHARD_MUTANTS
    if (mutant(Mutant::kSwapFrames) && frame.header.n % 7 == 3) {
        late_ = frame;
        return true;
    }
#endif
    if (!applyRecords(frame)) return false;
    const bool again = mutant(Mutant::kApplyTwice) && frame.header.n == restoredN(assigned_) + 1;
    if (again && !assigned_.chain.empty()) static_cast<void>(applyRecords(frame));
#ifdef FORESHARD_MUTANTS
    if (const auto late = std::exchange(late_, std::nullopt))
        static_cast<void>(applyRecords(*late));
#endif
    return true;
}

bool ShardRunner::applyRecords(const Frame& frame)
{
    while (!tryRecords(frame)) {
        state_.takeBack();
        if (guard_.mayTryAgain()) continue;
        poisoned_ = frame;
        sayPoisoned(context_.env.strand.now());
        return false;
    }
    return true;
}

void ShardRunner::sayPoisoned(Instant now)
{
    if (guard_.gone()) return;
    lastPoisoned_ = now;
    DeadLetter letter = guard_.letter();
    letter.wallMs = context_.env.strand.wallNow();
    context_.send("control", Poisoned{context_.node, assigned_.epoch, std::move(letter)});
}

void ShardRunner::onQuarantined(const Quarantined& quarantined)
{
    guard_.skip(quarantined.offset);
    if (!poisoned_ || guard_.letter().place.offset != quarantined.offset) return;
    const Frame frame = std::move(*poisoned_);
    poisoned_.reset();
    applyFrame(frame);
    applyWaiting();
}

bool ShardRunner::tryRecords(const Frame& frame)
{
    RecordUnpacker records(frame.records);
    RecordView record;
    Nanos cost{0};
    std::uint64_t data = 0;
    state_.beginFrame();
    guard_.begin(frame.header);
    outputs_.begin();
    for (std::uint32_t index = 0; records.next(record); ++index) {
        if (record.kind != RecordKind::kData || guard_.skips(record.offset)) continue;
        const auto apply = [&] {
            outputs_.add(record.offset, record.key, state_.apply(record.key, record.value));
        };
        if (!guard_.run(record, index, apply)) return false;
        cost += context_.operatorSpec.declaredCost(record);
        ++data;
    }
    // The envelope's checksum held, so a record that does not parse was packed wrongly here.
    FS_CHECK(records.status().ok());
    recordsApplied_ += data;
    if (core_.state() == ShardState::kReplaying) replayed_ += data;
    if (cost.count() > 0) context_.env.strand.spend(cost, context_.operatorSpec.workBusy);
    return true;
}

void ShardRunner::reportRecovery(Instant now)
{
    if (!core_.takeCaughtUp()) return;
    Recovered recovered;
    recovered.node = context_.node;
    recovered.shard = assigned_.shard;
    recovered.epoch = assigned_.epoch;
    recovered.cause = assigned_.cause;
    recovered.loadMicros = (loaded_ - began_).count() / 1000;
    recovered.replayMicros = (now - loaded_).count() / 1000;
    recovered.recordsReplayed = replayed_;
    context_.send("control", recovered);
}

NodeShardReport ShardRunner::report() const
{
    NodeShardReport report;
    report.shard = assigned_.shard;
    report.epoch = assigned_.epoch;
    report.state = core_.state();
    report.applied = core_.appliedN();
    report.appliedOffset = appliedOffset_;
    report.recordsApplied = recordsApplied_;
    report.busyNanos = busyNanos_;
    report.checkpointNanos = checkpointNanos_;
    report.intervalMs = static_cast<std::uint32_t>(
        duration_cast<std::chrono::milliseconds>(core_.interval()).count());
    report.outputsPending = outputs_.pending();
    report.outputBytes = outputs_.pendingBytes();
    report.outputsFull = outputs_.full();
    return report;
}

}  // namespace foreshard
