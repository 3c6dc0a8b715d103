#include "engine/edge/edge_driver.h"

#include "engine/base/overloaded.h"
#include "engine/edge/box_start.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "engine/wire/senders.h"

#include <utility>

namespace foreshard {
namespace {

constexpr Nanos kTick = 100ms;
constexpr std::uint64_t kRetentionTicks = 50;
constexpr std::uint64_t kWatchTicks = 10;  // files are looked after once a second

}  // namespace

EdgeDriver::EdgeDriver(Env& env, EdgeOptions options)
    : env_(env), options_(std::move(options)), lastTick_(env.strand.now())
{
    options_.boxes.directory = options_.dataDirectory + "/box";
}

EdgeDriver::~EdgeDriver() { env_.network.close("edge"); }

Status EdgeDriver::start()
{
    FS_TRY(StartedBoxes started, startBoxes(env_, options_.dataDirectory, options_.boxes));
    boxes_ = std::move(started.boxes);
    backlog_ = std::move(started.backlog);
    const auto failed = [this](const Error& error) { fail(error); };
    delivery_.emplace(env_, *boxes_, backlog_, failed);
    ingest_.emplace(env_, options_, *boxes_, backlog_,
                    Ingest::Heard{[this] { delivery_->deliverAll(); }, failed});
    for (const ShardId shard : started.shards)
        ingest_->know(shard);
    FS_TRY_STATUS(ingest_->open());
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
    std::visit(Overloaded{
                   [this](const RouteTable& m) { onRoutes(m); },
                   [this](const Subscribe& m) { delivery_->onSubscribe(m); },
                   [this](const Applied& m) { delivery_->onApplied(m); },
                   [this](const Truncate& m) { delivery_->onTruncate(m); },
                   [this](const Retain& m) { delivery_->onRetain(m); },
                   [this](const Stop&) { ingest_->stop(); },
                   [](const auto&) {},  // spoken to somebody else
               },
               *decoded);
}

void EdgeDriver::onRoutes(const RouteTable& routes)
{
    if (routes.version <= routeVersion_) return;
    if (const Status status = ingest_->assign(routes); !status.ok())
        return fail(status.error().during("take over shard map " + std::to_string(routes.version)));
    routeVersion_ = routes.version;
    delivery_->assign(routes);
}

void EdgeDriver::tick()
{
    const Instant now = env_.strand.now();
    delivery_->serveSilentAgain(now);
    if (tick_ % kRetentionTicks == 0) boxes_->applyRetention();
    ingest_->tick(now);
    watchFiles();
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

void EdgeDriver::sendReport(Instant now)
{
    EdgeReport report;
    report.routeVersion = routeVersion_;
    report.tick = ++tick_;
    report.source = ingest_->report();
    report.boxBytes = boxes_->diskBytes();
    const Result<std::uint64_t> free = env_.disk.freeBytes(options_.dataDirectory);
    if (free.ok()) report.diskFreeBytes = *free;
    report.drained = drained();
    if (failure_) {
        report.failure = failure_->message;
        report.failureCode = failure_->code;
    }
    report.shards = ingest_->closeTick(now - lastTick_);
    lastTick_ = now;
    const BoxCore& core = boxes_->core();
    for (EdgeShardReport& entry : report.shards) {
        const ShardId shard = entry.tick.shard;
        entry.lastN = core.lastDurable(shard);
        entry.nextOffset = core.nextOffset(shard);
        const BoxCore::Buffered buffered = core.buffered(shard);
        entry.bufferedBytes = buffered.bytes;
        entry.bufferedRecords = buffered.records;
    }
    env_.network.send("edge", "control", encode(report));
}

bool EdgeDriver::drained() const
{
    return ingest_->finished() && boxes_->batchesInFlight() == 0 && routeVersion_ != 0
           && delivery_->allConfirmed();
}

EdgeDriver::MemoryUse EdgeDriver::memoryUse() const
{
    if (!delivery_) return {};
    return {backlog_.bytes(), backlog_.bytesAtStart(), boxes_->cacheBytes(),
            delivery_->bytesInFlightMost()};
}

void EdgeDriver::fail(const Error& error)
{
    if (failure_) return;  // the first one is the cause
    failure_ = error;
    ingest_->halt();
    sendReport(env_.strand.now());
}

}  // namespace foreshard
