#pragma once
// ShardOutputs makes the outputs of one shard while its frames are applied, and hands them to the
// sink; OutputCore decides what is sent and when. Without a sink every call does nothing. Lives on
// the node's strand, inside its ShardRunner.
#include "engine/base/ids.h"
#include "engine/env/env.h"
#include "engine/model/message.h"
#include "engine/node/output_core.h"
#include "engine/operator/aggregate_state.h"
#include "engine/wire/output_codec.h"

#include <functional>
#include <optional>
#include <string>

namespace foreshard {

struct OutputOptions {
    bool on = false;
    SinkMode mode = SinkMode::kCommitted;
    std::uint64_t stream = 0;
    std::uint64_t pendingBytesMax = 4U << 20U;  // per shard; when full, it applies no frame
};

class ShardOutputs {
public:
    using Send = std::function<void(const char* to, const Message&)>;

    ShardOutputs(const OutputOptions& options, NodeId node, ShardId shard, Epoch epoch, Send send);

    // Loads the outputs that the checkpoint at frame n holds: the sink had not confirmed them.
    Status restore(BytesView packed, FrameNo n, Instant now);
    // A frame begins, or begins again after a failed try; each of its rows follows; then the frame
    // is applied.
    void begin();
    void add(Offset offset, BytesView key, const Aggregate& value);
    void applied(FrameNo n, Instant now);

    void checkpointed(FrameNo n, Instant now);
    // An error (kGap and others): the sink can never take the outputs that are next.
    Status onTaken(const OutputTaken& taken, Instant now);
    void tick(Instant now) { sendMore(now); }

    bool full() const { return core_ && core_->full(); }
    bool wantsCheckpoint() const { return core_ && core_->wantsCheckpoint(); }
    std::uint64_t pendingBytes() const { return core_ ? core_->bytes() : 0; }
    std::size_t pending() const { return core_ ? core_->count() : 0; }
    Bytes pack() const { return core_ ? core_->pack() : Bytes{}; }

private:
    void sendMore(Instant now);

    OutputBatch head_;  // the fields that are the same in every batch
    Send send_;
    std::optional<OutputCore> core_;
    OutputPacker packer_;
};

}  // namespace foreshard
