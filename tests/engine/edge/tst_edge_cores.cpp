// The decisions of an edge, one by one: when it reads, what it lets pass, what it reports.
#include "engine/edge/backlog_core.h"
#include "engine/edge/fence_gate.h"
#include "engine/edge/read_gate.h"
#include "engine/edge/shard_arrivals.h"
#include "engine/edge/source_notes.h"
#include "engine/edge/space_watch.h"

#include <QtTest>

using namespace foreshard;

namespace {

constexpr ShardId kShard{3};

// Boxes with `count` frames of 10 bytes each for the shard.
BoxCore boxesWith(FrameNo count)
{
    BoxCore boxes;
    for (FrameNo n = 1; n <= count; ++n) {
        FrameRef frame;
        frame.shard = kShard;
        frame.n = n;
        frame.bytes = 10;
        frame.batch = n;
        boxes.add(frame);
    }
    boxes.batchesDurable(count);
    return boxes;
}

// A backlog of all frames in the boxes.
BacklogCore backlogOf(const BoxCore& boxes)
{
    BacklogCore backlog;
    for (FrameNo n = 1; n <= boxes.lastAppended(kShard); ++n)
        backlog.add(boxes, kShard, n);
    return backlog;
}

// An edge that has nothing against reading.
ReadState ready()
{
    ReadState state;
    state.routed = true;
    return state;
}

ReadStep step(const ReadState& state, bool spaceIsLow = false)
{
    return ReadGate(1000).next(state, [spaceIsLow] { return spaceIsLow; });
}

RecordView recordOf(BytesView type, BytesView raw)
{
    RecordView record;
    record.type = type;
    record.raw = raw;
    return record;
}

// Rows 2 and 5 are rejected, row 4 is blank.
ParsedBatch someRejected()
{
    ParsedBatch parsed;
    const RejectReason reasons[] = {RejectReason::kNone, RejectReason::kTooFewFields,
                                    RejectReason::kNone, RejectReason::kBlankLine,
                                    RejectReason::kTooManyFields};
    for (const RejectReason reason : reasons) {
        RecordView record;
        record.reason = reason;
        parsed.records.push_back(record);
        parsed.lines.push_back(parsed.records.size());
        if (reason != RejectReason::kNone) ++parsed.byReason[static_cast<std::size_t>(reason)];
    }
    parsed.byReason[static_cast<std::size_t>(RejectReason::kBlankLine)] = 0;
    parsed.rejected = 2;
    parsed.rejectedLines = 3;
    parsed.blankLines = 1;
    parsed.timesUnreadable = 4;
    parsed.invalidUtf8 = 5;
    return parsed;
}

Instant at(Nanos span) { return Instant{} + span; }

}  // namespace

class EdgeCoresTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void backlog_growsWithFrames_andShrinksWithWhatIsApplied()
    {
        const BoxCore boxes = boxesWith(4);
        BacklogCore backlog = backlogOf(boxes);
        QCOMPARE(backlog.bytes(), std::uint64_t{40});
        backlog.settle(boxes, kShard, 3);
        QCOMPARE(backlog.bytes(), std::uint64_t{10});
    }
    void appliedFrames_leaveTheBacklogOnce()
    {
        const BoxCore boxes = boxesWith(4);
        BacklogCore backlog = backlogOf(boxes);
        backlog.settle(boxes, kShard, 2);
        backlog.settle(boxes, kShard, 2);
        backlog.settle(boxes, kShard, 1);
        QCOMPARE(backlog.bytes(), std::uint64_t{20});
    }
    void framesThatHaveLeftTheBox_areNotCounted()
    {
        BoxCore boxes = boxesWith(4);
        BacklogCore backlog = backlogOf(boxes);
        boxes.truncate(kShard, 2);
        backlog.settle(boxes, kShard, 4);
        QCOMPARE(backlog.bytes(), std::uint64_t{20});
    }
    void backlogOfAnEarlierLife_isWhatItsCheckpointsLeftOver()
    {
        const BoxCore boxes = boxesWith(4);
        BacklogCore backlog;
        backlog.startBehind(kShard, 1);
        backlog.start(30);
        QCOMPARE(backlog.bytesAtStart(), std::uint64_t{30});
        backlog.settle(boxes, kShard, 2);
        QCOMPARE(backlog.bytes(), std::uint64_t{20});
        backlog.settle(boxes, kShard, 4);
        QCOMPARE(backlog.bytes(), std::uint64_t{0});
        QCOMPARE(backlog.bytesAtStart(), std::uint64_t{30});
    }

    void truncate_fromBeforeTheShardWasSetBack_doesNotPass()
    {
        FenceGate fences;
        QVERIFY(fences.letsTruncate(kShard, 0));
        fences.raise(kShard, 2);
        QVERIFY(!fences.letsTruncate(kShard, 1));
        QVERIFY(fences.letsTruncate(kShard, 2));
        QVERIFY(fences.letsTruncate(kShard, 3));
        QVERIFY(fences.letsTruncate(ShardId{4}, 0));
    }
    void retain_isNewOnce_thenDone_thenLate()
    {
        FenceGate fences;
        QCOMPARE(fences.judgeRetain(kShard, 1), FenceGate::Retaining::kNew);
        QCOMPARE(fences.judgeRetain(kShard, 1), FenceGate::Retaining::kNew);
        fences.noteRetained(kShard, 1);
        QCOMPARE(fences.judgeRetain(kShard, 1), FenceGate::Retaining::kDone);
        fences.raise(kShard, 2);
        QCOMPARE(fences.judgeRetain(kShard, 1), FenceGate::Retaining::kLate);
    }
    // The owner's subscription carries the fence, too, and may come before the Retain.
    void fenceThatASubscriptionRaised_saysNothingOfTheFrames()
    {
        FenceGate fences;
        fences.raise(kShard, 3);
        QCOMPARE(fences.judgeRetain(kShard, 3), FenceGate::Retaining::kNew);
        fences.noteRetained(kShard, 3);
        QCOMPARE(fences.judgeRetain(kShard, 3), FenceGate::Retaining::kDone);
        QCOMPARE(fences.judgeRetain(kShard, 4), FenceGate::Retaining::kNew);
    }
    void fence_neverFalls()
    {
        FenceGate fences;
        fences.raise(kShard, 5);
        fences.raise(kShard, 3);
        QVERIFY(!fences.letsTruncate(kShard, 4));
    }

    void reading_waitsForTheShardMap()
    {
        QCOMPARE(step(ready()), ReadStep::kRead);
        ReadState state = ready();
        state.routed = false;
        QCOMPARE(step(state), ReadStep::kRest);
    }
    void reading_endsWithTheSource_butWhatWasReadIsWritten()
    {
        ReadState state = ready();
        state.over = true;
        QCOMPARE(step(state), ReadStep::kRest);
        state.holdsUnwritten = true;
        QCOMPARE(step(state), ReadStep::kWrite);
    }
    void failedEdge_writesNothingMore()
    {
        ReadState state = ready();
        state.failed = true;
        state.holdsUnwritten = true;
        QCOMPARE(step(state), ReadStep::kRest);
    }
    void tooManyBatchesInFlight_reading_rests()
    {
        ReadState state = ready();
        state.batchesInFlight = kBatchesInFlightMax - 1;
        QCOMPARE(step(state), ReadStep::kRead);
        state.batchesInFlight = kBatchesInFlightMax;
        QCOMPARE(step(state), ReadStep::kRest);
    }
    void fullBacklog_holdsReadingBack_butNotWriting()
    {
        ReadState state = ready();
        state.backlogBytes = 1000;
        QCOMPARE(step(state), ReadStep::kRead);
        state.backlogBytes = 1001;
        QCOMPARE(step(state), ReadStep::kWaitForBacklog);
        state.holdsUnwritten = true;
        QCOMPARE(step(state), ReadStep::kWrite);
    }
    void lowSpace_holdsReadingAndWritingBack()
    {
        ReadState state = ready();
        QCOMPARE(step(state, true), ReadStep::kWaitForSpace);
        state.holdsUnwritten = true;
        QCOMPARE(step(state, true), ReadStep::kWaitForSpace);
    }
    void space_isNotAskedFor_whileReadingRests()
    {
        bool asked = false;
        const ReadStep rest = ReadGate(1).next({}, [&asked] { return asked = true; });
        QCOMPARE(rest, ReadStep::kRest);
        QVERIFY(!asked);
    }
    void spaceBelowTheMark_isLow_untilAQuarterAboveIt()
    {
        SpaceWatch watch(1000);
        QVERIFY(!watch.update(1000));
        QVERIFY(watch.update(999));
        QVERIFY(watch.update(1249));
        QVERIFY(watch.low());
        QVERIFY(!watch.update(1250));
        QVERIFY(!watch.update(1000));
        QCOMPARE(watch.lowBytes(), std::uint64_t{1000});
    }
    void spaceWithoutAMark_isNeverLow() { QVERIFY(!SpaceWatch(0).update(0)); }

    void arrivals_countByCost_andSayTheirLoad()
    {
        ShardArrivals arrivals(kShard);
        arrivals.add(recordOf("view", "12345"), 10ms, 1);
        arrivals.add(recordOf("report", "123"), 40ms, 2);
        arrivals.add(recordOf("view", "1"), Nanos{0}, 1);
        arrivals.add(recordOf("view", "1"), Nanos{0}, 1);
        const ShardTick tick = arrivals.closeTick(100ms);
        QCOMPARE(tick.shard, kShard);
        QCOMPARE(tick.records, 4U);
        QCOMPARE(tick.bytes, 10U);
        QCOMPARE(tick.types[0], 3U);
        QCOMPARE(tick.types[3], 1U);
        QCOMPARE(tick.typeBytes[3], 3U);
        QCOMPARE(tick.actual, PerMille{500});
        QCOMPARE(tick.topKeyShare, PerMille{500});
    }
    void nextTick_beginsWithNothing_theSumGoesOn()
    {
        ShardArrivals arrivals(kShard);
        arrivals.add(recordOf("view", "12345"), 10ms, 1);
        arrivals.closeTick(100ms);
        const ShardTick tick = arrivals.closeTick(Nanos{0});
        QCOMPARE(tick.shard, kShard);
        QCOMPARE(tick.records, 0U);
        QCOMPARE(tick.actual, PerMille{0});
        QCOMPARE(tick.topKeyShare, PerMille{0});
        QCOMPARE(arrivals.records(), std::uint64_t{1});
    }

    void rejectedRows_areCounted_andTheFirstAndNewestAreNamed()
    {
        SourceNotes notes;
        notes.begin("csv:in.csv", 7);
        notes.taken(ParsedBatch{});
        QVERIFY(notes.report().rejectsByReason.empty());
        notes.taken(someRejected());
        notes.taken(someRejected());
        const SourceSnapshot& report = notes.report();
        QCOMPARE(report.startOffset, Offset{7});
        QCOMPARE(report.recordsRejected, std::uint64_t{4});
        QCOMPARE(report.rejectedLines, std::uint64_t{6});
        QCOMPARE(report.blankLines, std::uint64_t{2});
        QCOMPARE(report.timesUnreadable, std::uint64_t{8});
        QCOMPARE(report.bytesInvalidUtf8, std::uint64_t{10});
        QCOMPARE(report.rejectsByReason[static_cast<std::size_t>(RejectReason::kTooFewFields)],
                 std::uint64_t{2});
        QCOMPARE(report.firstReject.line, std::uint64_t{2});
        QCOMPARE(report.newestReject.line, std::uint64_t{5});
        QVERIFY(report.lastReject.starts_with("line 5: "));
    }
    void durableBatches_addUp()
    {
        SourceNotes notes;
        notes.begin("csv:in.csv", 0);
        notes.durable(3, {100, 4, 4, 0});
        notes.durable(2, {150, 6, 6, 0});
        QCOMPARE(notes.report().recordsIn, std::uint64_t{5});
        QCOMPARE(notes.report().nextOffset, Offset{6});
        QCOMPARE(notes.report().bytesIn, std::uint64_t{150});
        QVERIFY(!notes.hasEnded());
        notes.ended(true);
        QVERIFY(notes.report().end);
    }
    void continuation_isNotedOnce()
    {
        SourceNotes notes;
        notes.continues("first");
        notes.continues("second");
        QCOMPARE(notes.report().note, std::string("first"));
    }
    void openRow_isAProblem_afterTwoSeconds()
    {
        SourceNotes notes;
        notes.begin("csv:in.csv", 0);
        notes.openRow(9, at(10s));
        notes.openRow(9, at(11s));
        QVERIFY(notes.report().problem.empty());
        notes.openRow(9, at(13s));
        QVERIFY(notes.report().problem.starts_with(
            "the row at line 9 of csv:in.csv has been open for 3 s"));
    }
    void openRow_ofAnotherLine_beginsAnew_andNoneIsNoProblem()
    {
        SourceNotes notes;
        notes.openRow(9, at(10s));
        notes.openRow(10, at(13s));
        QVERIFY(notes.report().problem.empty());
        notes.openRow(0, at(14s));
        notes.openRow(0, at(20s));
        QVERIFY(notes.report().problem.empty());
    }
    void openRow_doesNotHideAnotherProblem()
    {
        SourceNotes notes;
        notes.openRow(9, at(10s));
        notes.fullDisk("data");
        notes.openRow(9, at(20s));
        QVERIFY(
            notes.report().problem.starts_with("reading has stopped: the disk of data is full"));
    }
    void lowSpace_saysHowMuchIsLeft_andHowMuchIsKept()
    {
        SourceNotes notes;
        notes.lowSpace("data", 3U << 20U, 64U << 20U);
        QVERIFY(notes.report().problem.starts_with(
            "reading has stopped: the disk of data has 3 MiB left, and 64 MiB are kept"));
        notes.problem({});
        QVERIFY(notes.report().problem.empty());
    }
};

QTEST_GUILESS_MAIN(EdgeCoresTest)
#include "tst_edge_cores.moc"
