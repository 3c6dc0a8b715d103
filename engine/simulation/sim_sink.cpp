#include "engine/simulation/sim_sink.h"

#include <utility>

namespace foreshard::sim {
namespace {

constexpr Nanos kStartAgain = 200ms;

}  // namespace

SimSink::SimSink(World& world, Options options) : world_(world), options_(std::move(options))
{
    start();
}

SimSink::~SimSink() { end(Ending::kPowerCut); }

void SimSink::start()
{
    ++life_;
    process_ = world_.startProcess("sink");
    env_ = std::make_unique<Env>(world_.env(world_.strand(process_, "sink")));
    SinkDriver::Options options;
    options.file = {options_.path, options_.format, options_.progressEveryBytes};
    options.onFailure = [this](const Error& error) { failed(error); };
    options.log = [this](LogLevel, std::string_view text) {
        world_.note("sink: " + std::string(text));
    };
    driver_ = std::make_unique<SinkDriver>(*env_, std::move(options));
    const std::size_t slash = options_.path.rfind('/');
    Status status = env_->disk.createDirectories(options_.path.substr(0, slash));
    if (status.ok()) status = driver_->start();
    if (!status.ok()) failed(status.error());
}

void SimSink::failed(const Error& error)
{
    world_.note("sink failed: " + error.message);
    // A full disk is waited for.
    if (error.code != Errc::kIo) return options_.onFailure(error);
    // As a supervisor would.
    world_.at(world_.now(), lifetime_.guard([this, life = life_] {
        if (life == life_) crash(Ending::kKilled, kStartAgain);
    }));
}

void SimSink::crash(Ending ending, Nanos downFor)
{
    if (!driver_) return;
    end(ending);
    options_.onEnd();
    world_.at(world_.now() + downFor, lifetime_.guard([this] { start(); }));
}

void SimSink::end(Ending ending)
{
    if (!driver_) return;
    world_.crash(process_, ending);
    driver_.reset();
}

}  // namespace foreshard::sim
