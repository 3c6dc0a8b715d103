// How the real program ends when something in it does not: a model that is an endless loop.
#include "tests/e2e/program.h"

#include <QCryptographicHash>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QtTest>

#include <memory>

namespace foreshard::e2e {
namespace {

const QString kMaker = QStringLiteral(FORESHARD_BIN_DIR "/../tests/endless_model");
const QString kShipped =
    QStringLiteral(FORESHARD_SOURCE_DIR "/resources/model/shard_predictor.json");
// A model is waited for 1 s, everything else is quick; the rest is for a busy machine.
constexpr int kEndMs = 5'000;

bool write(const QString& path, const QByteArray& bytes)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

// The path of a model that never answers; empty when it could not be made.
QString makeModel(const QString& folder, const QString& when)
{
    QJsonObject manifest = readJson(kShipped);
    QJsonArray golden = manifest[QStringLiteral("golden_output")].toArray();
    const QString path = folder + QStringLiteral("/endless.pt");
    const Outcome made = runOther(kMaker, {path, when, QString::number(golden.size())});
    QFile model(path);
    if (made.exitCode != 0 || golden.isEmpty() || !model.open(QIODevice::ReadOnly)) return {};
    for (QJsonValueRef number : golden)
        number = 0.0;
    manifest[QStringLiteral("golden_output")] = golden;
    manifest[QStringLiteral("sha256")] = QString::fromLatin1(
        QCryptographicHash::hash(model.readAll(), QCryptographicHash::Sha256).toHex());
    const QByteArray json = QJsonDocument(manifest).toJson();
    return write(folder + QStringLiteral("/endless.json"), json) ? path : QString{};
}

}  // namespace

class EndingsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void run_withAModelThatNeverLoads_endsWithItsSourceAndLeavesAWholeDirectory();
    void run_withAModelThatNeverAnswers_goesByTheMeasuredLoadAndEndsWhenAsked();
    void predictor_withAModelThatNeverLoads_endsWhenAsked();
    void predictor_withAModelThatNeverAnswers_endsWhenAsked();

private:
    QStringList synthRun(const QStringList& more) const
    {
        return QStringList{QStringLiteral("run"),
                           QStringLiteral("--source"),
                           QStringLiteral("synth:mixed?rate=2000"),
                           QStringLiteral("--key"),
                           QStringLiteral("key"),
                           QStringLiteral("--value"),
                           QStringLiteral("value"),
                           QStringLiteral("--data"),
                           path(QStringLiteral("/data"))}
               + more;
    }
    QString path(const QString& name) const { return folder_->path() + name; }
    // Ended by itself, and nothing of the directory is missing or doubtful.
    void checkWhole(const QString& data)
    {
        const Outcome verified =
            runProgram({QStringLiteral("verify"), QStringLiteral("--data"), data});
        QVERIFY2(verified.exitCode == 0, qPrintable(described(verified)));
    }
    std::unique_ptr<QTemporaryDir> folder_;

private Q_SLOTS:
    void init()
    {
        QVERIFY2(QFile::exists(kMaker), "build the target `endless_model` first");
        folder_ = std::make_unique<QTemporaryDir>();
        QVERIFY(folder_->isValid());
    }
};

void EndingsTest::run_withAModelThatNeverLoads_endsWithItsSourceAndLeavesAWholeDirectory()
{
    const QString model = makeModel(folder_->path(), QStringLiteral("always"));
    QVERIFY(!model.isEmpty());
    QByteArray csv = "key,value\n";
    for (int i = 0; i < 3000; ++i)
        csv += "k" + QByteArray::number(i % 7) + ',' + QByteArray::number(1) + '\n';
    QVERIFY(write(path(QStringLiteral("/in.csv")), csv));
    RunningProgram program({QStringLiteral("run"), QStringLiteral("--source"),
                            QStringLiteral("csv:") + path(QStringLiteral("/in.csv")),
                            QStringLiteral("--key"), QStringLiteral("key"),
                            QStringLiteral("--value"), QStringLiteral("value"),
                            QStringLiteral("--data"), path(QStringLiteral("/data")),
                            QStringLiteral("--until-end"), QStringLiteral("--model"), model});
    QVERIFY(program.waitForEnd(30'000));
    const Outcome outcome = program.outcome();
    QVERIFY2(outcome.exitCode == 0 && outcome.signal == 0, qPrintable(described(outcome)));
    QVERIFY(QFile::exists(path(QStringLiteral("/data/SEAL"))));
    checkWhole(path(QStringLiteral("/data")));
}

void EndingsTest::run_withAModelThatNeverAnswers_goesByTheMeasuredLoadAndEndsWhenAsked()
{
    const QString model = makeModel(folder_->path(), QStringLiteral("later"));
    QVERIFY(!model.isEmpty());
    RunningProgram program(
        synthRun({QStringLiteral("--model"), model, QStringLiteral("--verbose"),
                  QStringLiteral("--report"), path(QStringLiteral("/report.json"))}));
    QVERIFY(program.waitForError("ready model=", 60'000));
    QTest::qWait(3000);  // the first questions are asked, and not answered
    program.terminate();
    QVERIFY(program.waitForEnd(kEndMs));
    const Outcome outcome = program.outcome();
    QVERIFY2(outcome.exitCode == 0 && outcome.signal == 0, qPrintable(described(outcome)));
    const QJsonObject report = readJson(path(QStringLiteral("/report.json")));
    const QString gate = report[QStringLiteral("predictor")][QStringLiteral("gate")].toString();
    QVERIFY2(gate.startsWith(QStringLiteral("reactive")), qPrintable(gate));
    QVERIFY(report[QStringLiteral("records_applied")].toInt() > 0);
    checkWhole(path(QStringLiteral("/data")));
}

void EndingsTest::predictor_withAModelThatNeverLoads_endsWhenAsked()
{
    const QString model = makeModel(folder_->path(), QStringLiteral("always"));
    QVERIFY(!model.isEmpty());
    RunningProgram program({QStringLiteral("predictor"), QStringLiteral("--listen"),
                            QStringLiteral("ipc://") + path(QStringLiteral("/p.sock")),
                            QStringLiteral("--model"), model});
    QTest::qWait(3000);
    QVERIFY(program.running());
    program.terminate();
    QVERIFY(program.waitForEnd(kEndMs));
    const Outcome outcome = program.outcome();
    QVERIFY2(outcome.exitCode == 0 && outcome.signal == 0, qPrintable(described(outcome)));
}

void EndingsTest::predictor_withAModelThatNeverAnswers_endsWhenAsked()
{
    const QString model = makeModel(folder_->path(), QStringLiteral("later"));
    QVERIFY(!model.isEmpty());
    const QString endpoint = QStringLiteral("ipc://") + path(QStringLiteral("/p.sock"));
    RunningProgram predictor({QStringLiteral("predictor"), QStringLiteral("--listen"), endpoint,
                              QStringLiteral("--model"), model});
    QVERIFY(predictor.waitForError("predictor listens at", 60'000));
    RunningProgram engine(synthRun({QStringLiteral("--predictor"), endpoint}));
    QTest::qWait(4000);
    predictor.terminate();
    QVERIFY(predictor.waitForEnd(kEndMs));
    const Outcome outcome = predictor.outcome();
    QVERIFY2(outcome.exitCode == 0 && outcome.signal == 0, qPrintable(described(outcome)));
    engine.terminate();
    QVERIFY(engine.waitForEnd(kEndMs));
    QCOMPARE(engine.outcome().exitCode, 0);
}

}  // namespace foreshard::e2e

QTEST_GUILESS_MAIN(foreshard::e2e::EndingsTest)
#include "tst_endings.moc"
