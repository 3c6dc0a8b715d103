#pragma once
// PosixFile is the File of env/real; AppendHelper is the thread that writes for it. Internal to
// PosixDisk.
#include "engine/env/env.h"
#include "engine/env/real/unique_fd.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace foreshard {

// One open file as its handle and its helper share it. Lives until the last queued append is done,
// even when the handle is gone before.
struct FileState {
    FileState(std::string filePath, UniqueFd file, OpenMode openMode, std::uint64_t size);

    const std::string path;
    const UniqueFd fd;
    const OpenMode mode;

    std::mutex mutex;  // guards the three below
    std::uint64_t accepted;
    std::uint32_t pending = 0;
    std::optional<Error> failure;  // the first one; stays

    // Touched by the helper, or by truncate() while nothing is pending.
    std::uint64_t written;
    std::uint64_t durable;  // by a sync of this handle, or there before it
    std::uint64_t cacheDropped;
};

// One append on its way.
struct AppendJob {
    std::shared_ptr<FileState> file;
    Bytes data;
    bool sync = false;
    Strand* strand = nullptr;
    File::Done done;
};

// Writes the appends of the files bound to it, in order. Everything queued for one file while the
// last sync ran is written together and made durable by one fdatasync (group commit).
class AppendHelper {
public:
    explicit AppendHelper(std::string threadName);
    // Finishes what is queued.
    ~AppendHelper();
    AppendHelper(const AppendHelper&) = delete;
    AppendHelper& operator=(const AppendHelper&) = delete;

    // Any thread. The thread starts with the first append. After stop() the append fails.
    void post(AppendJob job);
    void stop();

private:
    void run();

    const std::string threadName_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<AppendJob> queue_;
    bool stopping_ = false;
    std::thread thread_;
};

class PosixFile final : public File {
public:
    PosixFile(std::shared_ptr<FileState> state, std::shared_ptr<AppendHelper> helper);

    const std::string& path() const override;
    // Counts what append() took, written yet or not; after a failure, what is in the file. A file
    // opened for reading is asked each time, as another process may let it grow.
    std::uint64_t size() const override;
    Result<Bytes> read(std::uint64_t position, std::size_t length) const override;
    void append(Bytes data, bool sync, Strand& strand, Done done) override;
    Status truncate(std::uint64_t size) override;

private:
    std::shared_ptr<FileState> state_;
    std::shared_ptr<AppendHelper> helper_;
};

}  // namespace foreshard
