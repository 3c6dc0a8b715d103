// Writes a TorchScript model that answers with zeros, or never: endless_model FILE always|later N.
// "always": no question is answered. "later": one row and 64 rows are, which is what a model is
// tried with before it is used; the first real question is not. N: numbers in an answer's row.
#include <torch/script.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

int main(int argc, char** argv)
{
    if (argc != 4) return 2;
    const std::string when = argv[2];
    const std::string condition = when == "always" ? "True" : "x.size(0) != 1 and x.size(0) != 64";
    try {
        torch::jit::Module module("EndlessModel");
        module.register_attribute("training", c10::BoolType::get(), false);
        module.register_attribute("outputs", c10::IntType::get(),
                                  static_cast<int64_t>(std::atoi(argv[3])));
        module.define("def forward(self, x: Tensor) -> Tensor:\n"
                      "    n = 0\n"
                      "    if " + condition + ":\n"
                      "        while n >= 0:\n"
                      "            n = (n + 1) % 7\n"
                      "    return torch.zeros([x.size(0), self.outputs])\n");
        module.save(argv[1]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "endless_model: %s\n", error.what());
        return 1;
    }
    return 0;
}
