#pragma once
// The answer of a search as lanes: one per shard with a hit, filled marks where a record was read
// and compared (verified), one hollow mark with a count for segments whose filter only says maybe.
#include "engine/model/command.h"
#include "ui/theme/theme.h"

#include <QWidget>

#include <vector>

namespace foreshard::ui {

class HitLanes final : public QWidget {
    Q_OBJECT
public:
    static constexpr std::size_t kLanesMax = 64;

    explicit HitLanes(const Theme& theme, QWidget* parent = nullptr);
    void setHits(const std::vector<LocateHit>& hits);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Lane {
        ShardId shard;
        std::uint64_t maybe = 0;
        std::uint64_t verified = 0;
        std::vector<std::pair<Offset, Offset>> ranges;
    };
    double xOf(Offset offset) const;
    void paintLane(class QPainter& painter, const Lane& lane, double top) const;

    const Theme& theme_;
    std::vector<Lane> lanes_;
    std::size_t more_ = 0;  // lanes not drawn
    Offset first_ = 0;
    Offset last_ = 0;
};

}  // namespace foreshard::ui
