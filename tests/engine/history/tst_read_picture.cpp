// The history of a data directory as plain values.
#include "engine/base/check.h"
#include "engine/history/history_store.h"
#include "engine/history/read_picture.h"

#include <QDir>
#include <QTemporaryDir>
#include <QtTest>

using namespace foreshard;

namespace {

MoveSnapshot move(std::uint64_t plan, const std::string& phase)
{
    MoveSnapshot out;
    out.plan = PlanId{plan};
    out.startedWallMs = 1'000;
    out.phase = phase;
    return out;
}

HistoryEvent askedBy(const std::string& actor)
{
    HistoryEvent out;
    out.wallMs = 5'000;
    out.kind = "command";
    out.text = "move shard 3 to node 1";
    out.actor = actor;
    return out;
}

ClusterSnapshot sample(WallMillis wallMs)
{
    ClusterSnapshot out;
    out.wallMs = wallMs;
    out.shards.resize(2);
    out.nodes.resize(1);
    return out;
}

// What is read back of a history that holds this.
HistoryPicture readBack(const QTemporaryDir& folder, const std::vector<HistoryEntry>& entries,
                        const std::vector<ClusterSnapshot>& samples = {})
{
    const std::string path = historyPath(folder.path().toStdString());
    {
        const auto store = HistoryStore::open(path, HistoryStore::kBytesMin);
        FS_CHECK(store.ok() && (*store)->write(entries, samples).ok());
    }
    return readHistoryPicture(path, 0);
}

}  // namespace

class ReadPictureTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void withoutAHistory_isEmpty_andKeepsTheMoment()
    {
        const QTemporaryDir folder;
        const HistoryPicture picture =
            readHistoryPicture(historyPath(folder.path().toStdString()), 77);
        QVERIFY(picture.events.empty() && picture.checkpoints.empty() && picture.samples.empty());
        QCOMPARE(picture.samplesUntilMs, WallMillis{77});
        QVERIFY(QDir(folder.path()).isEmpty());
    }

    void entries_comeBackByKind_andMovesInTheirNewestPhase()
    {
        CheckpointInfo checkpoint;
        checkpoint.id = CheckpointId{9};
        RecoverySnapshot recovery;
        recovery.cause = "node killed";
        const QTemporaryDir folder;
        const HistoryPicture picture = readBack(folder, {move(1, "prepared"), move(2, "prepared"),
                                                         checkpoint, recovery, move(1, "done")});
        QCOMPARE(picture.checkpoints.size(), std::size_t{1});
        QCOMPARE(picture.checkpoints[0].id, CheckpointId{9});
        QCOMPARE(picture.recoveries.size(), std::size_t{1});
        QCOMPARE(picture.moves.size(), std::size_t{2});
        QCOMPARE(picture.moves[0].phase, std::string("done"));
        QCOMPARE(picture.moves[1].phase, std::string("prepared"));
    }

    void events_nameWhoAsked_andLeaveCheckpointsOut()
    {
        CheckpointInfo checkpoint;
        checkpoint.id = CheckpointId{9};
        const QTemporaryDir folder;
        const HistoryPicture picture =
            readBack(folder, {checkpoint, askedBy("operator"), askedBy("")});
        QCOMPARE(picture.events.size(), std::size_t{2});
        QCOMPARE(picture.events[0].text, std::string("move shard 3 to node 1, by operator"));
        QCOMPARE(picture.events[1].text, std::string("move shard 3 to node 1"));
        QVERIFY(picture.events[0].seq < picture.events[1].seq);
    }

    void samples_areThoseBehindTheLastOneRead()
    {
        const QTemporaryDir folder;
        const std::vector<ClusterSnapshot> all = {sample(1'000), sample(2'000), sample(3'000)};
        QCOMPARE(readBack(folder, {}, all).samples.size(), std::size_t{3});
        const std::string path = historyPath(folder.path().toStdString());
        const HistoryPicture newer = readHistoryPicture(path, 2'000);
        QCOMPARE(newer.samples.size(), std::size_t{1});
        QCOMPARE(newer.samplesUntilMs, WallMillis{3'000});
        const HistoryPicture none = readHistoryPicture(path, 3'000);
        QVERIFY(none.samples.empty());
        QCOMPARE(none.samplesUntilMs, WallMillis{3'000});
    }
};

QTEST_GUILESS_MAIN(ReadPictureTest)
#include "tst_read_picture.moc"
