#pragma once
// The Charts page: predicted against actual load of the chosen shard or node with its p10 to p90
// band, the shard's checkpoint interval with its reason, records per second of the cluster, and the
// bytes buffered behind the newest checkpoint. One cursor for all; the same numbers as a table.
#include "ui/bridge/engine_bridge.h"
#include "ui/theme/theme.h"

#include <QWidget>

#include <optional>
#include <vector>

class QComboBox;
class QLabel;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace foreshard::ui {

class LoadChartsPanel;
class LoadChartsTable;

class LoadChartsView final : public QWidget {
    Q_OBJECT
public:
    static constexpr std::size_t kPointsMax = 600;  // of one line

    explicit LoadChartsView(EngineBridge& bridge, const Theme& theme, QWidget* parent = nullptr);

protected:
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Window {  // what the panels show
        WallMillis fromMs = 0;
        WallMillis toMs = 0;
    };

    void buildHeader();
    void buildPanels();
    void buildTable();
    void refresh();
    void refreshChooser(const ClusterSnapshot& snapshot);
    void followSelection();
    void choose(int index);
    void setWindow(WallMillis nowMs);
    void drawShard(WallMillis nowMs);
    void drawNode(WallMillis nowMs);
    void drawRates();
    void setCursor(WallMillis timeMs);
    void showWords();
    void showLoadWords(WallMillis atMs);
    void showIntervalWords(WallMillis atMs);
    void showPage();
    bool showsNode() const { return node_.has_value(); }

    EngineBridge& bridge_;
    const Theme& theme_;
    QWidget* header_ = nullptr;
    QComboBox* chooser_ = nullptr;
    QComboBox* span_ = nullptr;
    QToolButton* tableButton_ = nullptr;
    QStackedWidget* pages_ = nullptr;
    QLabel* empty_ = nullptr;
    LoadChartsPanel* load_ = nullptr;
    LoadChartsPanel* interval_ = nullptr;
    LoadChartsPanel* rate_ = nullptr;
    LoadChartsPanel* buffered_ = nullptr;
    LoadChartsTable* model_ = nullptr;
    QTableView* table_ = nullptr;
    std::vector<ShardId> shards_;  // in the chooser, before the nodes
    std::vector<NodeId> nodes_;
    ShardId shard_;
    std::optional<NodeId> node_;  // shown instead of the shard
    Window window_;
    WallMillis cursorMs_ = 0;  // 0: the newest moment
};

}  // namespace foreshard::ui
