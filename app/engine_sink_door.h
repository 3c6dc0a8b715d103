#pragma once
// How an engine and a sink in a process of its own know each other, in files: DIR/stream.secret,
// DIR/stream.paired when a sink has the key made from it, and beside the sink's FILE FILE.identity
// with that key.
#include "engine/sink/sink_identity.h"

#include <memory>
#include <string>

namespace foreshard {

// Makes the secret when the data directory has none. REQUIRES: its lock is held.
Result<std::unique_ptr<Network>> openSinkDoor(Network& network, const std::string& dataDirectory);

// `identity`: a stream.secret whose engine is to be the sink's; empty: what FILE.identity says, or
// the first engine heard. REQUIRES: the lock of the sink's file is held, or taken soon.
Result<SinkDoor::Options> sinkIdentity(const std::string& file, const std::string& identity,
                                       LogSink log);

}  // namespace foreshard
