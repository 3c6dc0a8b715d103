#pragma once
// Reads a history file as a whole for somebody who looks at its data directory, also beside an
// engine that writes it.
#include "engine/model/history_picture.h"

#include <string>

namespace foreshard {

// The newest rows of each kind, and of the samples of the last ten minutes those after
// `samplesAfter`, the last one read before. Empty where there is no history or it cannot be read:
// no figure depends on it.
HistoryPicture readHistoryPicture(const std::string& path, WallMillis samplesAfter);

}  // namespace foreshard
