#pragma once
// Writes a data directory "data" as an engine of two nodes, two shards and two boxes does: frames,
// a shard map, checkpoints.
#include "engine/base/check.h"
#include "engine/box/box_store.h"
#include "engine/checkpoint/checkpoint_store.h"
#include "engine/control/log/assignment_core.h"
#include "engine/control/log/single_control_log.h"
#include "engine/operator/aggregate_state.h"
#include "tests/engine/box/box_feeder.h"
#include "tests/support/sim_rig.h"

#include <memory>
#include <string>
#include <utility>

namespace foreshard::test {

inline std::string segment(int box, std::uint64_t number)
{
    return segmentPath("data/box/" + std::to_string(box), number);
}

inline std::unique_ptr<BoxStore> openStore(SimRig& rig, std::uint64_t retainBytes = 0)
{
    BoxStore::Options options;
    options.directory = "data/box";
    options.boxes = 2;
    options.segmentBytesMax = 1000;
    options.retainBytes = retainBytes;
    auto store = BoxStore::open(rig.env(), options);
    FS_CHECK(store.ok());
    return std::move(store).value();
}

// `batches` of five records: three of shard 0 in box 0, two of shard 1 in box 1.
inline void fill(SimRig& rig, BoxStore& store, int batches)
{
    Offset next = store.sourcePosition().nextOffset;
    for (int i = 0; i < batches; ++i) {
        const Status status = feed(store, next, {{0, 0, 3}, {1, 1, 2}},
                                   [](const Status& done) { FS_CHECK(done.ok()); });
        FS_CHECK(status.ok());
        rig.run(100ms);
    }
}

inline void assign(SimRig& rig)
{
    auto log = SingleControlLog::open(rig.env(), "data");
    FS_CHECK(log.ok());
    if ((*log)->state().assignment.version > 0) return;
    (*log)->propose(makeBootstrap(2, 2, RoutingMode::kKeyed, {}), 0,
                    [](const Result<ControlLog::Applied>& done) { FS_CHECK(done.ok()); });
    rig.run();
}

// A checkpoint of shard 0 after its frames up to n; each holds three records.
inline void checkpoint(SimRig& rig, FrameNo n)
{
    assign(rig);
    AggregateState state;
    for (FrameNo frame = 1; frame <= n; ++frame) {
        for (Offset offset = (frame - 1) * 5; offset < (frame - 1) * 5 + 3; ++offset)
            state.apply(keyOf(offset), static_cast<double>(offset));
    }
    auto store = CheckpointStore::open(rig.env(), "data", NodeId{0});
    auto log = SingleControlLog::open(rig.env(), "data");
    FS_CHECK(store.ok() && log.ok());
    CheckpointInfo info;
    info.shard = ShardId{0};
    info.epoch = Epoch{1};
    info.n = n;
    info.offset = (n - 1) * 5 + 3;
    (*store)->store(info, state.packFull(), [&log](const Result<CheckpointInfo>& stored) {
        FS_CHECK(stored.ok());
        (*log)->propose(CheckpointListed{*stored}, 0,
                        [](const Result<ControlLog::Applied>& done) { FS_CHECK(done.ok()); });
    });
    rig.run();
}

}  // namespace foreshard::test
