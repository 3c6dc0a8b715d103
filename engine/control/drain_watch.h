#pragma once
// DrainWatch decides, while an engine is to end, whether it still gets any further. Pure.
#include "engine/base/ids.h"
#include "engine/base/time.h"

#include <cstdint>

namespace foreshard {

class DrainWatch {
public:
    static constexpr Nanos kPatience = 4s;  // without any progress
    // Without a frame applied or saved that never was before, nor fewer outputs than ever, while
    // shards have so many new owners: nodes that die again and again do get further, each time.
    static constexpr Nanos kPatienceInAll = 60s;
    static constexpr int kNewOwnersMax = 5;

    struct Sight {
        FrameNo done = 0;                  // frames applied and saved, over all shards
        std::uint64_t outputsPending = 0;  // that no sink has confirmed
        std::uint64_t epochs = 0;          // their sum: it grows with every new owner
        bool busy = false;                 // a node with frames to apply does not come to more
    };

    // recordPatience: how long one record may take; a busy node may be at it.
    explicit DrainWatch(Nanos recordPatience);
    // To be called again and again; `ran`: since the last call, as far as the caller ran. True:
    // nothing has got any further for too long.
    bool isStuck(const Sight& sight, Nanos ran);
    // So long.
    Nanos still() const { return still_; }

private:
    Nanos recordPatience_;
    Sight best_;  // since some shard had a new owner
    Sight most_;  // ever
    bool seen_ = false;
    Nanos still_{0};
    Nanos inAll_{0};
    int newOwners_ = 0;
};

}  // namespace foreshard
