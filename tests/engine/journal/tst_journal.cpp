#include "engine/base/result.h"
#include "engine/base/split_mix.h"
#include "engine/journal/journal.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "tests/support/sim_rig.h"

#include <QtTest>

#include <memory>
#include <string>
#include <vector>

using namespace foreshard;
using namespace foreshard::test;

namespace {

const std::string kFolder = "data/log";

Bytes record(std::size_t i, std::size_t bytes = 40)
{
    Bytes payload = "record " + std::to_string(i) + " ";
    payload.resize(std::max(bytes, payload.size()), static_cast<char>('a' + i % 26));
    return seal(250, payload);
}

std::size_t numberOf(BytesView envelope)
{
    const auto opened = openEnvelope(envelope);
    FS_CHECK(opened.ok());
    return std::stoul(Bytes(opened->payload.substr(7, 8)));
}

struct Opened {
    Result<std::unique_ptr<Journal>> journal;
    std::vector<std::size_t> seen;
};

Opened openJournal(SimRig& rig, std::uint64_t segmentBytesMax = 200)
{
    std::vector<std::size_t> seen;
    auto journal = Journal::open(rig.env(), {kFolder, segmentBytesMax},
                                 [&seen](JournalPosition, BytesView envelope) {
                                     seen.push_back(numberOf(envelope));
                                     return Status{};
                                 });
    return {std::move(journal), std::move(seen)};
}

// Appends records [first, last), one after the other, each durable before the next.
std::vector<JournalPosition> fill(SimRig& rig, Journal& journal, std::size_t first,
                                  std::size_t last)
{
    std::vector<JournalPosition> places;
    for (std::size_t i = first; i < last; ++i) {
        const auto at =
            journal.append(record(i), [](const Status& status) { FS_CHECK(status.ok()); });
        FS_CHECK(at.ok());
        places.push_back(*at);
        rig.run(100ms);
    }
    return places;
}

constexpr std::uint64_t kSalt = 4711;

// A segment as an engine leaves it: every record is an append of its own, and each was durable
// before the next unless `proven` is false.
Bytes segment(std::uint64_t number, const std::vector<Bytes>& records, bool proven = true,
              std::uint64_t previousBytes = 0)
{
    SegmentHeader header;
    header.journal = "log";
    header.segment = number;
    header.salt = kSalt + number;
    header.previousBytes = previousBytes;
    header.previousSalt = previousBytes == 0 ? 0 : header.salt - 1;
    Bytes file = encodeSegmentHeader(header);
    for (const Bytes& record : records)
        file += encodeMark({file.size(), proven ? file.size() : 0, header.salt, 0}) + record;
    return file;
}

std::vector<std::size_t> upTo(std::size_t count)
{
    std::vector<std::size_t> numbers(count);
    for (std::size_t i = 0; i < count; ++i)
        numbers[i] = i;
    return numbers;
}

bool says(const Error& error, const std::string& words)
{
    return error.message.find(words) != std::string::npos;
}

}  // namespace

class JournalTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void append_whenTheSegmentIsFull_beginsTheNext()
    {
        SimRig rig;
        Opened first = openJournal(rig);
        QVERIFY(first.journal.ok());
        const auto places = fill(rig, **first.journal, 0, 10);
        QCOMPARE(places.front().segment, std::uint64_t{1});
        QCOMPARE(places[2].segment, std::uint64_t{2});
        QCOMPARE(places[2].position, kSegmentHeaderBytes + kMarkBytes);
        QCOMPARE((*first.journal)->currentSegment(), std::uint64_t{5});
        QCOMPARE(openJournal(rig).seen, upTo(10));
        const auto read = (*first.journal)->read(places[4], record(4).size());
        QVERIFY(read.ok());
        QCOMPARE(*read, record(4));
    }

    void open_withAnUnfinishedTail_cutsItOff()
    {
        SimRig rig;
        const Bytes whole = segment(1, {record(0), record(1), record(2)});
        rig.world.disk().putFile(segmentPath(kFolder, 1), whole.substr(0, whole.size() - 26));
        Opened opened = openJournal(rig);
        QVERIFY(opened.journal.ok());
        QCOMPARE(opened.seen, upTo(2));
        const Bytes rest = segment(1, {record(0), record(1)});
        QCOMPARE(rig.file(segmentPath(kFolder, 1)).substr(0, rest.size()), rest);
        fill(rig, **opened.journal, 2, 3);
        QCOMPARE(openJournal(rig).seen, upTo(3));
    }

    void open_withDamageBeforeAWholeRecord_namesFileAndOffset()
    {
        SimRig rig;
        const std::string path = segmentPath(kFolder, 1);
        rig.world.disk().putFile(path, segment(1, {record(0), record(1), record(2)}));
        const std::uint64_t second = segment(1, {record(0)}).size() + kMarkBytes;
        rig.world.disk().flipByte(path, second + 20);
        const Opened opened = openJournal(rig);
        QVERIFY(!opened.journal.ok());
        QCOMPARE(opened.journal.error().code, Errc::kCorrupt);
        QVERIFY(says(opened.journal.error(), path));
        QVERIFY(says(opened.journal.error(), "offset " + std::to_string(second)));
    }

    void open_withASectorLostInAPowerCut_cutsThere()
    {
        SimRig rig;
        // All three were under way together, so nothing says that the second was durable.
        Bytes content = segment(1, {record(0), record(1, 2000), record(2)}, false);
        content.replace(1024, 512, 512, '\0');
        rig.world.disk().putFile(segmentPath(kFolder, 1), content);
        const Opened opened = openJournal(rig);
        QVERIFY(opened.journal.ok());
        QCOMPARE(opened.seen, upTo(1));
        QVERIFY(rig.file(segmentPath(kFolder, 1)).size() < 1024);
    }

    void open_ofAnEmptiedFile_namesIt()
    {
        SimRig rig;
        rig.world.disk().putFile(segmentPath(kFolder, 1), {});
        const Opened opened = openJournal(rig);
        QCOMPARE(opened.journal.error().code, Errc::kCorrupt);
        QVERIFY(says(opened.journal.error(), segmentPath(kFolder, 1)));
    }

    void open_ofAnotherJournalsFile_namesIt()
    {
        SimRig rig;
        Bytes other = segment(1, {record(0)});
        rig.world.disk().putFile(segmentPath("data/other", 1), other);
        rig.world.disk().putFile(segmentPath(kFolder, 2), segment(1, {record(0)}));
        const Opened swapped = openJournal(rig);
        QCOMPARE(swapped.journal.error().code, Errc::kCorrupt);
        QVERIFY(says(swapped.journal.error(), segmentPath(kFolder, 2)));
        const auto scan = scanSegment(rig.disk(), segmentPath("data/other", 1), 1,
                                      [](JournalPosition, BytesView) { return Status{}; });
        QVERIFY(says(scan.error(), "segment 1 of log"));
    }

    void open_ofAFileWithoutHeader_isRefusedNotMisread()
    {
        SimRig rig;
        rig.world.disk().putFile(segmentPath(kFolder, 1), record(0) + record(1));
        const Opened old = openJournal(rig);
        QCOMPARE(old.journal.error().code, Errc::kUnsupported);
        QVERIFY(says(old.journal.error(), segmentPath(kFolder, 1)));
        QCOMPARE(rig.file(segmentPath(kFolder, 1)), record(0) + record(1));
    }

    void open_ofANewerFormat_isRefused()
    {
        SimRig rig;
        Bytes payload(64, '\0');
        payload[0] = 2;  // version
        const Bytes newer = seal(static_cast<std::uint16_t>(WireType::kSegmentHeader), payload);
        QCOMPARE(std::uint64_t{newer.size()}, kSegmentHeaderBytes);
        rig.world.disk().putFile(segmentPath(kFolder, 1), newer);
        const Opened opened = openJournal(rig);
        QCOMPARE(opened.journal.error().code, Errc::kUnsupported);
        QVERIFY(says(opened.journal.error(), "newer version"));
    }

    void open_withASegmentMissingBetweenOthers_isAGap()
    {
        SimRig rig;
        fill(rig, **openJournal(rig).journal, 0, 10);
        QVERIFY(rig.disk().remove(segmentPath(kFolder, 3)).ok());
        const Opened opened = openJournal(rig);
        QCOMPARE(opened.journal.error().code, Errc::kGap);
        QVERIFY(says(opened.journal.error(), segmentPath(kFolder, 3)));
    }

    void quiet_afterAnAppend_provesIt()
    {
        SimRig rig;
        fill(rig, **openJournal(rig, 4000).journal, 0, 3);
        Opened opened = openJournal(rig, 4000);
        const std::vector<JournalPosition> places = fill(rig, **opened.journal, 3, 5);
        rig.run(1s);
        rig.world.disk().flipByte(segmentPath(kFolder, 1), places.back().position + 20);
        const Opened again = openJournal(rig, 4000);
        QCOMPARE(again.journal.error().code, Errc::kCorrupt);
        QVERIFY(says(again.journal.error(), "offset " + std::to_string(places.back().position)));
    }

    void findDamage_namesEveryPlace()
    {
        SimRig rig;
        const std::string path = segmentPath(kFolder, 1);
        std::vector<Bytes> records;
        for (std::size_t i = 0; i < 8; ++i)
            records.push_back(record(i));
        rig.world.disk().putFile(path, segment(1, records));
        const std::uint64_t step = kMarkBytes + record(0).size();
        const auto place = [&](std::uint64_t i) {
            return kSegmentHeaderBytes + i * step + kMarkBytes;
        };
        rig.world.disk().flipByte(path, place(1) + 20);
        rig.world.disk().flipByte(path, place(4) + 30);
        std::vector<std::size_t> seen;
        const auto found = findDamage(rig.disk(), path, 1, [&](JournalPosition, BytesView r) {
            seen.push_back(numberOf(r));
            return Status{};
        });
        QVERIFY(found.ok());
        QCOMPARE(found->places.size(), std::size_t{2});
        QCOMPARE(found->places.front().position, place(1));
        QCOMPARE(found->places.back().position, place(4));
        QCOMPARE(seen, (std::vector<std::size_t>{0, 2, 3, 5, 6, 7}));
    }

    void open_withAnOlderSegmentCutShort_namesIt()
    {
        SimRig rig;
        const Bytes first = segment(1, {record(0), record(1)});
        const std::uint64_t second = segment(1, {record(0)}).size() + kMarkBytes;
        rig.world.disk().putFile(segmentPath(kFolder, 1), first.substr(0, second + 24));
        rig.world.disk().putFile(segmentPath(kFolder, 2),
                                 segment(2, {record(2)}, true, first.size()));
        const Opened opened = openJournal(rig);
        QVERIFY(!opened.journal.ok());
        QCOMPARE(opened.journal.error().code, Errc::kCorrupt);
        QVERIFY(says(opened.journal.error(), segmentPath(kFolder, 1)));
        QVERIFY(says(opened.journal.error(), "offset " + std::to_string(second)));
    }

    void crash_amidAppendsOverSegments_leavesAPrefixWithAllThatWasDurable()
    {
        for (std::uint64_t seed = 1; seed <= 150; ++seed) {
            sim::WorldOptions options;
            options.disk.reorderSectors = seed % 2 == 0;
            SimRig rig(seed, options);
            SplitMix64 random(seed);
            Opened opened = openJournal(rig, 3000);
            std::size_t durable = 0;
            std::size_t next = 0;
            for (std::uint64_t burst = 1 + random.below(6); burst > 0; --burst) {
                for (std::uint64_t i = random.below(8); i > 0; --i) {
                    const auto at = (*opened.journal)
                                        ->append(record(next++, 100 + random.below(2500)),
                                                 [&](const Status& s) { durable += s.ok(); });
                    QVERIFY(at.ok());
                }
                rig.run(Nanos{static_cast<std::int64_t>(random.below(400'000))});
            }
            rig.crash();
            const Opened again = openJournal(rig, 3000);
            if (!again.journal.ok()) {
                QFAIL(qPrintable(QStringLiteral("seed %1: %2")
                                     .arg(seed)
                                     .arg(QString::fromStdString(again.journal.error().message))));
            }
            QCOMPARE(again.seen, upTo(again.seen.size()));
            QVERIFY(again.seen.size() >= durable);
        }
    }

    void cut_overSegments_removesAllBehindIt()
    {
        SimRig rig;
        Opened opened = openJournal(rig);
        Journal& journal = **opened.journal;
        const auto places = fill(rig, journal, 0, 12);
        QVERIFY(journal.cut(places[5]).ok());
        QCOMPARE(journal.currentSegment(), places[5].segment);
        QVERIFY(!rig.exists(segmentPath(kFolder, places[5].segment + 1)));
        QCOMPARE(openJournal(rig).seen, upTo(5));
        fill(rig, journal, 5, 9);
        QCOMPARE(openJournal(rig).seen, upTo(9));
    }

    void removeBefore_keepsTheCurrentSegment()
    {
        SimRig rig;
        Opened opened = openJournal(rig);
        Journal& journal = **opened.journal;
        fill(rig, journal, 0, 10);
        const std::uint64_t before = journal.totalBytes();
        QVERIFY(journal.removeBefore(99).ok());
        QCOMPARE(journal.segmentBytes().size(), std::size_t{1});
        QCOMPARE(journal.segmentBytes().begin()->first, journal.currentSegment());
        QVERIFY(journal.totalBytes() < before);
        QCOMPARE(openJournal(rig).seen, (std::vector<std::size_t>{8, 9}));
    }

    void append_behindAFailedSync_fails_evenInTheNextSegment()
    {
        SimRig rig;
        Opened opened = openJournal(rig);
        Journal& journal = **opened.journal;
        fill(rig, journal, 0, 3);
        rig.world.disk().failNextSync("data/log");
        std::vector<bool> outcomes;
        const auto note = [&outcomes](const Status& status) { outcomes.push_back(status.ok()); };
        QVERIFY(journal.append(record(3), note).ok());
        QVERIFY(journal.append(record(4), note).ok());  // waits for its segment
        rig.run();
        QCOMPARE(outcomes, (std::vector<bool>{false, false}));
        QVERIFY(!journal.append(record(5), note).ok());
    }

    void append_onAFullDisk_waitsAndGoesOnInOrder()
    {
        SimRig rig;
        Opened opened = openJournal(rig);
        Journal& journal = **opened.journal;
        fill(rig, journal, 0, 3);
        rig.world.disk().setCapacity(rig.world.disk().usedBytes() + 20);
        std::vector<std::size_t> done;
        std::vector<JournalPosition> places;
        for (std::size_t i = 3; i < 12; ++i) {
            const auto at = journal.append(record(i), [&done, i](const Status& status) {
                QVERIFY(status.ok());
                done.push_back(i);
            });
            QVERIFY(at.ok());
            places.push_back(*at);
            rig.run(50ms);
        }
        QCOMPARE(done, std::vector<std::size_t>{});
        QVERIFY(journal.waiting());
        rig.world.disk().setCapacity(std::nullopt);
        rig.run();
        QVERIFY(!journal.waiting());
        QCOMPARE(done, (std::vector<std::size_t>{3, 4, 5, 6, 7, 8, 9, 10, 11}));
        QCOMPARE(openJournal(rig).seen, upTo(12));
        const auto read = journal.read(places[5], record(8).size());
        QVERIFY(read.ok());
        QCOMPARE(*read, record(8));
    }

    void append_whenTheNextSegmentFindsNoRoom_waitsToo()
    {
        SimRig rig;
        Opened opened = openJournal(rig);
        Journal& journal = **opened.journal;
        fill(rig, journal, 0, 4);  // the segment is full
        rig.world.disk().setCapacity(rig.world.disk().usedBytes());
        std::size_t done = 0;
        for (std::size_t i = 4; i < 6; ++i) {
            QVERIFY(journal
                        .append(record(i),
                                [&done](const Status& status) {
                                    QVERIFY(status.ok());
                                    ++done;
                                })
                        .ok());
        }
        rig.run();
        QCOMPARE(done, std::size_t{0});
        rig.world.disk().setCapacity(std::nullopt);
        rig.run();
        QCOMPARE(done, std::size_t{2});
        QCOMPARE(openJournal(rig).seen, upTo(6));
    }

    void crash_whileWaitingForRoom_losesOnlyWhatWasNotAnswered()
    {
        SimRig rig;
        Opened opened = openJournal(rig);
        fill(rig, **opened.journal, 0, 3);
        rig.world.disk().setCapacity(rig.world.disk().usedBytes() + 20);
        const auto never = [](const Status&) { QFAIL("nothing is durable"); };
        QVERIFY((*opened.journal)->append(record(3), never).ok());
        rig.run();
        rig.crash();
        rig.world.disk().setCapacity(std::nullopt);
        QCOMPARE(openJournal(rig).seen, upTo(3));
    }

    void open_behindAKilledProcess_makesDurableWhatItReads()
    {
        SimRig rig;
        std::size_t killsWithUnsynced = 0;
        for (int round = 0; round < 20; ++round) {
            const Opened opened = openJournal(rig);
            QVERIFY(
                (*opened.journal)->append(record(opened.seen.size()), [](const Status&) {}).ok());
            rig.crash(sim::Ending::kKilled);
            const std::vector<std::size_t> seen = openJournal(rig).seen;
            if (seen.size() > opened.seen.size()) ++killsWithUnsynced;
            rig.crash(sim::Ending::kPowerCut);
            QCOMPARE(openJournal(rig).seen, seen);
        }
        QVERIFY(killsWithUnsynced > 0);
    }

    void open_fresh_leavesOldSegmentsAlone()
    {
        SimRig rig;
        const Bytes torn = record(0) + record(1).substr(0, 24);
        rig.world.disk().putFile(segmentPath(kFolder, 4), torn);
        const auto journal = Journal::open(rig.env(), {kFolder, 200, true},
                                           [](JournalPosition, BytesView) { return Status{}; });
        QVERIFY(journal.ok());
        QCOMPARE((*journal)->currentSegment(), std::uint64_t{5});
        QCOMPARE(rig.file(segmentPath(kFolder, 4)), torn);
    }
};

QTEST_GUILESS_MAIN(JournalTest)
#include "tst_journal.moc"
