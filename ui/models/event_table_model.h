#pragma once
// What the engine said happened, newest first. Texts come from the engine and are plain text.
#include "engine/model/snapshot.h"
#include "ui/bridge/snapshot_history.h"
#include "ui/models/event_feed_model.h"
#include "ui/theme/theme.h"

namespace foreshard::ui {

// Glyph and word of a severity, so that colour is never alone.
QString severityText(EventSeverity severity);

class EventTableModel final : public EventFeedModel<EventSnapshot> {
    Q_OBJECT
public:
    static constexpr std::size_t kRowsMax = 5'000;
    enum Column {
        kTime,
        kSeverity,
        kKind,
        kText,
        kColumns
    };
    enum Role {
        kSeverityRole = Qt::UserRole + 1
    };

    explicit EventTableModel(const Theme& theme, QObject* parent = nullptr);

    // Takes what is newer than all before; another engine clears.
    void observe(const SnapshotHistory& history);

protected:
    QString cell(const EventSnapshot& row, int column) const override;
    QVariant special(const EventSnapshot& row, int column, int role) const override;

private:
    const Theme& theme_;
};

}  // namespace foreshard::ui
