#pragma once
// One chart of the Charts page: title, values in words, lines over time, a shared cursor. The only
// place that knows Qt Charts; lines are replaced whole, never appended to.
#include "ui/theme/theme.h"
#include "ui/views/load_charts_data.h"

#include <QFrame>

#include <vector>

class QChart;
class QChartView;
class QCategoryAxis;
class QGraphicsLineItem;
class QLabel;
class QAreaSeries;
class QLineSeries;
class QValueAxis;

namespace foreshard::ui {

class LoadChartsPanel final : public QFrame {
    Q_OBJECT
public:
    enum class Ink {
        kActual,
        kPredicted,
        kAccent
    };
    struct Line {
        Ink ink = Ink::kActual;
        bool dashed = false;
    };

    // `band` draws an area between two more series, below the lines.
    LoadChartsPanel(const Theme& theme, const QString& title, std::vector<Line> lines, bool band,
                    QWidget* parent);

    void setTitle(const QString& title);
    // Values in words; our own text, may be markup.
    void setWords(const QString& words, const QString& spoken);
    // The axis ends on whole steps, so that its labels stand still while data come in.
    void setWindow(WallMillis fromMs, WallMillis toMs, WallMillis stepMs);
    void setLine(std::size_t line, const std::vector<ChartPoint>& points);
    void setBand(const std::vector<ChartPoint>& low, const std::vector<ChartPoint>& high);
    // Of the upright axis, which starts at zero and is cut in `steps`.
    void setHighest(double value, int steps = 4);
    void setCursor(WallMillis timeMs);  // 0 hides it

Q_SIGNALS:
    void cursorMoved(qint64 timeMs);  // 0 when the pointer has left

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void buildChart(bool band);
    void placePlot();
    void applyTheme();
    QColor colour(Ink ink) const;

    const Theme& theme_;
    std::vector<Line> lines_;
    QLabel* title_;
    QLabel* words_;
    QChart* chart_;  // owned by view_
    QChartView* view_;
    QCategoryAxis* timeAxis_;
    QValueAxis* valueAxis_;
    std::vector<QLineSeries*> series_;
    QLineSeries* low_ = nullptr;
    QLineSeries* high_ = nullptr;
    QAreaSeries* area_ = nullptr;
    QGraphicsLineItem* cursor_;
    WallMillis cursorMs_ = 0;
    WallMillis fromMs_ = 0;
    WallMillis toMs_ = 0;
    WallMillis stepMs_ = 0;
    double highest_ = 0;
};

}  // namespace foreshard::ui
