#pragma once
// A bounded table of things that happen, newest first: events, recoveries, log entries,
// checkpoints. One insertRows per batch. While paused (the pointer is inside the list) new rows
// wait, so that nothing moves under the pointer; they are counted and come in when released.
#include "ui/theme/formatting.h"

#include <QAbstractTableModel>
#include <QFontDatabase>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <vector>

namespace foreshard::ui {

// For columns whose header names the zone: 2026-01-31 10:31:04.210.
inline QString utcCell(WallMillis wallMs)
{
    return formatDateTime(wallMs).chopped(4);  // " UTC"
}

// Tool tips guess whether a text is markup; a text from elsewhere must stay a text.
inline QString tipCell(const QString& text)
{
    return QStringLiteral("<qt>%1</qt>").arg(text.toHtmlEscaped());
}

struct FeedColumn {
    QString title;
    bool number = false;     // right-aligned
    bool monospace = false;  // ids, offsets, file names
};

// Row is a plain value. A subclass says what a cell reads; the text shown is also what is sorted,
// filtered and exported.
template <class Row>
class EventFeedModel : public QAbstractTableModel {
public:
    EventFeedModel(std::vector<FeedColumn> columns, std::size_t rowsMax, QObject* parent)
        : QAbstractTableModel(parent), columns_(std::move(columns)), rowsMax_(rowsMax)
    {
    }

    // `fresh` is oldest first and newer than all that was taken before.
    void take(const std::vector<Row>& fresh)
    {
        if (fresh.empty()) return;
        for (const Row& row : fresh)
            waiting_.push_front(row);
        while (waiting_.size() > rowsMax_)
            waiting_.pop_back();
        if (!paused_) insertWaiting();
        if (waitingChanged) waitingChanged();
    }
    // The same from a history's deque: what came after the last call, by position (`dropped` of the
    // oldest are gone). A new `generation` starts over. `row` makes a Row of an item.
    template <class Item, class MakeRow>
    void takeNewer(const std::deque<Item>& items, std::uint64_t dropped, std::uint64_t generation,
                   MakeRow row)
    {
        takeNewerIf(
            items, dropped, generation, [](const Item&) { return true; }, row);
    }
    // Only those that are wanted.
    template <class Item, class Wanted, class MakeRow>
    void takeNewerIf(const std::deque<Item>& items, std::uint64_t dropped, std::uint64_t generation,
                     Wanted wanted, MakeRow row)
    {
        if (generation != generation_) {
            clear();
            next_ = 0;
            generation_ = generation;
        }
        const std::uint64_t end = dropped + items.size();
        std::vector<Row> fresh;
        for (std::uint64_t at = std::max(next_, dropped); at < end; ++at) {
            const Item& item = items[static_cast<std::size_t>(at - dropped)];
            if (wanted(item)) fresh.push_back(row(item));
        }
        next_ = end;
        take(fresh);
    }
    void setPaused(bool paused)
    {
        paused_ = paused;
        if (!paused_) insertWaiting();
        if (waitingChanged) waitingChanged();
    }
    void clear()
    {
        beginResetModel();
        rows_.clear();
        waiting_.clear();
        endResetModel();
        if (waitingChanged) waitingChanged();
    }
    int waiting() const { return static_cast<int>(waiting_.size()); }
    const Row& rowAt(int row) const { return rows_[static_cast<std::size_t>(row)]; }

    // Called after waiting() may have changed; at most one listener, which outlives the model.
    std::function<void()> waitingChanged;

    int rowCount(const QModelIndex& parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(rows_.size());
    }
    int columnCount(const QModelIndex& parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(columns_.size());
    }
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override
    {
        if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
        const FeedColumn& column = columns_[static_cast<std::size_t>(section)];
        if (role == Qt::DisplayRole) return column.title;
        if (role == Qt::TextAlignmentRole) return alignment(column);
        return {};
    }
    QVariant data(const QModelIndex& index, int role) const override
    {
        if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
        const FeedColumn& column = columns_[static_cast<std::size_t>(index.column())];
        switch (role) {
            case Qt::DisplayRole:
                return cell(rowAt(index.row()), index.column());
            case Qt::ToolTipRole:
                return tipCell(cell(rowAt(index.row()), index.column()));
            case Qt::TextAlignmentRole:
                return alignment(column);
            case Qt::FontRole:
                if (column.monospace) return QFontDatabase::systemFont(QFontDatabase::FixedFont);
                return {};
            default:
                return special(rowAt(index.row()), index.column(), role);
        }
    }

protected:
    virtual QString cell(const Row& row, int column) const = 0;
    // Colours and the like; nothing by default.
    virtual QVariant special(const Row&, int, int) const { return {}; }

private:
    static QVariant alignment(const FeedColumn& column)
    {
        return QVariant::fromValue(Qt::Alignment{Qt::AlignVCenter}
                                   | (column.number ? Qt::AlignRight : Qt::AlignLeft));
    }
    void insertWaiting()
    {
        if (waiting_.empty()) return;
        const auto fresh = static_cast<int>(waiting_.size());
        const int keep = static_cast<int>(rowsMax_) - fresh;
        if (const int rows = rowCount(); rows > keep) {
            beginRemoveRows({}, keep, rows - 1);
            rows_.resize(static_cast<std::size_t>(keep));
            endRemoveRows();
        }
        beginInsertRows({}, 0, fresh - 1);
        rows_.insert(rows_.begin(), waiting_.begin(), waiting_.end());
        waiting_.clear();
        endInsertRows();
    }

    std::vector<FeedColumn> columns_;
    std::size_t rowsMax_;
    std::deque<Row> rows_;     // newest first
    std::deque<Row> waiting_;  // newest first
    bool paused_ = false;
    std::uint64_t next_ = 0;
    std::uint64_t generation_ = 0;
};

}  // namespace foreshard::ui
