#include "app/cli/reply_output.h"

#include "app/cli/commands.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace foreshard {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

std::string replyJson(const CommandReply& reply)
{
    Json json = {{"ok", reply.ok}, {"message", reply.message}, {"version", reply.version}};
    if (!reply.ok) json["error"] = errcName(reply.code);
    json["segments_asked"] = reply.segmentsAsked;
    json["segments_maybe"] = reply.segmentsMaybe;
    json["hits"] = Json::array();
    for (const LocateHit& hit : reply.hits) {
        json["hits"].push_back({{"verified", hit.verified},
                                {"shard", hit.shard.value},
                                {"box", hit.box.value},
                                {"file", hit.file},
                                {"position", hit.position},
                                {"n", hit.n},
                                {"first_offset", hit.firstOffset},
                                {"last_offset", hit.lastOffset},
                                {"records", hit.records},
                                {"checkpoint", hit.checkpoint.value}});
    }
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string hitLines(const CommandReply& reply)
{
    std::string lines;
    for (const LocateHit& hit : reply.hits) {
        char text[256];
        std::snprintf(text, sizeof text,
                      "%-8s shard %u, box %u, n %llu, offsets %llu..%llu (%llu records), "
                      "checkpoint %llu, at %llu of ",
                      hit.verified ? "verified" : "maybe", hit.shard.value, hit.box.value,
                      static_cast<unsigned long long>(hit.n),
                      static_cast<unsigned long long>(hit.firstOffset),
                      static_cast<unsigned long long>(hit.lastOffset),
                      static_cast<unsigned long long>(hit.records),
                      static_cast<unsigned long long>(hit.checkpoint.value),
                      static_cast<unsigned long long>(hit.position));
        lines += text + shown(hit.file) + "\n";
    }
    return lines;
}

}  // namespace foreshard
