#pragma once
// The thread that owns the receiving sockets of a ZmqNetwork: the inproc pipe of each opened name,
// the listening and the dialing sockets. Internal to ZmqNetwork; the constructor throws
// zmq::error_t.
#include "engine/env/env.h"

#include <zmq.hpp>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace foreshard {

inline constexpr std::uint32_t kNameMessagesMax = 100'000;
inline constexpr char kPeerPrefix[] = "peer:";

// Turns a ZeroMQ error into ours: "what endpoint: cause: next step".
Error zmqError(const zmq::error_t& error, const std::string& what, const std::string& endpoint);

// Limits that every socket between processes gets.
void setPeerLimits(zmq::socket_t& socket);

// Where the messages of one opened name end: a handler on a strand.
struct Mailbox {
    Strand* strand = nullptr;
    // Touched on the strand only; empty once closed.
    std::shared_ptr<Network::Handler> handler;
    // Posted to the strand and not run yet.
    std::atomic<std::uint32_t> waiting{0};
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
    Status addRouter(const std::string& endpoint, const std::string& deliverTo);
    Status addDealer(zmq::socket_t socket, const std::string& as, const std::string& deliverTo);
    // Sends to a "peer:" or a dialed name; drops when 10000 are already under way to this thread.
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

    zmq::context_t& context_;
    const Lookup lookup_;

    std::mutex workMutex_;  // guards the three below
    std::deque<Work> work_;
    bool wakeSent_ = false;
    zmq::socket_t wakeSender_;
    std::atomic<std::uint32_t> forwarding_{0};

    // Receiver thread only.
    zmq::socket_t wakeReceiver_;
    std::vector<Port> ports_;
    bool portsChanged_ = true;
    bool running_ = true;

    std::thread thread_;
};

}  // namespace foreshard
