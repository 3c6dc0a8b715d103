#include "engine/archive/query_driver.h"

#include "engine/archive/locate.h"
#include "engine/checkpoint/checkpoint_store.h"
#include "engine/operator/aggregate_state.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "engine/wire/senders.h"

namespace foreshard {

Status QueryDriver::start()
{
    return env_.network.open(
        "query", env_.strand,
        [this](const std::string& from, const Bytes& message) { onMessage(from, message); });
}

void QueryDriver::onMessage(const std::string& from, const Bytes& message)
{
    if (ended_) return;
    const Result<EnvelopeHead> head = peekEnvelope(message);
    if (!head.ok() || !maySay(from, "query", static_cast<WireType>(head->type))) return;
    const Result<Message> decoded = decode(message);
    if (!decoded.ok()) return;
    if (const auto* request = std::get_if<LocateRequest>(&*decoded)) onLocate(*request);
    if (const auto* request = std::get_if<ScrubRequest>(&*decoded)) onScrub(from, *request);
}

void QueryDriver::onLocate(const LocateRequest& request)
{
    LocateReply answer;
    answer.id = request.id;
    const Result<CommandReply> found = locate(env_.disk, dataDirectory_, request.what);
    if (found.ok()) {
        answer.reply = *found;
    } else {
        answer.reply.ok = false;
        answer.reply.code = found.error().code;
        answer.reply.message = found.error().message;
    }
    env_.network.send("query", request.replyTo, encode(answer));
}

void QueryDriver::onScrub(const std::string& from, const ScrubRequest& request)
{
    ScrubReply answer;
    answer.id = request.id;
    for (const CheckpointInfo& info : request.chain) {
        const Result<std::vector<Bytes>> packs =
            CheckpointStore::load(env_.disk, dataDirectory_, {info});
        // Loaded alone: whether the bytes are a state does not depend on those before.
        const Status status = packs.ok() ? AggregateState{}.load(packs->front()) : packs.error();
        if (status.ok()) continue;
        answer.bad = info.id;
        answer.code = status.error().code;
        answer.text = status.error().message;
        break;
    }
    env_.network.send("query", from, encode(answer));
}

}  // namespace foreshard
