#include "engine/env/real/zmq_receiver.h"

#include "engine/env/real/helper_thread.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <future>
#include <malloc.h>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace foreshard {
namespace {

constexpr char kWakeAddress[] = "inproc://receiver/wake";
constexpr std::uint32_t kForwardingMax = 10'000;
constexpr std::int64_t kPeerMessageBytesMax = std::int64_t{64} << 20;
constexpr std::uint64_t kBurstBytes = 8U << 20U;
// Messages taken from one socket before the next one has its turn.
constexpr int kDrainMax = 256;
constexpr std::int64_t kTrimMillis = 1'000;
constexpr std::uint64_t kMessageOverheadBytes = 256;  // of one that waits

Bytes bytesOf(const zmq::message_t& message)
{
    return {static_cast<const char*>(message.data()), message.size()};
}

std::string toHex(const Bytes& bytes)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
}

// Empty when `text` is not the hex form of anything.
Bytes fromHex(std::string_view text)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        const std::size_t high = kDigits.find(text[i]);
        const std::size_t low = kDigits.find(text[i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) return {};
        bytes += static_cast<char>(high << 4U | low);
    }
    return text.size() % 2 == 0 ? bytes : Bytes{};
}

void deliver(const std::shared_ptr<Mailbox>& mailbox, std::string from, Bytes message)
{
    const std::uint64_t size = message.size();
    // One that finds nothing before it is always taken, or it could never come.
    const std::uint64_t before = mailbox->waitingBytes.fetch_add(size);
    const bool tooMuch = before > 0 && before + size > kNameBytesMax;
    if (mailbox->waiting.fetch_add(1) >= kNameMessagesMax || tooMuch) {
        mailbox->waiting.fetch_sub(1);
        mailbox->waitingBytes.fetch_sub(size);
        return;
    }
    mailbox->strand->post(
        [mailbox, size, from = std::move(from), message = std::move(message)]() mutable {
            mailbox->waiting.fetch_sub(1);
            mailbox->waitingBytes.fetch_sub(size);
            // Kept over the call, in which the handler may close its own name.
            const std::shared_ptr<Network::Handler> handler = mailbox->handler;
            if (handler) (*handler)(from, std::move(message));
        });
}

}  // namespace

Error zmqError(const zmq::error_t& error, const std::string& what, const std::string& endpoint)
{
    const std::string head = what + " " + endpoint + ": ";
    switch (error.num()) {
        case EADDRINUSE:
            return {Errc::kBusy,
                    head + "another program uses this address: stop it or choose another"};
        case EADDRNOTAVAIL:
        case ENODEV:
            return {Errc::kInvalid, head + "this machine has no such address: use one of its own"};
        case EINVAL:
        case EPROTONOSUPPORT:
        case ENOCOMPATPROTO:
            return {
                Errc::kInvalid,
                head + "not an endpoint: write ipc://path, tcp://address:port or inproc://name"};
        case EACCES:
        case EPERM:
            return {Errc::kReadOnly,
                    head + "permission denied: choose a folder or port you may use"};
        case EROFS:
            return {Errc::kReadOnly,
                    head + "the disk is read-only: give a path on a disk that can be written"};
        case ENOSPC:
        case EDQUOT:
            return {Errc::kNoSpace, head + "the disk is full: give a path on one with room"};
        case ENOTDIR:
            return {Errc::kInvalid, head + "a part of the path is no folder: choose another path"};
        case ENOENT:
            return {Errc::kNotFound, head + "no such folder: create it or choose another"};
        case ENAMETOOLONG:
            return {Errc::kInvalid,
                    head + "the path is too long for a socket: choose a shorter one"};
        case EMFILE:
            return {Errc::kIo, head + "too many open files: raise the limit (ulimit -n)"};
        default:
            return {Errc::kIo, head + error.what() + ": see the system log and try again"};
    }
}

void setPeerLimits(zmq::socket_t& socket, const PeerBounds& bounds)
{
    constexpr int kHandshakeMillis = 2'000;
    constexpr int kHeartbeatMillis = 1'000;
    constexpr int kSilenceMillisMax = 5'000;
    constexpr int kKeepAliveIdleSeconds = 10;
    constexpr int kKeepAliveIntervalSeconds = 5;
    constexpr int kKeepAliveProbes = 3;
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(bounds.messageBytesMax));
    socket.set(zmq::sockopt::handshake_ivl, kHandshakeMillis);
    socket.set(zmq::sockopt::rcvhwm, bounds.messagesMax);
    socket.set(zmq::sockopt::sndhwm, bounds.messagesMax);
    socket.set(zmq::sockopt::heartbeat_ivl, kHeartbeatMillis);
    socket.set(zmq::sockopt::heartbeat_timeout, kSilenceMillisMax);
    socket.set(zmq::sockopt::heartbeat_ttl, kSilenceMillisMax);
    socket.set(zmq::sockopt::tcp_keepalive, 1);
    socket.set(zmq::sockopt::tcp_keepalive_idle, kKeepAliveIdleSeconds);
    socket.set(zmq::sockopt::tcp_keepalive_intvl, kKeepAliveIntervalSeconds);
    socket.set(zmq::sockopt::tcp_keepalive_cnt, kKeepAliveProbes);
}

// Connections from other processes are closed when they come.
void takeOwnProcessOnly(zmq::socket_t& socket)
{
    const pid_t self = ::getpid();
    if (zmq_setsockopt(socket.handle(), ZMQ_IPC_FILTER_PID, &self, sizeof self) != 0)
        throw zmq::error_t(errno);
}

bool PeerQueue::take(const std::string& peer, std::uint64_t bytes)
{
    const std::lock_guard lock(mutex_);
    const auto known = ofPeer_.find(peer);
    const std::uint64_t ofOne = known == ofPeer_.end() ? 0 : known->second;
    if (ofOne + bytes > bounds_.waitingBytesOfOne || ofAll_ + bytes > bounds_.waitingBytesOfAll)
        return false;
    ofPeer_[peer] += bytes;
    ofAll_ += bytes;
    return true;
}

void PeerQueue::give(const std::string& peer, std::uint64_t bytes)
{
    const std::lock_guard lock(mutex_);
    ofAll_ -= bytes;
    const auto known = ofPeer_.find(peer);
    known->second -= bytes;
    if (known->second == 0) ofPeer_.erase(known);
}

bool PeerQueue::empty()
{
    const std::lock_guard lock(mutex_);
    return ofPeer_.empty();
}

ZmqReceiver::ZmqReceiver(zmq::context_t& context, Lookup lookup)
    : context_(context),
      lookup_(std::move(lookup)),
      wakeSender_(context, zmq::socket_type::pair),
      wakeReceiver_(context, zmq::socket_type::pair)
{
    wakeReceiver_.bind(kWakeAddress);
    wakeSender_.connect(kWakeAddress);
    thread_ = startHelperThread("fs-network", [this] { run(); });
}

ZmqReceiver::~ZmqReceiver()
{
    postWork([this] { running_ = false; });
    thread_.join();
}

Status ZmqReceiver::addMailbox(const std::string& address, std::shared_ptr<Mailbox> mailbox)
{
    return runOnThread([this, &address, &mailbox]() -> Status {
        zmq::socket_t socket(context_, zmq::socket_type::pull);
        // An inproc pipe holds what both of its ends allow together.
        socket.set(zmq::sockopt::rcvhwm, static_cast<int>(kNameMessagesMax / 2));
        socket.bind(address);
        ports_.push_back({Kind::kMailbox, address, "", std::move(mailbox), std::move(socket)});
        return {};
    });
}

void ZmqReceiver::removeMailbox(const std::string& address)
{
    postWork([this, address] {
        portsChanged_ = true;
        std::erase_if(ports_, [&address](const Port& port) {
            return port.kind == Kind::kMailbox && port.name == address;
        });
    });
}

Status ZmqReceiver::addRouter(const std::string& endpoint, const std::string& deliverTo,
                              const PeerBounds& bounds)
{
    return runOnThread([this, &endpoint, &deliverTo, &bounds]() -> Status {
        zmq::socket_t socket(context_, zmq::socket_type::router);
        setPeerLimits(socket, bounds);
        socket.set(zmq::sockopt::router_mandatory, true);
        if (endpoint.starts_with("ipc://@")) takeOwnProcessOnly(socket);
        socket.bind(endpoint);
        ports_.push_back({Kind::kRouter, endpoint, deliverTo, nullptr, std::move(socket),
                          std::make_shared<PeerQueue>(bounds)});
        return {};
    });
}

Status ZmqReceiver::addDealer(zmq::socket_t socket, const std::string& as,
                              const std::string& deliverTo)
{
    return runOnThread([this, &socket, &as, &deliverTo]() -> Status {
        ports_.push_back({Kind::kDealer, as, deliverTo, nullptr, std::move(socket)});
        return {};
    });
}

void ZmqReceiver::forward(const std::string& to, Bytes message)
{
    // A peer would answer a bigger message by cutting the connection.
    if (message.size() > static_cast<std::size_t>(kPeerMessageBytesMax)) return;
    const std::uint64_t size = message.size();
    const std::uint64_t before = forwardingBytes_.fetch_add(size);
    if (forwarding_.fetch_add(1) >= kForwardingMax || before > kNameBytesMax) {
        forwarding_.fetch_sub(1);
        forwardingBytes_.fetch_sub(size);
        return;
    }
    postWork([this, to, size, message = std::move(message)] {
        forwarding_.fetch_sub(1);
        forwardingBytes_.fetch_sub(size);
        forwardNow(to, message);
    });
}

// One wake message for all work that waits. False when the receiver cannot be woken.
bool ZmqReceiver::postWork(Work work)
{
    const std::lock_guard lock(workMutex_);
    work_.push_back(std::move(work));
    if (wakeSent_) return true;
    try {
        wakeSent_ = wakeSender_.send(zmq::message_t{}, zmq::send_flags::dontwait).has_value();
    } catch (const zmq::error_t&) {
        wakeSent_ = false;
    }
    return wakeSent_;
}

Status ZmqReceiver::runOnThread(std::function<Status()> work)
{
    std::promise<Status> promise;
    std::future<Status> outcome = promise.get_future();
    const bool posted = postWork([this, &work, &promise] {
        portsChanged_ = true;
        try {
            promise.set_value(work());
        } catch (const zmq::error_t&) {
            promise.set_exception(std::current_exception());
        }
    });
    FS_CHECK(posted);
    return outcome.get();
}

void ZmqReceiver::run()
{
    std::vector<zmq::pollitem_t> items;
    while (running_) {
        if (std::exchange(portsChanged_, false)) {
            items.assign(1, {wakeReceiver_.handle(), 0, ZMQ_POLLIN, 0});
            for (Port& port : ports_)
                items.push_back({port.socket.handle(), 0, ZMQ_POLLIN, 0});
        }
        try {
            zmq::poll(items.data(), items.size(),
                      std::chrono::milliseconds{burstBytes_ > kBurstBytes ? kTrimMillis : -1});
        } catch (const zmq::error_t&) {
            continue;  // interrupted
        }
        for (std::size_t i = 0; i < ports_.size(); ++i) {
            if ((items[i + 1].revents & ZMQ_POLLIN) != 0) drain(ports_[i]);
        }
        if ((items[0].revents & ZMQ_POLLIN) != 0) runWork();
        if (burstBytes_ > kBurstBytes) giveMemoryBack();
    }
    ports_.clear();
}

void ZmqReceiver::runWork()
{
    zmq::message_t wake;
    std::deque<Work> work;
    {
        const std::lock_guard lock(workMutex_);
        static_cast<void>(wakeReceiver_.recv(wake, zmq::recv_flags::dontwait).has_value());
        wakeSent_ = false;
        work.swap(work_);
    }
    for (Work& task : work)
        task();
}

void ZmqReceiver::drain(Port& port)
{
    try {
        for (int i = 0; i < kDrainMax; ++i) {
            if (!receiveOne(port)) return;
        }
    } catch (const zmq::error_t&) {
        return;  // a datagram network: what cannot be received is lost, the next poll goes on
    }
}

// False when nothing waits. Messages with a wrong number of parts are dropped.
bool ZmqReceiver::receiveOne(Port& port)
{
    std::array<zmq::message_t, 2> parts;
    if (!port.socket.recv(parts[0], zmq::recv_flags::dontwait)) return false;
    std::size_t count = 1;
    bool more = parts[0].more();
    zmq::message_t surplus;
    while (more) {
        zmq::message_t& part = count < parts.size() ? parts[count] : surplus;
        if (!port.socket.recv(part, zmq::recv_flags::none)) return false;
        more = part.more();
        ++count;
    }
    if (count != (port.kind == Kind::kDealer ? 1U : 2U)) return true;
    switch (port.kind) {
        case Kind::kMailbox:
            deliver(port.mailbox, bytesOf(parts[0]), bytesOf(parts[1]));
            break;
        case Kind::kRouter:
            deliverFromPeer(port, kPeerPrefix + toHex(bytesOf(parts[0])), bytesOf(parts[1]));
            break;
        case Kind::kDealer:
            deliverToName(port.deliverTo, port.name, bytesOf(parts[0]));
            break;
    }
    return true;
}

void ZmqReceiver::deliverToName(const std::string& name, std::string from, Bytes message)
{
    const std::shared_ptr<Mailbox> mailbox = lookup_(name);
    if (mailbox) deliver(mailbox, std::move(from), std::move(message));
}

void ZmqReceiver::deliverFromPeer(const Port& port, std::string from, Bytes message)
{
    const std::shared_ptr<Mailbox> mailbox = lookup_(port.deliverTo);
    burstBytes_ += message.size();
    const std::uint64_t size = message.size() + from.size() + kMessageOverheadBytes;
    if (!mailbox || !port.queue->take(from, size)) return;
    if (mailbox->waiting.fetch_add(1) >= kNameMessagesMax) {
        mailbox->waiting.fetch_sub(1);
        return port.queue->give(from, size);
    }
    mailbox->strand->post([mailbox, queue = port.queue, size, from = std::move(from),
                           message = std::move(message)]() mutable {
        mailbox->waiting.fetch_sub(1);
        const std::shared_ptr<Network::Handler> handler = mailbox->handler;
        if (handler) (*handler)(from, std::move(message));
        queue->give(from, size);
    });
}

void ZmqReceiver::giveMemoryBack()
{
    const bool quiet = std::all_of(ports_.begin(), ports_.end(), [](const Port& port) {
        return !port.queue || port.queue->empty();
    });
    const auto now = std::chrono::steady_clock::now();
    if (!quiet || now - lastTrim_ < std::chrono::milliseconds(kTrimMillis)) return;
    burstBytes_ = 0;
    lastTrim_ = now;
    ::malloc_trim(0);
}

void ZmqReceiver::forwardNow(const std::string& to, const Bytes& message)
{
    const bool toPeer = to.starts_with(kPeerPrefix);
    const Bytes identity =
        toPeer ? fromHex(std::string_view(to).substr(sizeof kPeerPrefix - 1)) : Bytes{};
    if (toPeer && identity.empty()) return;
    for (Port& port : ports_) {
        if (toPeer ? port.kind != Kind::kRouter : port.kind != Kind::kDealer || port.name != to)
            continue;
        try {
            constexpr auto kDontWait = zmq::send_flags::dontwait;
            if (toPeer) {
                const auto flags = kDontWait | zmq::send_flags::sndmore;
                // Full: dropped. A router that does not know the peer throws, and the next is
                // asked.
                if (!port.socket.send(zmq::buffer(identity), flags)) return;
            }
            static_cast<void>(port.socket.send(zmq::buffer(message), kDontWait).has_value());
            return;
        } catch (const zmq::error_t&) {
            continue;
        }
    }
}

}  // namespace foreshard
