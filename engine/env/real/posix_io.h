#pragma once
// The few system calls on files that everything in env/real shares, with their loops and their
// words for errors. Any thread; no state.
#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/env/real/unique_fd.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace foreshard {

// "what path: cause: next step" for an errno value.
Error posixError(int error, const std::string& what, const std::string& path);

// The folder a path lies in; "." for a bare name.
std::string folderOf(const std::string& path);

// open() with O_CLOEXEC and mode 0640, repeated when interrupted. Folders are refused.
Result<UniqueFd> openFile(const std::string& path, int flags, const std::string& what);

// The same for a file that is read again: a device, a pipe or a socket is refused (kInvalid), at
// once.
Result<UniqueFd> openRegular(const std::string& path, int flags, const std::string& what);

// The same for a file of the program's own: a symbolic link in its place, or a file of another
// user's, is refused (kReadOnly), and whatever the umask nobody else may read it.
Result<UniqueFd> openPrivate(const std::string& path, int flags, const std::string& what);
// kReadOnly names a folder between `root`, which ends in "/", and the file `path` below it that is
// a symbolic link.
Status refuseLinks(const std::string& root, const std::string& path);

// Writes all of `data` at `position`. On an error a part of it may be in the file.
Status writeAt(int fd, BytesView data, std::uint64_t position, const std::string& path);

// Reads until `length` bytes or the end of the file.
Result<Bytes> readAt(int fd, std::uint64_t position, std::size_t length, const std::string& path);

// Who has written its number into a lock file: "process 1234", or "another process".
std::string lockHolderText(int fd, const std::string& path);

Result<std::uint64_t> sizeOf(int fd, const std::string& path);

Status syncData(int fd, const std::string& path);

Status syncFolder(const std::string& folder);

}  // namespace foreshard
