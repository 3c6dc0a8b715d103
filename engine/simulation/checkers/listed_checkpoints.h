#pragma once
// Which checkpoints the manifest lists, as far as control's messages tell: a node announces one at
// a time and waits for the answer, and whoever gets a shard is told the chain to restore. Pure.
#include "engine/model/checkpoint.h"
#include "engine/model/message.h"

#include <map>
#include <optional>
#include <vector>

namespace foreshard::sim {

class ListedCheckpoints {
public:
    struct Listed {
        FrameNo n = 0;
        Epoch epoch;
        bool off = false;  // the shard was set back behind it
    };

    void announced(const CheckpointInfo& info) { announced_[{info.shard, info.epoch}] = info.n; }
    // True when it is news: the manifest has just listed it.
    bool committed(const CheckpointCommitted& committed)
    {
        const auto info = announced_.find({committed.shard, committed.epoch});
        if (!committed.accepted || committed.rebase || info == announced_.end()) return false;
        return shards_[committed.shard]
            .try_emplace(committed.id, Listed{info->second, committed.epoch})
            .second;
    }
    // A crash may have kept the answer to the newest one from being sent.
    void told(const std::vector<CheckpointInfo>& chain)
    {
        for (const CheckpointInfo& info : chain) {
            auto& list = shards_[info.shard];
            const bool news = list.try_emplace(info.id, Listed{info.n, info.epoch}).second;
            if (!news || !info.setsBack) continue;
            for (auto& [id, listed] : list)
                listed.off = listed.off || (id < info.id && listed.n > info.n);
        }
    }

    std::optional<FrameNo> find(ShardId shard, CheckpointId id) const
    {
        const auto list = shards_.find(shard);
        if (list == shards_.end()) return std::nullopt;
        const auto found = list->second.find(id);
        if (found == list->second.end()) return std::nullopt;
        return found->second.n;
    }
    // The frame of the second-newest one that counts; 0 while there are fewer.
    FrameNo secondNewest(ShardId shard) const
    {
        const auto list = shards_.find(shard);
        if (list == shards_.end()) return 0;
        int seen = 0;
        for (auto it = list->second.rbegin(); it != list->second.rend(); ++it) {
            if (!it->second.off && ++seen == 2) return it->second.n;
        }
        return 0;
    }

private:
    std::map<std::pair<ShardId, Epoch>, FrameNo> announced_;
    std::map<ShardId, std::map<CheckpointId, Listed>> shards_;
};

}  // namespace foreshard::sim
