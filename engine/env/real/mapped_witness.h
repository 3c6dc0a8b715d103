#pragma once
// MappedWitness keeps the witness slots of all nodes in a file that is mapped into memory: what is
// written there outlives the process, however it ends, and costs no system call. It is not synced:
// after a power cut no mark counts, and none should.
//
// The file: 64 bytes (the magic "FSWITN01", zeros), then a slot of 64 bytes per node, 256 of them.
// A file of another size or magic is made anew.
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/env/operator_watch.h"
#include "engine/model/dead_letter.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace foreshard {

class MappedWitness {
public:
    static constexpr std::uint32_t kNodesMax = 256;

    // `life` names this process, as in OperatorMark; not 0. kNoSpace, kIo.
    static Result<std::unique_ptr<MappedWitness>> open(const std::string& path, std::uint64_t life);
    ~MappedWitness();
    MappedWitness(const MappedWitness&) = delete;
    MappedWitness& operator=(const MappedWitness&) = delete;

    // What the lives before this one have marked and nobody has cleared.
    const std::vector<OperatorMark>& marks() const { return marks_; }
    // They are counted: the slots are this life's now.
    void clear();
    // REQUIRES: node.value < kNodesMax.
    WitnessSlot& slot(NodeId node);

private:
    MappedWitness(void* memory, std::uint64_t life) : memory_(memory), life_(life) {}
    void readMarks();

    void* memory_;
    std::uint64_t life_;
    std::vector<OperatorMark> marks_;
};

}  // namespace foreshard
