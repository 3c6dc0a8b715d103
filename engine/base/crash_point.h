#pragma once
// Named places in the path of the data where a test makes the process end itself, so that every
// step of a write, a sync or an answer is once the last thing a process ever did. Off: one load and
// one branch that is never taken. On (FORESHARD_CRASH_AT=point:n, see armCrashPoint): the n-th
// passing of that point kills the process as `kill -9` would, or stops it.
//
// The one mutable global of the engine, because a point has no object to belong to; it is written
// once, by main(), before any thread exists.
#include "engine/base/result.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace foreshard {

struct CrashPointName {
    std::string_view name;
    std::string_view where;  // what has been done, and what has not, when it is passed
};

// Every point there is. tests/e2e/tst_crash_points kills a process at each of them.
inline constexpr auto kCrashPoints = std::to_array<CrashPointName>({
    {"write.before", "a file is about to be appended to"},
    {"write.half", "half of the bytes of an append are in the file"},
    {"write.after", "an append is in the file and not synced"},
    {"sync.before", "a file is about to be synced"},
    {"sync.after", "a file is synced, nobody has been told"},
    {"truncate.before", "a torn end is about to be cut off"},
    {"truncate.after", "a torn end is cut off and not synced"},
    {"create.before", "a file that may be new is about to be opened"},
    {"create.after", "a new file is there, its folder not synced"},
    {"remove.before", "a file is about to be removed"},
    {"remove.after", "a file is removed, its folder not synced"},
    {"rename.before", "a whole new file is written and synced under another name"},
    {"rename.after", "a whole new file has its name, its folder is not synced"},
    {"folder.create.after", "new folders are there and not synced"},
    {"folder.sync.before", "a folder is about to be synced"},
    {"folder.sync.after", "a folder is synced"},
    {"source.taken", "records were read and are in no buffer box"},
    {"batch.appended", "a batch is handed to the buffer boxes"},
    {"batch.durable", "a batch is durable, nothing of it is delivered"},
    {"batch.delivered", "a durable batch was offered to the subscribers"},
    {"frame.send", "a frame is about to be sent to its node"},
    {"subscribe.received", "a node has subscribed and is not answered"},
    {"applied.received", "a node's confirmation has arrived"},
    {"box.truncate.before", "frames behind a checkpoint are about to be given up"},
    {"box.truncate.after", "frames behind a checkpoint are given up"},
    {"box.seal", "a full segment is about to get its index"},
    {"frame.apply.before", "a frame has arrived and is not in the state"},
    {"frame.apply.after", "a frame is in the state and not confirmed"},
    {"applied.sent", "a frame is confirmed"},
    {"restore.before", "a shard is about to be restored"},
    {"restore.after", "a shard is restored and has subscribed"},
    {"checkpoint.store.before", "a shard's state is packed and not stored"},
    {"checkpoint.store.after", "a checkpoint is durable and not announced"},
    {"checkpoint.announced", "a checkpoint is announced to control"},
    {"checkpoint.committed", "the node hears that its checkpoint is listed"},
    {"released.sent", "a shard's last checkpoint before a move is listed, and its node says so"},
    {"control.commit.before", "entries are about to be written to the control log"},
    {"control.commit.after", "entries of the control log are durable, nobody knows"},
    {"committed.sent", "the node is told that its checkpoint is listed"},
    {"truncate.sent", "the edge is told what it may give up"},
    {"assign.sent", "a node is told to take a shard over"},
    {"release.sent", "a node is told to let a shard go"},
    {"routes.sent", "the edge is told the owners"},
});

// Made from a literal while compiling; a name that is not in the table does not compile.
class CrashPoint {
public:
    template <std::size_t kSize>
    consteval CrashPoint(const char (&name)[kSize])  // NOLINT(google-explicit-constructor)
        : index_(indexOf({name, kSize - 1}))
    {
    }
    std::uint32_t index() const { return index_; }

private:
    static consteval std::uint32_t indexOf(std::string_view name)
    {
        for (std::uint32_t i = 0; i < kCrashPoints.size(); ++i) {
            if (kCrashPoints[i].name == name) return i;
        }
        throw "this crash point is not in the table";
    }

    std::uint32_t index_;
};

inline constexpr std::uint32_t kNoCrashPoint = ~0U;
inline constinit std::atomic<std::uint32_t> armedCrashPoint{kNoCrashPoint};

// Counts the passing, and ends or stops the process when it is the one asked for.
void passArmedCrashPoint();

// Is this the armed one? For places that must do something in halves before they can be hit.
inline bool crashPointArmed(CrashPoint point)
{
    return armedCrashPoint.load(std::memory_order_relaxed) == point.index();
}

// Any thread.
inline void crashPoint(CrashPoint point)
{
    if (crashPointArmed(point)) [[unlikely]]
        passArmedCrashPoint();
}

// "point:n" kills at the n-th passing, "point:n:stop" stops the process there until SIGCONT; n
// counts from 1 over all threads. kInvalid lists the points. REQUIRES: no other thread runs.
Status armCrashPoint(std::string_view words);

}  // namespace foreshard
