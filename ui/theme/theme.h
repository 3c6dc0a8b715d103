#pragma once
// The theme in force: tokens, fonts, palette and style sheet. One object, made by the program's
// main and handed to every widget by reference; it outlives them. Qt thread only.
#include "ui/theme/tokens.h"

#include <QFont>
#include <QObject>

class QApplication;
class QPalette;

namespace foreshard::ui {

class Theme final : public QObject {
    Q_OBJECT

public:
    // Without an application the theme only answers questions (for tests of painters).
    explicit Theme(QObject* parent = nullptr);

    // Fusion style, palette, style sheet and fonts of `kind`; kSystem follows the lightness of the
    // palette the desktop gave at the first call. May be called again at any time.
    void apply(QApplication& application, ThemeKind kind);

    ThemeKind kind() const { return kind_; }
    const Tokens& tokens() const { return tokens_; }

    QFont body() const { return font(type::kBody); }
    QFont label() const { return font(type::kLabel); }
    QFont title() const;   // semibold
    QFont number() const;  // the one number that matters in a panel
    QFont mono() const;    // ids, offsets, hashes

    static Tokens darkTokens();
    static Tokens lightTokens();
    static Tokens highContrastTokens();

Q_SIGNALS:
    // After palette and style sheet are in force: repaint what caches colours.
    void changed();

private:
    QFont font(int points) const;

    ThemeKind kind_ = ThemeKind::kDark;
    Tokens tokens_;
    bool desktopKnown_ = false;
    bool desktopDark_ = true;
};

// For settings and the command line: "system", "dark", "light", "contrast".
QString themeKindName(ThemeKind kind);
ThemeKind themeKindFromName(const QString& name);

// Pure functions of the tokens.
QPalette paletteOf(const Tokens& tokens);
QString styleSheetOf(const Tokens& tokens);

}  // namespace foreshard::ui
