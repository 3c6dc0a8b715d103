#pragma once
// Which operator a stream runs. `aggregate` keeps count, sum, min and max per key; `work` does the
// same and uses up a cost per record (its type and size), for drills, demos and benches.
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/model/record.h"

#include <string>

namespace foreshard {

struct OperatorSpec {
    std::string name = "aggregate";
    bool work = false;
    double workScale = 1.0;  // times the standard cost of a record
    bool workBusy = false;   // true: burn processor time; false: wait, as for a call to elsewhere

    // Time the operator declares for one record; zero for `aggregate`.
    Nanos declaredCost(const RecordView& record) const;
};

// "aggregate", "work", "work?scale=2&mode=busy". kInvalid names what is wrong.
Result<OperatorSpec> parseOperator(const std::string& text);

}  // namespace foreshard
