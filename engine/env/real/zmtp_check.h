#pragma once
// ZmtpCheck follows what a peer sends, frame by frame (ZMTP 3, https://rfc.zeromq.org/spec/23), and
// says when ZeroMQ must not see it: ZeroMQ bounds the parts of a message, not how many parts an
// unfinished one may have, so a message of several parts has no place here. Pure.
#include "engine/base/bytes.h"

#include <array>
#include <cstdint>

namespace foreshard {

class ZmtpCheck {
public:
    static constexpr std::uint64_t kCommandBytesMax = 64U << 10U;

    explicit ZmtpCheck(std::uint64_t messageBytesMax) : messageBytesMax_(messageBytesMax) {}

    // What follows in the stream, cut anywhere. False once the connection is to be ended: an older
    // version, a message of several parts or over the limit, or no ZMTP at all.
    bool take(BytesView bytes);

private:
    static constexpr std::size_t kGreetingBytes = 64;
    static constexpr std::size_t kHeadBytesMax = 9;

    bool takeGreeting(BytesView& bytes);
    bool takeHead(BytesView& bytes);

    std::uint64_t messageBytesMax_;
    std::size_t greeted_ = 0;     // bytes of the greeting
    std::uint64_t bodyLeft_ = 0;  // of the frame under way
    std::size_t headBytes_ = 0;   // of the next frame's head, in head_
    std::array<unsigned char, kHeadBytesMax> head_{};
};

}  // namespace foreshard
