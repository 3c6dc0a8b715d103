#include "engine/model/endpoint.h"

#include <algorithm>
#include <string_view>

namespace foreshard {
namespace {

constexpr std::size_t kSocketPathMax = 107;  // what the system takes

// What is wrong with the port, or "".
std::string portTrouble(std::string_view port)
{
    constexpr std::size_t kDigitsMax = 5;
    constexpr int kPortMax = 65'535;
    if (port.empty()) return "it has no port";
    const bool digits =
        std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) return "'" + std::string(port) + "' is no port";
    int number = 0;
    if (port.size() <= kDigitsMax) {
        for (const char c : port)
            number = number * 10 + (c - '0');
    }
    if (port.size() > kDigitsMax || number > kPortMax)
        return "there is no port " + std::string(port) + ", ports are 1 to 65535";
    if (number == 0) return "port 0 means any port, and nobody would know which";
    return {};
}

// The same for all of it.
std::string trouble(std::string_view endpoint)
{
    constexpr std::string_view kIpc = "ipc://";
    constexpr std::string_view kTcp = "tcp://";
    constexpr std::string_view kInproc = "inproc://";
    if (endpoint.starts_with(kInproc))
        return endpoint.size() > kInproc.size() ? "" : "it has no name";
    if (endpoint.starts_with(kIpc)) {
        const std::string_view path = endpoint.substr(kIpc.size());
        if (path.empty() || path == "@") return "it has no path";
        if (path == "*") return "* means any path, and nobody would know which";
        return path.size() > kSocketPathMax ? "the path is too long for a socket" : "";
    }
    if (!endpoint.starts_with(kTcp)) return "this is no endpoint";
    const std::string_view address = endpoint.substr(kTcp.size());
    if (address.find_first_of(";/ ") != std::string_view::npos) return "this is no address";
    const std::size_t colon = address.rfind(':');
    if (colon == std::string_view::npos || address.ends_with(']')) return "it has no port";
    if (colon == 0) return "it has no address";
    return portTrouble(address.substr(colon + 1));
}

}  // namespace

Status checkEndpoint(const std::string& what, const std::string& endpoint)
{
    const std::string cause = trouble(endpoint);
    if (cause.empty()) return {};
    return Error{Errc::kInvalid, what + " " + endpoint + ": " + cause
                                     + ": give a port or a path, like tcp://127.0.0.1:7070 or "
                                       "ipc:///path/to/socket"};
}

}  // namespace foreshard
