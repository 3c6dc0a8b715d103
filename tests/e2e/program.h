#pragma once
// Drives the real `foreshard` program: one call for a command that ends by itself, one object for
// a program in the background. Everything started here is ended and reaped here.
#include <QByteArray>
#include <QJsonObject>
#include <QProcess>
#include <QString>
#include <QStringList>

namespace foreshard::e2e {

struct Outcome {
    int exitCode = -1;
    int signal = 0;  // what ended the program instead; 0: it ended by itself
    QByteArray out;
    QByteArray err;
};

// What a shell shows: the exit code, or 128 + signal; and standard error. For messages of tests.
QString described(const Outcome& outcome);

// Waits for the end, at most 90 s; then the program is killed, which the signal tells.
// `inputFile` is piped into standard input by `cat`; empty: no input.
Outcome runProgram(const QStringList& arguments, const QString& inputFile = {});
// The same for another program, found on the path.
Outcome runOther(const QString& program, const QStringList& arguments);

class RunningProgram {
public:
    // `environment` adds "NAME=VALUE" to what the test has itself.
    explicit RunningProgram(const QStringList& arguments, const QStringList& environment = {});
    ~RunningProgram();
    RunningProgram(const RunningProgram&) = delete;
    RunningProgram& operator=(const RunningProgram&) = delete;

    qint64 pid() const { return process_.processId(); }
    bool running() const { return process_.state() == QProcess::Running; }
    // SIGKILL, SIGTERM.
    void kill() { process_.kill(); }
    void terminate() { process_.terminate(); }
    // SIGSTOP, SIGCONT. Nothing when it has ended.
    void send(int signal);
    // Is it stopped by a signal right now?
    bool stopped() const;
    // True when it ended within `milliseconds`.
    bool waitForEnd(int milliseconds);
    // True when it said so on standard error within `milliseconds`.
    bool waitForError(const QByteArray& text, int milliseconds);
    // REQUIRES: it has ended.
    Outcome outcome();

private:
    QProcess process_;
    QByteArray err_;  // read so far
};

QString programPath();
// Empty when `path` holds no JSON object.
QJsonObject readJson(const QString& path);
QJsonObject parseJson(const QByteArray& text);

// Empty when one line of `err` reads "foreshard: what: likely cause: next step" and holds all
// `words`; else what is wrong.
QString missingIn(const QByteArray& err, const QList<QByteArray>& words);

}  // namespace foreshard::e2e
