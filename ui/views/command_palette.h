#pragma once
// Ctrl+K: a filtered list of every action, run by Enter; and the sheet of shortcuts behind "?".
#include <QFrame>
#include <QList>

class QAction;
class QLineEdit;
class QListWidget;

namespace foreshard::ui {

// A panel over its parent, at the top centre; Esc or losing the focus closes it.
class CommandPalette final : public QFrame {
    Q_OBJECT

public:
    explicit CommandPalette(QWidget* parent);

    // Actions that are neither visible nor enabled at that moment are left out.
    void open(const QList<QAction*>& actions);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void filter(const QString& words);
    void runCurrent();

    QLineEdit* field_ = nullptr;
    QListWidget* list_ = nullptr;
    QList<QAction*> actions_;
};

// "Ctrl+K   Find a command" lines of `actions`, and of the gestures that are no actions.
QString shortcutSheet(const QList<QAction*>& actions);

}  // namespace foreshard::ui
