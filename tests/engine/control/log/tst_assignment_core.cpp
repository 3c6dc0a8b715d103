#include "engine/base/result.h"
#include "engine/control/log/assignment_core.h"

#include <QtTest>

#include <vector>

using namespace foreshard;

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

}  // namespace

class AssignmentCoreTest : public QObject {
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
};

QTEST_GUILESS_MAIN(AssignmentCoreTest)
#include "tst_assignment_core.moc"
