// `foreshard ctl`: asks and tells a running engine.
#include "app/cli/commands.h"
#include "app/cli/reply_output.h"
#include "app/report_json.h"
#include "app/run_options.h"
#include "engine/env/real/endpoint_probe.h"
#include "engine/env/real/strand_thread.h"
#include "engine/env/real/zmq_network.h"
#include "engine/model/endpoint.h"
#include "engine/wire/codec.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>

namespace foreshard {
namespace {

struct CtlFlags {
    std::string endpoint;
    bool json = false;
    bool dryRun = false;
    LogIndex expectVersion = 0;
    // Of the subcommands; each uses its own.
    std::uint32_t shard = 0;
    std::uint32_t node = 0;
    std::uint64_t checkpoint = 0;
    std::string word;
    LocateCommand locate;
};

// What a question costs at most. A command that changes something is sent once, when the engine has
// been heard; while it is carried out the engine is asked for signs of life.
constexpr auto kSilenceMax = std::chrono::seconds(5);
constexpr auto kProbeEvery = std::chrono::milliseconds(500);
constexpr auto kCommandMax = std::chrono::minutes(10);

// One question over one connection.
class CtlClient {
public:
    explicit CtlClient(std::string endpoint) : endpoint_(std::move(endpoint)) {}
    ~CtlClient()
    {
        network_.close("ctl");
        strand_.stop();
    }
    CtlClient(const CtlClient&) = delete;
    CtlClient& operator=(const CtlClient&) = delete;

    Result<Message> ask(const Command& command)
    {
        FS_TRY_STATUS(network_.open("ctl", strand_,
                                    [this](const std::string&, const Bytes& m) { onMessage(m); }));
        FS_TRY_STATUS(network_.dial(endpoint_, "engine", "ctl"));
        std::unique_lock<std::mutex> lock(mutex_);
        heardAt_ = Clock::now();
        while (!snapshot_) {
            if (Clock::now() - heardAt_ > kSilenceMax) return silence();
            probe(lock, [this] { return snapshot_.has_value(); });
        }
        if (std::holds_alternative<StatusCommand>(command.body)) return Message{*snapshot_};
        send(command);
        return waitForReply(lock);
    }

private:
    using Clock = std::chrono::steady_clock;

    // A program that is stopped still has its socket; the system answers for it.
    Error silence() const
    {
        const std::string asked = "ask " + endpoint_ + ": ";
        switch (listenerAt(endpoint_)) {
            case Listener::kSilent:
                return {Errc::kUnavailable,
                        asked + "the engine at " + endpoint_
                            + " does not answer: it is frozen or busy: look whether its process "
                              "is stopped (`ps`, state T: `kill -CONT PID`), and try again"};
            case Listener::kPeer:
                return {Errc::kUnavailable,
                        asked + "what listens there does not answer: it is an engine that is "
                                "busy, or a sink or predictor: look which program it is"};
            case Listener::kOther:
                return {Errc::kUnavailable,
                        asked + "what listens there ends the connection: another program than "
                                "foreshard, or an engine with as many peers as it takes: give "
                                "what `run --listen` was given, or close a console and try "
                                "again"};
            case Listener::kNobody:
                break;
        }
        return {Errc::kUnavailable,
                asked + "no answer within 5 s: no engine listens there: start one with "
                        "`foreshard run --listen "
                    + endpoint_ + "`"};
    }

    void send(const Command& command) { network_.send("ctl", "engine", encode(command)); }

    template <class Done>
    void probe(std::unique_lock<std::mutex>& lock, Done done)
    {
        Command status;
        status.body = StatusCommand{};
        send(status);
        heard_.wait_for(lock, kProbeEvery, done);
    }

    Result<Message> waitForReply(std::unique_lock<std::mutex>& lock)
    {
        const Clock::time_point sent = Clock::now();
        const auto answered = [this] { return reply_.has_value(); };
        heard_.wait_for(lock, kProbeEvery, answered);
        while (!reply_) {
            const bool silent = Clock::now() - heardAt_ > kSilenceMax;
            if (silent || Clock::now() - sent > kCommandMax) {
                return Error{Errc::kUnavailable,
                             "ask " + endpoint_ + ": the command is not answered"
                                 + (silent ? ": the engine ended or hangs" : " within 10 minutes")
                                 + ": it may be carried out or not: look with `foreshard ctl "
                                   "--connect " + endpoint_ + " status`"};
            }
            probe(lock, answered);
        }
        return Message{*reply_};
    }

    void onMessage(const Bytes& message)
    {
        Result<Message> decoded = decode(message);
        if (!decoded.ok()) return;
        const std::lock_guard<std::mutex> lock(mutex_);
        heardAt_ = Clock::now();
        if (auto* snapshot = std::get_if<ClusterSnapshot>(&*decoded))
            snapshot_ = std::move(*snapshot);
        if (auto* reply = std::get_if<CommandReply>(&*decoded)) reply_ = std::move(*reply);
        heard_.notify_all();
    }

    std::string endpoint_;
    std::mutex mutex_;  // guards the next four
    std::condition_variable heard_;
    Clock::time_point heardAt_;
    std::optional<ClusterSnapshot> snapshot_;
    std::optional<CommandReply> reply_;
    StrandThread strand_{"fs-ctl"};
    ZmqNetwork network_;
};

Result<Message> ask(const CtlFlags& flags, CommandBody body)
{
    FS_TRY_STATUS(checkEndpoint("--connect", flags.endpoint));
    Command command;
    command.id = 1;
    command.dryRun = flags.dryRun;
    command.expectVersion = flags.expectVersion;
    command.actor = "ctl";
    command.body = std::move(body);
    CtlClient client(flags.endpoint);
    return client.ask(command);
}

int show(const CtlFlags& flags, const std::string& part)
{
    Result<Message> answer = ask(flags, StatusCommand{});
    if (!answer.ok()) return reportError(answer.error());
    auto* snapshot = std::get_if<ClusterSnapshot>(&*answer);
    if (snapshot == nullptr) return 1;
    if (!flags.json && onTerminal()) makePrintable(*snapshot);
    if (part.empty()) return printOut(flags.json ? statusJson(*snapshot) : statusText(*snapshot));
    return printOut(flags.json ? statusPartJson(*snapshot, part) : statusPartText(*snapshot, part));
}

int tell(const CtlFlags& flags, CommandBody body)
{
    const Result<Message> answer = ask(flags, std::move(body));
    if (!answer.ok()) return reportError(answer.error());
    const auto* reply = std::get_if<CommandReply>(&*answer);
    if (reply == nullptr) return 1;
    int printed = 0;
    if (flags.json) {
        printed = printOut(replyJson(*reply));
    } else if (reply->ok) {
        printed = printOut(shown(reply->message) + "\n" + hitLines(*reply));
    }
    return reply->ok ? printed : reportError(Error{reply->code, reply->message});
}

int setInterval(const CtlFlags& flags)
{
    IntervalCommand interval{ShardId{flags.shard}, 0};
    if (flags.word != "auto") {
        const Result<IntervalPolicySetting> fixed = parsePolicy("fixed:" + flags.word);
        if (!fixed.ok()) {
            return reportError(
                Error{Errc::kInvalid, "interval " + flags.word
                                          + ": this is no interval: give 10 to 600000 "
                                            "(milliseconds), or auto"});
        }
        interval.intervalMs = fixed->fixedMs;
    }
    return tell(flags, interval);
}

int setPolicy(const CtlFlags& flags)
{
    const Result<IntervalPolicySetting> policy = parsePolicy(flags.word, "policy");
    return policy.ok() ? tell(flags, PolicyCommand{*policy}) : reportError(policy.error());
}

using Flags = std::shared_ptr<CtlFlags>;

void addShows(CLI::App& ctl, const Flags& flags, int& exitCode)
{
    ctl.add_subcommand("status", "everything at a glance")->callback([flags, &exitCode] {
        exitCode = show(*flags, "");
    });
    for (const char* part : {"shards", "nodes", "raft", "checkpoints", "events"}) {
        ctl.add_subcommand(part, std::string("the ") + part)->callback([flags, part, &exitCode] {
            exitCode = show(*flags, part);
        });
    }
}

void addChanges(CLI::App& ctl, const Flags& flags, int& exitCode)
{
    CLI::App* command = ctl.add_subcommand("move", "move a shard to a node");
    command->add_option("shard", flags->shard)->required();
    command->add_option("node", flags->node)->required();
    command->callback([flags, &exitCode] {
        exitCode = tell(*flags, MoveCommand{{ShardId{flags->shard}}, NodeId{flags->node}});
    });
    command = ctl.add_subcommand("interval", "fix a shard's checkpoint interval, or auto");
    command->add_option("shard", flags->shard)->required();
    command->add_option("ms", flags->word, "milliseconds, or auto")->required();
    command->callback([flags, &exitCode] { exitCode = setInterval(*flags); });
    command = ctl.add_subcommand("restore", "set a shard back to a listed checkpoint");
    command->add_option("shard", flags->shard)->required();
    command->add_option("checkpoint", flags->checkpoint, "its id, see checkpoints")->required();
    command->callback([flags, &exitCode] {
        exitCode =
            tell(*flags, RestoreCommand{ShardId{flags->shard}, CheckpointId{flags->checkpoint}});
    });
    command = ctl.add_subcommand("checkpoint", "checkpoint a shard now");
    command->add_option("shard", flags->shard)->required();
    command->callback(
        [flags, &exitCode] { exitCode = tell(*flags, CheckpointCommand{ShardId{flags->shard}}); });
    command = ctl.add_subcommand("policy", "classes, promise or fixed:MS");
    command->add_option("name", flags->word)->required();
    command->callback([flags, &exitCode] { exitCode = setPolicy(*flags); });
    command = ctl.add_subcommand("drill", "kill-node NODE: a fault with a measured recovery");
    command->add_option("name", flags->word)->required();
    command->add_option("node", flags->node)->required();
    command->callback([flags, &exitCode] {
        exitCode = tell(*flags, DrillCommand{flags->word, NodeId{flags->node}});
    });
    ctl.add_subcommand("stop", "checkpoint everything and end")->callback([flags, &exitCode] {
        exitCode = tell(*flags, StopCommand{});
    });
}

}  // namespace

void addCtlCommand(CLI::App& app, int& exitCode)
{
    const auto flags = std::make_shared<CtlFlags>();
    CLI::App* ctl = app.add_subcommand("ctl", "ask and tell a running engine");
    ctl->require_subcommand(1);
    ctl->fallthrough();
    ctl->add_option("--connect", flags->endpoint, "endpoint the engine listens at")->required();
    ctl->add_flag("--json", flags->json, "one JSON document");
    ctl->add_flag("--dry-run", flags->dryRun, "say what would happen, change nothing");
    ctl->add_option("--expect-version", flags->expectVersion,
                    "refuse unless the shard map is at this version");
    addShows(*ctl, flags, exitCode);
    addChanges(*ctl, flags, exitCode);
    CLI::App* command = ctl->add_subcommand("locate", "where a record or a key is");
    CLI::Option* offset =
        command->add_option("--offset", flags->locate.offset, "record at this offset");
    CLI::Option* key = command->add_option("--key", flags->locate.key, "records of this key");
    offset->excludes(key);
    command->callback([flags, offset, key, &exitCode] {
        if (offset->count() + key->count() == 0) {
            exitCode = reportError(
                Error{Errc::kInvalid, "locate: nothing to look for: give --offset N or --key K"});
            return;
        }
        flags->locate.byKey = key->count() > 0;
        exitCode = tell(*flags, flags->locate);
    });
}

}  // namespace foreshard
