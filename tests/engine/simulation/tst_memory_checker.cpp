// What the checker allows an edge to hold, against an edge that holds as much as it can.
#include "engine/edge/edge_driver.h"
#include "engine/simulation/checkers/memory_checker.h"
#include "engine/wire/codec.h"
#include "tests/support/sim_rig.h"

#include <QtTest>

#include <memory>

using namespace foreshard;
using namespace foreshard::sim;
using namespace foreshard::test;

namespace {

ClusterShape smallFrames()
{
    ClusterShape shape;
    shape.nodes = 1;
    shape.shards = 4;
    shape.backlogBytesMax = 16U << 10U;
    shape.batchBytes = 64U << 10U;
    shape.frameBytes = 300;
    shape.windowBytes = 1;
    shape.cacheBytesMax = 4U << 10U;
    return shape;
}

// Nothing in a simulated stream is shorter than these rows.
RandomStream shortestRows()
{
    RandomStream stream;
    stream.schema.source = "lines:in/stream";
    stream.schema.recordBytesMax = 512;
    stream.path = "in/stream";
    for (int i = 0; i < 50'000; ++i)
        stream.input += "k" + std::to_string(i % 10) + "\n";
    return stream;
}

// What the edge holds when nobody takes anything from it.
EdgeDriver::MemoryUse mostMemory(const ClusterShape& shape, const RandomStream& stream)
{
    SimRig rig;
    rig.world.disk().putFile(stream.path, stream.input);
    EdgeOptions options;
    options.dataDirectory = "data";
    options.schema = stream.schema;
    options.finishAtEnd = true;
    options.boxes.boxes = shape.nodes;
    options.boxes.cacheBytesMax = shape.cacheBytesMax;
    options.batchBytes = shape.batchBytes;
    options.frameBytes = shape.frameBytes;
    options.backlogBytesMax = shape.backlogBytesMax;
    EdgeDriver edge(rig.env(), options);
    FS_CHECK(edge.start().ok());
    RouteTable routes;
    routes.version = 1;
    const std::uint32_t slots = kSlotCount / shape.shards;
    for (std::uint32_t i = 0; i < shape.shards; ++i)
        routes.shards.push_back(
            {ShardId{i}, {{i * slots, (i + 1) * slots}}, NodeId{0}, BoxId{0}, Epoch{1}, 0});
    rig.env().network.send("control", "edge", encode(routes));
    rig.run(10s);
    return edge.memoryUse();
}

bool allowed(const ClusterShape& shape, const RandomStream& stream,
             const EdgeDriver::MemoryUse& use)
{
    Violations violations;
    MemoryChecker checker(violations, shape, stream);
    checker.check(use);
    return !violations.any();
}

}  // namespace

class MemoryCheckerTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void edge_thatHoldsABatchOfTheShortestRecords_isWithinItsLimits()
    {
        const EdgeDriver::MemoryUse use = mostMemory(smallFrames(), shortestRows());
        QVERIFY(use.backlogBytes > smallFrames().batchBytes * 16);
        QVERIFY(allowed(smallFrames(), shortestRows(), use));
    }

    void edge_thatHoldsAFewFramesMore_isNot()
    {
        EdgeDriver::MemoryUse use = mostMemory(smallFrames(), shortestRows());
        use.backlogBytes += smallFrames().backlogBytesMax + use.backlogBytes / 10;
        QVERIFY(!allowed(smallFrames(), shortestRows(), use));
    }

    void limit_isNoMoreThanTheWholeStream()
    {
        RandomStream stream = shortestRows();
        stream.input.resize(300);
        EdgeDriver::MemoryUse use;
        use.backlogBytes = smallFrames().backlogBytesMax + 100 * (36 + 6 + 160);
        QVERIFY(!allowed(smallFrames(), stream, use));
    }
};

QTEST_GUILESS_MAIN(MemoryCheckerTest)
#include "tst_memory_checker.moc"
