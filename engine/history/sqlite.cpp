#include "engine/history/sqlite.h"

#include <array>
#include <cctype>
#include <cstdio>
#include <sqlite3.h>
#include <string_view>
#include <utility>

namespace foreshard {

namespace {

// As a URI. A database without a log beside it has no writer: it is read as a file that does not
// change, because even a reader of one in WAL mode would otherwise leave two files beside it.
std::string readOnlyName(const std::string& path)
{
    constexpr std::string_view kPlain = "/.-_~";
    std::string name = path.starts_with('/') ? "file://" : "file:";
    for (const char c : path) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0
            || kPlain.find(c) != std::string_view::npos) {
            name += c;
            continue;
        }
        std::array<char, 4> code{};
        std::snprintf(code.data(), code.size(), "%%%02X",
                      static_cast<unsigned>(static_cast<unsigned char>(c)));
        name += code.data();
    }
    sqlite3_vfs* files = sqlite3_vfs_find(nullptr);
    int written = 1;
    if (files != nullptr)
        files->xAccess(files, (path + "-wal").c_str(), SQLITE_ACCESS_EXISTS, &written);
    return name + (written != 0 ? "" : "?immutable=1");
}

}  // namespace

SqliteStatement::SqliteStatement(SqliteStatement&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      next_(other.next_)
{
}

SqliteStatement::~SqliteStatement() { sqlite3_finalize(statement_); }

SqliteStatement& SqliteStatement::bind(std::int64_t value)
{
    sqlite3_bind_int64(statement_, next_++, value);
    return *this;
}

SqliteStatement& SqliteStatement::bind(double value)
{
    sqlite3_bind_double(statement_, next_++, value);
    return *this;
}

SqliteStatement& SqliteStatement::bind(std::string_view value)
{
    // No destructor: SQLite must copy. The macro for that casts in the old way.
    const auto copy = reinterpret_cast<sqlite3_destructor_type>(std::intptr_t{-1});
    sqlite3_bind_text64(statement_, next_++, value.data(), value.size(), copy, SQLITE_UTF8);
    return *this;
}

SqliteStatement& SqliteStatement::bindNull()
{
    sqlite3_bind_null(statement_, next_++);
    return *this;
}

Result<bool> SqliteStatement::step()
{
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return database_->error(code);
}

void SqliteStatement::reset()
{
    sqlite3_reset(statement_);
    next_ = 1;
}

Status SqliteStatement::run()
{
    while (true) {
        const Result<bool> row = step();
        if (row.ok() && *row) continue;
        reset();
        return row.ok() ? Status{} : Status{row.error()};
    }
}

std::int64_t SqliteStatement::number(int column) const
{
    return sqlite3_column_int64(statement_, column);
}

std::string SqliteStatement::text(int column) const
{
    const auto* text = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    const int size = sqlite3_column_bytes(statement_, column);
    return text == nullptr ? std::string() : std::string(text, static_cast<std::size_t>(size));
}

bool SqliteStatement::isNull(int column) const
{
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Result<std::unique_ptr<Sqlite>> Sqlite::open(const std::string& path, bool readOnly)
{
    std::unique_ptr<Sqlite> database(new Sqlite(path));
    const int flags = readOnly ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
                               : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const std::string name = readOnly ? readOnlyName(path) : path;
    const int code =
        sqlite3_open_v2(name.c_str(), &database->database_, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    if (code != SQLITE_OK) return database->error(code);
    sqlite3_busy_timeout(database->database_, 200);
    return database;
}

Sqlite::~Sqlite() { sqlite3_close_v2(database_); }

Error Sqlite::error(int code) const
{
    const std::string why = database_ == nullptr ? "no memory" : sqlite3_errmsg(database_);
    Errc errc = Errc::kIo;
    switch (code & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_ERROR:  // no such table: somebody else's database
            errc = Errc::kCorrupt;
            break;
        case SQLITE_FULL:
            errc = Errc::kNoSpace;
            break;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            errc = Errc::kBusy;
            break;
        case SQLITE_READONLY:
            errc = Errc::kReadOnly;
            break;
        default:
            break;
    }
    return {errc, "history " + path_ + ": " + why + ": look at the file and the disk it is on"};
}

Status Sqlite::execute(const std::string& sql)
{
    const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
    return code == SQLITE_OK ? Status{} : Status{error(code)};
}

Result<SqliteStatement> Sqlite::prepare(const std::string& sql)
{
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr);
    if (code != SQLITE_OK) return error(code);
    return SqliteStatement(*this, statement);
}

Result<std::int64_t> Sqlite::number(const std::string& sql)
{
    FS_TRY(SqliteStatement statement, prepare(sql));
    FS_TRY(const bool row, statement.step());
    return row ? statement.number(0) : 0;
}

Result<std::string> Sqlite::word(const std::string& sql)
{
    FS_TRY(SqliteStatement statement, prepare(sql));
    FS_TRY(const bool row, statement.step());
    return row ? statement.text(0) : std::string();
}

}  // namespace foreshard
