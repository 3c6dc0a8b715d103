// Colours that can be read, and icons that are there.
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QtTest>

#include <cmath>

using namespace foreshard::ui;

class ThemeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void themes_haveReadableText()
    {
        const auto luminance = [](const QColor& c) {
            const auto part = [](double v) {
                return v <= 0.03928 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
            };
            return 0.2126 * part(c.redF()) + 0.7152 * part(c.greenF()) + 0.0722 * part(c.blueF());
        };
        const auto contrast = [&](const QColor& a, const QColor& b) {
            const double x = luminance(a) + 0.05;
            const double y = luminance(b) + 0.05;
            return std::max(x, y) / std::min(x, y);
        };
        for (const Tokens& t :
             {Theme::darkTokens(), Theme::lightTokens(), Theme::highContrastTokens()}) {
            for (const QColor& surface : {t.surface0, t.surface1, t.surface2}) {
                for (const QColor& ink : {t.text, t.textSoft, t.loadLow, t.loadMedium, t.loadHigh})
                    QVERIFY2(contrast(ink, surface) >= 4.5, qPrintable(ink.name()));
            }
        }
    }

    void icon_takesItsColourFromTheTheme_andIsEmptyWithoutAFile()
    {
        const Theme theme;
        const QImage drawn = icon(QStringLiteral("board"), theme).pixmap(32, 32).toImage();
        bool found = false;
        for (int y = 0; y < drawn.height(); ++y) {
            for (int x = 0; x < drawn.width(); ++x) {
                const QColor pixel = drawn.pixelColor(x, y);
                if (pixel.alpha() < 255) continue;
                found = true;
                QCOMPARE(pixel.name(), theme.tokens().textSoft.name());
            }
        }
        QVERIFY(found);
        QVERIFY(icon(QStringLiteral("no-such-file"), theme).isNull());
    }

    void kinds_haveNamesThatLeadBack()
    {
        for (const ThemeKind kind :
             {ThemeKind::kSystem, ThemeKind::kDark, ThemeKind::kLight, ThemeKind::kHighContrast})
            QCOMPARE(themeKindFromName(themeKindName(kind)), kind);
    }
};

QTEST_MAIN(ThemeTest)
#include "tst_theme.moc"
