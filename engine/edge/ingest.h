#pragma once
// Ingest reads the source, puts its records into their shards' frames and makes batches of frames
// durable in the buffer boxes. It waits while the disk has no room, or too much is durable and not
// applied, and remembers what it took of the source. Reading begins with the first table of shards.
// Lives on the edge's strand.
#include "engine/base/result.h"
#include "engine/box/box_store.h"
#include "engine/edge/backlog_core.h"
#include "engine/edge/batch_core.h"
#include "engine/edge/edge_options.h"
#include "engine/edge/read_gate.h"
#include "engine/edge/source_memory.h"
#include "engine/edge/source_notes.h"
#include "engine/edge/space_watch.h"
#include "engine/env/env.h"
#include "engine/model/message.h"
#include "engine/source/source.h"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace foreshard {

class Ingest {
public:
    struct Heard {
        std::function<void()> durable;           // one more batch is
        std::function<void(const Error&)> fail;  // the edge cannot go on
    };

    // All of them outlive it.
    Ingest(Env& env, const EdgeOptions& options, BoxStore& boxes, BacklogCore& backlog,
           Heard heard);

    // Opens the source behind what the boxes have.
    Status open();
    // The shard is in the reports from now on.
    void know(ShardId shard) { batches_.know(shard); }
    // Takes the table over and reads on; errors as BatchCore::assign().
    Status assign(const RouteTable& routes);
    // Nothing more is read; what was read is still written.
    void stop() { stopped_ = true; }
    // Nothing is read or written any more: the edge has failed.
    void halt() { halted_ = true; }
    // Says in the report what keeps the reading, and saves the source's memory at its end.
    void tick(Instant now);

    // The source has ended or reading was stopped, and all that was read is handed to the boxes.
    bool finished() const { return isOver() && !unwritten_; }
    const SourceSnapshot& report() const { return notes_.report(); }
    // By shard: what arrived in a tick that took `span`.
    std::vector<EdgeShardReport> closeTick(Nanos span) { return batches_.closeTick(span); }

private:
    bool isOver() const { return stopped_ || notes_.hasEnded(); }
    void readSoon(Nanos delay);
    void goOn();
    // True when the disk has no room for more input; says so in the report.
    bool spaceIsLow();
    void readAndWrite();
    Status readBatch();
    void writeUnwritten();
    Status append(Source::Batch batch);
    void onDurable(const Status& status, std::uint64_t records, const SourcePosition& after);
    // What was taken of the source, for a later run to compare.
    void rememberSource();

    Env& env_;
    const EdgeOptions& options_;
    BoxStore& boxes_;
    BacklogCore& backlog_;
    Heard heard_;
    Lifetime lifetime_;
    SourceMemory memory_;
    std::unique_ptr<Source> source_;
    BatchCore batches_;
    ReadGate gate_;
    SpaceWatch space_;
    SourceNotes notes_;
    SourcePosition position_;                 // behind the newest batch handed to the boxes
    std::optional<Source::Batch> unwritten_;  // read, and not yet handed to the boxes
    bool routed_ = false;
    bool readScheduled_ = false;
    bool stopped_ = false;
    bool halted_ = false;
};

}  // namespace foreshard
