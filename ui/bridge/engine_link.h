#pragma once
// The console's only way to an engine, embedded or remote: commands in, snapshots and replies out.
// A widget cannot tell which it is. Implemented in app/, faked in tests.
#include "engine/model/command.h"
#include "engine/model/engine_sight.h"
#include "engine/model/snapshot.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace foreshard::ui {

enum class LinkState : std::uint8_t {
    kConnecting,
    kConnected,
    kLost
};

class EngineLink {
public:
    virtual ~EngineLink() = default;

    // All calls are safe from any thread and never block.

    // `wake` is called (from any thread) after a new snapshot, reply or state; pass {} to stop.
    virtual void setListener(std::function<void()> wake) = 0;
    // The newest snapshot; null until the first one. Older ones are dropped, never queued.
    virtual std::shared_ptr<const ClusterSnapshot> latest() const = 0;
    // Sends a command; its `id` is set here and returned. 0 when the queue is full: say so.
    virtual std::uint64_t send(Command command) = 0;
    // Replies that came since the last call, oldest first.
    virtual std::vector<CommandReply> takeReplies() = 0;
    virtual LinkState state() const = 0;
    // "embedded engine", or the endpoint; and why the link is lost.
    virtual std::string description() const = 0;
    virtual bool readOnly() const = 0;
    // What the snapshots are pictures of.
    virtual EngineSight sight() const { return EngineSight::kLive; }
    // What was measured before latest() and since the last call, oldest first: pictures of past
    // moments that hold samples only. None from an engine that speaks.
    virtual std::vector<std::shared_ptr<const ClusterSnapshot>> takePast() { return {}; }
};

}  // namespace foreshard::ui
