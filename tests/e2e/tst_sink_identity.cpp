// Engine and sink in two processes know each other: whoever else reaches the endpoint is refused,
// by the sink and by the engine. And `foreshard sink --verify` on files of the real program.
#include "tests/e2e/folder.h"
#include "tests/e2e/program.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <memory>

namespace foreshard::e2e {
namespace {

constexpr int kRecords = 6000;

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

}  // namespace

class SinkIdentityTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void secrets_areTheirOwnersAlone();
    void strangerWithTheSameStreamId_isRefused_andTheFileStaysAsItIs();
    void otherSinkAtTheEndpoint_getsNothing_andIsNotBelieved();
    void sinkWithAnIdentity_takesThatEngineAlone();
    void lostSecret_isNamed();
    void verify_namesAnEditedRowAHalfRowAndALostProgress();
    void sinkWithoutWords_isRefused();
    void sinkFileOfAnotherDirectory_isRefusedAtTheStart_andBindsNothing();

private:
    QString path(const char* name) const { return folder_->filePath(QString::fromLatin1(name)); }
    QString endpoint() const { return QStringLiteral("ipc://") + path("s"); }
    std::unique_ptr<RunningProgram> sink(const char* file, const QStringList& more = {}) const
    {
        auto program = std::make_unique<RunningProgram>(
            QStringList{QStringLiteral("sink"), QStringLiteral("--listen"), endpoint(),
                        QStringLiteral("--out"), QStringLiteral("jsonl:") + path(file)}
            + more);
        return program->waitForError("sink listens", 10'000) ? std::move(program) : nullptr;
    }
    QStringList engine(const char* data, int rate = 0) const;
    Outcome verify(const char* file) const
    {
        return runProgram({QStringLiteral("sink"), QStringLiteral("--verify"), path(file)});
    }
    int rowsOf(const char* file) const
    {
        return static_cast<int>(contentOf(path(file)).count('\n'));
    }

    std::unique_ptr<QTemporaryDir> folder_;
};

void SinkIdentityTest::init()
{
    folder_ = std::make_unique<QTemporaryDir>();
    QFile file(path("in.csv"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("key,value\n");
    for (int i = 0; i < kRecords; ++i)
        file.write("key " + QByteArray::number(i % 50) + ",1\n");
}

QStringList SinkIdentityTest::engine(const char* data, int rate) const
{
    QStringList words{QStringLiteral("run"),
                      QStringLiteral("--source"),
                      QStringLiteral("csv:") + path("in.csv"),
                      QStringLiteral("--key"),
                      QStringLiteral("key"),
                      QStringLiteral("--value"),
                      QStringLiteral("value"),
                      QStringLiteral("--shards"),
                      QStringLiteral("4"),
                      QStringLiteral("--nodes"),
                      QStringLiteral("2"),
                      QStringLiteral("--predictor"),
                      QStringLiteral("off"),
                      QStringLiteral("--sink"),
                      QStringLiteral("zmq:") + endpoint(),
                      QStringLiteral("--data"),
                      path(data),
                      QStringLiteral("--until-end")};
    if (rate > 0) words << QStringLiteral("--rate") << QString::number(rate);
    return words;
}

void SinkIdentityTest::secrets_areTheirOwnersAlone()
{
    const auto running = sink("out");
    QVERIFY(running);
    const Outcome run = runProgram(engine("data"));
    QVERIFY2(run.exitCode == 0, qPrintable(described(run)));
    QVERIFY(running->waitForError("first contact", 1000));
    running->terminate();
    QVERIFY(running->waitForEnd(10'000));
    QVERIFY(!running->outcome().err.contains("another sink"));
    QCOMPARE(rowsOf("out"), kRecords);
    for (const char* file : {"data/stream.secret", "data/stream.paired", "out.identity"}) {
        const auto others = QFileDevice::ReadGroup | QFileDevice::WriteGroup
                            | QFileDevice::ReadOther | QFileDevice::WriteOther;
        QVERIFY2(QFile::exists(path(file)), file);
        QVERIFY2((QFile::permissions(path(file)) & others) == 0, file);
    }
    QVERIFY(contentOf(path("out.identity")) != contentOf(path("data/stream.secret")));
}

void SinkIdentityTest::strangerWithTheSameStreamId_isRefused_andTheFileStaysAsItIs()
{
    const auto running = sink("out");
    QVERIFY(running);
    {
        RunningProgram first(engine("data", kRecords / 3));
        QTRY_VERIFY_WITH_TIMEOUT(rowsOf("out") > 500, 20'000);
        first.terminate();
        QVERIFY(first.waitForEnd(30'000));
    }
    QVERIFY(copyFolder(path("data"), path("stranger")));
    QVERIFY(QFile::remove(path("stranger/stream.secret")));
    QVERIFY(QFile::remove(path("stranger/stream.paired")));
    const QByteArray before = contentOf(path("out"));
    const Outcome stranger = runProgram(engine("stranger"));
    QVERIFY2(stranger.exitCode == 2, qPrintable(described(stranger)));
    QVERIFY2(stranger.err.contains("outputs of another data directory"), stranger.err.constData());
    QCOMPARE(contentOf(path("out")), before);
    const Outcome own = runProgram(engine("data"));
    QVERIFY2(own.exitCode == 0, qPrintable(described(own)));
    QCOMPARE(rowsOf("out"), kRecords);
    QCOMPARE(verify("out").exitCode, 0);
}

void SinkIdentityTest::otherSinkAtTheEndpoint_getsNothing_andIsNotBelieved()
{
    auto running = sink("out");
    QVERIFY(running);
    RunningProgram engineProgram(engine("data", kRecords / 4));
    QTRY_VERIFY_WITH_TIMEOUT(rowsOf("out") > 500, 20'000);
    running->terminate();
    QVERIFY(running->waitForEnd(10'000));
    running.reset();
    {
        const auto impostor = sink("impostor");
        QVERIFY(impostor);
        QVERIFY(impostor->waitForError("knows another sink already", 20'000));
        QTest::qWait(1000);
        QCOMPARE(rowsOf("impostor"), 0);
        QVERIFY(!QFile::exists(path("impostor.identity")));
        impostor->terminate();
        QVERIFY(impostor->waitForEnd(10'000));
    }
    running = sink("out");
    QVERIFY(running);
    QVERIFY(engineProgram.waitForEnd(60'000));
    const Outcome outcome = engineProgram.outcome();
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(rowsOf("out"), kRecords);
}

void SinkIdentityTest::sinkWithAnIdentity_takesThatEngineAlone()
{
    {
        const auto running = sink("out");
        QVERIFY(running);
        QCOMPARE(runProgram(engine("data")).exitCode, 0);
        QCOMPARE(runProgram(engine("other")).exitCode, 2);
    }
    const QStringList other{QStringLiteral("--identity"), path("other/stream.secret")};
    const Outcome wrong =
        runProgram(QStringList{QStringLiteral("sink"), QStringLiteral("--listen"), endpoint(),
                               QStringLiteral("--out"), QStringLiteral("jsonl:") + path("out")}
                   + other);
    QVERIFY2(wrong.exitCode == 2, qPrintable(described(wrong)));
    QVERIFY(wrong.err.contains("belongs to another data directory"));
    const auto running = sink("fresh", other);
    QVERIFY(running);
    const Outcome run = runProgram(engine("other"));
    QVERIFY2(run.exitCode == 0, qPrintable(described(run)));
    QCOMPARE(rowsOf("fresh"), kRecords);
}

void SinkIdentityTest::lostSecret_isNamed()
{
    {
        const auto running = sink("out");
        QVERIFY(running);
        QCOMPARE(runProgram(engine("data")).exitCode, 0);
    }
    QVERIFY(QFile::remove(path("data/stream.secret")));
    const Outcome run = runProgram(engine("data"));
    QVERIFY(run.exitCode != 0);
    QVERIFY2(run.err.contains("stream.secret"), run.err.constData());
}

void SinkIdentityTest::verify_namesAnEditedRowAHalfRowAndALostProgress()
{
    {
        const auto running = sink("out");
        QVERIFY(running);
        QCOMPARE(runProgram(engine("data")).exitCode, 0);
        running->terminate();
        QVERIFY(running->waitForEnd(10'000));
    }
    QCOMPARE(verify("out").exitCode, 0);
    const QByteArray sound = contentOf(path("out"));
    const auto write = [&](const QByteArray& text) {
        QFile file(path("out"));
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write(text);
    };
    QByteArray edited = sound;
    edited.replace(edited.indexOf("\"sum\":") + 6, 1, "8");
    write(edited);
    Outcome outcome = verify("out");
    QVERIFY2(outcome.exitCode == 4, qPrintable(described(outcome)));
    QVERIFY2(outcome.err.contains("out, line 1, offset 0:"), outcome.err.constData());
    write(sound + sound.left(20));
    outcome = verify("out");
    QVERIFY2(outcome.exitCode == 3, qPrintable(described(outcome)));
    QVERIFY(outcome.err.contains("line 6001") && outcome.err.contains("has no end"));
    write(sound);
    QVERIFY(QFile::remove(path("out.progress")));
    outcome = verify("out");
    QVERIFY2(outcome.exitCode == 3, qPrintable(described(outcome)));
    QVERIFY(outcome.err.contains("out.progress is lost"));
}

void SinkIdentityTest::sinkWithoutWords_isRefused()
{
    QCOMPARE(runProgram({QStringLiteral("sink")}).exitCode, 2);
    QCOMPARE(runProgram({QStringLiteral("sink"), QStringLiteral("--verify"), path("a"),
                         QStringLiteral("--out"), QStringLiteral("jsonl:b")})
                 .exitCode,
             2);
    QCOMPARE(verify("absent").exitCode, 1);
}

void SinkIdentityTest::sinkFileOfAnotherDirectory_isRefusedAtTheStart_andBindsNothing()
{
    const auto engineInto = [this](const char* data, const char* file) {
        QStringList words = engine(data);
        words[words.indexOf(QStringLiteral("--sink")) + 1] = QStringLiteral("jsonl:") + path(file);
        return runProgram(words);
    };
    QCOMPARE(engineInto("data", "out").exitCode, 0);
    const QByteArray before = contentOf(path("out"));
    const Outcome other = engineInto("other", "out");
    QVERIFY2(other.exitCode == 2, qPrintable(described(other)));
    QVERIFY2(other.err.contains("outputs of another data directory"), other.err.constData());
    QVERIFY2(other.err.contains(" 0 records applied") || !other.err.contains("records applied"),
             other.err.constData());
    QCOMPARE(contentOf(path("out")), before);
    const Outcome own = engineInto("other", "own");
    QVERIFY2(own.exitCode == 0, qPrintable(described(own)));
    QCOMPARE(rowsOf("own"), kRecords);
}

}  // namespace foreshard::e2e

QTEST_GUILESS_MAIN(foreshard::e2e::SinkIdentityTest)
#include "tst_sink_identity.moc"
