#include "ui/board/move_plan.h"

#include "ui/theme/formatting.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <map>

namespace foreshard::ui {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("move_plan", text); }

template <class T, class IdType>
const T* byId(const std::vector<T>& all, IdType id)
{
    const auto found =
        std::find_if(all.begin(), all.end(), [id](const T& one) { return one.id == id; });
    return found == all.end() ? nullptr : &*found;
}

QString withoutUnit(PerMille share) { return formatPercent(share).section(u' ', 0, 0); }

}  // namespace

const NodeChange* MovePlan::changeOf(NodeId node) const
{
    const auto found = std::find_if(changes.begin(), changes.end(),
                                    [node](const NodeChange& one) { return one.node == node; });
    return found == changes.end() ? nullptr : &*found;
}

MovePlan planMove(const ClusterSnapshot& snapshot, const std::vector<ShardId>& shards, NodeId to)
{
    MovePlan plan;
    plan.to = to;
    const NodeSnapshot* target = byId(snapshot.nodes, to);
    std::map<NodeId, PerMille> leaving;
    PerMille arriving = 0;
    for (const ShardId id : shards) {
        const ShardSnapshot* shard = byId(snapshot.shards, id);
        if (shard == nullptr || shard->node == to) continue;
        plan.shards.push_back(id);
        leaving[shard->node] += shard->predicted;
        arriving += shard->predicted;
        plan.replayRecords += shard->bufferedRecords;
    }
    for (const auto& [node, load] : leaving) {
        if (const NodeSnapshot* from = byId(snapshot.nodes, node))
            plan.changes.push_back({node, from->predicted, std::max(0, from->predicted - load)});
    }
    if (target != nullptr)
        plan.changes.push_back({to, target->predicted, target->predicted + arriving});
    if (target == nullptr) {
        plan.obstacle = tr("%1 does not exist").arg(nodeName(to));
    } else if (target->state == NodeState::kDead) {
        plan.obstacle = tr("%1 is dead: choose another node").arg(nodeName(to));
    } else if (plan.shards.empty()) {
        plan.obstacle = tr("already on %1").arg(nodeName(to));
    }
    return plan;
}

QString movePlanText(const MovePlan& plan)
{
    if (!plan.possible()) return plan.obstacle;
    QStringList ids;
    for (const ShardId shard : plan.shards)
        ids.append(QString::number(shard.value));
    QStringList parts;
    for (const NodeChange& change : plan.changes) {
        parts.append(QStringLiteral("%1 %2 \u2192 %3")
                         .arg(nodeName(change.node), withoutUnit(change.before),
                              formatPercent(change.after)));
    }
    parts.append(tr("replays %1 records").arg(formatCount(plan.replayRecords)));
    return QStringLiteral("%1 \u2192 %2: %3")
        .arg(ids.join(QStringLiteral(", ")), nodeName(plan.to), parts.join(QStringLiteral(", ")));
}

}  // namespace foreshard::ui
