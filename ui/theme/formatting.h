#pragma once
// Numbers, times and errors in words: the one place. A number and its unit are parted by one space
// (the last one), so a painter can soften the unit. Thousands are parted by U+202F. Pure.
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/model/engine_sight.h"
#include "engine/model/load.h"
#include "engine/model/snapshot.h"

#include <QString>

#include <cstdint>
#include <string>

namespace foreshard::ui {

QString unknownText();                          // a dash: not measured, not known
QString formatCount(std::uint64_t value);       // 8 120
QString formatOffset(Offset offset);            // 20 311 (same grouping)
QString formatMillis(double millis);            // 0.42 ms, 128 ms, 1.28 s, 2 min 05 s
QString formatMicros(std::int64_t micros);      // the same from microseconds
QString formatBytes(std::uint64_t bytes);       // 512 B, 4.2 MB (powers of 1000)
QString formatRate(double recordsPerSecond);    // 12 400 rec/s
QString formatByteRate(double bytesPerSecond);  // 4.2 MB/s
QString formatPercent(PerMille share);          // 61 %
QString formatRatio(double ratio);              // 0.81
QString formatTime(WallMillis wallMs);          // 10:31:04.210 (UTC; the header names the zone)
QString formatDateTime(WallMillis wallMs);      // 2026-01-31 10:31:04.210 UTC
QString formatUptime(double seconds);           // 1 h 02 min
QString formatInterval(std::uint32_t millis);   // 100 ms, 1 s; 0: unknown
QString formatAge(std::int64_t millis);         // 0.3 s, 4 min 05 s, 12 d 03 h
QString formatP99(const LatencySnapshot& of);   // unknown when nothing was measured

QString shardName(ShardId shard);  // shard 17
QString nodeName(NodeId node);     // node 2

// Class as glyph and word, never by colour alone: "△ high".
QString loadClassGlyph(LoadClass loadClass);
QString loadClassText(LoadClass loadClass);
QString shardStateText(ShardState state);
QString nodeStateText(NodeState state);
QString engineStateText(EngineState state);
// In the place of an engine's state, and of a node's and a shard's, when it is not live.
QString sightText(EngineSight sight);
QString sightNodeText(EngineSight sight);
QString sightShardText(EngineSight sight);
QString policyText(const IntervalPolicySetting& policy);

// A user's sentence for a code, for where the engine gave no message of its own.
QString errcSentence(Errc code);

// Text that came from elsewhere, made harmless: valid, without control characters, of bounded
// length. Show it only in widgets set to plain text.
QString plainText(const std::string& text, int lengthMax = 400);

}  // namespace foreshard::ui
