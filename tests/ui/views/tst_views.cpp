// The views beside the board: the export, the charts' numbers and the search's states.
#include "tests/support/console_bench.h"
#include "tests/support/shown_words.h"
#include "ui/timeline/timeline_view.h"
#include "ui/views/correlation_view.h"
#include "ui/views/events_view.h"
#include "ui/views/load_charts.h"
#include "ui/views/load_charts_data.h"
#include "ui/views/raft_view.h"

#include <QChartView>
#include <QLineEdit>
#include <QLineSeries>
#include <QStackedWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QtTest>

using namespace foreshard;
using namespace foreshard::ui;

class ViewsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void exportCsv_withAFilter_writesTheRowsShown();
    void exportCsv_intoNoFolder_saysWhatToDo();
    void members_one_saysWhatThatMeans();
    void search_byKey_showsItsHits();
    void search_refused_showsTheMessage();
    void search_withoutHits_saysSo();
    void search_lostLink_isAnError();
    void decimate_manySamples_keepsThePeak();
    void stepped_twoValues_makesACorner();
    void charts_tenMinutes_stayBelowTheirPoints();
    void views_withoutAnEngine_sayWhatWouldBeHere();
};

void ViewsTest::exportCsv_withAFilter_writesTheRowsShown()
{
    ConsoleBench bench;
    bench.runEventfully();
    EventsView view{bench.bridge, bench.theme};
    view.show();
    view.findChild<QLineEdit*>()->setText(QStringLiteral("killed"));
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("rows.csv"));
    QVERIFY(view.exportCsv(path).ok());
    QFile file{path};
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QList<QByteArray> lines = file.readAll().trimmed().split('\n');
    QVERIFY(lines.size() >= 2);
    QVERIFY(lines[0].startsWith("\"Time (UTC)\","));
    for (qsizetype i = 1; i < lines.size(); ++i)
        QVERIFY(lines[i].contains("killed"));
}

void ViewsTest::exportCsv_intoNoFolder_saysWhatToDo()
{
    ConsoleBench bench;
    const EventsView view{bench.bridge, bench.theme};
    const Status status = view.exportCsv(QStringLiteral("no-such-folder/rows.csv"));
    QVERIFY(!status.ok());
    QVERIFY(status.error().message.find("choose another folder") != std::string::npos);
}

void ViewsTest::members_one_saysWhatThatMeans()
{
    RaftSnapshot raft;
    raft.members.push_back({.id = 1, .role = "leader", .match = 9, .lastHeardMs = 0});
    QVERIFY(membershipText(raft).startsWith(QStringLiteral("1 member: every commit is durable")));
    raft.members.push_back({.id = 2, .role = "follower", .match = 9, .lastHeardMs = 5});
    raft.members.push_back({.id = 3, .role = "follower", .match = 8, .lastHeardMs = 5});
    QVERIFY(membershipText(raft).contains(QStringLiteral("1 may fail")));
}

void ViewsTest::search_byKey_showsItsHits()
{
    ConsoleBench bench;
    bench.run(5);
    CorrelationView view{bench.bridge, bench.theme};
    view.show();
    view.searchKey(QStringLiteral("sensor-42"));
    bench.run(5);
    QVERIFY(showsText(view, QStringLiteral("Key sensor-42: 2 verified, 1 maybe")));
    QVERIFY(showsText(view, QStringLiteral("24 segments asked, 3 said maybe")));
}

void ViewsTest::search_refused_showsTheMessage()
{
    ConsoleBench bench;
    bench.run(5);
    CorrelationView view{bench.bridge, bench.theme};
    view.show();
    bench.link.refuseNext(Errc::kCorrupt, "locate: box 1 is damaged: verify it");
    view.searchOffset(17);
    bench.run(5);
    QVERIFY(showsText(view, QStringLiteral("box 1 is damaged")));
    bench.link.fillQueue();
    view.searchOffset(18);
    QVERIFY(showsText(view, QStringLiteral("queue is full")));
}

void ViewsTest::search_withoutHits_saysSo()
{
    ConsoleBench bench;
    bench.run(5);
    CorrelationView view{bench.bridge, bench.theme};
    view.show();
    view.searchKey({});
    bench.run(5);
    QVERIFY(showsText(view, QStringLiteral("was not found")));
}

void ViewsTest::search_lostLink_isAnError()
{
    ConsoleBench bench;
    bench.run(5);
    CorrelationView view{bench.bridge, bench.theme};
    view.show();
    view.searchKey(QStringLiteral("a"));
    bench.link.takeReplies();  // the answer never arrives
    bench.link.setState(LinkState::kLost, "gone");
    QCoreApplication::processEvents();
    QVERIFY(showsText(view, QStringLiteral("link to the engine was lost")));
}

void ViewsTest::decimate_manySamples_keepsThePeak()
{
    std::vector<LoadSample> samples(6'000);
    for (std::size_t i = 0; i < samples.size(); ++i) {
        samples[i].wallMs = static_cast<WallMillis>(i) * 100;
        samples[i].actual = i == 3'456 ? 990 : 100;
    }
    const auto points = decimate(samples, 0, 600'000, 600,
                                 [](const LoadSample& one) { return double(one.actual); });
    QVERIFY(points.size() <= 600);
    QVERIFY(std::any_of(points.begin(), points.end(),
                        [](const ChartPoint& point) { return point.value == 990; }));
    QVERIFY(std::is_sorted(points.begin(), points.end(),
                           [](const auto& a, const auto& b) { return a.timeMs < b.timeMs; }));
}

void ViewsTest::stepped_twoValues_makesACorner()
{
    const std::vector<ChartPoint> line{{0, 500}, {1, 500}, {2, 500}, {3, 100}, {4, 100}};
    const std::vector<ChartPoint> corners{{0, 500}, {2, 500}, {3, 500}, {3, 100}, {4, 100}};
    QCOMPARE(stepped(line), corners);
    QCOMPARE(axisEnd(37, 20), 40.0);
    QCOMPARE(axisEnd(5, 20), 20.0);
}

void ViewsTest::charts_tenMinutes_stayBelowTheirPoints()
{
    ConsoleBench bench;
    bench.run(300);
    LoadChartsView view{bench.bridge, bench.theme};
    view.resize(1280, 800);
    view.show();
    bench.bridge.selectShard(ShardId{2});
    bench.run(3);
    for (const QChartView* chart : view.findChildren<QChartView*>()) {
        QVERIFY(!chart->accessibleName().isEmpty());
        QVERIFY(!chart->accessibleDescription().isEmpty());
        for (const QAbstractSeries* series : chart->chart()->series())
            if (const auto* line = qobject_cast<const QLineSeries*>(series); line != nullptr) {
                QVERIFY(line->count() > 0);
                QVERIFY(static_cast<std::size_t>(line->count()) <= 2 * LoadChartsView::kPointsMax);
            }
    }
}

void ViewsTest::views_withoutAnEngine_sayWhatWouldBeHere()
{
    ConsoleBench bench;
    TimelineView timeline{bench.bridge, bench.theme};
    LoadChartsView charts{bench.bridge, bench.theme};
    RaftView raft{bench.bridge, bench.theme};
    CorrelationView correlation{bench.bridge, bench.theme};
    EventsView events{bench.bridge, bench.theme};
    QVERIFY(showsText(timeline, QStringLiteral("No shards yet")));
    QVERIFY(showsText(charts, QStringLiteral("No load yet")));
    QVERIFY(showsText(raft, QStringLiteral("No assignment log yet")));
    QVERIFY(showsText(correlation, QStringLiteral("Find where a record is")));
    QVERIFY(showsText(events, QStringLiteral("No events yet")));
}

QTEST_MAIN(ViewsTest)
#include "tst_views.moc"
