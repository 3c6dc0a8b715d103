#include "ui/models/event_table_model.h"

#include "ui/theme/formatting.h"

#include <QColor>

namespace foreshard::ui {

QString severityText(EventSeverity severity)
{
    switch (severity) {
        case EventSeverity::kInfo:
            return QStringLiteral("\u25CB info");
        case EventSeverity::kWarning:
            return QStringLiteral("\u25B2 warning");
        case EventSeverity::kError:
            return QStringLiteral("\u2716 error");
    }
    return {};
}

EventTableModel::EventTableModel(const Theme& theme, QObject* parent)
    : EventFeedModel(
        {{tr("Time (UTC)"), false, true}, {tr("Severity")}, {tr("Kind")}, {tr("What")}}, kRowsMax,
        parent),
      theme_(theme)
{
}

void EventTableModel::observe(const SnapshotHistory& history)
{
    takeNewer(history.events(), history.eventsDropped(), history.generation(),
              [](const EventSnapshot& event) { return event; });
}

QString EventTableModel::cell(const EventSnapshot& row, int column) const
{
    switch (column) {
        case kTime:
            return utcCell(row.wallMs);
        case kSeverity:
            return severityText(row.severity);
        case kKind:
            return plainText(row.kind);
        case kText:
            return plainText(row.text);
        default:
            return {};
    }
}

QVariant EventTableModel::special(const EventSnapshot& row, int column, int role) const
{
    if (role == kSeverityRole) return static_cast<int>(row.severity);
    if (role != Qt::ForegroundRole) return {};
    if (column == kSeverity) {
        switch (row.severity) {
            case EventSeverity::kInfo:
                return theme_.tokens().textSoft;
            case EventSeverity::kWarning:
                return theme_.tokens().loadMedium;
            case EventSeverity::kError:
                return theme_.tokens().loadHigh;
        }
    }
    if (column == kKind) return theme_.tokens().textSoft;
    return {};
}

}  // namespace foreshard::ui
