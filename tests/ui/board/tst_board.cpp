#include "tests/support/scripted_link.h"
#include "ui/board/board_view.h"
#include "ui/board/shard_drag_controller.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QLabel>
#include <QTest>

using namespace foreshard;
using namespace foreshard::ui;

namespace {

ScriptedLink& lockedIf(ScriptedLink& link, bool readOnly)
{
    link.setReadOnly(readOnly);
    return link;
}

// A board on the scripted engine, shown without a display.
struct Stage {
    ScriptedLink link;
    Theme theme;
    EngineBridge bridge;
    BoardView view;

    explicit Stage(bool readOnly = false) : bridge(lockedIf(link, readOnly)), view(bridge, theme)
    {
        link.advance(3000);
        QCoreApplication::processEvents();
        view.resize(1000, 700);
        view.show();
        view.board().setFocus();
        QCoreApplication::processEvents();
        QTest::qWait(kMotionMs + 50);
    }
    ShardBoard& board() { return view.board(); }
    QPoint card(std::uint32_t shard) { return board().cardRect({shard}).center(); }
    QPoint column(std::uint32_t node)
    {
        return board().columnRect({node}).topLeft() + QPoint(40, 120);
    }
    void press(QPoint at) { QTest::mousePress(board().viewport(), Qt::LeftButton, {}, at); }
    void dragTo(QPoint from, QPoint to)
    {
        for (int i = 1; i <= 10; ++i)
            QTest::mouseMove(board().viewport(), from + (to - from) * i / 10);
    }
    void release(QPoint at) { QTest::mouseRelease(board().viewport(), Qt::LeftButton, {}, at); }
    void key(Qt::Key key) { QTest::keyClick(&board(), key); }
    std::vector<MoveCommand> moves() const
    {
        std::vector<MoveCommand> found;
        for (const auto& command : link.sent()) {
            if (const auto* move = std::get_if<MoveCommand>(&command.body)) found.push_back(*move);
        }
        return found;
    }
    NodeId nodeOf(std::uint32_t shard) const { return bridge.snapshot()->shards.at(shard).node; }
};

}  // namespace

class BoardTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void press_withoutMoving_isAClick()
    {
        ShardDragController drag(10);
        drag.press({50, 50}, {{3}});
        drag.moveTo({54, 50}, NodeId{1});
        QVERIFY(drag.state() == ShardDragController::State::kPressed);
        QVERIFY(!drag.release({54, 50}, NodeId{1}));
        QVERIFY(drag.state() == ShardDragController::State::kIdle);
    }

    void drag_overANode_wishesTheMoveOnce()
    {
        ShardDragController drag(10);
        drag.press({0, 0}, {{3}, {4}});
        QVERIFY(drag.moveTo({20, 0}, NodeId{2}));
        QVERIFY(!drag.moveTo({21, 0}, NodeId{2}));
        QVERIFY(drag.holdsLayout());
        const auto wish = drag.release({22, 0}, NodeId{2});
        QVERIFY(wish);
        QCOMPARE(wish->shards.size(), std::size_t{2});
        QCOMPARE(wish->to.value, 2U);
        QVERIFY(!drag.release({22, 0}, NodeId{2}));
    }

    void drag_outsideEveryNode_wishesNothing()
    {
        ShardDragController drag(10);
        drag.press({0, 0}, {{3}});
        drag.moveTo({20, 0}, NodeId{2});
        QVERIFY(!drag.release({500, 0}, {}));
    }

    void choosing_staysInsideTheNodes()
    {
        ShardDragController drag(10);
        drag.beginChoosing({{3}}, {{0}, {1}, {2}}, {2});
        QCOMPARE(drag.target()->value, 1U);  // no right neighbour: the left one
        drag.choose(-1);
        drag.choose(-1);
        QCOMPARE(drag.target()->value, 0U);
        for (int i = 0; i < 5; ++i)
            drag.choose(1);
        QCOMPARE(drag.target()->value, 2U);
        drag.choose(-1);
        QCOMPARE(drag.commit()->to.value, 1U);
        QVERIFY(!drag.commit());
    }

    void plan_addsUpTheLoads_andSaysWhyNot()
    {
        ClusterSnapshot snapshot;
        snapshot.nodes.resize(2);
        snapshot.nodes[0].predicted = 620;
        snapshot.nodes[1].id = {2};
        snapshot.nodes[1].predicted = 310;
        snapshot.nodes[0].state = snapshot.nodes[1].state = NodeState::kUp;
        snapshot.shards.resize(1);
        snapshot.shards[0].id = {17};
        snapshot.shards[0].predicted = 140;
        snapshot.shards[0].bufferedRecords = 8120;
        const MovePlan plan = planMove(snapshot, {{17}}, {2});
        QVERIFY(plan.possible());
        QCOMPARE(movePlanText(plan),
                 QStringLiteral("17 \u2192 node 2: node 0 62 \u2192 48 %, node 2 31 \u2192 45 %, "
                                "replays 8\u202F120 records"));
        QVERIFY(!planMove(snapshot, {{17}}, {0}).possible());
        QVERIFY(!planMove(snapshot, {{17}}, {9}).possible());
        snapshot.nodes[1].state = NodeState::kDead;
        QVERIFY(!planMove(snapshot, {{17}}, {2}).possible());
    }

    void dragOfACard_sendsExactlyOneMove_andTheCardWaitsForTheEngine()
    {
        Stage stage;
        const QPoint from = stage.card(5);
        const QRect home = stage.board().cardRect({5});
        const QPoint to = stage.column(3);
        stage.press(from);
        stage.dragTo(from, to);
        QVERIFY(stage.board().gestureUnderWay());
        stage.release(to);
        QCOMPARE(stage.moves().size(), std::size_t{1});
        QCOMPARE(stage.moves().front().to.value, 3U);
        QCOMPARE(stage.moves().front().shards, std::vector<ShardId>{{5}});
        QCOMPARE(stage.board().cardRect({5}), home);
        stage.link.advance(1000);
        QCoreApplication::processEvents();
        QCOMPARE(stage.nodeOf(5).value, 3U);
        QTRY_VERIFY(stage.board().columnRect({3}).contains(stage.card(5)));
    }

    void dragOntoItsOwnNode_sendsNothing()
    {
        Stage stage;
        const QPoint from = stage.card(5);
        const QPoint to = from + QPoint(30, 30);
        stage.press(from);
        stage.dragTo(from, to);
        stage.release(to);
        QVERIFY(stage.moves().empty());
    }

    void escape_duringADrag_sendsNothing()
    {
        Stage stage;
        const QPoint from = stage.card(5);
        stage.press(from);
        stage.dragTo(from, stage.column(3));
        stage.key(Qt::Key_Escape);
        QVERIFY(!stage.board().gestureUnderWay());
        stage.release(stage.column(3));
        QVERIFY(stage.link.sent().empty());
    }

    void snapshots_duringADrag_keepTheDragAndTheLayout()
    {
        Stage stage;
        const QPoint from = stage.card(5);
        stage.press(from);
        stage.dragTo(from, stage.column(3));
        // Meanwhile another shard is moved by somebody else.
        stage.link.send({.body = MoveCommand{{{6}}, {0}}});
        const QRect before = stage.board().cardRect({6});
        stage.link.advance(1500);
        QCoreApplication::processEvents();
        QCOMPARE(stage.nodeOf(6).value, 0U);
        QVERIFY(stage.board().gestureUnderWay());
        QCOMPARE(stage.board().cardRect({6}), before);
        stage.release(stage.column(3));
        QCOMPARE(stage.moves().back().to.value, 3U);
        QVERIFY(stage.board().cardRect({6}) != before);
    }

    void keyboardMove_doesTheSameAsTheMouse()
    {
        Stage stage;
        stage.bridge.selectShard({5});
        const auto own = stage.nodeOf(5).value;
        QCOMPARE(own, 1U);
        stage.key(Qt::Key_M);
        QVERIFY(stage.board().gestureUnderWay());
        stage.key(Qt::Key_Right);  // 2 was offered first
        stage.key(Qt::Key_Return);
        QCOMPARE(stage.moves().size(), std::size_t{1});
        QCOMPARE(stage.moves().front().to.value, 3U);
        QVERIFY(!stage.board().gestureUnderWay());
    }

    void keyboardMove_escape_sendsNothing()
    {
        Stage stage;
        stage.bridge.selectShard({5});
        stage.key(Qt::Key_M);
        stage.key(Qt::Key_Escape);
        QVERIFY(stage.link.sent().empty());
    }

    void arrows_walkBetweenCards_andSelectionIsShared()
    {
        Stage stage;
        stage.bridge.selectShard({5});
        stage.key(Qt::Key_Right);
        QCOMPARE(stage.bridge.selectedShard()->value, 6U);
        stage.key(Qt::Key_Down);
        QCOMPARE(stage.bridge.selectedShard()->value, 10U);
    }

    void ctrlClick_selectsSeveral_andTheyMoveTogether()
    {
        Stage stage;
        QTest::mouseClick(stage.board().viewport(), Qt::LeftButton, {}, stage.card(1));
        QTest::mouseClick(stage.board().viewport(), Qt::LeftButton, Qt::ControlModifier,
                          stage.card(5));
        QCOMPARE(stage.board().chosenShards().size(), std::size_t{2});
        const QPoint from = stage.card(5);
        stage.press(from);
        stage.dragTo(from, stage.column(0));
        stage.release(stage.column(0));
        QCOMPARE(stage.moves().size(), std::size_t{1});
        QCOMPARE(stage.moves().front().shards.size(), std::size_t{2});
    }

    void checkpointKey_sendsOneCommand()
    {
        Stage stage;
        stage.bridge.selectShard({5});
        stage.key(Qt::Key_C);
        QCOMPARE(stage.link.sent().size(), std::size_t{1});
        QVERIFY(std::holds_alternative<CheckpointCommand>(stage.link.sent().front().body));
    }

    void readOnly_dragsNothing()
    {
        Stage stage(true);
        const QPoint from = stage.card(5);
        stage.press(from);
        stage.dragTo(from, stage.column(3));
        QVERIFY(!stage.board().gestureUnderWay());
        stage.release(stage.column(3));
        stage.key(Qt::Key_M);
        stage.key(Qt::Key_C);
        QVERIFY(stage.link.sent().empty());
        QVERIFY(stage.view.shardActions().isEmpty());
    }

    void tableTwin_takesThePlaceOfTheBoard()
    {
        Stage stage;
        stage.view.setTable(true);
        QVERIFY(stage.view.showsTable());
        stage.view.setTable(false);
        QVERIFY(!stage.view.showsTable());
    }
};

QTEST_MAIN(BoardTest)
#include "tst_board.moc"
