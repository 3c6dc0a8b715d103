// Whole files: a segment of the manifest and of a buffer box with any bytes in it, manifests and
// assignment logs whose records are sound but say anything, segment indexes, packed state.
#include "engine/base/check.h"
#include "engine/box/box_store.h"
#include "engine/checkpoint/manifest_store.h"
#include "engine/control/log/assignment_core.h"
#include "engine/control/log/single_assignment_log.h"
#include "engine/correlation/segment_index.h"
#include "engine/operator/aggregate_state.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/memory_rig.h"
#include "tests/support/frame_builder.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace foreshard::fuzz {
namespace {

const std::string kManifest = "d/manifest";
const std::string kAssignment = "d/assignment";
const std::string kBox = "b/0";

// Everything a reader may ask a manifest.
void askAll(const ManifestCore& core)
{
    for (const CheckpointInfo& info : core.all()) {
        FS_CHECK(info.id <= core.lastId());
        FS_CHECK(core.newest(info.shard) != nullptr);
        FS_CHECK(!core.chain(info.shard).empty());
        FS_CHECK(core.truncatable(info.shard) <= core.newest(info.shard)->n);
        FS_CHECK(core.covering(info.shard, info.n) != nullptr);
    }
}

bool sameList(const ManifestCore& a, const ManifestCore& b)
{
    const std::vector<CheckpointInfo> left = a.all();
    const std::vector<CheckpointInfo> right = b.all();
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
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

std::vector<Bytes> checkpointInfos()
{
    std::vector<Bytes> out;
    for (std::uint64_t i = 1; i <= 6; ++i) {
        CheckpointInfo info;
        info.id = CheckpointId{i};
        info.shard = ShardId{static_cast<std::uint32_t>(i % 2)};
        info.epoch = Epoch{1};
        info.n = i * 3;
        info.kind = i > 2 ? CheckpointKind::kDelta : CheckpointKind::kFull;
        if (i > 2) info.base = CheckpointId{i - 2};
        info.file = "checkpoint/0/000000000001.seg";
        out.push_back(encodeCheckpointInfo(info));
    }
    return out;
}

std::vector<Bytes> assignmentEntries()
{
    AssignmentEntry first = makeBootstrap(2, 4, RoutingMode::kKeyed, {});
    first.index = 1;
    first.term = 1;
    AssignmentEntry second;
    second.kind = AssignmentEntryKind::kAssign;
    second.index = 2;
    second.term = 1;
    second.shards = {first.shards.front()};
    second.shards.front().epoch = Epoch{second.shards.front().epoch.value + 1};
    return {encodeEntry(first), encodeEntry(second)};
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
void runManifestSegment(BytesView input)
{
    MemoryRig rig;
    rig.disk.files[segmentPath(kManifest, 1)] = input;
    const Result<ManifestCore> read = ManifestStore::read(rig.disk, "d");
    if (read.ok()) askAll(*read);
    const auto opened = ManifestStore::open(rig.env, "d");
    FS_CHECK(opened.ok() == read.ok());
    if (!opened.ok()) return;
    FS_CHECK(sameList((*opened)->core(), *read));
    const auto again = ManifestStore::open(rig.env, "d");
    FS_CHECK(again.ok() && sameList((*again)->core(), *read));
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

Bytes payloads(const std::vector<Bytes>& envelopes)
{
    std::vector<Bytes> out;
    for (const Bytes& envelope : envelopes)
        out.emplace_back(openEnvelope(envelope)->payload);
    return joined(out);
}

void runManifest(BytesView input)
{
    MemoryRig rig;
    writeJournal(rig, kManifest, sealedPieces(input, WireType::kCheckpointInfo));
    const Result<ManifestCore> read = ManifestStore::read(rig.disk, "d");
    if (read.ok()) askAll(*read);
    const auto opened = ManifestStore::open(rig.env, "d");
    if (!opened.ok()) return;
    CheckpointInfo info;
    info.n = ~0ULL;
    (*opened)->commit(info, [](const Result<CheckpointInfo>&) {});
    rig.strand.run();
    askAll((*opened)->core());
    FS_CHECK(ManifestStore::read(rig.disk, "d").ok());
}

void runAssignment(BytesView input)
{
    MemoryRig rig;
    writeJournal(rig, kAssignment, sealedPieces(input, WireType::kAssignmentEntry));
    const Result<AssignmentState> read = SingleAssignmentLog::read(rig.disk, "d");
    const auto opened = SingleAssignmentLog::open(rig.env, "d");
    FS_CHECK(opened.ok() == read.ok());
    if (opened.ok()) FS_CHECK((*opened)->state().version == read->version);
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
    static_cast<void>(indexFits(*index, 100));
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
        {"manifest-segment", runManifestSegment,
         [] { return std::vector<Bytes>{segmentOf(kManifest, checkpointInfos())}; }},
        {"box-segment", runBoxSegment,
         [] { return std::vector<Bytes>{segmentOf(kBox, boxFrames())}; }},
        {"manifest", runManifest, [] { return std::vector<Bytes>{payloads(checkpointInfos())}; }},
        {"assignment", runAssignment,
         [] { return std::vector<Bytes>{payloads(assignmentEntries())}; }},
        {"box", runBox, [] { return std::vector<Bytes>{payloads(boxFrames())}; }},
        {"segment-index", runIndex, indexSeeds},
        {"state", runState, stateSeeds},
    };
}

}  // namespace foreshard::fuzz
