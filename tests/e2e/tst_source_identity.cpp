// A source that is not what was read any more: between two runs, while it is read, while it is
// waited for. Nothing is ever read at an old position of another stream.
#include "tests/e2e/program.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <functional>
#include <memory>

namespace foreshard::e2e {

class SourceIdentityTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();

    void source_changedBetweenRuns_isRefused_data();
    void source_changedBetweenRuns_isRefused();
    void source_changedBehindAKill_isRefused();
    void source_editedBehindAKill_isRefused_data();
    void source_editedBehindAKill_isRefused();
    void source_thatIsACopyOrGrew_goesOn_data();
    void source_thatIsACopyOrGrew_goesOn();
    void source_changedWhileItIsFollowed_isNamed_data();
    void source_changedWhileItIsFollowed_isNamed();
    void standardInput_sentAgainButEdited_isRefused();
    void standardInput_thatGoesOn_isTakenAndSaid();
    void standardInput_sentAgainBehindAContinuation_isComparedWhole();
    void lastLine_thatGrows_isRejectedByName();
    void fingerprint_thatIsDamaged_isNamed();
    void start_thatFailed_leavesTheDirectoryFree_data();
    void start_thatFailed_leavesTheDirectoryFree();
    void standardInput_whoseBeginningIsNotKnown_isRefused_data();
    void standardInput_whoseBeginningIsNotKnown_isRefused();
    void pipe_underAnotherName_isNotReadAgainByARestart();
    void start_thatForgetsAnother_removesNothingButItsFiles();
    void start_thatIsRefused_leavesTheSeal();
    void continuation_ofAFewBadRows_isNoFailure();
    void report_thatIsTheSource_isRefused();
    void recordsPerSecond_ofAResumedRun_areItsOwn();

private:
    QString source() const { return folder_->filePath(QStringLiteral("s.csv")); }
    QString data() const { return folder_->filePath(QStringLiteral("D")); }
    void write(const QByteArray& bytes) const { writeTo(source(), bytes); }
    static void writeTo(const QString& path, const QByteArray& bytes)
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(bytes), bytes.size());
    }
    void append(const QByteArray& bytes) const
    {
        QFile file(source());
        QVERIFY(file.open(QIODevice::Append));
        QCOMPARE(file.write(bytes), bytes.size());
    }
    QStringList arguments(bool untilEnd) const
    {
        QStringList all{QStringLiteral("run"),
                        QStringLiteral("--data"),
                        data(),
                        QStringLiteral("--key"),
                        QStringLiteral("id"),
                        QStringLiteral("--value"),
                        QStringLiteral("n"),
                        QStringLiteral("--operator"),
                        QStringLiteral("aggregate"),
                        QStringLiteral("--source"),
                        QStringLiteral("csv:") + source()};
        if (untilEnd) all << QStringLiteral("--until-end");
        return all;
    }
    Outcome run() const { return runProgram(arguments(true)); }
    // The file of the source, piped.
    Outcome pipe() const
    {
        QStringList all = arguments(true);
        all[all.indexOf(QStringLiteral("--source")) + 1] = QStringLiteral("-?format=csv");
        return runProgram(all, source());
    }
    QByteArray results() const
    {
        return runProgram({QStringLiteral("results"), QStringLiteral("--data"), data()}).out;
    }

    std::unique_ptr<QTemporaryDir> folder_;
};

namespace {

QByteArray rows(const char* name, int count)
{
    QByteArray text = "id,n\n";
    for (int i = 0; i < count; ++i)
        text += QByteArray(name) + QByteArray::number(i) + ",1\n";
    return text;
}

using Change = std::function<void(const QString& path)>;

void rewrite(const QString& path, const QByteArray& bytes)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
}

void editAt(const QString& path, qint64 position, const QByteArray& bytes)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(position));
    QCOMPARE(file.write(bytes), bytes.size());
}

void addChanges()
{
    QTest::addColumn<Change>("change");
    QTest::newRow("another file, longer")
        << Change([](const QString& path) { rewrite(path, rows("new-day", 9000)); });
    QTest::newRow("another file of the same length") << Change([](const QString& path) {
        QByteArray other = rows("old", 4000);
        other.replace("old", "new");
        rewrite(path, other);
    });
    QTest::newRow("a longer file with the same rows in another order")
        << Change([](const QString& path) {
               QByteArray other = rows("old", 4000);
               other.replace("old0,1\nold1,1\n", "old1,1\nold0,1\n");
               rewrite(path, other + "x,1\n");
           });
    QTest::newRow("shortened") << Change([](const QString& path) { QFile::resize(path, 100); });
    QTest::newRow("emptied") << Change([](const QString& path) { QFile::resize(path, 0); });
    QTest::newRow("its first row edited")
        << Change([](const QString& path) { editAt(path, 5, "OLD"); });
    QTest::newRow("a value in the middle edited")
        << Change([](const QString& path) { editAt(path, 20'000, "7"); });
    QTest::newRow("its last row edited")
        << Change([](const QString& path) { editAt(path, QFileInfo(path).size() - 2, "9"); });
    QTest::newRow("a link to another file") << Change([](const QString& path) {
        rewrite(path + QStringLiteral(".2"), rows("two", 5000));
        QVERIFY(QFile::remove(path));
        QVERIFY(QFile::link(path + QStringLiteral(".2"), path));
    });
}

}  // namespace

void SourceIdentityTest::initTestCase()
{
    QVERIFY2(QFile::exists(programPath()), "build the target `foreshard` first");
}

void SourceIdentityTest::init()
{
    folder_ = std::make_unique<QTemporaryDir>();
    QVERIFY(folder_->isValid());
}

void SourceIdentityTest::source_changedBetweenRuns_isRefused_data() { addChanges(); }

void SourceIdentityTest::source_changedBetweenRuns_isRefused()
{
    QFETCH(const Change, change);
    write(rows("old", 4000));
    QCOMPARE(run().exitCode, 0);
    const QByteArray before = results();
    QCOMPARE(before.count('\n'), 4001);
    change(source());
    const Outcome second = run();
    QVERIFY2(second.exitCode == 5 || second.exitCode == 3, qPrintable(described(second)));
    QVERIFY2(second.err.contains("s.csv"), second.err.constData());
    QCOMPARE(results(), before);
    const Outcome verified =
        runProgram({QStringLiteral("verify"), QStringLiteral("--data"), data()});
    QVERIFY2(verified.exitCode == 0, qPrintable(described(verified)));
    // With the old file back it goes on.
    QVERIFY(QFile::remove(source()));
    write(rows("old", 4000) + "more,1\n");
    const Outcome third = run();
    QVERIFY2(third.exitCode == 0, qPrintable(described(third)));
    QVERIFY(results().contains("more,1,1,1,1\n"));
}

void SourceIdentityTest::source_changedBehindAKill_isRefused()
{
    write(rows("old", 4000));
    RunningProgram running(arguments(false));
    QTRY_VERIFY_WITH_TIMEOUT(results().count('\n') == 4001, 20'000);
    running.kill();
    QVERIFY(running.waitForEnd(10'000));
    write(rows("new-day", 9000));
    const Outcome second = run();
    QVERIFY2(second.exitCode == 5, qPrintable(described(second)));
    QVERIFY2(!results().contains("new-day"), "rows of another stream were counted");
}

void SourceIdentityTest::source_editedBehindAKill_isRefused_data()
{
    QTest::addColumn<int>("percent");
    for (const int percent : {1, 40, 60, 80, 95, 99})
        QTest::addRow("at %d %%", percent) << percent;
}

// What a killed run knows of each block ends before what its boxes hold.
void SourceIdentityTest::source_editedBehindAKill_isRefused()
{
    QFETCH(int, percent);
    constexpr int kSteps = 12;
    write(rows("old", 4000));
    RunningProgram running(arguments(false));
    for (int step = 1; step <= kSteps; ++step) {  // several batches
        QTRY_VERIFY_WITH_TIMEOUT(results().count('\n') == 4000 + (step - 1) * 500 + 1, 20'000);
        const QByteArray name = "step" + QByteArray::number(step) + '-';
        if (step < kSteps) append(rows(name.constData(), 500).mid(5));
    }
    running.kill();
    QVERIFY(running.waitForEnd(10'000));
    editAt(source(), QFileInfo(source()).size() / 100 * percent, "#");
    const Outcome second = run();
    QVERIFY2(second.exitCode == 5, qPrintable(described(second)));
    QVERIFY2(second.err.contains("is not what was read any more"), second.err.constData());
}

void SourceIdentityTest::source_thatIsACopyOrGrew_goesOn_data()
{
    QTest::addColumn<Change>("change");
    QTest::newRow("touched") << Change([](const QString& path) { editAt(path, 0, "i"); });
    QTest::newRow("copied over") << Change([](const QString& path) {
        QVERIFY(QFile::copy(path, path + QStringLiteral(".copy")));
        QVERIFY(QFile::remove(path));
        QVERIFY(QFile::rename(path + QStringLiteral(".copy"), path));
    });
    QTest::newRow("a link to a copy") << Change([](const QString& path) {
        QVERIFY(QFile::rename(path, path + QStringLiteral(".1")));
        QVERIFY(QFile::link(path + QStringLiteral(".1"), path));
    });
}

void SourceIdentityTest::source_thatIsACopyOrGrew_goesOn()
{
    QFETCH(const Change, change);
    write(rows("old", 30'000));
    QCOMPARE(run().exitCode, 0);
    change(source());
    append("more,5\n");
    const Outcome second = run();
    QVERIFY2(second.exitCode == 0, qPrintable(described(second)));
    QCOMPARE(results().count('\n'), 30'002);
    QVERIFY(results().contains("more,1,5,5,5\n"));
}

void SourceIdentityTest::source_changedWhileItIsFollowed_isNamed_data()
{
    addChanges();
    QTest::newRow("renamed, and another in its place") << Change([](const QString& path) {
        QVERIFY(QFile::rename(path, path + QStringLiteral(".1")));
        rewrite(path, rows("new-day", 10));
    });
    QTest::newRow("removed") << Change([](const QString& path) { QVERIFY(QFile::remove(path)); });
    QTest::newRow("copied and truncated, then grown past the old end")
        << Change([](const QString& path) {
               QFile::resize(path, 0);
               rewrite(path, rows("new-day", 9000));
           });
}

void SourceIdentityTest::source_changedWhileItIsFollowed_isNamed()
{
    QFETCH(const Change, change);
    const QString name = QString::fromLatin1(QTest::currentDataTag());
    if (name == u"its first row edited" || name == u"a value in the middle edited"
        || name == u"a longer file with the same rows in another order")
        return;  // far behind the position: the next start looks at it
    write(rows("old", 4000));
    RunningProgram running(arguments(false));
    QTRY_VERIFY_WITH_TIMEOUT(results().count('\n') == 4001, 20'000);
    change(source());
    QVERIFY(running.waitForEnd(15'000));
    const Outcome outcome = running.outcome();
    QVERIFY2(outcome.exitCode == 5, qPrintable(described(outcome)));
    QVERIFY2(outcome.err.contains("s.csv"), outcome.err.constData());
    const QByteArray after = results();
    QVERIFY2(after.count('\n') == 4001 && !after.contains("new"), after.right(200).constData());
}

void SourceIdentityTest::standardInput_sentAgainButEdited_isRefused()
{
    const QByteArray stream = rows("old", 30'000);
    write(stream);
    QCOMPARE(pipe().exitCode, 0);
    const QByteArray before = results();
    for (const qsizetype edited : {qsizetype{9}, stream.size() / 2, stream.size() - 3}) {
        QByteArray other = stream;
        other[edited] = other[edited] == '7' ? '8' : '7';
        write(other + "more,1\n");
        const Outcome refused = pipe();
        QVERIFY2(refused.exitCode == 5, qPrintable(described(refused)));
        QCOMPARE(results(), before);
    }
    write(stream + "more,1\n");
    QCOMPARE(pipe().exitCode, 0);
    QCOMPARE(results().count('\n'), before.count('\n') + 1);
}

void SourceIdentityTest::standardInput_thatGoesOn_isTakenAndSaid()
{
    write("id,n\na,1\nb,2\n");
    QCOMPARE(pipe().exitCode, 0);
    write("c,3\nd,4\n");
    const Outcome more = pipe();
    QVERIFY2(more.exitCode == 0, qPrintable(described(more)));
    QVERIFY2(more.err.contains("does not begin with what was taken of it before"),
             more.err.constData());
    QCOMPARE(results().count('\n'), 5);
}

void SourceIdentityTest::standardInput_sentAgainBehindAContinuation_isComparedWhole()
{
    const QByteArray first = rows("old", 20'000);
    const QByteArray second = rows("new", 20'000).mid(5);
    write(first);
    QCOMPARE(pipe().exitCode, 0);
    write(second);
    QCOMPARE(pipe().exitCode, 0);
    const QByteArray before = results();
    for (const qsizetype edited :
         {qsizetype{100'000}, first.size() + 9, first.size() + second.size() / 2}) {
        QByteArray other = first + second + "more,1\n";
        other[edited] = other[edited] == '7' ? '8' : '7';
        write(other);
        const Outcome refused = pipe();
        QVERIFY2(refused.exitCode == 5, qPrintable(described(refused)));
        QCOMPARE(results(), before);
    }
    write(first + second + "more,1\n");
    QCOMPARE(pipe().exitCode, 0);
    QCOMPARE(results().count('\n'), before.count('\n') + 1);
}

void SourceIdentityTest::lastLine_thatGrows_isRejectedByName()
{
    write("id,n\na,1\nb,2");
    QCOMPARE(run().exitCode, 0);
    append("\n");
    const Outcome completed = run();
    QVERIFY2(completed.exitCode == 0 && !completed.err.contains("rejected:"),
             qPrintable(described(completed)));
    append("d,4");
    QCOMPARE(run().exitCode, 0);
    append("5\nc,3\ne,6\nf,7\n");
    const Outcome grown = run();
    QVERIFY2(grown.err.contains("goes on with a line that was counted"), grown.err.constData());
    QCOMPARE(results(),
             "key,count,sum,min,max\na,1,1,1,1\nb,1,2,2,2\nc,1,3,3,3\nd,1,4,4,4\n"
             "e,1,6,6,6\nf,1,7,7,7\n");
    const Outcome rebuilt =
        runProgram({QStringLiteral("rebuild"), QStringLiteral("--data"), data()});
    QCOMPARE(rebuilt.out, QByteArray("id,n\na,1\nb,2\nd,45\nc,3\ne,6\nf,7\n"));
}

void SourceIdentityTest::fingerprint_thatIsDamaged_isNamed()
{
    write(rows("old", 100));
    QCOMPARE(run().exitCode, 0);
    const QString path = data() + QStringLiteral("/source.fingerprint");
    QVERIFY(QFile::exists(path));
    editAt(path, 9, "x");
    const Outcome verified =
        runProgram({QStringLiteral("verify"), QStringLiteral("--data"), data()});
    QVERIFY2(verified.exitCode == 4 && verified.err.contains("source.fingerprint"),
             qPrintable(described(verified)));
    const Outcome second = run();
    QVERIFY2(second.exitCode == 4, qPrintable(described(second)));
}

void SourceIdentityTest::start_thatFailed_leavesTheDirectoryFree_data()
{
    QTest::addColumn<QStringList>("wrong");
    QTest::newRow("a column that is not there")
        << QStringList{QStringLiteral("--key"), QStringLiteral("ID2")};
    QTest::newRow("a file that is not there")
        << QStringList{QStringLiteral("--source"), QStringLiteral("csv:none.csv")};
    QTest::newRow("another format")
        << QStringList{QStringLiteral("--source"), QStringLiteral("lines:none.log"),
                       QStringLiteral("--pattern"), QStringLiteral("(?P<id>x)")};
    QTest::newRow("another key, and nowhere to listen")
        << QStringList{QStringLiteral("--key"), QStringLiteral("n"), QStringLiteral("--listen"),
                       QStringLiteral("ipc:///no/such/folder/socket")};
    QTest::newRow("another key, and a sink that is no sink file")
        << QStringList{QStringLiteral("--key"), QStringLiteral("n"), QStringLiteral("--sink"),
                       QStringLiteral("jsonl:/no/such/folder/rows")};
    QTest::newRow("another shape, and no such column") << QStringList{
        QStringLiteral("--nodes"), QStringLiteral("2"),     QStringLiteral("--shards"),
        QStringLiteral("7"),       QStringLiteral("--key"), QStringLiteral("ID2")};
}

void SourceIdentityTest::start_thatFailed_leavesTheDirectoryFree()
{
    QFETCH(const QStringList, wrong);
    write(rows("k", 50));
    QStringList first = arguments(true);
    for (qsizetype i = 0; i < wrong.size(); i += 2) {
        const qsizetype at = first.indexOf(wrong[i]);
        if (at >= 0) {
            first[at + 1] = wrong[i + 1];
        } else {
            first << wrong[i] << wrong[i + 1];
        }
    }
    const Outcome failed = runProgram(first);
    QVERIFY2(failed.exitCode != 0, qPrintable(described(failed)));
    QStringList corrected = arguments(true);
    corrected << QStringLiteral("--nodes") << QStringLiteral("3");
    const Outcome second = runProgram(corrected);
    QVERIFY2(second.exitCode == 0, qPrintable(described(second)));
    QCOMPARE(results().count('\n'), 51);
    // From now on it is bound.
    const Outcome third = runProgram(first);
    QVERIFY2(third.exitCode == 2, qPrintable(described(third)));
}

void SourceIdentityTest::standardInput_whoseBeginningIsNotKnown_isRefused_data()
{
    QTest::addColumn<QString>("damage");
    QTest::addColumn<int>("exitCode");
    QTest::newRow("removed") << QStringLiteral("rm source.prefix") << 5;
    QTest::newRow("emptied") << QStringLiteral(": > source.prefix") << 4;
    QTest::newRow("cut") << QStringLiteral("truncate -s -1 source.prefix") << 4;
    QTest::newRow("changed") << QStringLiteral(
        "printf x | dd of=source.prefix bs=1 seek=9 conv=notrunc status=none")
                             << 4;
}

void SourceIdentityTest::standardInput_whoseBeginningIsNotKnown_isRefused()
{
    QFETCH(const QString, damage);
    QFETCH(const int, exitCode);
    write(rows("k", 2'000));
    QCOMPARE(pipe().exitCode, 0);
    QVERIFY(QFile::remove(data() + QStringLiteral("/SEAL")));  // as behind a kill
    const QByteArray before = results();
    QCOMPARE(runOther(QStringLiteral("bash"),
                      {QStringLiteral("-c"), QStringLiteral("cd \"$1\"; ") + damage,
                       QStringLiteral("sh"), data()})
                 .exitCode,
             0);
    const Outcome again = pipe();
    QVERIFY2(again.exitCode == exitCode, qPrintable(described(again)));
    QVERIFY2(again.err.contains("source.prefix"), again.err.constData());
    QCOMPARE(results(), before);
}

// After a crash of the operator what it had taken and not kept would be gone.
void SourceIdentityTest::pipe_underAnotherName_isNotReadAgainByARestart()
{
    write(rows("k", 50'000) + "POISON,1\n" + rows("l", 50'000).mid(5));
    QStringList all = arguments(true);
    all[all.indexOf(QStringLiteral("--operator")) + 1] =
        QStringLiteral("aggregate?poison=crash:POISON");
    all[all.indexOf(QStringLiteral("--source")) + 1] = QStringLiteral("csv:/dev/stdin");
    const QStringList shell{QStringLiteral("-c"),
                            QStringLiteral("f=$1; shift; cat \"$f\" | \"$@\""),
                            QStringLiteral("sh"), source(), programPath()};
    const Outcome outcome = runOther(QStringLiteral("bash"), shell + all);
    QVERIFY2(outcome.exitCode != 0, qPrintable(described(outcome)));
    QVERIFY2(outcome.err.contains("cannot be read again"), outcome.err.constData());
}

void SourceIdentityTest::start_thatForgetsAnother_removesNothingButItsFiles()
{
    const QStringList mine{
        QStringLiteral("/control/notes.txt"),     QStringLiteral("/checkpoint/exp1/model.pt"),
        QStringLiteral("/checkpoint/1/model.pt"), QStringLiteral("/box/list.seg"),
        QStringLiteral("/box/2/12.segment"),      QStringLiteral("/deadletter/0001.txt"),
        QStringLiteral("/control/homework.seg"),  QStringLiteral("/manifest/mine.txt")};
    for (const QString& path : mine) {
        QVERIFY(QDir().mkpath(QFileInfo(data() + path).path()));
        writeTo(data() + path, "mine");
    }
    write(rows("k", 50));
    QStringList wrong = arguments(true);
    wrong[wrong.indexOf(QStringLiteral("id"))] = QStringLiteral("ID2");
    QVERIFY(runProgram(wrong).exitCode != 0);
    const Outcome corrected = run();
    for (const QString& path : mine)
        QVERIFY2(QFile::exists(data() + path), qPrintable(path + described(corrected)));
}

void SourceIdentityTest::start_thatIsRefused_leavesTheSeal()
{
    write(rows("k", 50));
    QCOMPARE(run().exitCode, 0);
    const QString seal = data() + QStringLiteral("/SEAL");
    QVERIFY(QFile::exists(seal));
    QStringList other = arguments(true);
    other[other.indexOf(QStringLiteral("id"))] = QStringLiteral("n");
    QCOMPARE(runProgram(other).exitCode, 2);
    QVERIFY(QFile::exists(seal));
    const QStringList nowhere = arguments(true) << QStringLiteral("--listen")
                                                << QStringLiteral("ipc:///no/such/folder/socket");
    QVERIFY(runProgram(nowhere).exitCode != 0);
    QVERIFY(QFile::exists(seal));
    editAt(source(), 20, "#");
    QCOMPARE(run().exitCode, 5);
    QVERIFY(QFile::exists(seal));
    QCOMPARE(runProgram({QStringLiteral("verify"), QStringLiteral("--data"), data()}).exitCode, 0);
}

void SourceIdentityTest::continuation_ofAFewBadRows_isNoFailure()
{
    write(rows("k", 50) + "last,1");
    QCOMPARE(run().exitCode, 0);
    append("2\nbad,x\n");
    const Outcome few = run();
    QVERIFY2(few.exitCode == 0 && few.err.contains("2 rows"), qPrintable(described(few)));
    for (int i = 0; i < 20; ++i)
        append("bad,x\n");
    const Outcome many = run();
    QVERIFY2(many.exitCode == 1, qPrintable(described(many)));
}

void SourceIdentityTest::report_thatIsTheSource_isRefused()
{
    const QByteArray before = rows("k", 50);
    write(before);
    const QStringList all = arguments(true) << QStringLiteral("--report") << source();
    const Outcome outcome = runProgram(all);
    QVERIFY2(outcome.exitCode == 2, qPrintable(described(outcome)));
    QFile file(source());
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), before);
}

void SourceIdentityTest::recordsPerSecond_ofAResumedRun_areItsOwn()
{
    write(rows("k", 20'000));
    RunningProgram running(arguments(false));
    QTRY_VERIFY_WITH_TIMEOUT(results().count('\n') == 20'001, 20'000);
    running.kill();
    QVERIFY(running.waitForEnd(10'000));
    append("more,1\n");
    const Outcome second =
        runProgram(arguments(true) << QStringLiteral("--report") << QStringLiteral("-"));
    QVERIFY2(second.exitCode == 0, qPrintable(described(second)));
    const double perSecond =
        parseJson(second.out)[QStringLiteral("records_per_second_run")].toDouble();
    QVERIFY2(perSecond <= 20, qPrintable(QString::number(perSecond)));
}

}  // namespace foreshard::e2e

QTEST_GUILESS_MAIN(foreshard::e2e::SourceIdentityTest)
#include "tst_source_identity.moc"
