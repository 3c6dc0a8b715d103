#include "ui/timeline/timeline_legend.h"

#include "ui/theme/formatting.h"

#include <QPainter>
#include <QPainterPath>

#include <functional>
#include <vector>

namespace foreshard::ui {

namespace {

constexpr double kGlyph = 14;
constexpr double kGap = 5;
constexpr double kBetween = 18;

struct Item {
    QString word;
    std::function<void(QPainter&, double, double, const Tokens&)> draw;  // left and bottom
};

QColor pale(QColor colour)
{
    colour.setAlphaF(0.45F);
    return colour;
}

Item barItem(const QString& word, double height)
{
    return {
        word, [height](QPainter& painter, double left, double bottom, const Tokens& tokens) {
            painter.fillRect(QRectF{left + 2, bottom - height, 4, height}, tokens.textSoft);
            painter.fillRect(QRectF{left + 6, bottom - height, 6, height}, pale(tokens.textSoft));
        }};
}

std::vector<Item> items()
{
    std::vector<Item> all;
    for (const auto& [loadClass, interval] :
         {std::pair{LoadClass::kHigh, 100U}, std::pair{LoadClass::kMedium, 500U},
          std::pair{LoadClass::kLow, 1000U}}) {
        all.push_back(
            {QObject::tr("%1 %2").arg(loadClassText(loadClass), formatInterval(interval)),
             [loadClass = loadClass](QPainter& painter, double left, double bottom,
                                     const Tokens& tokens) {
                 painter.fillRect(QRectF{left + 2, bottom - 12, 10, 12}, tokens.load(loadClass));
             }});
    }
    all.push_back(barItem(QObject::tr("full: snapshot, store"), 14));
    all.push_back(barItem(QObject::tr("delta"), 8));
    all.push_back({QObject::tr("interval, 0 to 1 s"),
                   [](QPainter& painter, double left, double bottom, const Tokens& tokens) {
                       painter.fillRect(QRectF{left, bottom - 4, 7, 1}, tokens.textFaint);
                       painter.fillRect(QRectF{left + 7, bottom - 11, 1, 8}, tokens.textFaint);
                       painter.fillRect(QRectF{left + 7, bottom - 11, 7, 1}, tokens.textFaint);
                   }});
    all.push_back({QObject::tr("move"),
                   [](QPainter& painter, double left, double bottom, const Tokens& tokens) {
                       const QPointF at{left + 7, bottom - 6};
                       QPainterPath diamond{at + QPointF{0, -5}};
                       diamond.lineTo(at + QPointF{5, 0});
                       diamond.lineTo(at + QPointF{0, 5});
                       diamond.lineTo(at + QPointF{-5, 0});
                       painter.setRenderHint(QPainter::Antialiasing);
                       painter.fillPath(diamond, tokens.accent);
                       painter.setRenderHint(QPainter::Antialiasing, false);
                   }});
    all.push_back({QObject::tr("recovery: load, replay"),
                   [](QPainter& painter, double left, double bottom, const Tokens& tokens) {
                       painter.fillRect(QRectF{left, bottom - 9, 6, 5}, pale(tokens.predicted));
                       painter.fillRect(QRectF{left + 6, bottom - 9, 8, 5}, tokens.predicted);
                   }});
    return all;
}

}  // namespace

TimelineLegend::TimelineLegend(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&theme_, &Theme::changed, this, qOverload<>(&QWidget::update));
    setAccessibleName(
        tr("Key: colour is the class whose interval was in force, tall bars are full checkpoints, "
           "low bars are deltas, the dark part is the snapshot, the pale part the store"));
}

QSize TimelineLegend::sizeHint() const
{
    const QFontMetrics metrics{theme_.label()};
    double width = 0;
    for (const Item& item : items())
        width += kGlyph + kGap + metrics.horizontalAdvance(item.word) + kBetween;
    return {static_cast<int>(width), space::kRowHeight};
}

void TimelineLegend::paintEvent(QPaintEvent*)
{
    QPainter painter{this};
    painter.setFont(theme_.label());
    const QFontMetrics metrics{theme_.label()};
    double left = 0;
    const double bottom = height() / 2.0 + 7;
    for (const Item& item : items()) {
        const double wide = metrics.horizontalAdvance(item.word);
        // A word that does not fit is left out whole, not cut.
        if (left + kGlyph + kGap + wide > width()) break;
        item.draw(painter, left, bottom, theme_.tokens());
        painter.setPen(theme_.tokens().textSoft);
        painter.drawText(QRectF{left + kGlyph + kGap, 0, wide + 2, double(height())},
                         Qt::AlignLeft | Qt::AlignVCenter, item.word);
        left += kGlyph + kGap + wide + kBetween;
    }
}

}  // namespace foreshard::ui
