#include "engine/simulation/checkers/outputs_checker.h"

#include "engine/sink/row_text.h"
#include "engine/wire/codec.h"
#include "engine/wire/output_codec.h"
#include "engine/wire/record_codec.h"

#include <algorithm>
#include <utility>

namespace foreshard::sim {

void OutputsChecker::expect(std::string path, SinkFormat format, SinkMode mode,
                            std::set<Bytes> dead)
{
    path_ = std::move(path);
    format_ = format;
    mode_ = mode;
    dead_ = std::move(dead);
}

void OutputsChecker::onFrame(const Frame& frame)
{
    if (!on()) return;
    Shard& shard = shards_[frame.header.shard];
    OutputPacker packer;
    RecordUnpacker records(frame.records);
    RecordView record;
    while (records.next(record)) {
        if (record.kind != RecordKind::kData || dead_.contains(Bytes(record.key))) continue;
        const Aggregate& value = shard.state.apply(record.key, record.value);
        packer.add({record.offset, record.key, value.count, value.sum, value.min, value.max});
    }
    if (packer.count() == 0) return;
    OutputBatch batch;
    batch.shard = frame.header.shard;
    batch.n = frame.header.n;
    batch.rows = packer.count();
    batch.packed = packer.take();
    shard.outputs.push_back({batch.n, rowsText(format_, batch).value()});
}

void OutputsChecker::onListed(ShardId shard, FrameNo n)
{
    FrameNo& listed = shards_[shard].listed;
    listed = std::max(listed, n);
}

void OutputsChecker::onBatch(const OutputBatch& batch)
{
    if (!on() || mode_ != SinkMode::kCommitted) return;
    const FrameNo listed = shards_[batch.shard].listed;
    if (batch.n <= listed) return;
    violations_.report("outputs",
                       "the outputs of frame " + std::to_string(batch.n) + " of "
                           + nameOf(batch.shard) + " left, but the newest listed checkpoint is at "
                           + std::to_string(listed),
                       batch.shard);
}

void OutputsChecker::onTaken(const OutputTaken& taken)
{
    if (!taken.failure.empty())
        violations_.report("outputs", "the sink refused: " + taken.failure, taken.shard);
    FrameNo& confirmed = shards_[taken.shard].confirmed;
    confirmed = std::max(confirmed, taken.n);
}

std::size_t OutputsChecker::follow(BytesView text, std::map<ShardId, std::size_t>& seen)
{
    const BytesView header = sinkHeader(format_);
    if (!text.starts_with(header)) return 0;
    std::size_t position = header.size();
    while (position < text.size()) {
        const Result<SinkRow> row = readRow(format_, text.substr(position));
        if (!row.ok()) return position;
        const std::vector<Output>& outputs = shards_[row->shard].outputs;
        std::size_t& next = seen[row->shard];
        if (next == outputs.size()) return position;
        const Bytes& wanted = outputs[next].text;
        if (text.substr(position, wanted.size()) != wanted) return position;
        position += wanted.size();
        ++next;
    }
    return position;
}

void OutputsChecker::checkFile(Disk& disk, bool end)
{
    if (!on()) return;
    Result<Bytes> text = disk.readWhole(path_);
    const Result<Bytes> noted = disk.readWhole(path_ + ".progress");
    if (!end && text.ok() && noted.ok()) {
        // It may have died while it wrote the end of its file anew.
        const Result<SinkProgress> progress = decodeSinkProgress(*noted);
        if (progress.ok() && !progress->tail.empty())
            text = text->substr(0, progress->bytes) + progress->tail;
    }
    std::map<ShardId, std::size_t> seen;
    const std::size_t sound = text.ok() ? follow(*text, seen) : 0;
    for (auto& [id, shard] : shards_) {
        const std::size_t have = seen[id];
        const FrameNo due =
            end && !shard.outputs.empty() ? shard.outputs.back().n : shard.confirmed;
        if (have == shard.outputs.size() || shard.outputs[have].n > due) continue;
        return violations_.report(
            "outputs",
            "the sink file has " + std::to_string(have) + " batches of " + nameOf(id)
                + " as they should be, then frame " + std::to_string(shard.outputs[have].n)
                + " is missing or different; "
                + (end ? "all" : "those up to " + std::to_string(due)) + " should be there",
            id);
    }
    if (end && text.ok() && sound != text->size())
        violations_.report("outputs", "the sink file goes wrong at offset " + std::to_string(sound)
                                          + " of " + std::to_string(text->size()));
}

}  // namespace foreshard::sim
