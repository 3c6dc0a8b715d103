#pragma once
// Somebody who has reached the network and is no part of the cluster: it lies in every part's name,
// says again what true parts have said, and has their messages arrive at the wrong place. What it
// does is drawn from a seed of its own, so that clusters with and without it are alike.
#include "engine/base/split_mix.h"
#include "engine/env/sim/world.h"
#include "engine/simulation/cluster_shape.h"

#include <cstdint>
#include <string>
#include <vector>

namespace foreshard::sim {

class HostileSender {
public:
    HostileSender(World& world, std::uint64_t seed, const ClusterShape& shape);

    // How often it comes in the run of this seed; 0: never.
    static std::uint64_t drawRounds(std::uint64_t seed);
    // What true parts say, as they say it.
    void overheard(const std::string& from, const std::string& to, BytesView sealed);
    // A handful of messages.
    void round();

private:
    struct Heard {
        std::string from;
        std::string to;
        Bytes sealed;
    };

    std::string anyPlace();
    void lie();
    void sayAgain();
    void misdirect();

    const ClusterShape& shape_;
    SplitMix64 random_;
    Env env_;
    std::vector<Heard> heard_;
    std::size_t oldest_ = 0;  // of heard_, replaced next
};

}  // namespace foreshard::sim
