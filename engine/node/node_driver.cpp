#include "engine/node/node_driver.h"

#include "engine/base/crash_point.h"
#include "engine/base/mutant.h"
#include "engine/base/overloaded.h"
#include "engine/model/addresses.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "engine/wire/senders.h"

namespace foreshard {
namespace {

constexpr Nanos kTick = 10ms;
constexpr Nanos kReportEvery = 50ms;

}  // namespace

NodeDriver::NodeDriver(Env& env, NodeOptions options)
    : env_(env),
      options_(std::move(options)),
      address_(nodeAddress(options_.node)),
      began_(env.strand.now())
{
}

NodeDriver::~NodeDriver() { env_.network.close(address_); }

Status NodeDriver::start()
{
    FS_TRY(store_, CheckpointStore::open(env_, options_.dataDirectory, options_.node));
    context_.emplace(NodeContext{env_, options_.node, options_.incarnation, options_.dataDirectory,
                                 options_.operatorSpec, options_.windowBytes, options_.watch,
                                 *store_, latency_,
                                 [this](const char* to, const Message& message) {
                                     env_.network.send(address_, to, encode(message));
                                 },
                                 [this](const Error& error) { fail(error); }, options_.outputs});
    FS_TRY_STATUS(env_.network.open(
        address_, env_.strand,
        [this](const std::string& from, Bytes message) { onMessage(from, std::move(message)); }));
    sendReport(env_.strand.now());
    tick();
    return {};
}

void NodeDriver::onMessage(const std::string& from, Bytes message)
{
    netBytes_ += message.size();
    const Result<EnvelopeHead> head = peekEnvelope(message);
    if (!head.ok()) return;  // damaged or foreign: a sender repeats what is not answered
    if (!maySay(from, address_, static_cast<WireType>(head->type))) return;
    if (head->type == static_cast<std::uint16_t>(WireType::kFrame)) {
        inbox_.push_back(std::move(message));
        if (inbox_.size() == 1) env_.strand.post(lifetime_.guard([this] { applyNextFrame(); }));
        return;
    }
    const Result<Message> decoded = decode(message);
    if (!decoded.ok()) return;
    const auto with = [this](ShardId shard, Epoch epoch, auto&& act) {
        if (ShardRunner* runner = runnerOf(shard, epoch)) act(*runner);
    };
    std::visit(
        Overloaded{
            [&](const Assign& assign) { onAssign(assign); },
            [&](const Subscribed& m) {
                with(m.shard, m.epoch, [&](auto& r) { r.onSubscribed(m); });
            },
            [&](const CheckpointCommitted& m) {
                with(m.shard, m.epoch, [&](auto& r) { r.onCommitted(m); });
            },
            [&](const SetInterval& m) {
                with(m.shard, m.epoch, [&](auto& r) { r.onInterval(m.intervalMs); });
            },
            [&](const CheckpointNow& m) {
                with(m.shard, m.epoch, [&](auto& r) { r.onCheckpointNow(m.reason); });
            },
            [&](const Quarantined& m) {
                with(m.shard, m.epoch, [&](auto& r) { r.onQuarantined(m); });
            },
            [&](const OutputTaken& m) { with(m.shard, m.epoch, [&](auto& r) { r.onTaken(m); }); },
            [&](const Release& m) { with(m.shard, m.epoch, [](auto& r) { r.onRelease(); }); },
            [&](const Revoke& m) {
                const auto it = shards_.find(m.shard);
                if (it != shards_.end() && it->second->epoch() <= m.epoch) forget(it);
            },
            [](const auto&) {},  // messages that no node is sent
        },
        *decoded);
}

void NodeDriver::applyNextFrame()
{
    const Result<Frame> frame = decodeFrame(inbox_.front());
    if (frame.ok()) {  // a frame that was damaged on its way is sent again by the edge
        const auto it = shards_.find(frame->header.shard);
        const bool wanted = it != shards_.end() && !it->second->released() && !it->second->fenced();
        if (wanted) it->second->onFrame(*frame);
    }
    inbox_.pop_front();
    if (!inbox_.empty()) env_.strand.post(lifetime_.guard([this] { applyNextFrame(); }));
}

void NodeDriver::onAssign(const Assign& assign)
{
    if (const auto it = shards_.find(assign.shard); it != shards_.end()) {
        if (it->second->epoch() >= assign.epoch && !mutant(Mutant::kIgnoreEpoch)) return;
        forget(it);
    }
    crashPoint("restore.before");
    auto runner = std::make_unique<ShardRunner>(*context_, assign);
    if (const Status status = runner->restore(); !status.ok()) {
        const Error error =
            status.error().during("restore shard " + std::to_string(assign.shard.value));
        const bool damaged = error.code == Errc::kCorrupt || error.code == Errc::kNotFound
                             || error.code == Errc::kGap || error.code == Errc::kUnsupported;
        if (!damaged || runner->bad().value == 0) return fail(error);
        // The runner is thrown away. Control invalidates the damaged checkpoint and assigns the
        // shard again with another chain.
        return context_->send("control", RestoreFailed{options_.node, assign.shard, assign.epoch,
                                                       runner->bad(), error.code, error.message});
    }
    crashPoint("restore.after");
    shards_[assign.shard] = std::move(runner);
}

void NodeDriver::forget(std::map<ShardId, std::unique_ptr<ShardRunner>>::iterator shard)
{
    goneBusyNanos_ += shard->second->busyNanos();
    shards_.erase(shard);
}

ShardRunner* NodeDriver::runnerOf(ShardId shard, Epoch epoch)
{
    const auto it = shards_.find(shard);
    return it != shards_.end() && it->second->epoch() == epoch ? it->second.get() : nullptr;
}

void NodeDriver::tick()
{
    const Instant now = env_.strand.now();
    if (options_.beat != nullptr) options_.beat->fetch_add(1, std::memory_order_relaxed);
    for (auto it = shards_.begin(); it != shards_.end();) {
        const auto shard = it++;
        shard->second->tick(now);
        if (shard->second->gone()) return;
        if (shard->second->released() || shard->second->fenced()) forget(shard);
    }
    if (now - lastReport_ >= kReportEvery) sendReport(now);
    env_.strand.postAfter(kTick, lifetime_.guard([this] { tick(); }));
}

void NodeDriver::fail(const Error& error)
{
    if (!failure_.empty()) return;  // the first failure is the cause of the others
    failure_ = error.message;
    failureCode_ = error.code;
}

void NodeDriver::sendReport(Instant now)
{
    lastReport_ = now;
    NodeReport report;
    report.node = options_.node;
    report.incarnation = options_.incarnation;
    report.uptimeNanos = (now - began_).count();
    report.busyNanos = goneBusyNanos_;
    report.rssBytes = options_.rssBytes ? options_.rssBytes() : 0;
    report.netBytes = netBytes_;
    report.latencyBuckets = latency_.counts();
    for (const auto& [id, runner] : shards_) {
        report.shards.push_back(runner->report());
        report.busyNanos += runner->busyNanos();
    }
    report.failure = failure_;
    report.failureCode = failureCode_;
    env_.network.send(address_, "control", encode(report));
}

}  // namespace foreshard
