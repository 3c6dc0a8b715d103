// The views beside the board: their models (bounded, held, plain), the filter, the export, the
// charts' numbers and the search's states.
#include "tests/support/scripted_link.h"
#include "ui/models/checkpoint_table_model.h"
#include "ui/models/event_filter_model.h"
#include "ui/models/event_recovery_model.h"
#include "ui/models/event_table_model.h"
#include "ui/models/locate_hits_model.h"
#include "ui/models/raft_log_model.h"
#include "ui/models/raft_member_model.h"
#include "ui/timeline/timeline_view.h"
#include "ui/views/correlation_view.h"
#include "ui/views/events_view.h"
#include "ui/views/load_charts.h"
#include "ui/views/load_charts_data.h"
#include "ui/views/raft_view.h"

#include <QAbstractItemModelTester>
#include <QChartView>
#include <QLabel>
#include <QLineEdit>
#include <QLineSeries>
#include <QSignalSpy>
#include <QStackedWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QtTest>

using namespace foreshard;
using namespace foreshard::ui;

namespace {

constexpr auto kMode = QAbstractItemModelTester::FailureReportingMode::QtTest;

ClusterSnapshot eventsOf(std::uint64_t snapshotSeq, std::uint64_t from, std::uint64_t count)
{
    ClusterSnapshot snapshot;
    snapshot.seq = snapshotSeq;
    snapshot.wallMs = 1'800'000'000'000;
    for (std::uint64_t i = 0; i < count; ++i) {
        EventSnapshot event;
        event.seq = from + i;
        event.wallMs = snapshot.wallMs;
        event.severity = i % 2 == 0 ? EventSeverity::kInfo : EventSeverity::kError;
        event.kind = "move";
        event.text = "shard " + std::to_string(from + i);
        snapshot.events.push_back(event);
    }
    return snapshot;
}

// A cluster that has run for a while: a move, a lost node.
struct Bench {
    ScriptedLink link;
    EngineBridge bridge{link};
    Theme theme;

    void run(int steps)
    {
        for (int i = 0; i < steps; ++i) {
            link.advance(100);
            QCoreApplication::processEvents();
        }
    }
    void runEventfully()
    {
        run(100);
        bridge.moveShards({ShardId{3}}, NodeId{2});
        run(20);
        bridge.killNode(NodeId{1});
        run(60);
    }
};

bool showsText(const QWidget& widget, const QString& part)
{
    const auto labels = widget.findChildren<QLabel*>();
    return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
        return label->isVisibleTo(&widget) && label->text().contains(part);
    });
}

}  // namespace

class ViewsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void feeds_ofARunningCluster_areValidModels();
    void events_ofOneSnapshot_comeAsOneInsert();
    void events_whilePaused_waitAndAreCounted();
    void events_overTheirBound_dropTheOldest();
    void filter_byTextAndSeverity_keepsWhatMatches();
    void text_fromElsewhere_staysAText();
    void exportCsv_withAFilter_writesTheRowsShown();
    void exportCsv_intoNoFolder_saysWhatToDo();
    void logEntry_ofAMove_isSaidInWords();
    void members_one_saysWhatThatMeans();
    void hits_verifiedAndMaybe_areToldApart();
    void search_byKey_showsItsHits();
    void search_refused_showsTheMessage();
    void search_withoutHits_saysSo();
    void search_lostLink_isAnError();
    void decimate_manySamples_keepsThePeak();
    void stepped_twoValues_makesACorner();
    void charts_tenMinutes_stayBelowTheirPoints();
    void views_withoutAnEngine_sayWhatWouldBeHere();
};

void ViewsTest::feeds_ofARunningCluster_areValidModels()
{
    Bench bench;
    EventTableModel events{bench.theme};
    EventRecoveryModel recoveries;
    RaftLogModel log;
    RaftMemberModel members;
    CheckpointTableModel checkpoints;
    EventFilterModel filter;
    filter.setSourceModel(&events);
    for (QAbstractItemModel* model :
         {static_cast<QAbstractItemModel*>(&events), static_cast<QAbstractItemModel*>(&recoveries),
          static_cast<QAbstractItemModel*>(&log), static_cast<QAbstractItemModel*>(&members),
          static_cast<QAbstractItemModel*>(&checkpoints),
          static_cast<QAbstractItemModel*>(&filter)})
        new QAbstractItemModelTester{model, kMode, model};
    connect(&bench.bridge, &EngineBridge::snapshotChanged, this, [&] {
        events.observe(bench.bridge.history());
        recoveries.observe(bench.bridge.history());
        log.observe(bench.bridge.history());
        members.observe(bench.bridge.snapshot()->raft);
        checkpoints.observe(bench.bridge.history());
    });
    bench.runEventfully();
    QVERIFY(events.rowCount() > 0);
    QVERIFY(recoveries.rowCount() > 0);
    QVERIFY(log.rowCount() > 0);
    QCOMPARE(members.rowCount(), static_cast<int>(bench.bridge.snapshot()->raft.members.size()));
    QCOMPARE(static_cast<std::size_t>(checkpoints.rowCount()),
             bench.bridge.history().checkpoints().size());
}

void ViewsTest::events_ofOneSnapshot_comeAsOneInsert()
{
    Theme theme;
    EventTableModel model{theme};
    QAbstractItemModelTester tester{&model, kMode};
    QSignalSpy inserts{&model, &QAbstractItemModel::rowsInserted};
    SnapshotHistory history;
    history.add(eventsOf(1, 1, 12));
    model.observe(history);
    model.observe(history);
    QCOMPARE(inserts.count(), 1);
    QCOMPARE(model.rowCount(), 12);
    QCOMPARE(model.rowAt(0).seq, std::uint64_t{12});
}

void ViewsTest::events_whilePaused_waitAndAreCounted()
{
    Theme theme;
    EventTableModel model{theme};
    SnapshotHistory history;
    history.add(eventsOf(1, 1, 3));
    model.observe(history);
    model.setPaused(true);
    history.add(eventsOf(2, 4, 12));
    model.observe(history);
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(model.waiting(), 12);
    model.setPaused(false);
    QCOMPARE(model.rowCount(), 15);
    QCOMPARE(model.waiting(), 0);
    QCOMPARE(model.rowAt(0).seq, std::uint64_t{15});
}

void ViewsTest::events_overTheirBound_dropTheOldest()
{
    Theme theme;
    EventTableModel model{theme};
    QAbstractItemModelTester tester{&model, kMode};
    SnapshotHistory history;
    for (std::uint64_t i = 0; i < 22; ++i) {
        history.add(eventsOf(i + 1, i * 250 + 1, 250));
        model.observe(history);
    }
    QCOMPARE(model.rowCount(), static_cast<int>(EventTableModel::kRowsMax));
    QCOMPARE(model.rowAt(0).seq, std::uint64_t{5'500});
}

void ViewsTest::filter_byTextAndSeverity_keepsWhatMatches()
{
    Theme theme;
    EventTableModel model{theme};
    EventFilterModel filter;
    filter.setSourceModel(&model);
    SnapshotHistory history;
    history.add(eventsOf(1, 1, 20));
    model.observe(history);
    filter.setText(QStringLiteral("SHARD 1"));
    QCOMPARE(filter.rowCount(), 11);  // 1 and 10 to 19
    filter.setLeastSeverity(EventSeverity::kError);
    QCOMPARE(filter.rowCount(), 5);
    filter.setText({});
    QCOMPARE(filter.rowCount(), 10);
}

void ViewsTest::text_fromElsewhere_staysAText()
{
    Theme theme;
    EventTableModel model{theme};
    ClusterSnapshot snapshot = eventsOf(1, 1, 1);
    snapshot.events[0].text = "<b>not bold</b>\n";
    SnapshotHistory history;
    history.add(snapshot);
    model.observe(history);
    const QModelIndex cell = model.index(0, EventTableModel::kText);
    QVERIFY(cell.data().toString().startsWith(QStringLiteral("<b>not bold</b>")));
    QVERIFY(!cell.data().toString().contains(u'\n'));
    QVERIFY(cell.data(Qt::ToolTipRole).toString().contains(QStringLiteral("&lt;b&gt;")));
}

void ViewsTest::exportCsv_withAFilter_writesTheRowsShown()
{
    Bench bench;
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
    Bench bench;
    const EventsView view{bench.bridge, bench.theme};
    const Status status = view.exportCsv(QStringLiteral("no-such-folder/rows.csv"));
    QVERIFY(!status.ok());
    QVERIFY(status.error().message.find("choose another folder") != std::string::npos);
}

void ViewsTest::logEntry_ofAMove_isSaidInWords()
{
    RaftLogRow row;
    row.entry.kind = AssignmentEntryKind::kAssign;
    ShardAssignment shard;
    shard.shard = ShardId{17};
    shard.node = NodeId{2};
    shard.epoch = Epoch{4};
    row.entry.shards = {shard};
    row.before = {{ShardId{17}, NodeId{0}}};
    QCOMPARE(payloadText(row), QStringLiteral("shard 17: node 0 \u2192 node 2, epoch 4"));
    row.before.clear();
    QCOMPARE(payloadText(row), QStringLiteral("shard 17: node 2, epoch 4"));
    row.entry.shards.assign(5, shard);
    QVERIFY(payloadText(row).endsWith(QStringLiteral("and 2 more")));
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

void ViewsTest::hits_verifiedAndMaybe_areToldApart()
{
    LocateHitsModel model;
    QAbstractItemModelTester tester{&model, kMode};
    LocateHit maybe;
    maybe.shard = ShardId{1};
    LocateHit verified = maybe;
    verified.verified = true;
    verified.shard = ShardId{2};
    verified.records = 1;
    model.setHits({maybe, verified});
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.index(0, 0).data().toString(), certaintyText(true));
    QCOMPARE(model.index(1, 0).data().toString(), certaintyText(false));
    QCOMPARE(model.index(1, LocateHitsModel::kRecords).data().toString(),
             QStringLiteral("not read"));
}

void ViewsTest::search_byKey_showsItsHits()
{
    Bench bench;
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
    Bench bench;
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
    Bench bench;
    bench.run(5);
    CorrelationView view{bench.bridge, bench.theme};
    view.show();
    view.searchKey({});
    bench.run(5);
    QVERIFY(showsText(view, QStringLiteral("was not found")));
}

void ViewsTest::search_lostLink_isAnError()
{
    Bench bench;
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
    Bench bench;
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
    Bench bench;
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
