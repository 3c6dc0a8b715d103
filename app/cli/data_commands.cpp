// The commands that read a data directory: results, rebuild, locate, verify.
#include "app/cli/commands.h"
#include "app/cli/proof_file.h"
#include "app/cli/reply_output.h"
#include "engine/archive/archive.h"
#include "engine/archive/locate.h"
#include "engine/archive/proof.h"
#include "engine/archive/proof_range.h"
#include "engine/archive/results.h"
#include "engine/archive/verify.h"
#include "engine/env/real/posix_disk.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

namespace foreshard {
namespace {

using Json = nlohmann::ordered_json;

// Sums may leave what a double can hold; the values that make them cannot.
void sayOverflows(const std::vector<AggregateRow>& rows, const std::string& format)
{
    const auto overflown = [](const AggregateRow& row) {
        return !std::isfinite(row.value.sum) || !std::isfinite(row.value.min)
               || !std::isfinite(row.value.max);
    };
    const auto count = std::count_if(rows.begin(), rows.end(), overflown);
    if (count == 0) return;
    const std::string& first = std::find_if(rows.begin(), rows.end(), overflown)->key;
    say("results: " + std::to_string(count) + " keys, the first one " + printable(first)
        + ", have a sum beyond what a double can hold: it is printed as "
        + (format == "jsonl" ? "null" : "inf or nan")
        + ": count, min and max hold; scale the values down at the source");
}

// From 2^53 on a double has no place for every integer.
void sayRoundedSums(const std::vector<AggregateRow>& rows)
{
    constexpr double kIntegersEnd = 9007199254740992.0;
    const auto rounded = [](const AggregateRow& row) {
        return std::isfinite(row.value.sum) && std::abs(row.value.sum) >= kIntegersEnd
               && row.value.sumLow != 0;
    };
    const auto count = std::count_if(rows.begin(), rows.end(), rounded);
    if (count == 0) return;
    const std::string& first = std::find_if(rows.begin(), rows.end(), rounded)->key;
    say("results: " + std::to_string(count) + " keys, the first one " + printable(first)
        + ", have a sum beyond 2^53, which is rounded to the nearest number that a double can "
          "hold: scale the values down at the source where each unit counts");
}

int results(const std::string& data, const std::string& format, std::optional<Offset> asOf)
{
    if (const Status folder = checkDataFolder(data); !folder.ok())
        return reportError(folder.error());
    PosixDisk disk;
    Result<std::vector<AggregateRow>> rows = readResults(disk, data, asOf);
    if (!rows.ok()) return reportError(rows.error());
    sayOverflows(*rows, format);
    sayRoundedSums(*rows);
    if (onTerminal() && format != "jsonl") {
        for (AggregateRow& row : *rows)
            row.key = printable(row.key);
    }
    return printOut(format == "jsonl" ? formatJsonl(*rows) : formatCsv(*rows));
}

// A range that the stream does not have is no empty stream.
Status checkRange(const Archive& archive, const std::string& data, Offset from,
                  std::optional<Offset> to)
{
    if (to && from > *to) {
        return Error{Errc::kInvalid, "rebuild --from " + std::to_string(from) + " --to "
                                         + std::to_string(*to)
                                         + ": the range ends before it begins: give a --to that "
                                           "is not below --from"};
    }
    const bool beyond = from > archive.end();
    if (!beyond && (!to || *to <= archive.promisedEnd())) return {};
    FS_TRY_STATUS(archive.endHolds());
    if (from <= archive.promisedEnd() && (!to || *to <= archive.promisedEnd())) return {};
    const std::string end = std::to_string(archive.end());
    return Error{Errc::kGap, std::string("rebuild ") + (beyond ? "--from " : "--to ")
                                 + std::to_string(beyond ? from : *to) + ": the stream in " + data
                                 + " ends at " + end + ", it has " + end
                                 + " records, header and rejected rows included: use that or less"};
}

int rebuild(const std::string& data, Offset from, std::optional<Offset> givenTo,
            const std::string& proofPath)
{
    if (const Status folder = checkDataFolder(data); !folder.ok())
        return reportError(folder.error());
    PosixDisk disk;
    const Result<Archive> archive = Archive::open(disk, data);
    if (!archive.ok()) return reportError(archive.error());
    if (const Status range = checkRange(*archive, data, from, givenTo); !range.ok())
        return reportError(range.error());
    const Offset to = givenTo.value_or(std::numeric_limits<Offset>::max());
    std::optional<ProofFile> file;
    std::optional<ProofWriter> proof;
    if (!proofPath.empty()) {
        const Result<StreamSchema> schema = schemaOf(disk, data);
        if (!schema.ok()) return reportError(schema.error());
        file.emplace(proofPath);
        proof.emplace(*schema, from, [&file](BytesView bytes) { return file->write(bytes); });
    }
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
    Offset end = from;
    Status status = archive->rebuild(from, to, [&](const RecordView& record) -> Status {
        end = record.offset + 1;
        if (proof) FS_TRY_STATUS(proof->add(record));
        out.append(record.raw);
        return out.size() >= (1U << 20U) ? flush() : Status{};
    });
    if (const Status flushed = flush(); status.ok()) status = flushed;
    if (!status.ok()) return reportError(status.error());
    if (!proof) return 0;
    const auto shards = shardsIn(*archive, from, end);
    if (!shards.ok()) return reportError(shards.error());
    status = proof->finish(*shards);
    if (status.ok()) status = file->finish();
    return status.ok() ? 0 : reportError(status.error());
}

int locateRecords(const std::string& data, const LocateCommand& what, bool json)
{
    if (const Status folder = checkDataFolder(data); !folder.ok())
        return reportError(folder.error());
    PosixDisk disk;
    const Result<CommandReply> reply = locate(disk, data, what);
    if (!reply.ok()) return reportError(reply.error());
    if (json) return printOut(replyJson(*reply));
    return printOut(shown(reply->message) + "\n" + hitLines(*reply));
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
    if (const Status folder = checkDataFolder(data); !folder.ok())
        return reportError(folder.error());
    PosixDisk disk;
    const Result<VerifyReport> report = verifyDataDirectory(disk, data);
    if (!report.ok()) return reportError(report.error());
    int printed = 0;
    if (json) {
        const std::string text =
            verifyJson(*report).dump(2, ' ', false, Json::error_handler_t::replace);
        printed = printOut(text + "\n");
    } else {
        std::printf(
            "%llu files, %llu bytes, %llu shards, %llu frames, %llu records (header lines "
            "included, %llu "
            "rejected, %llu dead letters), %llu checkpoints: %s\n",
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
        say("verify: " + problem.file + ", offset " + std::to_string(problem.position) + ": "
            + problem.text);
    }
    if (report->problems.empty()) return printed;
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

// A rebuilt file against the proof alone.
Status checkStream(Disk& disk, const Proof& proof, const std::string& path)
{
    FS_TRY(const Bytes bytes, disk.readWhole(path));
    ProofChecker checker(proof);
    if (checker.addStream(bytes) && checker.finish(std::nullopt)) return {};
    return Error{Errc::kCorrupt, path + " is not what the proof says: " + checker.problem()
                                     + ": rebuild it again, or take the proof of this stream"};
}

int verifyProof(const std::string& path, const std::string& data, const std::string& stream,
                bool json)
{
    PosixDisk disk;
    const Result<Bytes> text = disk.readWhole(path);
    if (!text.ok()) return reportError(text.error());
    const Result<Proof> proof = Proof::parse(*text);
    if (!proof.ok()) return reportError(proof.error().during(path));
    const Status status =
        stream.empty() ? checkProof(disk, data, *proof) : checkStream(disk, *proof, stream);
    const ProofTotals& totals = proof->totals();
    const std::uint64_t records = totals.to - totals.from;
    int printed = 0;
    if (json) {
        Json report = {{"ok", status.ok()},
                       {"from", totals.from},
                       {"to", totals.to},
                       {"records", records},
                       {"bytes", totals.bytes},
                       {"chain", totals.chain},
                       {"stream_sha256", totals.streamHash}};
        if (!status.ok()) report["problem"] = status.error().message;
        const std::string out = report.dump(2, ' ', false, Json::error_handler_t::replace);
        printed = printOut(out + "\n");
    } else if (status.ok()) {
        std::printf("the proof holds: offsets %llu to %llu, %llu bytes\n",
                    static_cast<unsigned long long>(totals.from),
                    static_cast<unsigned long long>(totals.to),
                    static_cast<unsigned long long>(totals.bytes));
    }
    return status.ok() ? printed : reportError(status.error());
}

void addVerify(CLI::App& app, int& exitCode)
{
    struct Flags {
        std::string data, proof, stream;
        bool json = false;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command =
        app.add_subcommand("verify", "check every checksum and link of a data directory");
    command->add_option("--data", flags->data, "data directory");
    command->add_option("--proof", flags->proof, "check against this proof of `rebuild` instead");
    command->add_option("--stream", flags->stream,
                        "with --proof: check this rebuilt file, not a data directory");
    command->add_flag("--json", flags->json, "one JSON document");
    command->callback([flags, &exitCode] {
        const bool sensible = flags->stream.empty() ? !flags->data.empty()
                                                    : flags->data.empty() && !flags->proof.empty();
        if (!sensible) {
            exitCode =
                reportError(Error{Errc::kInvalid,
                                  "verify: it is not clear what to check: give --data DIR, or "
                                  "--proof FILE with --data DIR or --stream FILE"});
        } else if (flags->proof.empty()) {
            exitCode = verify(flags->data, flags->json);
        } else {
            exitCode = verifyProof(flags->proof, flags->data, flags->stream, flags->json);
        }
    });
}

}  // namespace

void addDataCommands(CLI::App& app, int& exitCode)
{
    struct Flags {
        std::string data;
        std::string format = "csv";
        std::optional<Offset> asOf;
        std::string proof;
        Offset from = 0;
        std::optional<Offset> to;
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
    command->add_option("--proof", flags->proof, "write what the range consists of to FILE");
    command->callback([flags, &exitCode] {
        exitCode = rebuild(flags->data, flags->from, flags->to, flags->proof);
    });

    addLocate(app, exitCode);

    addVerify(app, exitCode);
}

}  // namespace foreshard
