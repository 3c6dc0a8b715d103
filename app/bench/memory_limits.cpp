#include "app/bench/memory_limits.h"

#include <zmq.hpp>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <thread>
#include <vector>
#include <xxhash.h>

namespace foreshard {
namespace {

constexpr std::size_t kCopyBytes = 256U << 20U;
constexpr std::size_t kRecordBytes = 100;
constexpr std::size_t kCachedRecords = 2'000;
constexpr std::size_t kBatchBytes = 64U << 10U;
constexpr char kEndpoint[] = "inproc://bench";

// Keeps what was computed from being dropped by the compiler.
void keep(const void* memory) { asm volatile("" : : "r"(memory) : "memory"); }

Error zmqRefused(const zmq::error_t& error)
{
    return {Errc::kIo, std::string("measure ZeroMQ: ") + error.what()
                           + ": the process has too few files or too little memory: raise its "
                             "limits"};
}

// Sends for `seconds`, then an empty message; the error if there was one.
std::optional<Error> sendFor(zmq::socket_t& push, double seconds)
{
    const std::vector<char> batch(kBatchBytes, 'b');
    const Meter meter;
    try {
        while (meter.elapsedSeconds() < seconds)
            push.send(zmq::message_t(batch.data(), batch.size()), zmq::send_flags::none);
        push.send(zmq::message_t(), zmq::send_flags::none);
    } catch (const zmq::error_t& error) {
        return zmqRefused(error);
    }
    return std::nullopt;
}

}  // namespace

Round copyMemory(double seconds)
{
    const std::vector<char> from(kCopyBytes, 'f');
    std::vector<char> to(kCopyBytes, 't');
    std::uint64_t blocks = 0;
    const Meter meter;
    do {
        std::memcpy(to.data(), from.data(), kCopyBytes);
        keep(to.data());
        ++blocks;
    } while (meter.elapsedSeconds() < seconds);
    return meter.lap(blocks, blocks * kCopyBytes);
}

Round hashRecords(double seconds)
{
    const std::vector<char> records(kCachedRecords * kRecordBytes, 'r');
    std::uint64_t hashed = 0;
    const Meter meter;
    do {
        for (std::size_t i = 0; i < kCachedRecords; ++i) {
            const XXH64_hash_t hash = XXH3_64bits(records.data() + i * kRecordBytes, kRecordBytes);
            keep(&hash);
        }
        hashed += kCachedRecords;
    } while (meter.elapsedSeconds() < seconds);
    return meter.lap(hashed, hashed * kRecordBytes);
}

Result<Round> sendBatches(double seconds)
{
    try {
        zmq::context_t context;
        zmq::socket_t pull(context, zmq::socket_type::pull);
        pull.bind(kEndpoint);
        zmq::socket_t push(context, zmq::socket_type::push);
        push.connect(kEndpoint);
        // Bounded, should the sender fail without a last message.
        pull.set(zmq::sockopt::rcvtimeo, 5000);
        const Meter meter;
        std::optional<Error> failure;
        std::thread sender([&] { failure = sendFor(push, seconds); });
        std::uint64_t messages = 0;
        std::optional<Error> receiving;
        try {
            zmq::message_t message;
            while (pull.recv(message) && message.size() > 0)
                ++messages;
        } catch (const zmq::error_t& error) {
            receiving = zmqRefused(error);
            pull.close();  // a sender that waits for room would wait for ever
            context.shutdown();
        }
        const Round round = meter.lap(messages, messages * kBatchBytes);
        sender.join();
        if (receiving) return *receiving;
        if (failure) return *failure;
        return round;
    } catch (const zmq::error_t& error) {
        return zmqRefused(error);
    }
}

}  // namespace foreshard
