#pragma once
// The look all tables of the timeline, charts, log and event pages share: plain rows, no grid,
// cells in line with their headers, nothing to edit.
#include <QHeaderView>
#include <QString>
#include <QTableView>

namespace foreshard::ui {

QTableView* makePlainTable(QAbstractItemModel* model, const QString& accessibleName,
                           QWidget* parent);

}  // namespace foreshard::ui
