#include "engine/env/sim/world.h"

#include <QtTest>

#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace foreshard;
using namespace foreshard::sim;

namespace {

// A world with one engine process that can be crashed and started again.
struct Rig {
    explicit Rig(std::uint64_t seed = 1, const DiskFaults& faults = {})
        : world(seed, {.disk = faults})
    {
        start();
    }
    void start()
    {
        engine = world.startProcess("engine");
        strand = &world.strand(engine, "s");
    }
    Disk& disk() { return world.env(*strand).disk; }
    std::unique_ptr<File> open(const std::string& path, OpenMode mode = OpenMode::kCreate)
    {
        auto file = disk().open(path, mode);
        FS_CHECK(file.ok());
        return std::move(file).value();
    }
    // Appends and waits.
    Status append(File& file, Bytes data, bool sync = true)
    {
        std::optional<Status> result;
        file.append(std::move(data), sync, *strand, [&](Status status) { result = status; });
        FS_CHECK(world.runUntil(world.now() + 1s, [&] { return result.has_value(); }));
        return *result;
    }

    World world;
    ProcessId engine;
    SimStrand* strand = nullptr;
};

Errc codeOf(const Status& status) { return status.error().code; }

}  // namespace

class SimDiskTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void appends_completeInOrder_andTogetherWhileASyncRuns()
    {
        Rig rig;
        const auto file = rig.open("log");
        std::vector<int> order;
        std::vector<Instant> times;
        for (int i = 0; i < 50; ++i)
            file->append("x", i % 3 != 0, *rig.strand, [&, i](Status status) {
                QVERIFY(status.ok());
                order.push_back(i);
                times.push_back(rig.strand->now());
            });
        QCOMPARE(file->size(), std::uint64_t{50});
        rig.world.runFor(1s);
        QCOMPARE(order.size(), std::size_t{50});
        for (std::size_t i = 0; i < order.size(); ++i)
            QCOMPARE(order[i], static_cast<int>(i));
        QVERIFY(times[0] < times[1]);
        QCOMPARE(times[1].nanos, times[49].nanos);
    }

    void crash_neverTouchesSyncedAppends_andMayDropTheRest()
    {
        int dropped = 0;
        int kept = 0;
        for (std::uint64_t seed = 0; seed < 300; ++seed) {
            Rig rig(seed, {.reorderSectors = seed % 2 == 1});
            const auto file = rig.open("log");
            const Bytes synced(700, 's');
            QVERIFY(rig.append(*file, synced).ok());
            QVERIFY(rig.append(*file, Bytes(100, 'u'), false).ok());
            rig.world.crash(rig.engine);
            const Bytes left = *rig.world.disk().fileBytes("log");
            QVERIFY(left.starts_with(synced));
            if (left.size() == 700) ++dropped;
            if (left.ends_with(Bytes(100, 'u'))) ++kept;
        }
        QVERIFY(dropped > 50);
        QVERIFY(kept > 50);
    }

    void crash_freesAFileThatOnlyItsOwnCallbackHolds()
    {
        Rig rig;
        std::weak_ptr<File> watched;
        {
            const std::shared_ptr<File> file = rig.open("log");
            watched = file;
            file->append("a", true, *rig.strand, [file](const Status&) {});
        }
        QVERIFY(!watched.expired());
        rig.world.crash(rig.engine);
        QVERIFY(watched.expired());
    }

    void crash_betweenAppendAndDone_reportsNothing()
    {
        Rig rig;
        const auto file = rig.open("log");
        bool done = false;
        file->append("x", true, *rig.strand, [&](Status) { done = true; });
        rig.world.crash(rig.engine);
        rig.world.runFor(1s);
        QVERIFY(!done);
        file->append("y", true, *rig.strand, [&](Status) { done = true; });
        rig.world.runFor(1s);
        QVERIFY(!done);
        QVERIFY(file->size() <= 1);
    }

    void tornWrite_keepsAPrefixOfWholeSectors()
    {
        bool between = false;
        for (std::uint64_t seed = 0; seed < 50; ++seed) {
            Rig rig(seed, {.keptPerMille = 0, .tornPerMille = 1000});
            const auto file = rig.open("log");
            QVERIFY(rig.append(*file, Bytes(100, 's')).ok());
            Bytes data;
            for (int i = 0; i < 5000; ++i)
                data += static_cast<char>(i % 251);
            QVERIFY(rig.append(*file, data, false).ok());
            QVERIFY(rig.append(*file, "later", false).ok());
            rig.world.crash(rig.engine);
            const Bytes left = *rig.world.disk().fileBytes("log");
            QVERIFY(left.size() % SimDisk::kSectorBytes == 0);
            QVERIFY(left.size() >= 512 && left.size() < 5100);
            QVERIFY((Bytes(100, 's') + data).starts_with(left));
            between = between || left.size() > 1024;
        }
        QVERIFY(between);
    }

    void prefixOrder_neverKeepsALaterAppendWithoutTheEarlier()
    {
        for (std::uint64_t seed = 0; seed < 100; ++seed) {
            Rig rig(seed);
            const auto file = rig.open("log");
            Bytes all;
            for (int i = 0; i < 10; ++i) {
                const Bytes piece(300, static_cast<char>('a' + i));
                QVERIFY(rig.append(*file, piece, false).ok());
                all += piece;
            }
            rig.world.crash(rig.engine);
            QVERIFY(all.starts_with(*rig.world.disk().fileBytes("log")));
        }
    }

    void reorderedSectors_leaveHolesOfZeros()
    {
        bool hole = false;
        for (std::uint64_t seed = 0; seed < 50; ++seed) {
            Rig rig(seed, {.reorderSectors = true});
            const auto file = rig.open("log");
            QVERIFY(rig.append(*file, Bytes(4096, 'u'), false).ok());
            rig.world.crash(rig.engine);
            const Bytes left = *rig.world.disk().fileBytes("log");
            QVERIFY(left.size() % 512 == 0);
            for (std::size_t i = 0; i < left.size(); ++i)
                QVERIFY(left[i] == left[i / 512 * 512] && (left[i] == 'u' || left[i] == '\0'));
            const std::size_t zeros = left.find('\0');
            hole = hole || (zeros != Bytes::npos && left.find('u', zeros) != Bytes::npos);
        }
        QVERIFY(hole);
    }

    void failedSync_isSticky_andCutsOffWhatItShouldHaveSaved()
    {
        Rig rig;
        auto file = rig.open("d.log");
        QVERIFY(rig.append(*file, "good").ok());
        rig.world.disk().failNextSync("d.log");
        QCOMPARE(codeOf(rig.append(*file, "bad")), Errc::kIo);
        QCOMPARE(codeOf(rig.append(*file, "more", false)), Errc::kIo);
        QCOMPARE(*rig.world.disk().fileBytes("d.log"), Bytes("good"));
    }

    void failedSync_mayLeaveBytesThatNeverBecomeDurable()
    {
        Rig rig(1, {.failedSyncStaysPerMille = 1000});
        auto file = rig.open("d.log");
        QVERIFY(rig.append(*file, "good").ok());
        rig.world.disk().failNextSync("d.log");
        QCOMPARE(codeOf(rig.append(*file, "bad")), Errc::kIo);
        QCOMPARE(codeOf(rig.append(*file, "more", false)), Errc::kIo);
        QCOMPARE(codeOf(file->truncate(0)), Errc::kIo);
        // The next handle may go on, but a sync there does not save what the failed one lost.
        file = rig.open("d.log", OpenMode::kAppend);
        QVERIFY(rig.append(*file, "new").ok());
        QCOMPARE(*rig.world.disk().fileBytes("d.log"), Bytes("goodbadnew"));
        rig.world.crash(rig.engine);
        QCOMPARE(*rig.world.disk().fileBytes("d.log"), Bytes("good\0\0\0new", 10));
    }

    void failedSync_failsEverythingQueuedBehindIt()
    {
        Rig rig;
        const auto file = rig.open("log");
        std::vector<bool> ok;
        const auto done = [&](Status status) { ok.push_back(status.ok()); };
        file->append("a", false, *rig.strand, done);
        rig.world.disk().failNextSync("log");
        file->append("b", false, *rig.strand, done);
        file->append("c", true, *rig.strand, done);
        file->append("d", true, *rig.strand, done);
        rig.world.runFor(1s);
        QCOMPARE(ok, (std::vector<bool>{true, true, false, false}));
    }

    void failedWrite_mayLeaveAPartOfIt()
    {
        std::set<Bytes> left;
        for (std::uint64_t seed = 0; seed < 100; ++seed) {
            Rig rig(seed, {.failedWriteStaysPerMille = 500});
            const auto file = rig.open("d.log");
            QVERIFY(rig.append(*file, "good").ok());
            rig.world.disk().failNext(DiskCall::kWrite, "d.log");
            QCOMPARE(codeOf(rig.append(*file, "bad")), Errc::kIo);
            left.insert(*rig.world.disk().fileBytes("d.log"));
        }
        QCOMPARE(left, (std::set<Bytes>{"good", "goodb", "goodba", "goodbad"}));
    }

    void failedReads_areOver_whenTheyAreUsedUp()
    {
        Rig rig;
        rig.world.disk().putFile("d/log", "123");
        rig.world.disk().failNext(DiskCall::kRead, "/log", 2);
        QCOMPARE(rig.disk().readWhole("d/log").error().code, Errc::kIo);
        const auto file = rig.open("d/log", OpenMode::kRead);
        QCOMPARE(file->read(0, 3).error().code, Errc::kIo);
        QCOMPARE(*file->read(0, 3), Bytes("123"));
    }

    void kill_keepsWhatWasIssued_forALaterPowerCutToTake()
    {
        std::set<Bytes> killed;
        std::set<Bytes> cut;
        for (std::uint64_t seed = 0; seed < 200; ++seed) {
            Rig rig(seed);
            const auto file = rig.open("log");
            QVERIFY(rig.append(*file, "aa").ok());
            QVERIFY(rig.append(*file, "b", false).ok());
            file->append("c", false, *rig.strand, [](const Status&) {});
            file->append("d", true, *rig.strand, [](const Status&) {});  // waits for "c"
            rig.world.crash(rig.engine, Ending::kKilled);
            killed.insert(*rig.world.disk().fileBytes("log"));
            rig.start();
            rig.world.crash(rig.engine, Ending::kPowerCut);
            cut.insert(*rig.world.disk().fileBytes("log"));
        }
        QCOMPARE(killed, (std::set<Bytes>{"aab", "aabc"}));
        QVERIFY(cut.contains("aa") && cut.contains("aabc"));
    }

    void slowSyncs_areSlowInTheFilesMeant()
    {
        Rig rig;
        rig.world.disk().slowSyncs("slow", 200ms, 300ms);
        const Instant begin = rig.world.now();
        QVERIFY(rig.append(*rig.open("quick"), "a").ok());
        QVERIFY(rig.world.now() - begin < 100ms);
        QVERIFY(rig.append(*rig.open("slow"), "a").ok());
        QVERIFY(rig.world.now() - begin >= 200ms);
    }

    void fullDisk_refusesAppends_untilReopenedWithRoom()
    {
        Rig rig(1, {.failedWriteStaysPerMille = 0});
        auto file = rig.open("log");
        rig.world.disk().setCapacity(10);
        QVERIFY(rig.append(*file, "12345678").ok());
        QCOMPARE(*rig.disk().freeBytes("log"), std::uint64_t{2});
        QCOMPARE(codeOf(rig.append(*file, "9999")), Errc::kNoSpace);
        QCOMPARE(codeOf(rig.append(*file, "1")), Errc::kNoSpace);
        QCOMPARE(codeOf(rig.disk().writeWhole("big", "12345")), Errc::kNoSpace);
        QCOMPARE(*rig.world.disk().fileBytes("log"), Bytes("12345678"));
        rig.world.disk().setCapacity(100);
        file = rig.open("log", OpenMode::kAppend);
        QVERIFY(rig.append(*file, "9").ok());
        QCOMPARE(*rig.world.disk().fileBytes("log"), Bytes("123456789"));
    }

    void lock_isHeldUntilReleased_orUntilItsProcessCrashes()
    {
        Rig rig;
        auto held = rig.disk().lock("lock");
        QVERIFY(held.ok());
        auto second = rig.disk().lock("lock");
        QVERIFY(!second.ok());
        QCOMPARE(second.error().code, Errc::kBusy);
        QVERIFY(second.error().message.find("engine") != std::string::npos);
        held.value().reset();
        held = rig.disk().lock("lock");
        QVERIFY(held.ok());
        rig.world.crash(rig.engine);
        rig.start();
        auto next = rig.disk().lock("lock");
        QVERIFY(next.ok());
        // The remains of the dead process do not free what its successor holds.
        held.value().reset();
        QVERIFY(!rig.disk().lock("lock").ok());
    }

    void remove_withoutSync_mayComeBackAfterACrash()
    {
        for (const bool sync : {false, true}) {
            Rig rig(1, {.removedReturnsPerMille = 1000});
            QVERIFY(rig.disk().createDirectories("box").ok());
            QVERIFY(rig.disk().writeWhole("box/a", "old").ok());
            QVERIFY(rig.disk().remove("box/a").ok());
            QVERIFY(rig.disk().remove("box/absent").ok());
            QVERIFY(!rig.disk().readWhole("box/a").ok());
            if (sync) QVERIFY(rig.disk().syncDirectory("box").ok());
            rig.world.crash(rig.engine);
            rig.start();
            QCOMPARE(rig.disk().readWhole("box/a").ok(), !sync);
        }
    }

    void truncate_isDurable()
    {
        Rig rig;
        const auto file = rig.open("log");
        QVERIFY(rig.append(*file, "durable").ok());
        QVERIFY(rig.append(*file, "loose", false).ok());
        QVERIFY(file->truncate(9).ok());
        rig.world.crash(rig.engine);
        QCOMPARE(*rig.world.disk().fileBytes("log"), Bytes("durablelo"));
    }

    void open_refusesWhatIsAbsent()
    {
        Rig rig;
        QCOMPARE(rig.disk().open("a", OpenMode::kRead).error().code, Errc::kNotFound);
        QCOMPARE(rig.disk().open("a", OpenMode::kAppend).error().code, Errc::kNotFound);
        QCOMPARE(rig.disk().open("no/a", OpenMode::kCreate).error().code, Errc::kNotFound);
        QCOMPARE(rig.disk().openInput("a").error().code, Errc::kNotFound);
        QVERIFY(rig.disk().createDirectories("/data/x").ok());
        QCOMPARE(rig.disk().openInput("/data").error().code, Errc::kInvalid);
        const auto file = rig.open("/data/x//f");
        QCOMPARE(file->path(), std::string("/data/x/f"));
        const auto reader = rig.open("/data/x/f", OpenMode::kRead);
        QCOMPARE(codeOf(rig.append(*reader, "x")), Errc::kReadOnly);
    }

    void list_isSorted_andEmptyForAnAbsentFolder()
    {
        Rig rig;
        QVERIFY(rig.disk().createDirectories("d/sub").ok());
        for (const char* name : {"d/b", "d/a", "d/sub/c", "e"})
            QVERIFY(rig.disk().writeWhole(name, "x").ok());
        QCOMPARE(*rig.disk().list("d/"), (std::vector<std::string>{"a", "b", "sub"}));
        QCOMPARE(*rig.disk().list(""), (std::vector<std::string>{"d", "e"}));
        QVERIFY(rig.disk().list("absent")->empty());
    }

    void input_readsFilesAnywhere_andPipesInOrder()
    {
        Rig rig;
        rig.world.disk().putFile("in/a.csv", "0123456789");
        rig.world.disk().putFile("-", "piped");
        const auto file = std::move(rig.disk().openInput("in/a.csv")).value();
        QVERIFY(file->seekable());
        QCOMPARE(file->read(8, 100)->data, Bytes("89"));
        QVERIFY(!file->read(2, 3)->end);
        QVERIFY(file->read(10, 1)->end);
        rig.world.disk().putFile("in/a.csv", "0123456789more");
        QCOMPARE(file->read(10, 100)->data, Bytes("more"));
        const auto pipe = std::move(rig.disk().openInput("-")).value();
        QVERIFY(!pipe->seekable());
        QCOMPARE(pipe->read(0, 3)->data, Bytes("pip"));
        QCOMPARE(pipe->read(0, 3)->data, Bytes("ed"));
        QCOMPARE(*rig.disk().list(""), (std::vector<std::string>{"in"}));
    }

    void flipByte_damagesWhatIsStored()
    {
        Rig rig;
        QVERIFY(rig.disk().writeWhole("f", "abc").ok());
        rig.world.disk().flipByte("f", 1);
        QCOMPARE(*rig.disk().readWhole("f"), Bytes("acc"));
        const auto file = rig.open("f", OpenMode::kRead);
        QCOMPARE(*file->read(1, 1), Bytes("c"));
        QCOMPARE(*file->read(3, 10), Bytes());
    }

    void slowDisk_takesItsTime()
    {
        Rig rig(1, {.slowPerMille = 1000});
        const auto file = rig.open("log");
        const Instant begin = rig.world.now();
        QVERIFY(rig.append(*file, "x").ok());
        QVERIFY(rig.world.now() - begin >= 5ms);
    }
};

QTEST_GUILESS_MAIN(SimDiskTest)
#include "tst_sim_disk.moc"
