#pragma once
// The console's own icons: SVGs drawn with a 1.5 px stroke on a 16 px grid, in the palette's
// colours at any size and screen scale.
#include <QColor>
#include <QIcon>
#include <QString>

namespace foreshard::ui {

class Theme;

// `name` is a file of resources/icons without ".svg"; soft ink for rest, accent when checked.
QIcon icon(const QString& name, const Theme& theme);
// The same in one colour.
QIcon icon(const QString& name, const QColor& colour);
// Of the window and the desktop; in full colour.
QIcon applicationIcon();

}  // namespace foreshard::ui
