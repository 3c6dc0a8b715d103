#pragma once
// Which operator a stream runs. `aggregate` keeps count, sum, min and max per key; `work` does the
// same and uses up a cost per record (its type and size), for drills, demos and benches. Either can
// be told to misbehave on the records of a key, to try out what then happens.
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/model/record.h"

#include <string>
#include <vector>

namespace foreshard {

enum class PoisonKind : std::uint8_t {
    kThrow = 0,  // throws an exception
    kCrash = 1,  // ends the process (SIGSEGV)
    kHang = 2,   // never comes back
    kFlaky = 3,  // throws on the first two tries
};

// Drill: the operator misbehaves on every record of `key`.
struct PoisonDrill {
    PoisonKind kind = PoisonKind::kThrow;
    Bytes key;
};

struct OperatorSpec {
    std::string name = "aggregate";
    bool work = false;
    double workScale = 1.0;  // times the standard cost of a record
    bool workBusy = false;   // true: burn processor time; false: wait, as for a call to elsewhere
    std::vector<PoisonDrill> poison;

    // Time the operator declares for one record; zero for `aggregate`.
    Nanos declaredCost(const RecordView& record) const;
};

// "aggregate", "work", "work?scale=2&mode=busy", "aggregate?poison=throw:KEY" (or crash, hang,
// flaky; as often as wanted). kInvalid names what is wrong.
Result<OperatorSpec> parseOperator(const std::string& text);

}  // namespace foreshard
