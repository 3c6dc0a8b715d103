#pragma once
// Reads one line of JSON and keeps what stands at the wanted paths; builds no tree. It is as strict
// about the structure as it must be, and lenient about what nobody asked for: a number out of
// range, NaN and Infinity, a lone surrogate, bytes that are no UTF-8. Pure.
#include "engine/base/bytes.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace foreshard {

class JsonScan {
public:
    static constexpr std::size_t kPaths = 4;
    enum class Found : std::uint8_t {
        kNothing,
        kNull,
        kText,
        kNumber,
        kOther  // true, false, NaN, an object or an array
    };
    struct Captured {
        Found found = Found::kNothing;
        bool twice = false;
        std::string text;  // of a number: its literal
        bool isPlain() const { return found == Found::kText || found == Found::kNumber; }
    };

    // Dotted; an empty one is not looked for.
    explicit JsonScan(std::array<std::string, kPaths> paths);

    // False: the line is no JSON object, or what was asked for is text that cannot be read.
    bool read(BytesView line);
    const Captured& at(std::size_t path) const { return captured_[path]; }

private:
    struct Level {
        bool array = false;
        std::size_t pathLength = 0;
    };
    enum class Expect : std::uint8_t {
        kFirst,  // a member or item, or the end
        kMember,
        kItem,
        kNext  // a comma, or the end
    };

    void skipBlanks();
    bool accept(char c);
    void open(bool array);
    void close();
    bool step();
    bool readMember();
    bool readValue();
    bool readLiteral();
    bool readString(BytesView& body, bool& escaped);
    bool capture(Found found, BytesView text, bool escaped = false);

    std::array<std::string, kPaths> paths_;
    std::array<Captured, kPaths> captured_;
    BytesView text_;
    std::size_t at_ = 0;
    Expect expect_ = Expect::kFirst;
    std::string path_;           // of the member being read
    std::vector<Level> levels_;  // open objects and arrays
    std::size_t arrays_ = 0;     // of them
};

}  // namespace foreshard
