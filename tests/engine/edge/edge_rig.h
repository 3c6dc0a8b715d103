#pragma once
// A whole edge of one shard on a virtual disk and network; the test plays control and the one node.
#include "engine/base/result.h"
#include "engine/control/log/assignment_core.h"
#include "engine/control/log/single_control_log.h"
#include "engine/edge/edge_driver.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "tests/support/sim_rig.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace foreshard::test {

inline constexpr ShardId kShard{0};
inline constexpr NodeId kNode{0};
inline constexpr std::uint64_t kRecords = 3000;

inline Bytes streamText(std::uint64_t records = kRecords)
{
    Bytes text = "key,value\n";
    for (std::uint64_t i = 0; i < records; ++i)
        text += "k" + std::to_string(i % 64) + "," + std::to_string(i) + ".25\n";
    return text;
}

inline EdgeOptions smallEdge()
{
    EdgeOptions options;
    options.dataDirectory = "data";
    options.schema.source = "csv:in.csv";
    options.schema.keyField = "key";
    options.schema.valueField = "value";
    options.finishAtEnd = true;
    options.batchBytes = 4096;
    options.frameBytes = 2048;
    return options;
}

// Boxes that keep nothing behind truncation.
inline EdgeOptions forgetful()
{
    EdgeOptions options = smallEdge();
    options.boxes.segmentBytesMax = 16U << 10U;
    options.boxes.retainBytes = 1;
    options.boxes.cacheBytesMax = 1;
    return options;
}

// An edge of one shard.
class EdgeRig : public SimRig {
public:
    explicit EdgeRig(EdgeOptions edgeOptions = smallEdge())
        : options(std::move(edgeOptions)), peers_(world.env(world.strand("peers")))
    {
        world.disk().putFile("in.csv", streamText());
        for (const char* place : {"control", "node/0"}) {
            const Status opened = peers_.network.open(
                place, peers_.strand, [this](const std::string&, const Bytes& m) { hear(m); });
            FS_CHECK(opened.ok());
        }
    }
    // The first life, or the next one on what a kill has left.
    Status boot()
    {
        if (edge) crash(sim::Ending::kKilled);
        edge.reset();
        edge = std::make_unique<EdgeDriver>(env(), options);
        return edge->start();
    }
    // The node owns the shard at the next epoch.
    void route()
    {
        ++epoch;
        say("control", table());
    }
    RouteTable table() const
    {
        RouteTable routes;
        routes.version = epoch;
        routes.shards.push_back({kShard, {{0, kSlotCount}}, kNode, BoxId{0}, Epoch{epoch}, 0});
        return routes;
    }
    void subscribe(FrameNo fromN, std::uint64_t window = 1U << 20U)
    {
        last = fromN - 1;
        say("node/0", Subscribe{kNode, 1, kShard, Epoch{epoch}, fromN, window, 0});
    }
    void begin()
    {
        FS_CHECK(boot().ok());
        route();
        subscribe(1);
    }
    void say(const char* from, const Message& message)
    {
        peers_.network.send(from, "edge", encode(message));
        run(5ms);
    }
    void truncate(FrameNo n, std::uint64_t fence = 0)
    {
        say("control", Truncate{kShard, n, n, fence});
    }
    void retain(FrameNo fromN, std::uint64_t fence, bool dryRun = false)
    {
        say("control", Retain{kShard, fence, fromN, dryRun});
    }
    bool drained(Nanos within = 10s)
    {
        return world.runUntil(world.now() + within, [this] { return report.drained; });
    }
    // Lists a checkpoint of the shard, as control would.
    void list(FrameNo n, Offset offset)
    {
        auto log = SingleControlLog::open(peers_, "data");
        FS_CHECK(log.ok());
        const auto ok = [](const Result<ControlLog::Applied>& done) { FS_CHECK(done.ok()); };
        if ((*log)->state().assignment.shards.empty())
            (*log)->propose(makeBootstrap(1, 1, RoutingMode::kKeyed, {}), 0, ok);
        CheckpointInfo info;
        info.shard = kShard;
        info.epoch = Epoch{1};
        info.n = n;
        info.offset = offset;
        info.file = "checkpoint/0/1.ckpt";
        bool listed = false;
        (*log)->propose(CheckpointListed{info}, 0,
                        [&listed](const Result<ControlLog::Applied>& done) {
                            FS_CHECK(done.ok());
                            listed = true;
                        });
        run(100ms);
        FS_CHECK(listed);
    }
    void removeBoxFile()
    {
        const auto names = peers_.disk.list("data/box/0");
        FS_CHECK(names.ok() && !names->empty());
        for (const std::string& name : *names) {
            if (!name.ends_with(".seg")) continue;
            const Status removed = peers_.disk.remove("data/box/0/" + name);
            FS_CHECK(removed.ok());
            return;
        }
    }
    std::uint64_t used() { return world.disk().usedBytes(); }

    EdgeOptions options;
    std::unique_ptr<EdgeDriver> edge;
    std::uint64_t epoch = 0;
    bool answers = true;  // the node confirms what it gets
    FrameNo last = 0;     // in order
    std::vector<FrameNo> frames;
    std::uint64_t records = 0;  // in order, each frame once
    EdgeReport report;
    std::vector<Retained> retained;
    std::vector<Subscribed> subscribed;

private:
    void hear(const Bytes& message)
    {
        if (const Result<Frame> frame = decodeFrame(message); frame.ok()) return take(*frame);
        const Result<Message> decoded = decode(message);
        FS_CHECK(decoded.ok());
        if (const auto* m = std::get_if<EdgeReport>(&*decoded)) report = *m;
        if (const auto* m = std::get_if<Retained>(&*decoded)) retained.push_back(*m);
        if (const auto* m = std::get_if<Subscribed>(&*decoded)) subscribed.push_back(*m);
    }
    void take(const Frame& frame)
    {
        frames.push_back(frame.header.n);
        if (frame.header.n == last + 1) {
            last = frame.header.n;
            records += frame.header.records;
        }
        if (answers)
            peers_.network.send("node/0", "edge",
                                encode(Applied{kNode, kShard, Epoch{epoch}, last}));
    }

    Env peers_;
};

inline bool contains(const std::string& text, const char* part)
{
    return text.find(part) != std::string::npos;
}

}  // namespace foreshard::test
