#include "engine/assembly/engine_parts.h"
#include "tests/support/sim_rig.h"

#include <QtTest>

#include <algorithm>
#include <optional>

using namespace foreshard;
using namespace foreshard::test;

namespace {

// A whole engine on one strand of a virtual world, on a made-up stream.
class PartsRig : public SimRig {
public:
    explicit PartsRig(const std::string& source = "synth:uniform?rate=1000&seed=1&count=200")
    {
        options.control.dataDirectory = "data";
        options.control.nodes = 2;
        options.control.shards = 4;
        options.control.untilEnd = true;
        options.control.onState = [this](EngineState now, const Error* error) {
            state = now;
            if (error != nullptr) failure = error->message;
        };
        options.edge.schema.source = source;
        options.edge.finishAtEnd = true;
        seats.control = seats.edge = seats.query = &env();
        seats.nodes = {&env(), &env()};
        seats.run = [this](Env&, const std::function<Status()>& work) {
            ++steps;
            return steps == failAt ? Status{Error{Errc::kIo, "the step fails"}} : work();
        };
        seats.pulse = [](NodeId) { return NodePulse{}; };
        seats.startAgain = [this](NodeId id) { parts->startNode(id); };
        seats.controlRuns = [this] { stepsAtControl = steps; };
        seats.nodeFailed = [this](const Error& error) { failure = error.message; };
    }
    ~PartsRig() { parts.reset(); }
    PartsRig(const PartsRig&) = delete;
    PartsRig& operator=(const PartsRig&) = delete;

    Status start()
    {
        parts = std::make_unique<EngineParts>(options, seats);
        return parts->start();
    }

    EngineOptions options;
    EngineSeats seats;
    std::unique_ptr<EngineParts> parts;
    EngineState state = EngineState::kStarting;
    std::string failure;
    int steps = 0;
    int failAt = 0;
    int stepsAtControl = 0;
};

}  // namespace

class EnginePartsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void engine_runsAStreamToItsEnd()
    {
        PartsRig rig;
        const Status started = rig.start();
        QVERIFY2(started.ok(), started.ok() ? "" : started.error().message.c_str());
        QCOMPARE(rig.steps, 5);           // edge, control, query, two nodes
        QCOMPARE(rig.stepsAtControl, 2);  // said as soon as control runs
        for (int i = 0; i < 60 && rig.state != EngineState::kDone; ++i)
            rig.run(1s);
        QVERIFY2(rig.state == EngineState::kDone, rig.failure.c_str());
        QCOMPARE(rig.parts->control()->snapshot().recordsApplied, std::uint64_t{200});
    }

    void start_thatFails_startsNothingBehindIt_data()
    {
        QTest::addColumn<int>("failAt");
        QTest::addColumn<bool>("began");
        QTest::newRow("edge") << 1 << false;
        QTest::newRow("control") << 2 << true;
        QTest::newRow("query") << 3 << true;
        QTest::newRow("first node") << 4 << true;
    }
    void start_thatFails_startsNothingBehindIt()
    {
        QFETCH(int, failAt);
        QFETCH(bool, began);
        PartsRig rig;
        rig.failAt = failAt;
        QVERIFY(!rig.start().ok());
        QCOMPARE(rig.steps, failAt);
        QCOMPARE(rig.parts->began(), began);  // only then may the log have been written
        rig.parts->close();
        rig.parts->close();
    }

    void node_thatIsRestarted_livesInItsNextIncarnation()
    {
        PartsRig rig;
        QVERIFY(rig.start().ok());
        rig.run(1s);
        QCOMPARE(rig.parts->newestIncarnation(NodeId{0}), 1U);
        rig.parts->restart(NodeId{0});
        rig.run(1s);
        QCOMPARE(rig.parts->newestIncarnation(NodeId{0}), 2U);
        QCOMPARE(rig.parts->newestIncarnation(NodeId{1}), 1U);
        QVERIFY(rig.failure.empty());
        QVERIFY(rig.parts->beatOf(NodeId{0}) > 0);
    }

    void restart_thatComesBehindTheEnd_doesNothing()
    {
        PartsRig rig;
        QVERIFY(rig.start().ok());
        rig.parts->restart(NodeId{0});
        rig.parts.reset();
        rig.run(1s);
        QVERIFY(rig.failure.empty());
    }
};

QTEST_GUILESS_MAIN(EnginePartsTest)
#include "tst_engine_parts.moc"
