// The pieces pages are put together of: what they say, and their bounds.
#include "ui/theme/theme.h"
#include "ui/widgets/empty_label.h"
#include "ui/widgets/hit_lanes.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/term_strip.h"

#include <QStandardItemModel>
#include <QtTest>

using namespace foreshard;
using namespace foreshard::ui;

namespace {

LocateHit hit(std::uint32_t shard, bool verified)
{
    LocateHit out;
    out.shard = ShardId{shard};
    out.verified = verified;
    return out;
}

ClusterSnapshot atTerm(std::uint64_t seq, std::uint64_t term, LogIndex commit)
{
    ClusterSnapshot snapshot;
    snapshot.seq = seq;
    snapshot.wallMs = 1'767'258'664'000 + static_cast<WallMillis>(seq) * 100;
    snapshot.raft.term = term;
    snapshot.raft.commit = commit;
    return snapshot;
}

}  // namespace

class WidgetsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void hitLanes_sayPerShard_whatIsVerifiedAndWhatIsNot()
    {
        const Theme theme;
        HitLanes lanes{theme};
        lanes.setHits({hit(4, true), hit(2, false), hit(4, true)});
        QCOMPARE(lanes.accessibleDescription(),
                 QStringLiteral("shard 2: 0 verified, 1 maybe; shard 4: 2 verified, 0 maybe"));
    }

    void hitLanes_overTheirBound_areOneLineMore_andNoLonger()
    {
        const Theme theme;
        HitLanes lanes{theme};
        std::vector<LocateHit> hits;
        for (std::uint32_t i = 0; i < HitLanes::kLanesMax; ++i)
            hits.push_back(hit(i, true));
        lanes.setHits(hits);
        const int full = lanes.sizeHint().height();
        hits.push_back(hit(900, true));
        lanes.setHits(hits);
        const int more = lanes.sizeHint().height();
        QVERIFY(more > full);
        for (std::uint32_t i = 0; i < 100; ++i)
            hits.push_back(hit(1000 + i, true));
        lanes.setHits(hits);
        QCOMPARE(lanes.sizeHint().height(), more);
        QCOMPARE(lanes.accessibleDescription().count(QStringLiteral("verified")),
                 static_cast<qsizetype>(HitLanes::kLanesMax));
    }

    void termStrip_withoutElection_countsCommits()
    {
        const Theme theme;
        TermStrip strip{theme};
        SnapshotHistory history;
        strip.observe(history, 0);
        QCOMPARE(strip.accessibleDescription(), QStringLiteral("No term seen yet."));
        for (std::uint64_t i = 1; i <= 4; ++i)
            history.add(atTerm(i, 1, i / 2));
        strip.observe(history, 1'767'258'664'400);
        QVERIFY(strip.accessibleDescription().startsWith(QStringLiteral("No election since ")));
        QVERIFY(strip.accessibleDescription().endsWith(QStringLiteral("2 commits in that time.")));
    }

    void termStrip_withANewTerm_saysWhenItBegan()
    {
        const Theme theme;
        TermStrip strip{theme};
        SnapshotHistory history;
        history.add(atTerm(1, 1, 1));
        history.add(atTerm(2, 3, 1));
        strip.observe(history, 1'767'258'664'400);
        QVERIFY(strip.accessibleDescription().startsWith(QStringLiteral("1 elections since ")));
        QVERIFY(strip.accessibleDescription().contains(QStringLiteral("term 3 began at ")));
    }

    void plainTable_hasNoGrid_andNothingToEdit()
    {
        QStandardItemModel model(2, 2);
        QWidget page;
        const QTableView* table = makePlainTable(&model, QStringLiteral("Rows"), &page);
        QCOMPARE(table->parentWidget(), &page);
        QCOMPARE(table->model(), &model);
        QCOMPARE(table->accessibleName(), QStringLiteral("Rows"));
        QVERIFY(!table->showGrid());
        QCOMPARE(table->editTriggers(), QAbstractItemView::NoEditTriggers);
        QVERIFY(table->verticalHeader()->isHidden());
    }

    void emptyLabel_isSoft_andWraps()
    {
        QWidget page;
        const QLabel* label = makeEmptyLabel(QStringLiteral("Nothing yet."), &page);
        QCOMPARE(label->text(), QStringLiteral("Nothing yet."));
        QCOMPARE(label->property("role").toString(), QStringLiteral("soft"));
        QVERIFY(label->wordWrap());
    }
};

QTEST_MAIN(WidgetsTest)
#include "tst_widgets.moc"
