#include "ui/theme/theme.h"

#include <QHash>
#include <QString>

namespace foreshard::ui {
namespace {

// @name stands for a token. Widgets opt in to a role with the dynamic property "role".
const char* const kSheet = R"CSS(
QToolTip { background: @surface3; color: @text; border: 1px solid @lineStrong; padding: 4px 6px; }
QMainWindow::separator { background: @line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: @accent; }
QMenuBar { background: @surface0; border-bottom: 1px solid @line; padding: 2px 8px; }
QMenuBar::item { padding: 4px 8px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: @surface3; }
QMenu { background: @surface1; border: 1px solid @lineStrong; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: @surface3; color: @text; }
QMenu::item:disabled { color: @textFaint; }
QMenu::separator { height: 1px; background: @line; margin: 4px 8px; }
QMenu::icon { padding-left: 8px; }
QToolBar { background: @surface0; border: 0; border-bottom: 1px solid @line; padding: 4px 12px;
           spacing: 4px; }
QToolBar::separator { background: @line; width: 1px; margin: 6px 8px; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 4px;
              padding: 4px 8px; color: @text; }
QToolButton:hover { background: @surface3; }
QToolButton:checked { background: @surface3; border-color: @lineStrong; }
QToolButton:focus { border: 2px solid @accent; padding: 3px 7px; }
QToolButton:disabled { color: @textFaint; }
QStatusBar { background: @surface0; border-top: 1px solid @line; }
QStatusBar::item { border: 0; }
QStatusBar QLabel { color: @textSoft; padding: 2px 8px; }
QDockWidget { titlebar-close-icon: url(:/icons/close-@scheme.svg); titlebar-normal-icon: none; }
QDockWidget::title { background: @surface1; padding: 8px 16px; text-align: left;
                     border-bottom: 1px solid @line; }
QPushButton { background: @surface2; border: 1px solid @lineStrong; border-radius: 4px;
              padding: 4px 12px; min-height: 18px; color: @text; }
QPushButton:hover { background: @surface3; }
QPushButton:pressed { background: @line; }
QPushButton:focus { border: 2px solid @accent; padding: 3px 11px; }
QPushButton:disabled { color: @textFaint; border-color: @line; background: @surface1; }
QPushButton[role="primary"] { background: @accent; color: @onAccent; border-color: @accent; }
QPushButton[role="primary"]:focus { border-color: @text; }
QPushButton[role="danger"] { color: @failed; border-color: @failed; }
QLineEdit, QSpinBox, QComboBox, QPlainTextEdit { background: @surface1; color: @text;
    border: 1px solid @lineStrong; border-radius: 4px; padding: 3px 8px; min-height: 20px;
    selection-background-color: @accent; selection-color: @onAccent; }
QLineEdit:focus, QSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus {
    border: 2px solid @accent; padding: 2px 7px; }
QComboBox::drop-down { border: 0; width: 18px; }
QComboBox::down-arrow { image: url(:/icons/chevron-down-@scheme.svg); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @surface1; border: 1px solid @lineStrong;
    selection-background-color: @surface3; selection-color: @text; outline: 0; }
QAbstractItemView { background: @surface1; alternate-background-color: @surface2;
    border: 0; gridline-color: @line; selection-background-color: @surface3;
    selection-color: @text; outline: 0; }
QTableView::item { padding: 0 16px 0 8px; border: 0; }
QTreeView::item, QListView::item { padding: 0 8px; border: 0; }
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected {
    background: @surface3; color: @text; }
QTableView::item:focus { border: 1px solid @accent; padding: 0 15px 0 7px; }
QHeaderView { background: @surface1; }
QHeaderView::section { background: @surface1; color: @textSoft; border: 0;
    border-bottom: 1px solid @lineStrong; padding: 4px 19px 4px 11px; font-size: 9pt; }
QTableCornerButton::section { background: @surface1; border: 0; }
QTabWidget::pane { border: 0; border-top: 1px solid @line; }
QTabBar { background: transparent; }
QTabBar::tab { background: transparent; color: @textSoft; padding: 6px 12px;
    border: 0; border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; }
QTabBar::tab:focus { color: @accent; }
QScrollArea { background: transparent; border: 0; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @lineStrong; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: @textFaint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QCheckBox { spacing: 8px; }
QSplitter::handle { background: @line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QLabel[role="soft"] { color: @textSoft; }
QLabel[role="faint"] { color: @textFaint; }
QLabel[role="failed"] { color: @failed; }
QLabel[role="accent"] { color: @accent; }
QFrame[role="panel"] { background: @surface1; border: 1px solid @line; border-radius: 6px; }
QFrame[role="navigation"] { background: @surface0; border: 0; border-right: 1px solid @line; }
QFrame[role="navigation"] QToolButton { color: @textSoft; padding: 4px; font-size: 9pt; }
QFrame[role="navigation"] QToolButton:checked { color: @text; background: @surface3;
    border: 0; border-left: 3px solid @accent; border-radius: 0; }
QFrame[role="plain"] { background: @surface1; border: 0; }
QFrame[role="rule"] { background: @line; border: 0; max-height: 1px; min-height: 1px; }
QFrame[role="message"] { background: @surface2; border: 1px solid @lineStrong;
    border-left: 4px solid @accent; border-radius: 4px; }
QFrame[role="error"] { background: @surface2; border: 1px solid @lineStrong;
    border-left: 4px solid @failed; border-radius: 4px; }
)CSS";

}  // namespace

QString styleSheetOf(const Tokens& t)
{
    // Longer names first, so that @lineStrong is not read as @line.
    const QList<std::pair<QString, QString>> words = {
        {QStringLiteral("@scheme"), t.dark ? QStringLiteral("dark") : QStringLiteral("light")},
        {QStringLiteral("@surface0"), t.surface0.name()},
        {QStringLiteral("@surface1"), t.surface1.name()},
        {QStringLiteral("@surface2"), t.surface2.name()},
        {QStringLiteral("@surface3"), t.surface3.name()},
        {QStringLiteral("@lineStrong"), t.lineStrong.name()},
        {QStringLiteral("@line"), t.line.name()},
        {QStringLiteral("@textSoft"), t.textSoft.name()},
        {QStringLiteral("@textFaint"), t.textFaint.name()},
        {QStringLiteral("@text"), t.text.name()},
        {QStringLiteral("@onAccent"), t.onAccent.name()},
        {QStringLiteral("@accent"), t.accent.name()},
        {QStringLiteral("@failed"), t.failed.name()},
    };
    QString sheet = QString::fromLatin1(kSheet);
    for (const auto& [word, value] : words)
        sheet.replace(word, value);
    return sheet;
}

}  // namespace foreshard::ui
