#pragma once
// Engine and sink in two processes know each other by a key. The engine makes it from its data
// directory's secret; the sink keeps it in FILE.identity. Every message between them carries a
// proof of the key, another one each way, so whoever can reach the endpoint but has not the key is
// refused by both. The key itself goes over once, from an engine that no sink has answered yet to
// a sink that has none ("first contact"); after that a sink gets it from its operator alone
// (`foreshard sink --identity`). Knows no message.
#include "engine/base/log.h"
#include "engine/env/env.h"

#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace foreshard {

inline constexpr std::size_t kSinkKeyBytes = 32;

enum class SinkWay : char {
    kToSink = '>',
    kToEngine = '<'
};

Bytes newSinkSecret();
// REQUIRES: a secret of kSinkKeyBytes.
Bytes sinkKeyOf(const Bytes& secret);
// The message with its proof behind it.
Bytes withProof(const Bytes& key, SinkWay way, Bytes message);
// The message alone; nothing when the proof does not hold.
std::optional<Bytes> proven(const Bytes& key, SinkWay way, BytesView message);

// The engine's side: between its parts and the network.
class EngineSinkDoor final : public Network {
public:
    struct Options {
        Bytes key;
        bool paired = false;  // a sink has answered with a proof; the key is never sent again
        std::function<Status()> onPaired;  // write that down; on the strand of "control"
        // Is this answer one of a sink that takes what it is sent?
        std::function<bool(const Bytes& message)> accepts;
    };
    EngineSinkDoor(Network& network, Options options);

    Status open(const std::string& name, Strand& strand, Handler handler) override;
    void close(const std::string& name) override;
    void send(const std::string& from, const std::string& to, Bytes message) override;

private:
    bool heard(const Bytes& message);

    Network& network_;
    Options options_;
    std::atomic<bool> paired_;
};

// The sink's side.
class SinkDoor final : public Network {
public:
    static constexpr std::size_t kStrangersMax = 64;

    struct Options {
        Bytes key;  // empty: the first engine heard gives it
        std::function<Status(const Bytes& key)> onFirstContact;  // write it down
        // What an engine with another key is told instead of what it asks for; empty: nothing.
        std::function<Bytes(const Bytes& message)> refusal;
        LogSink log;
    };
    SinkDoor(Network& network, Options options);

    Status open(const std::string& name, Strand& strand, Handler handler) override;
    void close(const std::string& name) override;
    void send(const std::string& from, const std::string& to, Bytes message) override;

private:
    // What the sink may read; nothing when it is not for it.
    std::optional<Bytes> heard(const std::string& self, const std::string& from,
                               const Bytes& message);
    void greeted(const std::string& from, const Bytes& key);
    void say(const char* text);

    Network& network_;
    Options options_;                         // of the strand of "sink", as the rest
    std::map<std::string, Bytes> strangers_;  // the keys they came with
    bool said_ = false;
};

}  // namespace foreshard
