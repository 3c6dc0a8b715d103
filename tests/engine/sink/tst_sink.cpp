#include "engine/base/split_mix.h"
#include "engine/node/output_core.h"
#include "engine/sink/sink_driver.h"
#include "engine/sink/sink_uri.h"
#include "engine/wire/codec.h"
#include "engine/wire/output_codec.h"
#include "tests/support/sim_rig.h"

#include <QtTest>

#include <memory>
#include <vector>

using namespace foreshard;
using namespace foreshard::test;

namespace {

constexpr std::uint64_t kStream = 77;
const std::string kFile = "out/rows";

// Frame n of a shard puts out two rows; every third frame puts out none.
FrameNo previousOf(FrameNo n) { return n % 3 == 1 && n > 1 ? n - 2 : n - 1; }

OutputBatch batchOf(std::uint32_t shard, FrameNo n, FrameNo floor = 0)
{
    OutputPacker packer;
    const Bytes odd = "comma, \"quote\"\nline\x01" + std::to_string(n);
    packer.add({n * 10, "plain", n, 0.1, -1.5, 2});
    packer.add({n * 10 + 1, odd, n, 1e21, 0, 1e21});
    OutputBatch batch;
    batch.stream = kStream;
    batch.shard = ShardId{shard};
    batch.epoch = Epoch{1};
    batch.n = n;
    batch.previous = previousOf(n);
    batch.floor = floor;
    batch.rows = packer.count();
    batch.packed = packer.take();
    return batch;
}

Bytes textOf(SinkFormat format, const std::vector<OutputBatch>& batches)
{
    Bytes text(sinkHeader(format));
    for (const OutputBatch& batch : batches)
        text += rowsText(format, batch).value();
    return text;
}

// A sink, and the test as the node that feeds it.
class SinkRig : public SimRig {
public:
    explicit SinkRig(SinkFormat format = SinkFormat::kJsonl, std::uint64_t seed = 1,
                     const sim::WorldOptions& options = {})
        : SimRig(seed, options), format_(format), peer_(world.env(world.strand("peer")))
    {
        const Status opened = peer_.network.open(
            "node/0", peer_.strand, [this](const std::string&, const Bytes& message) {
                const auto decoded = decode(message);
                if (const auto* one = std::get_if<OutputTaken>(&*decoded)) taken.push_back(*one);
                if (const auto* one = std::get_if<SinkStatus>(&*decoded)) status_ = *one;
            });
        FS_CHECK(opened.ok());
        FS_CHECK(peer_.disk.createDirectories("out").ok());
        FS_CHECK(boot().ok());
    }
    // `progressEvery`: bytes.
    Status boot(std::uint64_t progressEvery = 400)
    {
        sink.reset();
        SinkDriver::Options options;
        options.file = {kFile, format_, progressEvery};
        options.onFailure = [this](const Error& error) { failures.push_back(error); };
        options.log = [this](LogLevel, std::string_view text) { said.emplace_back(text); };
        sink = std::make_unique<SinkDriver>(env(), std::move(options));
        const Status status = sink->start();
        run(30ms);
        return status;
    }
    void say(const OutputBatch& batch, Nanos wait = 60ms)
    {
        peer_.network.send("node/0", "sink", encode(batch));
        run(wait);
    }
    Bytes file() { return SimRig::file(kFile); }
    void fillDisk(std::uint64_t room) { world.disk().setCapacity(world.disk().usedBytes() + room); }
    void emptyDisk()
    {
        world.disk().setCapacity(std::nullopt);
        run(1s);
    }
    // What the sink says keeps it from taking rows.
    std::string problem()
    {
        peer_.network.send("node/0", "sink", encode(SinkAsk{}));
        run(60ms);
        return status_.problem;
    }

    std::vector<OutputTaken> taken;
    std::vector<Error> failures;
    std::vector<std::string> said;
    std::unique_ptr<SinkDriver> sink;

private:
    SinkFormat format_;
    Env peer_;
    SinkStatus status_;
};

}  // namespace

class SinkTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void uri_ofEveryKind_isUnderstood();
    void uri_thatMakesNoSense_isRefused();
    void row_ofAnyKey_isReadBack_andDamageIsSeen();
    void batches_inOrder_areInTheFileOnce_andConfirmed();
    void repeatsAndGaps_changeNothing_andTellHowFarItIs();
    void powerCutAtAnyMoment_thenRepeats_giveEveryRowOnce();
    void fileCutAnywhereBehindTheProgress_goesOnFromWholeBatches();
    void foreignFile_isRefusedAndKept();
    void changedOrShortenedFile_isRefused();
    void otherStreamLostRowsOldEpoch_areRefused();
    void failedSync_cutsWhatWasNotDurable();
    void fullDisk_isWaitedFor_andGoesOnInOrder();
    void fullDisk_beforeTheFirstBatchIsBound_isWaitedFor();
    void fullDisk_withPowerCutsAndStarts_givesEveryRowOnce();
    void fullDisk_keepsNoMoreThanItsBound_andTheRestIsSentAgain();
    void failedSync_behindAFullDisk_stops();
    void outputCore_committed_sendsBehindTheCheckpointOnly();
    void outputCore_unconfirmed_goesBack();
    void outputCore_full_saysSo_andComesBackFromItsPack();
    void outputCore_damagedPack_isRefused();
};

void SinkTest::uri_ofEveryKind_isUnderstood()
{
    QCOMPARE(parseSinkUri("null:")->kind, SinkUri::Kind::kNull);
    const auto csv = parseSinkUri("csv:/tmp/a?mode=immediate");
    QCOMPARE(csv->format, SinkFormat::kCsv);
    QCOMPARE(csv->mode, SinkMode::kImmediate);
    QCOMPARE(csv->target, std::string("/tmp/a"));
    QCOMPARE(csv->uri, std::string("csv:/tmp/a"));
    const auto zmq = parseSinkUri("zmq:ipc:///tmp/s");
    QCOMPARE(zmq->kind, SinkUri::Kind::kZmq);
    QCOMPARE(zmq->target, std::string("ipc:///tmp/s"));
    QCOMPARE(zmq->mode, SinkMode::kCommitted);
}

void SinkTest::uri_thatMakesNoSense_isRefused()
{
    for (const char* text : {"", "out.csv", "xml:a", "csv:", "null:x", "csv:a?mode=later"})
        QCOMPARE(parseSinkUri(text).error().code, Errc::kInvalid);
}

void SinkTest::row_ofAnyKey_isReadBack_andDamageIsSeen()
{
    for (const SinkFormat format : {SinkFormat::kJsonl, SinkFormat::kCsv}) {
        Bytes text = rowsText(format, batchOf(4, 9)).value();
        const auto first = readRow(format, text);
        QVERIFY(first.ok());
        const auto second = readRow(format, BytesView(text).substr(first->bytes));
        QVERIFY(second.ok());
        QCOMPARE(second->shard, ShardId{4});
        QCOMPARE(second->n, FrameNo{9});
        QCOMPARE(second->i, 2U);
        QCOMPARE(second->of, 2U);
        QCOMPARE(first->bytes + second->bytes, text.size());
        for (std::size_t i = 0; i < first->bytes; ++i) {
            QVERIFY(!readRow(format, BytesView(text).substr(0, i)).ok());
            Bytes damaged = text.substr(0, first->bytes);
            damaged[i] = static_cast<char>(damaged[i] ^ 1);
            QVERIFY(!readRow(format, damaged).ok());
        }
    }
}

void SinkTest::batches_inOrder_areInTheFileOnce_andConfirmed()
{
    for (const SinkFormat format : {SinkFormat::kJsonl, SinkFormat::kCsv}) {
        SinkRig rig(format);
        const std::vector<OutputBatch> batches = {batchOf(1, 1), batchOf(2, 1), batchOf(1, 2),
                                                  batchOf(1, 4)};
        for (const OutputBatch& batch : batches)
            rig.say(batch);
        QCOMPARE(rig.file(), textOf(format, batches));
        QCOMPARE(rig.taken.size(), std::size_t{4});
        QCOMPARE(rig.taken.back().n, FrameNo{4});
        QCOMPARE(rig.taken.back().shard, ShardId{1});
    }
}

void SinkTest::repeatsAndGaps_changeNothing_andTellHowFarItIs()
{
    SinkRig rig;
    rig.say(batchOf(1, 1));
    rig.say(batchOf(1, 2));
    const Bytes before = rig.file();
    rig.say(batchOf(1, 1));
    QCOMPARE(rig.taken.back().n, FrameNo{2});
    rig.say(batchOf(1, 5));  // 4 is missing
    QCOMPARE(rig.taken.back().n, FrameNo{2});
    QCOMPARE(rig.file(), before);
}

void SinkTest::powerCutAtAnyMoment_thenRepeats_giveEveryRowOnce()
{
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        sim::WorldOptions options;
        options.disk.reorderSectors = seed % 2 == 0;
        options.disk.syncMin = 5ms;
        options.disk.syncMax = 15ms;
        const SinkFormat format = seed % 3 == 0 ? SinkFormat::kCsv : SinkFormat::kJsonl;
        SinkRig rig(format, seed, options);
        SplitMix64 random(seed);
        FrameNo confirmed = 0;
        for (int turn = 0; turn < 40 && confirmed < 20; ++turn) {
            // Go-back-N from what was confirmed, with a power cut somewhere in between.
            for (FrameNo n = confirmed + 1; n <= std::min<FrameNo>(20, confirmed + 7); ++n) {
                if (n % 3 == 0) continue;
                const Nanos wait{static_cast<std::int64_t>(random.below(8'000'000))};
                rig.say(batchOf(1, n, confirmed), wait);
            }
            if (random.chance(600)) {
                rig.crash();
                // Mostly none is noted between two power cuts.
                QVERIFY(rig.boot(seed % 4 == 0 ? 400 : 1U << 20U).ok());
            }
            rig.run(20ms);
            if (!rig.taken.empty()) confirmed = std::max(confirmed, rig.taken.back().n);
        }
        rig.run(50ms);
        std::vector<OutputBatch> wanted;
        for (FrameNo n = 1; n <= 20; ++n) {
            if (n % 3 != 0) wanted.push_back(batchOf(1, n));
        }
        QVERIFY(rig.failures.empty());
        QCOMPARE(rig.taken.back().failure, std::string());
        QVERIFY2(rig.file() == textOf(format, wanted), std::to_string(seed).c_str());
    }
}

void SinkTest::fileCutAnywhereBehindTheProgress_goesOnFromWholeBatches()
{
    SinkRig rig;
    rig.say(batchOf(1, 1));
    rig.say(batchOf(2, 1));
    const Bytes whole = rig.file();
    const Bytes one = textOf(SinkFormat::kJsonl, {batchOf(1, 1)});
    rig.sink.reset();
    // As if no progress had been noted since the file was made.
    SinkProgress fresh;
    fresh.stream = kStream;
    rig.world.disk().putFile(kFile + ".progress", encodeSinkProgress(fresh));
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        rig.world.disk().putFile(kFile, whole.substr(0, length));
        QVERIFY(rig.boot().ok());
        const Bytes kept = length == whole.size() ? whole : length >= one.size() ? one : Bytes{};
        QCOMPARE(rig.file(), kept);
        rig.say(batchOf(2, 1));
        rig.say(batchOf(1, 1));
        QCOMPARE(rig.file().size(), whole.size());
        rig.sink.reset();
        rig.world.disk().putFile(kFile + ".progress", encodeSinkProgress(fresh));
    }
}

void SinkTest::foreignFile_isRefusedAndKept()
{
    SinkRig rig;
    rig.sink.reset();
    QVERIFY(rig.disk().remove(kFile + ".progress").ok());
    rig.world.disk().putFile(kFile, "a diary\n");
    const Status status = rig.boot();
    QCOMPARE(status.error().code, Errc::kInvalid);
    QCOMPARE(rig.file(), Bytes("a diary\n"));
}

void SinkTest::changedOrShortenedFile_isRefused()
{
    SinkRig rig;
    for (FrameNo n : {1U, 2U, 4U, 5U})
        rig.say(batchOf(1, n));
    rig.run(3s);  // the progress is noted
    rig.sink.reset();
    const Bytes whole = rig.file();
    rig.world.disk().flipByte(kFile, whole.size() - 20);
    QCOMPARE(rig.boot().error().code, Errc::kCorrupt);
    rig.world.disk().putFile(kFile, whole.substr(0, whole.size() - 1));
    QCOMPARE(rig.boot().error().code, Errc::kGap);
    rig.world.disk().putFile(kFile, whole);
    QVERIFY(rig.boot().ok());
}

void SinkTest::otherStreamLostRowsOldEpoch_areRefused()
{
    SinkRig rig;
    OutputBatch batch = batchOf(1, 1);
    batch.epoch = Epoch{5};
    rig.say(batch);
    batch = batchOf(1, 2);
    batch.epoch = Epoch{4};
    const std::size_t answers = rig.taken.size();
    rig.say(batch);
    QCOMPARE(rig.taken.size(), answers);  // a fenced owner is not even answered
    batch.stream = 78;
    rig.say(batch);
    QCOMPARE(rig.taken.back().failureCode, Errc::kInvalid);
    QVERIFY(!rig.taken.back().failure.empty());
    rig.say(batchOf(1, 5, 4));
    QCOMPARE(rig.taken.back().failureCode, Errc::kGap);
    QCOMPARE(rig.file(), textOf(SinkFormat::kJsonl, {batchOf(1, 1)}));
}

void SinkTest::failedSync_cutsWhatWasNotDurable()
{
    SinkRig rig;
    rig.say(batchOf(1, 1));
    rig.world.disk().failNextSync(kFile);
    rig.say(batchOf(1, 2));
    QCOMPARE(rig.failures.size(), std::size_t{1});
    QCOMPARE(rig.taken.back().n, FrameNo{1});
    // The bytes can be read, but no later sync would make them durable.
    QVERIFY(rig.boot().ok());
    QCOMPARE(rig.file(), textOf(SinkFormat::kJsonl, {batchOf(1, 1)}));
    rig.say(batchOf(1, 2));
    QCOMPARE(rig.taken.back().n, FrameNo{2});
    rig.sink.reset();
    rig.crash();
    QCOMPARE(rig.file(), textOf(SinkFormat::kJsonl, {batchOf(1, 1), batchOf(1, 2)}));
}

void SinkTest::fullDisk_isWaitedFor_andGoesOnInOrder()
{
    for (const SinkFormat format : {SinkFormat::kJsonl, SinkFormat::kCsv}) {
        SinkRig rig(format);
        rig.say(batchOf(1, 1));
        const Bytes before = rig.file();
        rig.fillDisk(30);
        std::vector<OutputBatch> batches = {batchOf(1, 1)};
        for (FrameNo n : {2U, 4U, 5U, 7U}) {
            batches.push_back(batchOf(1, n));
            rig.say(batches.back(), 100ms);
        }
        rig.run(2s);
        QVERIFY(rig.failures.empty());
        QCOMPARE(rig.taken.back().n, FrameNo{1});
        QVERIFY(rig.file().starts_with(before));
        QVERIFY(rig.problem().find("the disk of out/rows is full") == 0);
        QCOMPARE(rig.said.size(), std::size_t{1});
        rig.emptyDisk();
        QVERIFY(rig.failures.empty());
        QCOMPARE(rig.taken.back().n, FrameNo{7});
        QCOMPARE(rig.file(), textOf(format, batches));
        QCOMPARE(rig.problem(), std::string());
        QCOMPARE(rig.said.back(), std::string("there is room again for out/rows"));
        rig.crash();
        QCOMPARE(rig.file(), textOf(format, batches));
    }
}

void SinkTest::fullDisk_beforeTheFirstBatchIsBound_isWaitedFor()
{
    SinkRig rig;
    rig.fillDisk(0);
    rig.say(batchOf(1, 1));
    QVERIFY(rig.failures.empty() && rig.taken.empty());
    QVERIFY(!rig.problem().empty());
    rig.emptyDisk();
    rig.say(batchOf(1, 1));
    QCOMPARE(rig.taken.back().n, FrameNo{1});
    QCOMPARE(rig.file(), textOf(SinkFormat::kJsonl, {batchOf(1, 1)}));
    QCOMPARE(rig.problem(), std::string());
}

void SinkTest::fullDisk_withPowerCutsAndStarts_givesEveryRowOnce()
{
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        sim::WorldOptions options;
        options.disk.reorderSectors = seed % 2 == 0;
        options.disk.failedWriteStaysPerMille = 700;
        SinkRig rig(SinkFormat::kJsonl, seed, options);
        SplitMix64 random(seed);
        FrameNo confirmed = 0;
        for (int turn = 0; turn < 60 && confirmed < 20; ++turn) {
            if (random.chance(500)) rig.fillDisk(random.below(900));
            for (FrameNo n = confirmed + 1; n <= std::min<FrameNo>(20, confirmed + 7); ++n) {
                const Nanos wait{static_cast<std::int64_t>(random.below(8'000'000))};
                if (n % 3 != 0) rig.say(batchOf(1, n, confirmed), wait);
            }
            if (random.chance(300)) {
                rig.crash(random.chance(500) ? sim::Ending::kPowerCut : sim::Ending::kKilled);
                QVERIFY(rig.boot(seed % 4 == 0 ? 400 : 1U << 20U).ok());  // though it is full
            }
            if (random.chance(500)) rig.world.disk().setCapacity(std::nullopt);
            rig.run(random.chance(500) ? 20ms : 500ms);
            if (!rig.taken.empty()) confirmed = std::max(confirmed, rig.taken.back().n);
        }
        rig.emptyDisk();
        std::vector<OutputBatch> wanted;
        for (FrameNo n = 1; n <= 20; ++n) {
            if (n % 3 != 0) wanted.push_back(batchOf(1, n));
        }
        QVERIFY(rig.failures.empty());
        QCOMPARE(confirmed, FrameNo{20});
        QVERIFY2(rig.file() == textOf(SinkFormat::kJsonl, wanted), std::to_string(seed).c_str());
    }
}

void SinkTest::fullDisk_keepsNoMoreThanItsBound_andTheRestIsSentAgain()
{
    constexpr std::size_t kBatchBytes = 1U << 20U;
    constexpr FrameNo kUnderWay = SinkDriver::kUnderWayMax / kBatchBytes;
    std::vector<OutputBatch> batches;
    for (FrameNo n = 1; n <= kUnderWay + 4; ++n) {
        OutputPacker packer;
        packer.add({n, Bytes(kBatchBytes, 'k'), n, 0.5, 0.5, 0.5});
        batches.push_back(batchOf(1, n));
        batches.back().previous = n - 1;
        batches.back().rows = packer.count();
        batches.back().packed = packer.take();
    }
    SinkRig rig;
    rig.say(batchOf(2, 1));
    rig.fillDisk(100);
    for (const OutputBatch& batch : batches)
        rig.say(batch);
    QCOMPARE(rig.taken.back().n, FrameNo{0});  // of those above the bound
    rig.emptyDisk();
    QCOMPARE(rig.taken.back().n, kUnderWay);
    for (FrameNo n = kUnderWay + 1; n <= batches.size(); ++n)
        rig.say(batches[n - 1]);
    QCOMPARE(rig.taken.back().n, kUnderWay + 4);
    batches.insert(batches.begin(), batchOf(2, 1));
    QVERIFY(rig.file() == textOf(SinkFormat::kJsonl, batches));
}

void SinkTest::failedSync_behindAFullDisk_stops()
{
    SinkRig rig;
    rig.say(batchOf(1, 1));
    rig.fillDisk(0);
    rig.say(batchOf(1, 2));
    QVERIFY(rig.failures.empty());
    rig.world.disk().failNextSync(kFile);
    rig.emptyDisk();
    QCOMPARE(rig.failures.size(), std::size_t{1});
    QCOMPARE(rig.failures.front().code, Errc::kIo);
    QCOMPARE(rig.taken.back().n, FrameNo{1});
    QVERIFY(rig.boot().ok());
    QCOMPARE(rig.file(), textOf(SinkFormat::kJsonl, {batchOf(1, 1)}));
}

void SinkTest::outputCore_committed_sendsBehindTheCheckpointOnly()
{
    OutputCore core(SinkMode::kCommitted, 1000);
    const Instant now{1};
    core.add(1, 1, "one");
    core.add(3, 1, "three");
    QVERIFY(core.next(now) == nullptr);
    core.checkpointed(2);
    QCOMPARE(core.next(now)->n, FrameNo{1});
    QVERIFY(core.next(now) == nullptr);
    core.checkpointed(3);
    QCOMPARE(core.next(now)->previous, FrameNo{1});
    core.taken(1, now);
    QCOMPARE(core.floor(), FrameNo{1});
    core.taken(3, now);
    QCOMPARE(core.count(), std::size_t{0});
    QCOMPARE(core.floor(), FrameNo{3});
    OutputCore immediate(SinkMode::kImmediate, 1000);
    immediate.add(1, 1, "one");
    QCOMPARE(immediate.next(now)->n, FrameNo{1});
}

void SinkTest::outputCore_unconfirmed_goesBack()
{
    OutputCore core(SinkMode::kImmediate, 1000);
    Instant now{1};
    core.add(1, 1, "one");
    core.add(2, 1, "two");
    QCOMPARE(core.next(now)->n, FrameNo{1});
    QCOMPARE(core.next(now)->n, FrameNo{2});
    QVERIFY(core.next(now) == nullptr);
    now = now + OutputCore::kPatienceMin;
    QCOMPARE(core.next(now)->n, FrameNo{1});
    core.taken(1, now);
    QCOMPARE(core.next(now)->n, FrameNo{2});
    QVERIFY(core.next(now) == nullptr);
}

void SinkTest::outputCore_full_saysSo_andComesBackFromItsPack()
{
    OutputCore core(SinkMode::kCommitted, 10);
    core.add(2, 3, "123456");
    QVERIFY(core.wantsCheckpoint());
    QVERIFY(!core.full());
    core.add(7, 1, "12345");
    QVERIFY(core.full());
    OutputCore back(SinkMode::kCommitted, 10);
    QVERIFY(back.load(core.pack()).ok());
    QCOMPARE(back.bytes(), core.bytes());
    back.checkpointed(7);
    const Instant now{1};
    QCOMPARE(back.next(now)->rows, 3U);
    QCOMPARE(back.next(now)->previous, FrameNo{2});
    back.taken(2, now);
    QVERIFY(!back.full());
}

void SinkTest::outputCore_damagedPack_isRefused()
{
    OutputCore core(SinkMode::kCommitted, 10);
    core.add(2, 3, "123456");
    core.add(7, 1, "12345");
    const Bytes packed = core.pack();
    for (std::size_t length = 1; length < packed.size(); ++length) {
        OutputCore back(SinkMode::kCommitted, 10);
        QCOMPARE(back.load(packed.substr(0, length)).error().code, Errc::kCorrupt);
    }
}

QTEST_GUILESS_MAIN(SinkTest)
#include "tst_sink.moc"
