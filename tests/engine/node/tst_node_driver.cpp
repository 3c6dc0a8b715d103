#include "engine/base/result.h"
#include "engine/base/split_mix.h"
#include "engine/node/node_driver.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "tests/support/frame_builder.h"
#include "tests/support/sim_rig.h"

#include <QtTest>

#include <memory>
#include <vector>

using namespace foreshard;
using namespace foreshard::test;

namespace {

constexpr ShardId kShard{5};
constexpr NodeId kNode{0};
const std::string kAddress = "node/0";

Assign assignOf(Epoch epoch, std::vector<CheckpointInfo> chain = {})
{
    return {kShard, epoch, 100, std::move(chain), "start", {}, {}};
}

// Frame n holds three records: two of key "k", one of its own key; values are n.
Frame frameOf(FrameNo n)
{
    FrameBuilder frame(kShard, n);
    Offset offset = (n - 1) * 3;
    const Bytes own = "own " + std::to_string(n);
    for (const BytesView key : {BytesView("k"), BytesView("k"), BytesView(own)})
        frame.add(offset++, key, static_cast<double>(n), "raw\n");
    return frame.take();
}

// A node between an edge and a control that the test plays itself.
class NodeRig : public SimRig {
public:
    explicit NodeRig(std::uint64_t seed = 1, const sim::WorldOptions& options = {})
        : SimRig(seed, options), peers_(world.env(world.strand("peers")))
    {
        for (const char* place : {"edge", "control"}) {
            const Status opened = peers_.network.open(
                place, peers_.strand, [this](const std::string&, const Bytes& message) {
                    const auto decoded = decode(message);
                    FS_CHECK(decoded.ok());
                    heard.push_back(*decoded);
                });
            FS_CHECK(opened.ok());
        }
        boot(1);
    }
    // A new incarnation; the old one says nothing and saves nothing.
    void boot(std::uint32_t incarnation)
    {
        node.reset();
        NodeOptions options;
        options.node = kNode;
        options.incarnation = incarnation;
        options.dataDirectory = "data";
        options.operatorSpec.poison = poison;
        node = std::make_unique<NodeDriver>(env(), options);
        FS_CHECK(node->start().ok());
        run(20ms);
    }
    void say(const char* from, const Message& message)
    {
        peers_.network.send(from, kAddress, encode(message));
        run(3ms);
    }
    void deliver(FrameNo n)
    {
        peers_.network.send("edge", kAddress, encodeFrame(frameOf(n)));
        run(3ms);
    }
    // Control assigns the shard, and the edge has nothing to say again.
    void own()
    {
        say("control", assignOf(Epoch{1}));
        say("edge", Subscribed{kShard, Epoch{1}, 0});
    }
    // The checkpoint that follows frame n.
    CheckpointDone saved(FrameNo n)
    {
        deliver(n);
        run(150ms);
        return last<CheckpointDone>();
    }
    // Answers a checkpoint as control does.
    void list(const CheckpointDone& done, std::uint64_t id)
    {
        say("control", CheckpointCommitted{kShard, done.info.epoch, CheckpointId{id}, true});
    }
    template <class T>
    std::vector<T> all() const
    {
        std::vector<T> found;
        for (const Message& message : heard) {
            if (const T* one = std::get_if<T>(&message)) found.push_back(*one);
        }
        return found;
    }
    template <class T>
    T last() const
    {
        const std::vector<T> found = all<T>();
        FS_CHECK(!found.empty());
        return found.back();
    }
    // The state that `chain` restores.
    std::vector<AggregateRow> restore(const std::vector<CheckpointInfo>& chain)
    {
        const auto states = CheckpointStore::load(disk(), "data", chain);
        FS_CHECK(states.ok());
        AggregateState state;
        for (const Bytes& packed : *states)
            FS_CHECK(state.load(packed).ok());
        return mergeRows({&state});
    }

    std::vector<Message> heard;
    std::vector<PoisonDrill> poison;
    std::unique_ptr<NodeDriver> node;

private:
    Env peers_;
};

Aggregate expected(FrameNo frames)
{
    Aggregate k;
    for (FrameNo n = 1; n <= frames; ++n) {
        k.add(static_cast<double>(n));
        k.add(static_cast<double>(n));
    }
    return k;
}

CheckpointInfo listed(CheckpointInfo info, std::uint64_t id)
{
    info.id = CheckpointId{id};
    return info;
}

}  // namespace

class NodeDriverTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void ownedShard_subscribes_appliesAndConfirms()
    {
        NodeRig rig;
        rig.say("control", assignOf(Epoch{1}));
        const auto subscribe = rig.last<Subscribe>();
        QCOMPARE(subscribe.shard, kShard);
        QCOMPARE(subscribe.fromN, FrameNo{1});
        QCOMPARE(subscribe.epoch, Epoch{1});
        rig.say("edge", Subscribed{kShard, Epoch{1}, 2});
        QVERIFY(rig.all<Recovered>().empty());
        rig.deliver(1);
        rig.deliver(2);
        QCOMPARE(rig.last<Applied>().n, FrameNo{2});
        QCOMPARE(rig.last<Recovered>().recordsReplayed, std::uint64_t{6});
        rig.run(100ms);
        const auto report = rig.last<NodeReport>();
        QCOMPARE(report.shards.size(), std::size_t{1});
        QCOMPARE(report.shards[0].state, ShardState::kLive);
        QCOMPARE(report.shards[0].recordsApplied, std::uint64_t{6});
        QCOMPARE(report.shards[0].appliedOffset, Offset{6});
    }

    void subscribe_isRepeated_untilTheEdgeAnswers()
    {
        NodeRig rig;
        rig.say("control", assignOf(Epoch{1}));
        rig.run(450ms);
        const std::size_t asked = rig.all<Subscribe>().size();
        QVERIFY(asked >= 4 && asked <= 6);
        rig.say("edge", Subscribed{kShard, Epoch{1}, 0});
        rig.run(450ms);
        QCOMPARE(rig.all<Subscribe>().size(), asked);
    }

    void checkpoints_areFullThenDelta_andRestoreTheState()
    {
        NodeRig rig;
        rig.own();
        const auto first = rig.saved(1);
        QCOMPARE(first.info.kind, CheckpointKind::kFull);
        QCOMPARE(first.info.n, FrameNo{1});
        QCOMPARE(first.info.offset, Offset{3});
        QCOMPARE(first.info.keys, std::uint64_t{2});
        rig.list(first, 11);
        rig.deliver(2);
        const auto second = rig.saved(3);
        QCOMPARE(second.info.kind, CheckpointKind::kDelta);
        QCOMPARE(second.info.base, CheckpointId{11});
        QCOMPARE(second.info.n, FrameNo{3});
        QCOMPARE(second.info.keys, std::uint64_t{3});
        const auto rows = rig.restore({first.info, second.info});
        QCOMPARE(rows.size(), std::size_t{4});
        QCOMPARE(rows[0].key, Bytes("k"));
        QCOMPARE(rows[0].value, expected(3));
    }

    void checkpoint_isAnnounced_untilItIsListed()
    {
        NodeRig rig;
        rig.own();
        rig.deliver(1);
        rig.run(500ms);
        const auto said = rig.all<CheckpointDone>();
        QVERIFY(said.size() >= 4);
        QCOMPARE(said.back().info.position, said.front().info.position);  // the same one
        rig.list(said.back(), 1);
        rig.run(300ms);
        QCOMPARE(rig.all<CheckpointDone>().size(), said.size());
    }

    void answerToAnEarlierCheckpoint_doesNotPassForTheNext()
    {
        NodeRig rig;
        rig.own();
        const auto first = rig.saved(1);
        rig.list(first, 1);
        QCOMPARE(rig.saved(2).info.n, FrameNo{2});
        rig.list(first, 1);  // doubled and late
        rig.deliver(3);
        rig.run(300ms);
        QCOMPARE(rig.last<CheckpointDone>().info.n, FrameNo{2});  // still not listed
        rig.list(rig.last<CheckpointDone>(), 2);
        rig.run(150ms);
        QCOMPARE(rig.last<CheckpointDone>().info.n, FrameNo{3});
        QCOMPARE(rig.last<CheckpointDone>().info.base, CheckpointId{2});
    }

    void release_savesAndSaysSo()
    {
        NodeRig rig;
        rig.own();
        rig.deliver(1);
        rig.say("control", Release{kShard, Epoch{1}});
        rig.deliver(2);
        rig.run(50ms);
        const auto done = rig.last<CheckpointDone>();
        QCOMPARE(done.info.reason, std::string("move"));
        QCOMPARE(done.info.n, FrameNo{1});  // nothing is applied after the release
        QVERIFY(rig.all<Released>().empty());
        rig.list(done, 1);
        QCOMPARE(rig.last<Released>().n, FrameNo{1});
        rig.run(100ms);
        QVERIFY(rig.last<NodeReport>().shards.empty());
    }

    void nextOwner_restoresTheChain_andGoesOnBehindIt()
    {
        NodeRig rig;
        rig.own();
        std::vector<CheckpointInfo> chain;
        for (FrameNo n = 1; n <= 3; ++n) {
            const auto done = rig.saved(n);
            chain.push_back(listed(done.info, n));
            rig.list(done, n);
        }
        rig.deliver(4);  // applied, not saved
        rig.boot(2);
        rig.heard.clear();
        rig.say("control", assignOf(Epoch{2}, chain));
        QCOMPARE(rig.last<Subscribe>().fromN, FrameNo{4});
        QCOMPARE(rig.last<Subscribe>().incarnation, 2U);
        rig.say("edge", Subscribed{kShard, Epoch{2}, 4});
        rig.deliver(3);
        rig.deliver(4);
        rig.run(200ms);
        QCOMPARE(rig.last<Recovered>().recordsReplayed, std::uint64_t{3});
        const auto done = rig.last<CheckpointDone>();
        QCOMPARE(done.info.kind, CheckpointKind::kFull);
        QCOMPARE(done.info.recordsApplied, std::uint64_t{12});
        QCOMPARE(rig.restore({done.info})[0].value, expected(4));
    }

    void doubledLostAndReorderedFrames_areAppliedOnce()
    {
        NodeRig rig;
        rig.own();
        rig.say("control", SetInterval{kShard, Epoch{1}, 60'000});
        SplitMix64 random(3);
        // Go-back-N: what is not confirmed comes again, amid repeats and strays.
        FrameNo applied = 0;
        for (int turn = 0; turn < 400 && applied < 40; ++turn) {
            rig.deliver(1 + random.below(std::min<FrameNo>(40, applied + 4)));
            rig.deliver(std::min<FrameNo>(40, applied + 1 + random.below(2)));
            if (!rig.all<Applied>().empty()) applied = rig.last<Applied>().n;
        }
        QCOMPARE(applied, FrameNo{40});
        rig.say("control", CheckpointNow{kShard, Epoch{1}, "command"});
        rig.run(50ms);
        const auto done = rig.last<CheckpointDone>();
        QCOMPARE(done.info.reason, std::string("command"));
        QCOMPARE(done.info.recordsApplied, std::uint64_t{120});
        QCOMPARE(rig.restore({done.info})[0].value, expected(40));
    }

    void refusedCheckpoint_fencesTheShard()
    {
        NodeRig rig;
        rig.own();
        rig.saved(1);
        rig.say("control", CheckpointCommitted{kShard, Epoch{1}, {}, false});
        const std::size_t confirmed = rig.all<Applied>().size();
        rig.deliver(2);
        rig.run(100ms);
        QCOMPARE(rig.all<Applied>().size(), confirmed);
        QVERIFY(rig.last<NodeReport>().shards.empty());
    }

    // Of simulation seed 515915: the first answer was lost, and the next one said "invalidated" for
    // ever.
    void checkpointInvalidatedBeforeItsAnswerCame_isFollowedByAnotherFullOne()
    {
        NodeRig rig;
        rig.own();
        const CheckpointInfo first = rig.saved(1).info;
        QCOMPARE(first.kind, CheckpointKind::kFull);
        const CheckpointCommitted invalidated{kShard, Epoch{1}, CheckpointId{7}, true, true};
        rig.say("control", invalidated);
        rig.run(150ms);
        const CheckpointDone second = rig.last<CheckpointDone>();
        QCOMPARE(second.info.kind, CheckpointKind::kFull);
        QVERIFY(second.info.position != first.position);
        rig.say("control", invalidated);  // it came twice
        rig.list(second, 8);
        const std::size_t said = rig.all<CheckpointDone>().size();
        rig.run(1s);
        QCOMPARE(rig.all<CheckpointDone>().size(), said);
    }

    void ownershipOfAnotherEpoch_isToldApart()
    {
        NodeRig rig;
        rig.say("control", assignOf(Epoch{5}));
        rig.say("control", assignOf(Epoch{4}));  // late
        rig.say("control", Revoke{kShard, Epoch{4}});
        rig.run(100ms);
        QCOMPARE(rig.last<NodeReport>().shards.size(), std::size_t{1});
        QCOMPARE(rig.last<NodeReport>().shards[0].epoch, Epoch{5});
        rig.say("control", Revoke{kShard, Epoch{5}});
        rig.run(100ms);
        QVERIFY(rig.last<NodeReport>().shards.empty());
    }

    void recordThatThrows_isGivenUpAfterThreeTries_andTheRestOfItsFrameIsAppliedOnce()
    {
        NodeRig rig;
        rig.poison = {{PoisonKind::kThrow, "own 2"}, {PoisonKind::kFlaky, "k"}};
        rig.boot(2);
        rig.say("control", assignOf(Epoch{1}));
        rig.say("edge", Subscribed{kShard, Epoch{1}, 3});
        rig.deliver(1);
        rig.deliver(2);
        rig.deliver(2);  // the edge says it again
        rig.deliver(3);
        QCOMPARE(rig.last<Applied>().n, FrameNo{1});
        const DeadLetter letter = rig.last<Poisoned>().letter;
        QCOMPARE(letter.place, (RecordPlace{kShard, 2, 2, 5}));
        QCOMPARE(letter.tries, kOperatorTriesMax);
        QCOMPARE(letter.key, Bytes("own 2"));
        QCOMPARE(letter.raw, Bytes("raw\n"));
        QVERIFY(letter.reason.find("own 2") != std::string::npos);
        rig.run(250ms);
        QVERIFY(rig.all<Poisoned>().size() >= 3);  // until it is answered
        rig.say("control", Quarantined{kShard, Epoch{1}, 5});
        QCOMPARE(rig.last<Applied>().n, FrameNo{3});  // which has waited behind it
        rig.deliver(3);
        rig.run(150ms);
        QCOMPARE(rig.last<Applied>().n, FrameNo{3});
        QCOMPARE(rig.last<NodeReport>().shards[0].recordsApplied, std::uint64_t{8});
    }

    void deadRecord_isLeftOut_andASuspectOfThreeTriesIsNotTriedAgain()
    {
        NodeRig rig;
        Assign assign = assignOf(Epoch{1});
        assign.dead = {{kShard, 1, 2, 2}};
        assign.suspects = {{{kShard, 2, 0, 3}, 2, 1, "crashed"},
                           {{kShard, 2, 1, 4}, 3, 1, "crashed"}};
        rig.say("control", assign);
        rig.say("edge", Subscribed{kShard, Epoch{1}, 2});
        rig.deliver(1);
        rig.deliver(2);
        QCOMPARE(rig.all<Poisoned>().size(), std::size_t{1});
        QCOMPARE(rig.last<Poisoned>().letter.place.offset, Offset{4});
        QCOMPARE(rig.last<Poisoned>().letter.reason, std::string("crashed"));
        rig.run(150ms);
        const auto rows = rig.restore({listed(rig.last<CheckpointDone>().info, 1)});
        QCOMPARE(rows.size(), std::size_t{1});  // k of frame 1, and nothing of frame 2
        QCOMPARE(rows[0].value, expected(1));
    }

    void damagedCheckpoint_isReported_andTheNodeGoesOn()
    {
        NodeRig rig;
        rig.own();
        const CheckpointInfo info = listed(rig.saved(1).info, 1);
        rig.world.disk().flipByte("data/" + info.file, info.position + 30);
        rig.boot(2);
        rig.say("control", assignOf(Epoch{2}, {info}));
        rig.run(100ms);
        const auto failed = rig.last<RestoreFailed>();
        QCOMPARE(failed.id, info.id);
        QCOMPARE(failed.code, Errc::kCorrupt);
        QVERIFY(failed.text.find(info.file) != std::string::npos);
        QVERIFY(rig.last<NodeReport>().failure.empty());
        QVERIFY(rig.last<NodeReport>().shards.empty());  // nothing of a state that is not whole
        rig.say("control", assignOf(Epoch{2}));
        rig.run(100ms);
        QCOMPARE(rig.last<NodeReport>().shards.size(), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(NodeDriverTest)
#include "tst_node_driver.moc"
