#pragma once
// How an endpoint is written, wherever one is given. Whether it may be listened at, or anybody is
// there, the network finds out.
#include "engine/base/result.h"

#include <string>

namespace foreshard {

// "ipc:///path", "ipc://@name", "tcp://host:port" with a port of 1 to 65535, or "inproc://name".
// kInvalid otherwise; `what` begins the message: "listen at", "--connect".
Status checkEndpoint(const std::string& what, const std::string& endpoint);

}  // namespace foreshard
