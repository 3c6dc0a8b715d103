// The window: its pages, what it asks and says.
#include "tests/support/console_bench.h"
#include "ui/theme/icons.h"
#include "ui/views/main_window.h"
#include "ui/views/status_message_bar.h"

#include <QAction>
#include <QButtonGroup>
#include <QPushButton>
#include <QSet>
#include <QtTest>

#include <algorithm>

using namespace foreshard;
using namespace foreshard::ui;

class MainWindowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void pages_haveAName_aTitle_andAnIconOfTheirOwn()
    {
        const Theme theme;
        QSet<QString> names;
        for (const Page& page : pages()) {
            QVERIFY(!page.title.isEmpty());
            QVERIFY2(!icon(page.name, theme).isNull(), qPrintable(page.name));
            names.insert(page.name);
        }
        QCOMPARE(names.size(), static_cast<qsizetype>(pages().size()));
        QCOMPARE(MainWindow::viewNames().front(), QStringLiteral("board"));
    }

    void eachPage_hasAButton_aMenuEntry_andAShortcut_thatLeadToIt()
    {
        ConsoleBench bench;
        MainWindow window(bench.bridge, bench.theme, {.persist = false});
        const auto* buttons = window.findChild<QButtonGroup*>();
        QVERIFY(buttons != nullptr);
        int index = 0;
        for (const Page& page : pages()) {
            QAbstractButton* button = buttons->button(index++);
            QVERIFY(button != nullptr);
            QCOMPARE(button->text(), page.title);
            QVERIFY(window.showView(MainWindow::viewNames().back()));
            button->click();
            QCOMPARE(window.currentView(), page.name);
            QVERIFY(button->isChecked());
            const QKeySequence keys(QStringLiteral("Ctrl+%1").arg(index));
            const QList<QAction*> actions = window.allActions();
            const auto found =
                std::find_if(actions.begin(), actions.end(),
                             [&](const QAction* action) { return action->shortcut() == keys; });
            QVERIFY(found != actions.end());
            QCOMPARE((*found)->text(), page.title);
            QVERIFY(window.showView(MainWindow::viewNames().front()));
            (*found)->trigger();
            QCOMPARE(window.currentView(), page.name);
        }
        QVERIFY(buttons->button(index) == nullptr);
    }

    void refusal_isSaidInline_withItsNextStep()
    {
        ConsoleBench bench;
        MainWindow window(bench.bridge, bench.theme, {.persist = false});
        window.show();
        bench.run(5);
        bench.link.refuseNext(Errc::kStale, "move refused: the log has moved on: try again");
        bench.bridge.moveShards({{1}}, {2});
        QCoreApplication::processEvents();
        QVERIFY(window.messages().text().contains(QStringLiteral("try again")));
    }

    void killDrill_asksFirst_andSendsOnlyWhenTold()
    {
        ConsoleBench bench;
        MainWindow window(bench.bridge, bench.theme, {.persist = false});
        window.show();
        bench.run(5);
        window.killNode({2});
        QVERIFY(window.messages().asking());
        QVERIFY(bench.link.sent().empty());
        for (auto* button : window.messages().findChildren<QPushButton*>()) {
            if (button->text() == QStringLiteral("Kill node 2")) button->click();
        }
        QCOMPARE(bench.link.sent().size(), std::size_t{1});
        QVERIFY(std::holds_alternative<DrillCommand>(bench.link.sent().front().body));
    }

    void readOnlyWindow_hasNoChangingActions()
    {
        ConsoleBench bench;
        MainWindow window(bench.bridge, bench.theme, {.readOnly = true, .persist = false});
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

QTEST_MAIN(MainWindowTest)
#include "tst_main_window.moc"
