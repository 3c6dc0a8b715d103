#pragma once
// PeerDoor takes the connections of outside peers in ZeroMQ's place and passes on what ZmtpCheck
// lets through, to a ZeroMQ socket that nobody else can reach. ZeroMQ itself ends the process when
// connections use up the file descriptors, and bounds no message of many parts.
//
// Bounded: connectionsMax() at a time, further ones are closed at once; kBufferBytes each way for
// each of them. A peer that is not read from waits; one that reads nothing is ended by ZeroMQ's
// heartbeat. One thread for all.
#include "engine/base/result.h"
#include "engine/env/real/unique_fd.h"
#include "engine/env/real/zmtp_check.h"

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace foreshard {

class PeerDoor {
public:
    static constexpr std::size_t kBufferBytes = std::size_t{64} << 10U;
    static constexpr std::size_t kConnectionsMost = 128;

    // What the limit of open files leaves room for, at most kConnectionsMost.
    static std::size_t connectionsMax();
    // A socket that listens at "ipc://path", "ipc://@name" or "tcp://address:port" (digits).
    // Throws zmq::error_t with the system's reason.
    static UniqueFd listenAt(const std::string& endpoint);

    // `inner`: the abstract local socket ("name" without its 0) that ZeroMQ listens at.
    PeerDoor(UniqueFd listener, std::string inner, std::uint64_t messageBytesMax);
    ~PeerDoor();
    PeerDoor(const PeerDoor&) = delete;
    PeerDoor& operator=(const PeerDoor&) = delete;

private:
    struct Way {
        Bytes waiting;  // read from one side, not written to the other yet
        bool ended = false;
    };
    struct Connection {
        UniqueFd peer;
        UniqueFd inner;
        ZmtpCheck check;
        Way in;   // from the peer
        Way out;  // to it
        bool over = false;
    };

    void run();
    void acceptAll();
    UniqueFd connectInner() const;
    static void move(Connection& connection, short peerEvents, short innerEvents);

    UniqueFd listener_;
    std::string inner_;
    std::uint64_t messageBytesMax_;
    std::size_t connectionsMax_;
    UniqueFd wake_;
    std::vector<std::unique_ptr<Connection>> connections_;  // of the thread
    bool full_ = false;                                     // of descriptors: accepts later
    std::thread thread_;
};

}  // namespace foreshard
