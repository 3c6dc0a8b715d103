#pragma once
// A disk in memory and a strand that runs when told, so that the real stores can be opened on any
// bytes a thousand times a second. Every write is durable at once.
#include "engine/env/env.h"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace foreshard::fuzz {

class ManualStrand final : public Strand {
public:
    Instant now() const override { return {1'000'000'000}; }
    WallMillis wallNow() const override { return 1'700'000'000'000; }
    void post(Task task) override { tasks_.push_back(std::move(task)); }
    void postAfter(Nanos, Task task) override { tasks_.push_back(std::move(task)); }
    void spend(Nanos, bool) override {}
    // REQUIRES: the tasks do not post for ever.
    void run()
    {
        while (!tasks_.empty()) {
            const Task task = std::move(tasks_.front());
            tasks_.pop_front();
            task();
        }
    }

private:
    std::deque<Task> tasks_;
};

using Files = std::map<std::string, Bytes>;

class MemoryFile final : public File {
public:
    MemoryFile(Files& files, std::string path) : files_(files), path_(std::move(path)) {}
    const std::string& path() const override { return path_; }
    std::uint64_t size() const override { return files_[path_].size(); }
    Result<Bytes> read(std::uint64_t position, std::size_t length) const override
    {
        const Bytes& data = files_[path_];
        return data.substr(std::min<std::uint64_t>(position, data.size()), length);
    }
    void append(Bytes data, bool, Strand& strand, Done done) override
    {
        files_[path_] += data;
        strand.post([done = std::move(done)] { done(Status{}); });
    }
    Status truncate(std::uint64_t size) override
    {
        files_[path_].resize(size);
        return {};
    }

private:
    Files& files_;
    std::string path_;
};

class MemoryDisk final : public Disk {
public:
    Files files;

    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override
    {
        if (mode != OpenMode::kCreate && !files.contains(path)) return absent(path);
        files[path];
        return Result<std::unique_ptr<File>>(std::make_unique<MemoryFile>(files, path));
    }
    Result<std::unique_ptr<Input>> openInput(const std::string& path) override
    {
        return absent(path);
    }
    Result<std::vector<std::string>> list(const std::string& directory) override
    {
        std::vector<std::string> names;
        for (const auto& [path, data] : files) {
            if (!path.starts_with(directory + "/")) continue;
            const std::string name = path.substr(directory.size() + 1);
            const std::string first = name.substr(0, name.find('/'));
            if (names.empty() || names.back() != first) names.push_back(first);
        }
        return names;
    }
    Status createDirectories(const std::string&) override { return {}; }
    Status remove(const std::string& path) override
    {
        files.erase(path);
        return {};
    }
    Status writeWhole(const std::string& path, BytesView data) override
    {
        files[path] = data;
        return {};
    }
    Result<Bytes> readWhole(const std::string& path) override
    {
        const auto found = files.find(path);
        if (found == files.end()) return absent(path);
        return found->second;
    }
    Status syncDirectory(const std::string&) override { return {}; }
    Result<std::shared_ptr<void>> lock(const std::string&) override
    {
        return std::shared_ptr<void>(std::make_shared<int>(0));
    }
    Result<std::uint64_t> freeBytes(const std::string&) override { return 1ULL << 40U; }

private:
    static Error absent(const std::string& path)
    {
        return {Errc::kNotFound, "open " + path + ": no such file: check the path"};
    }
};

class NoNetwork final : public Network {
public:
    Status open(const std::string&, Strand&, Handler) override { return {}; }
    void close(const std::string&) override {}
    void send(const std::string&, const std::string&, Bytes) override {}
};

class CountingRandom final : public Random {
public:
    std::uint64_t next() override { return ++count_; }

private:
    std::uint64_t count_ = 0;
};

struct MemoryRig {
    MemoryDisk disk;
    ManualStrand strand;
    NoNetwork network;
    CountingRandom random;
    Env env{strand, disk, network, random};
};

}  // namespace foreshard::fuzz
