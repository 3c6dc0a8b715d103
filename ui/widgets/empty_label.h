#pragma once
// What a page shows where it has nothing to show: one soft sentence in the middle.
#include <QLabel>
#include <QString>

namespace foreshard::ui {

QLabel* makeEmptyLabel(const QString& text, QWidget* parent);

}  // namespace foreshard::ui
