#include "ui/theme/theme.h"

#include <QApplication>
#include <QFontDatabase>
#include <QPalette>
#include <QStyle>
#include <QStyleFactory>

// The resources live in a static library: without this call the linker would leave them out.
// Q_INIT_RESOURCE must stand outside every namespace.
static void initResources() { Q_INIT_RESOURCE(foreshard); }

namespace foreshard::ui {
namespace {

QColor rgb(unsigned value) { return QColor::fromRgb(QRgb{0xFF000000U | value}); }

QColor faded(QColor colour, float alpha)
{
    colour.setAlphaF(alpha);
    return colour;
}

}  // namespace

Tokens Theme::darkTokens()
{
    Tokens t;
    t.dark = true;
    t.surface0 = rgb(0x14171C);
    t.surface1 = rgb(0x1A1E25);
    t.surface2 = rgb(0x222833);
    t.surface3 = rgb(0x2C3340);
    t.line = rgb(0x2C3340);
    t.lineStrong = rgb(0x3D4655);
    t.text = rgb(0xE7EAF0);
    t.textSoft = rgb(0xA9B2C0);
    t.textFaint = rgb(0x7C8798);
    t.accent = rgb(0x5AA9FF);
    t.onAccent = rgb(0x0E1116);
    t.loadLow = rgb(0x2FB89A);
    t.loadMedium = rgb(0xE3A93B);
    t.loadHigh = rgb(0xEF6A4D);
    t.actual = t.text;
    t.predicted = rgb(0xB79CFF);
    t.band = faded(t.predicted, 0.22F);
    t.failed = t.loadHigh;
    return t;
}

Tokens Theme::lightTokens()
{
    Tokens t;
    t.dark = false;
    t.surface0 = rgb(0xF4F6F8);
    t.surface1 = rgb(0xFFFFFF);
    t.surface2 = rgb(0xFFFFFF);
    t.surface3 = rgb(0xE9EDF2);
    t.line = rgb(0xDCE1E8);
    t.lineStrong = rgb(0xB9C2CE);
    t.text = rgb(0x1A1F27);
    t.textSoft = rgb(0x4F5A69);
    t.textFaint = rgb(0x768293);
    t.accent = rgb(0x0B66D0);
    t.onAccent = rgb(0xFFFFFF);
    t.loadLow = rgb(0x007F66);
    t.loadMedium = rgb(0x9A6400);
    t.loadHigh = rgb(0xC2401F);
    t.actual = t.text;
    t.predicted = rgb(0x6B4BD6);
    t.band = faded(t.predicted, 0.18F);
    t.failed = t.loadHigh;
    return t;
}

Tokens Theme::highContrastTokens()
{
    Tokens t = darkTokens();
    t.surface0 = rgb(0x000000);
    t.surface1 = rgb(0x000000);
    t.surface2 = rgb(0x0A0A0A);
    t.surface3 = rgb(0x26303C);
    t.line = rgb(0x9AA4B2);
    t.lineStrong = rgb(0xFFFFFF);
    t.text = rgb(0xFFFFFF);
    t.textSoft = rgb(0xE6E9EE);
    t.textFaint = rgb(0xC3CAD4);
    t.accent = rgb(0x7CC0FF);
    t.onAccent = rgb(0x000000);
    t.loadLow = rgb(0x4FE3C1);
    t.loadMedium = rgb(0xFFC857);
    t.loadHigh = rgb(0xFF8A6E);
    t.actual = t.text;
    t.predicted = rgb(0xCDB8FF);
    t.band = faded(t.predicted, 0.30F);
    t.failed = t.loadHigh;
    return t;
}

Theme::Theme(QObject* parent) : QObject(parent), tokens_(darkTokens()) { initResources(); }

void Theme::apply(QApplication& application, ThemeKind kind)
{
    if (!desktopKnown_) {
        desktopKnown_ = true;
        desktopDark_ = application.palette().color(QPalette::Window).lightness() < 128;
    }
    kind_ = kind;
    switch (kind) {
        case ThemeKind::kSystem:
            tokens_ = desktopDark_ ? darkTokens() : lightTokens();
            break;
        case ThemeKind::kDark:
            tokens_ = darkTokens();
            break;
        case ThemeKind::kLight:
            tokens_ = lightTokens();
            break;
        case ThemeKind::kHighContrast:
            tokens_ = highContrastTokens();
            break;
    }
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    QApplication::setPalette(paletteOf(tokens_));
    QApplication::setFont(body());
    application.setStyleSheet(styleSheetOf(tokens_));
    Q_EMIT changed();
}

QFont Theme::font(int points) const
{
    QFont result = QFontDatabase::systemFont(QFontDatabase::GeneralFont);
    result.setPointSize(points);
    return result;
}

QFont Theme::title() const
{
    QFont result = font(type::kTitle);
    result.setWeight(QFont::DemiBold);
    return result;
}

QFont Theme::number() const { return font(type::kNumber); }

QFont Theme::mono() const
{
    QFont result = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    result.setPointSize(type::kLabel);
    return result;
}

QString themeKindName(ThemeKind kind)
{
    switch (kind) {
        case ThemeKind::kSystem:
            return QStringLiteral("system");
        case ThemeKind::kDark:
            return QStringLiteral("dark");
        case ThemeKind::kLight:
            return QStringLiteral("light");
        case ThemeKind::kHighContrast:
            return QStringLiteral("contrast");
    }
    return QStringLiteral("system");
}

ThemeKind themeKindFromName(const QString& name)
{
    for (const auto kind : {ThemeKind::kDark, ThemeKind::kLight, ThemeKind::kHighContrast}) {
        if (themeKindName(kind) == name) return kind;
    }
    return ThemeKind::kSystem;
}

QPalette paletteOf(const Tokens& t)
{
    QPalette p;
    p.setColor(QPalette::Window, t.surface0);
    p.setColor(QPalette::WindowText, t.text);
    p.setColor(QPalette::Base, t.surface1);
    p.setColor(QPalette::AlternateBase, t.surface2);
    p.setColor(QPalette::Text, t.text);
    p.setColor(QPalette::PlaceholderText, t.textFaint);
    p.setColor(QPalette::Button, t.surface2);
    p.setColor(QPalette::ButtonText, t.text);
    p.setColor(QPalette::BrightText, t.failed);
    p.setColor(QPalette::ToolTipBase, t.surface3);
    p.setColor(QPalette::ToolTipText, t.text);
    p.setColor(QPalette::Highlight, t.accent);
    p.setColor(QPalette::HighlightedText, t.onAccent);
    p.setColor(QPalette::Link, t.accent);
    p.setColor(QPalette::LinkVisited, t.predicted);
    p.setColor(QPalette::Light, t.surface3);
    p.setColor(QPalette::Midlight, t.surface3);
    p.setColor(QPalette::Mid, t.line);
    p.setColor(QPalette::Dark, t.line);
    p.setColor(QPalette::Shadow, t.surface0);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, t.textFaint);
    return p;
}

}  // namespace foreshard::ui
