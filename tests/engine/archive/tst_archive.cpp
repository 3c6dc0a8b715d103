#include "engine/archive/archive.h"
#include "engine/archive/locate.h"
#include "engine/archive/results.h"
#include "engine/archive/verify.h"
#include "engine/base/result.h"
#include "engine/box/box_store.h"
#include "tests/engine/archive/directory_feeder.h"

#include <QtTest>

#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace foreshard;
using namespace foreshard::test;

namespace {

constexpr ShardId kA{0};
constexpr ShardId kB{1};
constexpr Offset kAll = ~Offset{0};

// What rebuild hands out; the offsets are checked to follow each other.
struct Rebuilt {
    Status status;
    Bytes text;
};

Rebuilt rebuild(SimRig& rig, Offset from = 0, Offset to = kAll)
{
    Rebuilt rebuilt;
    const auto archive = Archive::open(rig.disk(), "data");
    if (!archive.ok()) return {archive.error(), {}};
    rebuilt.status = archive->rebuild(from, to, [&rebuilt](const RecordView& record) {
        rebuilt.text += record.raw;
        return Status{};
    });
    return rebuilt;
}

// What the records below `to` come to, computed from what fill() writes alone.
std::string referenceAsOf(Offset to)
{
    std::map<Bytes, Aggregate> totals;
    for (Offset offset = 0; offset < to; ++offset)
        totals[keyOf(offset)].add(static_cast<double>(offset));
    std::vector<AggregateRow> rows;
    for (const auto& [key, total] : totals)
        rows.push_back({key, total});
    return formatCsv(rows);
}

std::string asOf(SimRig& rig, Offset offset)
{
    const auto rows = readResults(rig.disk(), "data", offset);
    return rows.ok() ? formatCsv(*rows)
                     : errcName(rows.error().code) + (": " + rows.error().message);
}

Bytes stream(Offset from, Offset to)
{
    Bytes text;
    for (Offset offset = from; offset < to; ++offset)
        text += rawOf(offset);
    return text;
}

VerifyReport verify(SimRig& rig)
{
    const auto report = verifyDataDirectory(rig.disk(), "data");
    FS_CHECK(report.ok());
    return *report;
}

bool names(const Error& error, const std::string& file)
{
    return error.message.find(file) != std::string::npos;
}

}  // namespace

class ArchiveTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rebuild_givesTheStreamBack()
    {
        SimRig rig;
        fill(rig, *openStore(rig), 40);
        QVERIFY(rig.exists(segment(0, 4)));
        QCOMPARE(rebuild(rig).text, stream(0, 200));
        QCOMPARE(rebuild(rig, 17, 101).text, stream(17, 101));
        QVERIFY(rebuild(rig, 500).status.ok());
        QVERIFY(rebuild(rig, 500).text.empty());
        const auto archive = Archive::open(rig.disk(), "data");
        QCOMPARE(archive->begin(), Offset{0});
        QCOMPARE(archive->end(), Offset{200});
    }

    void rebuild_leavesAnUnfinishedBatchOut()
    {
        SimRig rig;
        fill(rig, *openStore(rig), 3);
        const Bytes content = rig.file(segment(1, 1));
        rig.world.disk().putFile(segment(1, 1), content.substr(0, content.size() - 8));
        const Rebuilt rebuilt = rebuild(rig);
        QVERIFY(rebuilt.status.ok());
        QCOMPARE(rebuilt.text, stream(0, 10));
    }

    void lostSegment_isAGap_wherever()
    {
        for (const int batches : {7, 12, 40}) {
            for (const std::uint64_t lost : {std::uint64_t{1}, std::uint64_t{2}}) {
                SimRig rig;
                fill(rig, *openStore(rig), batches);
                if (!rig.exists(segment(0, lost + 1))) continue;
                QVERIFY(rig.disk().remove(segment(0, lost)).ok());
                const Rebuilt rebuilt = rebuild(rig);
                QVERIFY2(!rebuilt.status.ok(),
                         (std::to_string(batches) + "/" + std::to_string(lost)).c_str());
                QCOMPARE(rebuilt.status.error().code, Errc::kGap);
                QCOMPARE(rebuilt.text, stream(0, rebuilt.text.empty() ? 0 : countOf(rebuilt.text)));
            }
        }
    }

    void verify_ofALostSegment_saysGap()
    {
        SimRig rig;
        assign(rig);
        fill(rig, *openStore(rig), 40);
        QVERIFY(rig.disk().remove(segment(0, 2)).ok());
        const VerifyReport report = verify(rig);
        QVERIFY(report.gap);
        QVERIFY(!report.problems.empty());
    }

    void flippedByte_isNamed_byRebuildAndVerify()
    {
        SimRig rig;
        assign(rig);
        fill(rig, *openStore(rig), 40);
        const auto archive = Archive::open(rig.disk(), "data");
        const ArchivedSegment& second = archive->segments()[1];
        const FrameEntry frame = second.index.frames()[1];
        QCOMPARE(second.path, segment(0, 2));
        rig.world.disk().flipByte(segment(0, 2), frame.position + frame.size / 2);
        const Rebuilt rebuilt = rebuild(rig);
        QCOMPARE(rebuilt.status.error().code, Errc::kCorrupt);
        QVERIFY(names(rebuilt.status.error(), segment(0, 2)));
        QVERIFY(names(rebuilt.status.error(), "offset " + std::to_string(frame.position)));
        QCOMPARE(rebuilt.text, stream(0, countOf(rebuilt.text)));
        const VerifyReport report = verify(rig);
        QVERIFY(!report.gap);
        QVERIFY(!report.problems.empty());
        QCOMPARE(report.problems.front().file, segment(0, 2));
        QCOMPARE(report.problems.front().position, frame.position);
        QCOMPARE(report.problems.size(), std::size_t{1});
    }

    void flippedByte_inTheNewestSegment_isNamedToo()
    {
        SimRig rig;
        fill(rig, *openStore(rig), 3);
        rig.world.disk().flipByte(segment(0, 1), 60);
        const auto archive = Archive::open(rig.disk(), "data");
        QVERIFY(!archive.ok());
        QCOMPARE(archive.error().code, Errc::kCorrupt);
        QVERIFY(names(archive.error(), segment(0, 1)));
    }

    void verify_ofASoundDirectory_findsNothing()
    {
        SimRig rig;
        assign(rig);
        fill(rig, *openStore(rig), 40);
        for (const FrameNo n : {FrameNo{5}, FrameNo{9}, FrameNo{30}})
            checkpoint(rig, n);
        const VerifyReport report = verify(rig);
        for (const VerifyProblem& problem : report.problems)
            qWarning("%s: %s", problem.file.c_str(), problem.text.c_str());
        QVERIFY(report.problems.empty());
        QCOMPARE(report.records, std::uint64_t{200});
        QCOMPARE(report.frames, std::uint64_t{80});
        QCOMPARE(report.checkpoints, std::uint64_t{3});
        QCOMPARE(report.shards, std::uint64_t{2});
    }

    void verify_afterRetention_findsNothing_andTheRestRebuilds()
    {
        SimRig rig;
        assign(rig);
        {
            const auto store = openStore(rig, 9000);
            fill(rig, *store, 60);
            store->truncate(kA, 60);
            store->truncate(kB, 60);
        }
        QVERIFY(!rig.exists(segment(0, 1)));
        const auto archive = Archive::open(rig.disk(), "data");
        QVERIFY(archive.ok());
        QVERIFY(archive->begin() > 0);
        QCOMPARE(rebuild(rig, archive->begin()).text, stream(archive->begin(), 300));
        QCOMPARE(rebuild(rig).status.error().code, Errc::kGap);
        for (const VerifyProblem& problem : verify(rig).problems)
            QFAIL(problem.text.c_str());
    }

    void verify_ofADamagedCheckpoint_namesIt()
    {
        SimRig rig;
        assign(rig);
        fill(rig, *openStore(rig), 10);
        checkpoint(rig, 5);
        const auto known = SingleControlLog::read(rig.disk(), "data");
        const CheckpointInfo info = *known->checkpoints.newest(kA);
        rig.world.disk().flipByte("data/" + info.file, info.position + info.bytes / 2);
        const VerifyReport report = verify(rig);
        QVERIFY(!report.problems.empty());
        QCOMPARE(report.problems.front().file, "data/" + info.file);
    }

    void verify_ofAFrameWhoseEpochTheLogNeverGaveOut_saysThatItsEndIsLost()
    {
        SimRig rig;
        assign(rig);
        {
            const auto store = openStore(rig);
            Frame frame = makeFrame(kA, 1, 0, 3);
            frame.header.epoch = Epoch{2};
            frame.header.sourceAfter = positionAt(3);
            const Status status =
                store->append({{BoxId{0}, frame}}, [](const Status& done) { FS_CHECK(done.ok()); });
            QVERIFY(status.ok());
            rig.run();
        }
        const VerifyReport report = verify(rig);
        QCOMPARE(report.problems.size(), std::size_t{1});
        QCOMPARE(report.problems.front().file, segmentPath("data/control", 1));
        QVERIFY(report.problems.front().text.find("before epoch 2") != std::string::npos);
    }

    void directory_ofAnEarlierVersion_isRefusedByEveryTool()
    {
        SimRig rig;
        fill(rig, *openStore(rig), 10);
        rig.world.disk().putFile(segmentPath("data/assignment", 1), "of another format");
        const auto verified = verifyDataDirectory(rig.disk(), "data");
        const auto results = readResults(rig.disk(), "data", {});
        const auto found = locate(rig.disk(), "data", LocateCommand{});
        for (const std::string& message :
             {verified.error().message, results.error().message, found.error().message,
              rebuild(rig).status.error().message})
            QVERIFY2(message.find("made by an earlier version") != std::string::npos,
                     message.c_str());
    }

    void locate_byOffset_namesShardBoxFileAndCheckpoint()
    {
        SimRig rig;
        fill(rig, *openStore(rig), 20);
        checkpoint(rig, 8);
        LocateCommand what;
        what.offset = 36;  // batch 8, second record of its shard-0 part
        const auto reply = locate(rig.disk(), "data", what);
        QVERIFY(reply.ok());
        QCOMPARE(reply->hits.size(), std::size_t{1});
        const LocateHit& hit = reply->hits.front();
        QVERIFY(hit.verified);
        QCOMPARE(hit.shard, kA);
        QCOMPARE(hit.box, BoxId{0});
        QCOMPARE(hit.n, FrameNo{8});
        QCOMPARE(hit.firstOffset, Offset{36});
        QCOMPARE(hit.checkpoint, CheckpointId{1});
        QVERIFY(rig.file(hit.file).find(rawOf(36), hit.position) != Bytes::npos);
        what.offset = 1000;
        const auto none = locate(rig.disk(), "data", what);
        QCOMPARE(none.error().code, Errc::kNotFound);
        QVERIFY(none.error().message.find("has 100 records") != std::string::npos);
    }

    void locate_byKey_findsEveryRecordOfIt()
    {
        SimRig rig;
        fill(rig, *openStore(rig), 20);
        LocateCommand what;
        what.byKey = true;
        what.key = "key 4";  // offsets 4, 14, 24 ...: all of shard 1
        const auto reply = locate(rig.disk(), "data", what);
        QVERIFY(reply.ok());
        std::uint64_t records = 0;
        for (const LocateHit& hit : reply->hits) {
            QCOMPARE(hit.shard, kB);
            QCOMPARE(hit.checkpoint, CheckpointId{});
            records += hit.records;
        }
        QCOMPARE(records, std::uint64_t{10});
        QCOMPARE(locate(rig.disk(), "data", what, 3)->hits.size(), std::size_t{3});
        what.key = "no such key";
        const auto none = locate(rig.disk(), "data", what);
        QVERIFY(none->hits.empty());
        QVERIFY(none->message.find("no record with this key") != std::string::npos);
    }

    void results_areTheSame_withAndWithoutCheckpoints()
    {
        SimRig rig;
        fill(rig, *openStore(rig), 30);
        const auto replayed = readResults(rig.disk(), "data");
        QVERIFY(replayed.ok());
        QCOMPARE(replayed->size(), std::size_t{10});
        QCOMPARE(replayed->front().key, Bytes("key 0"));
        QCOMPARE(replayed->front().value, (Aggregate{15, 1050, 0, 140}));
        checkpoint(rig, 12);
        checkpoint(rig, 25);
        const auto restored = readResults(rig.disk(), "data");
        QVERIFY(restored.ok());
        QCOMPARE(formatCsv(*restored), formatCsv(*replayed));
    }

    void asOf_everyOffset_isTheReference_whateverCheckpointIsNearest()
    {
        SimRig rig;
        fill(rig, *openStore(rig), 30);
        for (const FrameNo n : {FrameNo{7}, FrameNo{12}, FrameNo{25}})
            checkpoint(rig, n);
        for (Offset offset = 0; offset <= 150; ++offset)
            QCOMPARE(asOf(rig, offset), referenceAsOf(offset));
        QVERIFY(asOf(rig, 151).starts_with("gap"));
        QVERIFY2(asOf(rig, 151).find("ends at 150") != std::string::npos, asOf(rig, 151).c_str());
    }

    void asOf_withADamagedCheckpoint_comesFromTheOneBefore()
    {
        SimRig rig;
        fill(rig, *openStore(rig), 30);
        checkpoint(rig, 12);
        checkpoint(rig, 25);
        const CheckpointInfo info =
            *SingleControlLog::read(rig.disk(), "data")->checkpoints.newest(kA);
        rig.world.disk().flipByte("data/" + info.file, info.position + info.bytes / 2);
        for (const Offset offset : {Offset{130}, Offset{150}})
            QCOMPARE(asOf(rig, offset), referenceAsOf(offset));
    }

    void asOf_behindRetention_namesTheFirstThatCanBeHad()
    {
        SimRig rig;
        assign(rig);
        {
            const auto store = openStore(rig, 9000);
            fill(rig, *store, 60);
            for (const FrameNo n : {FrameNo{50}, FrameNo{56}, FrameNo{58}})
                checkpoint(rig, n);
            // Shard 1 has no checkpoint, so its frames stay; box 0 loses its oldest segments.
            store->truncate(kA, 56);
        }
        QVERIFY(!rig.exists(segment(0, 1)));
        const std::string refusal = asOf(rig, 100);
        QVERIFY2(refusal.starts_with("gap: shard 0 lacks frame "), refusal.c_str());
        const std::string words = "the first offset that can be had is ";
        const std::size_t at = refusal.find(words);
        QVERIFY2(at != std::string::npos, refusal.c_str());
        const Offset first = std::stoull(refusal.substr(at + words.size()));
        QVERIFY(first > 100 && first <= 248);
        for (Offset offset = first; offset <= 300; ++offset)
            QCOMPARE(asOf(rig, offset), referenceAsOf(offset));
        QVERIFY(asOf(rig, first - 1).starts_with("gap"));
    }

    void asOf_ofAShardWhoseFramesAreAllGone_isNeverAnEmptyState()
    {
        SimRig rig;
        {
            const auto store = openStore(rig, 4000);
            Offset next = 0;
            for (int i = 0; i < 60; ++i) {
                std::vector<Part> parts = {{1, kB.value, 5}};
                if (i < 10) parts = {{0, kA.value, 3}, {1, kB.value, 2}};
                QVERIFY(feed(*store, next, parts, [](const Status&) {}).ok());
                rig.run(100ms);
            }
            checkpoint(rig, 10);
            store->truncate(kA, 10);
            store->truncate(kB, 60);
        }
        const std::string refusal = asOf(rig, 20);
        QVERIFY2(refusal.starts_with("gap"), refusal.c_str());
    }

    void results_withoutAFrameTheyNeed_areAGap()
    {
        SimRig rig;
        fill(rig, *openStore(rig), 40);
        checkpoint(rig, 2);
        QVERIFY(rig.disk().remove(segment(0, 2)).ok());
        QCOMPARE(readResults(rig.disk(), "data").error().code, Errc::kGap);
    }

    void formats_writePlainNumbersAndQuoteKeys()
    {
        QCOMPARE(plainDecimal(5), std::string("5"));
        QCOMPARE(plainDecimal(0.1), std::string("0.1"));
        QCOMPARE(plainDecimal(-12.75), std::string("-12.75"));
        QCOMPARE(plainDecimal(1e21), std::string("1000000000000000000000"));
        const std::vector<AggregateRow> rows = {{"a,\"b\"", {2, 3, 1, 2}}};
        QCOMPARE(formatCsv(rows), std::string("key,count,sum,min,max\n\"a,\"\"b\"\"\",2,3,1,2\n"));
        QCOMPARE(formatJsonl({{"q\"\n", {1, 2, 2, 2}}}),
                 std::string("{\"key\":\"q\\\"\\u000a\",\"count\":1,\"sum\":2,\"min\":2,"
                             "\"max\":2}\n"));
    }

    void directory_withoutAStream_isNotFound()
    {
        SimRig rig;
        QCOMPARE(Archive::open(rig.disk(), "data").error().code, Errc::kNotFound);
        QCOMPARE(verifyDataDirectory(rig.disk(), "data").error().code, Errc::kNotFound);
    }

private:
    static Offset countOf(const Bytes& text)
    {
        return static_cast<Offset>(std::count(text.begin(), text.end(), '\n'));
    }
};

QTEST_GUILESS_MAIN(ArchiveTest)
#include "tst_archive.moc"
