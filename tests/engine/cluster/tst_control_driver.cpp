#include "engine/base/result.h"
#include "engine/cluster/control_driver.h"
#include "engine/wire/codec.h"
#include "tests/engine/journal/sim_rig.h"

#include <QtTest>

#include <map>
#include <memory>

using namespace foreshard;
using namespace foreshard::test;

namespace {

class NoSupervisor final : public NodeSupervisor {
public:
    void restart(NodeId) override {}
};

// Control with a first node that the test plays, and others that nobody plays.
class ControlRig : public SimRig {
public:
    explicit ControlRig(std::uint32_t nodes = 1) : peers_(world.env(world.strand("peers")))
    {
        ControlOptions options;
        options.dataDirectory = "data";
        options.nodes = nodes;
        options.shards = 2;
        control_ = std::make_unique<ControlDriver>(env(), supervisor_, options);
        FS_CHECK(control_->start().ok());
        const Status opened = peers_.network.open(
            "node/0", peers_.strand, [this](const std::string&, const Bytes& message) {
                const Result<Message> decoded = decode(message);
                FS_CHECK(decoded.ok());
                if (const auto* own = std::get_if<Own>(&*decoded)) owned[own->shard] = own->epoch;
            });
        FS_CHECK(opened.ok());
        run(100ms);
    }
    // The node reports that it runs no shard.
    void report(std::uint32_t incarnation)
    {
        NodeReport report;
        report.node = NodeId{0};
        report.incarnation = incarnation;
        for (int i = 0; i < 10; ++i) {
            peers_.network.send("node/0", "control", encode(report));
            run(50ms);
        }
    }

    void command(CommandBody body)
    {
        peers_.network.send("operator", "control",
                            encode(Command{.id = 1, .body = std::move(body)}));
        run(10ms);
    }

    std::map<ShardId, Epoch> owned;  // the newest epoch that control has told the node

private:
    NoSupervisor supervisor_;
    Env peers_;
    std::unique_ptr<ControlDriver> control_;
};

}  // namespace

class ControlDriverTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void node_heardInItsFirstIncarnation_getsTheEpochOfTheStart()
    {
        ControlRig rig;
        rig.report(1);
        QCOMPARE(rig.owned.size(), std::size_t{2});
        QCOMPARE(rig.owned[ShardId{0}].value, std::uint64_t{1});
    }

    // Its first one may have run unheard, and the edge serves one incarnation an epoch.
    void node_firstHeardInItsSecondIncarnation_getsANewEpoch()
    {
        ControlRig rig;
        rig.report(2);
        QCOMPARE(rig.owned.size(), std::size_t{2});
        QCOMPARE(rig.owned[ShardId{0}].value, std::uint64_t{2});
    }

    void node_thatComesBackWhileItsShardsMoveIsCommitted_isNotGivenTheShardAgain()
    {
        ControlRig rig(2);
        rig.report(1);
        QVERIFY(rig.owned.contains(ShardId{0}));
        rig.owned.clear();
        rig.world.disk().slowSyncs("/assignment", 5s, 6s);
        rig.command(MoveCommand{{ShardId{0}}, NodeId{1}});
        rig.report(1);  // it runs nothing, so the move goes on
        rig.report(2);
        QVERIFY(rig.owned.empty());
    }
};

QTEST_GUILESS_MAIN(ControlDriverTest)
#include "tst_control_driver.moc"
