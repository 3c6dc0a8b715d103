// The commands that read a data directory: results, rebuild, locate, verify.
#include "app/cli/commands.h"
#include "app/cli/reply_output.h"
#include "engine/archive/archive.h"
#include "engine/archive/locate.h"
#include "engine/archive/results.h"
#include "engine/archive/verify.h"
#include "engine/env/real/posix_disk.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

namespace foreshard {
namespace {

using Json = nlohmann::ordered_json;

int results(const std::string& data, const std::string& format, std::optional<Offset> asOf)
{
    PosixDisk disk;
    const Result<std::vector<AggregateRow>> rows = readResults(disk, data, asOf);
    if (!rows.ok()) return reportError(rows.error());
    return writeOut(format == "jsonl" ? formatJsonl(*rows) : formatCsv(*rows)) ? 0 : 1;
}

int rebuild(const std::string& data, Offset from, Offset to)
{
    PosixDisk disk;
    const Result<Archive> archive = Archive::open(disk, data);
    if (!archive.ok()) return reportError(archive.error());
    std::string out;
    const auto flush = [&out]() -> Status {
        if (!writeOut(out)) {
            return Error{Errc::kIo,
                         "write the rebuilt stream: standard output is closed or full: "
                         "give it a reader or room"};
        }
        out.clear();
        return {};
    };
    Status status = archive->rebuild(from, to, [&](const RecordView& record) -> Status {
        out.append(record.raw);
        return out.size() >= (1U << 20U) ? flush() : Status{};
    });
    if (const Status flushed = flush(); status.ok()) status = flushed;
    return status.ok() ? 0 : reportError(status.error());
}

int locateRecords(const std::string& data, const LocateCommand& what, bool json)
{
    PosixDisk disk;
    const Result<CommandReply> reply = locate(disk, data, what);
    if (!reply.ok()) return reportError(reply.error());
    if (json) return writeOut(replyJson(*reply)) ? 0 : 1;
    return writeOut(reply->message + "\n" + hitLines(*reply)) ? 0 : 1;
}

Json verifyJson(const VerifyReport& report)
{
    Json json = {{"ok", report.problems.empty()},
                 {"files", report.files},
                 {"bytes", report.bytes},
                 {"frames", report.frames},
                 {"records", report.records},
                 {"rejected", report.rejected},
                 {"dead_letters", report.deadLetters},
                 {"shards", report.shards},
                 {"checkpoints", report.checkpoints},
                 {"problems", Json::array()}};
    for (const VerifyProblem& problem : report.problems) {
        json["problems"].push_back(
            {{"file", problem.file}, {"offset", problem.position}, {"text", problem.text}});
    }
    return json;
}

int verify(const std::string& data, bool json)
{
    PosixDisk disk;
    const Result<VerifyReport> report = verifyDataDirectory(disk, data);
    if (!report.ok()) return reportError(report.error());
    if (json) {
        writeOut(verifyJson(*report).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    } else {
        std::printf(
            "%llu files, %llu bytes, %llu shards, %llu frames, %llu records (%llu rejected, "
            "%llu dead letters), %llu checkpoints: %s\n",
            static_cast<unsigned long long>(report->files),
            static_cast<unsigned long long>(report->bytes),
            static_cast<unsigned long long>(report->shards),
            static_cast<unsigned long long>(report->frames),
            static_cast<unsigned long long>(report->records),
            static_cast<unsigned long long>(report->rejected),
            static_cast<unsigned long long>(report->deadLetters),
            static_cast<unsigned long long>(report->checkpoints),
            report->problems.empty() ? "all sound" : "PROBLEMS");
    }
    for (const VerifyProblem& problem : report->problems) {
        std::fprintf(stderr, "foreshard: verify: %s, offset %llu: %s\n", problem.file.c_str(),
                     static_cast<unsigned long long>(problem.position), problem.text.c_str());
    }
    if (report->problems.empty()) return 0;
    return report->gap && report->problems.size() == 1 ? exitCodeOf(Errc::kGap)
                                                       : exitCodeOf(Errc::kCorrupt);
}

void addLocate(CLI::App& app, int& exitCode)
{
    struct Flags {
        std::string data;
        LocateCommand what;
        bool json = false;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command =
        app.add_subcommand("locate", "which shard, box, segment and checkpoint holds it");
    command->add_option("--data", flags->data, "data directory")->required();
    CLI::Option* offset =
        command->add_option("--offset", flags->what.offset, "record at this offset");
    CLI::Option* key = command->add_option("--key", flags->what.key, "records of this key");
    offset->excludes(key);
    command->add_flag("--json", flags->json, "one JSON document");
    command->callback([flags, offset, key, &exitCode] {
        if (offset->count() + key->count() == 0) {
            exitCode = reportError(
                Error{Errc::kInvalid, "locate: nothing to look for: give --offset N or --key K"});
            return;
        }
        flags->what.byKey = key->count() > 0;
        exitCode = locateRecords(flags->data, flags->what, flags->json);
    });
}

}  // namespace

void addDataCommands(CLI::App& app, int& exitCode)
{
    struct Flags {
        std::string data;
        std::string format = "csv";
        std::optional<Offset> asOf;
        Offset from = 0;
        Offset to = std::numeric_limits<Offset>::max();
        bool json = false;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = app.add_subcommand("results", "final keyed state, sorted by key");
    command->add_option("--data", flags->data, "data directory")->required();
    command->add_option("--format", flags->format, "csv or jsonl")
        ->check(CLI::IsMember({"csv", "jsonl"}));
    command->add_option("--as-of", flags->asOf,
                        "the state after exactly the records with an offset below this");
    command->callback(
        [flags, &exitCode] { exitCode = results(flags->data, flags->format, flags->asOf); });

    command =
        app.add_subcommand("rebuild", "the original stream, byte for byte, on standard output");
    command->add_option("--data", flags->data, "data directory")->required();
    command->add_option("--from", flags->from, "first offset");
    command->add_option("--to", flags->to, "one past the last offset");
    command->callback(
        [flags, &exitCode] { exitCode = rebuild(flags->data, flags->from, flags->to); });

    addLocate(app, exitCode);

    command = app.add_subcommand("verify", "check every checksum and link of a data directory");
    command->add_option("--data", flags->data, "data directory")->required();
    command->add_flag("--json", flags->json, "one JSON document");
    command->callback([flags, &exitCode] { exitCode = verify(flags->data, flags->json); });
}

}  // namespace foreshard
