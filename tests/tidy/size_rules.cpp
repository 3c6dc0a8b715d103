#include "tests/tidy/rules.h"

#include <string_view>

namespace foreshard::tidy {
namespace {

constexpr std::size_t kHeaderLinesMax = 300;
constexpr std::size_t kFileLinesMax = 600;
constexpr std::size_t kFunctionLinesMax = 70;
constexpr std::size_t kColumnsMax = 100;

// Characters, not bytes: UTF-8 continuation bytes do not count.
std::size_t columns(std::string_view line)
{
    std::size_t count = 0;
    for (const char c : line) {
        if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++count;
    }
    return count;
}

enum class Scope {
    kContainer,  // namespace, class, extern "C": functions may stand in it
    kFunction,
    kOther,  // enumerators, initializers
};

// Tells the bodies of functions from other braces by what stands before the brace. A heuristic: it
// sees namespace-level functions, members and lambdas in initializers; what is inside a function
// belongs to it.
class FunctionFinder {
public:
    FunctionFinder(const SourceFile& file, Found& found) : file_(file), found_(found) {}

    void run()
    {
        for (line_ = 0; line_ < file_.code.size(); ++line_) {
            const std::string& code = file_.code[line_];
            if (startsWith(code, "#")) continue;
            for (const char c : code)
                take(c);
            before_ += ' ';
        }
    }

private:
    struct Open {
        Scope scope = Scope::kOther;
        std::size_t line = 0;
    };

    void take(char c)
    {
        if (c == '{') {
            open_.push_back({classify(), line_});
            before_.clear();
            afterClose_ = false;
        } else if (c == '}') {
            close();
            before_.clear();
            afterClose_ = true;
        } else if (c == ';') {
            before_.clear();
            afterClose_ = false;
        } else {
            before_ += c;
        }
    }
    Scope classify() const
    {
        if (!open_.empty() && open_.back().scope == Scope::kFunction) return Scope::kFunction;
        const std::size_t last = before_.find_last_not_of(" \t");
        // `: a_{1} {`: the body behind a member's initializer.
        if (last == std::string::npos) return afterClose_ ? Scope::kFunction : Scope::kOther;
        if (before_[last] == '=') return Scope::kOther;
        for (const char* word : {"namespace", "class", "struct", "union", "extern"}) {
            if (hasWord(before_, word) && before_.find('(') == std::string::npos)
                return Scope::kContainer;
        }
        return before_.find(')') == std::string::npos ? Scope::kOther : Scope::kFunction;
    }
    void close()
    {
        if (open_.empty()) return;
        const Open last = open_.back();
        open_.pop_back();
        const bool outermost = open_.empty() || open_.back().scope != Scope::kFunction;
        if (last.scope != Scope::kFunction || !outermost || line_ <= last.line) return;
        const std::size_t body = line_ - last.line - 1;
        if (body > kFunctionLinesMax) {
            found_.push_back({file_.path, last.line + 1,
                              "function body of " + std::to_string(body) + " lines; at most "
                                  + std::to_string(kFunctionLinesMax)});
        }
    }

    const SourceFile& file_;
    Found& found_;
    std::vector<Open> open_;
    std::string before_;       // since the last brace or semicolon
    bool afterClose_ = false;  // nothing but a '}' came since then
    std::size_t line_ = 0;
};

}  // namespace

void checkFileLengths(const Files& files, Found& found)
{
    for (const auto& file : files) {
        if (!isCpp(file.path)) continue;
        const std::size_t most = endsWith(file.path, ".h") ? kHeaderLinesMax : kFileLinesMax;
        if (file.lines.size() > most) {
            found.push_back(
                {file.path, file.lines.size(),
                 std::to_string(file.lines.size()) + " lines; at most " + std::to_string(most)});
        }
    }
}

void checkLineWidths(const Files& files, Found& found)
{
    for (const auto& file : files) {
        if (!isCpp(file.path) && !endsWith(file.path, ".capnp")) continue;
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            const std::size_t width = columns(file.lines[i]);
            if (width > kColumnsMax)
                found.push_back(
                    {file.path, i + 1, std::to_string(width) + " columns; at most 100"});
        }
    }
}

void checkFunctionLengths(const Files& files, Found& found)
{
    for (const auto& file : files) {
        if (isCpp(file.path)) FunctionFinder(file, found).run();
    }
}

}  // namespace foreshard::tidy
