#pragma once
// Doors for the predictor's tests: a strand that runs when told, a network that keeps what was
// sent, and a disk that reads and writes whole files only.
#include "engine/env/env.h"

#include <deque>
#include <fstream>
#include <iterator>

namespace foreshard {

class ManualStrand final : public Strand {
public:
    Instant now() const override { return now_; }
    WallMillis wallNow() const override { return 0; }
    void post(Task task) override { tasks_.push_back(std::move(task)); }
    void postAfter(Nanos, Task task) override { post(std::move(task)); }
    void spend(Nanos cost, bool) override { now_ = now_ + cost; }
    void runAll()
    {
        while (!tasks_.empty()) {
            const Task task = std::move(tasks_.front());
            tasks_.pop_front();
            task();
        }
    }

private:
    Instant now_;
    std::deque<Task> tasks_;
};

class KeepingNetwork final : public Network {
public:
    Status open(const std::string& name, Strand&, Handler handler) override
    {
        name_ = name;
        handler_ = std::move(handler);
        return {};
    }
    void close(const std::string&) override { handler_ = nullptr; }
    void send(const std::string&, const std::string& to, Bytes message) override
    {
        to_ = to;
        sent.push_back(std::move(message));
    }
    void deliver(const std::string& from, Bytes message) { handler_(from, std::move(message)); }
    const std::string& openName() const { return name_; }
    const std::string& lastTo() const { return to_; }

    std::vector<Bytes> sent;

private:
    std::string name_;
    std::string to_;
    Handler handler_;
};

class WholeFileDisk final : public Disk {
public:
    Result<std::unique_ptr<File>> open(const std::string&, OpenMode) override { return refused(); }
    Result<std::unique_ptr<Input>> openInput(const std::string&) override { return refused(); }
    Result<std::vector<std::string>> list(const std::string&) override { return refused(); }
    Status createDirectories(const std::string&) override { return refused(); }
    Status remove(const std::string&) override { return refused(); }
    Status writeWhole(const std::string& path, BytesView data) override
    {
        std::ofstream file(path, std::ios::binary);
        file << data;
        return file.good() ? Status{} : Status{refused()};
    }
    Result<Bytes> readWhole(const std::string& path) override
    {
        std::ifstream file(path, std::ios::binary);
        if (!file) return Error{Errc::kNotFound, path + " is not there"};
        return Bytes(std::istreambuf_iterator<char>(file), {});
    }
    Status syncDirectory(const std::string&) override { return {}; }
    Result<std::shared_ptr<void>> lock(const std::string&) override { return refused(); }
    Result<std::uint64_t> freeBytes(const std::string&) override { return refused(); }

private:
    static Error refused() { return {Errc::kUnsupported, "not in this test"}; }
};

class NoRandom final : public Random {
public:
    std::uint64_t next() override { return 4; }
};

}  // namespace foreshard
