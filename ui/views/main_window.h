#pragma once
// The console's window: tool bar, navigation, the views, inspector, status, menus. It joins parts
// and holds no figures of its own. In read-only mode actions that change something do not exist.
// Bridge and theme outlive it. Qt thread only.
#include "ui/bridge/engine_bridge.h"
#include "ui/theme/theme.h"
#include "ui/views/pages.h"

#include <QMainWindow>
#include <QTimer>

class QActionGroup;
class QButtonGroup;
class QDockWidget;
class QLabel;
class QStackedWidget;
class QToolButton;

namespace foreshard::ui {

class BoardView;
class CommandPalette;
class InspectorPanel;
class StatusEmptyPage;
class StatusHeader;
class StatusMessageBar;
class StatusStrip;

class MainWindow final : public QMainWindow {
    Q_OBJECT

public:
    struct Options {
        bool readOnly = false;
        QString startView = QStringLiteral("board");  // one of viewNames()
        bool persist = true;                          // keep layout and theme between starts
    };

    MainWindow(EngineBridge& bridge, Theme& theme, Options options, QWidget* parent = nullptr);
    ~MainWindow() override;

    // Of pages(), in their order.
    static QStringList viewNames();
    // False for an unknown name.
    bool showView(const QString& name);
    QString currentView() const;

    BoardView& boardView() { return *board_; }
    StatusMessageBar& messages() { return *messages_; }
    QList<QAction*> allActions() const { return actions_; }

public Q_SLOTS:
    void openPalette();
    void showShortcuts();
    void restoreDefaultLayout();
    // Asks first, inline.
    void killNode(foreshard::NodeId node);

protected:
    void closeEvent(QCloseEvent* event) override;

private:
    void buildCentre();
    QWidget* buildNavigation(QWidget* parent);
    void buildToolBar();
    void buildInspector();
    void buildMenus();
    void buildViewMenu();
    void buildEngineMenu();
    void buildShardMenus();
    void buildHelpMenu();
    void connectBridge();

    QAction* addTo(QMenu* menu, const QString& text, const QKeySequence& key = {});
    void addIcons();
    void chooseTheme(ThemeKind kind);
    void handleReply(const CommandReply& reply);
    void handleLink();
    void refresh();
    void refreshPauseAction();
    void showPage(std::size_t page);  // its place in pages_
    void refreshBanner();
    QString bannerText() const;
    void loadLayout();
    void saveLayout() const;

    EngineBridge& bridge_;
    Theme& theme_;
    Options options_;
    QTimer timer_;
    const std::vector<Page> pages_ = pages();
    QStackedWidget* centre_ = nullptr;  // the page without an engine, or the views
    QStackedWidget* views_ = nullptr;   // as pages_
    QButtonGroup* navigation_ = nullptr;
    QWidget* dim_ = nullptr;
    QLabel* banner_ = nullptr;
    BoardView* board_ = nullptr;
    StatusEmptyPage* empty_ = nullptr;
    StatusMessageBar* messages_ = nullptr;
    StatusHeader* header_ = nullptr;
    StatusStrip* strip_ = nullptr;
    InspectorPanel* inspector_ = nullptr;
    QDockWidget* inspectorDock_ = nullptr;
    QToolButton* pauseButton_ = nullptr;
    QToolButton* paletteButton_ = nullptr;
    CommandPalette* palette_ = nullptr;
    QAction* pauseAction_ = nullptr;
    QAction* killAction_ = nullptr;
    QAction* paletteAction_ = nullptr;
    QActionGroup* themeActions_ = nullptr;
    QList<QAction*> viewActions_;  // as pages_
    QList<QAction*> actions_;
    QByteArray defaultState_;
};

}  // namespace foreshard::ui
