#pragma once
// Result and Status: the outcome of anything the outside world can refuse. A bug is not an Error
// (see check.h), and exceptions of other people's libraries are turned into one at their border.
#include "engine/base/check.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace foreshard {

enum class Errc : std::uint8_t {
    kInvalid,      // the caller's words make no sense: usage, configuration, unknown column
    kNotFound,     // no such file, shard, checkpoint, record
    kIo,           // the operating system refused a read, a write or a sync
    kNoSpace,      // the disk is full
    kReadOnly,     // the disk or directory cannot be written
    kCorrupt,      // a checksum or a link does not hold; the message names file and offset
    kGap,          // data that should be here is not
    kBusy,         // somebody else holds it, or a bounded queue is full
    kStale,        // the version or epoch has moved on
    kUnavailable,  // a peer does not answer
    kUnsupported,  // a format or a request of another version
    kTimeout,
};

// The fixed name of a code, for logs and JSON ("corrupt").
const char* errcName(Errc code);

struct [[nodiscard]] Error {
    Errc code = Errc::kIo;
    // "what failed: likely cause: next step", without the program's name.
    std::string message;

    // Puts the wider task in front: Error{kIo,"x"}.during("restore shard 7") reads "restore shard
    // 7: x".
    Error during(const std::string& task) const { return {code, task + ": " + message}; }
};

template <class T>
class [[nodiscard]] Result {
public:
    // A value or an Error becomes a Result by itself: `return frame;`, `return Error{...};`.
    // NOLINTNEXTLINE(google-explicit-constructor)
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    // NOLINTNEXTLINE(google-explicit-constructor)
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    // REQUIRES: ok().
    T& value() &
    {
        FS_CHECK(ok());
        return *std::get_if<0>(&state_);
    }
    const T& value() const&
    {
        FS_CHECK(ok());
        return *std::get_if<0>(&state_);
    }
    T&& value() &&
    {
        FS_CHECK(ok());
        return std::move(*std::get_if<0>(&state_));
    }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    // REQUIRES: !ok().
    const Error& error() const
    {
        FS_CHECK(!ok());
        return *std::get_if<1>(&state_);
    }
    Result during(const std::string& task) &&
    {
        if (ok()) return std::move(*this);
        return error().during(task);
    }

private:
    std::variant<T, Error> state_;
};

class [[nodiscard]] Status {
public:
    Status() = default;
    // NOLINTNEXTLINE(google-explicit-constructor)
    Status(Error error) : error_(std::move(error)) {}

    bool ok() const { return !error_.has_value(); }
    explicit operator bool() const { return ok(); }
    const Error& error() const
    {
        FS_CHECK(!ok());
        return *error_;
    }
    Status during(const std::string& task) const
    {
        return ok() ? Status{} : Status{error().during(task)};
    }

private:
    std::optional<Error> error_;
};

#define FS_CONCAT_INNER(a, b) a##b
#define FS_CONCAT(a, b) FS_CONCAT_INNER(a, b)
// FS_TRY(auto frame, decode(bytes)); declares `frame`, or returns the error to the caller.
#define FS_TRY(declaration, expression) \
    FS_TRY_IMPL(declaration, expression, FS_CONCAT(fsResult, __LINE__))
#define FS_TRY_IMPL(declaration, expression, name) \
    auto name = (expression);                      \
    if (!name.ok()) return name.error();           \
    declaration = std::move(name).value()
// FS_TRY_STATUS(file.sync()); returns the error to the caller.
#define FS_TRY_STATUS(expression)                                                  \
    do {                                                                           \
        if (auto fsStatus = (expression); !fsStatus.ok()) return fsStatus.error(); \
    } while (false)

}  // namespace foreshard
