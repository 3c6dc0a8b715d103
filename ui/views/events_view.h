#pragma once
// The Events page: what happened (filtered by text and severity) and the recoveries with the time
// each part took. Rows never move under the pointer. The visible rows can be saved as CSV.
#include "engine/base/result.h"
#include "ui/bridge/engine_bridge.h"
#include "ui/theme/theme.h"

#include <QWidget>

class QAbstractItemModel;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;
class QTableView;
class QTabWidget;

namespace foreshard::ui {

class EventFilterModel;
class EventRecoveryModel;
class EventTableModel;

// RFC 4180 with a header line; what the table shows, in its order.
QByteArray csvOf(const QAbstractItemModel& model);

class EventsView final : public QWidget {
    Q_OBJECT
public:
    explicit EventsView(EngineBridge& bridge, const Theme& theme, QWidget* parent = nullptr);

    // Writes the visible rows of the tab shown; a former file stays whole when that fails.
    Status exportCsv(const QString& path) const;

protected:
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* buildEvents();
    QWidget* buildRecoveries();
    QTableView* buildTable(QAbstractItemModel* model, const QString& name);
    void refresh();
    void showCounts();
    void askAndExport();

    EngineBridge& bridge_;
    const Theme& theme_;
    EventTableModel* events_;
    EventFilterModel* filter_;
    EventRecoveryModel* recoveries_;
    QTabWidget* tabs_;
    QTableView* eventTable_ = nullptr;
    QTableView* recoveryTable_ = nullptr;
    QStackedWidget* eventPages_ = nullptr;
    QStackedWidget* recoveryPages_ = nullptr;
    QLabel* eventEmpty_ = nullptr;
    QLabel* counts_ = nullptr;
    QLabel* exported_ = nullptr;
    QLineEdit* search_ = nullptr;
    QComboBox* severity_ = nullptr;
    QPushButton* fresh_ = nullptr;
};

}  // namespace foreshard::ui
