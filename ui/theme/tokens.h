#pragma once
// Every colour and size of the console. Palette, style sheet, painters and charts read these; no
// colour or size is written anywhere else.
#include "engine/model/load.h"

#include <QColor>

#include <cstdint>

namespace foreshard::ui {

enum class ThemeKind : std::uint8_t {
    kSystem = 0,
    kDark = 1,
    kLight = 2,
    kHighContrast = 3
};

// Logical pixels, on a grid of 4.
namespace space {
inline constexpr int kUnit = 4;
inline constexpr int kInCard = 8;
inline constexpr int kBetweenCards = 12;
inline constexpr int kAroundPanel = 16;
inline constexpr int kRadius = 6;
inline constexpr int kFocusRing = 2;
inline constexpr int kClassBar = 4;
inline constexpr int kCardWidth = 184;
inline constexpr int kCardHeight = 84;
inline constexpr int kRowHeight = 24;
}  // namespace space

// Points.
namespace type {
inline constexpr int kLabel = 9;
inline constexpr int kBody = 10;
inline constexpr int kTitle = 12;
inline constexpr int kNumber = 20;
}  // namespace type

inline constexpr int kMotionMs = 150;
// Snapshots come every 100 ms; three missed ones and the data are called old.
inline constexpr int kSnapshotPeriodMs = 100;
inline constexpr int kStaleAfterMs = 3 * kSnapshotPeriodMs;

struct Tokens {
    bool dark = true;
    QColor surface0;  // window
    QColor surface1;  // panel
    QColor surface2;  // card
    QColor surface3;  // hover
    QColor line;
    QColor lineStrong;
    QColor text;
    QColor textSoft;
    QColor textFaint;
    QColor accent;
    QColor onAccent;  // text on an accent surface
    QColor loadLow;
    QColor loadMedium;
    QColor loadHigh;
    QColor actual;
    QColor predicted;
    QColor band;  // p10 to p90; carries its own alpha
    QColor failed;

    const QColor& load(LoadClass loadClass) const
    {
        switch (loadClass) {
            case LoadClass::kLow:
                return loadLow;
            case LoadClass::kMedium:
                return loadMedium;
            case LoadClass::kHigh:
                return loadHigh;
        }
        return textSoft;
    }
    // Grid lines of charts: the text at a tenth of its contrast.
    QColor grid() const
    {
        QColor colour = text;
        colour.setAlphaF(0.10F);
        return colour;
    }
};

}  // namespace foreshard::ui
