#include "engine/env/real/endpoint_probe.h"

#include "engine/env/real/unique_fd.h"

#include <algorithm>
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

bool connects(int family, const sockaddr* address, socklen_t length)
{
    const UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd.valid()) return false;
    if (::connect(fd.get(), address, length) == 0) return true;
    if (errno == EAGAIN) return true;  // a local socket whose queue is full: nobody empties it
    if (errno != EINPROGRESS) return false;
    pollfd writable{fd.get(), POLLOUT, 0};
    if (::poll(&writable, 1, kAnswerMillisMax) != 1) return false;
    int error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

bool listensAtPath(std::string path)
{
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) return false;
    const bool abstract = path.front() == '@';
    if (abstract) path.front() = '\0';
    path.copy(address.sun_path, path.size());
    const std::size_t length =
        abstract ? offsetof(sockaddr_un, sun_path) + path.size() : sizeof address;
    return connects(AF_UNIX, static_cast<const sockaddr*>(static_cast<const void*>(&address)),
                    static_cast<socklen_t>(length));
}

bool listensAtAddress(const std::string& address)
{
    const std::size_t colon = std::min(address.size(), address.rfind(':'));
    std::string host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const std::string port = colon == address.size() ? "" : address.substr(colon + 1);
    addrinfo wanted = {};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), port.c_str(), &wanted, &found) != 0) return false;
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
    for (const addrinfo* at = found; at != nullptr; at = at->ai_next)
        if (connects(at->ai_family, at->ai_addr, at->ai_addrlen)) return true;
    return false;
}

}  // namespace

bool somebodyListensAt(const std::string& endpoint)
{
    constexpr std::string_view kIpc = "ipc://";
    constexpr std::string_view kTcp = "tcp://";
    if (endpoint.starts_with(kIpc)) return listensAtPath(endpoint.substr(kIpc.size()));
    return endpoint.starts_with(kTcp) && listensAtAddress(endpoint.substr(kTcp.size()));
}

}  // namespace foreshard
