#include "engine/base/split_mix.h"
#include "engine/checkpoint/checkpoint_store.h"
#include "engine/control/log/single_control_log.h"
#include "engine/wire/codec.h"
#include "tests/engine/control/log/control_values.h"
#include "tests/support/counting_disk.h"
#include "tests/support/sim_rig.h"

#include <QtTest>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>

using namespace foreshard;
using namespace foreshard::test;

namespace {

using Ids = std::vector<std::uint64_t>;
using Outcome = ControlLog::Applied;

constexpr std::uint64_t kSmall = 2048;

std::string segment(std::uint64_t number) { return segmentPath("data/control", number); }

std::unique_ptr<SingleControlLog> openLog(Env& env, std::uint64_t snapshotBytesMin = kSmall * 1024)
{
    auto log = SingleControlLog::open(env, "data", 0, snapshotBytesMin);
    if (!log.ok()) qFatal("%s", log.error().message.c_str());
    return std::move(log).value();
}

Result<Outcome> propose(SimRig& rig, ControlLog& log, const ControlChange& change,
                        LogIndex expect = 0)
{
    std::optional<Result<Outcome>> outcome;
    log.propose(change, expect, [&outcome](const Result<Outcome>& done) { outcome.emplace(done); });
    rig.run(100ms);
    FS_CHECK(outcome.has_value());
    return *outcome;
}

// What a state comes to, in bytes that can be compared.
Bytes summary(const ControlState& state)
{
    Bytes bytes = encodeControlSnapshot(headOf(state));
    for (const CheckpointInfo& info : state.checkpoints.all())
        bytes += encodeCheckpointInfo(info);
    for (std::uint32_t shard = 0; shard < 4; ++shard) {
        for (const RecordPlace& place : state.letters.deadBehind(ShardId{shard}, 0))
            bytes += describe(place);
    }
    return bytes;
}

// Proposals as an engine makes them, drawn from a seed; each is accepted.
class RandomChanges {
public:
    explicit RandomChanges(std::uint64_t seed) : random_(seed) {}
    ControlChange next(const ControlState& known)
    {
        const auto shard = static_cast<std::uint32_t>(random_.below(4));
        if (known.index == 0) return bootstrap();
        const ShardAssignment& owner = known.assignment.shards.at(ShardId{shard});
        const std::vector<CheckpointInfo>& listed = known.checkpoints.of(ShardId{shard});
        switch (random_.below(8)) {
            case 0:
                return ownership(shard, static_cast<std::uint32_t>(random_.below(2)),
                                 owner.epoch.value + 1);
            case 1:
                return FenceRaised{ShardId{shard}};
            case 2:
                return letterAt(known.index * 7, Bytes(random_.below(300), 'x'));
            case 3:
            case 4:
                if (!listed.empty()) return look(listed);
                [[fallthrough]];
            default:
                return newer(owner, known.checkpoints.newest(ShardId{shard}));
        }
    }

private:
    ControlChange look(const std::vector<CheckpointInfo>& listed)
    {
        const CheckpointInfo& info = listed[random_.below(listed.size())];
        const bool bad = random_.chance(200);
        return CheckpointsJudged{info.shard,
                                 {info.id},
                                 bad ? CheckpointState::kInvalidated : CheckpointState::kVerified};
    }
    ControlChange newer(const ShardAssignment& owner, const CheckpointInfo* newest)
    {
        CheckpointListed listed =
            listing(owner.shard.value, newest == nullptr ? 1 : newest->n + 1, owner.epoch.value);
        listed.info.node = owner.node;
        if (newest != nullptr && random_.chance(600)) {
            listed.info.kind = CheckpointKind::kDelta;
            listed.info.base = newest->id;
        }
        return listed;
    }

    SplitMix64 random_;
};

}  // namespace

class ControlLogTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void log_reopened_leadsToTheSameState()
    {
        SimRig rig;
        Bytes before;
        {
            const auto log = openLog(rig.env());
            QCOMPARE(propose(rig, *log, bootstrap())->version, LogIndex{1});
            QCOMPARE(propose(rig, *log, listing(0, 10))->checkpoint, CheckpointId{1});
            QVERIFY(propose(rig, *log, delta(0, 20, CheckpointId{1})).ok());
            const auto holds = judged(0, CheckpointId{1}, CheckpointState::kVerified);
            QVERIFY(propose(rig, *log, holds).ok());
            const auto bad = judged(0, CheckpointId{2}, CheckpointState::kInvalidated);
            QVERIFY(propose(rig, *log, bad).ok());
            QVERIFY(propose(rig, *log, CheckpointsReinstated{ShardId{0}, {CheckpointId{2}}}).ok());
            QVERIFY(propose(rig, *log, letterAt(17)).ok());
            QVERIFY(propose(rig, *log, FenceRaised{ShardId{3}}).ok());
            const auto moved = propose(rig, *log, ownership(1, 0, 2));
            QCOMPARE(moved->index, LogIndex{9});
            QCOMPARE(moved->version, LogIndex{2});
            before = summary(log->state());
        }
        rig.crash();
        const auto log = openLog(rig.env());
        QCOMPARE(summary(log->state()), before);
        QCOMPARE(log->view().recent.size(), std::size_t{2});
        QCOMPARE(log->view().commit, LogIndex{2});
        std::vector<LogIndex> seen;
        const auto read = SingleControlLog::read(
            rig.disk(), "data",
            [&seen](const AssignmentEntry& entry) { seen.push_back(entry.index); });
        QVERIFY(read.ok());
        QCOMPARE(summary(*read), before);
        QCOMPARE(seen, (std::vector<LogIndex>{1, 2}));
        QCOMPARE(SingleControlLog::readLetters(rig.disk(), "data")->front().raw, Bytes("raw\n"));
    }

    void propose_forAnOlderVersion_isStale_andLeavesNoTrace()
    {
        SimRig rig;
        const auto log = openLog(rig.env());
        QVERIFY(propose(rig, *log, bootstrap()).ok());
        QVERIFY(propose(rig, *log, listing(0, 10)).ok());  // no change of the map
        QVERIFY(propose(rig, *log, ownership(0, 1, 2), 1).ok());
        QCOMPARE(propose(rig, *log, ownership(0, 0, 3), 1).error().code, Errc::kStale);
        QVERIFY(propose(rig, *log, ownership(0, 0, 3), 2).ok());
        QCOMPARE(openLog(rig.env())->state().assignment.version, LogIndex{3});
    }

    void proposals_madeTogether_areJudgedOneAfterTheOther_andToldInOrder()
    {
        SimRig rig;
        const auto log = openLog(rig.env());
        QVERIFY(propose(rig, *log, bootstrap()).ok());
        std::vector<int> told;
        const auto tell = [&](int number) {
            return [&told, &log, number](const Result<Outcome>& done) {
                told.push_back(done.ok() ? number : -number);
                // Whoever is refused sees why.
                if (number == 2)
                    QCOMPARE(log->state().assignment.shards.at(ShardId{0}).epoch, Epoch{2});
            };
        };
        log->propose(ownership(0, 1, 2), 0, tell(1));
        log->propose(ownership(0, 0, 2), 0, tell(2));
        log->propose(listing(0, 10), 0, tell(3));  // its owner is over by then
        log->propose(FenceRaised{ShardId{1}}, 0, tell(4));
        QVERIFY(told.empty());
        QCOMPARE(log->state().assignment.version, LogIndex{1});  // nobody acts before the commit
        rig.run();
        QCOMPARE(told, (std::vector<int>{1, -2, -3, 4}));
    }

    void watcher_seesEveryEntryBeforeItsProposerIsTold()
    {
        SimRig rig;
        const auto log = openLog(rig.env());
        std::vector<LogIndex> seen;
        log->watch([&seen](const ControlEntry& entry) { seen.push_back(entry.index); });
        log->propose(bootstrap(), 0, [&seen](const Result<Outcome>&) { seen.push_back(100); });
        rig.run();
        QVERIFY(propose(rig, *log, letterAt(5)).ok());
        QVERIFY(propose(rig, *log, letterAt(5)).ok());  // is there already: no entry
        QCOMPARE(seen, (std::vector<LogIndex>{1, 100, 2}));
    }

    // 1,000 shards, each with a checkpoint every 100 ms, and a scrub that reads them back.
    void thousandShardsAtAHundredMs_areAFewHundredAppendsASecond()
    {
        SimRig rig;
        CountingDisk disk(rig.disk(), "control/");
        Env env{rig.env().strand, disk, rig.env().network, rig.env().random};
        const auto log = openLog(env, ~0ULL >> 1U);
        QVERIFY(propose(rig, *log, bootstrap(1000)).ok());
        disk.appends = disk.syncs = 0;
        std::size_t listed = 0;
        std::size_t verified = 0;
        const std::function<void(CheckpointId, std::uint32_t)> scrub = [&](CheckpointId id,
                                                                           std::uint32_t shard) {
            log->propose(judged(shard, id, CheckpointState::kVerified), 0,
                         [&](const Result<Outcome>& done) { verified += done.ok() ? 1U : 0U; });
        };
        for (FrameNo round = 1; round <= 10; ++round) {
            for (std::uint32_t shard = 0; shard < 1000; ++shard) {
                log->propose(listing(shard, round), 0, [&, shard](const Result<Outcome>& done) {
                    FS_CHECK(done.ok());
                    if (++listed % 25 == 0) scrub(done->checkpoint, shard);
                });
                rig.run(100us);
            }
        }
        const std::uint64_t appends = disk.appends;
        rig.run();
        QCOMPARE(listed, std::size_t{10'000});
        QCOMPARE(verified, std::size_t{400});
        QVERIFY2(appends <= 500, qPrintable(QString::number(appends)));
        QVERIFY(disk.syncs <= disk.appends);
    }

    void checkpoint_ofAnInterval_waitsForOthers_otherChangesGoAtOnceAndTakeItAlong()
    {
        SimRig rig;
        CountingDisk disk(rig.disk(), "control/");
        Env env{rig.env().strand, disk, rig.env().network, rig.env().random};
        const auto log = openLog(env);
        QVERIFY(propose(rig, *log, bootstrap()).ok());
        disk.appends = 0;
        int listed = 0;
        const auto count = [&listed](const Result<Outcome>& done) { listed += done.ok() ? 1 : 0; };
        log->propose(listing(0, 10), 0, count);
        log->propose(listing(1, 10), 0, count);
        rig.run(9ms);
        QCOMPARE(disk.appends, std::uint64_t{0});
        rig.run(100ms);
        QCOMPARE(disk.appends, std::uint64_t{1});
        QCOMPARE(listed, 2);
        log->propose(listing(0, 20), 0, count);
        log->propose(ownership(2, 1, 2), 0, count);
        QCOMPARE(disk.appends, std::uint64_t{2});
        rig.run(5ms);
        QCOMPARE(listed, 4);
        CheckpointListed asked = listing(0, 30);
        asked.info.reason = "move";
        log->propose(asked, 0, count);
        QCOMPARE(disk.appends, std::uint64_t{3});
    }

    void whatIsProposedDuringAWrite_isOneAppend()
    {
        SimRig rig;
        CountingDisk disk(rig.disk(), "control/");
        Env env{rig.env().strand, disk, rig.env().network, rig.env().random};
        const auto log = openLog(env);
        QVERIFY(propose(rig, *log, bootstrap()).ok());
        rig.world.disk().slowSyncs("/control", 20ms, 21ms);
        disk.appends = 0;
        int done = 0;
        for (std::uint32_t i = 0; i < 50; ++i)
            log->propose(FenceRaised{ShardId{i % 4}}, 0,
                         [&done](const Result<Outcome>& one) { done += one.ok() ? 1 : 0; });
        QCOMPARE(disk.appends, std::uint64_t{1});
        rig.run(100ms);
        QCOMPARE(disk.appends, std::uint64_t{2});
        QCOMPARE(done, 50);
    }

    void disk_thatFails_isToldToEveryProposal_andNothingIsApplied()
    {
        SimRig rig;
        const auto log = openLog(rig.env());
        QVERIFY(propose(rig, *log, bootstrap()).ok());
        rig.world.disk().failNextSync("/control");
        int failed = 0;
        for (int i = 0; i < 3; ++i)
            log->propose(FenceRaised{ShardId{0}}, 0,
                         [&failed](const Result<Outcome>& one) { failed += one.ok() ? 0 : 1; });
        rig.run();
        QCOMPARE(failed, 3);
        QCOMPARE(log->state().index, LogIndex{1});
        QVERIFY(!propose(rig, *log, FenceRaised{ShardId{0}}).ok());
    }

    void log_thatGrows_isReplacedByASnapshot_andLosesNothing()
    {
        SimRig rig;
        RandomChanges changes(7);
        Bytes before;
        std::size_t letters = 0;
        std::uint64_t most = 0;
        {
            const auto log = openLog(rig.env(), kSmall);
            for (int i = 0; i < 600; ++i) {
                const ControlChange change = changes.next(log->state());
                letters += std::holds_alternative<DeadLetter>(change) ? 1U : 0U;
                QVERIFY(propose(rig, *log, change).ok());
                most = std::max(most, rig.world.disk().usedBytes());
            }
            before = summary(log->state());
            QVERIFY(!rig.exists(segment(1)));
            QCOMPARE(log->view().recent.size(), SingleControlLog::kRecentMax);
        }
        rig.crash();
        const auto log = openLog(rig.env(), kSmall);
        QCOMPARE(summary(log->state()), before);
        const auto read = SingleControlLog::read(rig.disk(), "data");
        QVERIFY(read.ok());
        QCOMPARE(summary(*read), before);
        const auto whole = SingleControlLog::readLetters(rig.disk(), "data");
        QCOMPARE(whole->size(), letters);
        QVERIFY(std::all_of(whole->begin(), whole->end(), [](const DeadLetter& letter) {
            return letter.key == "k" && letter.raw == Bytes(letter.raw.size(), 'x');
        }));
        // Five times what is alive, at most: four of history, and the next snapshot.
        QVERIFY(propose(rig, *log, FenceRaised{ShardId{0}}).ok());
        QVERIFY2(most < 400'000, qPrintable(QString::number(most)));
    }

    void history_listsWhatWasForgotten()
    {
        SimRig rig;
        const auto log = openLog(rig.env());
        QVERIFY(propose(rig, *log, bootstrap()).ok());
        for (FrameNo n = 1; n <= 6; ++n) {
            const auto listed = propose(rig, *log, listing(0, n * 10));
            const auto holds = judged(0, listed->checkpoint, CheckpointState::kVerified);
            QVERIFY(propose(rig, *log, holds).ok());
        }
        QCOMPARE(idsOf(log->state().checkpoints.all()), (Ids{5, 6}));
        const auto history = SingleControlLog::readHistory(rig.disk(), "data");
        QCOMPARE(idsOf(history->checkpoints.all()), (Ids{1, 2, 3, 4, 5, 6}));
    }

    // Power cuts and kills at any moment, with snapshots all the time: what was told is there, and
    // what is there is what was told, or goes on from it.
    void crash_atAnyStep_losesNothingThatWasTold()
    {
        int betweenSegments = 0;
        for (std::uint64_t seed = 1; seed <= 25; ++seed) {
            SimRig rig(seed);
            sim::DiskFaults faults = rig.world.disk().faults();
            faults.reorderSectors = seed % 3 == 0;
            rig.world.disk().setFaults(faults);
            SplitMix64 random(seed);
            RandomChanges changes(seed);
            std::map<LogIndex, Bytes> told;
            for (int life = 0; life < 8; ++life) {
                auto log = openLog(rig.env(), 512);
                // What was written and not told may be there, and then counts.
                told[log->state().index] = summary(log->state());
                const auto tell = [&told, &state = log->state()](const Result<Outcome>&) {
                    told[state.index] = summary(state);
                };
                for (std::uint64_t left = random.below(60); left > 0; --left) {
                    log->propose(changes.next(log->state()), 0, tell);
                    rig.run(Nanos{static_cast<std::int64_t>(random.below(1'000'000))});
                }
                // Now and then just while a snapshot is being written.
                const auto segments = [&rig] { return rig.disk().list("data/control")->size(); };
                for (int i = 0; life % 2 == 1 && i < 300 && segments() < 2; ++i) {
                    log->propose(FenceRaised{ShardId{0}}, 0, tell);
                    rig.run(30us);
                }
                betweenSegments += rig.disk().list("data/control")->size() > 1 ? 1 : 0;
                log.reset();
                rig.crash(random.chance(500) ? sim::Ending::kPowerCut : sim::Ending::kKilled);
                const auto left = SingleControlLog::read(rig.disk(), "data");
                QVERIFY2(left.ok(), left.ok() ? "" : left.error().message.c_str());
                QVERIFY(left->index >= told.rbegin()->first);
                if (left->index == told.rbegin()->first)
                    QCOMPARE(summary(*left), told.rbegin()->second);
            }
        }
        QVERIFY2(betweenSegments > 10, qPrintable(QString::number(betweenSegments)));
    }

    void snapshot_thatACrashHasCutShort_isCutOff_andTheLogGoesOn()
    {
        SimRig rig;
        RandomChanges changes(3);
        Bytes old;
        Bytes whole;
        {
            const auto log = openLog(rig.env(), 4096);
            rig.world.disk().slowSyncs("/control", 5ms, 6ms);
            while (!rig.exists(segment(2))) {
                log->propose(changes.next(log->state()), 0, [](const Result<Outcome>&) {});
                for (int i = 0; i < 30 && !rig.exists(segment(2)); ++i)
                    rig.run(1ms);
            }
            old = rig.file(segment(1));
            rig.run();
            whole = rig.file(segment(2));
        }
        QCOMPARE(decodeSegmentHeader(whole)->previousBytes, std::uint64_t{old.size()});
        int cuts = 0;
        for (std::size_t cut = kSegmentHeaderBytes; cut < whole.size(); cut += 40) {
            SimRig again;
            again.world.disk().putFile(segment(1), old);
            const Bytes before = summary(openLog(again.env())->state());
            again.world.disk().putFile(segment(2), whole.substr(0, cut));
            QCOMPARE(summary(*SingleControlLog::read(again.disk(), "data")), before);
            const auto log = openLog(again.env());
            QCOMPARE(summary(log->state()), before);
            if (again.exists(segment(2))) break;  // from here on it is whole
            ++cuts;
            QVERIFY(propose(again, *log, FenceRaised{ShardId{0}}).ok());
            QCOMPARE(SingleControlLog::read(again.disk(), "data")->index, log->state().index);
        }
        QVERIFY2(cuts > 20, qPrintable(QString::number(cuts)));
    }

    void snapshot_cutShortWithoutTheOldSegment_isDamage()
    {
        SimRig rig;
        RandomChanges changes(3);
        {
            const auto log = openLog(rig.env(), 4096);
            while (!rig.exists(segment(2)))
                QVERIFY(propose(rig, *log, changes.next(log->state())).ok());
        }
        rig.run();
        QVERIFY(!rig.exists(segment(1)));
        SimRig again;
        again.world.disk().putFile(segment(2), rig.file(segment(2)).substr(0, 1024));
        const auto opened = SingleControlLog::open(again.env(), "data");
        QCOMPARE(opened.error().code, Errc::kCorrupt);
        QVERIFY(opened.error().message.find("000000000002.seg") != std::string::npos);
        QVERIFY(!SingleControlLog::read(again.disk(), "data").ok());
    }

    void damagedLog_isNamedWithFileAndOffset()
    {
        SimRig rig;
        {
            const auto log = openLog(rig.env());
            QVERIFY(propose(rig, *log, bootstrap()).ok());
            QVERIFY(propose(rig, *log, ownership(0, 1, 2)).ok());
        }
        rig.world.disk().flipByte(segment(1), 200);
        const auto log = SingleControlLog::open(rig.env(), "data");
        QVERIFY(!log.ok());
        QCOMPARE(log.error().code, Errc::kCorrupt);
        QVERIFY(log.error().message.find(segment(1)) != std::string::npos);
        QVERIFY(log.error().message.find("offset ") != std::string::npos);
        QVERIFY(!SingleControlLog::readLetters(rig.disk(), "data").ok());
    }

    void directory_ofAnEarlierVersion_isRefusedByName()
    {
        for (const char* journal : {"assignment", "manifest", "deadletter"}) {
            SimRig rig;
            const std::string folder = std::string("data/") + journal;
            rig.world.disk().putFile(segmentPath(folder, 1), "whatever");
            const auto opened = SingleControlLog::open(rig.env(), "data");
            QCOMPARE(opened.error().code, Errc::kUnsupported);
            const auto read = SingleControlLog::read(rig.disk(), "data");
            for (const std::string& text : {opened.error().message, read.error().message}) {
                QVERIFY2(text.find("earlier version") != std::string::npos, text.c_str());
                QVERIFY2(text.find(folder) != std::string::npos, text.c_str());
                QVERIFY2(text.find("new --data") != std::string::npos, text.c_str());
            }
            QVERIFY(!rig.exists(segment(1)));
        }
        // Somebody's own folder of that name is nobody's business.
        SimRig rig;
        rig.world.disk().putFile("data/manifest/notes.txt", "mine");
        QVERIFY(SingleControlLog::open(rig.env(), "data").ok());
    }

    void log_thatKeptMore_isReadAsItWasWritten()
    {
        SimRig rig;
        {
            const auto log = SingleControlLog::open(rig.env(), "data", 2);
            QVERIFY(propose(rig, **log, bootstrap()).ok());
            CheckpointsJudged all{ShardId{0}, {}, CheckpointState::kVerified};
            for (FrameNo n = 1; n <= 6; ++n)
                all.ids.push_back(propose(rig, **log, listing(0, n * 10))->checkpoint);
            QVERIFY(propose(rig, **log, all).ok());
            CheckpointListed back{*(*log)->state().checkpoints.find(ShardId{0}, CheckpointId{3})};
            back.info.setsBack = true;
            QVERIFY(propose(rig, **log, back).ok());
            QCOMPARE(idsOf((*log)->state().checkpoints.all()), (Ids{3, 7}));
            QCOMPARE(idsOf(SingleControlLog::read(rig.disk(), "data")->checkpoints.all()),
                     (Ids{3, 7}));
        }
        // Another number counts from the next listing on, and for whoever reads it.
        const auto log = SingleControlLog::open(rig.env(), "data", 7);
        QCOMPARE(idsOf((*log)->state().checkpoints.all()), (Ids{3, 7}));
        for (FrameNo n = 7; n <= 12; ++n)
            QVERIFY(propose(rig, **log, listing(0, n * 10)).ok());
        QCOMPARE(idsOf(SingleControlLog::read(rig.disk(), "data")->checkpoints.all()),
                 idsOf((*log)->state().checkpoints.all()));
    }

    void garbage_isWhatNoListedCheckpointNeeds()
    {
        SimRig rig;
        const auto log = openLog(rig.env());
        QVERIFY(propose(rig, *log, bootstrap()).ok());
        const auto checkpoints = CheckpointStore::open(rig.env(), "data", NodeId{0}, 64);
        QVERIFY(checkpoints.ok());
        CheckpointsJudged all{ShardId{0}, {}, CheckpointState::kVerified};
        for (FrameNo n = 1; n <= 4; ++n) {
            CheckpointInfo stored;
            (*checkpoints)
                ->store(listing(0, n).info, Bytes(104, 'x'),
                        [&stored](const Result<CheckpointInfo>& done) { stored = *done; });
            rig.run();
            all.ids.push_back(propose(rig, *log, CheckpointListed{stored})->checkpoint);
        }
        QVERIFY(log->collectGarbage().ok());
        QVERIFY(rig.exists(segmentPath("data/checkpoint/0", 1)));
        QVERIFY(propose(rig, *log, all).ok());
        QVERIFY(rig.exists(segmentPath("data/checkpoint/0", 2)));
        QVERIFY(log->collectGarbage().ok());
        QVERIFY(!rig.exists(segmentPath("data/checkpoint/0", 1)));
        QVERIFY(!rig.exists(segmentPath("data/checkpoint/0", 2)));
        // A tool that reads the log must not look for what is gone.
        const auto read = SingleControlLog::read(rig.disk(), "data");
        for (const CheckpointInfo& info : read->checkpoints.all())
            QVERIFY(CheckpointStore::load(rig.disk(), "data", {info}).ok());
        QCOMPARE(read->checkpoints.all().size(), std::size_t{2});
    }
};

QTEST_GUILESS_MAIN(ControlLogTest)
#include "tst_control_log.moc"
