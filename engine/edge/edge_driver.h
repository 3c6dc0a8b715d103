#pragma once
// EdgeDriver is the ingest side: it reads the source, puts records into their shards' frames, makes
// batches of frames durable in the buffer boxes, and delivers frames to whoever has subscribed at
// the shard's current epoch. Live dispatch, replay, recovery and move are the same thing here: a
// cursor over the box. A subscriber that falls silent is served again from what it last confirmed
// (go-back-N), so every message may be lost. Listens at "edge"; lives on the edge's strand.
#include "engine/box/box_store.h"
#include "engine/edge/source_memory.h"
#include "engine/edge/space_watch.h"
#include "engine/env/env.h"
#include "engine/model/message.h"
#include "engine/model/operator_spec.h"
#include "engine/sharding/sharder.h"
#include "engine/source/source.h"
#include "engine/wire/record_codec.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace foreshard {

struct EdgeOptions {
    std::string dataDirectory;
    StreamSchema schema;
    double ratePerSecond = 0;               // 0: as fast as the boxes take it
    bool finishAtEnd = false;               // the end of the source is the end of the stream
    OperatorSpec operatorSpec;              // for the declared cost of what arrives
    BoxStore::Options boxes;                // `directory` is set here
    std::uint64_t batchBytes = 1U << 20U;   // of input, about, in one batch over all boxes
    std::uint64_t frameBytes = 64U << 10U;  // of packed records; one frame holds little more
    std::uint64_t backlogBytesMax = 128ULL
                                    << 20U;  // durable but not yet applied; the source waits beyond
    std::uint64_t lowSpaceBytes = 0;         // the source waits while fewer are free on the disk
};

class EdgeDriver {
public:
    EdgeDriver(Env& env, EdgeOptions options);
    ~EdgeDriver();
    EdgeDriver(const EdgeDriver&) = delete;
    EdgeDriver& operator=(const EdgeDriver&) = delete;

    // What it holds in memory just now, for who checks the limits.
    struct MemoryUse {
        std::uint64_t backlogBytes = 0;    // durable or on the way there, and not applied
        std::uint64_t backlogAtStart = 0;  // what of it was in the boxes when this edge began
        std::uint64_t cacheBytes = 0;      // frames that need not be read from disk
        std::uint64_t inFlightBytes = 0;   // sent and not confirmed, of the shard with the most
    };
    MemoryUse memoryUse() const;

    // Opens the boxes and the source; reading begins with the first route table.
    Status start();

private:
    struct Subscription {
        std::string to;
        NodeId node;
        std::uint32_t incarnation = 0;
        Epoch epoch;
        std::uint64_t window = 0;
        FrameNo nextN = 1;
        FrameNo ackedN = 0;
        std::uint64_t inFlight = 0;  // bytes sent and not confirmed
        Instant lastProgress;
        Nanos patience{0};
    };
    struct ShardIn {  // what arrived, for the reports
        ShardTick tick;
        std::int64_t workNanos = 0;
        std::uint32_t topSlot = 0;  // records of its most frequent slot in this tick
        std::uint64_t recordsIn = 0;
        FrameNo confirmed = 0;  // highest ever confirmed, for the backlog
        RecordPacker packer;
        Offset firstOffset = 0;
        Offset lastOffset = 0;
    };

    void onMessage(const std::string& from, const Bytes& message);
    void onRoutes(const RouteTable& routes);
    void onSubscribe(const Subscribe& subscribe);
    // Whoever restores an older checkpoint than was thought needed gets frames that were truncated.
    Status retainAgain(const Subscribe& subscribe);
    void onApplied(const Applied& applied);
    void onTruncate(const Truncate& truncate);
    void onRetain(const Retain& retain);
    // The subscriber has applied everything up to `upTo`; false: that is no news.
    bool confirm(Subscription& subscription, ShardId shard, FrameNo upTo);
    // Takes the shard's frames up to `upTo` off the backlog. Before they leave the box.
    void settle(ShardId shard, FrameNo upTo);

    void readSoon(Nanos delay);
    void readMore();
    // True when the disk has no room for more input; says so in the reports.
    bool spaceIsLow();
    Status readBatch();
    void writeBatch();
    // What was taken of it, for a later run to compare.
    void rememberSource();
    Status writeBatch(Source::Batch batch);
    void addRecord(const RecordView& record, std::vector<BoxStore::BoxFrame>& frames);
    void cutFrame(ShardId shard, std::vector<BoxStore::BoxFrame>& frames);
    void noteRejects(const ParsedBatch& parsed);
    // Says so in the report when a row stays open for long.
    void noteOpenRow(Instant now);
    void deliver(ShardId shard);
    void deliverAll();
    void repeatUnconfirmed(Instant now);
    void tick();
    // Somebody may remove a file that is still needed.
    void watchFiles();
    void sendReport(Instant now);
    ShardTick closeTick(ShardId shard, ShardIn& in, Nanos span);
    bool drained() const;
    void fail(const Error& error);

    Env& env_;
    EdgeOptions options_;
    Lifetime lifetime_;
    std::unique_ptr<BoxStore> boxes_;
    std::unique_ptr<Source> source_;
    Sharder sharder_;
    RouteTable routes_;
    std::vector<std::uint32_t> slotCounts_ = std::vector<std::uint32_t>(kSlotCount);  // this tick
    std::map<ShardId, ShardAssignment> owners_;
    std::map<ShardId, Subscription> subscriptions_;
    std::map<ShardId, ShardIn> in_;
    std::map<ShardId, std::uint64_t> fences_;  // newest truncation fence of each shard
    SourcePosition position_;                  // behind the newest batch handed to the boxes
    std::optional<Source::Batch> unwritten_;   // read, and not yet handed to the boxes
    SourceMemory memory_;
    SpaceWatch space_;
    SourceSnapshot report_;
    std::uint64_t backlogBytes_ = 0;
    std::uint64_t backlogAtStart_ = 0;
    std::uint64_t tick_ = 0;
    Instant lastTick_;
    bool readScheduled_ = false;
    bool stopped_ = false;  // asked to read no more
    std::uint64_t openRowLine_ = 0;
    Instant openRowSince_;
    std::string failure_;
    Errc failureCode_ = Errc::kIo;
};

}  // namespace foreshard
