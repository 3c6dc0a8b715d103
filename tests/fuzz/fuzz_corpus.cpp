// Writes the seeds of a target as files into a folder: fuzz_corpus TARGET FOLDER. Without words it
// prints the names of all targets.
#include "tests/fuzz/fuzz_target.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

int main(int argc, char** argv)
{
    using namespace foreshard::fuzz;
    for (const FuzzTarget& target : allTargets()) {
        if (argc < 3) {
            std::printf("%s\n", target.name.c_str());
            continue;
        }
        if (target.name != argv[1]) continue;
        std::filesystem::create_directories(argv[2]);
        std::vector<foreshard::Bytes> seeds = target.seeds();
        seeds.insert(seeds.end(), target.regressions.begin(), target.regressions.end());
        for (std::size_t i = 0; i < seeds.size(); ++i) {
            std::ofstream file(std::string(argv[2]) + "/seed-" + std::to_string(i),
                               std::ios::binary);
            file.write(seeds[i].data(), static_cast<std::streamsize>(seeds[i].size()));
            if (!file.flush()) return 1;
        }
        return 0;
    }
    if (argc < 3) return 0;
    std::fprintf(stderr, "fuzz_corpus: no such target: %s\n", argv[1]);
    return 2;
}
