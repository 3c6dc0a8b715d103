#include "engine/env/sim/process_disk.h"

#include "engine/env/sim/sim_disk.h"
#include "engine/env/sim/world.h"

#include <algorithm>
#include <utility>

namespace foreshard::sim {

namespace {

Error crashed(const std::string& task)
{
    return {Errc::kUnavailable, task + ": the process has crashed: start a new one"};
}

Error absent(const std::string& task)
{
    return {Errc::kNotFound, task + ": there is no such file or folder: check the path"};
}

Bytes cutOut(const Bytes& content, std::uint64_t position, std::size_t length)
{
    return position < content.size() ? content.substr(position, length) : Bytes{};
}

Status readFault(World& world, ProcessId process, const std::string& path)
{
    if (process == World::kOwnProcess) return {};
    return world.disk().takeFault(DiskCall::kRead, path);
}

class SimFile final : public File {
public:
    SimFile(World& world, ProcessId process, std::shared_ptr<SimFileState> state, bool writable)
        : world_(world),
          path_(state->path),
          stream_(std::make_shared<AppendStream>()),
          writable_(writable)
    {
        stream_->file = std::move(state);
        stream_->process = process;
    }

    const std::string& path() const override { return path_; }
    std::uint64_t size() const override { return stream_->file->content.size(); }
    Result<Bytes> read(std::uint64_t position, std::size_t length) const override
    {
        FS_TRY_STATUS(readFault(world_, stream_->process, path_));
        return cutOut(stream_->file->content, position, length);
    }
    void append(Bytes data, bool sync, Strand& strand, Done done) override
    {
        if (!world_.alive(stream_->process)) return;
        AppendStream::Append entry{.sync = sync, .strand = &strand, .done = std::move(done)};
        if (!writable_ && !stream_->failed)
            stream_->failed = Error{Errc::kReadOnly, "append to " + path_
                                                         + ": it is open for reading: open it for "
                                                           "appending"};
        world_.disk().append(stream_, data, std::move(entry));
    }
    Status truncate(std::uint64_t size) override
    {
        if (!world_.alive(stream_->process)) return crashed("truncate " + path_);
        FS_CHECK(stream_->appends.empty());
        if (stream_->failed) return *stream_->failed;
        Status status = world_.disk().truncate(*stream_->file, size);
        if (!status) stream_->failed = status.error();
        return status;
    }

private:
    World& world_;
    std::string path_;
    std::shared_ptr<AppendStream> stream_;
    bool writable_;
};

class SimInput final : public Input {
public:
    SimInput(World& world, ProcessId process, std::shared_ptr<SimFileState> state, bool pipe)
        : world_(world), process_(process), state_(std::move(state)), pipe_(pipe)
    {
    }

    Result<Chunk> read(std::uint64_t position, std::size_t lengthMax) override
    {
        FS_TRY_STATUS(readFault(world_, process_, state_->path));
        const std::uint64_t from = pipe_ ? passed_ : position;
        Chunk chunk{.data = cutOut(state_->content, from, lengthMax)};
        passed_ = from + chunk.data.size();
        chunk.end = passed_ >= state_->content.size();
        return chunk;
    }
    bool seekable() const override { return !pipe_; }

private:
    World& world_;
    ProcessId process_;
    std::shared_ptr<SimFileState> state_;
    bool pipe_;
    std::uint64_t passed_ = 0;
};

}  // namespace

Result<std::unique_ptr<File>> ProcessDisk::open(const std::string& path, OpenMode mode)
{
    if (!world_.alive(process_)) return crashed("open " + path);
    SimDisk& disk = world_.disk();
    const std::string name = SimDisk::normal(path);
    if (disk.folderExists(name))
        return Error{Errc::kInvalid, "open " + path + ": it is a folder: name a file"};
    auto state = disk.find(name);
    if (!state && mode == OpenMode::kCreate && disk.folderExists(SimDisk::folderOf(name)))
        state = disk.create(name);
    if (!state) return absent("open " + path);
    return std::unique_ptr<File>(
        std::make_unique<SimFile>(world_, process_, std::move(state), mode != OpenMode::kRead));
}

Result<std::unique_ptr<Input>> ProcessDisk::openInput(const std::string& path)
{
    const std::string name = SimDisk::normal(path);
    if (world_.disk().folderExists(name))
        return Error{Errc::kInvalid, "open " + path + ": it is a folder: name a file"};
    auto state = world_.disk().find(name);
    const bool pipe = name == "-";
    if (!state && pipe) state = std::make_shared<SimFileState>();
    if (!state) return absent("open " + path);
    return std::unique_ptr<Input>(
        std::make_unique<SimInput>(world_, process_, std::move(state), pipe));
}

Result<std::vector<std::string>> ProcessDisk::list(const std::string& directory)
{
    return world_.disk().list(SimDisk::normal(directory));
}

Status ProcessDisk::createDirectories(const std::string& directory)
{
    if (!world_.alive(process_)) return crashed("create folder " + directory);
    const std::string name = SimDisk::normal(directory);
    for (std::string folder = name; !world_.disk().folderExists(folder);
         folder = SimDisk::folderOf(folder)) {
        if (!world_.disk().find(folder)) continue;
        std::string message = "create folder " + directory + ": ";
        message += folder + " is a file: choose another name";
        return Error{Errc::kInvalid, std::move(message)};
    }
    world_.disk().addFolders(name);
    return {};
}

Status ProcessDisk::remove(const std::string& path)
{
    if (!world_.alive(process_)) return crashed("remove " + path);
    world_.disk().remove(SimDisk::normal(path), process_);
    return {};
}

Status ProcessDisk::writeWhole(const std::string& path, BytesView data)
{
    if (!world_.alive(process_)) return crashed("write " + path);
    const std::string name = SimDisk::normal(path);
    if (!world_.disk().folderExists(SimDisk::folderOf(name))) return absent("write " + path);
    return world_.disk().replace(name, data);
}

Result<Bytes> ProcessDisk::readWhole(const std::string& path)
{
    FS_TRY_STATUS(readFault(world_, process_, path));
    auto bytes = world_.disk().fileBytes(path);
    if (!bytes) return absent("read " + path);
    return std::move(*bytes);
}

Status ProcessDisk::syncDirectory(const std::string& directory)
{
    if (!world_.alive(process_)) return crashed("sync folder " + directory);
    const std::string name = SimDisk::normal(directory);
    if (!world_.disk().folderExists(name)) return absent("sync folder " + directory);
    world_.disk().syncFolder(name);
    return {};
}

Result<std::shared_ptr<void>> ProcessDisk::lock(const std::string& path)
{
    if (!world_.alive(process_)) return crashed("lock " + path);
    const std::string name = SimDisk::normal(path);
    if (!world_.disk().folderExists(SimDisk::folderOf(name))) return absent("lock " + path);
    return world_.disk().lock(name, process_);
}

Result<std::uint64_t> ProcessDisk::freeBytes(const std::string& path)
{
    static_cast<void>(path);
    return world_.disk().freeBytes();
}

}  // namespace foreshard::sim
