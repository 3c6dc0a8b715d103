#include "ui/widgets/empty_label.h"

namespace foreshard::ui {

QLabel* makeEmptyLabel(const QString& text, QWidget* parent)
{
    auto* label = new QLabel{text, parent};
    label->setAlignment(Qt::AlignCenter);
    label->setWordWrap(true);
    label->setProperty("role", QStringLiteral("soft"));
    return label;
}

}  // namespace foreshard::ui
