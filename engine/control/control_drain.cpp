// The part of ControlDriver that sees to it that nothing is waited for in vain: a stop that gets no
// further, files that somebody has removed, checkpoints that do not hold.
#include "engine/control/control_driver.h"

#include <algorithm>

namespace foreshard {
namespace {

constexpr Nanos kWatchEvery = 1s;

}  // namespace

void ControlDriver::watchDrain(Nanos ran)
{
    if (!stopping_ || state_ == EngineState::kDone || state_ == EngineState::kFailed) return;
    DrainWatch::Sight sight;
    for (const auto& [id, owner] : assignment().shards) {
        const NodeShardReport* entry = reported(id);
        const CheckpointInfo* newest = manifest_->core().newest(id);
        sight.epochs += owner.epoch.value;
        if (newest != nullptr) sight.done += newest->n;
        const bool unapplied = entry == nullptr || entry->applied < shards_[id].edge.lastN;
        sight.busy = sight.busy || (unapplied && supervisor_.pulse(owner.node).behind);
        if (entry == nullptr) continue;
        sight.done += entry->applied;
        sight.outputsPending += entry->outputsPending;
    }
    if (!drain_.isStuck(sight, ran)) return;
    fail({Errc::kTimeout, "stop: nothing got any further for "
                              + std::to_string(drain_.still() / Nanos{1s}) + " s: " + notSaved()
                              + ": nothing is lost: remove the cause and start again with the same "
                                "arguments, then the rest is replayed"});
}

std::string ControlDriver::notSaved() const
{
    std::size_t behind = 0;
    std::size_t unsaved = 0;
    std::uint64_t outputs = 0;
    for (const auto& [id, owner] : assignment().shards) {
        const NodeShardReport* entry = reported(id);
        const CheckpointInfo* newest = manifest_->core().newest(id);
        const auto known = shards_.find(id);
        const FrameNo wanted = known == shards_.end() ? 0 : known->second.edge.lastN;
        if (entry == nullptr || entry->applied < wanted) ++behind;
        if (wanted > 0 && (newest == nullptr || newest->n < wanted)) ++unsaved;
        outputs += entry == nullptr ? 0 : entry->outputsPending;
    }
    std::string text = std::to_string(behind) + " shards are not applied to their end, "
                       + std::to_string(unsaved) + " have no checkpoint of it";
    if (outputs > 0) text += ", " + std::to_string(outputs) + " outputs are not confirmed";
    for (const std::string& problem : {edge_.source.problem, checkpointProblem_, sink_.problem()}) {
        if (!problem.empty()) text += ", because " + problem;
    }
    return text;
}

void ControlDriver::watchFiles(Instant now)
{
    if (now - lastWatch_ < kWatchEvery) return;
    lastWatch_ = now;
    if (const Status status = filesThere(); !status.ok()) fail(status.error());
}

Status ControlDriver::filesThere() const
{
    FS_TRY_STATUS(manifest_->filesThere());
    FS_TRY_STATUS(log_->filesThere());
    FS_TRY_STATUS(letters_->filesThere());
    if (options_.keptFiles.empty()) return {};
    FS_TRY(const std::vector<std::string> names, env_.disk.list(options_.dataDirectory));
    for (const std::string& file : options_.keptFiles) {
        if (std::binary_search(names.begin(), names.end(), file)) continue;
        return Error{Errc::kCorrupt, options_.dataDirectory + "/" + file
                                         + " is gone: it was removed or moved while the engine "
                                           "runs: put it back from a copy, then start again"};
    }
    return {};
}

bool ControlDriver::checkpointsThere()
{
    std::map<std::string, std::vector<std::string>> folders;
    for (const auto& [id, owner] : assignment().shards) {
        for (const CheckpointInfo& info : manifest_->core().chain(id)) {
            const std::string path = options_.dataDirectory + "/" + info.file;
            const std::size_t slash = path.rfind('/');
            const std::string folder = path.substr(0, slash);
            if (!folders.contains(folder)) {
                const auto names = env_.disk.list(folder);
                if (!names.ok()) {
                    fail(names.error().during("look after the checkpoints"));
                    return false;
                }
                folders[folder] = *names;
            }
            const std::vector<std::string>& names = folders[folder];
            if (std::binary_search(names.begin(), names.end(), path.substr(slash + 1))) continue;
            if (shards_[id].invalidating > 0) return false;  // said, and on its way
            invalidate(id, info.id, path + " is gone: it was removed or moved: put it back");
            return false;
        }
    }
    return true;
}

void ControlDriver::noteUnsound(ShardId shard, const std::string& text)
{
    unsound_.insert(shard);
    checkpointProblem_ =
        "checkpoints do not hold, and are tried again with a growing pause: " + text;
}

void ControlDriver::noteSound(ShardId shard)
{
    if (unsound_.erase(shard) == 0 || !unsound_.empty()) return;
    checkpointProblem_.clear();
    event(EventSeverity::kInfo, "engine", "checkpoints hold again");
}

}  // namespace foreshard
