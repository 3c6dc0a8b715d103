#pragma once
// The only doors to the outside. Engine code sees time, disk, network and chance through these
// interfaces alone; env/real opens them on threads, files and ZeroMQ, sim/ on a seeded virtual
// world.
#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace foreshard {

// Runs tasks one at a time, in order. An object lives on one strand for its whole life.
class Strand {
public:
    using Task = std::function<void()>;

    virtual ~Strand() = default;
    // Monotonic. Within one task of the simulation it stands still but for spend().
    virtual Instant now() const = 0;
    // For people's eyes only.
    virtual WallMillis wallNow() const = 0;
    // Any thread may post. Tasks posted from one thread run in the order posted.
    virtual void post(Task task) = 0;
    virtual void postAfter(Nanos delay, Task task) = 0;
    // Uses up `cost` of this strand's time: real work in env/real (busy or waiting), virtual in
    // sim.
    virtual void spend(Nanos cost, bool busy) = 0;
};

// One open file that only grows at its end. Reads are synchronous (recovery, replay, tools);
// durable appends are not, so that a sync never stalls a strand.
class File {
public:
    using Done = std::function<void(Status)>;

    virtual ~File() = default;
    virtual const std::string& path() const = 0;
    // Bytes written so far, durable or not.
    virtual std::uint64_t size() const = 0;
    // Exactly `length` bytes, or fewer at the end of the file.
    virtual Result<Bytes> read(std::uint64_t position, std::size_t length) const = 0;
    // Appends `data`, makes everything appended so far durable when `sync`, then posts
    // done(status) to `strand`. Calls complete in order. After the first failure every later call
    // fails with the same error: a failed sync must never be retried on the same file.
    virtual void append(Bytes data, bool sync, Strand& strand, Done done) = 0;
    // Cuts the file and makes that durable. REQUIRES: no append under way.
    virtual Status truncate(std::uint64_t size) = 0;
};

// Bytes that arrive: a file being read, or a pipe.
class Input {
public:
    struct Chunk {
        Bytes data;
        bool end = false;  // the input ends here for now; a file that grows may have more later
    };
    virtual ~Input() = default;
    // Never blocks longer than a disk read; an empty chunk without `end` means "nothing yet".
    // Files read at `position`; pipes ignore it and go on.
    virtual Result<Chunk> read(std::uint64_t position, std::size_t lengthMax) = 0;
    virtual bool seekable() const = 0;
    // Whether the path it was opened by leads to another file by now, or to none.
    virtual bool moved() { return false; }
};

enum class OpenMode : std::uint8_t {
    kRead,
    kAppend,
    kCreate
};

// Paths are plain strings below a root the caller chose. All calls are synchronous; none is made on
// a record's path except through File::append.
class Disk {
public:
    virtual ~Disk() = default;
    virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
    // "-" is standard input.
    virtual Result<std::unique_ptr<Input>> openInput(const std::string& path) = 0;
    // Names (not paths) of the files and folders in `directory`, sorted; empty when it is absent.
    virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
    virtual Status createDirectories(const std::string& directory) = 0;
    // Removes a file; absent is not an error. Durable after the next syncDirectory().
    virtual Status remove(const std::string& path) = 0;
    // Replaces `path` with `data` wholly or not at all, durably (tmp, sync, rename, sync folder).
    virtual Status writeWhole(const std::string& path, BytesView data) = 0;
    virtual Result<Bytes> readWhole(const std::string& path) = 0;
    virtual Status syncDirectory(const std::string& directory) = 0;
    // Held until the returned object goes; kBusy (naming the holder) when another process has it.
    virtual Result<std::shared_ptr<void>> lock(const std::string& path) = 0;
    virtual Result<std::uint64_t> freeBytes(const std::string& path) = 0;
};

// Datagrams between named places ("control", "edge", "node/3", "predictor", "peer:..."). A message
// may be lost, late, doubled or out of order; whoever sends must cope.
class Network {
public:
    using Handler = std::function<void(const std::string& from, Bytes message)>;

    virtual ~Network() = default;
    // Messages for `name` run `handler` on `strand`, until close(name). One owner per name.
    virtual Status open(const std::string& name, Strand& strand, Handler handler) = 0;
    // After it returns no further handler of `name` starts (call it on the strand of the handler).
    virtual void close(const std::string& name) = 0;
    // Never blocks; drops the message when the way is full or nobody is there.
    virtual void send(const std::string& from, const std::string& to, Bytes message) = 0;
};

class Random {
public:
    virtual ~Random() = default;
    virtual std::uint64_t next() = 0;
};

// What one component gets: its own strand, and the shared doors.
struct Env {
    Strand& strand;
    Disk& disk;
    Network& network;
    Random& random;
};

// Guards callbacks that may outlive their object: `lifetime_.guard([this] {...})` does nothing once
// the owner is gone. Owner and callback live on the same strand, so there is no race.
class Lifetime {
public:
    template <class F>
    auto guard(F function) const
    {
        return [alive = std::weak_ptr<int>(token_),
                function = std::move(function)](auto&&... args) mutable {
            if (alive.lock()) function(std::forward<decltype(args)>(args)...);
        };
    }

private:
    std::shared_ptr<int> token_ = std::make_shared<int>(0);
};

}  // namespace foreshard
