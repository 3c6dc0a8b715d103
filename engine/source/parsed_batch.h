#pragma once
// Records cut from a source, together with the bytes they point into.
#include "engine/base/bytes.h"
#include "engine/model/record.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

namespace foreshard {

// Owns bytes at addresses that stay where they are until it goes, also when it is moved.
class ByteArena {
public:
    ByteArena() = default;
    ByteArena(ByteArena&& other) noexcept
        : blocks_(std::move(other.blocks_)),
          free_(std::exchange(other.free_, nullptr)),
          left_(std::exchange(other.left_, 0))
    {
    }
    ByteArena& operator=(ByteArena&& other) noexcept
    {
        blocks_ = std::move(other.blocks_);
        free_ = std::exchange(other.free_, nullptr);
        left_ = std::exchange(other.left_, 0);
        return *this;
    }

    char* allocate(std::size_t size)
    {
        if (size > left_) {
            if (size > kBlockBytes / 4) return grow(size);  // has a block of its own
            free_ = grow(kBlockBytes);
            left_ = kBlockBytes;
        }
        left_ -= size;
        return std::exchange(free_, free_ + size);
    }
    BytesView store(BytesView data)
    {
        if (data.empty()) return {};
        char* const to = allocate(data.size());
        std::memcpy(to, data.data(), data.size());
        return {to, data.size()};
    }

private:
    static constexpr std::size_t kBlockBytes = std::size_t{16} << 10U;

    char* grow(std::size_t size)
    {
        // Not make_unique: the bytes are overwritten anyway.
        blocks_.push_back(std::unique_ptr<char[]>(new char[size]));
        return blocks_.back().get();
    }

    std::vector<std::unique_ptr<char[]>> blocks_;
    char* free_ = nullptr;
    std::size_t left_ = 0;
};

// Move-only; the views in `records` stay valid as long as the batch or what it was moved into.
struct ParsedBatch {
    std::vector<RecordView> records;    // by offset; their `raw` joined is the input
    std::vector<BytesView> pieces;      // that input, as it lies in the arena
    std::vector<std::uint64_t> lines;   // per record: the line it starts on, from 1
    std::uint64_t rejected = 0;         // rejected rows; a row over the limit counts once
    std::uint64_t invalidUtf8 = 0;      // accepted records with invalid UTF-8 outside the key
    std::uint64_t rejectedLines = 0;    // of the rejected rows
    std::uint64_t blankLines = 0;       // kept as rejected records, counted only here
    std::uint64_t timesUnreadable = 0;  // accepted records
    std::array<std::uint64_t, kRejectReasonCount> byReason{};  // adds up to `rejected`
    ByteArena arena;
};

}  // namespace foreshard
