#include "ui/models/locate_hits_model.h"

#include "ui/models/event_feed_model.h"
#include "ui/theme/formatting.h"

#include <QFontDatabase>

#include <algorithm>
#include <tuple>

namespace foreshard::ui {

namespace {

bool isNumber(int column)
{
    return column == LocateHitsModel::kShard || column == LocateHitsModel::kBox
           || column == LocateHitsModel::kFrame || column == LocateHitsModel::kRecords
           || column == LocateHitsModel::kCheckpoint || column == LocateHitsModel::kOffsets;
}

QString cell(const LocateHit& hit, int column)
{
    switch (column) {
        case LocateHitsModel::kCertainty:
            return certaintyText(hit.verified);
        case LocateHitsModel::kShard:
            return QString::number(hit.shard.value);
        case LocateHitsModel::kBox:
            return QString::number(hit.box.value);
        case LocateHitsModel::kFrame:
            return hit.n == 0 ? QString{} : formatCount(hit.n);
        case LocateHitsModel::kOffsets:
            if (!hit.verified) return QObject::tr("not read");
            if (hit.firstOffset == hit.lastOffset) return formatCount(hit.firstOffset);
            return QStringLiteral("%1 \u2013 %2")
                .arg(formatCount(hit.firstOffset), formatCount(hit.lastOffset));
        case LocateHitsModel::kRecords:
            return hit.verified ? formatCount(hit.records) : QObject::tr("not read");
        case LocateHitsModel::kCheckpoint:
            if (!hit.verified && hit.checkpoint.value == 0) return QObject::tr("not read");
            return hit.checkpoint.value == 0 ? QObject::tr("none yet")
                                             : QString::number(hit.checkpoint.value);
        case LocateHitsModel::kFile:
            return QStringLiteral("%1:%2").arg(plainText(hit.file)).arg(hit.position);
        default:
            return {};
    }
}

}  // namespace

QString certaintyText(bool verified)
{
    return verified ? QObject::tr("\u2714 verified") : QObject::tr("? maybe");
}

LocateHitsModel::LocateHitsModel(QObject* parent) : QAbstractTableModel(parent) {}

void LocateHitsModel::setHits(std::vector<LocateHit> hits)
{
    std::sort(hits.begin(), hits.end(), [](const LocateHit& a, const LocateHit& b) {
        return std::tuple(!a.verified, a.shard, a.n, a.position)
               < std::tuple(!b.verified, b.shard, b.n, b.position);
    });
    beginResetModel();
    cut_ = hits.size() > kRowsMax ? hits.size() - kRowsMax : 0;
    hits.resize(hits.size() - cut_);
    hits_ = std::move(hits);
    endResetModel();
}

int LocateHitsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(hits_.size());
}

int LocateHitsModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : kColumns;
}

QVariant LocateHitsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment{Qt::AlignVCenter}
                                   | (isNumber(section) ? Qt::AlignRight : Qt::AlignLeft));
    if (role != Qt::DisplayRole) return {};
    switch (section) {
        case kCertainty:
            return tr("Certainty");
        case kShard:
            return tr("Shard");
        case kBox:
            return tr("Box");
        case kFrame:
            return tr("Frame n");
        case kOffsets:
            return tr("Offsets");
        case kRecords:
            return tr("Records");
        case kCheckpoint:
            return tr("Checkpoint");
        case kFile:
            return tr("File and position");
        default:
            return {};
    }
}

QVariant LocateHitsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const LocateHit& hit = hits_[static_cast<std::size_t>(index.row())];
    switch (role) {
        case Qt::DisplayRole:
            return cell(hit, index.column());
        case Qt::ToolTipRole:
            return tipCell(cell(hit, index.column()));
        case Qt::TextAlignmentRole:
            return QVariant::fromValue(
                Qt::Alignment{Qt::AlignVCenter}
                | (isNumber(index.column()) ? Qt::AlignRight : Qt::AlignLeft));
        case Qt::FontRole:
            if (isNumber(index.column()) || index.column() == kFile)
                return QFontDatabase::systemFont(QFontDatabase::FixedFont);
            return {};
        default:
            return {};
    }
}

}  // namespace foreshard::ui
