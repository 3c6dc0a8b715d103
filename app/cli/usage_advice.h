#pragma once
// Words for a command line that is not understood: which word is wrong, what was probably meant,
// and whose help tells more.
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace foreshard {

// From now on whole numbers are digits and nothing else: the parser takes -1 for the greatest
// number there is, and 010 for 8. For `app` and every command below it.
void takePlainNumbersOnly(CLI::App& app);

// `words` as they came, without the program's name; `what` is what the parser said of them.
std::string usageAdvice(const CLI::App& app, const std::vector<std::string>& words,
                        const std::string& what);

}  // namespace foreshard
