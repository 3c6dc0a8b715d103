#include "ui/views/load_charts_panel.h"

#include "ui/theme/formatting.h"

#include <QAreaSeries>
#include <QBoxLayout>
#include <QCategoryAxis>
#include <QChart>
#include <QChartView>
#include <QGraphicsLayout>
#include <QGraphicsLineItem>
#include <QLabel>
#include <QLineSeries>
#include <QMouseEvent>
#include <QValueAxis>

namespace foreshard::ui {

namespace {

constexpr double kLineWidth = 1.6;
// Around the plot, for the labels of its axes.
constexpr double kLeft = 56;
constexpr double kTop = 16;
constexpr double kRight = 36;
constexpr double kBottom = 26;
constexpr double kLabelWidth = 76;

QList<QPointF> pointsOf(const std::vector<ChartPoint>& points)
{
    QList<QPointF> list;
    list.reserve(static_cast<qsizetype>(points.size()));
    for (const ChartPoint& point : points)
        list.append({static_cast<double>(point.timeMs), point.value});
    return list;
}

}  // namespace

LoadChartsPanel::LoadChartsPanel(const Theme& theme, const QString& title, std::vector<Line> lines,
                                 bool band, QWidget* parent)
    : QFrame(parent),
      theme_(theme),
      lines_(std::move(lines)),
      title_(new QLabel{title, this}),
      words_(new QLabel{this}),
      chart_(new QChart),
      view_(new QChartView{chart_, this}),
      timeAxis_(new QCategoryAxis{chart_}),
      valueAxis_(new QValueAxis{chart_}),
      cursor_(new QGraphicsLineItem{chart_})
{
    setProperty("role", QStringLiteral("panel"));
    auto* head = new QHBoxLayout;
    head->setContentsMargins(space::kInCard, 0, space::kInCard, 0);
    head->addWidget(title_);
    head->addStretch(1);
    head->addWidget(words_);
    auto* column = new QVBoxLayout{this};
    column->setContentsMargins(space::kInCard, space::kInCard, space::kInCard, 2);
    column->setSpacing(0);
    column->addLayout(head);
    column->addWidget(view_, 1);
    words_->setTextFormat(Qt::RichText);
    buildChart(band);
    connect(&theme_, &Theme::changed, this, [this] { applyTheme(); });
    applyTheme();
    setTitle(title);
}

void LoadChartsPanel::buildChart(bool band)
{
    chart_->setAnimationOptions(QChart::NoAnimation);
    chart_->legend()->hide();
    chart_->setMargins({0, 4, 0, 0});
    chart_->layout()->setContentsMargins(0, 0, 0, 0);
    chart_->setBackgroundVisible(false);
    chart_->addAxis(timeAxis_, Qt::AlignBottom);
    chart_->addAxis(valueAxis_, Qt::AlignLeft);
    timeAxis_->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
    const auto attach = [this](QAbstractSeries* series) {
        chart_->addSeries(series);
        series->attachAxis(timeAxis_);
        series->attachAxis(valueAxis_);
    };
    if (band) {
        low_ = new QLineSeries{this};
        high_ = new QLineSeries{this};
        area_ = new QAreaSeries{high_, low_};
        attach(area_);
    }
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        series_.push_back(new QLineSeries);
        attach(series_.back());
    }
    connect(chart_, &QGraphicsWidget::geometryChanged, this, [this] { placePlot(); });
    cursor_->setZValue(100);
    cursor_->hide();
    view_->setFrameShape(QFrame::NoFrame);
    view_->setRenderHint(QPainter::Antialiasing);
    view_->setMinimumHeight(84);
    view_->viewport()->setMouseTracking(true);
    view_->viewport()->installEventFilter(this);
}

QColor LoadChartsPanel::colour(Ink ink) const
{
    switch (ink) {
        case Ink::kActual:
            return theme_.tokens().actual;
        case Ink::kPredicted:
            return theme_.tokens().predicted;
        case Ink::kAccent:
            return theme_.tokens().accent;
    }
    return {};
}

void LoadChartsPanel::applyTheme()
{
    const Tokens& tokens = theme_.tokens();
    title_->setFont(theme_.title());
    for (std::size_t i = 0; i < series_.size(); ++i) {
        QPen pen{colour(lines_[i].ink), kLineWidth,
                 lines_[i].dashed ? Qt::DashLine : Qt::SolidLine};
        pen.setCosmetic(true);
        series_[i]->setPen(pen);
    }
    if (area_ != nullptr) {
        area_->setPen(Qt::NoPen);
        area_->setBrush(tokens.band);
    }
    for (QAbstractAxis* axis :
         {static_cast<QAbstractAxis*>(timeAxis_), static_cast<QAbstractAxis*>(valueAxis_)}) {
        axis->setLabelsFont(theme_.label());
        axis->setLabelsColor(tokens.textSoft);
        axis->setGridLinePen(QPen{tokens.grid(), 1});
        axis->setLinePen(QPen{tokens.lineStrong, 1});
    }
    valueAxis_->setLineVisible(false);
    QPen pen{tokens.accent, 1};
    pen.setCosmetic(true);
    cursor_->setPen(pen);
    view_->setBackgroundBrush(tokens.surface1);
}

void LoadChartsPanel::setTitle(const QString& title)
{
    title_->setText(title);
    view_->setAccessibleName(title);
}

void LoadChartsPanel::setWords(const QString& words, const QString& spoken)
{
    words_->setText(words);
    view_->setAccessibleDescription(spoken);
}

void LoadChartsPanel::setWindow(WallMillis fromMs, WallMillis toMs, WallMillis stepMs)
{
    // A narrow chart names every second or fourth step, so that its labels fit.
    const double room = chart_->plotArea().width() / kLabelWidth;
    while (stepMs<toMs - fromMs&& static_cast<double>((toMs - fromMs) / stepMs)> room)
        stepMs *= 2;
    if (fromMs == fromMs_ && toMs == toMs_ && stepMs == stepMs_) return;
    fromMs_ = fromMs;
    toMs_ = toMs;
    stepMs_ = stepMs;
    const QStringList old = timeAxis_->categoriesLabels();
    for (const QString& label : old)
        timeAxis_->remove(label);
    timeAxis_->setRange(static_cast<double>(fromMs), static_cast<double>(toMs));
    timeAxis_->setStartValue(static_cast<double>(fromMs));
    for (WallMillis at = fromMs; at <= toMs; at += stepMs)
        timeAxis_->append(formatTime(at).left(8), static_cast<double>(at));
}

void LoadChartsPanel::setLine(std::size_t line, const std::vector<ChartPoint>& points)
{
    series_[line]->replace(pointsOf(points));
}

void LoadChartsPanel::setBand(const std::vector<ChartPoint>& low,
                              const std::vector<ChartPoint>& high)
{
    low_->replace(pointsOf(low));
    high_->replace(pointsOf(high));
    area_->setVisible(!low.empty());
}

void LoadChartsPanel::setHighest(double value, int steps)
{
    if (value == highest_) return;
    highest_ = value;
    // "%g" would write a million as 1e+06.
    valueAxis_->setLabelFormat(value >= 10 ? QStringLiteral("%.0f") : QStringLiteral("%g"));
    valueAxis_->setTickCount(steps + 1);
    valueAxis_->setRange(0, value);
}

void LoadChartsPanel::setCursor(WallMillis timeMs)
{
    cursorMs_ = timeMs;
    const QRectF area = chart_->plotArea();
    const bool shown = timeMs >= fromMs_ && timeMs <= toMs_ && toMs_ > fromMs_;
    cursor_->setVisible(shown);
    if (!shown) return;
    const double share =
        static_cast<double>(timeMs - fromMs_) / static_cast<double>(toMs_ - fromMs_);
    const double x = area.left() + share * area.width();
    cursor_->setLine(x, area.top(), x, area.bottom());
}

void LoadChartsPanel::placePlot()
{
    // The same room for labels in every chart, so that one moment is at one place in all of them.
    const QRectF whole{QPointF{}, chart_->size()};
    chart_->setPlotArea(whole.adjusted(kLeft, kTop, -kRight, -kBottom));
    // Lines move at once, axes only with the layout: without this they part for a frame.
    chart_->layout()->invalidate();
    chart_->layout()->activate();
    setCursor(cursorMs_);
}

bool LoadChartsPanel::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Leave) Q_EMIT cursorMoved(0);
    if (event->type() == QEvent::MouseMove) {
        const QRectF area = chart_->plotArea();
        const double x = static_cast<QMouseEvent*>(event)->position().x();
        const double share = area.width() > 0 ? (x - area.left()) / area.width() : -1;
        Q_EMIT cursorMoved(
            share < 0 || share > 1
                ? 0
                : fromMs_ + static_cast<qint64>(share * static_cast<double>(toMs_ - fromMs_)));
    }
    return QFrame::eventFilter(watched, event);
}

}  // namespace foreshard::ui
