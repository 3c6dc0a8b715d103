// Shows the window on the scripted engine and saves a picture of every view and state:
// ui_gallery --out DIR [--size 1280x800] [--theme dark|light|contrast] [--only NAME]
#include "tests/support/scripted_link.h"
#include "ui/board/board_view.h"
#include "ui/views/main_window.h"
#include "ui/views/status_message_bar.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QTest>

#include <cstdio>

using namespace foreshard;
using namespace foreshard::ui;

namespace {

class Gallery {
public:
    Gallery(QString directory, QSize size, ThemeKind kind, QString only)
        : directory_(std::move(directory)), size_(size), only_(std::move(only))
    {
        theme_.apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), kind);
        prefix_ = QStringLiteral("%1-%2x%3")
                      .arg(themeKindName(kind))
                      .arg(size.width())
                      .arg(size.height());
    }

    void run()
    {
        for (const QString& view : MainWindow::viewNames())
            shot(view,
                 [&](MainWindow& window, ScriptedLink&, EngineBridge&) { window.showView(view); });
        shot(QStringLiteral("drag"), [](MainWindow& window, ScriptedLink&, EngineBridge&) {
            auto& board = window.boardView().board();
            const QPoint from = board.cardRect({5}).center();
            const QPoint to = board.columnRect({2}).topLeft() + QPoint(20, 180);
            QTest::mousePress(board.viewport(), Qt::LeftButton, {}, from);
            for (int i = 1; i <= 8; ++i)
                QTest::mouseMove(board.viewport(), from + (to - from) * i / 8);
        });
        shot(QStringLiteral("moving"), [](MainWindow&, ScriptedLink& link, EngineBridge& bridge) {
            bridge.killNode({1});
            bridge.moveShards({{4}, {8}}, {3});
            link.advance(200);
            bridge.moveShards({{6}}, {0});
        });
        shot(QStringLiteral("table"), [](MainWindow& window, ScriptedLink&, EngineBridge&) {
            window.boardView().setTable(true);
        });
        shot(QStringLiteral("node"), [](MainWindow& window, ScriptedLink&, EngineBridge& bridge) {
            bridge.selectNode({2});
            window.killNode({2});
        });
        shot(QStringLiteral("refused"), [](MainWindow&, ScriptedLink& link, EngineBridge& bridge) {
            link.refuseNext(Errc::kStale,
                            "move refused: shard 3 has a newer epoch: look at it and try again");
            bridge.moveShards({{3}}, {1});
        });
        shot(QStringLiteral("lost"), [](MainWindow&, ScriptedLink& link, EngineBridge&) {
            link.setState(LinkState::kLost, "tcp://engine:7310 does not answer");
        });
        shot(QStringLiteral("palette"),
             [](MainWindow& window, ScriptedLink&, EngineBridge&) { window.openPalette(); });
        shot(QStringLiteral("readonly"), [](MainWindow&, ScriptedLink&, EngineBridge&) {},
             {.readOnly = true});
        shot(QStringLiteral("empty"), [](MainWindow&, ScriptedLink&, EngineBridge&) {},
             {.empty = true});
    }

private:
    struct Start {
        bool readOnly = false;
        bool empty = false;
    };

    template <class Act>
    void shot(const QString& name, Act act, Start start = {})
    {
        if (!only_.isEmpty() && only_ != name) return;
        ScriptedLink link;
        if (start.empty) link.setState(LinkState::kConnecting, "tcp://engine:7310");
        EngineBridge bridge(link);
        MainWindow window(bridge, theme_, {.readOnly = start.readOnly, .persist = false});
        window.resize(size_);
        window.show();
        for (int i = 0; !start.empty && i < 400; ++i) {
            link.advance(100);
            QCoreApplication::processEvents();
        }
        if (!start.empty) bridge.selectShard({5});
        act(window, link, bridge);
        link.wake();
        QTest::qWait(60);
        if (!start.empty && name != QStringLiteral("lost")) link.advance(100);
        QTest::qWait(320);
        const QString file =
            QDir(directory_).filePath(prefix_ + u'-' + name + QStringLiteral(".png"));
        if (!window.grab().save(file)) std::fprintf(stderr, "cannot write %s\n", qPrintable(file));
    }

    Theme theme_;
    QString directory_;
    QString prefix_;
    QSize size_;
    QString only_;
};

}  // namespace

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    QCommandLineParser parser;
    parser.addHelpOption();
    const QCommandLineOption out(QStringLiteral("out"), QStringLiteral("Directory."),
                                 QStringLiteral("dir"), QStringLiteral("."));
    const QCommandLineOption size(QStringLiteral("size"), QStringLiteral("Window size."),
                                  QStringLiteral("WxH"), QStringLiteral("1280x800"));
    const QCommandLineOption themeName(QStringLiteral("theme"), QStringLiteral("Theme."),
                                       QStringLiteral("name"), QStringLiteral("dark"));
    const QCommandLineOption only(QStringLiteral("only"), QStringLiteral("One picture."),
                                  QStringLiteral("name"));
    parser.addOptions({out, size, themeName, only});
    parser.process(application);
    const QStringList sides = parser.value(size).split(u'x');
    if (sides.size() != 2) parser.showHelp(2);
    QDir().mkpath(parser.value(out));
    Gallery gallery(parser.value(out), QSize(sides[0].toInt(), sides[1].toInt()),
                    themeKindFromName(parser.value(themeName)), parser.value(only));
    gallery.run();
    return 0;
}
