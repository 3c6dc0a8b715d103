#include "engine/control/log/control_state.h"
#include "tests/engine/control/log/control_values.h"

#include <QtTest>

using namespace foreshard;
using namespace foreshard::test;

namespace {

using Ids = std::vector<std::uint64_t>;

// Applies what the log would, as the log would: with the next index and the next id.
class Machine {
public:
    Machine() { take(bootstrap()); }
    Status judge(const ControlChange& change) const { return check(state, placed(change)); }
    void take(const ControlChange& change)
    {
        const ControlEntry entry{state.index + 1, 1, 0, placed(change)};
        FS_CHECK(check(state, entry.change).ok());
        apply(state, entry);
    }
    CheckpointId list(const CheckpointListed& listed)
    {
        take(listed);
        return state.checkpoints.lastId();
    }

    ControlState state;

private:
    ControlChange placed(ControlChange change) const
    {
        if (auto* entry = std::get_if<AssignmentEntry>(&change))
            entry->index = state.assignment.version + 1;
        if (auto* listed = std::get_if<CheckpointListed>(&change))
            listed->info.id = CheckpointId{state.checkpoints.lastId().value + 1};
        return change;
    }
};

Errc codeOf(const Status& status)
{
    FS_CHECK(!status.ok());
    return status.error().code;
}

}  // namespace

class ControlStateTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void index_countsAllChanges_versionThoseOfTheShardMap()
    {
        Machine machine;
        machine.list(listing(0, 10));
        machine.take(FenceRaised{ShardId{0}});
        QCOMPARE(machine.state.index, LogIndex{3});
        QCOMPARE(machine.state.assignment.version, LogIndex{1});
        machine.take(ownership(0, 1, 2));
        QCOMPARE(machine.state.index, LogIndex{4});
        QCOMPARE(machine.state.assignment.version, LogIndex{2});
    }

    void checkpoint_ofAnOwnerThatIsOver_isNotListed()
    {
        Machine machine;
        QVERIFY(machine.judge(listing(0, 10)).ok());
        machine.take(ownership(0, 1, 2));
        QCOMPARE(codeOf(machine.judge(listing(0, 10))), Errc::kStale);
        CheckpointListed next = listing(0, 10, 2);
        QCOMPARE(codeOf(machine.judge(next)), Errc::kStale);  // of the node before
        next.info.node = NodeId{1};
        QVERIFY(machine.judge(next).ok());
        QCOMPARE(codeOf(machine.judge(listing(77, 10))), Errc::kNotFound);
    }

    void checkpoint_thatTheShardGoesBackTo_mayBeOfAnotherNodeButNotOfAnotherEpoch()
    {
        Machine machine;
        machine.list(listing(0, 10));
        machine.list(listing(0, 20));
        machine.take(ownership(0, 1, 2));
        CheckpointListed back = listing(0, 10, 2);
        back.info.setsBack = true;
        QVERIFY(machine.judge(back).ok());
        back.info.epoch = Epoch{1};
        QCOMPARE(codeOf(machine.judge(back)), Errc::kStale);
    }

    void checkpoint_thatDoesNotFollow_isStale()
    {
        Machine machine;
        const CheckpointId first = machine.list(listing(0, 10));
        QCOMPARE(codeOf(machine.judge(listing(0, 9))), Errc::kStale);
        QVERIFY(machine.judge(delta(0, 20, first)).ok());
        machine.take(judged(0, first, CheckpointState::kInvalidated));
        QCOMPARE(codeOf(machine.judge(delta(0, 20, first))), Errc::kStale);
        QCOMPARE(codeOf(machine.judge(delta(0, 20, CheckpointId{77}))), Errc::kStale);
    }

    void verifiedOnes_freeWhatIsOlder_asTheWriterKeptIt()
    {
        Machine machine;
        for (FrameNo n = 10; n <= 50; n += 10) {
            CheckpointListed one = listing(0, n);
            one.info.keepMin = 3;
            machine.list(one);
        }
        for (std::uint64_t id = 1; id <= 5; ++id)
            machine.take(judged(0, CheckpointId{id}, CheckpointState::kVerified));
        QCOMPARE(idsOf(machine.state.checkpoints.all()), (Ids{3, 4, 5}));
        machine.list(listing(0, 60));  // keeps two
        machine.take(judged(0, CheckpointId{6}, CheckpointState::kVerified));
        QCOMPARE(idsOf(machine.state.checkpoints.all()), (Ids{5, 6}));
    }

    void invalidation_raisesTheFence_aWordThatItHoldsDoesNot()
    {
        Machine machine;
        const CheckpointId first = machine.list(listing(0, 10));
        const CheckpointId second = machine.list(listing(0, 20));
        machine.take(judged(0, first, CheckpointState::kVerified));
        QCOMPARE(machine.state.fence(ShardId{0}), std::uint64_t{0});
        machine.take(judged(0, second, CheckpointState::kInvalidated));
        QCOMPARE(machine.state.fence(ShardId{0}), std::uint64_t{1});
        QCOMPARE(machine.state.checkpoints.newest(ShardId{0})->id, first);
        machine.take(judged(0, second, CheckpointState::kInvalidated));  // is so already
        QCOMPARE(machine.state.fence(ShardId{0}), std::uint64_t{1});
        machine.take(FenceRaised{ShardId{0}});
        QCOMPARE(machine.state.fence(ShardId{0}), std::uint64_t{2});
        QCOMPARE(machine.state.fence(ShardId{1}), std::uint64_t{0});
    }

    void reinstatement_takesAWholeChainBack_andNeedsItListed()
    {
        Machine machine;
        const CheckpointId full = machine.list(listing(0, 10));
        const CheckpointId built = machine.list(delta(0, 20, full));
        machine.take(judged(0, full, CheckpointState::kInvalidated));
        QVERIFY(machine.state.checkpoints.newest(ShardId{0}) == nullptr);
        machine.take(CheckpointsReinstated{ShardId{0}, {full, built}});
        QCOMPARE(machine.state.checkpoints.newest(ShardId{0})->id, built);
        const CheckpointsReinstated gone{ShardId{0}, {CheckpointId{77}}};
        QCOMPARE(codeOf(machine.judge(gone)), Errc::kStale);
    }

    void letter_ofAShardThatIsNot_andOneTooMany_areRefused()
    {
        Machine machine;
        DeadLetter lost = letterAt(5);
        lost.place.shard = ShardId{77};
        QCOMPARE(codeOf(machine.judge(lost)), Errc::kNotFound);
        for (Offset i = 0; i < DeadLetterCore::kLettersMax; ++i)
            machine.take(letterAt(i));
        QCOMPARE(codeOf(machine.judge(letterAt(~0ULL))), Errc::kUnavailable);
        QVERIFY(machine.judge(letterAt(5)).ok());  // it is there
    }

    void change_thatIsSoAlready_isKnownAsOne()
    {
        Machine machine;
        const CheckpointId first = machine.list(listing(0, 10));
        const auto holds = judged(0, first, CheckpointState::kVerified);
        QVERIFY(!changesNothing(machine.state, holds));
        machine.take(holds);
        QVERIFY(changesNothing(machine.state, holds));
        QVERIFY(changesNothing(machine.state,
                               judged(0, CheckpointId{77}, CheckpointState::kInvalidated)));
        QVERIFY(!changesNothing(machine.state, letterAt(5)));
        machine.take(letterAt(5));
        QVERIFY(changesNothing(machine.state, letterAt(5)));
        QVERIFY(!changesNothing(machine.state, FenceRaised{ShardId{0}}));
    }

    void fenceAndJudgement_ofAShardThatIsNot_areRefused()
    {
        Machine machine;
        QCOMPARE(codeOf(machine.judge(FenceRaised{ShardId{77}})), Errc::kNotFound);
        QCOMPARE(codeOf(machine.judge(judged(77, CheckpointId{1}, CheckpointState::kVerified))),
                 Errc::kNotFound);
        QCOMPARE(codeOf(machine.judge(judged(0, CheckpointId{1}, CheckpointState::kListed))),
                 Errc::kInvalid);
    }
};

QTEST_GUILESS_MAIN(ControlStateTest)
#include "tst_control_state.moc"
