#pragma once
// Everything known of the chosen checkpoint: names left, values right, copyable as text.
#include "engine/model/checkpoint.h"
#include "ui/theme/theme.h"

#include <QFrame>

class QGridLayout;
class QLabel;
class QPushButton;

namespace foreshard::ui {

class TimelineDetails final : public QFrame {
    Q_OBJECT
public:
    explicit TimelineDetails(const Theme& theme, QWidget* parent = nullptr);
    void show(const CheckpointInfo& info);

private:
    void applyTheme();
    void copy() const;

    const Theme& theme_;
    QLabel* title_;
    QWidget* facts_;
    QGridLayout* grid_;
    QPushButton* copy_;
    QString text_;
};

}  // namespace foreshard::ui
