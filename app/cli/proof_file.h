#pragma once
// A proof on its way to a file: it appears there whole or not at all.
#include "engine/base/bytes.h"
#include "engine/base/result.h"

#include <cstdio>
#include <string>

namespace foreshard {

class ProofFile {
public:
    explicit ProofFile(std::string path);
    ~ProofFile();
    ProofFile(const ProofFile&) = delete;
    ProofFile& operator=(const ProofFile&) = delete;

    Status write(BytesView bytes);
    // Durable and under its name.
    Status finish();

private:
    Error failed() const;

    std::string path_;
    std::string unfinished_;
    std::FILE* file_ = nullptr;
};

}  // namespace foreshard
