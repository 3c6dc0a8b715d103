#include "engine/base/result.h"
#include "engine/control/log/assignment_core.h"
#include "engine/control/log/single_assignment_log.h"
#include "tests/support/sim_rig.h"

#include <QtTest>

#include <memory>
#include <optional>
#include <vector>

using namespace foreshard;
using namespace foreshard::test;

namespace {

AssignmentEntry bootstrap() { return makeBootstrap(3, 6, RoutingMode::kKeyed, {}); }

AssignmentState started()
{
    AssignmentState state;
    AssignmentEntry entry = bootstrap();
    entry.index = 1;
    applyEntry(state, entry);
    return state;
}

AssignmentEntry ownership(ShardId shard, NodeId node, Epoch epoch, LogIndex at = 0)
{
    AssignmentEntry entry;
    entry.index = at;
    entry.kind = AssignmentEntryKind::kAssign;
    ShardAssignment change;
    change.shard = shard;
    change.node = node;
    change.box = BoxId{node.value};
    change.epoch = epoch;
    entry.shards = {change};
    return entry;
}

std::unique_ptr<SingleAssignmentLog> openLog(SimRig& rig)
{
    auto log = SingleAssignmentLog::open(rig.env(), "data");
    FS_CHECK(log.ok());
    return std::move(log).value();
}

Result<LogIndex> propose(SimRig& rig, SingleAssignmentLog& log, const AssignmentEntry& entry,
                         LogIndex expect = 0)
{
    std::optional<Result<LogIndex>> outcome;
    log.propose(entry, expect, [&outcome](const Result<LogIndex>& done) { outcome.emplace(done); });
    rig.run(100ms);
    FS_CHECK(outcome.has_value());
    return *outcome;
}

}  // namespace

class AssignmentLogTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void bootstrap_coversEverySlotOnce_andSpreadsTheShards()
    {
        const AssignmentState state = started();
        QCOMPARE(state.shards.size(), std::size_t{6});
        std::uint32_t slot = 0;
        std::vector<int> owned(3);
        for (const auto& [id, shard] : state.shards) {
            QCOMPARE(shard.slots.size(), std::size_t{1});
            QCOMPARE(shard.slots.front().first, slot);
            slot = shard.slots.front().last;
            ++owned[shard.node.value];
            QCOMPARE(shard.epoch, Epoch{1});
        }
        QCOMPARE(slot, kSlotCount);
        QCOMPARE(owned, (std::vector<int>{2, 2, 2}));
    }

    void ownership_changesOnlyWithAGrowingEpoch()
    {
        AssignmentState state = started();
        const Status same = checkEntry(state, ownership(ShardId{4}, NodeId{2}, Epoch{1}, 2));
        QVERIFY(!same.ok());
        QCOMPARE(same.error().code, Errc::kStale);
        const AssignmentEntry next = ownership(ShardId{4}, NodeId{2}, Epoch{2}, 2);
        QVERIFY(checkEntry(state, next).ok());
        const std::vector<SlotRange> slots = state.shards[ShardId{4}].slots;
        applyEntry(state, next);
        QCOMPARE(state.version, LogIndex{2});
        QCOMPARE(state.shards[ShardId{4}].node, NodeId{2});
        QCOMPARE(state.shards[ShardId{4}].box, BoxId{2});
        QCOMPARE(state.shards[ShardId{4}].slots, slots);
    }

    void entry_withAnUnknownShardOrNodeOrIndex_isRefused()
    {
        const AssignmentState state = started();
        QCOMPARE(checkEntry(state, ownership(ShardId{6}, NodeId{0}, Epoch{2}, 2)).error().code,
                 Errc::kNotFound);
        QCOMPARE(checkEntry(state, ownership(ShardId{0}, NodeId{3}, Epoch{2}, 2)).error().code,
                 Errc::kNotFound);
        QCOMPARE(checkEntry(state, ownership(ShardId{0}, NodeId{1}, Epoch{2}, 3)).error().code,
                 Errc::kStale);
        AssignmentEntry again = bootstrap();
        again.index = 2;
        QCOMPARE(checkEntry(state, again).error().code, Errc::kInvalid);
        AssignmentEntry interval = ownership(ShardId{6}, NodeId{0}, Epoch{2}, 2);
        interval.kind = AssignmentEntryKind::kInterval;
        QCOMPARE(checkEntry(state, interval).error().code, Errc::kNotFound);
    }

    void intervalAndPolicy_changeNothingElse()
    {
        AssignmentState state = started();
        const ShardAssignment before = state.shards[ShardId{1}];
        AssignmentEntry interval = ownership(ShardId{1}, NodeId{9}, Epoch{9}, 2);
        interval.kind = AssignmentEntryKind::kInterval;
        interval.shards.front().intervalOverrideMs = 250;
        applyEntry(state, interval);
        QCOMPARE(state.shards[ShardId{1}].intervalOverrideMs, 250U);
        QCOMPARE(state.shards[ShardId{1}].node, before.node);
        QCOMPARE(state.shards[ShardId{1}].epoch, before.epoch);
        AssignmentEntry policy;
        policy.index = 3;
        policy.kind = AssignmentEntryKind::kPolicy;
        policy.policy = {PolicyKind::kFixed, 700};
        applyEntry(state, policy);
        QCOMPARE(state.policy.fixedMs, 700U);
        QCOMPARE(state.version, LogIndex{3});
    }

    void log_reopened_leadsToTheSameState()
    {
        SimRig rig;
        {
            const auto log = openLog(rig);
            QCOMPARE(*propose(rig, *log, bootstrap()), LogIndex{1});
            QCOMPARE(*propose(rig, *log, ownership(ShardId{0}, NodeId{2}, Epoch{2})), LogIndex{2});
        }
        rig.crash();
        const auto log = openLog(rig);
        QCOMPARE(log->state().version, LogIndex{2});
        QCOMPARE(log->state().shards.at(ShardId{0}).node, NodeId{2});
        QCOMPARE(log->view().recent.size(), std::size_t{2});
        QCOMPARE(log->view().commit, LogIndex{2});
        const auto read = SingleAssignmentLog::read(rig.disk(), "data");
        QVERIFY(read.ok());
        QCOMPARE(read->shards, log->state().shards);
    }

    void propose_forAnOlderVersion_isStale_andLeavesNoTrace()
    {
        SimRig rig;
        const auto log = openLog(rig);
        QVERIFY(propose(rig, *log, bootstrap()).ok());
        QVERIFY(propose(rig, *log, ownership(ShardId{0}, NodeId{1}, Epoch{2}), 1).ok());
        const auto late = propose(rig, *log, ownership(ShardId{0}, NodeId{2}, Epoch{3}), 1);
        QVERIFY(!late.ok());
        QCOMPARE(late.error().code, Errc::kStale);
        QVERIFY(propose(rig, *log, ownership(ShardId{0}, NodeId{2}, Epoch{3}), 2).ok());
        QCOMPARE(openLog(rig)->state().version, LogIndex{3});
    }

    void proposals_madeTogether_areJudgedOneAfterTheOther()
    {
        SimRig rig;
        const auto log = openLog(rig);
        QVERIFY(propose(rig, *log, bootstrap()).ok());
        std::vector<bool> outcomes;
        for (const std::uint32_t node : {1U, 2U}) {
            log->propose(
                ownership(ShardId{0}, NodeId{node}, Epoch{2}), 0,
                [&outcomes](const Result<LogIndex>& done) { outcomes.push_back(done.ok()); });
        }
        QCOMPARE(log->state().version, LogIndex{1});  // nobody acts before the commit
        rig.run();
        QCOMPARE(outcomes, (std::vector<bool>{true, false}));
        QCOMPARE(log->state().shards.at(ShardId{0}).node, NodeId{1});
    }

    void damagedLog_isReported()
    {
        SimRig rig;
        {
            const auto log = openLog(rig);
            QVERIFY(propose(rig, *log, bootstrap()).ok());
            QVERIFY(propose(rig, *log, ownership(ShardId{0}, NodeId{1}, Epoch{2})).ok());
        }
        rig.world.disk().flipByte(segmentPath("data/assignment", 1), 50);
        const auto log = SingleAssignmentLog::open(rig.env(), "data");
        QVERIFY(!log.ok());
        QCOMPARE(log.error().code, Errc::kCorrupt);
        QVERIFY(log.error().message.find("offset 0") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(AssignmentLogTest)
#include "tst_assignment_log.moc"
