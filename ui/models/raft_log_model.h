#pragma once
// The assignment log, newest first, each entry in words.
#include "engine/model/snapshot.h"
#include "ui/bridge/snapshot_history.h"
#include "ui/models/event_feed_model.h"

#include <map>

namespace foreshard::ui {

// An entry and who owned its shards before it; nobody when that entry was never seen.
struct RaftLogRow {
    AssignmentEntry entry;
    std::map<ShardId, NodeId> before;
};
// "shard 17: node 0 -> node 2, epoch 4"; several shards are joined, more than three are counted.
QString payloadText(const RaftLogRow& row);
QString entryKindText(AssignmentEntryKind kind);

class RaftLogModel final : public EventFeedModel<RaftLogRow> {
    Q_OBJECT
public:
    static constexpr std::size_t kRowsMax = 2'000;
    enum Column {
        kIndex,
        kTerm,
        kKind,
        kPayload,
        kActor,
        kReason,
        kTime,
        kColumns
    };

    explicit RaftLogModel(QObject* parent = nullptr);
    void observe(const SnapshotHistory& history);

protected:
    QString cell(const RaftLogRow& row, int column) const override;

private:
    RaftLogRow rowOf(const AssignmentEntry& entry);

    LogIndex lastIndex_ = 0;
    std::map<ShardId, NodeId> owners_;
};

}  // namespace foreshard::ui
