#pragma once
// A disk door that counts the appends and syncs of some files.
#include "engine/env/env.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace foreshard::test {

class CountingDisk final : public Disk {
public:
    // Counts for files whose path contains `part`. `disk` outlives it, and it what it opens.
    CountingDisk(Disk& disk, std::string part) : disk_(disk), part_(std::move(part)) {}

    std::uint64_t appends = 0;
    std::uint64_t syncs = 0;

    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override
    {
        FS_TRY(std::unique_ptr<File> file, disk_.open(path, mode));
        if (path.find(part_) == std::string::npos) return file;
        return std::unique_ptr<File>(std::make_unique<CountedFile>(*this, std::move(file)));
    }
    Result<std::unique_ptr<Input>> openInput(const std::string& path) override
    {
        return disk_.openInput(path);
    }
    Result<std::vector<std::string>> list(const std::string& directory) override
    {
        return disk_.list(directory);
    }
    Status createDirectories(const std::string& directory) override
    {
        return disk_.createDirectories(directory);
    }
    Status remove(const std::string& path) override { return disk_.remove(path); }
    Status writeWhole(const std::string& path, BytesView data) override
    {
        return disk_.writeWhole(path, data);
    }
    Result<Bytes> readWhole(const std::string& path) override { return disk_.readWhole(path); }
    Status syncDirectory(const std::string& directory) override
    {
        return disk_.syncDirectory(directory);
    }
    Result<std::shared_ptr<void>> lock(const std::string& path) override
    {
        return disk_.lock(path);
    }
    Result<std::uint64_t> freeBytes(const std::string& path) override
    {
        return disk_.freeBytes(path);
    }

private:
    class CountedFile final : public File {
    public:
        CountedFile(CountingDisk& counts, std::unique_ptr<File> file)
            : counts_(counts), file_(std::move(file))
        {
        }
        const std::string& path() const override { return file_->path(); }
        std::uint64_t size() const override { return file_->size(); }
        Result<Bytes> read(std::uint64_t position, std::size_t length) const override
        {
            return file_->read(position, length);
        }
        void append(Bytes data, bool sync, Strand& strand, Done done) override
        {
            ++counts_.appends;
            counts_.syncs += sync ? 1 : 0;
            file_->append(std::move(data), sync, strand, std::move(done));
        }
        Status truncate(std::uint64_t size) override { return file_->truncate(size); }

    private:
        CountingDisk& counts_;
        std::unique_ptr<File> file_;
    };

    Disk& disk_;
    std::string part_;
};

}  // namespace foreshard::test
