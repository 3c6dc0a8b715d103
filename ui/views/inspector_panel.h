#pragma once
// Everything about the selected shard or node, in words and figures, with the acts that can be
// done to it. Figures change in place; the layout never jumps. Qt thread only.
#include "ui/bridge/engine_bridge.h"
#include "ui/theme/theme.h"

#include <QWidget>

class QFormLayout;
class QLabel;
class QPushButton;
class QStackedWidget;

namespace foreshard::ui {

class InspectorPanel final : public QWidget {
    Q_OBJECT

public:
    InspectorPanel(EngineBridge& bridge, const Theme& theme, QWidget* parent = nullptr);

    void refresh();
    void applyTheme();

Q_SIGNALS:
    void moveRequested();
    void intervalRequested(QPoint global);
    void checkpointRequested();
    void killRequested(foreshard::NodeId node);

private:
    struct Page {
        QWidget* widget = nullptr;
        QLabel* title = nullptr;
        QLabel* lead = nullptr;  // class or state, in words
        QLabel* big = nullptr;   // the one number that matters
        QLabel* bigNote = nullptr;
        QFormLayout* form = nullptr;
        QList<QLabel*> values;
    };

    Page makePage(const QStringList& names);
    void buildEmpty();
    void buildShardPage();
    void buildNodePage();
    QPushButton* addButton(Page& page, const QString& text);
    void showShard(const ShardSnapshot& shard);
    void showNode(const NodeSnapshot& node);
    void setLead(Page& page, const QString& text, const QColor& ink);

    EngineBridge& bridge_;
    const Theme& theme_;
    QStackedWidget* pages_ = nullptr;
    QLabel* empty_ = nullptr;
    Page shardPage_;
    Page nodePage_;
    QPushButton* kill_ = nullptr;
};

}  // namespace foreshard::ui
