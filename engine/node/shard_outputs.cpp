#include "engine/node/shard_outputs.h"

namespace foreshard {

ShardOutputs::ShardOutputs(const OutputOptions& options, NodeId node, ShardId shard, Epoch epoch,
                           Send send)
    : send_(std::move(send))
{
    head_.node = node;
    head_.stream = options.stream;
    head_.shard = shard;
    head_.epoch = epoch;
    if (options.on) core_.emplace(options.mode, options.pendingBytesMax);
}

Status ShardOutputs::restore(BytesView packed, FrameNo n, Instant now)
{
    if (!core_) return {};
    FS_TRY_STATUS(core_->load(packed));
    checkpointed(n, now);
    return {};
}

void ShardOutputs::begin()
{
    if (core_) packer_.clear();
}

void ShardOutputs::add(Offset offset, BytesView key, const Aggregate& value)
{
    if (core_) packer_.add({offset, key, value.count, value.sum, value.min, value.max});
}

void ShardOutputs::applied(FrameNo n, Instant now)
{
    if (!core_ || packer_.count() == 0) return;
    const std::uint32_t rows = packer_.count();
    core_->add(n, rows, packer_.take());
    sendMore(now);
}

void ShardOutputs::checkpointed(FrameNo n, Instant now)
{
    if (!core_) return;
    core_->checkpointed(n);
    sendMore(now);
}

Status ShardOutputs::onTaken(const OutputTaken& taken, Instant now)
{
    if (!core_) return {};
    if (!taken.failure.empty()) return Error{taken.failureCode, taken.failure};
    core_->taken(taken.n, now);
    sendMore(now);
    return {};
}

void ShardOutputs::sendMore(Instant now)
{
    if (!core_) return;
    while (const OutputCore::Pending* next = core_->next(now)) {
        OutputBatch batch = head_;
        batch.n = next->n;
        batch.previous = next->previous;
        batch.floor = core_->floor();
        batch.rows = next->rows;
        batch.packed = next->packed;
        send_("sink", batch);
    }
}

}  // namespace foreshard
