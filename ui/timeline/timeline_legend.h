#pragma once
// The key of the timeline, one line: what the shapes and colours stand for, drawn as they are drawn
// there.
#include "ui/theme/theme.h"

#include <QWidget>

namespace foreshard::ui {

class TimelineLegend final : public QWidget {
    Q_OBJECT
public:
    explicit TimelineLegend(const Theme& theme, QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {0, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const Theme& theme_;
};

}  // namespace foreshard::ui
