#include "engine/env/sim/sim_network.h"

#include "engine/base/crc32c.h"
#include "engine/env/sim/world.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace foreshard::sim {

void SimNetwork::cutOneWay(const std::string& from, const std::string& to)
{
    const PlaceId source = idOf(from);
    link(source, idOf(to)).cut = true;
    world_.note("cut " + from + " to " + to);
}

void SimNetwork::cut(const std::string& a, const std::string& b)
{
    cutOneWay(a, b);
    cutOneWay(b, a);
}

void SimNetwork::isolate(const std::string& name)
{
    places_[idOf(name)].isolated = true;
    world_.note("isolate " + name);
}

void SimNetwork::heal(const std::string& a, const std::string& b)
{
    const PlaceId first = idOf(a);
    const PlaceId second = idOf(b);
    link(first, second).cut = false;
    link(second, first).cut = false;
    world_.note("heal " + a + " and " + b);
}

void SimNetwork::healAll()
{
    for (auto& entry : links_)
        entry.second.cut = false;
    for (Place& place : places_)
        place.isolated = false;
    world_.note("heal all");
}

bool SimNetwork::isOpen(const std::string& name) const
{
    const auto found = ids_.find(name);
    return found != ids_.end() && places_[found->second].endpoint != nullptr;
}

std::vector<std::string> SimNetwork::names() const
{
    std::vector<std::string> names;
    for (const auto& [name, id] : ids_)
        names.push_back(name);
    return names;
}

Status SimNetwork::open(ProcessId process, const std::string& name, Strand& strand,
                        Network::Handler handler)
{
    if (!world_.alive(process))
        return Error{Errc::kUnavailable,
                     "open " + name + ": its process has crashed: start a new one"};
    Place& place = places_[idOf(name)];
    if (place.endpoint) {
        return Error{Errc::kBusy, "open " + name + ": process "
                                      + world_.processName(place.endpoint->process)
                                      + " holds the name: close it there first"};
    }
    place.endpoint = std::make_shared<Endpoint>(
        Endpoint{.process = process, .strand = &strand, .handler = std::move(handler)});
    return {};
}

void SimNetwork::close(ProcessId process, const std::string& name)
{
    const auto found = ids_.find(name);
    if (found == ids_.end()) return;
    Place& place = places_[found->second];
    if (!place.endpoint || place.endpoint->process != process) return;
    place.endpoint->open = false;
    // The handler goes last: what it captured may use the network while it is destroyed.
    const auto closed = std::exchange(place.endpoint, nullptr);
}

void SimNetwork::send(ProcessId process, const std::string& from, const std::string& to,
                      Bytes message)
{
    if (!world_.alive(process)) return;
    if (tap_) tap_(from, to, message);
    const PlaceId source = idOf(from);
    const PlaceId target = idOf(to);
    // Drawn for every message, so that one fault more or less does not shift all later chances.
    const bool lost = random_.chance(faults_.lossPerMille);
    const bool doubled = random_.chance(faults_.duplicatePerMille);
    if (lost) ++lost_;
    if (lost || !places_[target].endpoint || !reachable(source, target)) return;
    if (doubled) launch(process, source, target, message);
    launch(process, source, target, std::move(message));
}

void SimNetwork::processGone(ProcessId process)
{
    std::vector<std::shared_ptr<Endpoint>> closed;
    for (Place& place : places_) {
        if (!place.endpoint || place.endpoint->process != process) continue;
        place.endpoint->open = false;
        closed.push_back(std::exchange(place.endpoint, nullptr));
    }
    // Whoever has the name next connects anew, and waits for nothing of this process: least of all
    // for what it would have sent later.
    for (auto& entry : links_) {
        if (entry.second.sender == process) entry.second.lastArrival = {};
    }
}

void SimNetwork::closeAll()
{
    std::vector<std::shared_ptr<Endpoint>> closed;
    for (Place& place : places_) {
        if (place.endpoint) place.endpoint->open = false;
        closed.push_back(std::exchange(place.endpoint, nullptr));
    }
}

SimNetwork::PlaceId SimNetwork::idOf(const std::string& name)
{
    const auto [entry, added] = ids_.try_emplace(name, static_cast<PlaceId>(places_.size()));
    if (added) places_.emplace_back(name);
    return entry->second;
}

SimNetwork::Link& SimNetwork::link(PlaceId from, PlaceId to)
{
    return links_[(std::uint64_t{from} << 32U) | to];
}

bool SimNetwork::reachable(PlaceId from, PlaceId to)
{
    return !places_[from].isolated && !places_[to].isolated && !link(from, to).cut;
}

void SimNetwork::launch(ProcessId process, PlaceId from, PlaceId to, Bytes message)
{
    const Instant sent = world_.localNow();
    Link& way = link(from, to);
    way.sender = process;
    const Instant arrival = drawArrival(sent, way);
    const std::uint64_t detail = (places_[from].label.hash << 32U) ^ crc32c(message);
    world_.schedule(arrival, {.kind = EventKind::kMessage,
                              .process = process,
                              .owner = &places_[to].label,
                              .detail = detail,
                              .issued = sent,
                              .task = [this, from, to, message = std::move(message)]() mutable {
                                  arrive(from, to, std::move(message));
                              }});
}

Instant SimNetwork::drawArrival(Instant sent, Link& link)
{
    const auto between = [this](Nanos low, Nanos high) {
        const auto span =
            static_cast<std::uint64_t>(std::max<std::int64_t>(0, (high - low).count()));
        return low + Nanos{static_cast<std::int64_t>(random_.below(span + 1))};
    };
    Instant arrival = sent + between(faults_.delayMin, faults_.delayMax);
    if (random_.chance(faults_.reorderPerMille)) return arrival + between(0ns, faults_.extraMax);
    if (random_.chance(faults_.latePerMille)) arrival = arrival + between(0ns, faults_.extraMax);
    arrival = std::max(arrival, link.lastArrival);
    link.lastArrival = arrival;
    return arrival;
}

void SimNetwork::arrive(PlaceId from, PlaceId to, Bytes message)
{
    const auto endpoint = places_[to].endpoint;
    if (!endpoint || !reachable(from, to) || endpoint->waiting >= faults_.waitingMax) return;
    ++endpoint->waiting;
    endpoint->strand->post([this, endpoint, from, message = std::move(message)]() mutable {
        --endpoint->waiting;
        if (endpoint->open) endpoint->handler(places_[from].label.name, std::move(message));
    });
}

}  // namespace foreshard::sim
