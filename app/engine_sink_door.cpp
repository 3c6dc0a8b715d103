#include "app/engine_sink_door.h"

#include "app/private_file.h"
#include "engine/wire/codec.h"

namespace foreshard {
namespace {

// What a sink says that takes no rows of this stream.
Bytes refusalOf(const std::string& file, const Bytes& message)
{
    const Result<Message> decoded = decode(message);
    const auto* batch = decoded.ok() ? std::get_if<OutputBatch>(&*decoded) : nullptr;
    if (batch == nullptr) return {};
    OutputTaken taken;
    taken.node = batch->node;
    taken.shard = batch->shard;
    taken.epoch = batch->epoch;
    taken.failureCode = Errc::kInvalid;
    taken.failure = "sink " + file
                    + " holds the outputs of another data directory: they would mix: give this one "
                      "a file of its own";
    return encode(taken);
}

bool takesRows(const Bytes& message)
{
    const Result<Message> decoded = decode(message);
    if (!decoded.ok()) return false;
    if (std::holds_alternative<SinkStatus>(*decoded)) return true;
    const auto* taken = std::get_if<OutputTaken>(&*decoded);
    return taken != nullptr && taken->failure.empty();
}

}  // namespace

Result<std::unique_ptr<Network>> openSinkDoor(Network& network, const std::string& dataDirectory)
{
    const std::string secretPath = dataDirectory + "/stream.secret";
    const std::string pairedPath = dataDirectory + "/stream.paired";
    Result<Bytes> secret = readPrivate(secretPath, kSinkKeyBytes);
    const Result<Bytes> paired = readPrivate(pairedPath, 0);
    if (!paired.ok() && paired.error().code != Errc::kNotFound) return paired.error();
    if (!secret.ok() && secret.error().code == Errc::kNotFound && !paired.ok()) {
        secret = newSinkSecret();
        FS_TRY_STATUS(writePrivate(secretPath, *secret));
    }
    if (!secret.ok()) return secret.error();
    EngineSinkDoor::Options options;
    options.key = sinkKeyOf(*secret);
    options.paired = paired.ok();
    options.onPaired = [pairedPath] { return writePrivate(pairedPath, {}); };
    options.accepts = takesRows;
    return std::unique_ptr<Network>(std::make_unique<EngineSinkDoor>(network, std::move(options)));
}

Result<SinkDoor::Options> sinkIdentity(const std::string& file, const std::string& identity,
                                       LogSink log)
{
    const std::string path = file + ".identity";
    SinkDoor::Options options;
    options.log = std::move(log);
    options.refusal = [file](const Bytes& message) { return refusalOf(file, message); };
    options.onFirstContact = [path, say = options.log](const Bytes& key) -> Status {
        FS_TRY_STATUS(writePrivate(path, key));
        say(LogLevel::kInfo,
            "first contact: from now on it takes outputs of this engine's data "
            "directory alone, as "
                + path + " says");
        return {};
    };
    const Result<Bytes> known = readPrivate(path, kSinkKeyBytes);
    if (!known.ok() && known.error().code != Errc::kNotFound) return known.error();
    if (known.ok()) options.key = *known;
    if (identity.empty()) return options;
    FS_TRY(const Bytes secret, readPrivate(identity, kSinkKeyBytes));
    const Bytes key = sinkKeyOf(secret);
    if (known.ok() && *known != key) {
        return Error{Errc::kInvalid, file + " belongs to another data directory than " + identity
                                         + ": outputs would mix: give this one a file of its own"};
    }
    if (!known.ok()) FS_TRY_STATUS(writePrivate(path, key));
    options.key = key;
    return options;
}

}  // namespace foreshard
