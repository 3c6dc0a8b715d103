#include "engine/simulation/checkers/record_checker.h"

#include "engine/archive/results.h"
#include "engine/sharding/sharder.h"
#include "engine/wire/envelope.h"
#include "engine/wire/record_codec.h"

#include <map>
#include <memory>
#include <utility>

namespace foreshard::sim {
namespace {

Aggregate expectedAggregate(const ExpectedValue& value)
{
    return {value.count, static_cast<double>(value.sum), static_cast<double>(value.min),
            static_cast<double>(value.max)};
}

}  // namespace

void RecordChecker::report(ShardId shard, const std::string& text)
{
    violations_.report("records", nameOf(shard) + " " + text, shard);
}

void RecordChecker::onRoutes(const RouteTable& routes)
{
    if (routes.routing != RoutingMode::kKeyed || !owners_.empty()) return;
    owners_.resize(kSlotCount);
    for (const ShardAssignment& shard : routes.shards) {
        for (const SlotRange& range : shard.slots) {
            for (std::uint32_t slot = range.first; slot < range.last; ++slot)
                owners_[slot] = shard.shard;
        }
    }
}

bool RecordChecker::onFrame(const Frame& frame)
{
    const FrameHeader& header = frame.header;
    const std::string name = "frame " + std::to_string(header.n);
    if (header.n != ledger_.newest(header.shard) + 1) {
        report(header.shard, name + " was delivered, but none before it since frame "
                                 + std::to_string(ledger_.newest(header.shard)));
        return false;
    }
    RecordUnpacker records(frame.records);
    RecordView record;
    while (records.next(record)) {
        if (owners_.empty() || record.kind != RecordKind::kData) continue;
        const std::uint32_t slot = slotOf(record.key);
        if (owners_[slot] == header.shard) continue;
        report(header.shard, name + " holds key " + Bytes(record.key) + " of slot "
                                 + std::to_string(slot) + ", which is not the shard's");
        return false;
    }
    if (records.status().ok()) return true;
    report(header.shard, name + " holds broken records");
    return false;
}

void RecordChecker::onRepeated(const FrameHeader& header, std::uint32_t crc)
{
    if (ledger_.find(header.shard, header.n)->crc == crc) return;
    report(header.shard,
           "frame " + std::to_string(header.n) + " was delivered with two different contents");
}

void RecordChecker::onNodeReport(const NodeReport& node)
{
    for (const NodeShardReport& shard : node.shards) {
        const FrameLedger::Facts* facts = ledger_.find(shard.shard, shard.applied);
        const Offset offset = facts == nullptr ? 0 : facts->lastOffset + 1;
        const std::uint64_t records = facts == nullptr ? 0 : facts->recordsThrough;
        const bool known = facts != nullptr || shard.applied == 0;
        if (known && shard.appliedOffset == offset && shard.recordsApplied == records) continue;
        report(shard.shard, "on node " + std::to_string(node.node.value) + " has applied "
                                + std::to_string(shard.recordsApplied) + " records up to offset "
                                + std::to_string(shard.appliedOffset) + " at frame "
                                + std::to_string(shard.applied) + ", where there are "
                                + std::to_string(records) + " up to " + std::to_string(offset));
    }
}

void RecordChecker::checkBoxes(Disk& disk, const Archive& archive)
{
    std::map<std::pair<BoxId, std::uint64_t>, std::unique_ptr<File>> files;
    for (const ArchivedFrame& frame : archive.frames()) {
        const FrameLedger::Facts* facts = ledger_.find(frame.entry.shard, frame.entry.n);
        if (facts == nullptr) continue;  // durable, and not yet handed out
        const std::string path = archive.pathOf(frame.box, frame.segment);
        std::unique_ptr<File>& file = files[{frame.box, frame.segment}];
        if (!file) {
            Result<std::unique_ptr<File>> opened = disk.open(path, OpenMode::kRead);
            if (!opened.ok()) return report(frame.entry.shard, opened.error().message);
            file = std::move(*opened);
        }
        const Result<Bytes> bytes = file->read(frame.entry.position, kEnvelopeHeadBytes);
        const Result<EnvelopeHead> head = peekEnvelope(bytes.ok() ? *bytes : Bytes{});
        if (head.ok() && head->crc == facts->crc) continue;
        return report(frame.entry.shard, "frame " + std::to_string(frame.entry.n) + " in " + path
                                             + " is not the one that was delivered");
    }
}

void RecordChecker::checkResults(Disk& disk, const std::string& dataDirectory,
                                 const RandomStream& stream)
{
    const auto results = readResults(disk, dataDirectory);
    if (!results.ok())
        return violations_.report("records", "no results: " + results.error().message);
    std::map<Bytes, Aggregate> got;
    for (const AggregateRow& row : *results)
        got[row.key] = row.value;
    for (const auto& [key, value] : stream.expected) {
        const Aggregate wanted = expectedAggregate(value);
        const auto it = got.find(key);
        if (it == got.end())
            return violations_.report("records",
                                      "key " + key + " is missing: wanted " + describe(wanted),
                                      ledger_.shardOfKey(key));
        if (!(it->second == wanted))
            return violations_.report(
                "records",
                "key " + key + ": wanted " + describe(wanted) + ", got " + describe(it->second),
                ledger_.shardOfKey(key));
    }
    if (got.size() != stream.expected.size())
        violations_.report("records", std::to_string(got.size()) + " keys in the results, wanted "
                                          + std::to_string(stream.expected.size()));
}

}  // namespace foreshard::sim
