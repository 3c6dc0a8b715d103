#pragma once
// Copies of a data directory, so that one prepared state can be the start of many tests.
#include <QString>

namespace foreshard::e2e {

// The files and folders below `from`, as `to`, which must not exist yet. False when one could not
// be copied.
bool copyFolder(const QString& from, const QString& to);

// Appends a part of the first record of the newest segment of each journal below `data` to that
// segment, as a crash in the middle of a write leaves it. Checkpoint journals are left out: what
// is not listed there is never looked at. The number of torn files; -1 when one failed.
int tearTails(const QString& data);

}  // namespace foreshard::e2e
