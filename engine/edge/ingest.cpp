#include "engine/edge/ingest.h"

#include "engine/base/crash_point.h"
#include "engine/source/pipe_resume.h"

#include <utility>

namespace foreshard {
namespace {

constexpr Nanos kIdle = 2ms;
constexpr Nanos kSpaceAgain = 200ms;

}  // namespace

Ingest::Ingest(Env& env, const EdgeOptions& options, BoxStore& boxes, BacklogCore& backlog,
               Heard heard)
    : env_(env),
      options_(options),
      boxes_(boxes),
      backlog_(backlog),
      heard_(std::move(heard)),
      memory_(env.disk, options.dataDirectory),
      batches_(options.frameBytes, options.operatorSpec),
      gate_(options.backlogBytesMax),
      space_(options.lowSpaceBytes)
{
}

Status Ingest::open()
{
    position_ = boxes_.sourcePosition();
    FS_TRY_STATUS(memory_.load(boxes_, options_.schema.recordBytesMax));
    FS_TRY(source_, openSource(options_.schema, env_.disk, position_, options_.ratePerSecond,
                               &memory_.stored(), options_.finishAtEnd));
    notes_.begin(options_.schema.source, position_.nextOffset);
    return {};
}

Status Ingest::assign(const RouteTable& routes)
{
    FS_TRY_STATUS(batches_.assign(routes));
    routed_ = true;
    if (!readScheduled_) readSoon(Nanos{0});
    return {};
}

void Ingest::readSoon(Nanos delay)
{
    readScheduled_ = true;
    auto task = lifetime_.guard([this] {
        readScheduled_ = false;
        goOn();
    });
    if (delay.count() == 0) {
        env_.strand.post(std::move(task));
    } else {
        env_.strand.postAfter(delay, std::move(task));
    }
}

void Ingest::goOn()
{
    const ReadState state{
        routed_,         halted_, isOver(), unwritten_.has_value(), boxes_.batchesInFlight(),
        backlog_.bytes()};
    switch (gate_.next(state, [this] { return spaceIsLow(); })) {
        case ReadStep::kRest:
            return;
        case ReadStep::kWaitForSpace:
            return readSoon(kSpaceAgain);
        case ReadStep::kWaitForBacklog:
            return readSoon(kIdle);
        case ReadStep::kRead:
            return readAndWrite();
        case ReadStep::kWrite:
            return writeUnwritten();
    }
}

bool Ingest::spaceIsLow()
{
    notes_.problem({});
    if (boxes_.waitingForSpace()) notes_.fullDisk(options_.dataDirectory);
    if (space_.lowBytes() == 0) return false;
    const Result<std::uint64_t> free = env_.disk.freeBytes(options_.dataDirectory);
    if (!free.ok()) return space_.low();  // unknown: as before
    if (space_.update(*free)) notes_.lowSpace(options_.dataDirectory, *free, space_.lowBytes());
    return space_.low();
}

void Ingest::readAndWrite()
{
    if (const Status status = readBatch(); !status.ok()) {
        const Error& error = status.error();
        const bool named = error.message.starts_with(options_.schema.source);
        if (named) return heard_.fail({error.code, "read " + error.message});
        return heard_.fail(error.during("read " + options_.schema.source));
    }
    if (unwritten_) return writeUnwritten();
    if (!notes_.hasEnded()) readSoon(kIdle);
}

Status Ingest::readBatch()
{
    FS_TRY(Source::Batch batch, source_->read(options_.batchBytes, env_.strand.now()));
    notes_.ended(batch.end);
    if (source_->continues())
        notes_.continues(continuationNote(options_.schema.source, position_.byte));
    if (batch.parsed.records.empty()) return {};
    unwritten_ = std::move(batch);
    crashPoint("source.taken");
    return {};
}

void Ingest::writeUnwritten()
{
    Status status = memory_.take(*unwritten_, position_.byte, *source_);
    if (!status.ok() && status.error().code == Errc::kNoSpace) {
        notes_.problem(status.error().message);
        return readSoon(kSpaceAgain);
    }
    if (status.ok()) {
        Source::Batch batch = std::move(*unwritten_);
        unwritten_.reset();
        status = append(std::move(batch));
    }
    if (!status.ok()) return heard_.fail(status.error().during("take a batch"));
    if (!readScheduled_) readSoon(Nanos{0});
}

Status Ingest::append(Source::Batch batch)
{
    BatchCore::Cut cut = batches_.cut(batch.parsed.records);
    notes_.taken(batch.parsed);
    position_ = batch.after;
    stampFrames(cut.frames, boxes_.core(), {position_, env_.strand.wallNow(), env_.strand.now()});
    std::vector<std::pair<ShardId, FrameNo>> appended;
    appended.reserve(cut.frames.size());
    for (const BoxFrame& frame : cut.frames)
        appended.emplace_back(frame.frame.header.shard, frame.frame.header.n);
    auto durable = [this, records = cut.dataRecords, after = position_](const Status& status) {
        onDurable(status, records, after);
    };
    FS_TRY_STATUS(boxes_.append(std::move(cut.frames), lifetime_.guard(std::move(durable))));
    crashPoint("batch.appended");
    for (const auto& [shard, n] : appended)
        backlog_.add(boxes_.core(), shard, n);
    return {};
}

void Ingest::onDurable(const Status& status, std::uint64_t records, const SourcePosition& after)
{
    if (!status.ok()) return heard_.fail(status.error().during("make a batch durable"));
    crashPoint("batch.durable");
    notes_.durable(records, after);
    heard_.durable();
    crashPoint("batch.delivered");
    if (!readScheduled_) readSoon(Nanos{0});
}

void Ingest::tick(Instant now)
{
    if (!unwritten_) static_cast<void>(spaceIsLow());  // else its write says what is wrong
    notes_.openRow(source_->openRowLine(), now);
    if (finished()) rememberSource();
}

void Ingest::rememberSource()
{
    const Status status = memory_.save();
    // Without it the next start compares less.
    if (status.ok() || status.error().code == Errc::kNoSpace) return;
    heard_.fail(status.error().during("remember the source"));
}

}  // namespace foreshard
