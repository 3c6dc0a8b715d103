#pragma once
// The Network of env/real: ZeroMQ within the process (inproc) and between processes (ipc, tcp).
// One object per process, as ZeroMQ wants one context per process. Any thread may call.
//
// Within the process every opened name has its own inproc pipe of at most 100000 messages, and at
// most as many, and 256 MiB, wait on its strand; what is above is dropped. Between processes a
// message is one part of at most 64 MiB; bigger ones are dropped. The peer does not learn the
// sender's name: the listening side calls it "peer:<hex>", the dialing side calls the other one as
// it chose. A peer that dials again gets a new "peer:" name. Peers are not authenticated: whoever
// can reach the endpoint can talk, so ipc sockets are open to their owner only, and tcp is for this
// machine's own address alone.
//
// Stop the strands before the destructor; it ends the receiver thread, closes the sockets, removes
// the ipc files and ends the context. Errors of ZeroMQ never leave as exceptions.
#include "engine/env/env.h"

#include <memory>
#include <optional>
#include <string>

namespace foreshard {

// What whoever comes in at one endpoint may fill; what is above is dropped, and a message that is
// too long ends the connection.
struct PeerBounds {
    std::uint64_t messageBytesMax = 64U << 20U;
    int messagesMax = 10'000;                       // that ZeroMQ keeps for each peer, one way
    std::uint64_t waitingBytesOfOne = 128U << 20U;  // for their handler
    std::uint64_t waitingBytesOfAll = 256U << 20U;
};

class ZmqNetwork final : public Network {
public:
    ZmqNetwork();
    ~ZmqNetwork() override;
    ZmqNetwork(const ZmqNetwork&) = delete;
    ZmqNetwork& operator=(const ZmqNetwork&) = delete;

    // kBusy when the name is open already. A name may be opened again after close().
    Status open(const std::string& name, Strand& strand, Handler handler) override;
    void close(const std::string& name) override;
    // To an opened name, a dialed name, or a "peer:<hex>" heard from.
    void send(const std::string& from, const std::string& to, Bytes message) override;

    // Takes peers at "ipc://path", "tcp://127.0.0.1:port" (or another address of the
    // loopback, in digits), "tcp://localhost:port" or "inproc://name".
    // What they send goes to the opened name `deliverTo`, from "peer:<hex>". An ipc file nobody
    // answers at is replaced; kBusy when somebody does or the port is taken.
    Status listen(const std::string& endpoint, const std::string& deliverTo,
                  const PeerBounds& bounds = {});
    // Messages to the name `as` go to whoever listens at `endpoint`; what comes back goes to
    // `deliverTo`, from `as`. Waits up to 250 ms for the peer, so that a first message is not
    // lost, and is ok without it: it is tried again every 50 ms to 1 s for ever. Messages sent
    // while there is no connection are dropped.
    Status dial(const std::string& endpoint, const std::string& as, const std::string& deliverTo);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;       // empty when ZeroMQ could not start; then
    std::optional<Error> startError_;  // each call that can fail returns this
};

}  // namespace foreshard
