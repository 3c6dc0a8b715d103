#include "engine/checkpoint/checkpoint_store.h"

#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"

namespace foreshard {
namespace {

Result<CheckpointData> loadOne(Disk& disk, const std::string& dataDirectory,
                               const CheckpointInfo& info)
{
    const std::string path = dataDirectory + "/" + info.file;
    const std::string where = path + " at offset " + std::to_string(info.position);
    FS_TRY(const std::unique_ptr<File> file, disk.open(path, OpenMode::kRead));
    FS_TRY(const Bytes sealed, file->read(info.position, info.bytes));
    const Result<EnvelopeView> envelope = openEnvelope(sealed);
    if (!envelope.ok() || envelope->crc != info.crc || envelope->size != info.bytes) {
        return Error{Errc::kCorrupt, "checkpoint " + std::to_string(info.id.value) + " of shard "
                                         + std::to_string(info.shard.value) + " is damaged in "
                                         + where
                                         + ": the disk or another program changed it: restore the "
                                           "file from a copy"};
    }
    FS_TRY(CheckpointData data, decodeCheckpointData(sealed));
    if (data.shard != info.shard || data.n != info.n) {
        return Error{Errc::kCorrupt, where + " holds another checkpoint than the control log says: "
                                             "the log and the file do not belong "
                                             "together: restore both from one copy"};
    }
    return data;
}

}  // namespace

Result<std::unique_ptr<CheckpointStore>> CheckpointStore::open(Env& env, std::string dataDirectory,
                                                               NodeId node,
                                                               std::uint64_t segmentBytesMax)
{
    std::unique_ptr<CheckpointStore> store(new CheckpointStore(env, node));
    const std::string directory = dataDirectory + "/checkpoint/" + std::to_string(node.value);
    // Checkpoints that an earlier incarnation of the node left unfinished (or is still writing) are
    // not listed anywhere. This incarnation writes to a fresh segment, so that the old one needs
    // neither reading nor cutting.
    const auto nothing = [](JournalPosition, BytesView) { return Status{}; };
    FS_TRY(store->journal_, Journal::open(env, {directory, segmentBytesMax, true}, nothing));
    return store;
}

void CheckpointStore::store(CheckpointInfo info, Bytes state,
                            std::function<void(Result<CheckpointInfo>)> done, Bytes outputs)
{
    Bytes sealed = encodeCheckpointData(
        {info.shard, info.epoch, info.n, info.kind, std::move(state), std::move(outputs)});
    info.node = node_;
    info.bytes = sealed.size();
    const Result<EnvelopeView> envelope = openEnvelope(sealed);
    FS_CHECK(envelope.ok());
    info.crc = envelope->crc;
    const auto shared = std::make_shared<CheckpointInfo>(info);
    const auto stored = lifetime_.guard([shared, done](const Status& status) {
        if (!status.ok()) return done(status.error());
        done(*shared);
    });
    const Result<JournalPosition> at = journal_->append(std::move(sealed), stored);
    if (!at.ok()) return done(at.error());
    const std::string path = segmentPath("checkpoint/" + std::to_string(node_.value), at->segment);
    shared->file = path;
    shared->position = at->position;
}

Result<std::vector<Bytes>> CheckpointStore::load(Disk& disk, const std::string& dataDirectory,
                                                 const std::vector<CheckpointInfo>& chain,
                                                 CheckpointId* bad)
{
    std::vector<Bytes> states;
    for (const CheckpointInfo& info : chain) {
        if (bad != nullptr) *bad = info.id;
        FS_TRY(CheckpointData data, loadOne(disk, dataDirectory, info));
        states.push_back(std::move(data.state));
    }
    if (bad != nullptr) *bad = {};
    return states;
}

Result<Bytes> CheckpointStore::loadOutputs(Disk& disk, const std::string& dataDirectory,
                                           const CheckpointInfo& info)
{
    FS_TRY(CheckpointData data, loadOne(disk, dataDirectory, info));
    return std::move(data.outputs);
}

}  // namespace foreshard
