#include "engine/sink/sink_identity.h"

#include "engine/base/check.h"

#include <sodium.h>

namespace foreshard {
namespace {

constexpr const char* kSink = "sink";
constexpr const char* kControl = "control";
constexpr BytesView kGreeting = "FSGREET1";  // and the key
constexpr BytesView kPurpose = "foreshard sink identity 1";

const unsigned char* raw(BytesView bytes)
{
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

Bytes proofOf(const Bytes& key, SinkWay way, BytesView message)
{
    FS_CHECK(key.size() == kSinkKeyBytes);
    const auto first = static_cast<unsigned char>(way);
    Bytes proof(kSinkKeyBytes, '\0');
    crypto_generichash_state state;
    crypto_generichash_init(&state, raw(key), key.size(), proof.size());
    crypto_generichash_update(&state, &first, 1);
    crypto_generichash_update(&state, raw(message), message.size());
    crypto_generichash_final(&state, reinterpret_cast<unsigned char*>(proof.data()), proof.size());
    return proof;
}

std::optional<Bytes> keyOfGreeting(BytesView message)
{
    const bool greeting =
        message.size() == kGreeting.size() + kSinkKeyBytes && message.starts_with(kGreeting);
    if (!greeting) return std::nullopt;
    return Bytes(message.substr(kGreeting.size()));
}

}  // namespace

Bytes newSinkSecret()
{
    FS_CHECK(sodium_init() >= 0);
    Bytes secret(kSinkKeyBytes, '\0');
    randombytes_buf(secret.data(), secret.size());
    return secret;
}

Bytes sinkKeyOf(const Bytes& secret) { return proofOf(secret, SinkWay::kToSink, kPurpose); }

Bytes withProof(const Bytes& key, SinkWay way, Bytes message)
{
    message += proofOf(key, way, message);
    return message;
}

std::optional<Bytes> proven(const Bytes& key, SinkWay way, BytesView message)
{
    if (key.empty() || message.size() < kSinkKeyBytes) return std::nullopt;
    const BytesView body = message.substr(0, message.size() - kSinkKeyBytes);
    const Bytes wanted = proofOf(key, way, body);
    if (sodium_memcmp(wanted.data(), message.data() + body.size(), kSinkKeyBytes) != 0)
        return std::nullopt;
    return Bytes(body);
}

EngineSinkDoor::EngineSinkDoor(Network& network, Options options)
    : network_(network), options_(std::move(options)), paired_(options_.paired)
{
}

Status EngineSinkDoor::open(const std::string& name, Strand& strand, Handler handler)
{
    if (name != kControl) return network_.open(name, strand, std::move(handler));
    return network_.open(
        name, strand, [this, handler = std::move(handler)](const std::string& from, Bytes message) {
            if (from != kSink) return handler(from, std::move(message));
            std::optional<Bytes> body = proven(options_.key, SinkWay::kToEngine, message);
            if (body && heard(*body)) handler(from, std::move(*body));
        });
}

bool EngineSinkDoor::heard(const Bytes& message)
{
    if (paired_ || !options_.accepts(message)) return true;
    // Only what is written down counts: else a next start would give the key away again.
    if (!options_.onPaired().ok()) return false;
    paired_ = true;
    return true;
}

void EngineSinkDoor::close(const std::string& name) { network_.close(name); }

void EngineSinkDoor::send(const std::string& from, const std::string& to, Bytes message)
{
    if (to != kSink) return network_.send(from, to, std::move(message));
    if (!paired_) network_.send(from, to, Bytes(kGreeting) + options_.key);
    network_.send(from, to, withProof(options_.key, SinkWay::kToSink, std::move(message)));
}

SinkDoor::SinkDoor(Network& network, Options options)
    : network_(network), options_(std::move(options))
{
}

Status SinkDoor::open(const std::string& name, Strand& strand, Handler handler)
{
    return network_.open(
        name, strand,
        [this, name, handler = std::move(handler)](const std::string& from, const Bytes& message) {
            std::optional<Bytes> body = heard(name, from, message);
            if (body) handler(from, std::move(*body));
        });
}

std::optional<Bytes> SinkDoor::heard(const std::string& self, const std::string& from,
                                     const Bytes& message)
{
    if (const std::optional<Bytes> key = keyOfGreeting(message)) {
        greeted(from, *key);
        return std::nullopt;
    }
    std::optional<Bytes> body = proven(options_.key, SinkWay::kToSink, message);
    if (body) return body;
    const auto stranger = strangers_.find(from);
    if (stranger != strangers_.end()) {
        body = proven(stranger->second, SinkWay::kToSink, message);
        const Bytes answer = body ? options_.refusal(*body) : Bytes();
        if (!answer.empty())
            network_.send(self, from, withProof(stranger->second, SinkWay::kToEngine, answer));
    }
    if (options_.key.empty()) {
        say("an engine that knows another sink already sends its outputs here: it gives its "
            "identity to the first sink alone: if this is to be its sink now, start it with "
            "--identity DIR/stream.secret of its data directory");
    } else {
        say("messages came that do not prove to be from the data directory of this file: they are "
            "refused: another engine uses this endpoint, or its --data is another copy");
    }
    return std::nullopt;
}

void SinkDoor::greeted(const std::string& from, const Bytes& key)
{
    if (key == options_.key) return;
    if (options_.key.empty()) {
        const Status noted = options_.onFirstContact(key);
        if (noted.ok()) options_.key = key;
        if (!noted.ok() && options_.log) options_.log(LogLevel::kWarning, noted.error().message);
        return;
    }
    if (strangers_.size() >= kStrangersMax) strangers_.clear();
    strangers_[from] = key;
}

void SinkDoor::say(const char* text)
{
    if (!said_ && options_.log) options_.log(LogLevel::kWarning, text);
    said_ = true;
}

void SinkDoor::close(const std::string& name) { network_.close(name); }

void SinkDoor::send(const std::string& from, const std::string& to, Bytes message)
{
    if (options_.key.empty()) return;
    network_.send(from, to, withProof(options_.key, SinkWay::kToEngine, std::move(message)));
}

}  // namespace foreshard
