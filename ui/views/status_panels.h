#pragma once
// Small panels that say how things are: the strip at the bottom, the engine's state and rate in
// the tool bar, and the page shown before the first snapshot.
#include "ui/bridge/engine_bridge.h"
#include "ui/theme/theme.h"

#include <QWidget>

class QLabel;
class QStatusBar;

namespace foreshard::ui {

// Link, leader, term and commit, data age, UI rate and the predictor's gate, as permanent widgets
// of the window's status bar. refresh() is called a few times a second.
class StatusStrip final : public QObject {
    Q_OBJECT

public:
    StatusStrip(EngineBridge& bridge, const Theme& theme, QStatusBar* bar);
    void refresh();

private:
    EngineBridge& bridge_;
    const Theme& theme_;
    QLabel* link_ = nullptr;
    QLabel* raft_ = nullptr;
    QLabel* gate_ = nullptr;
    QLabel* rate_ = nullptr;
    QLabel* age_ = nullptr;
    QElapsedTimer sinceCount_;
    std::uint64_t counted_ = 0;
    double hertz_ = 0;
};

// Engine state with the data's age, the applied rate as the one big figure, latency and moves.
class StatusHeader final : public QWidget {
    Q_OBJECT

public:
    StatusHeader(EngineBridge& bridge, const Theme& theme, QWidget* parent = nullptr);
    void refresh();
    void applyTheme();

private:
    enum Figure {
        kP99,
        kCheckpoints,
        kMoves
    };
    void showState(const ClusterSnapshot& snapshot);
    void showFigures(const ClusterSnapshot& snapshot);
    QLabel* addFigure(const QString& name, int widthInDigits);

    EngineBridge& bridge_;
    const Theme& theme_;
    QLabel* state_ = nullptr;
    QLabel* detail_ = nullptr;
    QLabel* rate_ = nullptr;
    QLabel* unit_ = nullptr;
    QList<QLabel*> figures_;
    QList<QLabel*> names_;
};

// What would be here and the one thing that brings it.
class StatusEmptyPage final : public QWidget {
    Q_OBJECT

public:
    StatusEmptyPage(EngineBridge& bridge, const Theme& theme, QWidget* parent = nullptr);
    void refresh();
    void applyTheme();

private:
    EngineBridge& bridge_;
    const Theme& theme_;
    QLabel* title_ = nullptr;
    QLabel* text_ = nullptr;
};

}  // namespace foreshard::ui
