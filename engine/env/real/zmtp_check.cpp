#include "engine/env/real/zmtp_check.h"

#include <algorithm>

namespace foreshard {
namespace {

constexpr unsigned char kSignatureFirst = 0xFF;
constexpr unsigned char kSignatureLast = 0x7F;
constexpr std::size_t kSignatureLastAt = 9;
constexpr std::size_t kMajorVersionAt = 10;
constexpr unsigned char kMajorVersionMin = 3;

constexpr unsigned char kLong = 2;
constexpr unsigned char kCommand = 4;

}  // namespace

bool ZmtpCheck::take(BytesView bytes)
{
    while (!bytes.empty()) {
        if (greeted_ < kGreetingBytes) {
            if (!takeGreeting(bytes)) return false;
        } else if (bodyLeft_ > 0) {
            const auto part = std::min<std::uint64_t>(bodyLeft_, bytes.size());
            bodyLeft_ -= part;
            bytes.remove_prefix(static_cast<std::size_t>(part));
        } else if (!takeHead(bytes)) {
            return false;
        }
    }
    return true;
}

bool ZmtpCheck::takeGreeting(BytesView& bytes)
{
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    const std::size_t at = greeted_++;
    if (at == 0) return byte == kSignatureFirst;
    if (at == kSignatureLastAt) return byte == kSignatureLast;
    return at != kMajorVersionAt || byte >= kMajorVersionMin;
}

bool ZmtpCheck::takeHead(BytesView& bytes)
{
    head_[headBytes_++] = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    const unsigned char flags = head_[0];
    if ((flags & ~static_cast<unsigned>(kLong | kCommand)) != 0)
        return false;  // as of one with more parts
    const std::size_t headBytes = (flags & kLong) != 0 ? kHeadBytesMax : 2;
    if (headBytes_ < headBytes) return true;
    std::uint64_t length = 0;
    for (std::size_t i = 1; i < headBytes; ++i)
        length = length << 8U | head_[i];
    headBytes_ = 0;
    bodyLeft_ = length;
    return length <= ((flags & kCommand) != 0 ? kCommandBytesMax : messageBytesMax_);
}

}  // namespace foreshard
