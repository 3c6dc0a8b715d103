#pragma once
// Terms over the last ten minutes: a segment per term with a tick for every commit. A new segment
// is an election; its sentence says when.
#include "ui/bridge/snapshot_history.h"
#include "ui/theme/theme.h"

#include <QWidget>

#include <vector>

namespace foreshard::ui {

class TermStrip final : public QWidget {
    Q_OBJECT
public:
    explicit TermStrip(const Theme& theme, QWidget* parent = nullptr);
    void observe(const SnapshotHistory& history, WallMillis nowMs);
    // Of a log that is read, not watched: all of its entries instead of the last ten minutes.
    void observeLog(const SnapshotHistory& history, WallMillis nowMs);
    QSize sizeHint() const override { return {400, 64}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Segment {
        std::uint64_t term = 0;
        WallMillis fromMs = 0;
    };
    double xOf(WallMillis wallMs) const;
    QString sentence() const;
    QString logSentence() const;
    QString timeText(WallMillis wallMs) const;

    const Theme& theme_;
    std::vector<Segment> segments_;
    std::vector<WallMillis> commits_;
    bool log_ = false;
    WallMillis startMs_ = 0;
    WallMillis nowMs_ = 0;
};

}  // namespace foreshard::ui
