// A data directory looked at from outside: no view may say of now what only a running engine knows.
#include "tests/support/shown_words.h"
#include "tests/support/still_link.h"
#include "ui/board/board_view.h"
#include "ui/theme/formatting.h"
#include "ui/theme/theme.h"
#include "ui/views/events_view.h"
#include "ui/views/inspector_panel.h"
#include "ui/views/load_charts.h"
#include "ui/views/main_window.h"
#include "ui/views/raft_view.h"

#include <QChartView>
#include <QDateTime>
#include <QLabel>
#include <QLineSeries>
#include <QTabWidget>
#include <QtTest>

using namespace foreshard;
using namespace foreshard::ui;

namespace {

struct Bench {
    StillLink link;
    EngineBridge bridge{link};
    Theme theme;

    explicit Bench(EngineSight sight) : link(sight) { QCoreApplication::processEvents(); }
};

MainWindow::Options still()
{
    MainWindow::Options options;
    options.persist = false;
    return options;
}

}  // namespace

class StillPicturesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void window_ofEachSight_saysWhatItIs_data();
    void window_ofEachSight_saysWhatItIs();
    void figures_nobodyMeasured_areADash();
    void path_longerThanTheWindow_doesNotWidenIt();
    void age_isOfTheNewestData_notOfTheOpening();
    void inspector_ofADirectory_inventsNothing();
    void charts_ofADirectory_showItsSamplesUpToTheNewest();
    void charts_withoutSamples_sayWhyTheyAreEmpty();
    void raft_ofADirectory_showsItsLog();
    void recoveries_tab_countsNoMoves();
    void picture_readAgain_isTheNewOne();
};

void StillPicturesTest::window_ofEachSight_saysWhatItIs_data()
{
    QTest::addColumn<EngineSight>("sight");
    QTest::addColumn<QString>("state");
    QTest::addColumn<QString>("hint");
    QTest::newRow("ended") << EngineSight::kEnded << "ended"
                           << "";
    QTest::newRow("killed") << EngineSight::kKilled << "not ended well"
                            << "killed, crashed or failed";
    QTest::newRow("elsewhere") << EngineSight::kElsewhere << "running elsewhere"
                               << "watch it live with --connect ENDPOINT";
}

void StillPicturesTest::window_ofEachSight_saysWhatItIs()
{
    QFETCH(EngineSight, sight);
    QFETCH(QString, state);
    QFETCH(QString, hint);
    Bench bench(sight);
    MainWindow window{bench.bridge, bench.theme, still()};
    window.show();
    QVERIFY(showsText(window, state));
    QVERIFY(hint.isEmpty() || showsText(window, hint));
    for (const char* wrong : {"dead", "unowned", "done", "leader"}) {
        for (const QLabel* label : window.findChildren<QLabel*>())
            QVERIFY2(label->text() != QLatin1String(wrong), wrong);
    }
    QVERIFY(showsText(window, QStringLiteral("checkpoints kept")));
}

void StillPicturesTest::figures_nobodyMeasured_areADash()
{
    Bench bench(EngineSight::kEnded);
    MainWindow window{bench.bridge, bench.theme, still()};
    window.show();
    QCOMPARE(figure(window, QStringLiteral("p99, last 10 s")), unknownText());
    QCOMPARE(figure(window, QStringLiteral("Records applied per second")), unknownText());
}

void StillPicturesTest::path_longerThanTheWindow_doesNotWidenIt()
{
    Bench bench(EngineSight::kEnded);
    bench.link.setDirectory("/" + std::string(380, 'x'));
    bench.link.readAgain(EngineSight::kEnded);
    QCoreApplication::processEvents();
    MainWindow window{bench.bridge, bench.theme, still()};
    window.show();
    QVERIFY2(window.minimumSizeHint().width() <= 1280,
             qPrintable(QString::number(window.minimumSizeHint().width())));
}

void StillPicturesTest::age_isOfTheNewestData_notOfTheOpening()
{
    Bench bench(EngineSight::kEnded);
    const qint64 real = QDateTime::currentMSecsSinceEpoch() - StillLink::kNewestMs;
    QVERIFY(std::abs(bench.bridge.dataAgeMs() - real) < 60'000);
}

void StillPicturesTest::inspector_ofADirectory_inventsNothing()
{
    Bench bench(EngineSight::kElsewhere);
    InspectorPanel panel{bench.bridge, bench.theme};
    bench.bridge.selectNode(NodeId{1});
    QCOMPARE(figure(panel, QStringLiteral("Processor")), unknownText());
    QVERIFY(showsText(panel, QStringLiteral("not watched")));
    bench.bridge.selectShard(ShardId{0});
    QCOMPARE(figure(panel, QStringLiteral("Back in")), unknownText());
    QCOMPARE(figure(panel, QStringLiteral("Actual load")), unknownText());
}

void StillPicturesTest::charts_ofADirectory_showItsSamplesUpToTheNewest()
{
    Bench bench(EngineSight::kEnded);
    LoadChartsView view{bench.bridge, bench.theme};
    view.resize(1280, 800);
    view.show();
    int lines = 0;
    for (const QChartView* chart : view.findChildren<QChartView*>()) {
        for (const QAbstractSeries* series : chart->chart()->series()) {
            const auto* line = qobject_cast<const QLineSeries*>(series);
            if (line == nullptr || line->count() == 0) continue;
            ++lines;
            const double last = line->at(line->count() - 1).x();
            QCOMPARE(static_cast<WallMillis>(last), StillLink::kNewestMs);
        }
    }
    QVERIFY2(lines >= 4, qPrintable(QString::number(lines)));
}

void StillPicturesTest::charts_withoutSamples_sayWhyTheyAreEmpty()
{
    StillLink link(EngineSight::kEnded);
    static_cast<void>(link.takePast());
    EngineBridge bridge{link};
    QCoreApplication::processEvents();
    const Theme theme;
    const LoadChartsView view{bridge, theme};
    QVERIFY(showsText(view, QStringLiteral("No samples here")));
}

void StillPicturesTest::raft_ofADirectory_showsItsLog()
{
    Bench bench(EngineSight::kEnded);
    RaftView view{bench.bridge, bench.theme};
    view.show();
    QCOMPARE(bench.bridge.history().logEntries().size(), std::size_t{2});
    QCOMPARE(figure(view, QStringLiteral("Leader")), unknownText());
    const auto* strip = view.findChild<QWidget*>(QStringLiteral("terms"));
    QVERIFY(strip != nullptr);
    QVERIFY(strip->accessibleDescription().startsWith(QStringLiteral("2 commits from ")));
    QVERIFY(showsText(view, QStringLiteral("This build keeps one copy of the log")));
}

void StillPicturesTest::recoveries_tab_countsNoMoves()
{
    Bench bench(EngineSight::kEnded);
    EventsView view{bench.bridge, bench.theme};
    QCOMPARE(view.findChild<QTabWidget*>()->tabText(1), QStringLiteral("Recoveries (1)"));
}

void StillPicturesTest::picture_readAgain_isTheNewOne()
{
    Bench bench(EngineSight::kElsewhere);
    MainWindow window{bench.bridge, bench.theme, still()};
    window.show();
    bench.link.readAgain(EngineSight::kEnded);
    QCoreApplication::processEvents();
    QVERIFY(showsText(window, QStringLiteral("ended")));
    QVERIFY(!showsText(window, QStringLiteral("--connect")));
    QCOMPARE(bench.bridge.history().samples(ShardId{0}).size(), std::size_t{11});
    QCOMPARE(bench.bridge.history().generation(), std::uint64_t{0});
}

QTEST_MAIN(StillPicturesTest)
#include "tst_still_pictures.moc"
