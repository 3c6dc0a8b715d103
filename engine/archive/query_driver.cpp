#include "engine/archive/query_driver.h"

#include "engine/archive/locate.h"
#include "engine/wire/codec.h"

namespace foreshard {

Status QueryDriver::start()
{
    return env_.network.open("query", env_.strand,
                             [this](const std::string&, const Bytes& m) { onMessage(m); });
}

void QueryDriver::onMessage(const Bytes& message)
{
    const Result<Message> decoded = decode(message);
    if (!decoded.ok()) return;
    const auto* request = std::get_if<LocateRequest>(&*decoded);
    if (request == nullptr) return;
    LocateReply answer;
    answer.id = request->id;
    const Result<CommandReply> found = locate(env_.disk, dataDirectory_, request->what);
    if (found.ok()) {
        answer.reply = *found;
    } else {
        answer.reply.ok = false;
        answer.reply.code = found.error().code;
        answer.reply.message = found.error().message;
    }
    env_.network.send("query", request->replyTo, encode(answer));
}

}  // namespace foreshard
