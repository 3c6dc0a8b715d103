#pragma once
// What `foreshard predict train` and `foreshard predict eval` do, without their command line. Both
// answer with one JSON document. They block for as long as the work takes (training: minutes).
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/env/env.h"
#include "engine/predict/training/tick_stream.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace foreshard {

struct TrainOptions {
    std::vector<std::string> traces;  // CSV files with a header, beside the synthetic streams
    std::string column;               // of the traces; empty: the last column
    std::vector<TickStream> streams;  // further ones to train on
    std::vector<TickStream> heldOut;  // only scored, one by one
    std::string out;                  // the model file; its manifest gets the ending .json
    std::vector<std::string> modulePaths;
    std::string name = "shard_predictor";
    std::uint32_t version = 1;
    std::uint64_t seed = 1;
    int epochs = 30;
    WallMillis wallMs = 0;                        // written into the manifest as the day of making
    std::function<void(const std::string&)> log;  // progress, one line each
};

struct EvalOptions {
    std::string trace;   // a CSV file with a header
    std::string column;  // empty: the last column
    std::vector<int> horizons{1, 5, 10};
    double trainFraction = 0.6;
    bool isOnline = true;
    std::string modelPath;
    std::vector<std::string> modulePaths;
};

// {"model", "manifest", "sha256", "rows", "validation_rows", "held_out": {...},
// "held_out_streams": [...]}
Result<std::string> trainCommand(Disk& disk, const TrainOptions& options);
// {"trace", "column", "model", "rows", ..., "horizons": [{"steps", "mae_last", "relative_mae": {},
// "coverage_p90": {}}]}
Result<std::string> evalCommand(Disk& disk, const EvalOptions& options);

// The numbers of one column of a CSV text; rows without a number there are skipped and counted.
struct ColumnValues {
    std::string column;
    std::vector<double> values;
    std::size_t skipped = 0;
};
Result<ColumnValues> readColumn(const std::string& path, BytesView csv, const std::string& column);

}  // namespace foreshard
