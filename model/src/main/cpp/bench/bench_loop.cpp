// The training loop without Java, to be told by another program when to run, so that the two can be measured in turns:
//   bench_loop V E H B keep CELL LAYERS
// Each line of standard input, "STEPS PRECISION SECONDS" (fp32 or bf16; one pass over the window), is answered by a line
// "WINDOWS SECONDS": how many windows were trained and what they took. The first line of all is the version.
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>

#include "measurement.h"

int main(int count, char** arguments) {
  char message[256];
  int isa = TBPTT_ISA_AUTOMATIC;
  if (count != 8 || tbptt_isa_choose(&isa, message, sizeof(message)) != TBPTT_OK) {
    std::cerr << (count != 8 ? "usage: bench_loop V E H B keep CELL LAYERS" : message) << "\n";
    return 2;
  }
  auto size = [&](int position) { return std::atoi(arguments[position]); };
  const std::map<std::string, int> cells = {{"tanh", TBPTT_CELL_TANH},
                                            {"relu", TBPTT_CELL_RELU},
                                            {"identity", TBPTT_CELL_IDENTITY},
                                            {"lstm", TBPTT_CELL_LSTM},
                                            {"gru", TBPTT_CELL_GRU}};
  const auto cell = cells.find(arguments[6]);
  if (cell == cells.end()) {
    std::cerr << "no cell " << arguments[6] << "\n";
    return 2;
  }
  std::cout.precision(9);
  std::cout << tbptt_version() << " " << tbptt_isa_name(isa) << std::endl;
  std::map<std::string, std::unique_ptr<Runner>> runners;
  int steps = 0;
  std::string precision;
  for (double seconds = 0; std::cin >> steps >> precision >> seconds;) {
    auto& runner = runners[std::to_string(steps) + precision];
    if (!runner)
      runner = std::make_unique<Runner>(Workload{precision, size(1), size(2), size(3), size(4), steps, steps, steps,
                                                 std::atof(arguments[5]), precision == "bf16" ? TBPTT_BF16 : TBPTT_FP32, false,
                                                 cell->second, size(7)},
                                        isa, false);
    const double from = now();
    double took = 0;
    int windows = 0;
    do {
      runner->once();
      ++windows;
      took = now() - from;
    } while (took < seconds);
    std::cout << windows << " " << took << std::endl;
  }
  return 0;
}
