#pragma once
// Time to pixels and back for one horizontal strip: zoom at a fixed cursor, pan, follow, clamps and
// the distance of the ticks. Pure maths: no widget, no clock. Times are wall milliseconds since
// 1970 held in a double (exact to a microsecond until long after 2100); x is in pixels from the
// left edge of the strip.
#include "engine/base/time.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace foreshard::ui {

class TimelineCoordinates {
public:
    static constexpr double kSpanMinMs = 20;
    static constexpr double kSpanMaxMs = 24.0 * 3600 * 1000;
    // Room kept free right of the newest moment while following it, as a share of the span.
    static constexpr double kFollowMargin = 0.02;

    double startMs() const { return startMs_; }
    double spanMs() const { return spanMs_; }
    double endMs() const { return startMs_ + spanMs_; }
    double width() const { return width_; }
    double msPerPixel() const { return spanMs_ / width_; }

    double toX(double timeMs) const { return (timeMs - startMs_) / spanMs_ * width_; }
    double toTime(double x) const { return startMs_ + x / width_ * spanMs_; }

    // A wider strip shows more at the same left edge and scale is kept, as in a text editor.
    void setWidth(double pixels)
    {
        const double wanted = std::max(1.0, pixels);
        if (hasWidth_) spanMs_ = clampSpan(spanMs_ * wanted / width_);
        width_ = wanted;
        hasWidth_ = true;
    }
    // What exists; a pan never leaves it wholly. REQUIRES: first <= last.
    void setBounds(double firstMs, double lastMs)
    {
        firstMs_ = firstMs;
        lastMs_ = std::max(firstMs, lastMs);
    }
    // factor > 1 shows less time. The moment under `x` stays under `x` unless a clamp forbids it.
    void zoomAt(double x, double factor)
    {
        if (!(factor > 0)) return;
        const double fixed = toTime(x);
        spanMs_ = clampSpan(spanMs_ / factor);
        startMs_ = fixed - x / width_ * spanMs_;
        clampStart();
    }
    // dx > 0 moves the content to the right: earlier times come into view.
    void panPixels(double dx)
    {
        startMs_ -= dx * msPerPixel();
        clampStart();
    }
    void show(double fromMs, double toMs)
    {
        spanMs_ = clampSpan(toMs - fromMs);
        startMs_ = fromMs;
        clampStart();
    }
    void centerOn(double timeMs)
    {
        startMs_ = timeMs - spanMs_ / 2;
        clampStart();
    }
    // Everything that exists, with the follow margin on the right.
    void fit()
    {
        spanMs_ = clampSpan((lastMs_ - firstMs_) / (1 - kFollowMargin));
        startMs_ = lastMs_ - spanMs_ * (1 - kFollowMargin);
    }
    void follow(double newestMs) { startMs_ = newestMs - spanMs_ * (1 - kFollowMargin); }

    // The smallest round step (a person's: 1, 2, 5, 10, 20, 50... ms, then 15 s, 1 min...) that
    // puts ticks at least `pixels` apart.
    double tickStepMs(double pixels) const
    {
        static constexpr std::array<double, 25> kSteps{
            1,    2,    5,     10,    20,    50,     100,   200,    500,
            1000, 2000, 5000,  10000, 15000, 30000,  60000, 120000, 300000,
            6e5,  9e5,  1.8e6, 3.6e6, 7.2e6, 2.16e7, 4.32e7};
        const double wanted = pixels * msPerPixel();
        const auto found = std::lower_bound(kSteps.begin(), kSteps.end(), wanted);
        return found == kSteps.end() ? 8.64e7 : *found;
    }
    // First multiple of `stepMs` at or after the left edge.
    double firstTickMs(double stepMs) const { return std::ceil(startMs_ / stepMs) * stepMs; }

private:
    static double clampSpan(double span) { return std::clamp(span, kSpanMinMs, kSpanMaxMs); }
    void clampStart()
    {
        // At least a tenth of the strip keeps showing something that exists.
        const double keep = spanMs_ * 0.1;
        startMs_ = std::clamp(startMs_, firstMs_ - spanMs_ + keep,
                              std::max(firstMs_ - spanMs_ + keep, lastMs_ - keep));
    }

    double startMs_ = 0;
    double spanMs_ = 60'000;
    double width_ = 1;
    bool hasWidth_ = false;
    double firstMs_ = 0;
    double lastMs_ = 0;
};

}  // namespace foreshard::ui
