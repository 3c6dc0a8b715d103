#include "engine/env/real/peer_door.h"

#include "engine/env/real/helper_thread.h"

#include <zmq.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <utility>

namespace foreshard {
namespace {

constexpr std::string_view kIpc = "ipc://";
constexpr std::string_view kTcp = "tcp://";
constexpr int kBacklog = 128;
constexpr int kDescriptorsEach = 3;  // the peer's, ours to ZeroMQ, ZeroMQ's
constexpr std::size_t kDescriptorsOfOthers = 160;
constexpr std::size_t kConnectionsLeast = 4;
constexpr int kAgainMillis = 100;

constexpr int kSocketFlags = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

struct LocalAddress {
    sockaddr_un address = {};
    socklen_t length = 0;
};

// `name` as in ipc://name; with '@' in front an abstract one.
LocalAddress localAddress(std::string name)
{
    LocalAddress out;
    out.address.sun_family = AF_UNIX;
    if (name.empty()) throw zmq::error_t(EINVAL);
    if (name.size() >= sizeof out.address.sun_path) throw zmq::error_t(ENAMETOOLONG);
    const bool abstract = name.front() == '@';
    if (abstract) name.front() = '\0';
    name.copy(static_cast<char*>(out.address.sun_path), name.size());
    out.length = static_cast<socklen_t>(abstract ? offsetof(sockaddr_un, sun_path) + name.size()
                                                 : sizeof out.address);
    return out;
}

UniqueFd listenOn(int family, const sockaddr* address, socklen_t length)
{
    UniqueFd fd(::socket(family, kSocketFlags, 0));
    if (!fd.valid()) throw zmq::error_t(errno);
    constexpr int kOn = 1;
    if (family != AF_UNIX) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &kOn, sizeof kOn);
    if (::bind(fd.get(), address, length) != 0 || ::listen(fd.get(), kBacklog) != 0)
        throw zmq::error_t(errno);
    return fd;
}

// Reads as much as has room. False when that side is over.
bool fill(int fd, Bytes& waiting)
{
    std::array<char, PeerDoor::kBufferBytes> part;
    while (waiting.size() < part.size()) {
        const ssize_t got = ::recv(fd, part.data(), part.size() - waiting.size(), 0);
        if (got > 0) waiting.append(part.data(), static_cast<std::size_t>(got));
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
        if (got <= 0) return false;
    }
    return true;
}

bool empty(int fd, Bytes& waiting)
{
    while (!waiting.empty()) {
        const ssize_t put = ::send(fd, waiting.data(), waiting.size(), MSG_NOSIGNAL);
        if (put > 0) waiting.erase(0, static_cast<std::size_t>(put));
        if (put < 0 && (errno == EAGAIN || errno == EINTR)) return true;
        if (put <= 0) return false;
    }
    return true;
}

short wanted(const Bytes& incoming, const Bytes& outgoing)
{
    const bool room = incoming.size() < PeerDoor::kBufferBytes;
    return static_cast<short>((room ? POLLIN : 0) | (outgoing.empty() ? 0 : POLLOUT));
}

}  // namespace

std::size_t PeerDoor::connectionsMax()
{
    rlimit limit = {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kConnectionsLeast;
    const std::size_t files = limit.rlim_cur;
    const std::size_t left = files > kDescriptorsOfOthers ? files - kDescriptorsOfOthers : 0;
    return std::clamp(left / kDescriptorsEach, kConnectionsLeast, kConnectionsMost);
}

UniqueFd PeerDoor::listenAt(const std::string& endpoint)
{
    if (endpoint.starts_with(kIpc)) {
        const LocalAddress local = localAddress(endpoint.substr(kIpc.size()));
        const auto* generic =
            static_cast<const sockaddr*>(static_cast<const void*>(&local.address));
        return listenOn(AF_UNIX, generic, local.length);
    }
    const std::string address = endpoint.substr(std::min(endpoint.size(), kTcp.size()));
    const std::size_t colon = std::min(address.size(), address.rfind(':'));
    std::string host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const std::string port = colon == address.size() ? "" : address.substr(colon + 1);
    addrinfo how = {};
    how.ai_socktype = SOCK_STREAM;
    how.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    addrinfo* found = nullptr;
    if (port.empty() || ::getaddrinfo(host.c_str(), port.c_str(), &how, &found) != 0)
        throw zmq::error_t(EINVAL);
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
    return listenOn(found->ai_family, found->ai_addr, found->ai_addrlen);
}

PeerDoor::PeerDoor(UniqueFd listener, std::string inner, std::uint64_t messageBytesMax)
    : listener_(std::move(listener)),
      inner_(std::move(inner)),
      messageBytesMax_(messageBytesMax),
      connectionsMax_(connectionsMax()),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    if (!wake_.valid()) throw zmq::error_t(errno);
    thread_ = startHelperThread("fs-door", [this] { run(); });
}

PeerDoor::~PeerDoor()
{
    constexpr std::uint64_t kOne = 1;
    const ssize_t written = ::write(wake_.get(), &kOne, sizeof kOne);
    FS_CHECK(written == sizeof kOne);
    thread_.join();
}

void PeerDoor::run()
{
    std::vector<pollfd> items;
    while (true) {
        items.assign({{wake_.get(), POLLIN, 0},
                      {listener_.get(), static_cast<short>(full_ ? 0 : POLLIN), 0}});
        for (const auto& one : connections_) {
            items.push_back({one->peer.get(), wanted(one->in.waiting, one->out.waiting), 0});
            items.push_back({one->inner.get(), wanted(one->out.waiting, one->in.waiting), 0});
        }
        const int ready = ::poll(items.data(), items.size(), full_ ? kAgainMillis : -1);
        full_ = false;
        if (ready < 0) continue;  // interrupted
        if (items[0].revents != 0) return;
        for (std::size_t i = 0; i < connections_.size(); ++i)
            move(*connections_[i], items[2 + 2 * i].revents, items[3 + 2 * i].revents);
        std::erase_if(connections_, [](const auto& one) { return one->over; });
        if (items[1].revents != 0) acceptAll();
    }
}

void PeerDoor::acceptAll()
{
    for (int i = 0; i < kBacklog; ++i) {
        UniqueFd peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!peer.valid()) {
            // Without a descriptor the listener stays ready: it is left alone for a while.
            full_ = errno != EAGAIN && errno != EINTR && errno != ECONNABORTED;
            return;
        }
        if (connections_.size() >= connectionsMax_) continue;  // closed at once
        constexpr int kOn = 1;
        ::setsockopt(peer.get(), IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof kOn);
        UniqueFd inner = connectInner();
        if (!inner.valid()) continue;
        connections_.push_back(std::make_unique<Connection>(
            Connection{std::move(peer), std::move(inner), ZmtpCheck(messageBytesMax_), {}, {}}));
    }
}

UniqueFd PeerDoor::connectInner() const
{
    const LocalAddress local = localAddress("@" + inner_);
    UniqueFd fd(::socket(AF_UNIX, kSocketFlags, 0));
    const auto* generic = static_cast<const sockaddr*>(static_cast<const void*>(&local.address));
    // ZeroMQ's queue is full: the peer tries again, as after every lost connection.
    if (!fd.valid() || ::connect(fd.get(), generic, local.length) != 0) return UniqueFd();
    return fd;
}

void PeerDoor::move(Connection& connection, short peerEvents, short innerEvents)
{
    constexpr short kReadable = POLLIN | POLLHUP | POLLERR;
    Way& in = connection.in;
    Way& out = connection.out;
    if ((peerEvents & kReadable) != 0) {
        const std::size_t before = in.waiting.size();
        in.ended = !fill(connection.peer.get(), in.waiting) || in.ended;
        if (!connection.check.take(BytesView(in.waiting).substr(before))) {
            connection.over = true;
            return;
        }
    }
    if ((innerEvents & kReadable) != 0)
        out.ended = !fill(connection.inner.get(), out.waiting) || out.ended;
    const bool wrote =
        empty(connection.inner.get(), in.waiting) && empty(connection.peer.get(), out.waiting);
    // What one side said before it went is still the other's; but ZeroMQ goes first only from a
    // peer that has been silent for long: what that does not take now, it never will.
    const bool innerGone = (innerEvents & (POLLHUP | POLLERR)) != 0;
    connection.over = !wrote || (in.ended && in.waiting.empty()) || out.ended
                      || (innerGone && !out.waiting.empty());
}

}  // namespace foreshard
