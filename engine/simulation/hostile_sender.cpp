#include "engine/simulation/hostile_sender.h"

#include "engine/simulation/hostile_messages.h"
#include "engine/wire/senders.h"

#include <utility>

namespace foreshard::sim {
namespace {

constexpr std::size_t kHeardMax = 256;
constexpr const char* kName = "peer:0ddba115";

// Two nodes are one: to which of them control speaks, its messages do not say.
std::string roleOf(const std::string& place) { return place.substr(0, place.find('/')); }

}  // namespace

HostileSender::HostileSender(World& world, std::uint64_t seed, const ClusterShape& shape)
    : shape_(shape), random_(seed ^ 0x6C696172ULL), env_(world.env(world.strand("outsider")))
{
}

std::uint64_t HostileSender::drawRounds(std::uint64_t seed)
{
    SplitMix64 random(seed ^ 0x686F7374ULL);
    const bool comes = random.chance(350);
    const std::uint64_t rounds = 1 + random.below(80);
    return comes ? rounds : 0;
}

void HostileSender::overheard(const std::string& from, const std::string& to, BytesView sealed)
{
    // One in a few, so that old ones are among them.
    if (!random_.chance(100)) return;
    Heard heard{from, to, Bytes(sealed)};
    if (heard_.size() < kHeardMax) return heard_.push_back(std::move(heard));
    heard_[oldest_] = std::move(heard);
    oldest_ = (oldest_ + 1) % kHeardMax;
}

std::string HostileSender::anyPlace()
{
    const std::string node = "node/" + std::to_string(random_.below(shape_.nodes));
    switch (random_.below(6)) {
        case 0:
            return kOutsideDoor;
        case 1:
            return "edge";
        case 2:
            return "query";
        case 3:
            return node;
        default:
            return "control";
    }
}

void HostileSender::round()
{
    for (std::uint64_t left = 1 + random_.below(12); left > 0; --left) {
        const std::uint64_t draw = random_.below(4);
        if (draw == 0) {
            sayAgain();
        } else if (draw == 1) {
            misdirect();
        } else {
            lie();
        }
    }
}

void HostileSender::lie()
{
    const std::string to = anyPlace();
    const std::size_t kind = random_.below(kHostileKinds);
    env_.network.send(kName, to, hostileMessage(random_, {shape_.nodes, shape_.shards}, kind));
}

void HostileSender::sayAgain()
{
    if (heard_.empty()) return;
    const std::size_t which = random_.below(heard_.size());
    const bool same = random_.chance(700);
    const std::string other = anyPlace();
    const Heard& heard = heard_[which];
    // What comes to a sink or predictor has not come in through the engine's door.
    const bool reachable = heard.to != "sink" && heard.to != "predictor";
    env_.network.send(kName, same && reachable ? heard.to : other, heard.sealed);
}

void HostileSender::misdirect()
{
    if (heard_.empty()) return;
    const std::size_t which = random_.below(heard_.size());
    const std::string to = anyPlace();
    const Heard& heard = heard_[which];
    if (to == kOutsideDoor || roleOf(to) == roleOf(heard.to)) return;
    env_.network.send(heard.from, to, heard.sealed);
}

}  // namespace foreshard::sim
