#include "engine/env/real/zmq_network.h"

#include "engine/env/real/peer_door.h"
#include "engine/env/real/unique_fd.h"
#include "engine/env/real/zmq_receiver.h"
#include "engine/model/endpoint.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <exception>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string_view>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace foreshard {
namespace {

constexpr std::string_view kIpc = "ipc://";
constexpr std::string_view kTcp = "tcp://";

// The file of an ipc endpoint; empty for other endpoints and for abstract sockets ("ipc://@name").
std::string ipcPath(const std::string& endpoint)
{
    if (!endpoint.starts_with(kIpc) || endpoint.starts_with("ipc://@")) return {};
    return endpoint.substr(kIpc.size());
}

// ZeroMQ deletes whatever lies at the path before it binds, so this asks first.
Status makeRoomAt(const std::string& path)
{
    const std::string what = "listen at " + path + ": ";
    struct stat info = {};
    if (::lstat(path.c_str(), &info) != 0) return {};  // nothing there, or bind() tells why not
    if (!S_ISSOCK(info.st_mode))
        return Error{Errc::kInvalid, what + "it is not a socket: choose another path"};
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return Error{Errc::kInvalid,
                     what + "the path is too long for a socket: choose a shorter one"};
    }
    path.copy(address.sun_path, path.size());
    const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd.valid()) return zmqError(zmq::error_t(errno), "listen at", path);
    const auto* generic = static_cast<const sockaddr*>(static_cast<const void*>(&address));
    if (::connect(fd.get(), generic, sizeof address) == 0 || errno != ECONNREFUSED) {
        return Error{Errc::kBusy, what + "another program listens there: stop it or choose another "
                                         "path"};
    }
    ::unlink(path.c_str());
    return {};
}

bool isLoopback(std::string host)
{
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    constexpr unsigned char kLoopbackNet = 127;
    in_addr four = {};
    if (::inet_pton(AF_INET, host.c_str(), &four) == 1)
        return *static_cast<const unsigned char*>(static_cast<const void*>(&four)) == kLoopbackNet;
    in6_addr six = {};
    return ::inet_pton(AF_INET6, host.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

// Nobody proves who he is, so nobody from another machine may come: every transport but ipc, inproc
// and the loopback is refused, and so is a name, which could mean more than it says. Returns what
// to bind.
Result<std::string> bindable(const std::string& endpoint)
{
    FS_TRY_STATUS(checkEndpoint("listen at", endpoint));
    if (!endpoint.starts_with(kTcp)) return endpoint;
    const std::string address = endpoint.substr(kTcp.size());
    const std::size_t colon = std::min(address.size(), address.rfind(':'));
    const std::string host = address.substr(0, colon);
    if (host == "localhost") return std::string(kTcp) + "127.0.0.1" + address.substr(colon);
    if (isLoopback(host)) return endpoint;
    return Error{Errc::kInvalid,
                 "listen at " + endpoint
                     + ": other machines could reach this address, and nobody would have to prove "
                       "who he is: write one of this machine alone, like tcp://127.0.0.1:7070, or "
                       "ipc://path"};
}

// Of the socket behind a PeerDoor; ZeroMQ takes connections of this process alone there.
std::string innerName()
{
    std::array<std::uint64_t, 2> bits{};
    static_cast<void>(::getrandom(bits.data(), sizeof bits, 0));
    return "foreshard-" + std::to_string(::getpid()) + "-" + std::to_string(bits[0]) + "-"
           + std::to_string(bits[1]);
}

void freeBytes(void* /*data*/, void* hint)
{
    const std::unique_ptr<Bytes> owner(static_cast<Bytes*>(hint));
}

// Big payloads are handed over, small ones are cheaper to copy.
zmq::message_t toMessage(Bytes bytes)
{
    constexpr std::size_t kCopiedBytesMax = 4096;
    if (bytes.size() <= kCopiedBytesMax) return zmq::message_t(bytes.data(), bytes.size());
    auto owner = std::make_unique<Bytes>(std::move(bytes));
    zmq::message_t message(owner->data(), owner->size(), freeBytes, owner.get());
    static_cast<void>(owner.release());  // freeBytes has it now
    return message;
}

// ZeroMQ ends the process when it cannot start its threads, so this tries first.
void proveThreads()
{
    constexpr std::size_t kThreads = 3;  // reaper, input and output, receiver
    std::promise<void> all;
    const std::shared_future<void> begun = all.get_future().share();
    std::vector<std::jthread> threads;
    threads.reserve(kThreads);
    const auto waitForAll = [begun] { begun.wait(); };
    std::exception_ptr failure;
    try {
        while (threads.size() < kThreads)
            threads.emplace_back(waitForAll);
    } catch (const std::system_error&) {
        failure = std::current_exception();
    }
    all.set_value();
    threads.clear();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

class ZmqNetwork::Impl {
public:
    Impl()
    {
        proveThreads();
        context_.set(zmq::ctxopt::blocky, false);
        receiver_ = std::make_unique<ZmqReceiver>(
            context_, [this](const std::string& name) { return mailboxOf(name); });
    }
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Status open(const std::string& name, Strand& strand, Handler handler);
    void close(const std::string& name);
    void send(const std::string& from, const std::string& to, Bytes message);
    Status listen(const std::string& endpoint, const std::string& deliverTo,
                  const PeerBounds& bounds);
    Status dial(const std::string& endpoint, const std::string& as, const std::string& deliverTo);

private:
    // An opened name and the sending end of its pipe.
    struct Route {
        std::string address;
        std::shared_ptr<Mailbox> mailbox;
        std::mutex sendMutex;
        zmq::socket_t sender;
    };

    // A socket file that listen() made. ZeroMQ leaves it behind.
    struct SocketFile {
        std::string path;
        dev_t device;
        ino_t inode;
    };

    std::shared_ptr<Mailbox> mailboxOf(const std::string& name);
    Status ownSocketFile(const std::string& path);

    zmq::context_t context_;  // destroyed last: it waits for every socket
    std::mutex mutex_;        // guards the four below
    std::map<std::string, std::shared_ptr<Route>> routes_;
    std::set<std::string> dialed_;
    std::vector<SocketFile> socketFiles_;
    std::uint64_t generation_ = 0;
    std::unique_ptr<ZmqReceiver> receiver_;
    std::vector<std::unique_ptr<PeerDoor>> doors_;  // guarded by mutex_; go before the receiver
};

// While we still answer at a socket file nobody else replaces it, so it goes before the socket.
ZmqNetwork::Impl::~Impl()
{
    for (const SocketFile& file : socketFiles_) {
        struct stat info = {};
        if (::lstat(file.path.c_str(), &info) == 0 && info.st_dev == file.device
            && info.st_ino == file.inode)
            ::unlink(file.path.c_str());
    }
}

std::shared_ptr<Mailbox> ZmqNetwork::Impl::mailboxOf(const std::string& name)
{
    const std::lock_guard lock(mutex_);
    const auto route = routes_.find(name);
    return route == routes_.end() || !route->second ? nullptr : route->second->mailbox;
}

Status ZmqNetwork::Impl::open(const std::string& name, Strand& strand, Handler handler)
{
    auto route = std::make_shared<Route>();
    {
        const std::lock_guard lock(mutex_);
        if (name.starts_with(kPeerPrefix))
            return Error{Errc::kInvalid, "open " + name + ": peer names are given by the network: "
                                                          "choose another name"};
        // The place is taken before the pipe exists, so that two openers cannot both win.
        if (dialed_.contains(name) || !routes_.emplace(name, nullptr).second)
            return Error{Errc::kBusy, "open " + name + ": somebody owns this name: close it first"};
        // A fresh address each time: a pipe to the former owner can never reach the new one.
        route->address = "inproc://name/" + std::to_string(++generation_) + "/" + name;
    }
    route->mailbox = std::make_shared<Mailbox>();
    route->mailbox->strand = &strand;
    route->mailbox->handler = std::make_shared<Handler>(std::move(handler));
    try {
        const Status bound = receiver_->addMailbox(route->address, route->mailbox);
        FS_CHECK(bound.ok());
        route->sender = zmq::socket_t(context_, zmq::socket_type::push);
        route->sender.set(zmq::sockopt::linger, 0);
        route->sender.set(zmq::sockopt::sndhwm, static_cast<int>(kNameMessagesMax / 2));
        route->sender.connect(route->address);
    } catch (const zmq::error_t& error) {
        receiver_->removeMailbox(route->address);
        const std::lock_guard lock(mutex_);
        routes_.erase(name);
        return zmqError(error, "open", name);
    }
    const std::lock_guard lock(mutex_);
    routes_[name] = std::move(route);
    return {};
}

void ZmqNetwork::Impl::close(const std::string& name)
{
    std::shared_ptr<Route> route;
    {
        const std::lock_guard lock(mutex_);
        const auto place = routes_.find(name);
        if (place == routes_.end() || !place->second) return;
        route = std::move(place->second);
        routes_.erase(place);
    }
    route->mailbox->handler.reset();
    receiver_->removeMailbox(route->address);
}

void ZmqNetwork::Impl::send(const std::string& from, const std::string& to, Bytes message)
{
    std::shared_ptr<Route> route;
    bool outside = to.starts_with(kPeerPrefix);
    if (!outside) {
        const std::lock_guard lock(mutex_);
        const auto place = routes_.find(to);
        if (place != routes_.end()) route = place->second;
        outside = !route && dialed_.contains(to);
    }
    if (outside) {
        receiver_->forward(to, std::move(message));
        return;
    }
    if (!route) return;
    try {
        zmq::message_t payload = toMessage(std::move(message));
        const std::lock_guard lock(route->sendMutex);
        const auto flags = zmq::send_flags::dontwait | zmq::send_flags::sndmore;
        if (!route->sender.send(zmq::buffer(from), flags)) return;  // full
        static_cast<void>(route->sender.send(payload, zmq::send_flags::dontwait).has_value());
    } catch (const zmq::error_t&) {
        return;  // the same to the caller as a message lost on the way
    }
}

Status ZmqNetwork::Impl::listen(const std::string& endpoint, const std::string& deliverTo,
                                const PeerBounds& bounds)
{
    FS_TRY(const std::string place, bindable(endpoint));
    const std::string path = ipcPath(endpoint);
    if (!path.empty()) FS_TRY_STATUS(makeRoomAt(path));
    // The socket file is never more open than it will be, not even before ownSocketFile().
    constexpr mode_t kOthers = 077;
    const mode_t before = path.empty() ? mode_t{0} : ::umask(kOthers);
    const auto restore = [&] {
        if (!path.empty()) ::umask(before);
    };
    try {
        UniqueFd listener = place.starts_with("inproc://") ? UniqueFd() : PeerDoor::listenAt(place);
        restore();
        const std::string inner = innerName();
        const std::string routed = listener.valid() ? "ipc://@" + inner : place;
        FS_TRY_STATUS(receiver_->addRouter(routed, deliverTo, bounds));
        if (listener.valid()) {
            const std::lock_guard lock(mutex_);
            doors_.push_back(
                std::make_unique<PeerDoor>(std::move(listener), inner, bounds.messageBytesMax));
        }
    } catch (const zmq::error_t& error) {
        restore();
        return zmqError(error, "listen at", endpoint);
    }
    return path.empty() ? Status{} : ownSocketFile(path);
}

// Closes the new socket file to other users and notes it for removal.
Status ZmqNetwork::Impl::ownSocketFile(const std::string& path)
{
    constexpr mode_t kOwnerOnly = 0600;
    struct stat info = {};
    if (::chmod(path.c_str(), kOwnerOnly) != 0 || ::lstat(path.c_str(), &info) != 0)
        return zmqError(zmq::error_t(errno), "protect", path);
    const std::lock_guard lock(mutex_);
    socketFiles_.push_back({path, info.st_dev, info.st_ino});
    return {};
}

Status ZmqNetwork::Impl::dial(const std::string& endpoint, const std::string& as,
                              const std::string& deliverTo)
{
    constexpr int kRetryMillis = 50;
    constexpr int kRetryMillisMax = 1'000;
    constexpr std::chrono::milliseconds kFirstWait{250};
    FS_TRY_STATUS(checkEndpoint("dial", endpoint));
    {
        const std::lock_guard lock(mutex_);
        if (as.starts_with(kPeerPrefix) || routes_.contains(as) || !dialed_.insert(as).second)
            return Error{Errc::kBusy, "dial " + endpoint + ": the name " + as
                                          + " is taken: choose another name"};
    }
    try {
        zmq::socket_t socket(context_, zmq::socket_type::dealer);
        setPeerLimits(socket, PeerBounds{});
        // Without a connection messages are dropped, not hoarded until they are out of date.
        socket.set(zmq::sockopt::immediate, true);
        socket.set(zmq::sockopt::reconnect_ivl, kRetryMillis);
        socket.set(zmq::sockopt::reconnect_ivl_max, kRetryMillisMax);
        socket.connect(endpoint);
        zmq::pollitem_t writable{socket.handle(), 0, ZMQ_POLLOUT, 0};
        zmq::poll(&writable, 1, kFirstWait);
        return receiver_->addDealer(std::move(socket), as, deliverTo);
    } catch (const zmq::error_t& error) {
        const std::lock_guard lock(mutex_);
        dialed_.erase(as);
        return zmqError(error, "dial", endpoint);
    }
}

ZmqNetwork::ZmqNetwork()
{
    try {
        impl_ = std::make_unique<Impl>();
    } catch (const zmq::error_t& error) {
        startError_ = zmqError(error, "start", "the network");
    } catch (const std::system_error& error) {
        startError_ = Error{Errc::kUnavailable,
                            std::string("start the network's threads: ") + error.what()
                                + ": too many threads, or out of memory or address space: raise "
                                  "the limit (ulimit -u, ulimit -v) and start again"};
    }
}

ZmqNetwork::~ZmqNetwork() = default;

Status ZmqNetwork::open(const std::string& name, Strand& strand, Handler handler)
{
    if (!impl_) return *startError_;
    return impl_->open(name, strand, std::move(handler));
}

void ZmqNetwork::close(const std::string& name)
{
    if (impl_) impl_->close(name);
}

void ZmqNetwork::send(const std::string& from, const std::string& to, Bytes message)
{
    if (impl_) impl_->send(from, to, std::move(message));
}

Status ZmqNetwork::listen(const std::string& endpoint, const std::string& deliverTo,
                          const PeerBounds& bounds)
{
    if (!impl_) return *startError_;
    return impl_->listen(endpoint, deliverTo, bounds);
}

Status ZmqNetwork::dial(const std::string& endpoint, const std::string& as,
                        const std::string& deliverTo)
{
    if (!impl_) return *startError_;
    return impl_->dial(endpoint, as, deliverTo);
}

}  // namespace foreshard
