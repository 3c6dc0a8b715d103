// The timeline: its maths, its scene (bounds, level of detail, hit test) and the widget's keys and
// paint time.
#include "tests/support/scripted_link.h"
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
    void paint_64LanesAnd10000Bars_fitsAFrame();
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

void TimelineTest::paint_64LanesAnd10000Bars_fitsAFrame()
{
    constexpr std::uint32_t kLanes = 64;
    SnapshotHistory history;
    ClusterSnapshot snapshot = snapshotOf(kLanes, static_cast<WallMillis>(kStart));
    std::uint64_t id = 0;
    while (id < 10'000) {
        ++snapshot.seq;
        snapshot.wallMs += 400;
        snapshot.checkpoints.clear();
        for (std::uint32_t shard = 0; shard < kLanes; ++shard) {
            snapshot.checkpoints.push_back(checkpoint(++id, shard, snapshot.wallMs));
            snapshot.shards[shard].intervalMs = (id / 300) % 2 == 0 ? 100 : 500;
        }
        history.add(snapshot);
    }
    const Theme theme;
    TimelineWidget widget{theme};
    widget.resize(1920, 44 + static_cast<int>(kLanes) * 28);
    widget.show();
    widget.observe(history, snapshot);
    widget.fit();
    QVERIFY(widget.scene().barCount() >= 10'000);
    QImage image{widget.size(), QImage::Format_ARGB32_Premultiplied};
    std::vector<double> millis;
    for (int i = 0; i < 9; ++i) {
        QElapsedTimer timer;
        timer.start();
        widget.viewport()->render(&image);
        millis.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
    }
    std::sort(millis.begin(), millis.end());
    qInfo("64 lanes, %zu bars, 1920 px: fastest %.1f ms, median %.1f ms", widget.scene().barCount(),
          millis.front(), millis[4]);
    // The fastest is what the code costs; a busy machine only adds to it. The target is 16 ms.
    QVERIFY2(millis.front() < 50, "a paint must stay far below a tenth of a second");
}

void TimelineTest::ctrlWheel_overTheStrip_zoomsAtThePointer()
{
    ScriptedLink link;
    EngineBridge bridge{link};
    const Theme theme;
    TimelineView view{bridge, theme};
    view.resize(1280, 800);
    view.show();
    for (int i = 0; i < 50; ++i) {
        link.advance(100);
        QCoreApplication::processEvents();
    }
    TimelineWidget& timeline = view.timeline();
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
    QVERIFY(bridge.paused());
}

void TimelineTest::pan_whileLive_pausesUntilBackToLive()
{
    ScriptedLink link;
    EngineBridge bridge{link};
    const Theme theme;
    TimelineView view{bridge, theme};
    view.resize(1280, 800);
    view.show();
    link.advance(5'000);
    QCoreApplication::processEvents();
    QTest::keyClick(&view.timeline(), Qt::Key_A);
    QVERIFY(bridge.paused());
    QVERIFY(!view.timeline().live());
    const double start = view.timeline().time().startMs();
    link.advance(2'000);
    QCoreApplication::processEvents();
    QCOMPARE(view.timeline().time().startMs(), start);
    QTest::keyClick(&view.timeline(), Qt::Key_L);
    QVERIFY(!bridge.paused());
    QVERIFY(view.timeline().time().startMs() > start);
    QTest::keyClick(&view.timeline(), Qt::Key_Space);
    QVERIFY(bridge.paused());
}

void TimelineTest::click_onABar_showsItsDetailsAndSelectsItsShard()
{
    ScriptedLink link;
    EngineBridge bridge{link};
    const Theme theme;
    TimelineView view{bridge, theme};
    view.resize(1280, 800);
    view.show();
    for (int i = 0; i < 50; ++i) {
        link.advance(100);
        QCoreApplication::processEvents();
    }
    TimelineWidget& timeline = view.timeline();
    const TimelineLane& lane = timeline.scene().lanes().at(2);
    QVERIFY(!lane.bars.empty());
    const CheckpointInfo bar = lane.bars.back();
    const int x = timeline_size::kLabels + static_cast<int>(timeline.time().toX(barStartMs(bar)));
    const int y = timeline_size::kRuler + 3 * timeline.laneHeight() - 8;
    QTest::mouseClick(timeline.viewport(), Qt::LeftButton, Qt::NoModifier, {x, y});
    QVERIFY(timeline.selected() != nullptr);
    QCOMPARE(timeline.selected()->shard, lane.shard);
    QCOMPARE(bridge.selectedShard(), std::optional{lane.shard});
    QVERIFY(!bridge.paused());
}

void TimelineTest::keys_commaAndDot_stepThroughALane()
{
    ScriptedLink link;
    EngineBridge bridge{link};
    const Theme theme;
    TimelineView view{bridge, theme};
    view.resize(1280, 800);
    view.show();
    for (int i = 0; i < 50; ++i) {
        link.advance(100);
        QCoreApplication::processEvents();
    }
    bridge.selectShard(ShardId{1});
    TimelineWidget& timeline = view.timeline();
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
