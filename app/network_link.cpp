#include "app/network_link.h"

#include "engine/wire/codec.h"

namespace foreshard {
namespace {

constexpr const char* kName = "console";
constexpr Nanos kKeepAlive = 500ms;
constexpr Nanos kLostAfter = 2s;
constexpr std::size_t kRepliesMax = 1024;

}  // namespace

NetworkLink::NetworkLink(std::string description, std::string to, bool readOnly)
    : description_(std::move(description)),
      to_(std::move(to)),
      readOnly_(readOnly),
      strand_(std::make_unique<StrandThread>("fs-console-link"))
{
}

Result<std::unique_ptr<NetworkLink>> NetworkLink::embedded(ZmqNetwork& network)
{
    std::unique_ptr<NetworkLink> link(new NetworkLink("embedded engine", "control", false));
    FS_TRY_STATUS(link->open(network));
    return link;
}

Result<std::unique_ptr<NetworkLink>> NetworkLink::remote(const std::string& endpoint, bool readOnly)
{
    std::unique_ptr<NetworkLink> link(new NetworkLink(endpoint, "engine", readOnly));
    link->own_ = std::make_unique<ZmqNetwork>();
    FS_TRY_STATUS(link->open(*link->own_));
    FS_TRY_STATUS(link->own_->dial(endpoint, "engine", kName));
    return link;
}

NetworkLink::~NetworkLink()
{
    network_->close(kName);
    strand_->stop();
}

Status NetworkLink::open(ZmqNetwork& network)
{
    network_ = &network;
    FS_TRY_STATUS(network.open(
        kName, *strand_, [this](const std::string&, const Bytes& message) { onMessage(message); }));
    strand_->post([this] { keepAlive(); });
    return {};
}

void NetworkLink::keepAlive()
{
    // Said again and again: it is what keeps snapshots coming, also after the engine was restarted.
    Command subscribe;
    subscribe.body = SubscribeCommand{};
    network_->send(kName, to_, encode(subscribe));
    const ui::LinkState now = state();
    bool changed = false;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        changed = now != told_;
        told_ = now;
    }
    if (changed) wake();
    strand_->postAfter(kKeepAlive, [this] { keepAlive(); });
}

void NetworkLink::onMessage(const Bytes& message)
{
    Result<Message> decoded = decode(message);
    if (!decoded.ok()) return;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        lastHeard_ = strand_->now();
        heard_ = true;
        if (auto* snapshot = std::get_if<ClusterSnapshot>(&*decoded)) {
            latest_ = std::make_shared<const ClusterSnapshot>(std::move(*snapshot));
        } else if (auto* reply = std::get_if<CommandReply>(&*decoded)) {
            if (replies_.size() < kRepliesMax) replies_.push_back(std::move(*reply));
        } else {
            return;
        }
    }
    wake();
}

void NetworkLink::wake()
{
    const std::lock_guard<std::mutex> lock(mutex_);
    if (wake_) wake_();
}

void NetworkLink::setListener(std::function<void()> wake)
{
    const std::lock_guard<std::mutex> lock(mutex_);
    wake_ = std::move(wake);
}

std::shared_ptr<const ClusterSnapshot> NetworkLink::latest() const
{
    const std::lock_guard<std::mutex> lock(mutex_);
    return latest_;
}

std::uint64_t NetworkLink::send(Command command)
{
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        command.id = nextId_++;
    }
    network_->send(kName, to_, encode(command));
    return command.id;
}

std::vector<CommandReply> NetworkLink::takeReplies()
{
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(replies_, {});
}

ui::LinkState NetworkLink::state() const
{
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!heard_) return ui::LinkState::kConnecting;
    return strand_->now() - lastHeard_ > kLostAfter ? ui::LinkState::kLost
                                                    : ui::LinkState::kConnected;
}

}  // namespace foreshard
