#include "engine/simulation/explained_disk.h"

#include <utility>

namespace foreshard::sim {
namespace {

std::string outcome(const Status& status)
{
    return status.ok() ? "" : ": failed: " + status.error().message;
}

std::string bytes(std::uint64_t count) { return std::to_string(count) + " bytes"; }

class ExplainedFile final : public File {
public:
    ExplainedFile(std::unique_ptr<File> file, ExplainedDisk::Say say)
        : file_(std::move(file)), say_(std::move(say))
    {
    }

    const std::string& path() const override { return file_->path(); }
    std::uint64_t size() const override { return file_->size(); }
    Result<Bytes> read(std::uint64_t position, std::size_t length) const override
    {
        Result<Bytes> data = file_->read(position, length);
        say_("read " + path() + " at " + std::to_string(position) + ", " + bytes(length)
             + outcome(data.ok() ? Status{} : Status(data.error())));
        return data;
    }
    void append(Bytes data, bool sync, Strand& strand, Done done) override
    {
        const std::string what = path() + " at " + std::to_string(size()) + ", "
                                 + bytes(data.size()) + (sync ? " and sync" : "");
        say_("append to " + what);
        file_->append(std::move(data), sync, strand,
                      [say = say_, what, done = std::move(done)](const Status& status) {
                          say("appended to " + what + outcome(status));
                          done(status);
                      });
    }
    Status truncate(std::uint64_t size) override
    {
        const Status status = file_->truncate(size);
        say_("cut " + path() + " to " + bytes(size) + outcome(status));
        return status;
    }

private:
    std::unique_ptr<File> file_;
    ExplainedDisk::Say say_;
};

}  // namespace

Result<std::unique_ptr<File>> ExplainedDisk::open(const std::string& path, OpenMode mode)
{
    FS_TRY(std::unique_ptr<File> file, disk_.open(path, mode));
    if (mode == OpenMode::kCreate) say_("create " + path);
    return std::unique_ptr<File>(std::make_unique<ExplainedFile>(std::move(file), say_));
}

Result<std::unique_ptr<Input>> ExplainedDisk::openInput(const std::string& path)
{
    return disk_.openInput(path);
}

Result<std::vector<std::string>> ExplainedDisk::list(const std::string& directory)
{
    return disk_.list(directory);
}

Status ExplainedDisk::createDirectories(const std::string& directory)
{
    return disk_.createDirectories(directory);
}

Status ExplainedDisk::remove(const std::string& path)
{
    const Status status = disk_.remove(path);
    say_("remove " + path + outcome(status));
    return status;
}

Status ExplainedDisk::writeWhole(const std::string& path, BytesView data)
{
    const Status status = disk_.writeWhole(path, data);
    say_("replace " + path + ", " + bytes(data.size()) + outcome(status));
    return status;
}

Result<Bytes> ExplainedDisk::readWhole(const std::string& path)
{
    Result<Bytes> data = disk_.readWhole(path);
    say_("read " + path + (data.ok() ? ", " + bytes(data->size()) : outcome(data.error())));
    return data;
}

Status ExplainedDisk::syncDirectory(const std::string& directory)
{
    const Status status = disk_.syncDirectory(directory);
    say_("sync folder " + directory + outcome(status));
    return status;
}

Result<std::shared_ptr<void>> ExplainedDisk::lock(const std::string& path)
{
    return disk_.lock(path);
}

Result<std::uint64_t> ExplainedDisk::freeBytes(const std::string& path)
{
    return disk_.freeBytes(path);
}

}  // namespace foreshard::sim
