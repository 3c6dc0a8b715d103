#include "engine/simulation/checkers/rebuild_checker.h"

#include "engine/archive/verify.h"

#include <algorithm>

namespace foreshard::sim {

void RebuildChecker::check(Disk& disk, const std::string& dataDirectory, const Archive& archive,
                           BytesView input, Kept kept)
{
    Bytes rebuilt;
    const Offset from = kept.begin ? 0 : archive.begin();
    const auto take = [&rebuilt](const RecordView& record) {
        rebuilt += record.raw;
        return Status{};
    };
    const Status status = archive.rebuild(from, archive.end(), take);
    if (!status.ok())
        return violations_.report("rebuild", "rebuild failed: " + status.error().message);
    const bool equal = input.find(rebuilt) != BytesView::npos
                       && (!kept.begin || input.starts_with(rebuilt))
                       && (!kept.end || input.ends_with(rebuilt));
    if (!equal) {
        const auto size = std::min(input.size(), rebuilt.size());
        const auto differs = std::mismatch(
            rebuilt.begin(), rebuilt.begin() + static_cast<std::ptrdiff_t>(size), input.begin());
        return violations_.report("rebuild", "rebuilt " + std::to_string(rebuilt.size())
                                                 + " bytes, input " + std::to_string(input.size())
                                                 + " bytes, first difference at "
                                                 + std::to_string(differs.first - rebuilt.begin()));
    }
    checkVerify(disk, dataDirectory);
}

void RebuildChecker::checkVerify(Disk& disk, const std::string& dataDirectory)
{
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
