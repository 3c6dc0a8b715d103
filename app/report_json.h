#pragma once
// A snapshot as the JSON document of `--report` and `ctl status --json`. Keys are a contract: added
// to, never renamed.
#include "engine/model/snapshot.h"

#include <string>

namespace foreshard {

std::string statusJson(const ClusterSnapshot& snapshot);
// One part of it: "shards", "nodes", "raft", "checkpoints", "events". "{}" for another name.
std::string statusPartJson(const ClusterSnapshot& snapshot, const std::string& part);
// The same for people, in columns.
std::string statusText(const ClusterSnapshot& snapshot);
std::string statusPartText(const ClusterSnapshot& snapshot, const std::string& part);
// For a terminal: what came from outside, escaped.
void makePrintable(ClusterSnapshot& snapshot);
// "2026-11-22 21:04:05.123", UTC.
std::string timeText(WallMillis wallMs);
// One line: state, rate, totals.
std::string summaryLine(const ClusterSnapshot& snapshot);

}  // namespace foreshard
