#include "ui/timeline/timeline_details.h"

#include "ui/models/checkpoint_table_model.h"
#include "ui/theme/formatting.h"

#include <QApplication>
#include <QClipboard>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace foreshard::ui {

TimelineDetails::TimelineDetails(const Theme& theme, QWidget* parent)
    : QFrame(parent),
      theme_(theme),
      title_(new QLabel{this}),
      facts_(new QWidget{this}),
      grid_(new QGridLayout{facts_}),
      copy_(new QPushButton{tr("Copy details"), this})
{
    setProperty("role", QStringLiteral("plain"));
    setFixedWidth(280);
    auto* column = new QVBoxLayout{this};
    column->setContentsMargins(space::kAroundPanel, space::kInCard, space::kAroundPanel,
                               space::kAroundPanel);
    column->setSpacing(space::kInCard);
    column->addWidget(title_);
    column->addWidget(facts_);
    column->addWidget(copy_, 0, Qt::AlignLeft);
    column->addStretch(1);
    grid_->setContentsMargins(0, 0, 0, 0);
    grid_->setVerticalSpacing(space::kUnit);
    grid_->setHorizontalSpacing(space::kInCard);
    grid_->setColumnStretch(1, 1);
    connect(copy_, &QPushButton::clicked, this, [this] { copy(); });
    connect(&theme_, &Theme::changed, this, [this] { applyTheme(); });
    applyTheme();
}

void TimelineDetails::applyTheme() { title_->setFont(theme_.title()); }

void TimelineDetails::show(const CheckpointInfo& info)
{
    title_->setText(tr("Checkpoint %1").arg(info.id.value));
    text_ = title_->text();
    int row = 0;
    for (const auto& [name, value] : checkpointFacts(info)) {
        text_ += QStringLiteral("\n%1: %2").arg(name, value);
        auto* left = grid_->itemAtPosition(row, 0);
        if (left == nullptr) {  // the facts are always the same, only their values change
            auto* label = new QLabel{name, facts_};
            label->setProperty("role", QStringLiteral("soft"));
            label->setAlignment(Qt::AlignLeft | Qt::AlignTop);
            grid_->addWidget(label, row, 0);
            auto* shown = new QLabel{facts_};
            shown->setTextFormat(Qt::PlainText);
            shown->setWordWrap(true);
            shown->setAlignment(Qt::AlignRight | Qt::AlignTop);
            shown->setTextInteractionFlags(Qt::TextSelectableByMouse);
            shown->setAccessibleName(name);
            grid_->addWidget(shown, row, 1);
        }
        auto* shown = qobject_cast<QLabel*>(grid_->itemAtPosition(row, 1)->widget());
        // A path has no spaces to break at; zero-width ones are offered after its separators.
        QString broken = value;
        broken.replace(u'/', QStringLiteral("/\u200B"));
        shown->setText(broken);
        ++row;
    }
}

void TimelineDetails::copy() const { QApplication::clipboard()->setText(text_); }

}  // namespace foreshard::ui
