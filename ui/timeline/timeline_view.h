#pragma once
// The Timeline page: the timeline with its key, the paused bar, the details of the chosen
// checkpoint, and the same checkpoints as a table. Shares selection and pause with the other views.
#include "ui/bridge/engine_bridge.h"
#include "ui/theme/theme.h"

#include <QWidget>

class QFrame;
class QLabel;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace foreshard::ui {

class CheckpointTableModel;
class TimelineDetails;
class TimelineWidget;

class TimelineView final : public QWidget {
    Q_OBJECT
public:
    explicit TimelineView(EngineBridge& bridge, const Theme& theme, QWidget* parent = nullptr);

    TimelineWidget& timeline() { return *timeline_; }

protected:
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void buildHeader();
    void buildPausedBar();
    void buildPages();
    void connectBridge();
    void refresh();
    void pausedChanged(bool paused);
    void showSelected();
    void showTable(bool table);

    EngineBridge& bridge_;
    const Theme& theme_;
    TimelineWidget* timeline_;
    TimelineDetails* details_;
    CheckpointTableModel* model_;
    QTableView* table_ = nullptr;
    QWidget* header_ = nullptr;
    QFrame* pausedBar_ = nullptr;
    QLabel* pausedText_ = nullptr;
    QLabel* empty_ = nullptr;
    QStackedWidget* pages_ = nullptr;
    QToolButton* tableButton_ = nullptr;
};

}  // namespace foreshard::ui
