#pragma once
// The Disk of env/real: POSIX files, every one opened close-on-exec, new ones with mode 0640.
// Paths are absolute or relative to the working directory of the process. Any thread may call.
// Appends run on four helper threads, each file bound to one of them; see posix_file.h.
// Stop the strands first, then destroy the disk (it finishes what is queued), then the strands.
#include "engine/env/env.h"
#include "engine/env/real/unique_fd.h"

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace foreshard {

class AppendHelper;

class PosixDisk final : public Disk {
public:
    PosixDisk();
    ~PosixDisk() override;
    PosixDisk(const PosixDisk&) = delete;
    PosixDisk& operator=(const PosixDisk&) = delete;

    // What lies below `folder` is the program's own: there no symbolic link is followed, no file of
    // another user is taken, and new files and folders are for the owner alone. Before the first
    // strand uses the disk.
    void keepPrivate(std::string folder);

    // kAppend wants the file to exist; kCreate makes it durably or opens the one that is there.
    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
    // Also takes FIFOs and devices, which are read like pipes.
    Result<std::unique_ptr<Input>> openInput(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& directory) override;
    // Durable: each new folder is synced into its parent.
    Status createDirectories(const std::string& directory) override;
    Status remove(const std::string& path) override;
    Status writeWhole(const std::string& path, BytesView data) override;
    Result<Bytes> readWhole(const std::string& path) override;
    Status syncDirectory(const std::string& directory) override;
    // The file stays when the lock goes: removing it would let two processes hold "the" lock.
    Result<std::shared_ptr<void>> lock(const std::string& path) override;
    // What a process without special rights may still use.
    Result<std::uint64_t> freeBytes(const std::string& path) override;

private:
    static constexpr std::size_t kHelpers = 4;

    bool isPrivate(const std::string& path) const;
    Result<UniqueFd> openHere(const std::string& path, int flags, const std::string& what) const;
    Status writeTemporary(const std::string& path, BytesView data) const;

    std::array<std::shared_ptr<AppendHelper>, kHelpers> helpers_;
    std::atomic<std::size_t> filesOpened_{0};
    std::string private_;  // ends in "/"; empty: nothing is
};

}  // namespace foreshard
