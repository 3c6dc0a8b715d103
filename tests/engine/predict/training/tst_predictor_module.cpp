#include "engine/predict/reactive_estimator.h"
#include "engine/predict/torch_forecaster.h"
#include "engine/predict/training/predict_commands.h"
#include "engine/predict/training/tick_generator.h"
#include "engine/predict/training/training_set.h"
#include "tests/engine/predict/predict_fakes.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace foreshard;

namespace {

const std::string kModule = FORESHARD_BIN_DIR "/libforeshard_predictor.so";
const std::string kModel = FORESHARD_SOURCE_DIR "/resources/model/shard_predictor.pt";

QString textOf(const Error& error) { return QString::fromStdString(error.message); }

}  // namespace

// Uses the real module and the shipped model; skipped where LibTorch was not built in.
class PredictorModuleTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void open_ofMissingModule_saysWhatToDo();
    void shippedModel_isVerifiedAndForecastsSixtyFourShards();
    void shippedModel_beatsTheReactiveEstimateOnAnUnseenStream();
    void damagedModel_isRefusedBeforeItRuns();
    void wrongGoldenAnswer_isRefused();
    void bytesThatAreNoModel_areAnErrorNotACrash();
    void training_withTheSameSeed_givesTheSameAnswers();
    void evalCommand_scoresASeries();
    void readColumn_skipsWhatIsNoNumber();

private:
    static bool hasModule() { return QFile::exists(QString::fromStdString(kModule)); }
    WholeFileDisk disk_;
};

#define SKIP_WITHOUT_MODULE() \
    if (!hasModule()) QSKIP("the predictor module was not built (FORESHARD_WITH_TORCH is off)")

void PredictorModuleTest::open_ofMissingModule_saysWhatToDo()
{
    const auto module = TorchModule::open({"/nowhere/libforeshard_predictor.so"});
    QVERIFY(!module.ok());
    QCOMPARE(module.error().code, Errc::kUnavailable);
    QVERIFY(module.error().message.find("install the predictor package") != std::string::npos);
}

void PredictorModuleTest::shippedModel_isVerifiedAndForecastsSixtyFourShards()
{
    SKIP_WITHOUT_MODULE();
    TorchForecaster forecaster(disk_, {.modelPath = kModel, .modulePaths = {kModule}});
    const Status loaded = forecaster.load();
    QVERIFY2(loaded.ok(), loaded.ok() ? "" : loaded.error().message.c_str());
    QCOMPARE(forecaster.title(), std::string("shard_predictor 1"));

    TickGenerator generator({.seed = 11, .shards = 64, .nodes = 8});
    FeatureBuilder features;
    std::vector<ShardId> shards;
    for (int t = 0; t < 100; ++t)
        for (const ShardTick& tick : generator.next()) {
            features.push(tick);
            if (t == 0) shards.push_back(tick.shard);
        }
    const auto loads = forecaster.predict(features, shards);
    QVERIFY(loads.ok());
    QCOMPARE(loads->size(), std::size_t{64});
    for (std::size_t i = 0; i < loads->size(); ++i) {
        const LoadForecast& load = (*loads)[i];
        QCOMPARE(load.shard, shards[i]);
        QVERIFY(0 <= load.p10 && load.p10 <= load.p50 && load.p50 <= load.p90);
    }
}

void PredictorModuleTest::shippedModel_beatsTheReactiveEstimateOnAnUnseenStream()
{
    SKIP_WITHOUT_MODULE();
    TorchForecaster forecaster(disk_, {.modelPath = kModel, .modulePaths = {kModule}});
    QVERIFY(forecaster.load().ok());
    TickGenerator generator({.seed = 4'000'000'001});
    FeatureBuilder features;
    ReactiveEstimator reactive;
    std::vector<std::vector<PerMille>> loads(16);
    std::vector<std::vector<std::pair<PerMille, PerMille>>> forecasts(16);  // model, reactive
    std::vector<ShardId> shards;
    for (std::uint32_t shard = 0; shard < 16; ++shard)
        shards.push_back(ShardId{shard});
    for (int t = 0; t < 900; ++t) {
        for (const ShardTick& tick : generator.next()) {
            features.push(tick);
            reactive.push(tick);
            loads[tick.shard.value].push_back(tick.actual);
        }
        const auto model = forecaster.predict(features, shards);
        QVERIFY(model.ok());
        for (const LoadForecast& load : *model)
            forecasts[load.shard.value].emplace_back(load.p50, reactive.estimate(load.shard).p50);
    }
    double modelError = 0;
    double reactiveError = 0;
    for (std::size_t shard = 0; shard < 16; ++shard)
        for (std::size_t t = 100; t + 10 < loads[shard].size(); ++t) {
            double sum = 0;
            for (std::size_t ahead = 1; ahead <= 10; ++ahead)
                sum += loads[shard][t + ahead];
            modelError += std::abs(sum / 10 - forecasts[shard][t].first);
            reactiveError += std::abs(sum / 10 - forecasts[shard][t].second);
        }
    QVERIFY2(modelError < 0.9 * reactiveError, std::to_string(modelError / reactiveError).c_str());
}

void PredictorModuleTest::damagedModel_isRefusedBeforeItRuns()
{
    QTemporaryDir folder;
    const std::string path = folder.filePath(QStringLiteral("x.pt")).toStdString();
    auto bytes = disk_.readWhole(kModel);
    const auto manifest = disk_.readWhole(manifestPathOf(kModel));
    QVERIFY(bytes.ok() && manifest.ok());
    (*bytes)[bytes->size() / 2] = static_cast<char>((*bytes)[bytes->size() / 2] ^ 1);
    QVERIFY(disk_.writeWhole(path, *bytes).ok());
    QVERIFY(disk_.writeWhole(manifestPathOf(path), *manifest).ok());
    TorchForecaster forecaster(disk_, {.modelPath = path, .modulePaths = {kModule}});
    const Status status = forecaster.load();
    QVERIFY(!status.ok());
    QCOMPARE(status.error().code, Errc::kCorrupt);
    QVERIFY(status.error().message.find("the file is damaged") != std::string::npos);
    QVERIFY(!forecaster.predict({}, {ShardId{}}).ok());
}

void PredictorModuleTest::wrongGoldenAnswer_isRefused()
{
    SKIP_WITHOUT_MODULE();
    const auto module = TorchModule::open({kModule});
    QVERIFY(module.ok());
    auto files = readModel(disk_, kModel);
    QVERIFY2(files.ok(), files.ok() ? "" : files.error().message.c_str());
    QVERIFY(module->loadVerified(files->manifest, kModel, files->bytes).ok());
    files->manifest.goldenOutput[5] += 0.01F;
    const auto model = module->loadVerified(files->manifest, kModel, files->bytes);
    QVERIFY(!model.ok());
    QCOMPARE(model.error().code, Errc::kCorrupt);
}

void PredictorModuleTest::bytesThatAreNoModel_areAnErrorNotACrash()
{
    SKIP_WITHOUT_MODULE();
    const auto module = TorchModule::open({kModule});
    QVERIFY(module.ok());
    for (const Bytes& bytes : {Bytes(), Bytes("PK"), Bytes(1000, 'x')}) {
        const auto model = module->load(bytes);
        QVERIFY(!model.ok());
        QCOMPARE(model.error().code, Errc::kCorrupt);
    }
}

void PredictorModuleTest::training_withTheSameSeed_givesTheSameAnswers()
{
    SKIP_WITHOUT_MODULE();
    const auto module = TorchModule::open({kModule});
    QVERIFY(module.ok());
    TrainingSetBuilder builder;
    builder.add(ticksOfSeries(syntheticSeries(5, 800), 800), ForecastTarget::kMean, 1);
    const TrainingSet set = builder.take();
    FitOptions options;
    options.epochs = 2;
    int lines = 0;
    options.log = [&lines](const std::string&) { ++lines; };
    const std::vector<float> question(3 * kFeatureCount, 0.5F);
    std::vector<std::vector<float>> answers;
    for (int run = 0; run < 2; ++run) {
        const auto bytes = module->train(set, options);
        QVERIFY2(bytes.ok(), bytes.ok() ? "" : bytes.error().message.c_str());
        const auto model = module->load(*bytes);
        QVERIFY(model.ok());
        answers.push_back(model->predict(question).value());
    }
    QCOMPARE(lines, 4);
    QCOMPARE(answers[0].size(), std::size_t{3 * kOutputCount});
    QCOMPARE(answers[0], answers[1]);
    QVERIFY(!module->train(TrainingSet{}, options).ok());
}

void PredictorModuleTest::evalCommand_scoresASeries()
{
    SKIP_WITHOUT_MODULE();
    QTemporaryDir folder;
    EvalOptions options;
    options.trace = folder.filePath(QStringLiteral("series.csv")).toStdString();
    options.column = "load";
    options.horizons = {1, 7};
    options.modelPath = kModel;
    options.modulePaths = {kModule};
    std::string csv = "when,load\n";
    int row = 0;
    for (const double value : syntheticSeries(4'000'000, 600))
        csv += std::to_string(row++) + "," + std::to_string(value) + "\n";
    QVERIFY(disk_.writeWhole(options.trace, csv + "600,\n").ok());
    const auto answer = evalCommand(disk_, options);
    QVERIFY2(answer.ok(), answer.ok() ? "" : qPrintable(textOf(answer.error())));
    const QJsonObject json = QJsonDocument::fromJson(QByteArray::fromStdString(*answer)).object();
    QCOMPARE(json[QStringLiteral("rows")].toInt(), 600);
    QCOMPARE(json[QStringLiteral("rows_skipped")].toInt(), 1);
    const QJsonArray horizons = json[QStringLiteral("horizons")].toArray();
    QCOMPARE(horizons.size(), 2);
    const QJsonObject errors = horizons[1].toObject()[QStringLiteral("relative_mae")].toObject();
    for (const char* name : {"last", "ewma", "mean5", "model", "model_online", "gated"}) {
        const double error = errors[QLatin1String(name)].toDouble();
        QVERIFY2(error > 0.1 && error < 2, name);
    }
    options.horizons = {31};
    QCOMPARE(evalCommand(disk_, options).error().code, Errc::kInvalid);
    options.column = "nothing";
    QCOMPARE(evalCommand(disk_, options).error().code, Errc::kInvalid);
}

void PredictorModuleTest::readColumn_skipsWhatIsNoNumber()
{
    const auto trace = readColumn("x.csv", "a,\"b,c\"\r\n1,2.5\r\n1,x\n1\n\"1,1\",-3e1", "b,c");
    QVERIFY(trace.ok());
    QCOMPARE(trace->values, (std::vector<double>{2.5, -30}));
    QCOMPARE(trace->skipped, std::size_t{2});
    QVERIFY(!readColumn("x.csv", "", "a").ok());
    QVERIFY(!readColumn("x.csv", "a\n", "").ok());
}

QTEST_GUILESS_MAIN(PredictorModuleTest)
#include "tst_predictor_module.moc"
