// `foreshard run`: an engine in this process, until the source ends or somebody stops it.
#include "app/cli/commands.h"
#include "app/cli/config_file.h"
#include "app/cli/error_lines.h"
#include "app/cli/predictor_watch.h"
#include "app/report_json.h"
#include "app/run_options.h"
#include "app/source_guard.h"
#include "engine/env/real/crash_handler.h"
#include "engine/model/plain_text.h"
#include "engine/source/source_uri.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <unistd.h>

namespace foreshard {
namespace {

struct RunFlags {
    RunWords words;
    std::string report;
    std::vector<std::string> drills;
    bool summary = false;
    bool verbose = false;
    // Where in the --config file a flag stands that a message is about; "" when it does not.
    std::function<std::string(const std::string&)> configPlace;
};

// Does something to the running engine again and again: "kill-node:1000", "move:200" (ms).
struct Drill {
    std::string name;
    std::chrono::milliseconds period{0};
    std::chrono::milliseconds left{0};
    std::uint32_t turn = 0;
};

Result<Drill> parseDrill(const std::string& text)
{
    Drill drill;
    const std::size_t colon = text.find(':');
    drill.name = text.substr(0, colon);
    std::int64_t period = 0;
    const std::string number = colon == std::string::npos ? "" : text.substr(colon + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), period);
    const bool known = drill.name == "kill-node" || drill.name == "move";
    if (!known || error != std::errc{} || end != number.data() + number.size() || period < 20) {
        return Error{Errc::kInvalid, "--drill " + text
                                         + ": this drill is not known: give kill-node:MS or "
                                           "move:MS with 20 ms or more"};
    }
    drill.period = drill.left = std::chrono::milliseconds(period);
    return drill;
}

void fire(Drill& drill, EngineHost& engine)
{
    const ClusterSnapshot snapshot = engine.snapshot();
    if (snapshot.nodes.empty() || snapshot.shards.empty()) return;
    const auto nodes = static_cast<std::uint32_t>(snapshot.nodes.size());
    const auto shards = static_cast<std::uint32_t>(snapshot.shards.size());
    Command command;
    command.actor = "drill";
    if (drill.name == "kill-node") {
        command.body = DrillCommand{"kill-node", NodeId{drill.turn % nodes}};
    } else {
        const ShardSnapshot& shard = snapshot.shards[drill.turn * 7 % shards];
        command.body = MoveCommand{{shard.id}, NodeId{(shard.node.value + 1) % nodes}};
    }
    ++drill.turn;
    engine.command(std::move(command));
}

void logLine(LogLevel level, std::string_view text)
{
    static constexpr const char* kNames[] = {"debug", "info", "warning", "error"};
    std::fprintf(stderr, "%s %s\n", kNames[static_cast<int>(level)], printable(text).c_str());
}

// What must not pass in silence though nobody asked for every event. Why the engine ends is said at
// its end. For any thread.
class ErrorLog {
public:
    void take(LogLevel level, std::string_view text)
    {
        if (level != LogLevel::kError || text.starts_with("engine: ")) return;
        const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now().time_since_epoch());
        const std::lock_guard lock(mutex_);
        if (const std::string line = lines_.take(now, text); !line.empty()) say(line);
    }
    void conclude()
    {
        const std::lock_guard lock(mutex_);
        if (const std::string line = lines_.atTheEnd(); !line.empty()) say(line);
    }

private:
    std::mutex mutex_;
    ErrorLines lines_;
};

// Waits for the end, a signal, or the next drill.
void superviseRun(EngineHost& engine, std::vector<Drill>& drills, bool summary,
                  PredictorWatch& predictor)
{
    constexpr std::chrono::milliseconds kStep{20};
    std::chrono::milliseconds untilPredictor{500};
    bool stopping = false;
    std::chrono::milliseconds untilSummary{1000};
    while (!engine.waitUntilOver(std::chrono::milliseconds(0))) {
        const int signal = waitForSignal(static_cast<int>(kStep.count()));
        if (signal != 0 && stopping) {
            // A second one: at once. Everything acknowledged is durable already.
            std::fprintf(
                stderr,
                "foreshard: stopped at once; start again with the same arguments to go on\n");
            _exit(128 + signal);
        }
        if (signal != 0) {
            stopping = true;
            CrashHandler::stopRestarting();
            engine.stop();
        }
        for (Drill& drill : drills) {
            drill.left -= kStep;
            if (drill.left.count() > 0 || stopping) continue;
            drill.left = drill.period;
            fire(drill, engine);
        }
        untilPredictor -= kStep;
        if (predictor.watches() && untilPredictor.count() <= 0) {
            untilPredictor = std::chrono::milliseconds(500);
            const std::string news =
                predictor.saw(untilPredictor, engine.snapshot().predictor.answered);
            if (!news.empty()) say(news);
        }
        untilSummary -= kStep;
        if (!summary || untilSummary.count() > 0) continue;
        untilSummary = std::chrono::milliseconds(1000);
        std::fprintf(stderr, "%s\n", summaryLine(engine.snapshot()).c_str());
    }
}

Status writeReport(const std::string& path, const std::string& json)
{
    if (path == "-") {
        if (writeOut(json)) return {};
        return Error{Errc::kIo, "write the report: standard output is closed: give it a reader"};
    }
    std::FILE* file = std::fopen(path.c_str(), "w");
    const bool written =
        file != nullptr && std::fwrite(json.data(), 1, json.size(), file) == json.size();
    const bool closed = file != nullptr && std::fclose(file) == 0;
    if (written && closed) return {};
    return Error{Errc::kIo,
                 "write the report " + path
                     + ": the folder is missing, full or read-only: choose another --report"};
}

std::uint64_t rejectsFor(const SourceSnapshot& source, RejectReason reason)
{
    const auto i = static_cast<std::size_t>(reason);
    return i < source.rejectsByReason.size() ? source.rejectsByReason[i] : 0;
}

// Lines that go on with a log entry do not count, unless nothing else was found. Where an earlier
// start took rows, a few bad ones that come alone say nothing of the flags.
bool mostRejected(const SourceSnapshot& source)
{
    constexpr std::uint64_t kFew = 10;
    const std::uint64_t rejected =
        source.recordsRejected - rejectsFor(source, RejectReason::kGrownLine);
    if (rejected == 0 || (source.startOffset > 0 && rejected <= kFew)) return false;
    const std::uint64_t rows = rejected - rejectsFor(source, RejectReason::kContinuation);
    return source.recordsIn == 0 || rows > source.recordsIn;
}

Error mostRejectedError(const SourceSnapshot& source)
{
    return {Errc::kIo, "most rows were rejected, "
                           + std::to_string(source.recordsRejected) + " of "
                           + std::to_string(source.recordsRejected + source.recordsIn)
                           + ": the flags that name the fields do not fit the source, or it is "
                             "not in this format: correct them and start with a new data "
                             "directory; what was taken stays in this one"};
}

// What must not pass in silence though the run went well.
void sayOfSource(const SourceSnapshot& source)
{
    if (!source.note.empty()) say(source.note);
    if (source.recordsRejected > 0) {
        std::string reasons;
        for (int i = 0; i < kRejectReasonCount; ++i) {
            const auto reason = static_cast<RejectReason>(i);
            const std::uint64_t count = rejectsFor(source, reason);
            if (count == 0) continue;
            reasons += (reasons.empty() ? "" : ", ") + std::to_string(count) + " \""
                       + rejectReasonText(reason) + '"';
        }
        std::fprintf(stderr,
                     "foreshard: %llu rows (%llu lines) were rejected since this start (%s), the "
                     "first one at line %llu: %s, the last one at %s: they are kept and part of "
                     "`rebuild`: correct them at the source, or the flags that name the fields\n",
                     static_cast<unsigned long long>(source.recordsRejected),
                     static_cast<unsigned long long>(source.rejectedLines), reasons.c_str(),
                     static_cast<unsigned long long>(source.firstReject.line),
                     rejectReasonText(source.firstReject.reason), source.lastReject.c_str());
    }
    if (source.timesUnreadable > 0) {
        std::fprintf(stderr,
                     "foreshard: %llu records have a time that cannot be read: they count, with "
                     "an unknown time: check --time\n",
                     static_cast<unsigned long long>(source.timesUnreadable));
    }
}

// What is said and written when the engine is over; the exit code.
int conclude(EngineHost& host, const RunFlags& flags, const PredictorWatch& predictor)
{
    const ClusterSnapshot last = host.snapshot();
    const Status outcome = host.outcome();
    std::fprintf(stderr, "foreshard: %s\n", summaryLine(last).c_str());
    const std::uint64_t answers = last.predictor.answered;
    const std::string silent = predictor.atTheEnd(answers + last.predictor.missed, answers);
    if (!silent.empty()) say(silent);
    sayOfSource(last.source);
    if (last.deadLetters > 0) {
        say(std::to_string(last.deadLetters)
            + " records are in the dead-letter log: the operator failed on them: list them with "
              "`foreshard deadletter --data "
            + flags.words.data + "`");
    }
    if (outcome.ok() && last.source.end && last.source.nextOffset == 0)
        say(flags.words.source + " is empty: no record was read: check the path");
    if (!flags.report.empty()) {
        if (const Status status = writeReport(flags.report, statusJson(last)); !status.ok()) {
            return reportError(status.error());
        }
    }
    if (outcome.ok() && !last.source.problem.empty()) say(last.source.problem);
    if (outcome.ok() && !last.sink.problem.empty())
        say("what the sink has not taken is kept for the next start: " + last.sink.problem);
    if (!outcome.ok()) return reportError(outcome.error());
    return mostRejected(last.source) ? reportError(mostRejectedError(last.source)) : 0;
}

// A file can be opened again from its start; a pipe, a terminal or a socket cannot.
std::string noRestartReason(const std::string& source)
{
    const Result<SourceUri> uri = parseSourceUri(source);
    if (!uri.ok() || uri->kind == SourceKind::kSynth) return {};
    std::error_code unknown;
    const bool standardInput = uri->kind == SourceKind::kStandardInput;
    if (!standardInput && std::filesystem::is_regular_file(uri->path, unknown)) return {};
    return std::string(standardInput ? "standard input" : "a pipe")
           + " cannot be read again: give it the same input anew";
}

int run(RunFlags& flags)
{
    blockSignals();
    std::vector<Drill> drills;
    for (const std::string& text : flags.drills) {
        Result<Drill> drill = parseDrill(text);
        if (!drill.ok()) return reportError(drill.error());
        drills.push_back(*drill);
    }
    Result<EngineHostOptions> options = engineOptions(flags.words);
    if (!options.ok()) {
        const Error& error = options.error();
        return reportError({error.code, flags.configPlace(error.message) + error.message});
    }
    const auto errors = std::make_shared<ErrorLog>();
    options->control.log = logLine;
    if (!flags.verbose) {
        options->control.log = [errors](LogLevel level, std::string_view text) {
            errors->take(level, text);
        };
    }
    const Status report = flags.report.empty() || flags.report == "-"
                              ? Status{}
                              : refuseTheSource(flags.words.source, flags.report, "report");
    if (!report.ok()) return reportError(report.error());
    options->noRestart = noRestartReason(flags.words.source);
    Result<std::unique_ptr<EngineHost>> engine = EngineHost::start(std::move(*options));
    if (!engine.ok()) return reportError(engine.error());
    EngineHost& host = **engine;
    PredictorWatch predictor(flags.words.predictor == "off" ? "" : flags.words.predictor);
    superviseRun(host, drills, flags.summary, predictor);
    CrashHandler::stopRestarting();
    errors->conclude();
    const int code = conclude(host, flags, predictor);
    // It is stuck: what holds it up would hold up its end, too. Nothing is lost by leaving.
    const Status outcome = host.outcome();
    if (!outcome.ok() && outcome.error().code == Errc::kTimeout) leaveAtOnce(code);
    // Everything durable is closed now; a model that never ends must not keep the process.
    if (!host.close()) leaveAtOnce(code);
    return code;
}

}  // namespace

void addRunCommand(CLI::App& app, int& exitCode)
{
    const auto flags = std::make_shared<RunFlags>();
    RunWords& words = flags->words;
    flags->configPlace = [&app](const std::string& message) {
        const auto* config = dynamic_cast<const ConfigFile*>(app.get_config_formatter().get());
        const std::string place = config == nullptr ? "" : config->placeOf(message);
        return place.empty() ? place : app.get_config_ptr()->as<std::string>() + ", " + place;
    };
    CLI::App* command =
        app.add_subcommand("run", "run an engine on a stream; resumes an existing --data");
    command
        ->add_option(
            "--source", words.source,
            "csv:FILE, jsonl:FILE, lines:FILE, - (standard input), synth:NAME?rate=R&seed=S")
        ->required();
    command->add_option("--data", words.data, "data directory")->required();
    command->add_option("--key", words.key, "field that keys the state");
    command->add_option("--value", words.value, "numeric field to aggregate");
    command->add_option("--time", words.time, "field with the event time");
    command->add_option("--type", words.type, "field with the record type");
    command->add_option("--pattern", words.pattern,
                        "lines: expression with named groups (?P<name>...)");
    command->add_option("--operator", words.operatorName,
                        "aggregate, or work?scale=S&mode=busy|wait; drill: "
                        "?poison=throw|crash|hang|flaky:KEY misbehaves on that key");
    command->add_option("--on-poison", words.onPoison,
                        "a record on which the operator fails 3 times: skip it into the "
                        "dead-letter log (skip), or stop");
    command
        ->add_option("--operator-timeout", words.operatorTimeout,
                     "seconds the operator may take for one record (10); then it hangs, which "
                     "counts as a try")
        ->check(CLI::Range(0.05, 86'400.0));
    command->add_option("--nodes", words.nodes, "downstream nodes (4)")
        ->check(CLI::Range(1U, 256U));
    command->add_option("--shards", words.shards, "shards (16)")->check(CLI::Range(1U, 4096U));
    command->add_option("--policy", words.policy, "classes, promise or fixed:MS");
    command->add_option("--routing", words.routing, "keyed or class");
    command->add_option("--rate", words.rate, "records per second, or max");
    command->add_option("--sink", words.sink,
                        "null:, jsonl:FILE, csv:FILE or zmq:ENDPOINT, with ?mode=committed "
                        "(usual) or ?mode=immediate");
    command->add_option("--durability", words.durability, "sync");
    command->add_option("--listen", words.listen,
                        "endpoint for ctl and consoles, e.g. ipc:///run/foreshard.sock");
    command->add_option("--predictor", words.predictor,
                        "off, or the endpoint of `foreshard predictor`");
    command->add_option("--model", words.model, "TorchScript model with its manifest beside it");
    command->add_option("--record-max", words.recordMax, "longest record in bytes (1 MiB)")
        ->check(CLI::Range(64U, 16U << 20U));
    command->add_option("--disk-reserve", words.diskReserve,
                        "bytes kept free on the disk: reading waits below (64 MiB); 0: none");
    command->add_option("--retain-bytes", words.retain, "history kept behind checkpoints; 0: all");
    command
        ->add_option("--keep-checkpoints", words.keepCheckpoints,
                     "older checkpoints kept per shard, for `ctl restore`")
        ->check(CLI::Range(0U, 1000U));
    command->add_option("--history-bytes", words.historyBytes,
                        "size of the history of events and samples (64 MiB); 0: none");
    command->add_option("--retain-age", words.retainAge,
                        "keep history this long, e.g. 7d, 12h, 30m; with --retain-bytes the "
                        "tighter one counts");
    command
        ->add_option("--segment-bytes", words.segmentBytes, "size of a buffer box segment (64 MiB)")
        ->check(CLI::Range(4096U, 1U << 30U));
    command->add_option("--report", flags->report, "write the final status as JSON to FILE, or -");
    command->add_option("--drill", flags->drills, "kill-node:MS or move:MS, again and again");
    command->add_flag("--until-end", words.untilEnd, "end when the source does");
    command->add_flag("--summary", flags->summary, "a line per second on standard error");
    command->add_flag("-v,--verbose", flags->verbose, "every change of state on standard error");
    command->callback([flags, &exitCode] { exitCode = run(*flags); });
}

}  // namespace foreshard
