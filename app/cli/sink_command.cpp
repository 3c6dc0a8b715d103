// `foreshard sink`: the end of `run --sink zmq:ENDPOINT`, in a process of its own.
#include "app/cli/commands.h"
#include "app/engine_sink_door.h"
#include "engine/env/real/posix_disk.h"
#include "engine/env/real/strand_thread.h"
#include "engine/env/real/system_random.h"
#include "engine/env/real/zmq_network.h"
#include "engine/model/endpoint.h"
#include "engine/sink/sink_driver.h"
#include "engine/sink/sink_uri.h"
#include "engine/sink/sink_verify.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

namespace foreshard {
namespace {

struct SinkFlags {
    std::string listen;
    std::string out;
    std::string verify;
    std::string identity;
    bool json = false;
};

Result<SinkUri> fileSink(const std::string& text)
{
    FS_TRY(SinkUri uri, parseSinkUri(text));
    if (uri.kind == SinkUri::Kind::kFile) return uri;
    return Error{Errc::kInvalid,
                 "--out " + text + ": this is no file: give jsonl:FILE or csv:FILE"};
}

nlohmann::ordered_json verifyJson(const SinkVerifyReport& report)
{
    nlohmann::ordered_json json = {{"ok", report.problemCount == 0},
                                   {"format", sinkFormatName(report.format)},
                                   {"bytes", report.bytes},
                                   {"rows", report.rows},
                                   {"frames", report.frames},
                                   {"shards", report.shards},
                                   {"problem_count", report.problemCount},
                                   {"problems", nlohmann::ordered_json::array()}};
    for (const SinkProblem& problem : report.problems) {
        json["problems"].push_back(
            {{"line", problem.line}, {"offset", problem.offset}, {"text", problem.error.message}});
    }
    return json;
}

int verifySink(const SinkFlags& flags)
{
    PosixDisk disk;
    const Result<SinkVerifyReport> report = verifySinkFile(disk, flags.verify);
    if (!report.ok()) return reportError(report.error());
    if (flags.json) {
        const std::string text =
            verifyJson(*report).dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
        writeOut(text + "\n");  // main() says when that failed
    } else {
        writeOut(std::to_string(report->rows) + " rows, " + std::to_string(report->frames)
                 + " frames, " + std::to_string(report->shards) + " shards, "
                 + std::to_string(report->bytes) + " bytes: "
                 + (report->problemCount == 0 ? "all sound"
                                              : std::to_string(report->problemCount) + " PROBLEMS")
                 + "\n");
    }
    bool damaged = false;
    for (const SinkProblem& problem : report->problems) {
        const std::string place = problem.line == 0
                                      ? ""
                                      : ", line " + std::to_string(problem.line) + ", offset "
                                            + std::to_string(problem.offset);
        say(flags.verify + place + ": " + problem.error.message);
        damaged = damaged || problem.error.code == Errc::kCorrupt;
    }
    if (report->problemCount == 0) return 0;
    return exitCodeOf(damaged ? Errc::kCorrupt : Errc::kGap);
}

int serveSink(const SinkFlags& flags)
{
    blockSignals();
    const Status endpoint = checkEndpoint("--listen: listen at", flags.listen);
    if (!endpoint.ok()) return reportError(endpoint.error());
    const Result<SinkUri> uri = fileSink(flags.out);
    if (!uri.ok()) return reportError(uri.error());
    PosixDisk disk;
    SystemRandom random;
    StrandThread strand("fs-sink");
    ZmqNetwork network;
    const LogSink log = [](LogLevel, std::string_view text) { say(text); };
    Result<SinkDoor::Options> identity = sinkIdentity(uri->target, flags.identity, log);
    if (!identity.ok()) return reportError(identity.error());
    SinkDoor door(network, std::move(*identity));
    Env env{strand, disk, door, random};
    std::promise<Error> failed;
    std::future<Error> failure = failed.get_future();
    std::promise<Status> started;
    std::unique_ptr<SinkDriver> sink;
    strand.post([&] {
        SinkDriver::Options options;
        options.file = {uri->target, uri->format};
        options.onFailure = [&failed](const Error& error) { failed.set_value(error); };
        options.log = log;
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
    command->add_option("--listen", flags->listen, "endpoint, e.g. ipc:///run/sink.sock");
    command->add_option("--out", flags->out,
                        "jsonl:FILE or csv:FILE; goes on with an existing one");
    command->add_option("--identity", flags->identity,
                        "stream.secret of the data directory whose outputs these are; without it, "
                        "the first engine heard");
    command->add_option("--verify", flags->verify,
                        "check every row of this FILE, and that it is whole; nothing is changed");
    command->add_flag("--json", flags->json, "with --verify: one JSON document");
    command->callback([flags, &exitCode] {
        const bool serves = !flags->listen.empty() && !flags->out.empty();
        const bool some = !flags->listen.empty() || !flags->out.empty();
        if (!flags->verify.empty() && !some) {
            exitCode = verifySink(*flags);
        } else if (flags->verify.empty() && serves) {
            exitCode = serveSink(*flags);
        } else {
            exitCode = reportError(
                Error{Errc::kInvalid,
                      "sink: it is not clear what to do: give --listen ENDPOINT and --out "
                      "jsonl:FILE or csv:FILE, or --verify FILE alone"});
        }
    });
}

}  // namespace foreshard
