#pragma once
// The answer to "where is this record, or this key": one row per frame that holds it for certain
// or, by its filter, perhaps. A plain table, set whole with each answer.
#include "engine/model/command.h"

#include <QAbstractTableModel>

#include <vector>

namespace foreshard::ui {

QString certaintyText(bool verified);  // "✔ verified" or "? maybe"

class LocateHitsModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    static constexpr std::size_t kRowsMax = 10'000;
    enum Column {
        kCertainty,
        kShard,
        kBox,
        kFrame,
        kOffsets,
        kRecords,
        kCheckpoint,
        kFile,
        kColumns
    };

    explicit LocateHitsModel(QObject* parent = nullptr);
    // Verified ones first, then by shard and frame; more than kRowsMax are cut, see cut().
    void setHits(std::vector<LocateHit> hits);
    const std::vector<LocateHit>& hits() const { return hits_; }
    std::size_t cut() const { return cut_; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    std::vector<LocateHit> hits_;
    std::size_t cut_ = 0;
};

}  // namespace foreshard::ui
