#pragma once
// Events that match a typed text and a least severity; keeps the order of its source.
#include "engine/model/snapshot.h"

#include <QSortFilterProxyModel>

namespace foreshard::ui {

class EventFilterModel final : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit EventFilterModel(QObject* parent = nullptr);
    void setText(const QString& text);  // anywhere in a row, whatever its case
    void setLeastSeverity(EventSeverity severity);
    bool filtering() const { return !text_.isEmpty() || least_ != EventSeverity::kInfo; }

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    QString text_;
    EventSeverity least_ = EventSeverity::kInfo;
};

}  // namespace foreshard::ui
