#include "ui/models/event_filter_model.h"

#include "ui/models/event_table_model.h"

namespace foreshard::ui {

EventFilterModel::EventFilterModel(QObject* parent) : QSortFilterProxyModel(parent) {}

void EventFilterModel::setText(const QString& text)
{
    text_ = text.trimmed();
    invalidateFilter();
}

void EventFilterModel::setLeastSeverity(EventSeverity severity)
{
    least_ = severity;
    invalidateFilter();
}

bool EventFilterModel::filterAcceptsRow(int row, const QModelIndex& parent) const
{
    const QAbstractItemModel* source = sourceModel();
    const QModelIndex first = source->index(row, 0, parent);
    if (first.data(EventTableModel::kSeverityRole).toInt() < static_cast<int>(least_)) return false;
    if (text_.isEmpty()) return true;
    for (int column = 0; column < source->columnCount(parent); ++column)
        if (source->index(row, column, parent)
                .data()
                .toString()
                .contains(text_, Qt::CaseInsensitive))
            return true;
    return false;
}

}  // namespace foreshard::ui
