#include "engine/edge/batch_core.h"

#include "engine/model/key_hash.h"

#include <algorithm>
#include <utility>

namespace foreshard {

BatchCore::BatchCore(std::uint64_t frameBytes, OperatorSpec operatorSpec)
    : frameBytes_(frameBytes), operatorSpec_(std::move(operatorSpec))
{
}

Status BatchCore::assign(const RouteTable& routes)
{
    FS_TRY_STATUS(sharder_.assign(routes.shards, routes.routing));
    for (const ShardAssignment& owner : routes.shards) {
        Shard& shard = shards_.try_emplace(owner.shard, owner.shard).first->second;
        shard.box = owner.box;
        shard.epoch = owner.epoch;
    }
    return {};
}

void BatchCore::know(ShardId shard) { shards_.try_emplace(shard, shard); }

BatchCore::Cut BatchCore::cut(const std::vector<RecordView>& records)
{
    Cut out;
    for (const RecordView& record : records)
        add(record, out);
    for (auto& [id, shard] : shards_)
        cutFrame(id, shard, out);
    return out;
}

void BatchCore::add(const RecordView& record, Cut& out)
{
    const std::uint64_t hash = keyHash(record.key);
    const ShardId id = sharder_.shardOf(record, hash);
    Shard& shard = shards_.find(id)->second;
    if (shard.packer.count() == 0) shard.firstOffset = record.offset;
    shard.lastOffset = record.offset;
    shard.packer.add(record);
    shard.keyHashes.push_back(hash);
    if (record.kind == RecordKind::kData) {
        ++out.dataRecords;
        shard.arrivals.add(record, operatorSpec_.declaredCost(record),
                           ++slotRecords_[slotOfHash(hash)]);
    }
    if (shard.packer.bytes() >= frameBytes_) cutFrame(id, shard, out);
}

void BatchCore::cutFrame(ShardId id, Shard& shard, Cut& out)
{
    if (shard.packer.count() == 0) return;
    BoxFrame cut;
    cut.box = shard.box;
    FrameHeader& header = cut.frame.header;
    header.shard = id;
    header.epoch = shard.epoch;
    header.firstOffset = shard.firstOffset;
    header.lastOffset = shard.lastOffset;
    header.records = shard.packer.count();
    cut.frame.records = shard.packer.take();
    // The next frame will hold about as many records.
    std::vector<std::uint64_t> next;
    next.reserve(shard.keyHashes.size());
    cut.keyHashes = std::exchange(shard.keyHashes, std::move(next));
    out.frames.push_back(std::move(cut));
}

std::vector<EdgeShardReport> BatchCore::closeTick(Nanos span)
{
    std::vector<EdgeShardReport> reports;
    reports.reserve(shards_.size());
    for (auto& [id, shard] : shards_) {
        EdgeShardReport report;
        report.tick = shard.arrivals.closeTick(span);
        report.recordsIn = shard.arrivals.records();
        reports.push_back(report);
    }
    std::fill(slotRecords_.begin(), slotRecords_.end(), 0U);
    return reports;
}

void stampFrames(std::vector<BoxFrame>& frames, const BoxCore& boxes, const BatchStamp& stamp)
{
    std::map<ShardId, FrameNo> newest;
    for (BoxFrame& frame : frames) {
        FrameHeader& header = frame.frame.header;
        const auto last = newest.try_emplace(header.shard, boxes.lastAppended(header.shard)).first;
        header.n = ++last->second;
        header.sourceAfter = stamp.sourceAfter;
        header.wallMs = stamp.wallMs;
        header.cutAt = stamp.cutAt;
    }
}

}  // namespace foreshard
