#include "engine/predict/predictor_service.h"

#include "engine/wire/codec.h"

namespace foreshard {
namespace {

// A tick so far behind the newest one is not a late message but a control that began anew.
constexpr std::uint64_t kRestartTicks = 100;
// Bounds the memory a peer can ask for.
constexpr std::size_t kShardsMax = 65'536;

}  // namespace

PredictorService::PredictorService(Env env, std::unique_ptr<ForecastModel> model, Options options)
    : env_(env), model_(std::move(model)), options_(std::move(options))
{
}

PredictorService::~PredictorService()
{
    if (isOpen_) env_.network.close(options_.name);
}

Status PredictorService::start()
{
    FS_TRY_STATUS(env_.network.open(
        options_.name, env_.strand,
        lifetime_.guard([this](const std::string& from, Bytes bytes) { onMessage(from, bytes); })));
    isOpen_ = true;
    env_.strand.post(lifetime_.guard([this] { load(); }));
    return {};
}

void PredictorService::log(LogLevel level, const std::string& line) const
{
    if (options_.log) options_.log(level, line);
}

void PredictorService::load()
{
    if (const Status status = model_->load(); !status.ok()) {
        failure_ = status.error().message;
        log(LogLevel::kWarning, "predictor=" + options_.name + " unavailable: " + failure_);
        return;
    }
    failure_.clear();
    log(LogLevel::kInfo, "predictor=" + options_.name + " ready model=" + model_->title());
}

void PredictorService::observe(const PredictRequest& request)
{
    if (request.tick + kRestartTicks < lastTick_) {
        features_.clear();
        lastTick_ = 0;
    }
    if (request.tick <= lastTick_) return;  // doubled or overtaken: its ticks are in or too late
    lastTick_ = request.tick;
    for (const ShardTick& tick : request.shards)
        features_.push(tick);
}

PredictReply PredictorService::answer(const PredictRequest& request)
{
    PredictReply reply;
    reply.tick = request.tick;
    reply.model = model_->title();
    reply.failure = failure_;
    if (!failure_.empty()) return reply;
    std::vector<ShardId> shards;
    for (const ShardTick& tick : request.shards)
        shards.push_back(tick.shard);
    const Instant begin = env_.strand.now();
    auto loads = model_->predict(features_, shards);
    reply.batchMs = toMillis(env_.strand.now() - begin);
    if (loads.ok())
        reply.loads = std::move(*loads);
    else
        reply.failure = loads.error().message;
    return reply;
}

void PredictorService::onMessage(const std::string& from, const Bytes& bytes)
{
    const auto message = decode(bytes);
    if (!message.ok()) {
        log(LogLevel::kWarning, "predictor=" + options_.name + " from=" + from
                                    + " dropped: " + message.error().message);
        return;
    }
    const auto* request = std::get_if<PredictRequest>(&*message);
    if (request == nullptr || request->shards.size() > kShardsMax) return;
    observe(*request);
    env_.network.send(options_.name, from, encode(answer(*request)));
}

}  // namespace foreshard
