// A data directory as a snapshot, without an engine: what its files say, and what the history adds.
#include "engine/archive/directory_picture.h"
#include "engine/journal/clean_seal.h"
#include "tests/engine/archive/directory_feeder.h"

#include <QtTest>

using namespace foreshard;
using namespace foreshard::test;

namespace {

// Four batches of which a checkpoint of shard 0 holds two.
void fillDirectory(SimRig& rig)
{
    assign(rig);
    fill(rig, *openStore(rig), 4);
    checkpoint(rig, 2);
}

DirectoryPicture read(SimRig& rig, const HistoryPicture& told = {},
                      EngineSight sight = EngineSight::kEnded)
{
    auto picture = readPicture(rig.disk(), "data", sight, told);
    FS_CHECK(picture.ok());
    return std::move(*picture);
}

CheckpointInfo told(std::uint64_t id, WallMillis wallMs)
{
    CheckpointInfo info;
    info.id = CheckpointId{id};
    info.wallMs = wallMs;
    return info;
}

ClusterSnapshot sampleAt(WallMillis wallMs)
{
    ClusterSnapshot sample;
    sample.wallMs = wallMs;
    return sample;
}

}  // namespace

class DirectoryPictureTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void shards_haveOwner_newestCheckpoint_andWhatLiesBehindIt()
    {
        SimRig rig;
        fillDirectory(rig);
        const ClusterSnapshot snapshot = read(rig).snapshot;
        QCOMPARE(snapshot.shards.size(), std::size_t{2});
        const ShardSnapshot& first = snapshot.shards[0];
        QCOMPARE(first.recordsIn, std::uint64_t{12});
        QCOMPARE(first.applied, FrameNo{2});
        QCOMPARE(first.bufferedRecords, std::uint64_t{6});
        QVERIFY(first.hasCheckpoint && first.bufferedBytes > 0);
        const ShardSnapshot& second = snapshot.shards[1];
        QVERIFY(!second.hasCheckpoint);
        QCOMPARE(second.bufferedRecords, std::uint64_t{8});
        QVERIFY(second.intervalReason.find("not known") != std::string::npos);
        QCOMPARE(snapshot.nodes.size(), std::size_t{2});
        QCOMPARE(snapshot.nodes[0].shards + snapshot.nodes[1].shards, 2U);
        QCOMPARE(snapshot.source.nextOffset, Offset{20});
        QVERIFY(snapshot.boxBytes > second.bufferedBytes);
        QCOMPARE(snapshot.checkpointCount, std::uint64_t{1});
    }

    void log_isThatOfTheFiles_andHasNoLeader()
    {
        SimRig rig;
        fillDirectory(rig);
        const RaftSnapshot raft = read(rig).snapshot.raft;
        QCOMPARE(raft.recent.size(), std::size_t{1});
        QCOMPARE(raft.commit, LogIndex{1});
        QCOMPARE(raft.members.size(), std::size_t{1});
        QCOMPARE(raft.members[0].role, std::string("not running"));
        const ClusterSnapshot beside = read(rig, {}, EngineSight::kElsewhere).snapshot;
        QCOMPARE(beside.raft.members[0].role, std::string("not asked"));
        QVERIFY(beside.predictor.gate.find("not asked") != std::string::npos);
    }

    void history_addsCheckpointsThatTheManifestForgot_andCountsNone()
    {
        SimRig rig;
        fillDirectory(rig);
        HistoryPicture history;
        history.checkpoints = {told(1, 500), told(77, 900)};
        const ClusterSnapshot snapshot = read(rig, history).snapshot;
        QCOMPARE(snapshot.checkpoints.size(), std::size_t{2});
        QCOMPARE(snapshot.checkpoints[0].wallMs, WallMillis{500});  // the one listed, as told
        QCOMPARE(snapshot.checkpoints[1].id, CheckpointId{77});
        QCOMPARE(snapshot.checkpointCount, std::uint64_t{1});
        QVERIFY(snapshot.wallMs >= 900);
    }

    void history_countsRecoveriesWithoutMoves_andMovesThatWereDone()
    {
        SimRig rig;
        fillDirectory(rig);
        HistoryPicture history;
        history.recoveries.resize(3);
        history.recoveries[0].cause = "node killed";
        history.recoveries[1].cause = "move";
        history.recoveries[2].cause = "start";
        history.moves.resize(2);
        history.moves[0].phase = "done";
        history.moves[1].phase = "failed";
        history.events = {{7, 100, EventSeverity::kInfo, "move", "moved"}};
        const ClusterSnapshot snapshot = read(rig, history).snapshot;
        QCOMPARE(snapshot.recoveries.size(), std::size_t{3});
        QCOMPARE(snapshot.recoveriesDone, std::uint64_t{2});
        QCOMPARE(snapshot.moves.size(), std::size_t{2});
        QCOMPARE(snapshot.movesDone, std::uint64_t{1});
        QCOMPARE(snapshot.events.front().seq, std::uint64_t{7});
    }

    void sample_knowsTheLogAsItWasThen()
    {
        SimRig rig;
        fillDirectory(rig);
        const WallMillis written = read(rig).snapshot.raft.recent.front().wallMs;
        HistoryPicture history;
        history.samples = {sampleAt(written - 1), sampleAt(written), sampleAt(written + 5)};
        const DirectoryPicture picture = read(rig, history);
        QCOMPARE(picture.past.size(), std::size_t{3});
        QCOMPARE(picture.past[0]->raft.commit, LogIndex{0});
        QCOMPARE(picture.past[1]->raft.commit, LogIndex{1});
        QCOMPARE(picture.past[2]->raft.term, picture.snapshot.raft.term);
        QVERIFY(picture.past[2]->raft.recent.empty());
    }

    void moment_isThatOfTheNewestTrace_alsoOfOneReadBefore()
    {
        SimRig rig;
        fillDirectory(rig);
        const WallMillis files = read(rig).snapshot.wallMs;
        HistoryPicture history;
        history.events = {{1, files + 40, EventSeverity::kInfo, "engine", "ended"}};
        QCOMPARE(read(rig, history).snapshot.wallMs, files + 40);
        history.samplesUntilMs = files + 70;
        const ClusterSnapshot snapshot = read(rig, history).snapshot;
        QCOMPARE(snapshot.wallMs, files + 70);
        const ShardSnapshot& shard = snapshot.shards[0];
        QCOMPARE(shard.checkpointAgeMs, snapshot.wallMs - shard.lastCheckpoint.wallMs);
    }

    void sight_isOfTheHolder_elseOfTheSeal()
    {
        SimRig rig;
        fillDirectory(rig);
        QCOMPARE(sightOf(rig.disk(), "data", {}).sight, EngineSight::kKilled);
        QVERIFY(writeSeal(rig.disk(), "data").ok());
        QCOMPARE(sightOf(rig.disk(), "data", {}).sight, EngineSight::kEnded);
        const DirectorySight used = sightOf(rig.disk(), "data", "process 12");
        QCOMPARE(used.sight, EngineSight::kElsewhere);
        QCOMPARE(used.holder, std::string("process 12"));
    }

    void reading_changesNothing()
    {
        SimRig rig;
        fillDirectory(rig);
        QVERIFY(writeSeal(rig.disk(), "data").ok());
        read(rig);
        QVERIFY(sealProblems(rig.disk(), "data").empty());
    }

    void directoryThatWasNeverUsed_isRefused()
    {
        SimRig rig;
        const auto picture = readPicture(rig.disk(), "data", EngineSight::kEnded, {});
        QVERIFY(!picture.ok());
        QCOMPARE(picture.error().code, Errc::kNotFound);
    }
};

QTEST_GUILESS_MAIN(DirectoryPictureTest)
#include "tst_directory_picture.moc"
