#pragma once
// The console's link to an engine over the engine's own messages: the same code for the engine in
// this process and for one at an endpoint, so a widget cannot tell them apart.
#include "engine/env/real/strand_thread.h"
#include "engine/env/real/zmq_network.h"
#include "engine/model/message.h"
#include "ui/bridge/engine_link.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace foreshard {

class NetworkLink final : public ui::EngineLink {
public:
    // Over the network of an engine in this process; `network` outlives the link.
    static Result<std::unique_ptr<NetworkLink>> embedded(ZmqNetwork& network);
    // Over a socket of its own; the engine may come and go.
    static Result<std::unique_ptr<NetworkLink>> remote(const std::string& endpoint, bool readOnly);
    ~NetworkLink() override;

    void setListener(std::function<void()> wake) override;
    std::shared_ptr<const ClusterSnapshot> latest() const override;
    std::uint64_t send(Command command) override;
    std::vector<CommandReply> takeReplies() override;
    ui::LinkState state() const override;
    std::string description() const override { return description_; }
    bool readOnly() const override { return readOnly_; }

private:
    NetworkLink(std::string description, std::string to, bool readOnly);
    Status open(ZmqNetwork& network);
    void onMessage(const Bytes& message);
    void keepAlive();
    void wake();

    std::string description_;
    std::string to_;  // where commands go
    bool readOnly_;
    std::unique_ptr<ZmqNetwork> own_;
    ZmqNetwork* network_ = nullptr;
    mutable std::mutex mutex_;  // guards all below but the strand
    std::function<void()> wake_;
    std::shared_ptr<const ClusterSnapshot> latest_;
    std::vector<CommandReply> replies_;
    std::uint64_t nextId_ = 1;
    Instant lastHeard_;
    bool heard_ = false;
    ui::LinkState told_ = ui::LinkState::kConnecting;
    std::unique_ptr<StrandThread> strand_;
};

}  // namespace foreshard
