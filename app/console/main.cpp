// foreshard-console: joins a window and an engine, embedded or elsewhere.
#include "app/archive_link.h"
#include "app/engine_host.h"
#include "app/network_link.h"
#include "app/program_paths.h"
#include "app/run_options.h"
#include "engine/env/real/last_words.h"
#include "engine/model/endpoint.h"
#include "engine/model/plain_text.h"
#include "ui/bridge/engine_bridge.h"
#include "ui/theme/theme.h"
#include "ui/views/main_window.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QTemporaryDir>
#include <QTimer>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <optional>
#include <unistd.h>

using namespace foreshard;

namespace {

volatile std::sig_atomic_t stopAsked = 0;

// What stands behind the window; the link goes first, then the engine, then its folder.
struct Backend {
    std::unique_ptr<QTemporaryDir> folder;
    std::unique_ptr<EngineHost> engine;
    std::unique_ptr<ui::EngineLink> link;
};

int fail(const Error& error, int code)
{
    std::fprintf(stderr, "foreshard-console: %s\n", printable(error.message).c_str());
    return code;
}

RunWords demoWords(const std::string& folder)
{
    RunWords words;
    words.source = "synth:mixed?rate=2500";
    // Waits as a call to elsewhere would: about a third of each node, near its limit in bursts.
    words.operatorName = "work?scale=14";
    words.type = "type";
    words.key = "key";
    words.value = "value";
    words.data = folder;
    // A demo left open all day must not fill the disk.
    words.retain = 64U << 20U;
    words.segmentBytes = 4U << 20U;
    return words;
}

Status startDemo(Backend& backend)
{
    backend.folder = std::make_unique<QTemporaryDir>();
    if (!backend.folder->isValid()) {
        return Error{Errc::kReadOnly, "make a temporary folder for the demo: "
                                          + backend.folder->errorString().toStdString()
                                          + ": set TMPDIR to a folder with room"};
    }
    FS_TRY(EngineHostOptions options,
           engineOptions(demoWords(backend.folder->path().toStdString())));
    FS_TRY(backend.engine, EngineHost::start(std::move(options)));
    FS_TRY(backend.link, NetworkLink::embedded(backend.engine->network()));
    return {};
}

// "board, timeline or events."
QString viewWords()
{
    QStringList names = ui::MainWindow::viewNames();
    const QString last = names.takeLast();
    return QStringLiteral("%1 or %2.").arg(names.join(QStringLiteral(", ")), last);
}

void addOptions(QCommandLineParser& parser)
{
    parser.setApplicationDescription(QStringLiteral(
        "Operations console for Foreshard: shards, checkpoint intervals, correlation, "
        "the assignment log and checkpoint timelines, live."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addOptions({
        {QStringLiteral("demo"),
         QStringLiteral("Run an embedded engine on a synthetic stream (the default).")},
        {QStringLiteral("open"), QStringLiteral("Look at a data directory, read only."),
         QStringLiteral("DIR")},
        {QStringLiteral("connect"), QStringLiteral("Operate the engine at an endpoint."),
         QStringLiteral("ENDPOINT")},
        {QStringLiteral("read-only"), QStringLiteral("Show, change nothing.")},
        {QStringLiteral("view"), viewWords(), QStringLiteral("NAME"), QStringLiteral("board")},
        {QStringLiteral("theme"), QStringLiteral("system, dark, light or contrast."),
         QStringLiteral("NAME")},
        {QStringLiteral("size"), QStringLiteral("Window size, e.g. 1280x800."),
         QStringLiteral("WxH")},
        {QStringLiteral("screenshot"), QStringLiteral("Save a picture of the window and end."),
         QStringLiteral("FILE")},
        {QStringLiteral("after"), QStringLiteral("Seconds to run before the picture (5)."),
         QStringLiteral("SECONDS"), QStringLiteral("5")},
    });
}

Status openBackend(const QCommandLineParser& parser, Backend& backend)
{
    const bool readOnly = parser.isSet(QStringLiteral("read-only"));
    if (parser.isSet(QStringLiteral("open"))) {
        FS_TRY(backend.link, ArchiveLink::open(parser.value(QStringLiteral("open")).toStdString()));
        return {};
    }
    if (parser.isSet(QStringLiteral("connect"))) {
        const std::string endpoint = parser.value(QStringLiteral("connect")).toStdString();
        FS_TRY_STATUS(checkEndpoint("--connect", endpoint));
        FS_TRY(backend.link, NetworkLink::remote(endpoint, readOnly));
        return {};
    }
    return startDemo(backend);
}

std::optional<ui::ThemeKind> themeNamed(const QString& name)
{
    for (const ui::ThemeKind kind : {ui::ThemeKind::kSystem, ui::ThemeKind::kDark,
                                     ui::ThemeKind::kLight, ui::ThemeKind::kHighContrast}) {
        if (ui::themeKindName(kind) == name) return kind;
    }
    return std::nullopt;
}

// Saves the window and ends with 0, or 1 when the picture cannot be written.
void takePicture(ui::MainWindow& window, const QString& path)
{
    if (window.grab().save(path)) return QCoreApplication::exit(0);
    std::fprintf(stderr,
                 "foreshard-console: save the picture %s: the folder is missing or "
                 "read-only, or the ending is no image format: choose another file\n",
                 qPrintable(path));
    QCoreApplication::exit(1);
}

void nameApplication()
{
    QCoreApplication::setOrganizationName(QStringLiteral("foreshard"));
    QCoreApplication::setApplicationName(QStringLiteral("foreshard-console"));
    QCoreApplication::setApplicationVersion(QString::fromUtf8(programVersion()));
}

bool hasWord(int argc, char** argv, std::initializer_list<const char*> words)
{
    for (int i = 1; i < argc; ++i) {
        for (const char* word : words) {
            if (std::strcmp(argv[i], word) == 0) return true;
        }
    }
    return false;
}

// Help, version and pictures need no display; anything else says so instead of aborting in Qt.
// An exit code, or nothing to go on.
std::optional<int> withoutDisplay(int argc, char** argv)
{
    if (hasWord(argc, argv, {"--help", "-h", "--help-all", "--version", "-v"})) {
        const QCoreApplication application(argc, argv);
        nameApplication();
        QCommandLineParser parser;
        addOptions(parser);
        parser.process(application);
        return 0;
    }
    const bool display = qEnvironmentVariableIsSet("DISPLAY")
                         || qEnvironmentVariableIsSet("WAYLAND_DISPLAY")
                         || qEnvironmentVariableIsSet("QT_QPA_PLATFORM");
    if (display || hasWord(argc, argv, {"-platform"})) return std::nullopt;
    if (hasWord(argc, argv, {"--screenshot"})) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
        return std::nullopt;
    }
    return fail(Error{Errc::kUnavailable,
                      "open a window: there is no display: start it in a desktop session, or use "
                      "`foreshard run` here"},
                1);
}

int usage(const QString& what)
{
    std::fprintf(stderr, "foreshard-console: %s: see --help\n", qPrintable(what));
    return 2;
}

}  // namespace

int main(int argc, char** argv)
{
    // A reader that has gone away and a file at the size limit are errors of that write.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    installLastWords("foreshard-console");
    if (const std::optional<int> code = withoutDisplay(argc, argv)) return *code;
    QApplication application(argc, argv);
    nameApplication();
    QGuiApplication::setDesktopFileName(QStringLiteral("org.foreshard.Foreshard"));
    QCommandLineParser parser;
    addOptions(parser);
    parser.process(application);
    ui::MainWindow::Options options;
    options.readOnly = parser.isSet(QStringLiteral("read-only"));
    options.startView = parser.value(QStringLiteral("view"));
    options.persist = !parser.isSet(QStringLiteral("screenshot"));
    if (!ui::MainWindow::viewNames().contains(options.startView)) {
        return usage(QStringLiteral("unknown view '%1'").arg(options.startView));
    }
    const auto kind = parser.isSet(QStringLiteral("theme"))
                          ? themeNamed(parser.value(QStringLiteral("theme")))
                          : ui::ThemeKind::kSystem;
    if (!kind)
        return usage(
            QStringLiteral("unknown theme '%1'").arg(parser.value(QStringLiteral("theme"))));

    Backend backend;
    if (const Status status = openBackend(parser, backend); !status.ok()) {
        return fail(status.error(), status.error().code == Errc::kInvalid ? 2 : 1);
    }
    int code = 0;
    {
        ui::Theme theme;
        theme.apply(application, *kind);
        ui::EngineBridge bridge(*backend.link);
        ui::MainWindow window(bridge, theme, options);
        // The window brings back the theme it was closed with; what was asked for now wins.
        if (parser.isSet(QStringLiteral("theme"))) theme.apply(application, *kind);
        const QStringList size = parser.value(QStringLiteral("size")).split(QLatin1Char('x'));
        if (size.size() == 2) window.resize(size[0].toInt(), size[1].toInt());
        window.show();
        // Ctrl-C in the terminal closes the window like its button does.
        std::signal(SIGINT, [](int) { stopAsked = 1; });
        std::signal(SIGTERM, [](int) { stopAsked = 1; });
        QTimer watch;
        QObject::connect(&watch, &QTimer::timeout, &window, [&window] {
            if (stopAsked != 0) window.close();
        });
        watch.start(200);
        if (parser.isSet(QStringLiteral("screenshot"))) {
            const double seconds = parser.value(QStringLiteral("after")).toDouble();
            const QString path = parser.value(QStringLiteral("screenshot"));
            QTimer::singleShot(static_cast<int>(seconds * 1000), &window,
                               [&window, path] { takePicture(window, path); });
        }
        code = QApplication::exec();
    }
    backend.link.reset();
    if (backend.engine && !backend.engine->close()) {
        // Its model never ends. Everything else is closed; the demo's folder is ours to remove.
        backend.folder.reset();
        std::fflush(nullptr);
        _exit(code);
    }
    backend.engine.reset();
    return code;
}
