#include "engine/base/result.h"
#include "engine/node/shard_core.h"
#include "engine/operator/aggregate_state.h"

#include <QtTest>

#include <vector>

using namespace foreshard;
using Verdict = ShardCore::Verdict;

namespace {

constexpr Instant kBegin{1'000'000'000};

ShardCore liveCore(Nanos interval = 500ms)
{
    ShardCore core(0, {}, interval, kBegin);
    core.subscribed(0);
    return core;
}

// Starts what is due and has it listed as `id`. REQUIRES: something is due.
CheckpointKind checkpoint(ShardCore& core, Instant now, std::uint64_t id)
{
    const auto due = core.due(now);
    FS_CHECK(due.has_value());
    core.started(now, due->kind);
    core.committed(CheckpointId{id});
    return due->kind;
}

std::vector<AggregateRow> rows(const AggregateState& state) { return mergeRows({&state}); }

bool same(const AggregateState& a, const AggregateState& b)
{
    const auto left = rows(a);
    const auto right = rows(b);
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (left[i].key != right[i].key || left[i].value != right[i].value) return false;
    }
    return true;
}

}  // namespace

class ShardStateTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sum_ofSmallBesideLarge_keepsTheSmall_data()
    {
        QTest::addColumn<QList<double>>("values");
        QTest::addColumn<double>("sum");
        QTest::newRow("beyond 2^53") << QList<double>{9007199254740992, 1, 1} << 9007199254740994.;
        QTest::newRow("a large one comes and goes") << QList<double>{1e16, 1, -1e16} << 1.;
        QTest::newRow("the other way round") << QList<double>{1, 1e100, 1, -1e100} << 2.;
        QTest::newRow("tenths") << QList<double>(10, 0.1) << 1.;
        QTest::newRow("too large") << QList<double>{1e308, 1e308, 1} << HUGE_VAL;
        QTest::newRow("nothing but minus zero") << QList<double>{-0.} << 0.;
    }

    void sum_ofSmallBesideLarge_keepsTheSmall()
    {
        QFETCH(const QList<double>, values);
        QFETCH(const double, sum);
        AggregateState whole;
        for (const double value : values)
            whole.apply("k", value);
        QCOMPARE(rows(whole)[0].value.sum, sum);
        // Across a checkpoint behind every value, and over two shards.
        for (qsizetype cut = 0; cut <= values.size(); ++cut) {
            AggregateState first;
            AggregateState second;
            for (qsizetype i = 0; i < cut; ++i)
                first.apply("k", values[i]);
            QVERIFY(second.load(first.packFull()).ok());
            for (qsizetype i = cut; i < values.size(); ++i)
                second.apply("k", values[i]);
            QVERIFY(rows(second)[0].value == rows(whole)[0].value);
            AggregateState rest;
            for (qsizetype i = cut; i < values.size(); ++i)
                rest.apply("k", values[i]);
            QCOMPARE(mergeRows({&first, &rest})[0].value.sum, sum);
        }
    }

    void aggregate_keepsCountSumMinAndMax()
    {
        AggregateState state;
        for (const double value : {-2.0, 5.0, 1.5})
            state.apply("k", value);
        QCOMPARE(rows(state).size(), std::size_t{1});
        QCOMPARE(rows(state)[0].value, (Aggregate{3, 4.5, -2.0, 5.0}));
    }

    void fullPack_loadedAgain_isTheSameState()
    {
        AggregateState state;
        state.apply("a", 1);
        state.apply(Bytes("\0x\xff", 3), -0.5);
        state.apply("", 7);
        QCOMPARE(state.changedKeys(), std::size_t{3});
        const Bytes packed = state.packFull();
        QCOMPARE(state.changedKeys(), std::size_t{0});
        AggregateState loaded;
        QVERIFY(loaded.load(packed).ok());
        QVERIFY(same(state, loaded));
        QCOMPARE(loaded.packFull(), packed);
    }

    void deltas_holdOnlyWhatChanged_andLoadOverTheFullOne()
    {
        AggregateState state;
        for (int i = 0; i < 100; ++i)
            state.apply("key " + std::to_string(i), i);
        const Bytes full = state.packFull();
        state.apply("key 7", 1);
        state.apply("key 7", 2);
        state.apply("new", 3);
        QCOMPARE(state.changedKeys(), std::size_t{2});
        const Bytes delta = state.packChanges();
        QVERIFY(delta.size() < full.size() / 10);
        QVERIFY(state.packChanges().empty());
        AggregateState loaded;
        QVERIFY(loaded.load(full).ok() && loaded.load(delta).ok());
        QVERIFY(same(state, loaded));
    }

    void pack_cutShort_isCorrupt()
    {
        AggregateState state;
        state.apply("some key", 1);
        const Bytes packed = state.packFull();
        for (const std::size_t length : {packed.size() - 1, std::size_t{39}, std::size_t{1}}) {
            AggregateState loaded;
            QCOMPARE(loaded.load(packed.substr(0, length)).error().code, Errc::kCorrupt);
        }
    }

    void rows_ofSeveralShards_areMergedAndSorted()
    {
        AggregateState first;
        AggregateState second;
        first.apply("b", 1);
        first.apply("shared", 10);
        second.apply("shared", -4);
        second.apply("a", 2);
        const auto merged = mergeRows({&first, &second});
        QCOMPARE(merged.size(), std::size_t{3});
        QCOMPARE(merged[0].key, Bytes("a"));
        QCOMPARE(merged[2].value, (Aggregate{2, 6, -4, 10}));
    }

    void frames_areAppliedOnceAndInOrder()
    {
        ShardCore core(4, CheckpointId{9}, 500ms, kBegin);
        QVERIFY(core.judge(4) == Verdict::kDuplicate);
        QVERIFY(core.judge(6) == Verdict::kAhead);
        QVERIFY(core.judge(5) == Verdict::kApply);
        core.applied(5);
        QVERIFY(core.judge(5) == Verdict::kDuplicate);
        QVERIFY(core.judge(6) == Verdict::kApply);
    }

    void shard_isLive_onceItHasAppliedWhatTheBoxHeld()
    {
        ShardCore core(0, {}, 500ms, kBegin);
        core.subscribed(2);
        QCOMPARE(core.state(), ShardState::kReplaying);
        core.applied(1);
        core.subscribed(9);  // said again, later: the mark stays
        QVERIFY(!core.takeCaughtUp());
        core.applied(2);
        QCOMPARE(core.state(), ShardState::kLive);
        QVERIFY(core.takeCaughtUp());
        QVERIFY(!core.takeCaughtUp());
    }

    void checkpoint_isDue_afterTheInterval_whenSomethingChanged()
    {
        ShardCore core = liveCore();
        QVERIFY(!core.due(kBegin + 10s));
        core.applied(1);
        QVERIFY(!core.due(kBegin + 499ms));
        const auto due = core.due(kBegin + 500ms);
        QVERIFY(due.has_value());
        QCOMPARE(due->reason, std::string("interval"));
        core.started(kBegin + 500ms, due->kind);
        core.applied(2);
        QVERIFY(!core.due(kBegin + 5s));  // one is under way
        core.committed(CheckpointId{1});
        QVERIFY(core.due(kBegin + 5s));
        core.setInterval(10s);
        QVERIFY(!core.due(kBegin + 5s));
        core.request("command");
        QCOMPARE(core.due(kBegin + 5s)->reason, std::string("command"));
    }

    void checkpoints_areFullFirst_thenDeltas_thenFullAgain()
    {
        ShardCore core = liveCore();
        Instant now = kBegin;
        std::vector<CheckpointKind> kinds;
        for (FrameNo n = 1; n <= ShardCore::kDeltasMax + 3; ++n) {
            core.applied(n);
            now = now + 500ms;
            kinds.push_back(checkpoint(core, now, n));
        }
        QCOMPARE(kinds.front(), CheckpointKind::kFull);
        for (std::size_t i = 1; i <= ShardCore::kDeltasMax; ++i)
            QCOMPARE(kinds[i], CheckpointKind::kDelta);
        QCOMPARE(kinds[ShardCore::kDeltasMax + 1], CheckpointKind::kFull);
        QCOMPARE(kinds[ShardCore::kDeltasMax + 2], CheckpointKind::kDelta);
    }

    void delta_isBuiltOnTheNewestListedOne()
    {
        ShardCore core = liveCore();
        core.applied(1);
        checkpoint(core, kBegin + 1s, 31);
        QCOMPARE(core.newest(), CheckpointId{31});
        core.applied(2);
        QCOMPARE(core.due(kBegin + 2s)->base, CheckpointId{31});
    }

    void firstCheckpoint_afterARestoreOrAFailure_isFull()
    {
        ShardCore restored(7, CheckpointId{3}, 500ms, kBegin);
        restored.applied(8);
        QCOMPARE(restored.due(kBegin + 1s)->kind, CheckpointKind::kFull);
        checkpoint(restored, kBegin + 1s, 4);
        restored.applied(9);
        const auto due = restored.due(kBegin + 2s);
        QCOMPARE(due->kind, CheckpointKind::kDelta);
        restored.started(kBegin + 2s, due->kind);
        restored.failed();
        QCOMPARE(restored.due(kBegin + 3s)->kind, CheckpointKind::kFull);
    }

    void pause_behindDamage_isShortForWhoHurries()
    {
        ShardCore core = liveCore();
        core.applied(1);
        Instant now = kBegin;
        for (int i = 0; i < 8; ++i) {  // damage again and again: the pause has grown
            core.rebase(now);
            now = now + ShardCore::kPauseMax;
            const auto due = core.due(now);
            QVERIFY(due);
            core.started(now, due->kind);
            core.committed(CheckpointId{std::uint64_t(i) + 1});
        }
        core.rebase(now);
        core.request("close");
        QVERIFY(!core.due(now + 2s));
        core.hurry(now + 2s);
        core.hurry(now + 2500ms);  // said again, it is no later
        QVERIFY(!core.due(now + 2s + ShardCore::kHurriedPause - 1ms));
        QVERIFY(core.due(now + 2s + ShardCore::kHurriedPause));
    }

    void released_shard_takesNothingMore_andIsSavedBeforeItGoes()
    {
        ShardCore core = liveCore();
        core.applied(1);
        core.release();
        QCOMPARE(core.state(), ShardState::kMoving);
        QVERIFY(core.judge(2) == Verdict::kAhead);
        QVERIFY(!core.saved());
        const auto due = core.due(kBegin);
        QVERIFY(due.has_value());  // at once
        QCOMPARE(due->reason, std::string("move"));
        core.started(kBegin, due->kind);
        QVERIFY(!core.saved());
        core.committed(CheckpointId{1});
        QVERIFY(core.saved());
        QVERIFY(!core.due(kBegin + 10s));
    }
};

QTEST_GUILESS_MAIN(ShardStateTest)
#include "tst_shard_state.moc"
