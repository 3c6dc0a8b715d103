#include "engine/env/real/endpoint_probe.h"

#include "engine/env/real/unique_fd.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <netdb.h>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>

namespace foreshard {
namespace {

constexpr int kAnswerMillisMax = 1'000;

// What it says to the first ten bytes of ZMTP 3 (rfc.zeromq.org/spec/23), which begin both sides of
// a connection.
Listener greet(int fd)
{
    constexpr std::array<unsigned char, 10> kSignature = {0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f};
    if (::send(fd, kSignature.data(), kSignature.size(), MSG_NOSIGNAL) < 0)
        return errno == EAGAIN ? Listener::kSilent : Listener::kOther;
    pollfd readable{fd, POLLIN, 0};
    if (::poll(&readable, 1, kAnswerMillisMax) != 1) return Listener::kSilent;
    unsigned char first = 0;
    return ::recv(fd, &first, 1, 0) == 1 && first == kSignature[0] ? Listener::kPeer
                                                                   : Listener::kOther;
}

Listener probe(int family, const sockaddr* address, socklen_t length)
{
    const UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd.valid()) return Listener::kNobody;
    if (::connect(fd.get(), address, length) == 0) return greet(fd.get());
    if (errno == EAGAIN) return Listener::kSilent;  // a full queue that nobody empties
    if (errno != EINPROGRESS) return Listener::kNobody;
    pollfd writable{fd.get(), POLLOUT, 0};
    if (::poll(&writable, 1, kAnswerMillisMax) != 1) return Listener::kNobody;
    int error = 0;
    socklen_t size = sizeof error;
    const bool connected =
        ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
    return connected ? greet(fd.get()) : Listener::kNobody;
}

Listener listenerAtPath(std::string path)
{
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) return Listener::kNobody;
    const bool abstract = path.front() == '@';
    if (abstract) path.front() = '\0';
    path.copy(address.sun_path, path.size());
    const std::size_t length =
        abstract ? offsetof(sockaddr_un, sun_path) + path.size() : sizeof address;
    return probe(AF_UNIX, static_cast<const sockaddr*>(static_cast<const void*>(&address)),
                 static_cast<socklen_t>(length));
}

Listener listenerAtAddress(const std::string& address)
{
    const std::size_t colon = std::min(address.size(), address.rfind(':'));
    std::string host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const std::string port = colon == address.size() ? "" : address.substr(colon + 1);
    addrinfo wanted = {};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), port.c_str(), &wanted, &found) != 0) return Listener::kNobody;
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
    for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
        const Listener listener = probe(at->ai_family, at->ai_addr, at->ai_addrlen);
        if (listener != Listener::kNobody) return listener;
    }
    return Listener::kNobody;
}

}  // namespace

Listener listenerAt(const std::string& endpoint)
{
    constexpr std::string_view kIpc = "ipc://";
    constexpr std::string_view kTcp = "tcp://";
    if (endpoint.starts_with(kIpc)) return listenerAtPath(endpoint.substr(kIpc.size()));
    if (endpoint.starts_with(kTcp)) return listenerAtAddress(endpoint.substr(kTcp.size()));
    return Listener::kNobody;
}

}  // namespace foreshard
