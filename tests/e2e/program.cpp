#include "tests/e2e/program.h"

#include <QDeadlineTimer>
#include <QFile>
#include <QJsonDocument>

#include <algorithm>
#include <csignal>
#include <sys/types.h>

namespace foreshard::e2e {
namespace {

constexpr int kPatienceMs = 90'000;

Outcome outcomeOf(QProcess& process)
{
    Outcome outcome;
    // Qt hands out the signal's number as the exit code of a process that crashed.
    if (process.exitStatus() == QProcess::CrashExit) {
        outcome.signal = process.exitCode() != 0 ? process.exitCode() : SIGKILL;
    } else {
        outcome.exitCode = process.exitCode();
    }
    outcome.out = process.readAllStandardOutput();
    outcome.err = process.readAllStandardError();
    return outcome;
}

Outcome finish(QProcess& process)
{
    if (!process.waitForFinished(kPatienceMs)) {
        process.kill();
        process.waitForFinished();
    }
    return outcomeOf(process);
}

}  // namespace

QString programPath() { return QStringLiteral(FORESHARD_BIN_DIR "/foreshard"); }

QString described(const Outcome& outcome)
{
    const int code = outcome.signal != 0 ? 128 + outcome.signal : outcome.exitCode;
    return QStringLiteral("exit %1: %2").arg(code).arg(QString::fromUtf8(outcome.err.right(2000)));
}

Outcome runProgram(const QStringList& arguments, const QString& inputFile)
{
    QProcess process;
    QProcess cat;
    process.setProgram(programPath());
    process.setArguments(arguments);
    if (inputFile.isEmpty()) {
        process.setStandardInputFile(QProcess::nullDevice());
    } else {
        cat.setStandardOutputProcess(&process);
        cat.start(QStringLiteral("cat"), {inputFile});
    }
    process.start(QIODevice::ReadOnly);
    const Outcome outcome = finish(process);
    if (!inputFile.isEmpty()) cat.waitForFinished();
    return outcome;
}

Outcome runOther(const QString& program, const QStringList& arguments)
{
    QProcess process;
    process.start(program, arguments, QIODevice::ReadOnly);
    return finish(process);
}

RunningProgram::RunningProgram(const QStringList& arguments, const QStringList& environment)
{
    QProcessEnvironment variables = QProcessEnvironment::systemEnvironment();
    for (const QString& variable : environment)
        variables.insert(variable.section(u'=', 0, 0), variable.section(u'=', 1));
    process_.setProcessEnvironment(variables);
    process_.setStandardInputFile(QProcess::nullDevice());
    process_.setReadChannel(QProcess::StandardError);  // what waitForError() waits for
    process_.start(programPath(), arguments, QIODevice::ReadOnly);
    process_.waitForStarted();
}

RunningProgram::~RunningProgram()
{
    if (process_.state() == QProcess::NotRunning) return;
    process_.kill();
    process_.waitForFinished();
}

bool RunningProgram::waitForEnd(int milliseconds)
{
    return process_.state() == QProcess::NotRunning || process_.waitForFinished(milliseconds);
}

void RunningProgram::send(int signal)
{
    if (running()) ::kill(static_cast<pid_t>(pid()), signal);
}

bool RunningProgram::stopped() const
{
    QFile stat(QStringLiteral("/proc/%1/stat").arg(pid()));
    if (!running() || !stat.open(QIODevice::ReadOnly)) return false;
    const QByteArray text = stat.readAll();  // "pid (name) state ...", and a name may hold ')'
    return text.mid(text.lastIndexOf(')') + 2, 1) == "T";
}

bool RunningProgram::waitForError(const QByteArray& text, int milliseconds)
{
    const QDeadlineTimer deadline(milliseconds);
    while (!err_.contains(text) && !deadline.hasExpired()) {
        process_.waitForReadyRead(50);
        err_ += process_.readAllStandardError();
        if (!running()) break;
    }
    return err_.contains(text);
}

Outcome RunningProgram::outcome()
{
    Outcome outcome = outcomeOf(process_);
    outcome.err.prepend(err_);
    return outcome;
}

QJsonObject parseJson(const QByteArray& text) { return QJsonDocument::fromJson(text).object(); }

QJsonObject readJson(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? parseJson(file.readAll()) : QJsonObject{};
}

QString missingIn(const QByteArray& err, const QList<QByteArray>& words)
{
    const QByteArray prefix = "foreshard: ";
    QString complaint = QStringLiteral("no line holds all the words");
    for (const QByteArray& line : err.split('\n')) {
        if (!line.startsWith(prefix)) continue;
        const bool holdsAll = std::all_of(
            words.begin(), words.end(), [&line](const auto& word) { return line.contains(word); });
        if (!holdsAll) continue;
        if (line.mid(prefix.size()).count(": ") >= 2) return {};
        complaint = QStringLiteral("not \"what: likely cause: next step\"");
    }
    return complaint + QStringLiteral(" [%1] in: ").arg(QString::fromUtf8(words.join(", ")))
           + QString::fromUtf8(err.right(2000));
}

}  // namespace foreshard::e2e
