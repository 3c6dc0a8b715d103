#include "ui/views/pages.h"

#include "ui/board/board_view.h"
#include "ui/timeline/timeline_view.h"
#include "ui/views/correlation_view.h"
#include "ui/views/events_view.h"
#include "ui/views/load_charts.h"
#include "ui/views/raft_view.h"

namespace foreshard::ui {
namespace {

template <class View>
QWidget* make(EngineBridge& bridge, const Theme& theme, QWidget* parent)
{
    return new View(bridge, theme, parent);
}

}  // namespace

std::vector<Page> pages()
{
    return {
        {QStringLiteral("board"), QObject::tr("Board"), make<BoardView>},
        {QStringLiteral("timeline"), QObject::tr("Timeline"), make<TimelineView>},
        {QStringLiteral("charts"), QObject::tr("Charts"), make<LoadChartsView>},
        {QStringLiteral("raft"), QObject::tr("Raft"), make<RaftView>},
        {QStringLiteral("correlation"), QObject::tr("Correlation"), make<CorrelationView>},
        {QStringLiteral("events"), QObject::tr("Events"), make<EventsView>},
    };
}

}  // namespace foreshard::ui
