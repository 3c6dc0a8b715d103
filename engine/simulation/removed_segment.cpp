#include "engine/simulation/removed_segment.h"

#include "engine/env/sim/sim_disk.h"

#include <utility>
#include <vector>

namespace foreshard::sim {

RemovedSegment::RemovedSegment(World& world, Disk& disk, std::string dataDirectory,
                               std::uint64_t seed)
    : world_(world),
      disk_(disk),
      dataDirectory_(std::move(dataDirectory)),
      random_(seed ^ 0x72656D6FULL)
{
}

std::optional<Nanos> RemovedSegment::draw(Nanos span)
{
    if (!random_.chance(150)) return std::nullopt;
    const auto length = static_cast<std::uint64_t>(span.count());
    return Nanos{static_cast<std::int64_t>(random_.below(length))};
}

bool RemovedSegment::remove()
{
    std::vector<std::string> sealed;
    const auto boxes = disk_.list(dataDirectory_ + "/box");
    if (!boxes.ok()) return false;
    for (const std::string& box : *boxes) {
        const std::string folder = dataDirectory_ + "/box/" + box;
        const auto names = disk_.list(folder);
        if (!names.ok()) return false;
        std::string last;  // still written to
        for (const std::string& name : *names) {
            if (!name.ends_with(".seg")) continue;
            if (!last.empty()) sealed.push_back(last);
            last = folder + "/" + name;
        }
    }
    if (sealed.empty()) return false;
    path_ = sealed[random_.below(sealed.size())];
    bytes_ = world_.disk().fileBytes(path_).value_or(Bytes{});
    removedAt_ = world_.now();
    world_.note("somebody removes " + path_);
    world_.disk().remove(path_, World::kOwnProcess);
    return true;
}

bool RemovedSegment::explains(const Error& error) const
{
    if (!missing()) return false;
    return error.message.find(path_) != std::string::npos || error.code == Errc::kGap;
}

void RemovedSegment::heal()
{
    if (!missing()) return;
    world_.note(path_ + " is put back");
    world_.disk().putFile(path_, std::exchange(bytes_, {}));
    path_.clear();
}

}  // namespace foreshard::sim
