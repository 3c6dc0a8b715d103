// The rows of the tables: bounded, held while somebody reads, plain, and models as Qt wants them.
#include "tests/support/console_bench.h"
#include "tests/support/still_link.h"
#include "ui/models/checkpoint_table_model.h"
#include "ui/models/event_filter_model.h"
#include "ui/models/event_recovery_model.h"
#include "ui/models/event_table_model.h"
#include "ui/models/locate_hits_model.h"
#include "ui/models/raft_log_model.h"
#include "ui/models/raft_member_model.h"
#include "ui/models/shard_table_model.h"
#include "ui/theme/formatting.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
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

}  // namespace

class ModelsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void feeds_ofARunningCluster_areValidModels();
    void events_ofOneSnapshot_comeAsOneInsert();
    void events_whilePaused_waitAndAreCounted();
    void events_overTheirBound_dropTheOldest();
    void filter_byTextAndSeverity_keepsWhatMatches();
    void text_fromElsewhere_staysAText();
    void logEntry_ofAMove_isSaidInWords();
    void hits_verifiedAndMaybe_areToldApart();
    void table_ofADirectory_inventsNoLoads();
    void recoveries_ofADirectory_countNoMoves();
    void shards_haveARowEach_alsoAfterASnapshot();
};

void ModelsTest::feeds_ofARunningCluster_areValidModels()
{
    ConsoleBench bench;
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

void ModelsTest::events_ofOneSnapshot_comeAsOneInsert()
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

void ModelsTest::events_whilePaused_waitAndAreCounted()
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

void ModelsTest::events_overTheirBound_dropTheOldest()
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

void ModelsTest::filter_byTextAndSeverity_keepsWhatMatches()
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

void ModelsTest::text_fromElsewhere_staysAText()
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

void ModelsTest::logEntry_ofAMove_isSaidInWords()
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

void ModelsTest::hits_verifiedAndMaybe_areToldApart()
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

void ModelsTest::table_ofADirectory_inventsNoLoads()
{
    StillLink link(EngineSight::kKilled);
    EngineBridge bridge{link};
    QCoreApplication::processEvents();
    const ShardTableModel model(bridge);
    const auto cell = [&](int column) { return model.index(0, column).data().toString(); };
    QCOMPARE(cell(ShardTableModel::kState), QStringLiteral("at rest"));
    QCOMPARE(cell(ShardTableModel::kNode), QStringLiteral("1"));
    for (const int column : {ShardTableModel::kClass, ShardTableModel::kPredicted,
                             ShardTableModel::kActual, ShardTableModel::kRecovery})
        QCOMPARE(cell(column), unknownText());
}

void ModelsTest::recoveries_ofADirectory_countNoMoves()
{
    StillLink link(EngineSight::kEnded);
    EngineBridge bridge{link};
    QCoreApplication::processEvents();
    EventRecoveryModel model;
    model.observe(bridge.history());
    QCOMPARE(model.rowCount(), 1);
}

void ModelsTest::shards_haveARowEach_alsoAfterASnapshot()
{
    ConsoleBench bench;
    bench.run(30);
    ShardTableModel model(bench.bridge);
    const QAbstractItemModelTester tester(&model, kMode);
    QCOMPARE(model.rowCount(), 16);
    bench.run(5);
    QCOMPARE(model.rowCount(), 16);
    QCOMPARE(model.rowOf({7}), 7);
}

QTEST_MAIN(ModelsTest)
#include "tst_models.moc"
