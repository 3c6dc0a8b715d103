#pragma once
// The inline place for errors, news and questions, above the views; never a dialog. An error says
// what failed, why and what to do next, with details to copy. A question names its act on the
// button. The newest takes the place of the one before. Remote text is shown as plain text.
#include <QFrame>
#include <QTimer>

#include <functional>

class QLabel;
class QPushButton;
class QToolButton;

namespace foreshard::ui {

class Theme;

class StatusMessageBar final : public QFrame {
    Q_OBJECT

public:
    explicit StatusMessageBar(const Theme& theme, QWidget* parent = nullptr);

    // Stays until dismissed. `details` is what "Copy details" puts on the clipboard.
    void showError(const QString& what, const QString& details);
    // Goes by itself after a few seconds.
    void showNews(const QString& text);
    // Stays until answered; `act` runs when `verb` is pressed.
    void ask(const QString& question, const QString& verb, std::function<void()> act);

    bool asking() const { return static_cast<bool>(act_); }
    QString text() const;
    void applyTheme();

private:
    void show(const QString& text, const QString& role);
    void dismiss();
    void perform();

    const Theme& theme_;
    QLabel* text_ = nullptr;
    QPushButton* copy_ = nullptr;
    QPushButton* verb_ = nullptr;
    QPushButton* keep_ = nullptr;
    QToolButton* close_ = nullptr;
    QTimer timer_;
    QString details_;
    std::function<void()> act_;
};

}  // namespace foreshard::ui
