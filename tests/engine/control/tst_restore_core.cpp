#include "engine/control/restore_core.h"
#include "tests/engine/control/control_stage.h"

#include <QtTest>

using namespace foreshard;
using namespace foreshard::test;
using namespace std::chrono_literals;

namespace {

// Shard 0 has checkpoints 1 (frame 5) and 2 (frame 9).
struct Rig : ControlStage {
    LoadTracker loads{{2, 2, 0}};
    OwnershipCore ownership{view, loads, false};
    RestoreCore core{view, ownership, settingBack, 500};
    Effects effects;

    Rig()
    {
        list(kShard, 5, 1);
        list(kShard, 9, 2);
    }
    void begin(std::uint64_t checkpoint = 1, bool dryRun = false, LogIndex expect = 0)
    {
        Command command;
        command.id = 42;
        command.actor = "operator";
        command.dryRun = dryRun;
        command.expectVersion = expect;
        const RestoreCommand restore{kShard, CheckpointId{checkpoint}};
        command.body = restore;
        core.begin(kNow, "ctl", command, restore, effects);
    }
    ScrubReply whole() const
    {
        return {sent<ScrubRequest>(effects, "query").back().id, {}, {}, {}};
    }
    void chainHolds() { QVERIFY(core.chainRead(kNow, whole(), effects)); }
    void fenceRaised()
    {
        const RaiseFence raise = all<RaiseFence>(effects).back();
        ++fences[raise.shard];
        core.fenceRaised(kNow, raise.ticket.number, {}, effects);
    }
    Retained retained() const
    {
        Retained retained;
        retained.shard = kShard;
        retained.fence = view.fence(kShard);
        retained.lastN = 12;
        return retained;
    }
    void ownerCommitted()
    {
        const ProposeAssignment proposal = all<ProposeAssignment>(effects).back();
        for (const ShardAssignment& shard : proposal.entry.shards)
            setOwner(shard.shard, shard.node, shard.epoch);
        core.committed(kNow, proposal.ticket.number, assignment.version, effects);
    }
    // Up to where the edge has been asked.
    void untilRetaining(bool dryRun = false)
    {
        begin(1, dryRun);
        chainHolds();
        fenceRaised();
    }
    CommandReply answer() const { return sent<CommandReply>(effects, "ctl").back(); }
    bool answered() const { return !sent<CommandReply>(effects).empty(); }
};

}  // namespace

class RestoreCoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void restore_readsTheChain_raisesTheFence_retains_owns_lists()
    {
        Rig rig;
        rig.begin();
        QVERIFY(rig.settingBack.contains(kShard));
        QVERIFY(sent<Retain>(rig.effects).empty());  // not before the chain was read
        rig.chainHolds();
        QVERIFY(sent<Retain>(rig.effects).empty());  // nor before the fence is in the log
        rig.fenceRaised();
        const Retain retain = sent<Retain>(rig.effects, "edge").front();
        QCOMPARE(retain.fence, std::uint64_t{1});
        QCOMPARE(retain.fromN, FrameNo{6});
        rig.core.retained(rig.retained(), rig.effects);
        QCOMPARE(all<ProposeAssignment>(rig.effects).front().entry.shards.front().epoch, Epoch{2});
        rig.ownerCommitted();
        const ListCheckpoint listing = all<ListCheckpoint>(rig.effects).front();
        QVERIFY(listing.info.setsBack);
        QCOMPARE(listing.info.epoch, Epoch{2});
        QCOMPARE(listing.info.state, CheckpointState::kVerified);
        QVERIFY(!rig.answered());
        CheckpointInfo listed = listing.info;
        listed.id = CheckpointId{3};
        QVERIFY(rig.checkpoints.add(listed));
        rig.core.listed(kNow, listing.ticket.number, listed, rig.effects);
        QVERIFY(rig.answer().ok);
        QCOMPARE(rig.answer().id, std::uint64_t{42});
        QVERIFY(!rig.core.any() && rig.settingBack.empty());
        QCOMPARE(sent<Assign>(rig.effects, "node/0").front().cause, std::string("restore"));
        QCOMPARE(sent<RouteTable>(rig.effects, "edge").size(), std::size_t{1});
    }

    void whatCannotBe_isRefusedWithTheReason_data()
    {
        QTest::addColumn<unsigned>("shard");
        QTest::addColumn<unsigned>("checkpoint");
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("no such shard") << 9U << 1U << QByteArray("there is no such shard");
        QTest::newRow("never listed") << 0U << 7U << QByteArray("give one of 1, 2");
        QTest::newRow("none listed") << 1U << 7U << QByteArray("give one of none");
    }
    void whatCannotBe_isRefusedWithTheReason()
    {
        QFETCH(unsigned, shard);
        QFETCH(unsigned, checkpoint);
        QFETCH(QByteArray, text);
        Rig rig;
        Command command;
        const RestoreCommand restore{ShardId{shard}, CheckpointId{checkpoint}};
        rig.core.begin(kNow, "ctl", command, restore, rig.effects);
        QVERIFY(!rig.answer().ok);
        QVERIFY2(rig.answer().message.find(text.toStdString()) != std::string::npos,
                 rig.answer().message.c_str());
        QVERIFY(!rig.core.any());
    }

    void secondRestoreOfAShard_isRefused_untilTheFirstIsOver()
    {
        Rig rig;
        rig.begin();
        rig.begin(2);
        QCOMPARE(rig.answer().code, Errc::kBusy);
    }

    void shardThatMoves_isNotSetBack()
    {
        Rig rig;
        rig.ownership.startMove(kNow, PlanId{1}, kShard, kOther, "operator", rig.effects);
        rig.begin();
        QCOMPARE(rig.answer().code, Errc::kBusy);
    }

    void chainThatDoesNotHold_isRefusedWithItsDamage_orAsGone()
    {
        Rig rig;
        rig.begin();
        ScrubReply bad = rig.whole();
        bad.bad = CheckpointId{1};
        bad.code = Errc::kCorrupt;
        bad.text = "crc at offset 7";
        QVERIFY(rig.core.chainRead(kNow, bad, rig.effects));
        QCOMPARE(rig.answer().code, Errc::kCorrupt);
        QCOMPARE(rig.answer().message, std::string("crc at offset 7"));
        Rig gone;
        gone.begin();
        static_cast<void>(
            gone.checkpoints.judge(kShard, CheckpointId{1}, CheckpointState::kInvalidated));
        bad.id = gone.whole().id;
        QVERIFY(gone.core.chainRead(kNow, bad, gone.effects));
        QVERIFY(gone.answer().message.find("has just left the list") != std::string::npos);
    }

    void answerToSomebodyElsesRead_isNotTaken_andASecondOneChangesNothing()
    {
        Rig rig;
        rig.begin();
        QVERIFY(!rig.core.chainRead(kNow, ScrubReply{3, {}, {}, {}}, rig.effects));
        rig.chainHolds();
        rig.chainHolds();
        QCOMPARE(all<RaiseFence>(rig.effects).size(), std::size_t{1});
    }

    void readThatIsNotAnswered_isAskedAgain_thenGivenUp()
    {
        Rig rig;
        rig.begin();
        rig.core.step(kNow + 1s, rig.effects);
        QCOMPARE(sent<ScrubRequest>(rig.effects).size(), std::size_t{1});
        rig.core.step(kNow + 2100ms, rig.effects);
        QCOMPARE(sent<ScrubRequest>(rig.effects).size(), std::size_t{2});
        rig.core.step(kNow + 11s, rig.effects);
        QCOMPARE(rig.answer().code, Errc::kTimeout);
        QVERIFY(rig.answer().message.find("not read back in time") != std::string::npos);
    }

    void edgeThatDoesNotAnswer_isAskedAgain_thenGivenUp()
    {
        Rig rig;
        rig.untilRetaining();
        rig.core.step(kNow + 100ms, rig.effects);
        QCOMPARE(sent<Retain>(rig.effects).size(), std::size_t{2});
        rig.core.step(kNow + 11s, rig.effects);
        QVERIFY(rig.answer().message.find("the buffer boxes do not answer") != std::string::npos);
    }

    void fenceThatTheLogDoesNotTake_endsTheRestore_andItsLateOutcomeDoesNothing()
    {
        Rig rig;
        rig.begin();
        rig.chainHolds();
        const RaiseFence raise = all<RaiseFence>(rig.effects).back();
        rig.core.step(kNow + 11s, rig.effects);
        QCOMPARE(rig.answer().code, Errc::kTimeout);
        QVERIFY(rig.settingBack.empty());
        rig.begin(2);  // another one, which has a fence of its own
        rig.core.fenceRaised(kNow, raise.ticket.number, {}, rig.effects);
        QVERIFY(sent<Retain>(rig.effects).empty());
    }

    void whileAnAppendIsUnderWay_theEdgeIsNotAsked_norTheOwnerChanged()
    {
        Rig rig;
        rig.untilRetaining();
        rig.pending.begin(kShard);
        rig.core.step(kNow + 200ms, rig.effects);
        QCOMPARE(sent<Retain>(rig.effects).size(), std::size_t{1});
        rig.core.retained(rig.retained(), rig.effects);
        QVERIFY(all<ProposeAssignment>(rig.effects).empty());
    }

    void retained_ofAnOlderFence_isNotTaken()
    {
        Rig rig;
        rig.untilRetaining();
        Retained old = rig.retained();
        --old.fence;
        rig.core.retained(old, rig.effects);
        QVERIFY(all<ProposeAssignment>(rig.effects).empty() && !rig.answered());
        old.shard = ShardId{1};  // no restore of it
        rig.core.retained(old, rig.effects);
        QVERIFY(!rig.answered());
    }

    void framesThatAreGone_areNamed()
    {
        Rig rig;
        rig.untilRetaining();
        Retained retained = rig.retained();
        retained.missingFirst = 6;
        retained.missingLast = 8;
        rig.core.retained(retained, rig.effects);
        QCOMPARE(rig.answer().code, Errc::kGap);
        QVERIFY(rig.answer().message.find("frames 6..8") != std::string::npos);
    }

    void edgeThatCannotTell_isQuoted_andACheckpointThatLeftTheListIsNamed()
    {
        Rig rig;
        rig.untilRetaining();
        Retained retained = rig.retained();
        retained.failure = "read: disk";
        retained.failureCode = Errc::kIo;
        rig.core.retained(retained, rig.effects);
        QCOMPARE(rig.answer().message, std::string("read: disk"));
        Rig gone;
        gone.untilRetaining();
        static_cast<void>(
            gone.checkpoints.judge(kShard, CheckpointId{1}, CheckpointState::kInvalidated));
        gone.core.retained(gone.retained(), gone.effects);
        QCOMPARE(gone.answer().code, Errc::kNotFound);
    }

    void dryRun_onlyLooks()
    {
        Rig rig;
        rig.untilRetaining(true);
        QVERIFY(sent<Retain>(rig.effects).front().dryRun);
        rig.core.retained(rig.retained(), rig.effects);
        QVERIFY(rig.answer().ok);
        QVERIFY(rig.answer().message.find("replays 7 frames") != std::string::npos);
        QVERIFY(all<ProposeAssignment>(rig.effects).empty() && !rig.core.any());
    }

    void epochThatARecoveryTookFirst_isProposedAgain_unlessAVersionWasExpected()
    {
        Rig rig;
        rig.untilRetaining();
        rig.core.retained(rig.retained(), rig.effects);
        rig.setOwner(kShard, kNode, Epoch{2});
        rig.core.committed(kNow, all<ProposeAssignment>(rig.effects).back().ticket.number,
                           Error{Errc::kStale, "epoch"}, rig.effects);
        QVERIFY(!rig.answered());
        rig.core.retained(rig.retained(), rig.effects);  // asked and answered again
        QCOMPARE(all<ProposeAssignment>(rig.effects).back().entry.shards.front().epoch, Epoch{3});
        Rig strict;
        strict.begin(1, false, 1);
        strict.chainHolds();
        strict.fenceRaised();
        strict.core.retained(strict.retained(), strict.effects);
        strict.core.committed(kNow, all<ProposeAssignment>(strict.effects).back().ticket.number,
                              Error{Errc::kStale, "version"}, strict.effects);
        QCOMPARE(strict.answer().code, Errc::kStale);
    }

    void checkpointInvalidatedBeforeItIsListedAgain_endsTheRestore_notTheEngine()
    {
        Rig rig;
        rig.untilRetaining();
        rig.core.retained(rig.retained(), rig.effects);
        rig.ownerCommitted();
        const ListCheckpoint listing = all<ListCheckpoint>(rig.effects).front();
        rig.core.listed(kNow, listing.ticket.number, Error{Errc::kStale, "older"}, rig.effects);
        QCOMPARE(rig.answer().code, Errc::kStale);
        QVERIFY(!fails(rig.effects));
    }

    void logThatRefuses_endsTheEngine()
    {
        Rig rig;
        rig.untilRetaining();
        rig.core.retained(rig.retained(), rig.effects);
        rig.ownerCommitted();
        const ListCheckpoint listing = all<ListCheckpoint>(rig.effects).front();
        rig.core.listed(kNow, listing.ticket.number, Error{Errc::kIo, "disk"}, rig.effects);
        QVERIFY(fails(rig.effects));
        Rig fence;
        fence.begin();
        fence.chainHolds();
        fence.core.fenceRaised(kNow, all<RaiseFence>(fence.effects).front().ticket.number,
                               Error{Errc::kIo, "disk"}, fence.effects);
        QVERIFY(fails(fence.effects));
    }
};

QTEST_GUILESS_MAIN(RestoreCoreTest)
#include "tst_restore_core.moc"
