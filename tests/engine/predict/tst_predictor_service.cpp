#include "engine/predict/predictor_service.h"
#include "engine/wire/codec.h"
#include "tests/engine/predict/predict_fakes.h"

#include <QTest>

using namespace foreshard;

namespace {

struct Script {
    bool loads = true;
    bool predicts = true;
    int asked = 0;
};

// Answers with the last load of each shard, or as the script says.
class ScriptedModel final : public ForecastModel {
public:
    explicit ScriptedModel(Script& script) : script_(script) {}
    Status load() override
    {
        return script_.loads ? Status{} : Status{Error{Errc::kCorrupt, "x.pt is damaged"}};
    }
    std::string title() const override { return "scripted 1"; }
    Result<std::vector<LoadForecast>> predict(const FeatureBuilder& features,
                                              const std::vector<ShardId>& shards) override
    {
        ++script_.asked;
        if (!script_.predicts) return Error{Errc::kUnavailable, "no forecast today"};
        std::vector<LoadForecast> loads;
        for (const ShardId shard : shards) {
            const auto load = static_cast<PerMille>(features.last(shard));
            loads.push_back({.shard = shard, .p10 = load, .p50 = load, .p90 = load});
        }
        return loads;
    }

private:
    Script& script_;
};

struct Fixture {
    ManualStrand strand;
    WholeFileDisk disk;
    KeepingNetwork network;
    NoRandom random;
    Script script;
    PredictorService service{
        Env{strand, disk, network, random}, std::make_unique<ScriptedModel>(script), {}};

    PredictReply ask(std::uint64_t tick, PerMille load)
    {
        PredictRequest request;
        request.tick = tick;
        request.shards = {{.shard = ShardId{2}, .actual = load}};
        network.deliver("control", encode(request));
        const auto message = decode(network.sent.back());
        return std::get<PredictReply>(message.value());
    }
};

}  // namespace

class PredictorServiceTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void request_beforeTheModelIsLoaded_isAnsweredWithTheReason();
    void request_afterLoading_isAnsweredToItsSender();
    void request_whenDoubledOrLate_changesNoHistory();
    void request_whenControlBeganAnew_startsANewHistory();
    void request_whenTheModelFails_carriesItsReason();
    void request_whenTheModelIsDamaged_carriesItsReason();
    void garbage_isDroppedWithoutAnAnswer();
};

void PredictorServiceTest::request_beforeTheModelIsLoaded_isAnsweredWithTheReason()
{
    Fixture f;
    QVERIFY(f.service.start().ok());
    QCOMPARE(f.network.openName(), std::string("predictor"));
    const PredictReply reply = f.ask(1, 100);
    QCOMPARE(reply.failure, std::string("model loading"));
    QVERIFY(reply.loads.empty());
}

void PredictorServiceTest::request_afterLoading_isAnsweredToItsSender()
{
    Fixture f;
    QVERIFY(f.service.start().ok());
    f.strand.runAll();
    const PredictReply reply = f.ask(1, 100);
    QCOMPARE(f.network.lastTo(), std::string("control"));
    QVERIFY(reply.failure.empty());
    QCOMPARE(reply.tick, std::uint64_t{1});
    QCOMPARE(reply.model, std::string("scripted 1"));
    QCOMPARE(reply.loads.size(), std::size_t{1});
    QCOMPARE(reply.loads[0].p50, 100);
}

void PredictorServiceTest::request_whenDoubledOrLate_changesNoHistory()
{
    Fixture f;
    QVERIFY(f.service.start().ok());
    f.strand.runAll();
    QCOMPARE(f.ask(5, 100).loads[0].p50, 100);
    QCOMPARE(f.ask(5, 900).loads[0].p50, 100);
    QCOMPARE(f.ask(3, 900).loads[0].p50, 100);
    QCOMPARE(f.ask(9, 200).loads[0].p50, 200);
}

void PredictorServiceTest::request_whenControlBeganAnew_startsANewHistory()
{
    Fixture f;
    QVERIFY(f.service.start().ok());
    f.strand.runAll();
    QCOMPARE(f.ask(5000, 100).loads[0].p50, 100);
    QCOMPARE(f.ask(1, 300).loads[0].p50, 300);
}

void PredictorServiceTest::request_whenTheModelFails_carriesItsReason()
{
    Fixture f;
    QVERIFY(f.service.start().ok());
    f.strand.runAll();
    f.script.predicts = false;
    const PredictReply reply = f.ask(1, 100);
    QCOMPARE(reply.failure, std::string("no forecast today"));
    QVERIFY(reply.loads.empty());
}

void PredictorServiceTest::request_whenTheModelIsDamaged_carriesItsReason()
{
    Fixture f;
    f.script.loads = false;
    QVERIFY(f.service.start().ok());
    f.strand.runAll();
    QCOMPARE(f.ask(1, 100).failure, std::string("x.pt is damaged"));
    QCOMPARE(f.script.asked, 0);
}

void PredictorServiceTest::garbage_isDroppedWithoutAnAnswer()
{
    Fixture f;
    QVERIFY(f.service.start().ok());
    f.strand.runAll();
    f.network.deliver("anybody", "not a message");
    f.network.deliver("anybody", encode(Stop{}));
    QVERIFY(f.network.sent.empty());
}

QTEST_GUILESS_MAIN(PredictorServiceTest)
#include "tst_predictor_service.moc"
