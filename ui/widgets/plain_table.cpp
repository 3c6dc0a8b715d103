#include "ui/widgets/plain_table.h"

#include "ui/theme/tokens.h"

namespace foreshard::ui {

QTableView* makePlainTable(QAbstractItemModel* model, const QString& accessibleName,
                           QWidget* parent)
{
    auto* table = new QTableView{parent};
    table->setModel(model);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(space::kRowHeight);
    table->horizontalHeader()->setHighlightSections(false);
    table->setAccessibleName(accessibleName);
    return table;
}

}  // namespace foreshard::ui
