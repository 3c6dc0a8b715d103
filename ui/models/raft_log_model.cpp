#include "ui/models/raft_log_model.h"

#include "ui/theme/formatting.h"

#include <QStringList>

namespace foreshard::ui {

namespace {

constexpr std::size_t kShardsNamed = 3;

QString ownText(const RaftLogRow& row, const ShardAssignment& shard)
{
    const auto before = row.before.find(shard.shard);
    const QString to = QObject::tr("node %1").arg(shard.node.value);
    // The owner is the same after a recovery in place: only the epoch moves.
    const QString owner = before == row.before.end() || before->second == shard.node
                              ? to
                              : QObject::tr("node %1 \u2192 %2").arg(before->second.value).arg(to);
    return QObject::tr("shard %1: %2, epoch %3")
        .arg(shard.shard.value)
        .arg(owner)
        .arg(shard.epoch.value);
}

QString intervalText(const ShardAssignment& shard)
{
    const QString interval = shard.intervalOverrideMs == 0
                                 ? QObject::tr("automatic interval")
                                 : QObject::tr("interval %1 ms").arg(shard.intervalOverrideMs);
    return QObject::tr("shard %1: %2").arg(shard.shard.value).arg(interval);
}

QString moveText(const RaftLogRow& row, const ShardAssignment& shard, bool started)
{
    return (started ? QObject::tr("plan %1 started: %2") : QObject::tr("plan %1 finished: %2"))
        .arg(row.entry.plan.value)
        .arg(ownText(row, shard));
}

QString shardText(const RaftLogRow& row, const ShardAssignment& shard)
{
    switch (row.entry.kind) {
        case AssignmentEntryKind::kInterval:
            return intervalText(shard);
        case AssignmentEntryKind::kMoveStarted:
            return moveText(row, shard, true);
        case AssignmentEntryKind::kMoveFinished:
            return moveText(row, shard, false);
        case AssignmentEntryKind::kBootstrap:
        case AssignmentEntryKind::kAssign:
        case AssignmentEntryKind::kPolicy:
            return ownText(row, shard);
    }
    return {};
}

}  // namespace

QString entryKindText(AssignmentEntryKind kind)
{
    switch (kind) {
        case AssignmentEntryKind::kBootstrap:
            return QObject::tr("bootstrap");
        case AssignmentEntryKind::kAssign:
            return QObject::tr("owner");
        case AssignmentEntryKind::kInterval:
            return QObject::tr("interval");
        case AssignmentEntryKind::kPolicy:
            return QObject::tr("policy");
        case AssignmentEntryKind::kMoveStarted:
            return QObject::tr("move started");
        case AssignmentEntryKind::kMoveFinished:
            return QObject::tr("move finished");
    }
    return {};
}

QString payloadText(const RaftLogRow& row)
{
    const AssignmentEntry& entry = row.entry;
    if (entry.kind == AssignmentEntryKind::kPolicy)
        return QObject::tr("interval policy: %1").arg(policyText(entry.policy));
    if (entry.kind == AssignmentEntryKind::kBootstrap)
        return QObject::tr("%1 shards on %2 nodes, intervals %3")
            .arg(entry.shards.size())
            .arg(entry.nodes)
            .arg(policyText(entry.policy));
    QStringList parts;
    for (std::size_t i = 0; i < entry.shards.size() && i < kShardsNamed; ++i)
        parts << shardText(row, entry.shards[i]);
    if (entry.shards.size() > kShardsNamed)
        parts << QObject::tr("and %1 more").arg(entry.shards.size() - kShardsNamed);
    return parts.join(QStringLiteral("; "));
}

RaftLogModel::RaftLogModel(QObject* parent)
    : EventFeedModel({{tr("Index"), true, true},
                      {tr("Term"), true, true},
                      {tr("Kind")},
                      {tr("What changed")},
                      {tr("Actor")},
                      {tr("Reason")},
                      {tr("Time (UTC)"), false, true}},
                     kRowsMax, parent)
{
}

void RaftLogModel::observe(const SnapshotHistory& history)
{
    if (!history.logEntries().empty() && history.logEntries().back().index < lastIndex_)
        owners_.clear();
    takeNewer(history.logEntries(), history.logEntriesDropped(), history.generation(),
              [this](const AssignmentEntry& entry) { return rowOf(entry); });
}

RaftLogRow RaftLogModel::rowOf(const AssignmentEntry& entry)
{
    RaftLogRow row{.entry = entry, .before = {}};
    for (const ShardAssignment& shard : entry.shards)
        if (const auto owner = owners_.find(shard.shard); owner != owners_.end())
            row.before.insert(*owner);
    const bool changesOwners =
        entry.kind == AssignmentEntryKind::kAssign || entry.kind == AssignmentEntryKind::kBootstrap;
    if (changesOwners)
        for (const ShardAssignment& shard : entry.shards)
            owners_[shard.shard] = shard.node;
    lastIndex_ = entry.index;
    return row;
}

QString RaftLogModel::cell(const RaftLogRow& row, int column) const
{
    const AssignmentEntry& entry = row.entry;
    switch (column) {
        case kIndex:
            return QString::number(entry.index);
        case kTerm:
            return QString::number(entry.term);
        case kKind:
            return entryKindText(entry.kind);
        case kPayload:
            return payloadText(row);
        case kActor:
            return plainText(entry.actor);
        case kReason:
            return plainText(entry.reason);
        case kTime:
            return utcCell(entry.wallMs).chopped(4);
        default:
            return {};
    }
}

}  // namespace foreshard::ui
