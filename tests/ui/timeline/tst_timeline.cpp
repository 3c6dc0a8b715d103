// The timeline: its maths, its scene (bounds, level of detail, hit test) and the widget's keys and
// what a paint draws.
#include "tests/support/console_bench.h"
#include "tests/support/paint_counter.h"
#include "ui/timeline/timeline_coordinates.h"
#include "ui/timeline/timeline_scene.h"
#include "ui/timeline/timeline_view.h"
#include "ui/timeline/timeline_widget.h"

#include <QtTest>

#include <algorithm>

using namespace foreshard;
using namespace foreshard::ui;

namespace {

constexpr double kStart = 1'800'000'000'000.0;

CheckpointInfo checkpoint(std::uint64_t id, std::uint32_t shard, WallMillis wallMs)
{
    CheckpointInfo info;
    info.id = CheckpointId{id};
    info.shard = ShardId{shard};
    info.wallMs = wallMs;
    info.snapshotMicros = 2'000;
    info.storeMicros = 8'000;
    info.intervalMs = 500;
    info.kind = id % 10 == 1 ? CheckpointKind::kFull : CheckpointKind::kDelta;
    info.reason = "interval";
    return info;
}

ClusterSnapshot snapshotOf(std::uint32_t shards, WallMillis wallMs)
{
    ClusterSnapshot snapshot;
    snapshot.seq = 1;
    snapshot.wallMs = wallMs;
    snapshot.uptimeSeconds = 10;
    snapshot.dataDirectory = "data";
    for (std::uint32_t i = 0; i < shards; ++i) {
        ShardSnapshot shard;
        shard.id = ShardId{i};
        shard.intervalMs = 500;
        snapshot.shards.push_back(shard);
    }
    return snapshot;
}

// The page on an engine that has run for five seconds.
struct Stage {
    ConsoleBench bench;
    TimelineView view{bench.bridge, bench.theme};

    Stage()
    {
        view.resize(1280, 800);
        view.show();
        bench.run(50);
    }
    TimelineWidget& timeline() { return view.timeline(); }
};

// A strip on which checkpoints come four times a second to each of `lanes` shards, all in sight.
struct FullStrip {
    Theme theme;
    TimelineWidget widget{theme};

    FullStrip(std::uint32_t lanes, std::uint64_t bars, int width)
    {
        SnapshotHistory history;
        ClusterSnapshot snapshot = snapshotOf(lanes, static_cast<WallMillis>(kStart));
        std::uint64_t id = 0;
        while (id < bars) {
            ++snapshot.seq;
            snapshot.wallMs += 400;
            snapshot.checkpoints.clear();
            for (std::uint32_t shard = 0; shard < lanes; ++shard) {
                snapshot.checkpoints.push_back(checkpoint(++id, shard, snapshot.wallMs));
                snapshot.shards[shard].intervalMs = (id / 300) % 2 == 0 ? 100 : 500;
            }
            history.add(snapshot);
            widget.observe(history, snapshot);
        }
        widget.resize(width, timeline_size::kRuler + static_cast<int>(lanes) * 28);
        widget.show();
        widget.fit();
    }
    PaintCounts paint()
    {
        PaintCounter counter{widget.viewport()->width(), widget.viewport()->height()};
        widget.viewport()->render(&counter);
        return counter.counts();
    }
    // Interval lines, one across and one up, and the lane's own line and highlight.
    std::size_t shapesBesideBars() const
    {
        std::size_t shapes = 0;
        for (const TimelineLane& lane : widget.scene().lanes())
            shapes += 2 * lane.steps.size() + 3;
        return shapes + kAround;
    }

    static constexpr std::size_t kAround = 100;  // ruler, grid, cursor
};

TimelineCoordinates strip(double widthPixels, double spanMs)
{
    TimelineCoordinates time;
    time.setWidth(widthPixels);
    time.setBounds(kStart, kStart + 600'000);
    time.show(kStart, kStart + spanMs);
    return time;
}

}  // namespace

class TimelineTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void timeToPixelAndBack_atEveryScale_isTheSame();
    void zoomAt_aCursor_keepsTheMomentUnderIt();
    void zoomAndPan_withoutEnd_stayInsideTheirClamps();
    void tickStep_atAnyScale_isRoundAndFarEnough();
    void scene_fedTwiceWithTheSameSnapshot_keepsOneBar();
    void scene_overItsBound_dropsTheOldest();
    void scene_ofAnotherEngine_startsEmpty();
    void scene_nodeLostAndTermChanged_marksThem();
    void levelOfDetail_manyBarsPerPixel_givesOneBoxPerPixel();
    void levelOfDetail_zoomedIn_showsThePhases();
    void hitTest_nearABar_findsTheNearest();
    void neighbour_atTheEnds_holds();
    void paint_ofManyLanes_drawsOneShapeABar_andThreeWordsALane();
    void paint_manyBarsPerPixel_drawsNoMoreThanThePixels();
    void paint_zoomedIn_drawsOnlyWhatIsSeen();
    void ctrlWheel_overTheStrip_zoomsAtThePointer();
    void pan_whileLive_pausesUntilBackToLive();
    void click_onABar_showsItsDetailsAndSelectsItsShard();
    void keys_commaAndDot_stepThroughALane();
};

void TimelineTest::timeToPixelAndBack_atEveryScale_isTheSame()
{
    for (const double span : {20.0, 1'000.0, 60'000.0, 3.6e6}) {
        const TimelineCoordinates time = strip(1280, span);
        for (double x = 0; x <= 1280; x += 37)
            QVERIFY(std::abs(time.toX(time.toTime(x)) - x) < 0.05);
    }
}

void TimelineTest::zoomAt_aCursor_keepsTheMomentUnderIt()
{
    TimelineCoordinates time = strip(1000, 60'000);
    const double fixed = time.toTime(730);
    for (int i = 0; i < 12; ++i) {
        time.zoomAt(730, 1.25);
        QVERIFY(std::abs(time.toTime(730) - fixed) < 0.01);
    }
    QVERIFY(time.spanMs() < 60'000);
}

void TimelineTest::zoomAndPan_withoutEnd_stayInsideTheirClamps()
{
    TimelineCoordinates time = strip(1000, 60'000);
    for (int i = 0; i < 200; ++i)
        time.zoomAt(10, 2);
    QCOMPARE(time.spanMs(), TimelineCoordinates::kSpanMinMs);
    for (int i = 0; i < 200; ++i)
        time.zoomAt(10, 0.5);
    QCOMPARE(time.spanMs(), TimelineCoordinates::kSpanMaxMs);
    time.show(kStart, kStart + 10'000);
    for (int i = 0; i < 500; ++i)
        time.panPixels(900);
    QVERIFY(time.endMs() > kStart);
    for (int i = 0; i < 500; ++i)
        time.panPixels(-900);
    QVERIFY(time.startMs() < kStart + 600'000);
    time.fit();
    QVERIFY(time.startMs() <= kStart && time.endMs() >= kStart + 600'000);
}

void TimelineTest::tickStep_atAnyScale_isRoundAndFarEnough()
{
    for (const double span : {20.0, 700.0, 15'000.0, 900'000.0, 8.6e7}) {
        const TimelineCoordinates time = strip(1000, span);
        const double step = time.tickStepMs(90);
        QVERIFY(step / time.msPerPixel() >= 89.9);
        QVERIFY(time.firstTickMs(step) >= time.startMs());
    }
}

void TimelineTest::scene_fedTwiceWithTheSameSnapshot_keepsOneBar()
{
    TimelineScene scene;
    SnapshotHistory history;
    ClusterSnapshot snapshot = snapshotOf(2, 1'800'000'000'000);
    snapshot.checkpoints = {checkpoint(1, 0, snapshot.wallMs), checkpoint(2, 1, snapshot.wallMs)};
    history.add(snapshot);
    scene.observe(history, snapshot);
    scene.observe(history, snapshot);
    QCOMPARE(scene.barCount(), std::size_t{2});
    QCOMPARE(scene.lanes().size(), std::size_t{2});
    QCOMPARE(scene.lanes()[0].steps.size(), std::size_t{1});
}

void TimelineTest::scene_overItsBound_dropsTheOldest()
{
    TimelineScene scene;
    for (std::uint64_t id = 1; id <= TimelineScene::kBarsMax + 1; ++id)
        scene.addCheckpoint(checkpoint(id, 3, 1'800'000'000'000 + static_cast<WallMillis>(id)));
    QVERIFY(scene.barCount() <= TimelineScene::kBarsMax);
    QCOMPARE(scene.lanes()[0].bars.back().id.value, TimelineScene::kBarsMax + 1);
}

void TimelineTest::scene_ofAnotherEngine_startsEmpty()
{
    TimelineScene scene;
    ClusterSnapshot snapshot = snapshotOf(2, 1'800'000'000'000);
    snapshot.seq = 90;
    snapshot.checkpoints = {checkpoint(90, 0, snapshot.wallMs)};
    SnapshotHistory history;
    history.add(snapshot);
    scene.observe(history, snapshot);
    ClusterSnapshot other = snapshotOf(1, 1'800'000'100'000);
    other.checkpoints = {checkpoint(1, 0, other.wallMs)};
    history.add(other);
    scene.observe(history, other);
    QCOMPARE(scene.barCount(), std::size_t{1});
    QCOMPARE(scene.lanes()[0].bars[0].id.value, std::uint64_t{1});
}

void TimelineTest::scene_nodeLostAndTermChanged_marksThem()
{
    TimelineScene scene;
    ClusterSnapshot snapshot = snapshotOf(1, 1'800'000'000'000);
    NodeSnapshot node;
    node.id = NodeId{2};
    node.state = NodeState::kUp;
    snapshot.nodes = {node};
    AssignmentEntry entry;
    entry.index = 1;
    entry.term = 1;
    snapshot.raft.recent = {entry};
    SnapshotHistory history;
    history.add(snapshot);
    scene.observe(history, snapshot);
    QVERIFY(scene.marks().empty());
    snapshot.nodes[0].state = NodeState::kDead;
    entry.index = 2;
    entry.term = 2;
    entry.wallMs = snapshot.wallMs + 5;
    snapshot.raft.recent.push_back(entry);
    ++snapshot.seq;
    snapshot.wallMs += 100;
    history.add(snapshot);
    scene.observe(history, snapshot);
    scene.observe(history, snapshot);
    QCOMPARE(scene.marks().size(), std::size_t{2});
    QCOMPARE(scene.marks()[0].kind, TimelineMarkKind::kTermChange);
    QCOMPARE(scene.marks()[1].kind, TimelineMarkKind::kNodeLost);
    QCOMPARE(scene.marks()[1].number, std::uint64_t{2});
}

void TimelineTest::levelOfDetail_manyBarsPerPixel_givesOneBoxPerPixel()
{
    TimelineScene scene;
    for (std::uint64_t id = 1; id <= 10'000; ++id)
        scene.addCheckpoint(
            checkpoint(id, 0, static_cast<WallMillis>(kStart) + static_cast<WallMillis>(id) * 60));
    std::vector<TimelineBox> boxes;
    visibleBoxes(scene.lanes()[0], strip(500, 600'000), boxes);
    QVERIFY2(boxes.size() <= 501, qPrintable(QString::number(boxes.size())));
    std::uint32_t bars = 0;
    for (const TimelineBox& box : boxes)
        bars += box.bars;
    QVERIFY(bars >= 9'990);
}

void TimelineTest::levelOfDetail_zoomedIn_showsThePhases()
{
    TimelineScene scene;
    scene.addCheckpoint(checkpoint(1, 0, static_cast<WallMillis>(kStart) + 20));
    std::vector<TimelineBox> boxes;
    visibleBoxes(scene.lanes()[0], strip(1000, 100), boxes);
    QCOMPARE(boxes.size(), std::size_t{1});
    QVERIFY(std::abs(boxes[0].x0 - 200) < 0.1);
    QVERIFY(std::abs(boxes[0].xMid - 220) < 0.1);
    QVERIFY(std::abs(boxes[0].x1 - 300) < 0.1);
}

void TimelineTest::hitTest_nearABar_findsTheNearest()
{
    TimelineScene scene;
    scene.addCheckpoint(checkpoint(1, 0, static_cast<WallMillis>(kStart) + 1'000));
    scene.addCheckpoint(checkpoint(2, 0, static_cast<WallMillis>(kStart) + 2'000));
    const TimelineCoordinates time = strip(1000, 10'000);
    const CheckpointInfo* hit = barAt(scene.lanes()[0], time, 103, 5);
    QVERIFY(hit != nullptr);
    QCOMPARE(hit->id.value, std::uint64_t{1});
    hit = barAt(scene.lanes()[0], time, 199, 5);
    QVERIFY(hit != nullptr);
    QCOMPARE(hit->id.value, std::uint64_t{2});
    QVERIFY(barAt(scene.lanes()[0], time, 150, 5) == nullptr);
}

void TimelineTest::neighbour_atTheEnds_holds()
{
    TimelineScene scene;
    for (std::uint64_t id = 1; id <= 3; ++id)
        scene.addCheckpoint(checkpoint(id, 0, static_cast<WallMillis>(kStart + double(id))));
    const TimelineLane& lane = scene.lanes()[0];
    QCOMPARE(neighbour(lane, CheckpointId{2}, 1)->id.value, std::uint64_t{3});
    QCOMPARE(neighbour(lane, CheckpointId{3}, 1)->id.value, std::uint64_t{3});
    QCOMPARE(neighbour(lane, CheckpointId{1}, -1)->id.value, std::uint64_t{1});
    QCOMPARE(neighbour(lane, CheckpointId{77}, 1)->id.value, std::uint64_t{3});
}

void TimelineTest::paint_ofManyLanes_drawsOneShapeABar_andThreeWordsALane()
{
    constexpr std::size_t kWords = 192;  // number, class and interval of 64 lanes
    FullStrip strip{64, 10'000, 1920};
    const std::size_t bars = strip.widget.scene().barCount();
    QVERIFY(bars >= 10'000);
    const PaintCounts drawn = strip.paint();
    QVERIFY2(drawn.shapes >= bars, qPrintable(QString::number(drawn.shapes)));
    QVERIFY2(drawn.shapes <= bars + strip.shapesBesideBars(),
             qPrintable(QString::number(drawn.shapes)));
    QVERIFY2(drawn.texts >= kWords && drawn.texts <= kWords + 40,
             qPrintable(QString::number(drawn.texts)));
    QCOMPARE(drawn.costly, std::size_t{0});
}

void TimelineTest::paint_manyBarsPerPixel_drawsNoMoreThanThePixels()
{
    constexpr std::uint32_t kLanes = 8;
    constexpr int kPixels = 300;
    constexpr std::size_t kBoxes = std::size_t{kLanes} * (kPixels + 1);
    FullStrip strip{kLanes, 40'000, timeline_size::kLabels + kPixels};
    QVERIFY(strip.widget.scene().barCount() >= 40'000);
    const PaintCounts drawn = strip.paint();
    QVERIFY2(drawn.shapes <= kBoxes + strip.shapesBesideBars(),
             qPrintable(QString::number(drawn.shapes)));
}

void TimelineTest::paint_zoomedIn_drawsOnlyWhatIsSeen()
{
    FullStrip strip{64, 10'000, 1920};
    const std::size_t all = strip.paint().shapes;
    for (int i = 0; i < 15; ++i)  // to less than a twentieth of the time
        QTest::keyClick(&strip.widget, Qt::Key_W);
    const std::size_t some = strip.paint().shapes;
    QVERIFY2(some < all / 5, qPrintable(QStringLiteral("%1 of %2").arg(some).arg(all)));
}

void TimelineTest::ctrlWheel_overTheStrip_zoomsAtThePointer()
{
    Stage stage;
    TimelineWidget& timeline = stage.timeline();
    timeline.fit();  // else most of the strip is before the first moment, where zooming is held
    const QPointF at{600, 200};
    const double x = at.x() - timeline_size::kLabels;
    const double fixed = timeline.time().toTime(x);
    const double span = timeline.time().spanMs();
    QWheelEvent wheel{at,
                      timeline.mapToGlobal(at),
                      {},
                      QPoint{0, 120},
                      Qt::NoButton,
                      Qt::ControlModifier,
                      Qt::NoScrollPhase,
                      false};
    QCoreApplication::sendEvent(timeline.viewport(), &wheel);
    QVERIFY(timeline.time().spanMs() < span);
    QVERIFY(std::abs(timeline.time().toTime(x) - fixed) < 1);
    QVERIFY(stage.bench.bridge.paused());
}

void TimelineTest::pan_whileLive_pausesUntilBackToLive()
{
    Stage stage;
    QTest::keyClick(&stage.timeline(), Qt::Key_A);
    QVERIFY(stage.bench.bridge.paused());
    QVERIFY(!stage.timeline().live());
    const double start = stage.timeline().time().startMs();
    stage.bench.run(20);
    QCOMPARE(stage.timeline().time().startMs(), start);
    QTest::keyClick(&stage.timeline(), Qt::Key_L);
    QVERIFY(!stage.bench.bridge.paused());
    QVERIFY(stage.timeline().time().startMs() > start);
    QTest::keyClick(&stage.timeline(), Qt::Key_Space);
    QVERIFY(stage.bench.bridge.paused());
}

void TimelineTest::click_onABar_showsItsDetailsAndSelectsItsShard()
{
    Stage stage;
    TimelineWidget& timeline = stage.timeline();
    const TimelineLane& lane = timeline.scene().lanes().at(2);
    QVERIFY(!lane.bars.empty());
    const CheckpointInfo bar = lane.bars.back();
    const int x = timeline_size::kLabels + static_cast<int>(timeline.time().toX(barStartMs(bar)));
    const int y = timeline_size::kRuler + 3 * timeline.laneHeight() - 8;
    QTest::mouseClick(timeline.viewport(), Qt::LeftButton, Qt::NoModifier, {x, y});
    QVERIFY(timeline.selected() != nullptr);
    QCOMPARE(timeline.selected()->shard, lane.shard);
    QCOMPARE(stage.bench.bridge.selectedShard(), std::optional{lane.shard});
    QVERIFY(!stage.bench.bridge.paused());
}

void TimelineTest::keys_commaAndDot_stepThroughALane()
{
    Stage stage;
    stage.bench.bridge.selectShard(ShardId{1});
    TimelineWidget& timeline = stage.timeline();
    QTest::keyClick(&timeline, Qt::Key_Comma);
    QVERIFY(timeline.selected() != nullptr);
    const CheckpointId newest = timeline.selected()->id;
    QTest::keyClick(&timeline, Qt::Key_Comma);
    QVERIFY(timeline.selected()->id < newest);
    QTest::keyClick(&timeline, Qt::Key_Period);
    QCOMPARE(timeline.selected()->id.value, newest.value);
}

QTEST_MAIN(TimelineTest)
#include "tst_timeline.moc"
