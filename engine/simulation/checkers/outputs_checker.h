#pragma once
// Invariant I10: a sink's file holds the outputs of every shard once and in order, nothing that was
// confirmed is ever missing from it, and a committed output is not even sent before a checkpoint
// that contains it is listed. The reference is made here, from the frames the edge hands out.
#include "engine/env/env.h"
#include "engine/model/frame.h"
#include "engine/model/message.h"
#include "engine/operator/aggregate_state.h"
#include "engine/simulation/checkers/violations.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace foreshard::sim {

class OutputsChecker {
public:
    explicit OutputsChecker(Violations& violations) : violations_(violations) {}

    // What it is to expect; without this call it checks nothing.
    // Records of `dead` keys are never applied.
    void expect(std::string path, SinkFormat format, SinkMode mode, std::set<Bytes> dead);

    // The first time the edge hands the frame out.
    void onFrame(const Frame& frame);
    // A checkpoint of the shard at frame n is listed.
    void onListed(ShardId shard, FrameNo n);
    void onBatch(const OutputBatch& batch);
    void onTaken(const OutputTaken& taken);

    // The sink's process has ended; at the `end` its file must be complete.
    void checkFile(Disk& disk, bool end);

private:
    struct Output {
        FrameNo n = 0;
        Bytes text;
    };
    struct Shard {
        AggregateState state;
        std::vector<Output> outputs;
        FrameNo listed = 0;
        FrameNo confirmed = 0;
    };

    bool on() const { return !path_.empty(); }
    // Walks over the file; the position behind the last row that is as it should be, and how many
    // outputs of each shard came before it.
    std::size_t follow(BytesView text, std::map<ShardId, std::size_t>& seen);

    Violations& violations_;
    std::string path_;
    SinkFormat format_ = SinkFormat::kJsonl;
    SinkMode mode_ = SinkMode::kCommitted;
    std::set<Bytes> dead_;
    std::map<ShardId, Shard> shards_;
};

}  // namespace foreshard::sim
