#include "ui/widgets/term_strip.h"

#include "ui/theme/formatting.h"

#include <QPainter>

#include <algorithm>

namespace foreshard::ui {

namespace {
constexpr WallMillis kWindowMs = 600'000;
constexpr double kTop = 24;
constexpr double kHeight = 20;
}  // namespace

TermStrip::TermStrip(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setObjectName(QStringLiteral("terms"));
    setAccessibleName(tr("Terms over time"));
    connect(&theme_, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void TermStrip::observe(const SnapshotHistory& history, WallMillis nowMs)
{
    segments_.clear();
    commits_.clear();
    nowMs_ = nowMs;
    log_ = false;
    const auto& samples = history.cluster();
    startMs_ = std::max(nowMs - kWindowMs, samples.empty() ? nowMs : samples.front().wallMs);
    LogIndex commit = samples.empty() ? 0 : samples.front().commit;
    for (const ClusterSample& sample : samples) {
        if (segments_.empty() || segments_.back().term != sample.term)
            segments_.push_back({.term = sample.term, .fromMs = sample.wallMs});
        if (sample.commit != commit) commits_.push_back(sample.wallMs);
        commit = sample.commit;
    }
    setAccessibleDescription(sentence());
    update();
}

void TermStrip::observeLog(const SnapshotHistory& history, WallMillis nowMs)
{
    segments_.clear();
    commits_.clear();
    log_ = true;
    const auto& entries = history.logEntries();
    startMs_ = entries.empty() ? nowMs : entries.front().wallMs;
    nowMs_ = nowMs;
    for (const AssignmentEntry& entry : entries) {
        if (segments_.empty() || segments_.back().term != entry.term)
            segments_.push_back({.term = entry.term, .fromMs = entry.wallMs});
        commits_.push_back(entry.wallMs);
    }
    setAccessibleDescription(sentence());
    update();
}

QString TermStrip::timeText(WallMillis wallMs) const
{
    // The log of a directory may have been written over days.
    return log_ ? formatDateTime(wallMs).left(19) : formatTime(wallMs).left(8);
}

QString TermStrip::logSentence() const
{
    if (commits_.size() == 1)
        return tr("1 commit at %1 UTC, in term %2.")
            .arg(timeText(commits_.front()))
            .arg(segments_.front().term);
    const QString span = tr("%1 commits from %2 to %3 UTC")
                             .arg(formatCount(commits_.size()))
                             .arg(timeText(commits_.front()), timeText(commits_.back()));
    return segments_.size() == 1 ? tr("%1, all in term %2.").arg(span).arg(segments_.front().term)
                                 : tr("%1, in %2 terms.").arg(span).arg(segments_.size());
}

double TermStrip::xOf(WallMillis wallMs) const
{
    const double span = std::max<double>(1, static_cast<double>(nowMs_ - startMs_));
    return static_cast<double>(wallMs - startMs_) / span * width();
}

QString TermStrip::sentence() const
{
    if (segments_.empty()) return tr("No term seen yet.");
    if (log_) return logSentence();
    const Segment& last = segments_.back();
    if (segments_.size() == 1)
        return tr("No election since %1 UTC; %2 commits in that time.")
            .arg(formatTime(last.fromMs).left(8))
            .arg(commits_.size());
    return tr("%1 elections since %2 UTC; term %3 began at %4.")
        .arg(segments_.size() - 1)
        .arg(formatTime(segments_.front().fromMs).left(8))
        .arg(last.term)
        .arg(formatTime(last.fromMs).left(8));
}

void TermStrip::paintEvent(QPaintEvent*)
{
    QPainter painter{this};
    const Tokens& tokens = theme_.tokens();
    painter.setFont(theme_.label());
    painter.setPen(tokens.textSoft);
    painter.drawText(QRectF{0, 0, double(width()), kTop - 4}, Qt::AlignLeft | Qt::AlignVCenter,
                     sentence());
    if (segments_.empty()) return;
    QColor fill = tokens.accent;
    fill.setAlphaF(0.22F);
    for (std::size_t i = 0; i < segments_.size(); ++i) {
        const double x0 = std::max(0.0, xOf(segments_[i].fromMs));
        const double x1 = i + 1 < segments_.size() ? xOf(segments_[i + 1].fromMs) : width();
        if (x1 <= 0) continue;
        const QRectF box{x0, kTop, x1 - x0 - 1, kHeight};
        painter.fillRect(box, fill);
        painter.fillRect(QRectF{x0, kTop, 2, kHeight}, tokens.accent);
        painter.setPen(tokens.text);
        painter.drawText(box.adjusted(8, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                         tr("term %1").arg(segments_[i].term));
    }
    for (const WallMillis commit : commits_)
        painter.fillRect(QRectF{std::round(xOf(commit)), kTop + kHeight - 6, 1, 6}, tokens.text);
    painter.setPen(tokens.textFaint);
    const QRectF times{0, kTop + kHeight, double(width()), height() - kTop - kHeight};
    painter.drawText(times, Qt::AlignLeft | Qt::AlignVCenter, timeText(startMs_));
    painter.drawText(times, Qt::AlignCenter, tr("small ticks are commits"));
    painter.drawText(times, Qt::AlignRight | Qt::AlignVCenter, tr("%1 UTC").arg(timeText(nowMs_)));
}

}  // namespace foreshard::ui
