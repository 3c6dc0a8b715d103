// The bridge, the history it keeps and the words numbers are shown in.
#include "tests/support/scripted_link.h"
#include "ui/bridge/engine_bridge.h"
#include "ui/theme/formatting.h"
#include "ui/theme/theme.h"
#include "ui/views/main_window.h"
#include "ui/views/status_message_bar.h"

#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace foreshard;
using namespace foreshard::ui;

class BridgeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void manyWakeUps_giveOneSnapshot()
    {
        ScriptedLink link;
        EngineBridge bridge(link);
        QCoreApplication::processEvents();
        int seen = 0;
        connect(&bridge, &EngineBridge::snapshotChanged, this, [&] { ++seen; });
        link.advance(5000);
        link.wake();
        QCoreApplication::processEvents();
        QCOMPARE(seen, 1);
        QCOMPARE(bridge.snapshot()->seq, 50U);
        link.wake();  // nothing new
        QCoreApplication::processEvents();
        QCOMPARE(seen, 1);
        link.advance(100);
        QCoreApplication::processEvents();
        QCOMPARE(seen, 2);
    }

    void paused_keepsThePicture_butRemembersOn()
    {
        ScriptedLink link;
        EngineBridge bridge(link);
        link.advance(100);
        QCoreApplication::processEvents();
        bridge.setPaused(true);
        link.advance(100);
        QCoreApplication::processEvents();
        QCOMPARE(bridge.snapshot()->seq, 1U);
        QCOMPARE(bridge.history().samples(ShardId{0}).size(), std::size_t{2});
        bridge.checkpointNow({0});
        QVERIFY(!bridge.paused());
        QCOMPARE(bridge.snapshot()->seq, 2U);
    }

    void fullQueue_isAnsweredBusy()
    {
        ScriptedLink link;
        EngineBridge bridge(link);
        link.fillQueue();
        bool busy = false;
        connect(&bridge, &EngineBridge::replyArrived, this,
                [&](const CommandReply& reply) { busy = !reply.ok && reply.code == Errc::kBusy; });
        QCOMPARE(bridge.moveShards({{1}}, {2}), 0U);
        QVERIFY(busy);
    }

    void reply_carriesTheCommandsWords()
    {
        ScriptedLink link;
        EngineBridge bridge(link);
        std::uint64_t answered = 0;
        connect(&bridge, &EngineBridge::replyArrived, this,
                [&](const CommandReply& reply) { answered = reply.id; });
        const auto id = bridge.moveShards({{17 % 16}}, {2});
        QCoreApplication::processEvents();
        QCOMPARE(answered, id);
        QCOMPARE(bridge.commandText(id), QStringLiteral("Move shard 1 to node 2"));
    }

    void history_isBoundedAndStartsAnewWithANewEngine()
    {
        SnapshotHistory history;
        ClusterSnapshot snapshot;
        snapshot.shards.resize(1);
        for (std::uint64_t i = 1; i <= SnapshotHistory::kSamples + 10; ++i) {
            snapshot.seq = i;
            history.add(snapshot);
            history.add(snapshot);  // the same again
        }
        QCOMPARE(history.samples(ShardId{0}).size(), SnapshotHistory::kSamples);
        const auto generation = history.generation();
        snapshot.seq = 1;
        history.add(snapshot);
        QCOMPARE(history.samples(ShardId{0}).size(), std::size_t{1});
        QCOMPARE(history.generation(), generation + 1);
    }

    void history_keepsEveryCheckpointOnce()
    {
        ScriptedLink link;
        SnapshotHistory history;
        for (int i = 0; i < 100; ++i) {
            link.advance(100);
            history.add(*link.latest());
        }
        QCOMPARE(history.checkpoints().size(), std::size_t{link.latest()->checkpointCount});
        QCOMPARE(history.checkpoints().back().id, link.latest()->checkpoints.back().id);
    }

    void numbers_haveUnitsAndThinGroups()
    {
        QCOMPARE(formatCount(8120), QStringLiteral("8\u202F120"));
        QCOMPARE(formatCount(1234567), QStringLiteral("1\u202F234\u202F567"));
        QCOMPARE(formatMillis(128), QStringLiteral("128 ms"));
        QCOMPARE(formatMillis(0.42), QStringLiteral("0.42 ms"));
        QCOMPARE(formatMillis(1280), QStringLiteral("1.28 s"));
        QCOMPARE(formatMillis(125'000), QStringLiteral("2 min 05 s"));
        QCOMPARE(formatBytes(512), QStringLiteral("512 B"));
        QCOMPARE(formatBytes(4'200'000), QStringLiteral("4.2 MB"));
        QCOMPARE(formatBytes(999'960), QStringLiteral("1.0 MB"));
        QCOMPARE(formatPercent(614), QStringLiteral("61 %"));
        QCOMPARE(formatRate(12'400.4), QStringLiteral("12\u202F400 rec/s"));
        QCOMPARE(formatInterval(1000), QStringLiteral("1 s"));
        QCOMPARE(formatInterval(500), QStringLiteral("500 ms"));
        QCOMPARE(formatDateTime(0), QStringLiteral("1970-01-01 00:00:00.000 UTC"));
    }

    void everyCode_hasASentence()
    {
        for (int code = 0; code <= static_cast<int>(Errc::kTimeout); ++code)
            QVERIFY(errcSentence(static_cast<Errc>(code)).endsWith(u'.'));
    }

    void remoteText_losesControlCharacters()
    {
        QCOMPARE(plainText("a\nb\x1b[31m"), QStringLiteral("a b [31m"));
        QCOMPARE(plainText("\u202Ex"), QStringLiteral(" x"));
        QCOMPARE(plainText(std::string(1000, 'x'), 10).size(), 10);
    }

    void themes_haveReadableText()
    {
        const auto luminance = [](const QColor& c) {
            const auto part = [](double v) {
                return v <= 0.03928 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
            };
            return 0.2126 * part(c.redF()) + 0.7152 * part(c.greenF()) + 0.0722 * part(c.blueF());
        };
        const auto contrast = [&](const QColor& a, const QColor& b) {
            const double x = luminance(a) + 0.05;
            const double y = luminance(b) + 0.05;
            return std::max(x, y) / std::min(x, y);
        };
        for (const Tokens& t :
             {Theme::darkTokens(), Theme::lightTokens(), Theme::highContrastTokens()}) {
            for (const QColor& surface : {t.surface0, t.surface1, t.surface2}) {
                for (const QColor& ink : {t.text, t.textSoft, t.loadLow, t.loadMedium, t.loadHigh})
                    QVERIFY2(contrast(ink, surface) >= 4.5, qPrintable(ink.name()));
            }
        }
    }

    void refusal_isSaidInline_withItsNextStep()
    {
        ScriptedLink link;
        EngineBridge bridge(link);
        Theme theme;
        MainWindow window(bridge, theme, {.persist = false});
        link.advance(500);
        window.show();
        QCoreApplication::processEvents();
        link.refuseNext(Errc::kStale, "move refused: the log has moved on: try again");
        bridge.moveShards({{1}}, {2});
        QCoreApplication::processEvents();
        QVERIFY(window.messages().text().contains(QStringLiteral("try again")));
    }

    void killDrill_asksFirst_andSendsOnlyWhenTold()
    {
        ScriptedLink link;
        EngineBridge bridge(link);
        Theme theme;
        MainWindow window(bridge, theme, {.persist = false});
        link.advance(500);
        window.show();
        QCoreApplication::processEvents();
        window.killNode({2});
        QVERIFY(window.messages().asking());
        QVERIFY(link.sent().empty());
        for (auto* button : window.messages().findChildren<QPushButton*>()) {
            if (button->text() == QStringLiteral("Kill node 2")) button->click();
        }
        QCOMPARE(link.sent().size(), std::size_t{1});
        QVERIFY(std::holds_alternative<DrillCommand>(link.sent().front().body));
    }

    void readOnlyWindow_hasNoChangingActions()
    {
        ScriptedLink link;
        EngineBridge bridge(link);
        Theme theme;
        MainWindow window(bridge, theme, {.readOnly = true, .persist = false});
        for (const QAction* action : window.allActions()) {
            QVERIFY(!action->text().contains(QStringLiteral("Kill")));
            QVERIFY(!action->text().contains(QStringLiteral("Move")));
            QVERIFY(!action->text().contains(QStringLiteral("Checkpoint")));
        }
        for (const QString& name : MainWindow::viewNames())
            QVERIFY(window.showView(name));
        QVERIFY(!window.showView(QStringLiteral("nothing")));
    }
};

QTEST_MAIN(BridgeTest)
#include "tst_bridge.moc"
