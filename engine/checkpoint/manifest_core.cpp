#include "engine/checkpoint/manifest_core.h"

#include "engine/base/check.h"
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

bool isInvalidated(const CheckpointInfo& info)
{
    return info.state == CheckpointState::kInvalidated;
}

// The `nth` newest verified checkpoint (1: the newest); null when there are fewer.
const CheckpointInfo* verified(const std::vector<CheckpointInfo>& list, std::size_t nth)
{
    std::size_t found = 0;
    for (auto it = list.rbegin(); it != list.rend(); ++it) {
        if (it->state == CheckpointState::kVerified && ++found == nth) return &*it;
    }
    return nullptr;
}

// For each checkpoint of the list, the full one that its chain begins with (itself when it is
// full), or the first that the list still has. One walk over the list, which is long when no
// checkpoint could be verified for a while.
std::vector<CheckpointId> fullsBelow(const std::vector<CheckpointInfo>& list)
{
    std::map<CheckpointId, CheckpointId> fullOf;
    std::vector<CheckpointId> fulls;
    fulls.reserve(list.size());
    for (const CheckpointInfo& info : list) {
        const auto base =
            info.kind == CheckpointKind::kDelta ? fullOf.find(info.base) : fullOf.end();
        fulls.push_back(base == fullOf.end() ? info.id : base->second);
        fullOf[info.id] = fulls.back();
    }
    return fulls;
}

// A restore has read `back` and sets the shard back to it. So the checkpoints that `back` is built
// on are verified too, and so is the earlier line that listed the same bytes. Otherwise the
// second-newest verified checkpoint would be one from before the boxes were truncated.
void noteRead(std::vector<CheckpointInfo>& list, const CheckpointInfo& back)
{
    CheckpointId base = back.base;
    for (auto info = list.rbegin(); info != list.rend(); ++info) {
        const bool same = info->file == back.file && info->position == back.position;
        const bool below = base.value != 0 && info->id == base;
        if (below) base = info->base;
        if ((same || below) && info->state == CheckpointState::kListed)
            info->state = CheckpointState::kVerified;
    }
}

}  // namespace

ManifestCore ManifestCore::history()
{
    ManifestCore core;
    core.forgets_ = false;
    return core;
}

bool ManifestCore::follows(const CheckpointInfo& info) const
{
    const CheckpointInfo* base = find(info.shard, info.base);
    const bool baseHolds =
        info.kind == CheckpointKind::kFull || (base != nullptr && !isInvalidated(*base));
    if (info.id <= lastId_ || !baseHolds) return false;
    const CheckpointInfo* before = newest(info.shard);
    const bool mayBeEarlier = info.setsBack || !forgets_;
    return mayBeEarlier || before == nullptr || before->n <= info.n;
}

bool ManifestCore::add(const CheckpointInfo& info)
{
    if (!follows(info)) return false;
    std::vector<CheckpointInfo>& list = shards_[info.shard];
    // Its base is not among them.
    if (info.setsBack) {
        std::erase_if(list, [&info](const CheckpointInfo& later) { return later.n > info.n; });
    }
    list.push_back(info);
    lastId_ = info.id;
    if (info.setsBack && info.state == CheckpointState::kVerified) noteRead(list, info);
    return true;
}

bool ManifestCore::restore(const std::vector<CheckpointInfo>& listed, CheckpointId lastId)
{
    FS_CHECK(shards_.empty());
    CheckpointId before;
    for (const CheckpointInfo& info : listed) {
        const bool built = info.kind == CheckpointKind::kFull || info.base < info.id;
        if (info.id <= before || info.id > lastId || !built) return false;
        before = info.id;
    }
    for (const CheckpointInfo& info : listed)
        shards_[info.shard].push_back(info);
    lastId_ = lastId;
    return true;
}

std::vector<CheckpointInfo> ManifestCore::judge(ShardId shard, CheckpointId id,
                                                CheckpointState state)
{
    std::vector<CheckpointInfo> changed;
    for (CheckpointInfo& info : shards_[shard]) {
        const bool builtOnIt =
            state == CheckpointState::kInvalidated && info.kind == CheckpointKind::kDelta
            && std::any_of(changed.begin(), changed.end(),
                           [&info](const CheckpointInfo& c) { return c.id == info.base; });
        if ((info.id != id && !builtOnIt) || isInvalidated(info) || info.state == state) continue;
        info.state = state;
        changed.push_back(info);
    }
    return changed;
}

void ManifestCore::restate(ShardId shard, CheckpointId id, CheckpointState state)
{
    for (CheckpointInfo& info : shards_[shard]) {
        if (info.id == id) info.state = state;
    }
}

std::vector<CheckpointInfo> ManifestCore::prune()
{
    std::vector<CheckpointInfo> forgotten;
    for (auto& [shard, list] : shards_)
        prune(list, forgotten);
    return forgotten;
}

std::vector<CheckpointInfo> ManifestCore::prune(ShardId shard)
{
    std::vector<CheckpointInfo> forgotten;
    if (const auto list = shards_.find(shard); list != shards_.end())
        prune(list->second, forgotten);
    return forgotten;
}

void ManifestCore::prune(std::vector<CheckpointInfo>& list,
                         std::vector<CheckpointInfo>& forgotten) const
{
    const CheckpointInfo* oldest = forgets_ ? verified(list, keepMin_) : nullptr;
    if (oldest == nullptr) return;
    CheckpointId keepFrom = oldest->id;
    const std::vector<CheckpointId> full = fullsBelow(list);
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i].id >= oldest->id && !isInvalidated(list[i]))
            keepFrom = std::min(keepFrom, full[i]);
    }
    const auto end = std::find_if(list.begin(), list.end(), [keepFrom](const CheckpointInfo& info) {
        return info.id >= keepFrom;
    });
    forgotten.insert(forgotten.end(), list.begin(), end);
    list.erase(list.begin(), end);
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
    const auto it = std::find_if(list.rbegin(), list.rend(),
                                 [](const CheckpointInfo& info) { return !isInvalidated(info); });
    return it == list.rend() ? nullptr : &*it;
}

FrameNo ManifestCore::truncatable(ShardId shard) const
{
    if (mutant(Mutant::kTruncateEarly)) return newest(shard) == nullptr ? 0 : newest(shard)->n;
    const CheckpointInfo* second = verified(of(shard), 2);
    return second == nullptr ? 0 : second->n;
}

bool ManifestCore::wantsFull(ShardId shard) const
{
    bool wanted = false;
    for (const CheckpointInfo& info : of(shard)) {
        if (isInvalidated(info))
            wanted = true;
        else if (info.kind == CheckpointKind::kFull)
            wanted = false;
    }
    return wanted;
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
        if (info.n >= n && !isInvalidated(info)) return &info;
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
