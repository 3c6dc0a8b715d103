#include "engine/checkpoint/manifest_core.h"

#include "engine/base/mutant.h"

#include <algorithm>

namespace foreshard {
namespace {

const CheckpointInfo* findIn(const std::vector<CheckpointInfo>& list, CheckpointId id)
{
    const auto it = std::find_if(list.begin(), list.end(),
                                 [id](const CheckpointInfo& info) { return info.id == id; });
    return it == list.end() ? nullptr : &*it;
}

// The full checkpoint that `info` is built on, or itself.
CheckpointId fullBelow(const std::vector<CheckpointInfo>& list, const CheckpointInfo& info)
{
    const CheckpointInfo* at = &info;
    while (at->kind == CheckpointKind::kDelta) {
        const CheckpointInfo* base = findIn(list, at->base);
        if (base == nullptr) break;
        at = base;
    }
    return at->id;
}

}  // namespace

bool ManifestCore::add(const CheckpointInfo& info)
{
    std::vector<CheckpointInfo>& list = shards_[info.shard];
    const bool baseKnown = info.kind == CheckpointKind::kFull || findIn(list, info.base) != nullptr;
    if (info.id <= lastId_ || !baseKnown) return false;
    if (!info.setsBack && !list.empty() && list.back().n > info.n) return false;
    // In the order of their frames, because no other was ever let in; its base is not among them.
    while (!list.empty() && list.back().n > info.n)
        list.pop_back();
    list.push_back(info);
    lastId_ = info.id;
    return true;
}

std::vector<CheckpointInfo> ManifestCore::prune()
{
    std::vector<CheckpointInfo> forgotten;
    for (auto& [shard, list] : shards_) {
        if (list.size() <= keepMin_) continue;
        // The newest ones and every one they are built on; ids grow, so all that is older can go.
        CheckpointId keepFrom = list.back().id;
        for (std::size_t i = list.size() - keepMin_; i < list.size(); ++i)
            keepFrom = std::min(keepFrom, fullBelow(list, list[i]));
        const auto end =
            std::find_if(list.begin(), list.end(),
                         [keepFrom](const CheckpointInfo& info) { return info.id >= keepFrom; });
        forgotten.insert(forgotten.end(), list.begin(), end);
        list.erase(list.begin(), end);
    }
    return forgotten;
}

const std::vector<CheckpointInfo>& ManifestCore::of(ShardId shard) const
{
    static const std::vector<CheckpointInfo> kNone;
    const auto it = shards_.find(shard);
    return it == shards_.end() ? kNone : it->second;
}

const CheckpointInfo* ManifestCore::find(ShardId shard, CheckpointId id) const
{
    return findIn(of(shard), id);
}

const CheckpointInfo* ManifestCore::newest(ShardId shard) const
{
    const std::vector<CheckpointInfo>& list = of(shard);
    return list.empty() ? nullptr : &list.back();
}

FrameNo ManifestCore::truncatable(ShardId shard) const
{
    const std::vector<CheckpointInfo>& list = of(shard);
    if (mutant(Mutant::kTruncateEarly)) return list.empty() ? 0 : list.back().n;
    return list.size() < 2 ? 0 : list[list.size() - 2].n;
}

std::vector<CheckpointInfo> ManifestCore::chain(ShardId shard) const
{
    const CheckpointInfo* info = newest(shard);
    return info == nullptr ? std::vector<CheckpointInfo>{} : chain(shard, info->id);
}

std::vector<CheckpointInfo> ManifestCore::chain(ShardId shard, CheckpointId id) const
{
    const std::vector<CheckpointInfo>& list = of(shard);
    std::vector<CheckpointInfo> chain;
    const CheckpointInfo* info = findIn(list, id);
    while (info != nullptr) {
        chain.push_back(*info);
        info = info->kind == CheckpointKind::kFull ? nullptr : findIn(list, info->base);
    }
    std::reverse(chain.begin(), chain.end());
    return chain;
}

const CheckpointInfo* ManifestCore::covering(ShardId shard, FrameNo n) const
{
    for (const CheckpointInfo& info : of(shard)) {
        if (info.n >= n) return &info;
    }
    return nullptr;
}

std::vector<CheckpointInfo> ManifestCore::all() const
{
    std::vector<CheckpointInfo> all;
    for (const auto& [shard, list] : shards_)
        all.insert(all.end(), list.begin(), list.end());
    std::sort(all.begin(), all.end(),
              [](const CheckpointInfo& a, const CheckpointInfo& b) { return a.id < b.id; });
    return all;
}

}  // namespace foreshard
