#pragma once
// The Correlation page: where a record (by its offset) or the records of a key are. Hits are told
// apart: "maybe" is a segment's filter, "verified" was read and compared.
#include "ui/bridge/engine_bridge.h"
#include "ui/theme/theme.h"

#include <QTimer>
#include <QWidget>

#include <cstdint>

class QComboBox;
class QFrame;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;
class QTableView;

namespace foreshard::ui {

class HitLanes;
class LocateHitsModel;

class CorrelationView final : public QWidget {
    Q_OBJECT
public:
    // The engine reads segments to verify; this long without an answer is reported.
    static constexpr int kAnswerMsMax = 30'000;

    explicit CorrelationView(EngineBridge& bridge, const Theme& theme, QWidget* parent = nullptr);

    void searchKey(const QString& key);
    void searchOffset(Offset offset);

private:
    enum Page {
        kIdle,
        kLoading,
        kError,
        kNothing,
        kResult
    };

    void buildQuery();
    QWidget* buildMessage(QLabel** text);
    QWidget* buildError();
    QWidget* buildResult();
    void applyTheme();
    void modeChanged();
    void checkInput();
    void search();
    void started(std::uint64_t id, const QString& what);
    void take(const CommandReply& reply);
    void fail(const QString& message);
    void copyRows() const;

    EngineBridge& bridge_;
    const Theme& theme_;
    LocateHitsModel* model_;
    QWidget* query_ = nullptr;
    QComboBox* mode_ = nullptr;
    QLineEdit* input_ = nullptr;
    QLabel* hint_ = nullptr;
    QPushButton* find_ = nullptr;
    QStackedWidget* pages_ = nullptr;
    QLabel* loading_ = nullptr;
    QLabel* nothing_ = nullptr;
    QLabel* error_ = nullptr;
    QLabel* summary_ = nullptr;
    QLabel* counts_ = nullptr;
    HitLanes* lanes_ = nullptr;
    QTableView* table_ = nullptr;
    QTimer patience_;
    QString what_;  // what is or was searched for, in words
    std::uint64_t pending_ = 0;
    bool sending_ = false;  // an answer may come before the command's id is known
};

}  // namespace foreshard::ui
