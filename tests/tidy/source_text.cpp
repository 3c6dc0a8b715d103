#include "tests/tidy/source_text.h"

#include <cctype>
#include <utility>

namespace foreshard::tidy {
namespace {

bool isWordCharacter(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Blanks comments and the contents of literals, keeping every line end and every length.
class Blanker {
public:
    explicit Blanker(std::string_view text) : text_(text), out_(text) {}

    std::string run()
    {
        while (at_ < text_.size()) {
            if (text_.compare(at_, 2, "//") == 0)
                blankTo(text_.find('\n', at_));
            else if (text_.compare(at_, 2, "/*") == 0)
                blankTo(after(text_.find("*/", at_ + 2), 2));
            else if (text_.compare(at_, 2, "R\"") == 0 && !wordBefore())
                blankRaw();
            else if (text_[at_] == '"')
                blankQuoted('"');
            else if (text_[at_] == '\'' && !wordBefore())  // 1'000 is a number
                blankQuoted('\'');
            else
                ++at_;
        }
        return std::move(out_);
    }

private:
    static std::size_t after(std::size_t found, std::size_t length)
    {
        return found == std::string_view::npos ? found : found + length;
    }
    // u8R"", LR"" and the like do not occur here.
    bool wordBefore() const { return at_ > 0 && isWordCharacter(text_[at_ - 1]); }
    void blankTo(std::size_t end)
    {
        for (; at_ < text_.size() && at_ < end; ++at_) {
            if (text_[at_] != '\n') out_[at_] = ' ';
        }
    }
    void blankQuoted(char quote)
    {
        std::size_t end = at_ + 1;
        while (end < text_.size() && text_[end] != quote && text_[end] != '\n')
            end += text_[end] == '\\' ? 2U : 1U;
        ++at_;
        blankTo(end);
        if (at_ < text_.size() && text_[at_] == quote) ++at_;
    }
    void blankRaw()
    {
        const std::size_t open = text_.find('(', at_);
        if (open == std::string_view::npos) {
            at_ = text_.size();
            return;
        }
        const std::string close = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
        blankTo(after(text_.find(close, open), close.size()));
    }

    std::string_view text_;
    std::string out_;
    std::size_t at_ = 0;
};

std::vector<std::string> splitLines(std::string_view text)
{
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.emplace_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return lines;
}

// A macro's braces need not balance, so definitions are no code to the rules.
void blankDefinitions(std::vector<std::string>& code)
{
    bool inside = false;
    for (auto& line : code) {
        const std::size_t first = line.find_first_not_of(" \t");
        const bool starts = first != std::string::npos && line.compare(first, 7, "#define") == 0;
        const bool goesOn = endsWith(line, "\\");
        if (inside || starts) line.assign(line.size(), ' ');
        inside = (inside || starts) && goesOn;
    }
}

}  // namespace

SourceFile makeSourceFile(std::string path, std::string_view text)
{
    SourceFile file;
    file.path = std::move(path);
    file.lines = splitLines(text);
    file.code = splitLines(Blanker(text).run());
    blankDefinitions(file.code);
    return file;
}

std::vector<Include> includesOf(const SourceFile& file)
{
    std::vector<Include> found;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        const std::string& line = file.lines[i];
        if (!startsWith(file.code[i], "#include")) continue;
        const std::size_t open = line.find_first_of("<\"");
        if (open == std::string::npos) continue;
        const std::size_t close = line.find_first_of(">\"", open + 1);
        if (close == std::string::npos) continue;
        found.push_back({.line = i + 1,
                         .angled = line[open] == '<',
                         .target = line.substr(open + 1, close - open - 1)});
    }
    return found;
}

bool hasWord(std::string_view text, std::string_view word)
{
    for (std::size_t at = text.find(word); at != std::string_view::npos;
         at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        const bool before = at > 0 && isWordCharacter(text[at - 1]);
        const bool behind = end < text.size() && isWordCharacter(text[end]);
        if (!before && !behind) return true;
    }
    return false;
}

std::string folderOf(std::string_view path)
{
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string{} : std::string(path.substr(0, slash));
}

std::string fileNameOf(std::string_view path)
{
    const std::size_t slash = path.rfind('/');
    return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

bool startsWith(std::string_view text, std::string_view prefix)
{
    return text.substr(0, prefix.size()) == prefix;
}

bool endsWith(std::string_view text, std::string_view suffix)
{
    return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

bool isCpp(std::string_view path) { return endsWith(path, ".h") || endsWith(path, ".cpp"); }

}  // namespace foreshard::tidy
