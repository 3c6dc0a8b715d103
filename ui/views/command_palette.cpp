#include "ui/views/command_palette.h"

#include "ui/theme/tokens.h"

#include <QAction>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>

namespace foreshard::ui {
namespace {

constexpr int kWidth = 520;
constexpr int kRows = 10;

QString plainTitle(const QAction& action)
{
    QString text = action.text();
    return text.remove(u'&');
}

}  // namespace

CommandPalette::CommandPalette(QWidget* parent) : QFrame(parent)
{
    setProperty("role", QStringLiteral("panel"));
    setAutoFillBackground(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(space::kInCard, space::kInCard, space::kInCard, space::kInCard);
    column->setSpacing(space::kInCard);
    field_ = new QLineEdit(this);
    field_->setPlaceholderText(tr("Find a command"));
    field_->setAccessibleName(tr("Find a command"));
    field_->installEventFilter(this);
    list_ = new QListWidget(this);
    list_->setFocusPolicy(Qt::NoFocus);
    list_->setUniformItemSizes(true);
    list_->setIconSize(QSize(16, 16));
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    column->addWidget(field_);
    column->addWidget(list_);
    connect(field_, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(list_, &QListWidget::itemClicked, this, &CommandPalette::runCurrent);
    hide();
}

void CommandPalette::open(const QList<QAction*>& actions)
{
    actions_ = actions;
    field_->clear();
    filter({});
    const int width = std::min(kWidth, parentWidget()->width() - 32);
    resize(width, kRows * (space::kRowHeight + 4) + 60);
    move((parentWidget()->width() - width) / 2, 72);
    show();
    raise();
    field_->setFocus();
}

void CommandPalette::filter(const QString& words)
{
    list_->clear();
    QPixmap blank(16, 16);  // keeps the words of actions without an icon in line
    blank.fill(Qt::transparent);
    const QStringList wanted = words.split(u' ', Qt::SkipEmptyParts);
    for (qsizetype i = 0; i < actions_.size(); ++i) {
        const QAction& action = *actions_[i];
        const QString title = plainTitle(action);
        if (!action.isEnabled() || !action.isVisible() || title.isEmpty()) continue;
        const bool fits = std::all_of(wanted.begin(), wanted.end(), [&](const QString& word) {
            return title.contains(word, Qt::CaseInsensitive);
        });
        if (!fits) continue;
        const QString key = action.shortcut().toString(QKeySequence::NativeText);
        auto* item = new QListWidgetItem(
            action.icon().isNull() ? QIcon(blank) : action.icon(),
            key.isEmpty() ? title : QStringLiteral("%1   (%2)").arg(title, key), list_);
        item->setData(Qt::UserRole, QVariant::fromValue(i));
        item->setSizeHint(QSize(0, space::kRowHeight + 4));
    }
    list_->setCurrentRow(0);
}

void CommandPalette::runCurrent()
{
    const QListWidgetItem* item = list_->currentItem();
    if (item == nullptr) return;
    QAction* action = actions_.at(item->data(Qt::UserRole).value<qsizetype>());
    hide();
    parentWidget()->setFocus();
    action->trigger();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::FocusOut) hide();
    if (event->type() != QEvent::KeyPress) return QFrame::eventFilter(watched, event);
    const int key = static_cast<QKeyEvent*>(event)->key();
    switch (key) {
        case Qt::Key_Escape:
            hide();
            parentWidget()->setFocus();
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            runCurrent();
            return true;
        case Qt::Key_Up:
        case Qt::Key_Down: {
            const int step = key == Qt::Key_Up ? -1 : 1;
            list_->setCurrentRow(qBound(0, list_->currentRow() + step, list_->count() - 1));
            return true;
        }
        default:
            return QFrame::eventFilter(watched, event);
    }
}

QString shortcutSheet(const QList<QAction*>& actions)
{
    QString text;
    const auto line = [&text](const QString& key, const QString& what) {
        text += key.leftJustified(16) + what + u'\n';
    };
    for (const QAction* action : actions) {
        const QString key = action->shortcut().toString(QKeySequence::NativeText);
        if (!key.isEmpty()) line(key, plainTitle(*action));
    }
    text += u'\n' + QObject::tr("On the board") + u'\n';
    line(QObject::tr("Arrows"), QObject::tr("Walk from card to card (Shift: select on the way)"));
    line(QObject::tr("M, then \u2190 \u2192"),
         QObject::tr("Choose the node; Enter moves, Esc leaves"));
    line(QObject::tr("Ctrl/Shift click"), QObject::tr("Select several shards"));
    line(QObject::tr("Drag"), QObject::tr("Move the selected shards to a node"));
    text += u'\n' + QObject::tr("On the timeline") + u'\n';
    line(QStringLiteral("W S A D"), QObject::tr("Zoom and pan; Ctrl+wheel zooms at the pointer"));
    line(QStringLiteral("F"), QObject::tr("Fit"));
    line(QStringLiteral(". ,"), QObject::tr("Next and previous checkpoint"));
    line(QObject::tr("Space, L"), QObject::tr("Pause, live"));
    return text;
}

}  // namespace foreshard::ui
