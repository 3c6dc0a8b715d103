#include "engine/checkpoint/manifest_store.h"

#include "engine/wire/codec.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

namespace foreshard {
namespace {

std::string manifestDirectory(const std::string& data) { return data + "/manifest"; }

Status addLine(ManifestCore& core, const CheckpointInfo& info)
{
    if (core.add(info)) return {};
    // A second line of a listed checkpoint tells its new state. Or a crash has left both segments
    // of a rewrite, and the new one repeats the lines of the old one.
    if (core.find(info.shard, info.id) != nullptr) {
        // The invalidation spreads again: a crash may have torn off the lines of the checkpoints
        // that are built on this one.
        if (info.state == CheckpointState::kInvalidated)
            core.judge(info.shard, info.id, info.state);
        if (info.state == CheckpointState::kVerified) core.restate(info.shard, info.id, info.state);
        return {};
    }
    if (info.id <= core.lastId()) return {};
    return Error{
        Errc::kCorrupt,
        "manifest lists checkpoint " + std::to_string(info.id.value) + " of shard "
            + std::to_string(info.shard.value)
            + " without the one it is built on: the manifest is damaged: run `foreshard verify`"};
}

// Repeats each line and the pruning that followed it when the line was written. A checkpoint that
// was forgotten then has no files any more, even if a later invalidation or a higher `keepMin`
// would have kept it.
Status addAndPrune(ManifestCore& core, BytesView envelope)
{
    FS_TRY(const CheckpointInfo info, decodeCheckpointInfo(envelope));
    FS_TRY_STATUS(addLine(core, info));
    core.setKeepMin(info.keepMin);
    core.prune();
    return {};
}

}  // namespace

Result<std::unique_ptr<ManifestStore>> ManifestStore::open(Env& env, std::string dataDirectory,
                                                           std::size_t keepMin)
{
    std::unique_ptr<ManifestStore> store(new ManifestStore(env, std::move(dataDirectory), keepMin));
    ManifestCore& core = store->core_;
    const auto visit = [&core](JournalPosition, BytesView envelope) {
        return addAndPrune(core, envelope);
    };
    FS_TRY(store->journal_,
           Journal::open(env, {manifestDirectory(store->dataDirectory_), ~0ULL}, visit));
    core.setKeepMin(keepMin);  // takes effect with the first line that this process writes
    store->ahead_ = core;
    return store;
}

Result<ManifestCore> ManifestStore::read(Disk& disk, const std::string& dataDirectory)
{
    return readLines(disk, dataDirectory, ManifestCore());
}

Result<ManifestCore> ManifestStore::readHistory(Disk& disk, const std::string& dataDirectory)
{
    return readLines(disk, dataDirectory, ManifestCore::history());
}

Result<ManifestCore> ManifestStore::readLines(Disk& disk, const std::string& dataDirectory,
                                              ManifestCore core)
{
    const std::string directory = manifestDirectory(dataDirectory);
    FS_TRY(const std::vector<SegmentFile> segments, listSegments(disk, directory));
    for (const SegmentFile& segment : segments) {
        const auto visit = [&core](JournalPosition, BytesView envelope) {
            return addAndPrune(core, envelope);
        };
        FS_TRY(const ScanEnd end, scanSegment(disk, segmentPath(directory, segment.number),
                                              segment.number, visit, segment.proof));
        static_cast<void>(end);  // an unfinished last line was announced to nobody
    }
    return core;
}

void ManifestStore::commit(CheckpointInfo info, std::function<void(Result<CheckpointInfo>)> done)
{
    info.id = CheckpointId{ahead_.lastId().value + 1};
    info.keepMin = ahead_.keepMin();
    // The core judges the checkpoint before its line is written: a refused line would make the
    // journal unreadable.
    if (!ahead_.add(info)) {
        return done(Error{Errc::kStale,
                          "checkpoint of shard " + std::to_string(info.shard.value)
                              + " does not follow what the manifest lists: a newer one exists"});
    }
    ahead_.prune();
    const auto stored = lifetime_.guard([this, info, done](const Status& status) {
        if (!status.ok()) return done(status.error());
        FS_CHECK(core_.add(info));
        core_.prune();
        done(info);
    });
    const Result<JournalPosition> at = journal_->append(encodeCheckpointInfo(info), stored);
    if (!at.ok()) done(at.error());
}

void ManifestStore::judge(ShardId shard, const std::vector<CheckpointId>& ids,
                          CheckpointState state, const std::function<void(Status)>& done)
{
    Bytes lines;
    for (const CheckpointId id : ids) {
        for (const CheckpointInfo& info : ahead_.judge(shard, id, state))
            lines += line(info);
    }
    if (lines.empty()) return done(Status{});
    ahead_.prune();
    const auto stored = lifetime_.guard([this, shard, ids, state, done](const Status& status) {
        if (!status.ok()) return done(status);
        for (const CheckpointId id : ids)
            core_.judge(shard, id, state);
        core_.prune();
        done(Status{});
    });
    const Result<JournalPosition> at = journal_->append(std::move(lines), stored);
    if (!at.ok()) done(at.error());
}

void ManifestStore::reinstate(ShardId shard, const std::vector<CheckpointId>& chain,
                              const std::function<void(Status)>& done)
{
    Bytes lines;
    for (const CheckpointId id : chain) {
        ahead_.restate(shard, id, CheckpointState::kVerified);
        lines += line(*ahead_.find(shard, id));
    }
    ahead_.prune();
    const auto stored = lifetime_.guard([this, shard, chain, done](const Status& status) {
        for (const CheckpointId id : chain) {
            if (status.ok()) core_.restate(shard, id, CheckpointState::kVerified);
        }
        core_.prune();
        done(status);
    });
    const Result<JournalPosition> at = journal_->append(std::move(lines), stored);
    if (!at.ok()) done(at.error());
}

Bytes ManifestStore::line(CheckpointInfo info) const
{
    info.keepMin = ahead_.keepMin();
    return encodeCheckpointInfo(info);
}

Status ManifestStore::collectGarbage()
{
    FS_TRY_STATUS(rewriteIfWorthIt());
    std::map<std::string, std::uint64_t> firstWanted;  // directory -> oldest segment still listed
    for (const CheckpointInfo& info : core_.all()) {
        const std::size_t slash = info.file.rfind('/');
        const std::string directory = info.file.substr(0, slash);
        std::uint64_t number =
            0;  // 0: the name is no number, and no file of that folder is removed
        if (slash != std::string::npos) {
            std::from_chars(info.file.data() + slash + 1, info.file.data() + info.file.size(),
                            number);
        }
        const auto [it, fresh] = firstWanted.emplace(directory, number);
        if (!fresh) it->second = std::min(it->second, number);
    }
    for (const auto& [directory, first] : firstWanted) {
        const std::string path = dataDirectory_ + "/" + directory;
        FS_TRY(const std::vector<SegmentFile> segments, listSegments(env_.disk, path));
        for (const SegmentFile& segment : segments) {
            if (segment.number >= first) break;
            FS_TRY_STATUS(env_.disk.remove(segmentPath(path, segment.number)));
        }
    }
    return {};
}

Status ManifestStore::rewriteIfWorthIt()
{
    if (rewriting_ || journal_->totalBytes() < bytesAtRewrite_ * 4 + kRewriteBytesMin) return {};
    // The new segment holds the lines that are still being written, too: the old segment, and with
    // it their first copy, is removed below.
    ahead_.prune();
    core_.prune();
    Bytes live;
    for (const CheckpointInfo& info : ahead_.all())
        live += line(info);
    if (live.empty()) return {};
    bytesAtRewrite_ = live.size();
    journal_->rotate();
    const auto done = lifetime_.guard([this](const Status& status) {
        rewriting_ = false;
        if (status.ok())  // a removal that fails is tried again at the next rewrite
            static_cast<void>(journal_->removeBefore(journal_->currentSegment()));
    });
    rewriting_ = true;
    const Result<JournalPosition> at = journal_->append(std::move(live), done);
    if (at.ok()) return {};
    rewriting_ = false;
    return at.error();
}

}  // namespace foreshard
