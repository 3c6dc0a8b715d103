#include "ui/timeline/plain_table.h"

#include "ui/theme/tokens.h"

namespace foreshard::ui {

void preparePlainTable(QTableView& table, const QString& accessibleName)
{
    table.setSelectionBehavior(QAbstractItemView::SelectRows);
    table.setEditTriggers(QAbstractItemView::NoEditTriggers);
    table.setShowGrid(false);
    table.setWordWrap(false);
    table.setTabKeyNavigation(false);
    table.verticalHeader()->hide();
    table.verticalHeader()->setDefaultSectionSize(space::kRowHeight);
    table.horizontalHeader()->setHighlightSections(false);
    table.setAccessibleName(accessibleName);
}

}  // namespace foreshard::ui
