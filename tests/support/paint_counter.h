#pragma once
// A paint device that draws nothing and counts what it is asked to draw: what a paint costs, in
// figures that are the same on every machine.
#include <QPaintDevice>
#include <QPaintEngine>
#include <QPainter>

#include <cstddef>

namespace foreshard::ui {

struct PaintCounts {
    std::size_t shapes = 0;  // rectangles, lines
    std::size_t texts = 0;
    std::size_t costly = 0;  // paths, polygons, pictures, and shapes with smooth edges
};

class PaintCounter final : public QPaintDevice {
public:
    PaintCounter(int width, int height) : width_(width), height_(height) {}
    const PaintCounts& counts() const { return engine_.counts; }
    QPaintEngine* paintEngine() const override { return &engine_; }

protected:
    int metric(PaintDeviceMetric metric) const override
    {
        switch (metric) {
            case PdmWidth:
                return width_;
            case PdmHeight:
                return height_;
            case PdmDepth:
                return 32;
            case PdmDevicePixelRatio:
            case PdmNumColors:
                return 1;
            case PdmDevicePixelRatioScaled:
                return static_cast<int>(devicePixelRatioFScale());
            default:
                return 96;  // dots per inch; nobody asks for millimetres
        }
    }

private:
    class Engine final : public QPaintEngine {
    public:
        Engine() : QPaintEngine(AllFeatures) {}
        bool begin(QPaintDevice*) override { return true; }
        bool end() override { return true; }
        Type type() const override { return User; }
        void updateState(const QPaintEngineState& now) override
        {
            if (now.state().testFlag(DirtyHints))
                smooth_ = now.renderHints().testFlag(QPainter::Antialiasing);
        }
        void drawRects(const QRect*, int count) override { add(count); }
        void drawRects(const QRectF*, int count) override { add(count); }
        void drawLines(const QLine*, int count) override { add(count); }
        void drawLines(const QLineF*, int count) override { add(count); }
        void drawTextItem(const QPointF&, const QTextItem&) override { ++counts.texts; }
        void drawPath(const QPainterPath&) override { ++counts.costly; }
        void drawPolygon(const QPointF*, int, PolygonDrawMode) override { ++counts.costly; }
        void drawPolygon(const QPoint*, int, PolygonDrawMode) override { ++counts.costly; }
        void drawPixmap(const QRectF&, const QPixmap&, const QRectF&) override { ++counts.costly; }

        PaintCounts counts;

    private:
        void add(int count)
        {
            (smooth_ ? counts.costly : counts.shapes) += static_cast<std::size_t>(count);
        }
        bool smooth_ = false;
    };

    mutable Engine engine_;
    int width_;
    int height_;
};

}  // namespace foreshard::ui
