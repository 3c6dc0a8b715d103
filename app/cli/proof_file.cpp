#include "app/cli/proof_file.h"

#include <unistd.h>
#include <utility>

namespace foreshard {

ProofFile::ProofFile(std::string path) : path_(std::move(path)), unfinished_(path_ + ".unfinished")
{
    file_ = std::fopen(unfinished_.c_str(), "wb");
}

ProofFile::~ProofFile()
{
    if (file_ == nullptr) return;
    std::fclose(file_);
    std::remove(unfinished_.c_str());
}

Error ProofFile::failed() const
{
    return {Errc::kIo, "write the proof " + path_
                           + ": the folder is missing, full or read-only: choose another --proof"};
}

Status ProofFile::write(BytesView bytes)
{
    if (file_ == nullptr || std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size())
        return failed();
    return {};
}

Status ProofFile::finish()
{
    if (file_ == nullptr) return failed();
    const bool durable = std::fflush(file_) == 0 && fsync(fileno(file_)) == 0;
    const bool closed = std::fclose(std::exchange(file_, nullptr)) == 0;
    if (durable && closed && std::rename(unfinished_.c_str(), path_.c_str()) == 0) return {};
    std::remove(unfinished_.c_str());
    return failed();
}

}  // namespace foreshard
