// Whole files: a segment of the control log and of a buffer box with any bytes in it, control logs
// whose records are sound but say anything, segment indexes, packed state.
#include "engine/base/check.h"
#include "engine/box/box_store.h"
#include "engine/control/log/assignment_core.h"
#include "engine/control/log/single_control_log.h"
#include "engine/correlation/segment_index.h"
#include "engine/operator/aggregate_state.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/memory_rig.h"
#include "tests/support/frame_builder.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace foreshard::fuzz {
namespace {

const std::string kControl = "d/control";
const std::string kBox = "b/0";

// Everything a reader may ask of what a control log leads to.
void askAll(const ControlState& state)
{
    const ManifestCore& core = state.checkpoints;
    for (const CheckpointInfo& info : core.all()) {
        FS_CHECK(info.id <= core.lastId());
        FS_CHECK(core.find(info.shard, info.id) != nullptr);
        FS_CHECK(!core.chain(info.shard, info.id).empty());
        const bool holds = info.state != CheckpointState::kInvalidated;
        FS_CHECK(!holds || core.newest(info.shard) != nullptr);
        FS_CHECK(!holds || core.covering(info.shard, info.n) != nullptr);
        static_cast<void>(core.truncatable(info.shard));
        static_cast<void>(core.wantsFull(info.shard));
        static_cast<void>(state.letters.deadBehind(info.shard, info.n));
    }
}

bool same(const ControlState& a, const ControlState& b)
{
    const std::vector<CheckpointInfo> left = a.checkpoints.all();
    const std::vector<CheckpointInfo> right = b.checkpoints.all();
    const bool alike = a.index == b.index && a.assignment.version == b.assignment.version
                       && a.fences == b.fences && a.letters.count() == b.letters.count();
    return alike
           && std::equal(left.begin(), left.end(), right.begin(), right.end(),
                         [](const CheckpointInfo& x, const CheckpointInfo& y) {
                             return encodeCheckpointInfo(x) == encodeCheckpointInfo(y);
                         });
}

// A sound journal of `envelopes` in `directory`, as the program itself writes it.
void writeJournal(MemoryRig& rig, const std::string& directory, const std::vector<Bytes>& envelopes)
{
    const auto nothing = [](JournalPosition, BytesView) { return Status{}; };
    auto journal = Journal::open(rig.env, {directory, ~0ULL}, nothing);
    FS_CHECK(journal.ok());
    for (const Bytes& envelope : envelopes) {
        FS_CHECK((*journal)->append(envelope, [](const Status&) {}).ok());
        rig.strand.run();
    }
    rig.strand.run();
}

std::vector<CheckpointInfo> checkpointInfos()
{
    std::vector<CheckpointInfo> out;
    for (std::uint64_t i = 1; i <= 6; ++i) {
        CheckpointInfo info;
        info.id = CheckpointId{i};
        info.shard = ShardId{static_cast<std::uint32_t>(i % 2)};
        info.node = NodeId{info.shard.value};
        info.epoch = Epoch{1};
        info.n = i * 3;
        info.kind = i > 2 ? CheckpointKind::kDelta : CheckpointKind::kFull;
        if (i > 2) info.base = CheckpointId{i - 2};
        info.file = "checkpoint/0/000000000001.seg";
        out.push_back(info);
    }
    return out;
}

// One entry of each kind, as a log may hold them.
std::vector<Bytes> controlEntries()
{
    AssignmentEntry first = makeBootstrap(2, 4, RoutingMode::kKeyed, {});
    first.index = 1;
    AssignmentEntry moved;
    moved.index = 2;
    moved.shards = {first.shards.at(3)};
    moved.shards.front().epoch = Epoch{2};
    std::vector<ControlChange> changes{first};
    for (const CheckpointInfo& info : checkpointInfos())
        changes.emplace_back(CheckpointListed{info});
    const std::vector<CheckpointId> ids{CheckpointId{1}};
    DeadLetter letter;
    letter.raw = "raw";
    changes.emplace_back(moved);
    changes.emplace_back(CheckpointsJudged{ShardId{1}, ids, CheckpointState::kInvalidated});
    changes.emplace_back(CheckpointsReinstated{ShardId{1}, ids});
    changes.emplace_back(letter);
    changes.emplace_back(FenceRaised{ShardId{0}});
    std::vector<Bytes> envelopes;
    for (ControlChange& change : changes)
        envelopes.push_back(encodeControlEntry({envelopes.size() + 1, 1, 0, std::move(change)}));
    return envelopes;
}

// A snapshot in the place of those entries.
std::vector<Bytes> controlSnapshot()
{
    ControlSnapshot head;
    head.index = 12;
    head.version = 2;
    head.nodes = 2;
    head.shards = makeBootstrap(2, 4, RoutingMode::kKeyed, {}).shards;
    head.fences = {{ShardId{1}, 1}};
    head.lastCheckpoint = CheckpointId{6};
    std::vector<Bytes> parts;
    for (const CheckpointInfo& info : checkpointInfos())
        parts.push_back(encodeCheckpointInfo(info));
    parts.push_back(encodeDeadLetter({}));
    head.parts = static_cast<std::uint32_t>(parts.size());
    parts.insert(parts.begin(), encodeControlSnapshot(head));
    parts.push_back(encodeControlEntry({13, 1, 0, FenceRaised{ShardId{0}}}));
    return parts;
}

Frame oneRecord(std::uint32_t shard, FrameNo n, std::uint64_t batch, Offset offset)
{
    test::FrameBuilder frame(ShardId{shard}, n);
    frame.header().batch = batch;
    frame.header().sourceAfter = {offset * 8 + 8, offset + 1, offset + 1};
    return frame.add(offset, "key", 1.5, "key,1.5\n").take();
}

std::vector<Bytes> boxFrames()
{
    return {encodeFrame(oneRecord(0, 1, 1, 0)), encodeFrame(oneRecord(1, 1, 2, 1)),
            encodeFrame(oneRecord(0, 2, 3, 2))};
}

Bytes segmentOf(const std::string& directory, const std::vector<Bytes>& envelopes)
{
    MemoryRig rig;
    writeJournal(rig, directory, envelopes);
    return rig.disk.files.at(segmentPath(directory, 1));
}

// Any bytes as the only segment: it is refused, or opens to what reading it gave, and once it was
// opened (and perhaps cut) it opens again to the same.
void runControlSegment(BytesView input)
{
    MemoryRig rig;
    rig.disk.files[segmentPath(kControl, 1)] = input;
    const Result<ControlState> read = SingleControlLog::read(rig.disk, "d");
    if (read.ok()) askAll(*read);
    const auto opened = SingleControlLog::open(rig.env, "d");
    FS_CHECK(opened.ok() == read.ok());
    if (!opened.ok()) return;
    FS_CHECK(same((*opened)->state(), *read));
    const auto again = SingleControlLog::open(rig.env, "d");
    FS_CHECK(again.ok() && same((*again)->state(), *read));
}

void runBoxSegment(BytesView input)
{
    MemoryRig rig;
    rig.disk.files[segmentPath(kBox, 1)] = input;
    BoxStore::Options options;
    options.directory = "b";
    SourcePosition position;
    {
        const auto opened = BoxStore::open(rig.env, options);
        if (!opened.ok()) return;
        position = (*opened)->sourcePosition();
    }
    const auto again = BoxStore::open(rig.env, options);
    FS_CHECK(again.ok() && (*again)->sourcePosition() == position);
}

// Sound envelopes around any payloads.
std::vector<Bytes> sealedPieces(BytesView input, WireType type)
{
    std::vector<Bytes> envelopes;
    for (const BytesView piece : pieces(input))
        envelopes.push_back(seal(static_cast<std::uint16_t>(type), piece));
    return envelopes;
}

// The same, each piece behind a byte that draws which record of a control log it is.
std::vector<Bytes> sealedControl(BytesView input)
{
    static constexpr std::array<WireType, 5> kTypes = {
        WireType::kControlEntry, WireType::kControlSnapshot, WireType::kAssignmentEntry,
        WireType::kCheckpointInfo, WireType::kDeadLetter};
    std::vector<Bytes> envelopes;
    for (const BytesView piece : pieces(input)) {
        if (piece.empty()) continue;
        const WireType type = kTypes[static_cast<unsigned char>(piece.front()) % kTypes.size()];
        envelopes.push_back(seal(static_cast<std::uint16_t>(type), piece.substr(1)));
    }
    return envelopes;
}

Bytes controlPayloads(const std::vector<Bytes>& envelopes)
{
    std::vector<Bytes> out;
    for (const Bytes& envelope : envelopes) {
        const EnvelopeView opened = *openEnvelope(envelope);
        char kind = 0;
        if (opened.type == static_cast<std::uint16_t>(WireType::kControlSnapshot)) kind = 1;
        if (opened.type == static_cast<std::uint16_t>(WireType::kCheckpointInfo)) kind = 3;
        if (opened.type == static_cast<std::uint16_t>(WireType::kDeadLetter)) kind = 4;
        out.push_back(Bytes(1, kind) + Bytes(opened.payload));
    }
    return joined(out);
}

Bytes payloads(const std::vector<Bytes>& envelopes)
{
    std::vector<Bytes> out;
    for (const Bytes& envelope : envelopes)
        out.emplace_back(openEnvelope(envelope)->payload);
    return joined(out);
}

void runControl(BytesView input)
{
    MemoryRig rig;
    writeJournal(rig, kControl, sealedControl(input));
    const Result<ControlState> read = SingleControlLog::read(rig.disk, "d");
    if (read.ok()) askAll(*read);
    const auto opened = SingleControlLog::open(rig.env, "d", 0, 1);  // a snapshot soon
    FS_CHECK(opened.ok() == read.ok());
    if (!opened.ok()) return;
    FS_CHECK(same((*opened)->state(), *read));
    CheckpointListed listed;
    listed.info.n = ~0ULL;
    listed.info.epoch = Epoch{1};
    (*opened)->propose(listed, 0, [](const Result<ControlLog::Applied>&) {});
    (*opened)->propose(FenceRaised{ShardId{0}}, 0, [](const Result<ControlLog::Applied>&) {});
    rig.strand.run();
    askAll((*opened)->state());
    const Result<ControlState> after = SingleControlLog::read(rig.disk, "d");
    FS_CHECK(after.ok() && same((*opened)->state(), *after));
}

void runBox(BytesView input)
{
    MemoryRig rig;
    writeJournal(rig, kBox, sealedPieces(input, WireType::kFrame));
    // Sound frames that make no sense together are nothing a crash or a disk can leave: they may
    // be taken for more or less whole, but must not bring the program down.
    BoxStore::Options options;
    options.directory = "b";
    const auto opened = BoxStore::open(rig.env, options);
    if (!opened.ok()) return;
    for (std::uint32_t shard = 0; shard < 4; ++shard) {
        const BoxCore& core = (*opened)->core();
        const FrameNo last = core.lastDurable(ShardId{shard});
        const FrameRef* frame = core.find(ShardId{shard}, last);
        if (frame != nullptr) static_cast<void>((*opened)->read(*frame).ok());
        (*opened)->truncate(ShardId{shard}, last);
    }
}

void runIndex(BytesView input)
{
    const Bytes sealed = seal(static_cast<std::uint16_t>(WireType::kSegmentIndex), input);
    const Result<SegmentIndex> index = SegmentIndex::decode(sealed);
    if (!index.ok()) return;
    static_cast<void>(index->mayHoldKey("key"));
    for (const Offset offset : {Offset{0}, index->firstOffset(), index->lastOffset(), ~Offset{0}})
        static_cast<void>(index->frameOfOffset(offset).has_value());
    const Bytes again = index->encode();
    const Result<SegmentIndex> second = SegmentIndex::decode(again);
    FS_CHECK(second.ok() && second->encode() == again);
}

std::vector<Bytes> indexSeeds()
{
    SegmentIndexBuilder builder;
    std::uint64_t at = 0;
    for (std::uint32_t i = 0; i < 4; ++i) {
        const Frame frame = oneRecord(i % 2, 1 + i / 2, i + 1, i);
        const Bytes sealed = encodeFrame(frame);
        builder.add(frame.header, at, sealed.size(), frame.records);
        at += sealed.size();
    }
    return {Bytes(openEnvelope(builder.build().encode())->payload)};
}

void runState(BytesView input)
{
    AggregateState state;
    if (!state.load(input).ok()) return;
    const Bytes packed = state.packFull();
    AggregateState again;
    FS_CHECK(again.load(packed).ok() && again.keys() == state.keys());
    FS_CHECK(again.packFull() == packed);
}

std::vector<Bytes> stateSeeds()
{
    AggregateState state;
    state.apply("a", 1.25);
    state.apply("bc", -2);
    state.apply("a", 3);
    return {state.packFull()};
}

}  // namespace

std::vector<FuzzTarget> storeTargets()
{
    return {
        {"control-segment", runControlSegment,
         [] {
             return std::vector<Bytes>{segmentOf(kControl, controlEntries()),
                                       segmentOf(kControl, controlSnapshot())};
         }},
        {"box-segment", runBoxSegment,
         [] { return std::vector<Bytes>{segmentOf(kBox, boxFrames())}; }},
        {"control", runControl,
         [] {
             return std::vector<Bytes>{controlPayloads(controlEntries()),
                                       controlPayloads(controlSnapshot())};
         }},
        {"box", runBox, [] { return std::vector<Bytes>{payloads(boxFrames())}; }},
        {"segment-index", runIndex, indexSeeds},
        {"state", runState, stateSeeds},
    };
}

}  // namespace foreshard::fuzz
