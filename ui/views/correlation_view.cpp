#include "ui/views/correlation_view.h"

#include "ui/models/locate_hits_model.h"
#include "ui/theme/formatting.h"
#include "ui/widgets/hit_lanes.h"
#include "ui/widgets/plain_table.h"

#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QShortcut>
#include <QStackedWidget>
#include <QTableView>

#include <algorithm>
#include <optional>

namespace foreshard::ui {

namespace {

constexpr int kKeyMode = 0;
constexpr int kLanesHeightMax = 220;

// Digits, with or without spaces between thousands.
std::optional<Offset> offsetOf(QString text)
{
    text.remove(u' ').remove(QChar{0x202F});
    bool ok = false;
    const Offset offset = text.toULongLong(&ok);
    return ok ? std::optional{offset} : std::nullopt;
}

}  // namespace

CorrelationView::CorrelationView(EngineBridge& bridge, const Theme& theme, QWidget* parent)
    : QWidget(parent),
      bridge_(bridge),
      theme_(theme),
      model_(new LocateHitsModel{this}),
      pages_(new QStackedWidget{this})
{
    buildQuery();
    QLabel* idle = nullptr;
    pages_->insertWidget(kIdle, buildMessage(&idle));
    idle->setText(
        tr("Find where a record is: which shard, buffer box, frame and checkpoint hold "
           "it. Enter a key or a stream offset above."));
    pages_->insertWidget(kLoading, buildMessage(&loading_));
    pages_->insertWidget(kError, buildError());
    pages_->insertWidget(kNothing, buildMessage(&nothing_));
    pages_->insertWidget(kResult, buildResult());
    auto* column = new QVBoxLayout{this};
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(query_);
    column->addWidget(pages_, 1);
    patience_.setSingleShot(true);
    patience_.setInterval(kAnswerMsMax);
    connect(&patience_, &QTimer::timeout, this, [this] {
        fail(tr("%1: no answer in %2 s: the engine may be busy reading segments: try again.")
                 .arg(what_)
                 .arg(kAnswerMsMax / 1000));
    });
    connect(&bridge_, &EngineBridge::replyArrived, this, &CorrelationView::take);
    connect(&bridge_, &EngineBridge::linkChanged, this, [this] {
        if (bridge_.linkState() == LinkState::kLost && pending_ != 0)
            fail(tr("%1: the link to the engine was lost: search again once it is back.")
                     .arg(what_));
    });
    connect(&theme_, &Theme::changed, this, [this] { applyTheme(); });
    applyTheme();
    modeChanged();
}

void CorrelationView::buildQuery()
{
    query_ = new QWidget{this};
    mode_ = new QComboBox{query_};
    mode_->addItems({tr("Key"), tr("Offset")});
    mode_->setAccessibleName(tr("Search by"));
    input_ = new QLineEdit{query_};
    input_->setClearButtonEnabled(true);
    input_->setMaximumWidth(480);
    find_ = new QPushButton{tr("Find records"), query_};
    find_->setProperty("role", QStringLiteral("primary"));
    hint_ = new QLabel{query_};
    hint_->setProperty("role", QStringLiteral("failed"));
    auto* row = new QHBoxLayout{query_};
    row->setContentsMargins(space::kAroundPanel, space::kBetweenCards, space::kAroundPanel,
                            space::kBetweenCards);
    row->setSpacing(space::kInCard);
    row->addWidget(mode_);
    row->addWidget(input_, 2);
    row->addWidget(find_);
    row->addWidget(hint_, 1);
    connect(mode_, &QComboBox::currentIndexChanged, this, [this] { modeChanged(); });
    connect(input_, &QLineEdit::textChanged, this, [this] { checkInput(); });
    connect(input_, &QLineEdit::returnPressed, this, [this] { search(); });
    connect(find_, &QPushButton::clicked, this, [this] { search(); });
    setFocusProxy(input_);
}

QWidget* CorrelationView::buildMessage(QLabel** text)
{
    *text = new QLabel{this};
    (*text)->setAlignment(Qt::AlignCenter);
    (*text)->setWordWrap(true);
    (*text)->setTextFormat(Qt::PlainText);
    (*text)->setProperty("role", QStringLiteral("soft"));
    (*text)->setMargin(space::kAroundPanel);
    return *text;
}

QWidget* CorrelationView::buildError()
{
    auto* page = new QWidget{this};
    auto* frame = new QFrame{page};
    frame->setProperty("role", QStringLiteral("error"));
    error_ = new QLabel{frame};
    error_->setTextFormat(Qt::PlainText);
    error_->setWordWrap(true);
    error_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* copy = new QPushButton{tr("Copy details"), frame};
    connect(copy, &QPushButton::clicked, this,
            [this] { QApplication::clipboard()->setText(error_->text()); });
    auto* row = new QHBoxLayout{frame};
    row->addWidget(error_, 1);
    row->addWidget(copy, 0, Qt::AlignTop);
    auto* column = new QVBoxLayout{page};
    column->setContentsMargins(space::kAroundPanel, 0, space::kAroundPanel, 0);
    column->addWidget(frame);
    column->addStretch(1);
    return page;
}

QWidget* CorrelationView::buildResult()
{
    auto* page = new QWidget{this};
    summary_ = new QLabel{page};
    summary_->setTextFormat(Qt::PlainText);
    counts_ = new QLabel{page};
    counts_->setTextFormat(Qt::PlainText);
    counts_->setProperty("role", QStringLiteral("soft"));
    auto* copy = new QPushButton{tr("Copy rows"), page};
    connect(copy, &QPushButton::clicked, this, [this] { copyRows(); });
    lanes_ = new HitLanes{theme_, page};
    auto* scroll = new QScrollArea{page};
    scroll->setWidget(lanes_);
    scroll->setWidgetResizable(true);
    scroll->setMaximumHeight(kLanesHeightMax);
    scroll->setFrameShape(QFrame::NoFrame);
    table_ = makePlainTable(model_, tr("Where the records are"), page);
    table_->setTextElideMode(Qt::ElideMiddle);
    table_->horizontalHeader()->setStretchLastSection(true);
    table_->horizontalHeader()->setDefaultSectionSize(96);
    table_->setColumnWidth(LocateHitsModel::kCertainty, 116);
    table_->setColumnWidth(LocateHitsModel::kShard, 72);
    table_->setColumnWidth(LocateHitsModel::kBox, 64);
    table_->setColumnWidth(LocateHitsModel::kOffsets, 172);
    table_->setColumnWidth(LocateHitsModel::kCheckpoint, 120);
    connect(
        table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        [this](const QModelIndex& current) {
            if (current.isValid())
                bridge_.selectShard(model_->hits()[static_cast<std::size_t>(current.row())].shard);
        });
    auto* copyKey = new QShortcut{QKeySequence::Copy, table_};
    copyKey->setContext(Qt::WidgetShortcut);
    connect(copyKey, &QShortcut::activated, this, [this] { copyRows(); });
    auto* head = new QHBoxLayout;
    head->addWidget(summary_);
    head->addSpacing(space::kAroundPanel);
    head->addWidget(counts_, 1);
    head->addWidget(copy);
    auto* column = new QVBoxLayout{page};
    column->setContentsMargins(space::kAroundPanel, 0, space::kAroundPanel, space::kAroundPanel);
    column->setSpacing(space::kBetweenCards);
    column->addLayout(head);
    column->addWidget(scroll);
    column->addWidget(table_, 1);
    return page;
}

void CorrelationView::applyTheme() { summary_->setFont(theme_.title()); }

void CorrelationView::modeChanged()
{
    const bool byKey = mode_->currentIndex() == kKeyMode;
    input_->setPlaceholderText(byKey ? tr("Key, exactly as in the stream")
                                     : tr("Stream offset: 0, 1, 2\u2026"));
    input_->setAccessibleName(byKey ? tr("Key to find") : tr("Stream offset to find"));
    checkInput();
}

void CorrelationView::checkInput()
{
    const bool byKey = mode_->currentIndex() == kKeyMode;
    const bool wrong = !byKey && !input_->text().isEmpty() && !offsetOf(input_->text());
    hint_->setText(wrong ? tr("An offset is a whole number from 0 on") : QString{});
    find_->setEnabled(!wrong && !input_->text().isEmpty());
}

void CorrelationView::search()
{
    if (!find_->isEnabled()) return;
    if (mode_->currentIndex() == kKeyMode)
        searchKey(input_->text());
    else
        searchOffset(*offsetOf(input_->text()));
}

void CorrelationView::searchKey(const QString& key)
{
    mode_->setCurrentIndex(kKeyMode);
    input_->setText(key);
    what_ = tr("Key %1").arg(key);
    pending_ = 0;
    sending_ = true;
    started(bridge_.locateKey(key), what_);
}

void CorrelationView::searchOffset(Offset offset)
{
    mode_->setCurrentIndex(kKeyMode + 1);
    input_->setText(QString::number(offset));
    what_ = tr("Offset %1").arg(formatOffset(offset));
    pending_ = 0;
    sending_ = true;
    started(bridge_.locateOffset(offset), what_);
}

void CorrelationView::started(std::uint64_t id, const QString& what)
{
    sending_ = false;
    if (id == 0) return;  // refused, and take() has said why
    pending_ = id;
    loading_->setText(tr("%1: asking the filters and reading what they name\u2026").arg(what));
    pages_->setCurrentIndex(kLoading);
    patience_.start();
}

void CorrelationView::fail(const QString& message)
{
    pending_ = 0;
    patience_.stop();
    error_->setText(message);
    pages_->setCurrentIndex(kError);
}

void CorrelationView::take(const CommandReply& reply)
{
    const bool ours = sending_ ? reply.id == 0 : pending_ != 0 && reply.id == pending_;
    if (!ours) return;
    pending_ = 0;
    patience_.stop();
    if (!reply.ok) {
        fail(reply.message.empty() ? errcSentence(reply.code) : plainText(reply.message));
        return;
    }
    const QString asked =
        tr("%1 segments asked, %2 said maybe")
            .arg(formatCount(reply.segmentsAsked), formatCount(reply.segmentsMaybe));
    if (reply.hits.empty()) {
        nothing_->setText(tr("%1 was not found: %2. It may be older than what the boxes still "
                             "keep.")
                              .arg(what_, asked));
        pages_->setCurrentIndex(kNothing);
        return;
    }
    model_->setHits(reply.hits);
    lanes_->setHits(model_->hits());
    const auto verified = std::count_if(reply.hits.begin(), reply.hits.end(),
                                        [](const LocateHit& hit) { return hit.verified; });
    const auto maybe = static_cast<std::ptrdiff_t>(reply.hits.size()) - verified;
    summary_->setText(tr("%1: %2 verified, %3 maybe").arg(what_).arg(verified).arg(maybe));
    counts_->setText(model_->cut() == 0 ? asked
                                        : tr("%1; the first %2 rows are shown")
                                              .arg(asked, formatCount(LocateHitsModel::kRowsMax)));
    pages_->setCurrentIndex(kResult);
}

void CorrelationView::copyRows() const
{
    QList<int> rows;
    for (const QModelIndex& index : table_->selectionModel()->selectedRows())
        rows << index.row();
    if (rows.isEmpty())
        for (int row = 0; row < model_->rowCount(); ++row)
            rows << row;
    std::sort(rows.begin(), rows.end());
    QStringList lines;
    for (const int row : rows) {
        QStringList cells;
        for (int column = 0; column < model_->columnCount(); ++column)
            cells << model_->index(row, column).data().toString();
        lines << cells.join(u'\t');
    }
    QApplication::clipboard()->setText(lines.join(u'\n'));
}

}  // namespace foreshard::ui
