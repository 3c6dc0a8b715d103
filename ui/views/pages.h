#pragma once
// The pages of the window, in the order of the navigation and of Ctrl+1, Ctrl+2, ...: a row here
// is all that a new page needs beside its widget and its icon.
#include "ui/bridge/engine_bridge.h"
#include "ui/theme/theme.h"

#include <QString>

#include <vector>

class QWidget;

namespace foreshard::ui {

struct Page {
    QString name;   // how --view calls it, and what its icon's file is called
    QString title;  // for people
    QWidget* (*make)(EngineBridge& bridge, const Theme& theme, QWidget* parent);
};
std::vector<Page> pages();

}  // namespace foreshard::ui
