#include "engine/simulate/checkers/rebuild_checker.h"

#include "engine/archive/archive.h"
#include "engine/archive/verify.h"

#include <algorithm>

namespace foreshard::sim {

void RebuildChecker::check(Disk& disk, const std::string& dataDirectory, BytesView input,
                           bool whole)
{
    const auto archive = Archive::open(disk, dataDirectory);
    if (!archive.ok()) {
        const bool early = !whole && archive.error().code == Errc::kNotFound;
        if (!early) violations_.report("rebuild", "no archive: " + archive.error().message);
        return;
    }
    Bytes rebuilt;
    const Status status = archive->rebuild(0, archive->end(), [&rebuilt](const RecordView& record) {
        rebuilt += record.raw;
        return Status{};
    });
    if (!status.ok())
        return violations_.report("rebuild", "rebuild failed: " + status.error().message);
    const bool equal = whole ? input == rebuilt : input.starts_with(rebuilt);
    if (!equal) {
        const auto size = std::min(input.size(), rebuilt.size());
        const auto differs = std::mismatch(
            rebuilt.begin(), rebuilt.begin() + static_cast<std::ptrdiff_t>(size), input.begin());
        return violations_.report("rebuild", "rebuilt " + std::to_string(rebuilt.size())
                                                 + " bytes, input " + std::to_string(input.size())
                                                 + " bytes, first difference at "
                                                 + std::to_string(differs.first - rebuilt.begin()));
    }
    const auto report = verifyDataDirectory(disk, dataDirectory);
    if (!report.ok())
        return violations_.report("rebuild", "verify failed: " + report.error().message);
    if (!report->problems.empty()) {
        const VerifyProblem& problem = report->problems.front();
        violations_.report("rebuild", "verify: " + problem.file + " at "
                                          + std::to_string(problem.position) + ": " + problem.text);
    }
}

}  // namespace foreshard::sim
