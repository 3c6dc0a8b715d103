#include "engine/simulation/replaced_source.h"

#include "engine/control/log/single_control_log.h"

#include <algorithm>

namespace foreshard::sim {
namespace {

// Another stream of the same shape: no stretch of it that could be compared holds the same bytes.
Bytes otherThan(Bytes stream)
{
    for (char& byte : stream) {
        const bool letter = (byte >= 'a' && byte <= 'y') || (byte >= 'A' && byte <= 'Y')
                            || (byte >= '0' && byte <= '8');
        if (letter) ++byte;
    }
    return stream;
}

}  // namespace

ReplacedSource::ReplacedSource(World& world, Disk& disk, const RandomStream& stream,
                               std::uint64_t seed)
    : world_(world), disk_(disk), stream_(stream), random_(seed ^ 0x736F7572ULL)
{
}

std::optional<Nanos> ReplacedSource::draw(Nanos span)
{
    if (stream_.path == "-" || !random_.chance(150)) return std::nullopt;
    return Nanos{
        static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(span.count())))};
}

Nanos ReplacedSource::drawStay()
{
    return Nanos{static_cast<std::int64_t>(random_.below(3'000'000'000))};
}

bool ReplacedSource::replace(const std::string& dataDirectory)
{
    const Result<ControlState> known = SingleControlLog::read(disk_, dataDirectory);
    if (!known.ok()) return false;
    const auto all = known->checkpoints.all();
    const bool bound =
        std::any_of(all.begin(), all.end(), [](const CheckpointInfo& c) { return c.offset > 0; });
    if (!bound) return false;
    Bytes other = otherThan(stream_.input);
    const std::uint64_t how = random_.below(3);
    if (how == 0) other += other;
    if (how == 1) other.resize(other.size() / 2);
    world_.note("somebody puts another file in the place of " + stream_.path);
    world_.disk().putFile(stream_.path, std::move(other));
    replaced_ = true;
    return true;
}

bool ReplacedSource::explains(const Error& error) const
{
    // Once the right file is back, only what was found before may still be on its way.
    constexpr Nanos kOnItsWay = 10s;
    const bool maybe = replaced_ || (healed_ && world_.now() - *healed_ < kOnItsWay);
    return maybe && (error.code == Errc::kStale || error.code == Errc::kGap)
           && error.message.find(stream_.path) != std::string::npos;
}

void ReplacedSource::heal()
{
    if (!replaced_) return;
    world_.note(stream_.path + " is put back");
    world_.disk().putFile(stream_.path, stream_.input);
    replaced_ = false;
    healed_ = world_.now();
}

}  // namespace foreshard::sim
