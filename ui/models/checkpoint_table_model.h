#pragma once
// All checkpoints the console has seen, newest first: the timeline as a table, for reading, sorting
// by eye and screen readers.
#include "engine/model/snapshot.h"
#include "ui/bridge/snapshot_history.h"
#include "ui/models/event_feed_model.h"

#include <QVector>

#include <utility>

namespace foreshard::ui {

QString checkpointKindText(CheckpointKind kind);  // glyph and word, as drawn: tall full, low delta

// Name and value of everything known of one checkpoint, in reading order.
QVector<std::pair<QString, QString>> checkpointFacts(const CheckpointInfo& info);

class CheckpointTableModel final : public EventFeedModel<CheckpointInfo> {
    Q_OBJECT
public:
    static constexpr std::size_t kRowsMax = 10'000;
    enum Column {
        kTime,
        kId,
        kShard,
        kKind,
        kN,
        kOffset,
        kKeys,
        kBytes,
        kSnapshotMs,
        kStoreMs,
        kInterval,
        kReason,
        kColumns
    };

    explicit CheckpointTableModel(QObject* parent = nullptr);
    void observe(const SnapshotHistory& history);

protected:
    QString cell(const CheckpointInfo& row, int column) const override;
};

}  // namespace foreshard::ui
