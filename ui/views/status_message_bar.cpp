#include "ui/views/status_message_bar.h"

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStyle>
#include <QToolButton>

#include <chrono>

namespace foreshard::ui {
namespace {

constexpr std::chrono::milliseconds kNewsShown{6000};

}  // namespace

StatusMessageBar::StatusMessageBar(const Theme& theme, QWidget* parent)
    : QFrame(parent), theme_(theme)
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(space::kBetweenCards, 6, 6, 6);
    row->setSpacing(space::kInCard);
    text_ = new QLabel(this);
    text_->setTextFormat(Qt::PlainText);
    text_->setWordWrap(true);
    text_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    row->addWidget(text_, 1);
    verb_ = new QPushButton(this);
    verb_->setProperty("role", QStringLiteral("danger"));
    keep_ = new QPushButton(tr("Leave as it is"), this);
    copy_ = new QPushButton(tr("Copy details"), this);
    close_ = new QToolButton(this);
    close_->setToolTip(tr("Dismiss"));
    close_->setAccessibleName(tr("Dismiss"));
    for (QWidget* button : {static_cast<QWidget*>(verb_), static_cast<QWidget*>(keep_),
                            static_cast<QWidget*>(copy_), static_cast<QWidget*>(close_)})
        row->addWidget(button, 0, Qt::AlignTop);
    connect(verb_, &QPushButton::clicked, this, &StatusMessageBar::perform);
    connect(keep_, &QPushButton::clicked, this, &StatusMessageBar::dismiss);
    connect(close_, &QToolButton::clicked, this, &StatusMessageBar::dismiss);
    connect(copy_, &QPushButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(details_); });
    timer_.setSingleShot(true);
    connect(&timer_, &QTimer::timeout, this, &StatusMessageBar::dismiss);
    applyTheme();
    hide();
}

void StatusMessageBar::applyTheme() { close_->setIcon(icon(QStringLiteral("close"), theme_)); }

QString StatusMessageBar::text() const { return isHidden() ? QString() : text_->text(); }

void StatusMessageBar::show(const QString& text, const QString& role)
{
    timer_.stop();
    act_ = {};
    text_->setText(text);
    setAccessibleName(text);
    setProperty("role", role);
    style()->unpolish(this);
    style()->polish(this);
    copy_->setVisible(false);
    verb_->setVisible(false);
    keep_->setVisible(false);
    close_->setVisible(true);
    setVisible(true);
}

void StatusMessageBar::showError(const QString& what, const QString& details)
{
    if (asking()) return;  // a question is answered first
    show(what, QStringLiteral("error"));
    details_ = details;
    copy_->setVisible(true);
}

void StatusMessageBar::showNews(const QString& text)
{
    if (asking()) return;
    show(text, QStringLiteral("message"));
    timer_.start(kNewsShown);
}

void StatusMessageBar::ask(const QString& question, const QString& verb, std::function<void()> act)
{
    show(question, QStringLiteral("error"));
    act_ = std::move(act);
    verb_->setText(verb);
    verb_->setVisible(true);
    keep_->setVisible(true);
    close_->setVisible(false);
    keep_->setFocus();  // Enter by habit must not do it
}

void StatusMessageBar::perform()
{
    const auto act = std::exchange(act_, {});
    dismiss();
    if (act) act();
}

void StatusMessageBar::dismiss()
{
    timer_.stop();
    act_ = {};
    hide();
}

}  // namespace foreshard::ui
