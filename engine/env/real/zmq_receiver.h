#pragma once
// The thread that owns the receiving sockets of a ZmqNetwork: the inproc pipe of each opened name,
// the listening and the dialing sockets. Internal to ZmqNetwork; the constructor throws
// zmq::error_t.
#include "engine/env/env.h"
#include "engine/env/real/zmq_network.h"

#include <zmq.hpp>

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace foreshard {

inline constexpr std::uint32_t kNameMessagesMax = 100'000;
inline constexpr std::uint64_t kNameBytesMax = 256U << 20U;
inline constexpr char kPeerPrefix[] = "peer:";

// Turns a ZeroMQ error into ours: "what endpoint: cause: next step".
Error zmqError(const zmq::error_t& error, const std::string& what, const std::string& endpoint);

// Limits that every socket between processes gets.
void setPeerLimits(zmq::socket_t& socket, const PeerBounds& bounds);

// The bytes that came in at one endpoint and whose handlers have not begun. Any thread.
class PeerQueue {
public:
    explicit PeerQueue(const PeerBounds& bounds) : bounds_(bounds) {}
    // False: no room for it, drop it. Else give() it back in time.
    bool take(const std::string& peer, std::uint64_t bytes);
    void give(const std::string& peer, std::uint64_t bytes);
    bool empty();

private:
    const PeerBounds bounds_;
    std::mutex mutex_;  // guards the two below
    std::map<std::string, std::uint64_t> ofPeer_;
    std::uint64_t ofAll_ = 0;
};

// Where the messages of one opened name end: a handler on a strand.
struct Mailbox {
    Strand* strand = nullptr;
    // Touched on the strand only; empty once closed.
    std::shared_ptr<Network::Handler> handler;
    // Posted to the strand and not run yet.
    std::atomic<std::uint32_t> waiting{0};
    std::atomic<std::uint64_t> waitingBytes{0};
};

class ZmqReceiver {
public:
    // Finds the mailbox of an opened name, or nothing. Called on the receiver thread.
    using Lookup = std::function<std::shared_ptr<Mailbox>(const std::string& name)>;

    ZmqReceiver(zmq::context_t& context, Lookup lookup);
    ~ZmqReceiver();
    ZmqReceiver(const ZmqReceiver&) = delete;
    ZmqReceiver& operator=(const ZmqReceiver&) = delete;

    // Any thread. Those with a Status wait for the receiver thread.
    Status addMailbox(const std::string& address, std::shared_ptr<Mailbox> mailbox);
    void removeMailbox(const std::string& address);
    Status addRouter(const std::string& endpoint, const std::string& deliverTo,
                     const PeerBounds& bounds);
    Status addDealer(zmq::socket_t socket, const std::string& as, const std::string& deliverTo);
    // Sends to a "peer:" or a dialed name; drops when 10000 or 256 MiB are already under
    // way to this thread.
    void forward(const std::string& to, Bytes message);

private:
    enum class Kind : std::uint8_t {
        kMailbox,
        kRouter,
        kDealer
    };
    // A socket and what happens to its messages; receiver thread only.
    struct Port {
        Kind kind;
        std::string name;       // address of a mailbox, endpoint of a router, name of a dealer
        std::string deliverTo;  // of routers and dealers
        std::shared_ptr<Mailbox> mailbox;
        zmq::socket_t socket;
        std::shared_ptr<PeerQueue> queue = nullptr;  // of a router
    };
    using Work = std::function<void()>;

    bool postWork(Work work);
    Status runOnThread(std::function<Status()> work);
    void run();
    void runWork();
    void drain(Port& port);
    bool receiveOne(Port& port);
    void forwardNow(const std::string& to, const Bytes& message);
    void deliverToName(const std::string& name, std::string from, Bytes message);
    void deliverFromPeer(const Port& port, std::string from, Bytes message);
    // After a burst from outside the memory of its messages goes back to the system.
    void giveMemoryBack();

    zmq::context_t& context_;
    const Lookup lookup_;

    std::mutex workMutex_;  // guards the three below
    std::deque<Work> work_;
    bool wakeSent_ = false;
    zmq::socket_t wakeSender_;
    std::atomic<std::uint32_t> forwarding_{0};
    std::atomic<std::uint64_t> forwardingBytes_{0};

    // Receiver thread only.
    zmq::socket_t wakeReceiver_;
    std::vector<Port> ports_;
    bool portsChanged_ = true;
    bool running_ = true;
    std::chrono::steady_clock::time_point lastTrim_;
    std::uint64_t burstBytes_ = 0;  // came in since memory was given back

    std::thread thread_;
};

}  // namespace foreshard
