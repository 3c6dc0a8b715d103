#pragma once
// A disk whose files are strings, for sources to read from. Everything a source does not need
// answers kUnsupported.
#include "engine/env/env.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace foreshard {

class MemoryInput final : public Input {
public:
    MemoryInput(const Bytes& data, std::size_t chunkMax, bool seekable)
        : data_(data), chunkMax_(chunkMax), seekable_(seekable)
    {
    }
    Result<Chunk> read(std::uint64_t position, std::size_t lengthMax) override
    {
        const std::uint64_t at = std::min<std::uint64_t>(seekable_ ? position : at_, data_.size());
        Chunk chunk;
        chunk.data = data_.substr(at, std::min(lengthMax, chunkMax_));
        at_ = at + chunk.data.size();
        chunk.end = at_ == data_.size();
        return chunk;
    }
    bool seekable() const override { return seekable_; }

private:
    const Bytes& data_;  // the disk's, so that a test can let it grow
    std::size_t chunkMax_;
    bool seekable_;
    std::uint64_t at_ = 0;
};

class MemoryInputDisk final : public Disk {
public:
    std::map<std::string, Bytes> files;  // "-" is standard input
    std::size_t chunkMax = std::size_t{1} << 20U;

    Result<std::unique_ptr<Input>> openInput(const std::string& path) override
    {
        const auto found = files.find(path);
        if (found == files.end())
            return Error{Errc::kNotFound, "cannot open " + path + ": no such file: check the name"};
        return Result<std::unique_ptr<Input>>(
            std::make_unique<MemoryInput>(found->second, chunkMax, path != "-"));
    }
    Result<std::unique_ptr<File>> open(const std::string&, OpenMode) override { return refused(); }
    Result<std::vector<std::string>> list(const std::string&) override { return refused(); }
    Status createDirectories(const std::string&) override { return refused(); }
    Status remove(const std::string&) override { return refused(); }
    Status writeWhole(const std::string&, BytesView) override { return refused(); }
    Result<Bytes> readWhole(const std::string&) override { return refused(); }
    Status syncDirectory(const std::string&) override { return refused(); }
    Result<std::shared_ptr<void>> lock(const std::string&) override { return refused(); }
    Result<std::uint64_t> freeBytes(const std::string&) override { return refused(); }

private:
    static Error refused() { return {Errc::kUnsupported, "not part of this fake"}; }
};

}  // namespace foreshard
