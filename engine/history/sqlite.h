#pragma once
// A thin cover over SQLite's C interface: one connection, statements that are prepared once. For
// one thread. Errors are Result; a damaged or foreign file is kCorrupt, a full disk kNoSpace.
#include "engine/base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace foreshard {

class Sqlite;

class SqliteStatement {
public:
    SqliteStatement(Sqlite& database, sqlite3_stmt* statement)
        : database_(&database), statement_(statement)
    {
    }
    ~SqliteStatement();
    SqliteStatement(SqliteStatement&& other) noexcept;
    SqliteStatement& operator=(SqliteStatement&&) = delete;

    // In the order of the question marks.
    SqliteStatement& bind(std::int64_t value);
    SqliteStatement& bind(double value);
    SqliteStatement& bind(std::string_view value);
    SqliteStatement& bindNull();
    // Runs it to its end and makes it ready for the next values.
    Status run();
    // True when a row is there to be read.
    Result<bool> step();
    void reset();
    std::int64_t number(int column) const;
    std::string text(int column) const;
    bool isNull(int column) const;

private:
    Sqlite* database_;
    sqlite3_stmt* statement_;
    int next_ = 1;
};

class Sqlite {
public:
    static Result<std::unique_ptr<Sqlite>> open(const std::string& path, bool readOnly);
    ~Sqlite();
    Sqlite(const Sqlite&) = delete;
    Sqlite& operator=(const Sqlite&) = delete;

    Status execute(const std::string& sql);
    Result<SqliteStatement> prepare(const std::string& sql);
    // The first column of the first row; 0 without one.
    Result<std::int64_t> number(const std::string& sql);
    Result<std::string> word(const std::string& sql);
    Error error(int code) const;

private:
    explicit Sqlite(std::string path) : path_(std::move(path)) {}

    std::string path_;
    sqlite3* database_ = nullptr;
};

}  // namespace foreshard
