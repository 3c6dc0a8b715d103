// `foreshard sink`: the end of `run --sink zmq:ENDPOINT`, in a process of its own.
#include "app/cli/commands.h"
#include "engine/env/real/posix_disk.h"
#include "engine/env/real/strand_thread.h"
#include "engine/env/real/system_random.h"
#include "engine/env/real/zmq_network.h"
#include "engine/sink/sink_driver.h"
#include "engine/sink/sink_uri.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <future>
#include <memory>
#include <utility>

namespace foreshard {
namespace {

struct SinkFlags {
    std::string listen;
    std::string out;
};

Result<SinkUri> fileSink(const std::string& text)
{
    FS_TRY(SinkUri uri, parseSinkUri(text));
    if (uri.kind == SinkUri::Kind::kFile) return uri;
    return Error{Errc::kInvalid,
                 "--out " + text + ": this is no file: give jsonl:FILE or csv:FILE"};
}

int serveSink(const SinkFlags& flags)
{
    blockSignals();
    const Result<SinkUri> uri = fileSink(flags.out);
    if (!uri.ok()) return reportError(uri.error());
    PosixDisk disk;
    SystemRandom random;
    StrandThread strand("fs-sink");
    ZmqNetwork network;
    Env env{strand, disk, network, random};
    std::promise<Error> failed;
    std::future<Error> failure = failed.get_future();
    std::promise<Status> started;
    std::unique_ptr<SinkDriver> sink;
    strand.post([&] {
        SinkDriver::Options options;
        options.file = {uri->target, uri->format};
        options.onFailure = [&failed](const Error& error) { failed.set_value(error); };
        options.log = [](LogLevel, std::string_view text) { say(text); };
        sink = std::make_unique<SinkDriver>(env, std::move(options));
        started.set_value(sink->start());
    });
    Status status = started.get_future().get();
    if (status.ok()) status = network.listen(flags.listen, "sink");
    if (status.ok()) say("sink listens at " + flags.listen);
    const auto over = [&failure] {
        return failure.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    };
    while (status.ok() && waitForSignal(100) == 0) {
        if (over()) status = failure.get();
    }
    strand.stop();
    sink.reset();
    return status.ok() ? 0 : reportError(status.error());
}

}  // namespace

void addSinkCommand(CLI::App& app, int& exitCode)
{
    const auto flags = std::make_shared<SinkFlags>();
    CLI::App* command =
        app.add_subcommand("sink", "take the outputs of `run --sink zmq:ENDPOINT` into a file");
    command->add_option("--listen", flags->listen, "endpoint, e.g. ipc:///run/sink.sock")
        ->required();
    command->add_option("--out", flags->out, "jsonl:FILE or csv:FILE; goes on with an existing one")
        ->required();
    command->callback([flags, &exitCode] { exitCode = serveSink(*flags); });
}

}  // namespace foreshard
