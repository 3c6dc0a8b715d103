#include "engine/edge/edge_driver.h"

#include "engine/base/crash_point.h"
#include "engine/base/mutant.h"
#include "engine/base/overloaded.h"
#include "engine/checkpoint/manifest_store.h"
#include "engine/model/addresses.h"
#include "engine/model/work_cost.h"
#include "engine/source/pipe_resume.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "engine/wire/senders.h"

#include <algorithm>

namespace foreshard {
namespace {

constexpr Nanos kTick = 100ms;
constexpr Nanos kIdle = 2ms;
constexpr std::uint64_t kRetentionTicks = 50;
constexpr std::uint64_t kWatchTicks = 10;  // files are looked after once a second
constexpr Nanos kSpaceAgain = 200ms;
constexpr Nanos kOpenRowNamed = 2s;
constexpr Nanos kPatienceMin = 1s;
constexpr Nanos kPatienceMax = 8s;

}  // namespace

EdgeDriver::EdgeDriver(Env& env, EdgeOptions options)
    : env_(env),
      options_(std::move(options)),
      memory_(env.disk, options_.dataDirectory),
      space_(options_.lowSpaceBytes),
      lastTick_(env.strand.now())
{
    options_.boxes.directory = options_.dataDirectory + "/box";
}

EdgeDriver::~EdgeDriver() { env_.network.close("edge"); }

Status EdgeDriver::start()
{
    FS_TRY(boxes_, BoxStore::open(env_, options_.boxes));
    FS_TRY(const ManifestCore manifest, ManifestStore::read(env_.disk, options_.dataDirectory));
    position_ = boxes_->sourcePosition();
    for (const CheckpointInfo& info : manifest.all()) {
        // Boxes go back to their last whole batch, but never behind what was applied already.
        if (info.offset <= position_.nextOffset) continue;
        return Error{Errc::kCorrupt,
                     "the buffer boxes in " + options_.boxes.directory + " end at offset "
                         + std::to_string(position_.nextOffset)
                         + ", but a checkpoint of shard " + std::to_string(info.shard.value)
                         + " contains records up to " + std::to_string(info.offset)
                         + ": the end of a box is damaged or lost: run `foreshard verify`, and "
                           "restore the file from a copy"};
    }
    for (const CheckpointInfo& info : manifest.all()) {
        if (info.state == CheckpointState::kInvalidated) continue;
        // All its frames are behind a checkpoint and gone: its numbers go on behind that one.
        const bool gone = boxes_->core().lastAppended(info.shard) < info.n;
        const CheckpointInfo* newest = manifest.newest(info.shard);
        if (gone && newest != nullptr && newest->id == info.id)
            boxes_->startBehind(info.shard, info.n);
        in_[info.shard].confirmed = info.n;
        boxes_->saved(info.shard, info.n);
    }
    // What an earlier life left to do counts, or every start of an engine that dies again and again
    // could add as much as the limit allows.
    backlogBytes_ = backlogAtStart_ = boxes_->core().bufferedBytes();
    FS_TRY_STATUS(memory_.load(*boxes_, options_.schema.recordBytesMax));
    FS_TRY(source_, openSource(options_.schema, env_.disk, position_, options_.ratePerSecond,
                               &memory_.stored(), options_.finishAtEnd));
    report_.uri = options_.schema.source;
    report_.nextOffset = report_.startOffset = position_.nextOffset;
    FS_TRY_STATUS(env_.network.open(
        "edge", env_.strand,
        [this](const std::string& from, const Bytes& message) { onMessage(from, message); }));
    lastTick_ = env_.strand.now();
    tick();
    return {};
}

void EdgeDriver::onMessage(const std::string& from, const Bytes& message)
{
    const Result<EnvelopeHead> head = peekEnvelope(message);
    if (!head.ok() || !maySay(from, "edge", static_cast<WireType>(head->type))) return;
    const Result<Message> decoded = decode(message);
    // What is damaged is said again if it mattered.
    if (!decoded.ok() || !speaksForItself(from, *decoded)) return;
    std::visit(
        Overloaded{
            [this](const RouteTable& m) { onRoutes(m); },
            [this](const Subscribe& m) { onSubscribe(m); },
            [this](const Applied& m) { onApplied(m); },
            [this](const Truncate& m) { onTruncate(m); }, [this](const Retain& m) { onRetain(m); },
            [this](const Stop&) { stopped_ = true; },
            [](const auto&) {},  // spoken to somebody else
        },
        *decoded);
}

void EdgeDriver::onRoutes(const RouteTable& routes)
{
    if (routes.version <= routes_.version) return;
    if (const Status status = sharder_.assign(routes.shards, routes.routing); !status.ok()) {
        return fail(status.error().during("take over shard map " + std::to_string(routes.version)));
    }
    routes_ = routes;
    for (const ShardAssignment& shard : routes.shards) {
        owners_[shard.shard] = shard;
        in_[shard.shard].tick.shard = shard.shard;
        // The epoch is the fence: from here on the old owner gets nothing more.
        const auto subscription = subscriptions_.find(shard.shard);
        if (subscription != subscriptions_.end() && subscription->second.epoch < shard.epoch) {
            subscriptions_.erase(subscription);
        }
    }
    if (!readScheduled_) readSoon(Nanos{0});
}

void EdgeDriver::onSubscribe(const Subscribe& subscribe)
{
    const auto owner = owners_.find(subscribe.shard);
    const bool current = owner != owners_.end() && owner->second.epoch == subscribe.epoch
                         && owner->second.node == subscribe.node;
    if (!current && !mutant(Mutant::kIgnoreEpoch))
        return;  // too old, or our map is: the subscriber repeats
    crashPoint("subscribe.received");
    const BoxCore& core = boxes_->core();
    if (subscribe.fromN > core.lastAppended(subscribe.shard) + 1) return;  // no such frame
    const auto known = subscriptions_.find(subscribe.shard);
    const bool sameEpoch = known != subscriptions_.end() && known->second.epoch == subscribe.epoch;
    // One epoch, one incarnation: a node that came back gets a new epoch, whatever late Assign it
    // heard.
    if (sameEpoch && known->second.incarnation != subscribe.incarnation) return;
    const bool repeated = sameEpoch && known->second.ackedN + 1 >= subscribe.fromN;
    // A late repeat may well ask for frames that are confirmed and cut off by now.
    if (!repeated) {
        if (const Status status = retainAgain(subscribe); !status.ok()) return fail(status.error());
    }
    Subscription& subscription = subscriptions_[subscribe.shard];
    if (!repeated) {
        // What lies before was applied, though no word of it may have come.
        settle(subscribe.shard, subscribe.fromN - 1);
        subscription = {nodeAddress(subscribe.node),
                        subscribe.node,
                        subscribe.incarnation,
                        subscribe.epoch,
                        subscribe.window,
                        subscribe.fromN,
                        subscribe.fromN - 1,
                        0,
                        env_.strand.now(),
                        kPatienceMin};
    }
    env_.network.send(
        "edge", subscription.to,
        encode(Subscribed{subscribe.shard, subscribe.epoch, core.lastDurable(subscribe.shard)}));
    deliver(subscribe.shard);
}

Status EdgeDriver::retainAgain(const Subscribe& subscribe)
{
    const ShardId shard = subscribe.shard;
    std::uint64_t& fence = fences_[shard];
    fence = std::max(fence, subscribe.fence);
    const FrameNo begin = boxes_->core().firstRetained(shard);
    if (subscribe.fromN >= begin) return {};
    // The checkpoints behind which the box was cut are damaged. Retention may still have the
    // frames.
    FS_TRY(const BoxStore::Missing missing, boxes_->retainFrom(shard, subscribe.fromN, false));
    if (missing.first == 0) return {};
    return Error{Errc::kGap, nameOf(shard) + " needs its frames from "
                                 + std::to_string(subscribe.fromN)
                                 + " on, but the buffer box begins at " + std::to_string(begin)
                                 + ": the checkpoint behind which it was cut is gone: restore the "
                                   "data directory from a copy"};
}

void EdgeDriver::onApplied(const Applied& applied)
{
    const auto it = subscriptions_.find(applied.shard);
    if (it == subscriptions_.end() || it->second.epoch != applied.epoch
        || it->second.node != applied.node)
        return;
    crashPoint("applied.received");
    if (confirm(it->second, applied.shard, applied.n)) deliver(applied.shard);
}

bool EdgeDriver::confirm(Subscription& subscription, ShardId shard, FrameNo upTo)
{
    const BoxCore& core = boxes_->core();
    if (upTo <= subscription.ackedN || upTo > core.lastDurable(shard)) return false;
    for (FrameNo n = subscription.ackedN + 1; n <= upTo && n < subscription.nextN; ++n) {
        const FrameRef* frame = core.find(shard, n);
        if (frame != nullptr)
            subscription.inFlight -= std::min(subscription.inFlight, frame->bytes);
    }
    settle(shard, upTo);
    subscription.ackedN = upTo;
    subscription.nextN = std::max(subscription.nextN, upTo + 1);
    subscription.lastProgress = env_.strand.now();
    subscription.patience = kPatienceMin;
    return true;
}

void EdgeDriver::settle(ShardId shard, FrameNo upTo)
{
    ShardIn& in = in_[shard];
    for (FrameNo n = in.confirmed + 1; n <= upTo; ++n) {
        const FrameRef* frame = boxes_->core().find(shard, n);
        if (frame != nullptr) backlogBytes_ -= std::min(backlogBytes_, frame->bytes);
    }
    in.confirmed = std::max(in.confirmed, upTo);
}

void EdgeDriver::onRetain(const Retain& retain)
{
    Retained retained;
    retained.shard = retain.shard;
    retained.fence = retain.fence;
    retained.lastN = boxes_->core().lastDurable(retain.shard);
    std::uint64_t& newest = fences_[retain.shard];
    if (retain.fence < newest) return;  // late
    if (retain.fence == newest)
        return env_.network.send("edge", "control", encode(retained));  // again
    const Result<BoxStore::Missing> missing =
        boxes_->retainFrom(retain.shard, retain.fromN, retain.dryRun);
    if (missing.ok()) {
        retained.missingFirst = missing->first;
        retained.missingLast = missing->last;
        if (missing->first == 0 && !retain.dryRun) newest = retain.fence;
    } else {
        retained.failure = missing.error().message;
        retained.failureCode = missing.error().code;
    }
    env_.network.send("edge", "control", encode(retained));
}

void EdgeDriver::onTruncate(const Truncate& truncate)
{
    // Sent before the shard was set back: what it frees is needed again.
    if (truncate.fence < fences_[truncate.shard]) return;
    const FrameNo last = boxes_->core().lastAppended(truncate.shard);
    if (truncate.n > last || truncate.savedN > last) return;  // no such frame
    // What lies behind a checkpoint was applied, though the word of it may have been lost: it must
    // not be asked of the box any more.
    const auto it = subscriptions_.find(truncate.shard);
    const bool news = it != subscriptions_.end() && confirm(it->second, truncate.shard, truncate.n);
    crashPoint("box.truncate.before");
    settle(truncate.shard, truncate.n);  // also while nobody has subscribed
    boxes_->truncate(truncate.shard, truncate.n);
    crashPoint("box.truncate.after");
    boxes_->saved(truncate.shard, truncate.savedN);
    if (news) deliver(truncate.shard);
}

void EdgeDriver::readSoon(Nanos delay)
{
    readScheduled_ = true;
    auto task = lifetime_.guard([this] {
        readScheduled_ = false;
        readMore();
    });
    if (delay.count() == 0) {
        env_.strand.post(std::move(task));
    } else {
        env_.strand.postAfter(delay, std::move(task));
    }
}

void EdgeDriver::readMore()
{
    // What was read already is written even when nothing more is to be read: a pipe cannot say it
    // again.
    const bool over = (!unwritten_ && (stopped_ || report_.end)) || !failure_.empty();
    if (over || routes_.version == 0 || boxes_->batchesInFlight() >= kBatchesInFlightMax) return;
    if (spaceIsLow()) return readSoon(kSpaceAgain);
    if (!unwritten_) {
        if (backlogBytes_ > options_.backlogBytesMax) return readSoon(kIdle);
        if (const Status status = readBatch(); !status.ok()) {
            const Error& error = status.error();
            const bool named = error.message.starts_with(options_.schema.source);
            if (named) return fail({error.code, "read " + error.message});
            return fail(error.during("read " + options_.schema.source));
        }
    }
    if (unwritten_) return writeBatch();
    if (!report_.end) readSoon(kIdle);
}

bool EdgeDriver::spaceIsLow()
{
    constexpr std::uint64_t kMebi = 1U << 20U;
    report_.problem.clear();
    if (boxes_->waitingForSpace()) {
        report_.problem = "reading has stopped: the disk of " + options_.dataDirectory
                          + " is full: free some space, and it goes on by itself";
    }
    if (space_.lowBytes() == 0) return false;
    const Result<std::uint64_t> free = env_.disk.freeBytes(options_.dataDirectory);
    if (!free.ok()) return space_.low();  // unknown: as before
    if (space_.update(*free)) {
        report_.problem = "reading has stopped: the disk of " + options_.dataDirectory + " has "
                          + std::to_string(*free / kMebi) + " MiB left, and "
                          + std::to_string(space_.lowBytes() / kMebi)
                          + " MiB are kept for checkpoints: free some space, and it goes on by "
                            "itself; --retain-bytes bounds what is kept for rebuild";
    }
    return space_.low();
}

Status EdgeDriver::readBatch()
{
    FS_TRY(Source::Batch batch, source_->read(options_.batchBytes, env_.strand.now()));
    report_.end = batch.end;
    if (source_->continues() && report_.note.empty()) {
        report_.note = continuationNote(options_.schema.source, position_.byte);
    }
    if (batch.parsed.records.empty()) return {};
    unwritten_ = std::move(batch);
    crashPoint("source.taken");
    return {};
}

void EdgeDriver::writeBatch()
{
    Status status = memory_.take(*unwritten_, position_.byte, *source_);
    if (!status.ok() && status.error().code == Errc::kNoSpace) {
        report_.problem = status.error().message;
        return readSoon(kSpaceAgain);
    }
    if (status.ok()) {
        Source::Batch batch = std::move(*unwritten_);
        unwritten_.reset();
        status = writeBatch(std::move(batch));
    }
    if (!status.ok()) return fail(status.error().during("take a batch"));
    if (!readScheduled_) readSoon(Nanos{0});
}

void EdgeDriver::rememberSource()
{
    const Status status = memory_.save();
    // Without it the next start compares less.
    if (status.ok() || status.error().code == Errc::kNoSpace) return;
    fail(status.error().during("remember the source"));
}

Status EdgeDriver::writeBatch(Source::Batch batch)
{
    const ParsedBatch& parsed = batch.parsed;
    std::vector<BoxStore::BoxFrame> frames;
    for (const RecordView& record : parsed.records)
        addRecord(record, frames);
    for (auto& [shard, in] : in_)
        cutFrame(shard, frames);
    noteRejects(parsed);
    position_ = batch.after;
    std::map<ShardId, FrameNo> next;
    for (BoxStore::BoxFrame& frame : frames) {
        FrameHeader& header = frame.frame.header;
        const auto [n, first] =
            next.try_emplace(header.shard, boxes_->core().lastAppended(header.shard));
        header.n = ++n->second;
        header.sourceAfter = position_;
        header.wallMs = env_.strand.wallNow();
        header.cutAt = env_.strand.now();
    }
    const auto records = static_cast<std::uint64_t>(
        std::count_if(parsed.records.begin(), parsed.records.end(),
                      [](const RecordView& r) { return r.kind == RecordKind::kData; }));
    const auto durable = [this, records, after = position_](const Status& status) {
        if (!status.ok()) return fail(status.error().during("make a batch durable"));
        crashPoint("batch.durable");
        report_.recordsIn += records;
        report_.nextOffset = after.nextOffset;
        report_.bytesIn = after.byte;
        deliverAll();
        crashPoint("batch.delivered");
        if (!readScheduled_) readSoon(Nanos{0});
    };
    std::map<ShardId, FrameNo> before;
    for (const auto& [shard, n] : next)
        before[shard] = boxes_->core().lastAppended(shard);
    FS_TRY_STATUS(boxes_->append(std::move(frames), lifetime_.guard(durable)));
    crashPoint("batch.appended");
    // By the size that onApplied() takes off again.
    for (const auto& [shard, last] : next) {
        for (FrameNo n = before[shard] + 1; n <= last; ++n)
            backlogBytes_ += boxes_->core().find(shard, n)->bytes;
    }
    return {};
}

void EdgeDriver::addRecord(const RecordView& record, std::vector<BoxStore::BoxFrame>& frames)
{
    const ShardId shard = sharder_.shardOf(record);
    ShardIn& in = in_[shard];
    if (in.packer.count() == 0) in.firstOffset = record.offset;
    in.lastOffset = record.offset;
    in.packer.add(record);
    if (record.kind == RecordKind::kData) {
        const int bucket = costBucket(record.type, record.raw.size());
        ++in.tick.records;
        in.tick.bytes += static_cast<std::uint32_t>(record.raw.size());
        ++in.tick.types[bucket];
        in.tick.typeBytes[bucket] += static_cast<std::uint32_t>(record.raw.size());
        in.workNanos += options_.operatorSpec.declaredCost(record).count();
        in.topSlot = std::max(in.topSlot, ++slotCounts_[slotOf(record.key)]);
        ++in.recordsIn;
    }
    if (in.packer.bytes() >= options_.frameBytes) cutFrame(shard, frames);
}

void EdgeDriver::cutFrame(ShardId shard, std::vector<BoxStore::BoxFrame>& frames)
{
    ShardIn& in = in_[shard];
    if (in.packer.count() == 0) return;
    const ShardAssignment& owner = owners_.at(shard);
    BoxStore::BoxFrame frame;
    frame.box = owner.box;
    frame.frame.header.shard = shard;
    frame.frame.header.epoch = owner.epoch;
    frame.frame.header.firstOffset = in.firstOffset;
    frame.frame.header.lastOffset = in.lastOffset;
    frame.frame.header.records = in.packer.count();
    frame.frame.records = in.packer.take();
    frames.push_back(std::move(frame));
}

void EdgeDriver::noteRejects(const ParsedBatch& parsed)
{
    report_.recordsRejected += parsed.rejected;
    report_.rejectedLines += parsed.rejectedLines;
    report_.blankLines += parsed.blankLines;
    report_.timesUnreadable += parsed.timesUnreadable;
    report_.bytesInvalidUtf8 += parsed.invalidUtf8;
    if (parsed.rejected == 0) return;
    report_.rejectsByReason.resize(kRejectReasonCount);
    for (std::size_t reason = 0; reason < parsed.byReason.size(); ++reason)
        report_.rejectsByReason[reason] += parsed.byReason[reason];
    for (std::size_t i = 0; i < parsed.records.size(); ++i) {
        const RejectReason reason = parsed.records[i].reason;
        if (reason == RejectReason::kNone || reason == RejectReason::kBlankLine) continue;
        report_.newestReject = {parsed.lines[i], reason};
        if (report_.firstReject.line == 0) report_.firstReject = report_.newestReject;
    }
    report_.lastReject = "line " + std::to_string(report_.newestReject.line) + ": "
                         + rejectReasonText(report_.newestReject.reason);
}

void EdgeDriver::noteOpenRow(Instant now)
{
    const std::uint64_t line = source_->openRowLine();
    if (line != openRowLine_) {
        openRowLine_ = line;
        openRowSince_ = now;
    }
    if (line == 0 || now - openRowSince_ < kOpenRowNamed || !report_.problem.empty()) return;
    report_.problem = "the row at line " + std::to_string(line) + " of " + options_.schema.source
                      + " has been open for "
                      + std::to_string((now - openRowSince_).count() / 1'000'000'000)
                      + " s: a quote without an end holds back the lines behind it: end the row "
                        "in the source; else it is rejected at the source's end, or when it is "
                        "longer than --record-max";
}

void EdgeDriver::deliverAll()
{
    for (const auto& [shard, subscription] : subscriptions_)
        deliver(shard);
}

void EdgeDriver::deliver(ShardId shard)
{
    const auto it = subscriptions_.find(shard);
    if (it == subscriptions_.end()) return;
    Subscription& subscription = it->second;
    const FrameNo last = boxes_->core().lastDurable(shard);
    while (subscription.nextN <= last && subscription.inFlight < subscription.window) {
        const FrameRef* frame = boxes_->core().find(shard, subscription.nextN);
        FS_CHECK(frame != nullptr);
        Result<Bytes> sealed = boxes_->read(*frame);
        if (!sealed.ok())
            return fail(sealed.error().during("replay shard " + std::to_string(shard.value)));
        if (subscription.inFlight == 0) subscription.lastProgress = env_.strand.now();
        subscription.inFlight += sealed->size();
        ++subscription.nextN;
        crashPoint("frame.send");
        env_.network.send("edge", subscription.to, std::move(*sealed));
    }
}

void EdgeDriver::repeatUnconfirmed(Instant now)
{
    for (auto& [shard, subscription] : subscriptions_) {
        const bool waiting = subscription.nextN > subscription.ackedN + 1;
        if (!waiting || now - subscription.lastProgress < subscription.patience) continue;
        subscription.nextN = subscription.ackedN + 1;
        subscription.inFlight = 0;
        subscription.lastProgress = now;
        subscription.patience = std::min(subscription.patience * 2, kPatienceMax);
        deliver(shard);
    }
}

void EdgeDriver::tick()
{
    const Instant now = env_.strand.now();
    repeatUnconfirmed(now);
    if (tick_ % kRetentionTicks == 0) boxes_->applyRetention();
    if (!unwritten_) static_cast<void>(spaceIsLow());  // else its write says what is wrong
    noteOpenRow(now);
    watchFiles();
    if ((stopped_ || report_.end) && !unwritten_) rememberSource();
    sendReport(now);
    env_.strand.postAfter(kTick, lifetime_.guard([this] { tick(); }));
}

void EdgeDriver::watchFiles()
{
    // Whoever hears that all is drained may end on it.
    if (tick_ % kWatchTicks != 0 && !drained()) return;
    if (const Status status = boxes_->filesThere(); !status.ok())
        fail(status.error().during("look after the buffer boxes"));
}

ShardTick EdgeDriver::closeTick(ShardId shard, ShardIn& in, Nanos span)
{
    ShardTick tick = in.tick;
    if (tick.records > 0)
        tick.topKeyShare = static_cast<PerMille>(in.topSlot * 1000ULL / tick.records);
    if (span.count() > 0) tick.actual = static_cast<PerMille>(in.workNanos * 1000 / span.count());
    in.tick = ShardTick{};
    in.tick.shard = shard;
    in.workNanos = 0;
    in.topSlot = 0;
    return tick;
}

void EdgeDriver::sendReport(Instant now)
{
    EdgeReport report;
    report.routeVersion = routes_.version;
    report.tick = ++tick_;
    report.source = report_;
    report.boxBytes = boxes_->diskBytes();
    if (const Result<std::uint64_t> free = env_.disk.freeBytes(options_.dataDirectory); free.ok()) {
        report.diskFreeBytes = *free;
    }
    report.drained = drained();
    report.failure = failure_;
    report.failureCode = failureCode_;
    const Nanos span = now - lastTick_;
    lastTick_ = now;
    const BoxCore& core = boxes_->core();
    for (auto& [shard, in] : in_) {
        EdgeShardReport entry;
        entry.tick = closeTick(shard, in, span);
        entry.recordsIn = in.recordsIn;
        entry.lastN = core.lastDurable(shard);
        entry.nextOffset = core.nextOffset(shard);
        const BoxCore::Buffered buffered = core.buffered(shard);
        entry.bufferedBytes = buffered.bytes;
        entry.bufferedRecords = buffered.records;
        report.shards.push_back(entry);
    }
    std::fill(slotCounts_.begin(), slotCounts_.end(), 0U);
    env_.network.send("edge", "control", encode(report));
}

bool EdgeDriver::drained() const
{
    const bool reading = unwritten_ || (!report_.end && !stopped_);
    if (reading || boxes_->batchesInFlight() > 0 || routes_.version == 0) return false;
    for (const auto& [shard, owner] : owners_) {
        const auto it = subscriptions_.find(shard);
        if (it == subscriptions_.end() || it->second.ackedN < boxes_->core().lastDurable(shard))
            return false;
    }
    return true;
}

EdgeDriver::MemoryUse EdgeDriver::memoryUse() const
{
    MemoryUse use{backlogBytes_, backlogAtStart_, boxes_ ? boxes_->cacheBytes() : 0, 0};
    for (const auto& [shard, subscription] : subscriptions_)
        use.inFlightBytes = std::max(use.inFlightBytes, subscription.inFlight);
    return use;
}

void EdgeDriver::fail(const Error& error)
{
    if (!failure_.empty()) return;  // the first one is the cause
    failure_ = error.message;
    failureCode_ = error.code;
    sendReport(env_.strand.now());
}

}  // namespace foreshard
