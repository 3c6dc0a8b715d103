#include "engine/sink/sink_driver.h"

#include "engine/wire/codec.h"

namespace foreshard {
namespace {

constexpr const char* kName = "sink";
constexpr Nanos kProgressEvery = 1s;

}  // namespace

SinkDriver::SinkDriver(Env& env, Options options) : env_(env), options_(std::move(options)) {}

SinkDriver::~SinkDriver()
{
    env_.network.close(kName);
    if (file_) static_cast<void>(file_->noteProgress().ok());
}

Status SinkDriver::start()
{
    FS_TRY(file_, SinkFile::open(
                      env_, options_.file, [this] { confirmDurable(); },
                      [this](const Error& error) { fail(error); }));
    FS_TRY_STATUS(env_.network.open(
        kName, env_.strand,
        [this](const std::string& from, const Bytes& message) { onMessage(from, message); }));
    tick();
    return {};
}

void SinkDriver::onMessage(const std::string& from, const Bytes& message)
{
    const Result<Message> decoded = decode(message);
    if (!decoded.ok() || failed_) return;  // said again if it mattered
    if (const auto* batch = std::get_if<OutputBatch>(&*decoded)) onBatch(from, *batch);
    if (std::holds_alternative<SinkAsk>(*decoded)) {
        // Before an engine relies on what it hears.
        if (const Status status = file_->stillThere(); !status.ok())
            return fail(status.error().during("sink " + file_->path()));
        const SinkStatus status{file_->stream(), file_->rows(), file_->durableBytes(), problem()};
        env_.network.send(kName, from, encode(status));
    }
}

void SinkDriver::fail(const Error& error)
{
    if (!failed_) options_.onFailure(error);
    failed_ = true;
}

Status SinkDriver::check(const OutputBatch& batch)
{
    if (file_->stream() != 0 && file_->stream() != batch.stream) {
        return Error{Errc::kInvalid, "sink " + file_->path()
                                         + " holds the outputs of another data directory: they "
                                           "would mix: give this one a file of its own"};
    }
    if (file_->has(batch.shard) >= batch.floor) return {};
    return Error{Errc::kGap, "sink " + file_->path() + " has the outputs of shard "
                                 + std::to_string(batch.shard.value) + " up to frame "
                                 + std::to_string(file_->has(batch.shard)) + ", but had confirmed "
                                 + std::to_string(batch.floor)
                                 + ": it is an older copy, or its end was damaged: restore the "
                                   "newest copy of it and of its .progress"};
}

void SinkDriver::onBatch(const std::string& from, const OutputBatch& batch)
{
    Waiting to{from, batch.node, batch.epoch, 0};
    if (const Status status = check(batch); !status.ok()) return answer(batch.shard, to, status);
    if (file_->stream() == 0) {
        const Status bound = file_->bind(batch.stream);
        const bool noSpace = !bound.ok() && bound.error().code == Errc::kNoSpace;
        if (noSpace) return;  // the batch is sent again
        if (!bound.ok()) return fail(bound.error());
    }
    if (!file_->admits(batch.shard, batch.epoch)) return;  // a newer owner has spoken
    const FrameNo has = file_->has(batch.shard);
    to.confirmed = file_->durable(batch.shard);
    waiting_[batch.shard] = to;
    // A repeat, or one before it is missing: how far we are tells the sender what to do.
    if (batch.n <= has || batch.previous > has) return answer(batch.shard, to);
    if (file_->bytesUnderWay() > kUnderWayMax) return;
    Result<Bytes> text = rowsText(file_->format(), batch);
    if (text.ok()) file_->append(batch, std::move(text).value());
}

void SinkDriver::answer(ShardId shard, const Waiting& to, const Status& status)
{
    OutputTaken taken;
    taken.node = to.node;
    taken.shard = shard;
    taken.epoch = to.epoch;
    taken.n = file_->durable(shard);
    if (!status.ok()) {
        taken.failure = status.error().message;
        taken.failureCode = status.error().code;
    }
    env_.network.send(kName, to.from, encode(taken));
}

void SinkDriver::confirmDurable()
{
    for (auto& [shard, to] : waiting_) {
        const FrameNo durable = file_->durable(shard);
        if (durable == to.confirmed) continue;
        to.confirmed = durable;
        answer(shard, to);
    }
}

std::string SinkDriver::problem() const
{
    if (!file_->full()) return {};
    return "the disk of " + file_->path() + " is full: free some space, and it goes on by itself";
}

void SinkDriver::sayProblem()
{
    if (file_->full() == saidFull_) return;
    saidFull_ = file_->full();
    if (!options_.log) return;
    options_.log(saidFull_ ? LogLevel::kWarning : LogLevel::kInfo,
                 saidFull_ ? problem() : "there is room again for " + file_->path());
}

void SinkDriver::tick()
{
    if (const Status status = file_->noteProgress(); !status.ok())
        return fail(status.error().during("sink " + file_->path()));
    sayProblem();
    env_.strand.postAfter(kProgressEvery, lifetime_.guard([this] { tick(); }));
}

}  // namespace foreshard
