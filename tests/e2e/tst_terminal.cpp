// What the real program prints on a terminal, when keys, paths and messages hold codes that would
// command one: escaped there, exact in a pipe.
#include "tests/e2e/program.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest>

#include <memory>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

namespace foreshard::e2e {
namespace {

struct Key {
    const char* bytes;
    const char* shown;
};
// Escape sequences with ESC and with the C1 character, DEL, a bell, a carriage return over the
// line, a turned writing direction.
constexpr Key kKeys[] = {
    {"\x1b]0;owned\x07", "\\u001b]0;owned\\u0007"},
    {"\xc2\x9b"
     "31mred",
     "\\u009b31mred"},
    {"del\x7f", "del\\u007f"},
    {"abc\rxyz", "abc\\u000dxyz"},
    {"a\xe2\x80\xae"
     "cba",
     "a\\u202ecba"},
};

// Standard output and standard error are a terminal; all that comes there.
QByteArray onTerminal(const QStringList& arguments)
{
    std::vector<QByteArray> words{QFile::encodeName(programPath())};
    for (const QString& argument : arguments)
        words.push_back(QFile::encodeName(argument));
    std::vector<char*> pointers;
    for (QByteArray& word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    int master = -1;
    const pid_t child = forkpty(&master, nullptr, nullptr, nullptr);
    if (child == 0) {
        execv(pointers.front(), pointers.data());
        _exit(127);
    }
    QByteArray out;
    char buffer[4096];
    for (ssize_t got = 0; (got = read(master, buffer, sizeof buffer)) > 0;)
        out.append(buffer, got);
    ::close(master);
    int status = 0;
    waitpid(child, &status, 0);
    return out;
}

// Empty when a terminal obeys nothing in it but line ends.
QString obeyed(const QByteArray& out)
{
    const QString text = QString::fromUtf8(out).remove(QStringLiteral("\r\n"));
    for (const QChar c : text) {
        const bool tab = c == u'\t';
        const bool harmless =
            c.category() != QChar::Other_Control && c.category() != QChar::Other_Format;
        if (!tab && !harmless) return QStringLiteral("U+%1 in: ").arg(c.unicode(), 4, 16) + text;
    }
    return text.isEmpty() ? QStringLiteral("nothing was printed") : QString();
}

}  // namespace

class TerminalTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void results_onATerminal_areEscaped_andExactInAPipe();
    void locate_onATerminal_isEscaped();
    void deadLetters_onATerminal_areEscaped_andExactInAPipe();
    void history_onATerminal_isEscaped();
    void json_onATerminal_isEscaped_andTheSameJson();
    void rebuild_onATerminal_isEscaped_andExactInAPipe();
    void messages_onATerminal_areEscaped_data();
    void messages_onATerminal_areEscaped();
    void hugeAndTinyNumbers_haveAnExponent();
    void sumBeyondADouble_isNullInJson_andSaid();

private:
    QString path(const char* name) const { return folder_.filePath(QString::fromLatin1(name)); }
    QStringList with(const char* command, const QStringList& more = {}) const
    {
        return QStringList{QString::fromLatin1(command), QStringLiteral("--data"), path("data")}
               + more;
    }
    Outcome runOn(const char* data, const QByteArray& csv, const QStringList& more = {}) const;

    QTemporaryDir folder_;
};

Outcome TerminalTest::runOn(const char* data, const QByteArray& csv, const QStringList& more) const
{
    const QString input = path(data) + QStringLiteral(".csv");
    QFile file(input);
    if (!file.open(QIODevice::WriteOnly)) return {};
    file.write(csv);
    file.close();
    return runProgram(QStringList{QStringLiteral("run"), QStringLiteral("--source"),
                                  QStringLiteral("csv:") + input, QStringLiteral("--key"),
                                  QStringLiteral("key"), QStringLiteral("--value"),
                                  QStringLiteral("value"), QStringLiteral("--until-end"),
                                  QStringLiteral("--shards"), QStringLiteral("2"),
                                  QStringLiteral("--predictor"), QStringLiteral("off"),
                                  QStringLiteral("--data"), path(data)}
                      + more);
}

void TerminalTest::initTestCase()
{
    QByteArray csv = "key,value\n";
    for (const Key& key : kKeys)
        csv += '"' + QByteArray(key.bytes) + "\",1\n";
    const Outcome run =
        runOn("data", csv,
              {QStringLiteral("--operator"),
               QStringLiteral("aggregate?poison=throw:") + QString::fromUtf8(kKeys[0].bytes)});
    QVERIFY2(run.exitCode == 0, qPrintable(described(run)));
}

void TerminalTest::results_onATerminal_areEscaped_andExactInAPipe()
{
    const QByteArray shown = onTerminal(with("results"));
    QCOMPARE(obeyed(shown), QString());
    const QByteArray exact = runProgram(with("results")).out;
    for (const Key& key : kKeys) {
        if (&key == kKeys) continue;  // a dead letter
        QVERIFY2(shown.contains(key.shown), shown.constData());
        QVERIFY(exact.contains(key.bytes));
    }
}

void TerminalTest::locate_onATerminal_isEscaped()
{
    for (const Key& key : kKeys) {
        const QByteArray shown =
            onTerminal(with("locate", {QStringLiteral("--key"), QString::fromUtf8(key.bytes)}));
        QCOMPARE(obeyed(shown), QString());
    }
}

void TerminalTest::deadLetters_onATerminal_areEscaped_andExactInAPipe()
{
    const QByteArray shown = onTerminal(with("deadletter"));
    QCOMPARE(obeyed(shown), QString());
    QVERIFY2(shown.contains(kKeys[0].shown), shown.constData());
    QVERIFY(runProgram(with("deadletter")).out.contains(kKeys[0].bytes));
}

void TerminalTest::history_onATerminal_isEscaped()
{
    QCOMPARE(obeyed(onTerminal(with("history"))), QString());
}

void TerminalTest::json_onATerminal_isEscaped_andTheSameJson()
{
    const QStringList json{QStringLiteral("--json")};
    QByteArray shown = onTerminal(with("deadletter", json));
    QCOMPARE(obeyed(shown), QString());
    const QJsonArray letters = parseJson(shown)[u"dead_letters"].toArray();
    QCOMPARE(letters.size(), 1);
    QCOMPARE(letters[0][u"key"].toString(), QString::fromUtf8(kKeys[0].bytes));
    QCOMPARE(parseJson(runProgram(with("deadletter", json)).out)[u"dead_letters"].toArray(),
             letters);
    const QStringList lines{QStringLiteral("--format"), QStringLiteral("jsonl")};
    shown = onTerminal(with("results", lines));
    QCOMPARE(obeyed(shown), QString());
    QCOMPARE(shown.replace("\r\n", "\n"), runProgram(with("results", lines)).out);
}

void TerminalTest::rebuild_onATerminal_isEscaped_andExactInAPipe()
{
    QCOMPARE(obeyed(onTerminal(with("rebuild"))), QString());
    QVERIFY(runProgram(with("rebuild")).out.contains(kKeys[1].bytes));
}

void TerminalTest::messages_onATerminal_areEscaped_data()
{
    QTest::addColumn<QStringList>("arguments");
    const QString bad = QStringLiteral("\x1b[2Jx\u009b\u202e\x7f");
    const auto row = [&](const char* name, QStringList words) { QTest::newRow(name) << words; };
    row("path", {QStringLiteral("results"), QStringLiteral("--data"), bad});
    row("unknown flag", {QStringLiteral("results"), QStringLiteral("--") + bad});
    row("unknown command", {bad});
    row("sink", {QStringLiteral("sink"), QStringLiteral("--out"), bad, QStringLiteral("--listen"),
                 QStringLiteral("ipc:///dev/null/x")});
    row("config", {QStringLiteral("--config"), bad, QStringLiteral("run")});
    row("verify", {QStringLiteral("verify"), QStringLiteral("--data"), bad});
    row("history", {QStringLiteral("history"), QStringLiteral("--data"), bad});
    row("source", {QStringLiteral("run"), QStringLiteral("--data"), path("other"),
                   QStringLiteral("--source"), bad});
    row("interval", {QStringLiteral("ctl"), QStringLiteral("--connect"), QStringLiteral("ipc:///x"),
                     QStringLiteral("interval"), QStringLiteral("1"), bad});
}

void TerminalTest::messages_onATerminal_areEscaped()
{
    QFETCH(const QStringList, arguments);
    QCOMPARE(obeyed(onTerminal(arguments)), QString());
}

void TerminalTest::hugeAndTinyNumbers_haveAnExponent()
{
    const Outcome run =
        runOn("numbers", "key,value\na,1e308\nb,1e-310\nc,9007199254740992\nd,.5\n");
    QVERIFY2(run.exitCode == 0, qPrintable(described(run)));
    const QByteArray out =
        runProgram({QStringLiteral("results"), QStringLiteral("--data"), path("numbers")}).out;
    QCOMPARE(out, QByteArray("key,count,sum,min,max\n"
                             "a,1,1e+308,1e+308,1e+308\n"
                             "b,1,1e-310,1e-310,1e-310\n"
                             "c,1,9007199254740992,9007199254740992,9007199254740992\n"
                             "d,1,0.5,0.5,0.5\n"));
}

void TerminalTest::sumBeyondADouble_isNullInJson_andSaid()
{
    const Outcome run = runOn("inf", "key,value\na,1e308\na,1e308\nb,1\n",
                              {QStringLiteral("--sink"), QStringLiteral("jsonl:") + path("rows")});
    QVERIFY2(run.exitCode == 0, qPrintable(described(run)));
    const Outcome json =
        runProgram({QStringLiteral("results"), QStringLiteral("--data"), path("inf"),
                    QStringLiteral("--format"), QStringLiteral("jsonl")});
    QVERIFY2(json.err.contains("1 keys, the first one a, have a sum beyond"), json.err.constData());
    QVERIFY2(json.out.startsWith("{\"key\":\"a\",\"count\":2,\"sum\":null,\"min\":1e+308,"),
             json.out.constData());
    QFile rows(path("rows"));
    QVERIFY(rows.open(QIODevice::ReadOnly));
    while (!rows.atEnd())
        QVERIFY(!parseJson(rows.readLine()).isEmpty());
}

}  // namespace foreshard::e2e

QTEST_GUILESS_MAIN(foreshard::e2e::TerminalTest)
#include "tst_terminal.moc"
