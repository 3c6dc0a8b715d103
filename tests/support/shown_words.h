#pragma once
// What a widget says to whoever looks at it.
#include <QLabel>
#include <QString>
#include <QWidget>

#include <algorithm>

namespace foreshard::ui {

// Is `part` in a label that is seen?
inline bool showsText(const QWidget& widget, const QString& part)
{
    const auto labels = widget.findChildren<QLabel*>();
    return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
        return label->isVisibleTo(&widget) && label->text().contains(part);
    });
}

// The text of the label that a screen reader calls `name`.
inline QString figure(const QWidget& widget, const QString& name)
{
    for (const QLabel* label : widget.findChildren<QLabel*>())
        if (label->accessibleName() == name) return label->text();
    return QStringLiteral("no such figure");
}

}  // namespace foreshard::ui
