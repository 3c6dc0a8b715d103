// The window's menus, shortcuts and icons.
#include "ui/board/board_view.h"
#include "ui/theme/formatting.h"
#include "ui/theme/icons.h"
#include "ui/views/command_palette.h"
#include "ui/views/main_window.h"
#include "ui/views/status_message_bar.h"

#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QButtonGroup>
#include <QDialog>
#include <QDockWidget>
#include <QMenu>
#include <QMenuBar>
#include <QPlainTextEdit>
#include <QToolButton>
#include <QVBoxLayout>

namespace foreshard::ui {

QAction* MainWindow::addTo(QMenu* menu, const QString& text, const QKeySequence& key)
{
    auto* action = new QAction(text, this);
    action->setShortcut(key);
    menu->addAction(action);
    actions_.append(action);
    return action;
}

void MainWindow::buildMenus()
{
    auto* file = menuBar()->addMenu(tr("&File"));
    auto* quit = addTo(file, tr("&Quit"), QKeySequence::Quit);
    quit->setMenuRole(QAction::QuitRole);
    connect(quit, &QAction::triggered, this, &QWidget::close);
    buildViewMenu();
    buildEngineMenu();
    buildShardMenus();
    buildHelpMenu();
    // Found last in the palette: Enter by habit must not close the window.
    actions_.move(0, actions_.size() - 1);
}

void MainWindow::buildViewMenu()
{
    auto* menu = menuBar()->addMenu(tr("&View"));
    for (std::size_t i = 0; i < pages_.size(); ++i) {
        auto* action =
            addTo(menu, pages_[i].title, QKeySequence(QStringLiteral("Ctrl+%1").arg(i + 1)));
        viewActions_.append(action);
        connect(action, &QAction::triggered, this, [this, i] { showPage(i); });
    }
    menu->addSeparator();
    menu->addAction(board_->tableAction());
    actions_.append(board_->tableAction());
    QAction* inspector = inspectorDock_->toggleViewAction();
    inspector->setShortcut(QKeySequence(QStringLiteral("Ctrl+I")));
    menu->addAction(inspector);
    actions_.append(inspector);
    menu->addSeparator();
    QMenu* themes = menu->addMenu(tr("Theme"));
    themeActions_ = new QActionGroup(this);
    const std::pair<ThemeKind, QString> kinds[] = {
        {ThemeKind::kSystem, tr("Theme as the desktop")},
        {ThemeKind::kDark, tr("Dark theme")},
        {ThemeKind::kLight, tr("Light theme")},
        {ThemeKind::kHighContrast, tr("High contrast theme")},
    };
    for (const auto& [kind, title] : kinds) {
        auto* action = addTo(themes, title);
        action->setCheckable(true);
        action->setChecked(theme_.kind() == kind);
        action->setData(static_cast<int>(kind));
        themeActions_->addAction(action);
        connect(action, &QAction::triggered, this, [this, kind = kind] { chooseTheme(kind); });
    }
    auto* restore = addTo(menu, tr("Restore default layout"));
    connect(restore, &QAction::triggered, this, &MainWindow::restoreDefaultLayout);
}

void MainWindow::buildEngineMenu()
{
    auto* menu = menuBar()->addMenu(tr("&Engine"));
    pauseAction_ = addTo(menu, tr("Pause"), QKeySequence(QStringLiteral("Ctrl+Space")));
    connect(pauseAction_, &QAction::triggered, this,
            [this] { bridge_.setPaused(!bridge_.paused()); });
    pauseButton_->setDefaultAction(pauseAction_);
    refreshPauseAction();
    if (bridge_.readOnly()) return;
    QMenu* policies = menu->addMenu(tr("Interval policy"));
    const IntervalPolicySetting settings[] = {
        {PolicyKind::kClasses, 500}, {PolicyKind::kPromise, 500}, {PolicyKind::kFixed, 100},
        {PolicyKind::kFixed, 500},   {PolicyKind::kFixed, 1000},
    };
    for (const auto& setting : settings) {
        auto* action = addTo(policies, tr("Intervals %1").arg(policyText(setting)));
        connect(action, &QAction::triggered, this, [this, setting] { bridge_.setPolicy(setting); });
    }
}

void MainWindow::buildShardMenus()
{
    if (bridge_.readOnly()) return;
    auto* shard = menuBar()->addMenu(tr("&Shard"));
    for (QAction* action : board_->shardActions()) {
        shard->addAction(action);
        actions_.append(action);
    }
    auto* node = menuBar()->addMenu(tr("&Node"));
    killAction_ = addTo(node, tr("Kill the selected node (drill)\u2026"));
    killAction_->setEnabled(false);
    connect(&bridge_, &EngineBridge::selectionChanged, killAction_,
            [this] { killAction_->setEnabled(bridge_.selectedNode().has_value()); });
    connect(killAction_, &QAction::triggered, this, [this] {
        if (const auto selected = bridge_.selectedNode()) killNode(*selected);
    });
}

void MainWindow::buildHelpMenu()
{
    auto* menu = menuBar()->addMenu(tr("&Help"));
    paletteAction_ = addTo(menu, tr("Find a command"), QKeySequence(QStringLiteral("Ctrl+K")));
    connect(paletteAction_, &QAction::triggered, this, &MainWindow::openPalette);
    paletteButton_->setDefaultAction(paletteAction_);
    auto* keys = addTo(menu, tr("Shortcuts"), QKeySequence(QStringLiteral("?")));
    connect(keys, &QAction::triggered, this, &MainWindow::showShortcuts);
    auto* about = addTo(menu, tr("About Foreshard"));
    about->setMenuRole(QAction::AboutRole);
    connect(about, &QAction::triggered, this, [this] {
        messages_->showNews(tr("Foreshard %1: dynamic data sharding with predictive "
                               "checkpointing. GPL-3.0-or-later.")
                                .arg(QApplication::applicationVersion()));
    });
}

void MainWindow::addIcons()
{
    int index = 0;
    for (const Page& page : pages_) {
        navigation_->button(index)->setIcon(icon(page.name, theme_));
        viewActions_[index++]->setIcon(icon(page.name, theme_));
    }
    board_->tableAction()->setIcon(icon(QStringLiteral("table"), theme_));
    inspectorDock_->toggleViewAction()->setIcon(icon(QStringLiteral("inspector"), theme_));
    for (QAction* action : themeActions_->actions())
        action->setIcon(icon(QStringLiteral("theme"), theme_));
    paletteAction_->setIcon(icon(QStringLiteral("search"), theme_));
    if (killAction_ != nullptr) killAction_->setIcon(icon(QStringLiteral("kill"), theme_));
    refreshPauseAction();
}

void MainWindow::refreshPauseAction()
{
    const bool paused = bridge_.paused();
    pauseAction_->setText(paused ? tr("Go live") : tr("Pause"));
    pauseAction_->setIcon(icon(paused ? QStringLiteral("play") : QStringLiteral("pause"), theme_));
}

void MainWindow::chooseTheme(ThemeKind kind)
{
    if (auto* application = qobject_cast<QApplication*>(QCoreApplication::instance()))
        theme_.apply(*application, kind);
    for (QAction* action : themeActions_->actions())
        action->setChecked(action->data().toInt() == static_cast<int>(kind));
}

void MainWindow::openPalette() { palette_->open(actions_); }

void MainWindow::showShortcuts()
{
    auto* sheet = new QDialog(this);
    sheet->setAttribute(Qt::WA_DeleteOnClose);
    sheet->setWindowTitle(tr("Shortcuts"));
    auto* column = new QVBoxLayout(sheet);
    auto* text = new QPlainTextEdit(shortcutSheet(actions_), sheet);
    text->setReadOnly(true);
    text->setFont(theme_.mono());
    text->setFrameShape(QFrame::NoFrame);
    column->addWidget(text);
    sheet->resize(560, 560);
    sheet->show();
}

}  // namespace foreshard::ui
