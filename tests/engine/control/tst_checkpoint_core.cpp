#include "engine/control/checkpoint_core.h"
#include "tests/engine/control/control_stage.h"

#include <QtTest>

using namespace foreshard;
using namespace foreshard::test;
using namespace std::chrono_literals;

namespace {

struct Rig : ControlStage {
    CheckpointCore core{view, "data", 100};
    Effects effects;

    CheckpointDone doneAt(FrameNo n, std::uint64_t position) const
    {
        CheckpointDone done;
        done.node = kNode;
        done.info = infoOf(kShard, n, 0);
        done.info.position = position;
        return done;
    }
    CheckpointCommitted answer() { return sent<CheckpointCommitted>(effects).back(); }
    bool lists() const { return !all<ListCheckpoint>(effects).empty(); }
    // Everything that was decided to be listed is.
    void listAll()
    {
        for (const ListCheckpoint& one : all<ListCheckpoint>(effects)) {
            CheckpointInfo info = one.info;
            info.id = CheckpointId{checkpoints.lastId().value + 1};
            FS_CHECK(checkpoints.add(info));
            core.listed(kNow, one.ticket.number, info, effects);
        }
    }
    ScrubRequest lastRead() const { return sent<ScrubRequest>(effects, "query").back(); }
    void reply(CheckpointId bad, Errc code = Errc::kCorrupt)
    {
        core.read(ScrubReply{lastRead().id, bad, code, "crc at offset 7"}, effects);
    }
    void judgeAll(const Status& status = {})
    {
        const auto judgements = all<JudgeCheckpoints>(effects);
        static_cast<void>(effects.take());
        for (const JudgeCheckpoints& one : judgements) {
            for (const CheckpointId id : one.ids)
                static_cast<void>(checkpoints.judge(one.shard, id, one.state));
            core.judged(kNow, one.ticket.number, status, effects);
        }
    }
};

}  // namespace

class CheckpointCoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void checkpointOfTheOwner_isListed_thenAnswered_thenFramesMayGo()
    {
        Rig rig;
        rig.core.announced(rig.doneAt(5, 100), rig.effects);
        QVERIFY(rig.lists());
        QVERIFY(sent<CheckpointCommitted>(rig.effects).empty());  // not before it is durable
        rig.listAll();
        QCOMPARE(rig.answer().id, CheckpointId{1});
        QVERIFY(rig.answer().accepted && !rig.answer().rebase);
        QCOMPARE(sent<Truncate>(rig.effects, "edge").size(), std::size_t{1});
        QCOMPARE(rig.core.count(), std::uint64_t{1});
        QCOMPARE(rig.core.bytes(), std::uint64_t{100});
    }

    void checkpointOfAFormerOwner_isRefused()
    {
        Rig rig;
        const CheckpointDone done = rig.doneAt(5, 100);
        rig.setOwner(kShard, kOther, Epoch{2});
        rig.core.announced(done, rig.effects);
        QVERIFY(!rig.lists());
        QVERIFY(!rig.answer().accepted);
    }

    void checkpointSaidAgain_isAnsweredAgain_andListedOnce()
    {
        Rig rig;
        rig.core.announced(rig.doneAt(5, 100), rig.effects);
        rig.listAll();
        static_cast<void>(rig.effects.take());
        rig.core.announced(rig.doneAt(5, 100), rig.effects);
        QVERIFY(!rig.lists());
        QCOMPARE(rig.answer().id, CheckpointId{1});
    }

    void checkpoint_whileAnotherOfTheShardIsBeingListed_waits()
    {
        Rig rig;
        rig.core.announced(rig.doneAt(5, 100), rig.effects);
        rig.core.announced(rig.doneAt(6, 200), rig.effects);
        QCOMPARE(all<ListCheckpoint>(rig.effects).size(), std::size_t{1});
        rig.listAll();
        static_cast<void>(rig.effects.take());
        rig.core.announced(rig.doneAt(6, 200), rig.effects);
        QVERIFY(rig.lists());
    }

    void checkpoint_whileTheShardIsSetBack_waits()
    {
        Rig rig;
        rig.settingBack.insert(kShard);
        rig.core.announced(rig.doneAt(5, 100), rig.effects);
        QVERIFY(rig.effects.empty());
    }

    void olderOne_thatComesBehindANewerOne_isLeftOut()
    {
        Rig rig;
        rig.core.announced(rig.doneAt(5, 200), rig.effects);
        rig.listAll();
        static_cast<void>(rig.effects.take());
        rig.core.announced(rig.doneAt(4, 100), rig.effects);
        QVERIFY(rig.effects.empty());
    }

    void deltaOnWhatDoesNotHold_asksForAFullOne()
    {
        Rig rig;
        CheckpointDone done = rig.doneAt(5, 200);
        done.info.kind = CheckpointKind::kDelta;
        done.info.base = CheckpointId{9};
        rig.core.announced(done, rig.effects);
        QVERIFY(!rig.lists());
        QVERIFY(rig.answer().accepted && rig.answer().rebase);
    }

    void shardThatDoesNotExist_isNotAnswered()
    {
        Rig rig;
        CheckpointDone done = rig.doneAt(5, 100);
        done.info.shard = ShardId{77};
        rig.core.announced(done, rig.effects);
        QVERIFY(rig.effects.empty());
    }

    void listing_thatComesTooLate_isNoFailure_butADiskThatRefusesIs()
    {
        Rig rig;
        rig.core.announced(rig.doneAt(5, 100), rig.effects);
        const std::uint64_t first = all<ListCheckpoint>(rig.effects).front().ticket.number;
        rig.core.listed(kNow, first, Error{Errc::kStale, "older"}, rig.effects);
        QVERIFY(!fails(rig.effects));
        rig.core.announced(rig.doneAt(5, 100), rig.effects);
        const std::uint64_t second = all<ListCheckpoint>(rig.effects).back().ticket.number;
        rig.core.listed(kNow, second, Error{Errc::kIo, "disk"}, rig.effects);
        QVERIFY(fails(rig.effects));
    }

    void newestOfEachShard_isReadBack_andVerifiedOnce()
    {
        Rig rig;
        rig.list(kShard, 5, 1);
        rig.list(ShardId{1}, 5, 2);
        rig.core.tick(kNow, rig.effects);
        const CheckpointId first = rig.lastRead().chain.front().id;
        rig.reply(CheckpointId{});
        rig.judgeAll();
        QVERIFY(rig.lastRead().chain.front().id != first);  // the other shard's
        QCOMPARE(sent<Truncate>(rig.effects, "edge").size(), std::size_t{1});
        rig.reply(CheckpointId{});
        rig.judgeAll();
        // From here on what is kept is read again, round and round, half a second apart.
        QCOMPARE(rig.lastRead().chain.size(), std::size_t{1});
        rig.reply(CheckpointId{});
        static_cast<void>(rig.effects.take());
        rig.core.tick(kNow + 100ms, rig.effects);
        QVERIFY(rig.effects.empty());
        rig.core.tick(kNow + 600ms, rig.effects);
        QCOMPARE(sent<ScrubRequest>(rig.effects).size(), std::size_t{1});
    }

    void readThatIsNotAnswered_isAskedAgain()
    {
        Rig rig;
        rig.list(kShard, 5, 1);
        rig.core.tick(kNow, rig.effects);
        rig.core.tick(kNow + 4s, rig.effects);
        QCOMPARE(sent<ScrubRequest>(rig.effects).size(), std::size_t{1});
        rig.core.tick(kNow + 5s, rig.effects);
        QCOMPARE(sent<ScrubRequest>(rig.effects).size(), std::size_t{2});
        // The first answer comes after all: it is of a request that is given up.
        rig.core.read(ScrubReply{101, CheckpointId{1}, Errc::kCorrupt, "late"}, rig.effects);
        QVERIFY(all<JudgeCheckpoints>(rig.effects).empty());
    }

    void damagedCheckpoint_isInvalidated_andTheProblemEndsWithTheNextThatHolds()
    {
        Rig rig;
        rig.list(kShard, 5, 1);
        rig.core.tick(kNow, rig.effects);
        rig.reply(CheckpointId{1});
        QVERIFY(says(rig.effects, "is invalidated"));
        QVERIFY(!rig.core.problem().empty());
        rig.judgeAll();
        QCOMPARE(rig.checkpoints.newest(kShard), nullptr);
        rig.list(kShard, 6, 2);
        rig.core.tick(kNow + 1s, rig.effects);
        rig.reply(CheckpointId{});
        QVERIFY(says(rig.effects, "hold again"));
        QVERIFY(rig.core.problem().empty());
    }

    void checkpointThatCannotBeReadForNow_isNotInvalidated()
    {
        Rig rig;
        rig.list(kShard, 5, 1);
        rig.core.tick(kNow, rig.effects);
        rig.reply(CheckpointId{1}, Errc::kIo);
        QVERIFY(all<JudgeCheckpoints>(rig.effects).empty());
    }

    void ofAChain_whatIsBeforeTheBadOne_holds()
    {
        Rig rig;
        rig.list(kShard, 5, 1);
        CheckpointInfo delta = rig.infoOf(kShard, 6, 2);
        delta.kind = CheckpointKind::kDelta;
        delta.base = CheckpointId{1};
        QVERIFY(rig.checkpoints.add(delta));
        rig.core.tick(kNow, rig.effects);
        QCOMPARE(rig.lastRead().chain.size(), std::size_t{2});
        rig.reply(CheckpointId{2});
        const auto judged = all<JudgeCheckpoints>(rig.effects);
        QCOMPARE(judged.size(), std::size_t{2});
        QCOMPARE(judged[0].ids, std::vector<CheckpointId>{CheckpointId{2}});
        QCOMPARE(judged[1].ids, std::vector<CheckpointId>{CheckpointId{1}});
        QCOMPARE(judged[1].state, CheckpointState::kVerified);
    }

    void nodeThatCannotRestore_invalidates_onlyAsTheOwner()
    {
        Rig rig;
        rig.list(kShard, 5, 1);
        RestoreFailed failed{kOther, kShard, Epoch{1}, CheckpointId{1}, Errc::kCorrupt, "crc"};
        rig.core.restoreFailed(failed, rig.effects);
        QVERIFY(rig.effects.empty());
        failed.node = kNode;
        rig.core.restoreFailed(failed, rig.effects);
        QCOMPARE(all<JudgeCheckpoints>(rig.effects).size(), std::size_t{1});
        rig.judgeAll();
        rig.core.restoreFailed(failed, rig.effects);  // said again
        QVERIFY(all<JudgeCheckpoints>(rig.effects).empty());
    }

    void shardWithAnInvalidatedOne_isAskedForAFullOne_onceItIsLive()
    {
        Rig rig;
        rig.list(kShard, 5, 1);
        static_cast<void>(
            rig.checkpoints.judge(kShard, CheckpointId{1}, CheckpointState::kInvalidated));
        rig.core.tick(kNow, rig.effects);
        QVERIFY(sent<CheckpointCommitted>(rig.effects).empty());
        rig.heardLive(5);
        rig.core.tick(kNow + 500ms, rig.effects);
        QCOMPARE(sent<CheckpointCommitted>(rig.effects, "node/0").size(), std::size_t{1});
        QVERIFY(rig.answer().rebase);
        rig.core.tick(kNow + 600ms, rig.effects);
        QCOMPARE(sent<CheckpointCommitted>(rig.effects).size(), std::size_t{1});
    }

    void truncation_carriesTheFence_andCutsNothingWhileTheShardIsSetBack()
    {
        Rig rig;
        rig.fences[kShard] = 3;
        rig.list(kShard, 5, 1, CheckpointState::kVerified);
        rig.list(kShard, 7, 2, CheckpointState::kVerified);
        rig.core.sendTruncate(kShard, rig.effects);
        const Truncate truncate = sent<Truncate>(rig.effects).front();
        QCOMPARE(truncate.n, FrameNo{5});  // the second-newest verified one
        QCOMPARE(truncate.savedN, FrameNo{7});
        QCOMPARE(truncate.fence, std::uint64_t{3});
        static_cast<void>(rig.effects.take());
        rig.core.announced(rig.doneAt(9, 900), rig.effects);
        rig.settingBack.insert(kShard);
        rig.listAll();
        QCOMPARE(sent<Truncate>(rig.effects).front().n, FrameNo{0});
        QCOMPARE(sent<Truncate>(rig.effects).front().savedN, FrameNo{9});
    }

    void repairedChain_isReinstated_newestFirst()
    {
        Rig rig;
        rig.list(kShard, 5, 1);
        rig.list(kShard, 6, 2);
        rig.list(kShard, 7, 3);
        for (const std::uint64_t id : {2U, 3U})
            static_cast<void>(
                rig.checkpoints.judge(kShard, CheckpointId{id}, CheckpointState::kInvalidated));
        const auto chains = rig.core.repairable(kShard);
        QCOMPARE(chains.size(), std::size_t{2});
        QCOMPARE(chains.front().back().id, CheckpointId{3});
        rig.core.reinstate(chains.front(), rig.effects);
        const auto reinstated = all<ReinstateCheckpoints>(rig.effects);
        QCOMPARE(reinstated.size(), std::size_t{1});
        rig.core.judged(kNow, reinstated.front().ticket.number, Error{Errc::kIo, "disk"},
                        rig.effects);
        QVERIFY(fails(rig.effects));
    }

    void gap_isDamage_whenWhatContainedItWasInvalidated()
    {
        Rig rig;
        const Error gap{Errc::kGap, "frame 3 is missing"};
        QCOMPARE(rig.core.withInvalidated(gap).code, Errc::kGap);
        rig.list(kShard, 5, 1);
        static_cast<void>(
            rig.checkpoints.judge(kShard, CheckpointId{1}, CheckpointState::kInvalidated));
        const Error damage = rig.core.withInvalidated(gap);
        QCOMPARE(damage.code, Errc::kCorrupt);
        QVERIFY(damage.message.find("data/checkpoint/0/000000000001.seg at offset 100")
                != std::string::npos);
        QCOMPARE(rig.core.withInvalidated({Errc::kIo, "x"}).message, std::string("x"));
    }
};

QTEST_GUILESS_MAIN(CheckpointCoreTest)
#include "tst_checkpoint_core.moc"
