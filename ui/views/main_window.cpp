#include "ui/views/main_window.h"

#include "engine/base/check.h"
#include "ui/board/board_view.h"
#include "ui/theme/formatting.h"
#include "ui/theme/icons.h"
#include "ui/views/command_palette.h"
#include "ui/views/inspector_panel.h"
#include "ui/views/status_message_bar.h"
#include "ui/views/status_panels.h"

#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QButtonGroup>
#include <QCloseEvent>
#include <QDockWidget>
#include <QLabel>
#include <QPainter>
#include <QSettings>
#include <QStackedWidget>
#include <QStatusBar>
#include <QStyle>
#include <QToolBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <chrono>

namespace foreshard::ui {
namespace {

constexpr int kLayoutVersion = 1;
constexpr int kNavigationWidth = 92;
constexpr int kInspectorWidth = 288;
constexpr std::chrono::milliseconds kRefresh{250};
// The age turns red after three missed snapshots; the whole board is hatched only when the pause
// is long enough to be seen, or a busy machine would make it flicker.
constexpr int kHatchedAfterMs = 10 * kSnapshotPeriodMs;

QSettings settings()
{
    return QSettings(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("foreshard"),
                     QStringLiteral("foreshard-console"));
}

// Lies over the views while the link is lost: the last state stays readable, plainly not live.
class DimLayer final : public QWidget {
public:
    DimLayer(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme)
    {
        setAttribute(Qt::WA_TransparentForMouseEvents);
        hide();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QColor veil = theme_.tokens().surface0;
        veil.setAlphaF(0.45F);
        QPainter(this).fillRect(rect(), veil);
    }

private:
    const Theme& theme_;
};

}  // namespace

MainWindow::MainWindow(EngineBridge& bridge, Theme& theme, Options options, QWidget* parent)
    : QMainWindow(parent), bridge_(bridge), theme_(theme), options_(std::move(options))
{
    if (options_.readOnly) bridge_.setReadOnly(true);
    setWindowTitle(bridge_.readOnly() ? tr("Foreshard (read-only)") : tr("Foreshard"));
    setWindowIcon(applicationIcon());
    resize(1280, 800);
    buildCentre();
    buildToolBar();
    buildInspector();
    strip_ = new StatusStrip(bridge_, theme_, statusBar());
    palette_ = new CommandPalette(this);
    buildMenus();
    addIcons();
    connectBridge();
    if (!showView(options_.startView)) showPage(0);
    defaultState_ = saveState(kLayoutVersion);
    if (options_.persist) loadLayout();
    timer_.start(kRefresh);
    handleLink();
    refresh();
}

MainWindow::~MainWindow() = default;

QStringList MainWindow::viewNames()
{
    QStringList names;
    for (const Page& page : pages())
        names.append(page.name);
    return names;
}

void MainWindow::buildCentre()
{
    auto* centre = new QWidget(this);
    auto* row = new QHBoxLayout(centre);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    auto* column = new QVBoxLayout;
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    banner_ = new QLabel(centre);
    banner_->setTextFormat(Qt::PlainText);
    banner_->setWordWrap(true);
    banner_->setProperty("role", QStringLiteral("failed"));
    banner_->setContentsMargins(space::kAroundPanel, space::kInCard, space::kAroundPanel,
                                space::kInCard);
    banner_->hide();
    messages_ = new StatusMessageBar(theme_, centre);
    column->addWidget(banner_);
    column->addWidget(messages_);
    views_ = new QStackedWidget(centre);
    for (const Page& page : pages_)
        views_->addWidget(page.make(bridge_, theme_, views_));
    // The window offers the board's actions in its menus, on every page.
    board_ = views_->findChild<BoardView*>();
    FS_CHECK(board_ != nullptr);
    auto* shown = new QWidget(centre);
    auto* layers = new QGridLayout(shown);
    layers->setContentsMargins(0, 0, 0, 0);
    layers->addWidget(views_, 0, 0);
    dim_ = new DimLayer(theme_, shown);
    layers->addWidget(dim_, 0, 0);
    centre_ = new QStackedWidget(centre);
    empty_ = new StatusEmptyPage(bridge_, theme_, centre_);
    centre_->addWidget(empty_);
    centre_->addWidget(shown);
    column->addWidget(centre_, 1);
    row->addWidget(buildNavigation(centre));
    row->addLayout(column, 1);
    setCentralWidget(centre);
}

QWidget* MainWindow::buildNavigation(QWidget* parent)
{
    auto* bar = new QFrame(parent);
    bar->setObjectName(QStringLiteral("navigation"));
    bar->setProperty("role", QStringLiteral("navigation"));
    bar->setFixedWidth(kNavigationWidth);
    auto* column = new QVBoxLayout(bar);
    column->setContentsMargins(space::kUnit, space::kBetweenCards, space::kUnit, 0);
    column->setSpacing(space::kUnit);
    navigation_ = new QButtonGroup(this);
    int number = 0;
    for (const Page& page : pages_) {
        auto* button = new QToolButton(bar);
        button->setText(page.title);
        button->setFont(theme_.label());
        button->setCheckable(true);
        button->setToolButtonStyle(Qt::ToolButtonTextUnderIcon);
        button->setIconSize(QSize(20, 20));
        button->setFixedSize(kNavigationWidth - 2 * space::kUnit, 52);
        navigation_->addButton(button, number);
        button->setToolTip(tr("%1 (Ctrl+%2)").arg(page.title).arg(++number));
        column->addWidget(button);
    }
    column->addStretch(1);
    connect(navigation_, &QButtonGroup::idClicked, this,
            [this](int id) { showPage(static_cast<std::size_t>(id)); });
    return bar;
}

void MainWindow::buildToolBar()
{
    auto* bar = addToolBar(tr("State"));
    bar->setObjectName(QStringLiteral("stateBar"));
    bar->setMovable(false);
    bar->setIconSize(QSize(16, 16));
    bar->setContextMenuPolicy(Qt::PreventContextMenu);
    header_ = new StatusHeader(bridge_, theme_, bar);
    bar->addWidget(header_);
    auto* gap = new QWidget(bar);
    gap->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    bar->addWidget(gap);
    if (bridge_.readOnly()) {
        auto* lock = new QLabel(tr("read-only"), bar);
        lock->setProperty("role", QStringLiteral("accent"));
        bar->addWidget(lock);
    }
    paletteButton_ = new QToolButton(bar);
    paletteButton_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    pauseButton_ = new QToolButton(bar);
    pauseButton_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    bar->addWidget(paletteButton_);
    bar->addWidget(pauseButton_);
}

void MainWindow::buildInspector()
{
    inspectorDock_ = new QDockWidget(tr("Inspector"), this);
    inspectorDock_->setObjectName(QStringLiteral("inspector"));
    inspectorDock_->setFeatures(QDockWidget::DockWidgetClosable);
    inspector_ = new InspectorPanel(bridge_, theme_, inspectorDock_);
    inspector_->setMinimumWidth(kInspectorWidth);
    inspector_->setMaximumWidth(kInspectorWidth * 3 / 2);
    inspectorDock_->setWidget(inspector_);
    addDockWidget(Qt::RightDockWidgetArea, inspectorDock_);
    resizeDocks({inspectorDock_}, {kInspectorWidth}, Qt::Horizontal);
    connect(inspector_, &InspectorPanel::moveRequested, this, [this] {
        showView(QStringLiteral("board"));
        board_->setTable(false);
        board_->board().beginMove();
    });
    connect(inspector_, &InspectorPanel::intervalRequested, board_, &BoardView::showIntervalMenu);
    connect(inspector_, &InspectorPanel::checkpointRequested, this, [this] {
        if (const auto shard = bridge_.selectedShard()) bridge_.checkpointNow(*shard);
    });
    connect(inspector_, &InspectorPanel::killRequested, this, &MainWindow::killNode);
    connect(board_, &BoardView::killRequested, this, &MainWindow::killNode);
}

void MainWindow::connectBridge()
{
    connect(&bridge_, &EngineBridge::replyArrived, this, &MainWindow::handleReply);
    connect(&bridge_, &EngineBridge::linkChanged, this, &MainWindow::handleLink);
    connect(&bridge_, &EngineBridge::pausedChanged, this, [this] {
        refreshPauseAction();
        refresh();
    });
    connect(&bridge_, &EngineBridge::snapshotChanged, this, [this] {
        header_->refresh();
        refreshBanner();
        if (centre_->currentWidget() == empty_) refresh();
    });
    connect(&timer_, &QTimer::timeout, this, &MainWindow::refresh);
    connect(&theme_, &Theme::changed, this, [this] {
        addIcons();
        board_->applyTheme();
        inspector_->applyTheme();
        header_->applyTheme();
        empty_->applyTheme();
        messages_->applyTheme();
    });
}

bool MainWindow::showView(const QString& name)
{
    const auto found = std::find_if(pages_.begin(), pages_.end(),
                                    [&name](const Page& page) { return page.name == name; });
    if (found == pages_.end()) return false;
    showPage(static_cast<std::size_t>(found - pages_.begin()));
    return true;
}

void MainWindow::showPage(std::size_t page)
{
    const int index = static_cast<int>(page);
    views_->setCurrentIndex(index);
    navigation_->button(index)->setChecked(true);
    views_->currentWidget()->setFocus();
}

QString MainWindow::currentView() const
{
    return pages_[static_cast<std::size_t>(views_->currentIndex())].name;
}

void MainWindow::refresh()
{
    strip_->refresh();
    header_->refresh();
    empty_->refresh();
    const bool lost = bridge_.linkState() == LinkState::kLost;
    const bool old = bridge_.live() && bridge_.dataAgeMs() > kHatchedAfterMs;
    board_->setStale(lost || (old && !bridge_.paused()));
    centre_->setCurrentIndex(bridge_.snapshot() ? 1 : 0);
    refreshBanner();
    if (killAction_ != nullptr) killAction_->setEnabled(bridge_.selectedNode().has_value());
}

void MainWindow::handleLink()
{
    const bool lost = bridge_.linkState() == LinkState::kLost;
    dim_->setVisible(lost);
    dim_->raise();
    refresh();
}

void MainWindow::refreshBanner()
{
    const QString text = bridge_.snapshot() ? bannerText() : QString();
    banner_->setVisible(!text.isEmpty());
    if (banner_->text() == text) return;
    const bool lost = bridge_.linkState() == LinkState::kLost;
    banner_->setProperty("role", lost ? QStringLiteral("failed") : QStringLiteral("accent"));
    banner_->style()->unpolish(banner_);
    banner_->style()->polish(banner_);
    banner_->setText(text);
}

QString MainWindow::bannerText() const
{
    const QString when = formatDateTime(bridge_.dataWallMs());
    if (bridge_.linkState() == LinkState::kLost)
        return tr("\u2715 Link lost since %1: %2. The last state is shown; the console goes on "
                  "trying.")
            .arg(when, bridge_.linkDescription());
    const QString shown =
        formatDateTime(bridge_.snapshot()->wallMs).section(u'.', 0, 0) + QStringLiteral(" UTC");
    switch (bridge_.sight()) {
        case EngineSight::kLive:
        case EngineSight::kEnded:
            return {};
        case EngineSight::kKilled:
            return tr("The last engine here was killed, crashed or failed: the next `foreshard "
                      "run` recovers. This is the state at %1.")
                .arg(shown);
        case EngineSight::kElsewhere:
            return tr("An engine runs on this directory: watch it live with --connect ENDPOINT. "
                      "These are its files at %1.")
                .arg(shown);
    }
    return {};
}

void MainWindow::handleReply(const CommandReply& reply)
{
    const QString asked = bridge_.commandText(reply.id);
    const QString message =
        reply.message.empty() && !reply.ok ? errcSentence(reply.code) : plainText(reply.message);
    if (!reply.ok) {
        const QString details = QStringLiteral("%1\n%2\ncode: %3\ncommand: %4\ntime: %5\n")
                                    .arg(asked, message, QLatin1String(errcName(reply.code)))
                                    .arg(reply.id)
                                    .arg(formatDateTime(bridge_.dataWallMs()));
        messages_->showError(tr("%1: %2").arg(asked, message), details);
        return;
    }
    // The answers of a search belong to the correlation view.
    if (reply.segmentsAsked > 0 || asked.isEmpty()) return;
    messages_->showNews(message.isEmpty() ? asked : tr("%1: %2").arg(asked, message));
}

void MainWindow::killNode(NodeId node)
{
    const SnapshotPtr snapshot = bridge_.snapshot();
    if (bridge_.readOnly() || !snapshot) return;
    std::uint64_t records = 0;
    int shards = 0;
    for (const auto& shard : snapshot->shards) {
        if (shard.node != node) continue;
        ++shards;
        records += shard.bufferedRecords;
    }
    messages_->ask(tr("Kill %1 as a drill? It stops at once and is started again; its %2 shards "
                      "restore and replay about %3 records. No record is lost.")
                       .arg(nodeName(node))
                       .arg(shards)
                       .arg(formatCount(records)),
                   tr("Kill %1").arg(nodeName(node)), [this, node] { bridge_.killNode(node); });
}

void MainWindow::loadLayout()
{
    QSettings kept = settings();
    restoreGeometry(kept.value(QStringLiteral("window/geometry")).toByteArray());
    restoreState(kept.value(QStringLiteral("window/state")).toByteArray(), kLayoutVersion);
    if (kept.contains(QStringLiteral("window/theme")))
        chooseTheme(themeKindFromName(kept.value(QStringLiteral("window/theme")).toString()));
}

void MainWindow::saveLayout() const
{
    QSettings kept = settings();
    kept.setValue(QStringLiteral("window/geometry"), saveGeometry());
    kept.setValue(QStringLiteral("window/state"), saveState(kLayoutVersion));
    kept.setValue(QStringLiteral("window/theme"), themeKindName(theme_.kind()));
}

void MainWindow::restoreDefaultLayout()
{
    restoreState(defaultState_, kLayoutVersion);
    inspectorDock_->show();
    resizeDocks({inspectorDock_}, {kInspectorWidth}, Qt::Horizontal);
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    if (options_.persist) saveLayout();
    event->accept();
}

}  // namespace foreshard::ui
