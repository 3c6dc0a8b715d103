#ifndef FORESHARD_PREDICTOR_ABI_H
#define FORESHARD_PREDICTOR_ABI_H
/* The C border between the engine and the module that holds LibTorch. No C++ type crosses it, no
 * exception crosses it, and the module knows neither files nor shards: it sees matrices and bytes.
 * Rows are packed, row by row. Functions return 0 when all is well, else fill `error` with a text
 * of at most `errorSize` bytes including its end. A handle belongs to one thread at a time. */
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FS_PREDICTOR_ABI_VERSION 1
#define FS_PREDICTOR_ENTRY "foreshardPredictorApi"

struct FsTrainRequest {
    const char* initialModel; /* start from these weights; NULL: from seeded random ones */
    size_t initialModelBytes;
    const float* inputs;  /* rows x columns */
    const float* targets; /* rows x horizons, normalised as the outputs are */
    size_t rows;
    size_t validationRows; /* the last ones of `rows`: decide when to stop, never trained on */
    int32_t columns;
    int32_t horizons;
    int32_t epochs;   /* at most */
    int32_t patience; /* epochs without a better validation loss before it stops */
    int32_t batch;
    float learningRate;
    uint64_t seed;
    void (*log)(void* context, const char* line);
    void (*sink)(void* context, const char* model, size_t bytes); /* called once, at the end */
    void* context;
};

struct FsPredictorApi {
    uint32_t abiVersion;
    /* Loads a TorchScript model; NULL on failure. */
    void* (*create)(const char* model, size_t bytes, char* error, size_t errorSize);
    /* `out` takes rows x outputs numbers; fails when the model gives another shape. */
    int (*predict)(void* handle, int32_t rows, int32_t columns, const float* in, int32_t outputs,
                   float* out, char* error, size_t errorSize);
    void (*destroy)(void* handle);
    int (*train)(const struct FsTrainRequest* request, char* error, size_t errorSize);
};

/* Exported by the module under FS_PREDICTOR_ENTRY. */
typedef const struct FsPredictorApi* (*FsPredictorEntry)(void);

#ifdef __cplusplus
}
#endif
#endif
