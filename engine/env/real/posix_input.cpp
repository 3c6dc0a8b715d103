#include "engine/env/real/posix_input.h"

#include "engine/env/real/posix_io.h"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <utility>

namespace foreshard {
namespace {

class FileInput final : public Input {
public:
    FileInput(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

    Result<Chunk> read(std::uint64_t position, std::size_t lengthMax) override
    {
        FS_TRY(Bytes data, readAt(fd_.get(), position, lengthMax, path_));
        const bool end = data.size() < lengthMax;
        return Chunk{std::move(data), end};
    }
    bool seekable() const override { return true; }
    bool moved() override
    {
        struct stat here = {};
        struct stat there = {};
        if (::fstat(fd_.get(), &here) != 0) return false;
        if (::stat(path_.c_str(), &there) != 0) return errno == ENOENT || errno == ENOTDIR;
        return here.st_dev != there.st_dev || here.st_ino != there.st_ino;
    }

private:
    std::string path_;
    UniqueFd fd_;
};

// What cannot be read at a position. `owner` is empty for standard input.
class PipeInput final : public Input {
public:
    PipeInput(std::string name, int fd, UniqueFd owner)
        : name_(std::move(name)), fd_(fd), owner_(std::move(owner))
    {
    }

    Result<Chunk> read(std::uint64_t /*position*/, std::size_t lengthMax) override
    {
        if (lengthMax == 0) return Chunk{};
        pollfd ready{fd_, POLLIN, 0};
        const int count = ::poll(&ready, 1, 0);
        if (count < 0 && errno != EINTR) return posixError(errno, "wait for", name_);
        if (count <= 0) return Chunk{};
        if ((ready.revents & POLLNVAL) != 0) return posixError(EBADF, "read", name_);
        Bytes data(lengthMax, '\0');
        const ssize_t length = ::read(fd_, data.data(), data.size());
        if (length < 0 && (errno == EINTR || errno == EAGAIN)) return Chunk{};
        if (length < 0) return posixError(errno, "read", name_);
        data.resize(static_cast<std::size_t>(length));
        return Chunk{std::move(data), length == 0};
    }
    bool seekable() const override { return false; }

private:
    std::string name_;
    int fd_;
    UniqueFd owner_;
};

}  // namespace

Result<std::unique_ptr<Input>> openPosixInput(const std::string& path)
{
    if (path == "-") {
        struct stat info = {};
        if (::fstat(STDIN_FILENO, &info) != 0) return posixError(errno, "open", "standard input");
        if (S_ISDIR(info.st_mode)) return posixError(EISDIR, "open", "standard input");
        std::unique_ptr<Input> input =
            std::make_unique<PipeInput>("standard input", STDIN_FILENO, UniqueFd{});
        return input;
    }
    // Without O_NONBLOCK a FIFO would wait for its writer here.
    FS_TRY(UniqueFd fd, openFile(path, O_RDONLY | O_NONBLOCK, "open input"));
    struct stat info = {};
    if (::fstat(fd.get(), &info) != 0) return posixError(errno, "open input", path);
    std::unique_ptr<Input> input;
    if (S_ISREG(info.st_mode)) {
        input = std::make_unique<FileInput>(path, std::move(fd));
    } else {
        const int raw = fd.get();
        input = std::make_unique<PipeInput>(path, raw, std::move(fd));
    }
    return input;
}

}  // namespace foreshard
