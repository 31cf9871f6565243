/*
 * Truncated back-propagation through time for an RNN language model: the C interface of the native core.
 *
 * Shape letters, used in every comment:
 *   V vocabulary, E embedding size, H hidden size, L layers, B batch columns, T steps of one window,
 *   n steps that an error reaches (its own included), P steps of history kept before the window.
 * All matrices that cross this interface are row-major float32 ("canonical form"); tokens are int32.
 *
 * The model (one column b of the batch, step t):
 *   u_1 = Emb[token_t] * m_0                 (E)
 *   h_l, c_l = cell(u_l, h'_l, c'_l)         (H)   of layer l = 1..L; h' and c' come from step t-1, c only of an LSTM
 *   u_(l+1) = h_l * m_l                      (H)
 *   logits_t = u_(L+1) Ws + bs               (V)
 *   loss = sum over counted (t,b) of -log softmax(logits_t)[target_t] / (number of counted (t,b))
 * With a = [u ; h'] W + b, cut into G gates of H columns; W = [W_x ; W_h] is (in+H, G H), in = E for layer 1 and H above:
 *   tanh, relu, identity  G = 1          h = f(a)
 *   lstm                  gates i f g o  c = s(f) c' + s(i) tanh(g);  h = s(o) tanh(c);  s is the logistic function (Gers et al. 2000)
 *   gru                   gates r z n    n = tanh(u W_n + b_n + s(r) (h' U_n + b_hn));  h = (1 - s(z)) n + s(z) h'
 *                                        (Cho et al. 2014, reset after the product; U_n are the rows of W_h in gate n)
 *
 * Every function returns a tbptt_status. On anything but TBPTT_OK it writes one English line, with the value that was
 * found and what is allowed, into `message` (always zero-terminated; may be NULL when message_bytes is 0).
 * No C++ exception leaves the library, nothing is allocated on the heap by the arithmetic, and arguments are checked before any of it.
 * A core that was given more than one thread keeps them from tbptt_create to tbptt_destroy.
 * A core is not thread-safe; different cores may be used by different threads at the same time.
 * Results are bit-identical for the same instruction set, precision and inputs, whatever the number of threads.
 */
#ifndef TBPTT_H
#define TBPTT_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define TBPTT_API __declspec(dllexport)
#else
#define TBPTT_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Changes whenever a struct or the meaning of a function below changes. */
#define TBPTT_ABI_VERSION 5

typedef enum tbptt_status {
  TBPTT_OK = 0,
  TBPTT_INVALID_ARGUMENT = 1, /* a null pointer, a size, a range, a token outside 0..V-1, a misaligned address, a non-finite number */
  TBPTT_UNSUPPORTED = 2,      /* an instruction set that this CPU or this build does not have */
  TBPTT_OUT_OF_ARENA = 3,     /* the arena is smaller than tbptt_required_bytes says */
  TBPTT_CANCELLED = 4,        /* the cancel flag was raised; see tbptt_train for the state that is left */
  TBPTT_INTERNAL = 5          /* a defect of the library */
} tbptt_status;

typedef enum tbptt_cell {
  TBPTT_CELL_TANH = 0,
  TBPTT_CELL_RELU = 1,
  TBPTT_CELL_IDENTITY = 2,
  TBPTT_CELL_LSTM = 3,
  TBPTT_CELL_GRU = 4
} tbptt_cell;

enum { TBPTT_MOST_LAYERS = 8, TBPTT_MOST_PARAMETERS = 2 * TBPTT_MOST_LAYERS + 3 };

typedef enum tbptt_precision {
  TBPTT_FP32 = 0,
  TBPTT_BF16 = 1,  /* products of the softmax and of errors going back take bf16 inputs (round to nearest even),
                       accumulate in fp32; with gates and in stacks of layers all products of a layer do; master weights are
                       fp32; where lags are asked for, the way back and the gradients of W are fp32 */
  TBPTT_BF16X2 = 2 /* softmax products take each fp32 operand as a sum of two bf16 terms, three products, fp32 accumulation */
} tbptt_precision;

/* g is the gradient after clipping, lr the rate of the call, t counts updates from 1. */
typedef enum tbptt_optimizer {
  TBPTT_SGD = 0,      /* p -= lr g */
  TBPTT_MOMENTUM = 1, /* u = momentum u + g; p -= lr u            (u is the first moment) */
  TBPTT_ADAM = 2,     /* m = beta1 m + (1-beta1) g; v = beta2 v + (1-beta2) g^2;
                         p -= lr sqrt(1-beta2^t)/(1-beta1^t) m / (sqrt(v) + epsilon)   (TensorFlow's form) */
  TBPTT_RMSPROP = 3   /* v = decay v + (1-decay) g^2; p -= lr g / (sqrt(v) + epsilon)  (v is the second moment, starts at 0) */
} tbptt_optimizer;

/* What goes from one training window into the next. */
typedef enum tbptt_carry {
  TBPTT_CARRY_SOUND = 0,       /* h, and c, of the last step */
  TBPTT_CARRY_POST_DROPOUT = 1 /* h * m_1 of the last step: for one layer without gates (training only; an evaluation always carries h) */
} tbptt_carry;

/*
 * The matrices of the core, for tbptt_read, tbptt_write and tbptt_tensor_shape, are numbered from 0 in this order:
 *   n = 2L + 3 parameters  Emb (V, E); W (in+H, G H), the input's rows first, and b of layer 1, of layer 2 ...; Ws (H, V); bs (1, V).
 *                          b is (1, G H), of a GRU (1, 4 H): r z n hn
 *   n first moments        Adam's m, momentum's u; absent (0, 0) for SGD and RMSPROP
 *   n second moments       Adam's v, RMSPROP's v; absent (0, 0) for SGD and MOMENTUM
 *   states                 (B, H) each: h of layer 1, for lstm c of layer 1, h of layer 2 ...: what step 0 of the next window gets as h', c'
 *   evaluation states      the same of the evaluation stream
 *   history                (Q*B, columns), Q = TBPTT_HISTORY_STEPS, oldest step first, row q*B+b; the columns of a row are token (exact as
 *                          float; -1 is padding), edge (1 where the link below is not all ones), then for each layer u (in), mask on u (in),
 *                          h' (H) and what the way back needs: h (H) without gates, c' i f g o c (6 H) of an LSTM, r z n and h' U_n + b_hn
 *                          (4 H) of a GRU; last, for one layer without gates, link (H): what h' of the following step is h multiplied by.
 *                          Opaque to a checkpoint.
 */
/* These numbers, for one layer without gates. The first three are the same for every network. */
typedef enum tbptt_tensor {
  TBPTT_EMB = 0,
  TBPTT_W = 1,
  TBPTT_B = 2,
  TBPTT_WS = 3,
  TBPTT_BS = 4,
  TBPTT_FIRST_MOMENT = 5,
  TBPTT_SECOND_MOMENT = 10,
  TBPTT_STATE = 15,
  TBPTT_EVALUATION_STATE = 16,
  TBPTT_HISTORY = 17,
  TBPTT_TENSOR_COUNT = 18
} tbptt_tensor;

/* Whole numbers of the core, for tbptt_get_counter and tbptt_set_counter; a checkpoint needs all of them. */
typedef enum tbptt_counter {
  TBPTT_OPTIMIZER_STEPS = 0, /* updates done: t of Adam; may be set to 0..2^53 */
  TBPTT_HISTORY_STEPS = 1    /* Q, steps of history held, 0..history_capacity; set it before writing TBPTT_HISTORY */
} tbptt_counter;

/*
 * The core's fixed properties. Zero the whole struct first; zero means the default where one is named.
 * Besides: steps_capacity * batch and history_capacity * batch up to 2^24, batch * hidden up to 2^28.
 * 64-bit layout in bytes: 14 x int32 (0..55), 6 x double (56..103), 1 pointer (104..111).
 */
typedef struct tbptt_config {
  int32_t struct_bytes;     /* sizeof(tbptt_config) */
  int32_t vocabulary;       /* V, 1..2^24 */
  int32_t embedding;        /* E, 1..65536 */
  int32_t hidden;           /* H, 1..65536 */
  int32_t batch;            /* B, 1..65536 */
  int32_t steps_capacity;   /* the largest T of any window, 1..65536 */
  int32_t history_capacity; /* the largest P of any window, 0..65536 */
  int32_t cell;             /* tbptt_cell */
  int32_t precision;        /* tbptt_precision */
  int32_t optimizer;        /* tbptt_optimizer */
  int32_t isa;              /* tbptt_isa; TBPTT_ISA_AUTOMATIC = what TBPTT_ISA in the environment names, else the best this CPU has */
  int32_t threads;          /* 0..1024; 0 is 1. The caller's thread and threads - 1 of the core's own; numbers don't depend on it */
  int32_t timings;          /* 1: fill phase_seconds of tbptt_stats */
  int32_t layers;           /* L, 1..8; 0 is 1 */
  double beta1;             /* Adam, [0,1); 0 is 0, not a default */
  double beta2;             /* Adam, [0,1) */
  double epsilon;           /* Adam and RMSPROP, > 0 */
  double momentum;          /* MOMENTUM, [0,1) */
  double decay;             /* RMSPROP, [0,1) */
  double clip_norm;         /* theta of g <- min(1, theta/|g|) g, |g| over all gradients together; 0 = never */
  const volatile int32_t *cancel; /* not 0 behind it = stop; may be NULL; read once per vocabulary block and time step */
} tbptt_config;

/*
 * One window. Which errors are injected in which pass, and how far they go:
 * pass j (j = 0 .. T/k1 - 1) injects the losses of steps j k1 .. j k1 + k1 - 1 and goes down from its last step, end, to
 * max(-P', end - k2 + 1), where P' = min(history_steps, history held). History steps are negative.
 *   tf n, full        T = n:  k1 = k2 = T
 *   true n            k1 = 1, k2 = n;  with history: history_steps = n-1
 *   interval k1 k2    k1 divides T, k1 <= k2;  with history: history_steps = k2-k1
 *   random pi         k1 = k2 = T, link_keep = pi (or link_mask given)
 *   update-every u    T calls with steps = u, first_step = 0, u, 2u ..., carry sound but for the last
 * History steps' activations and inputs are used as they were computed; weights are the present ones.
 *
 * Masks: an explicit array wins; else, where its keep is below 1, Philox 4x32-10 makes it; else there is none.
 * Philox: key = (low, high 32 bits of seed), counter = (position/4, window, epoch, purpose), word position%4 is the number u of `position`;
 *   kept iff u < floor(keep 2^32), value (float)(1/keep), else 0.
 *   purpose 1 input mask, position (t B + b) E + e;  purpose 2 + 65536 (l - 1) output mask of layer l, (t B + b) H + j;
 *   purpose 3 link mask, t B + b;
 *   t counts from first_step. position is 34 bits at most.
 * 64-bit layout in bytes: 5 pointers (0..39), 4 x double (40..71), uint64 (72..79), 2 x uint32 (80..87), 8 x int32 (88..119).
 */
typedef struct tbptt_window {
  const int32_t *tokens;    /* (T, B), 0..V-1, or -1: a zero input row without an embedding gradient */
  const int32_t *targets;   /* (T, B), 0..V-1, or -1: no loss here, not counted; NULL only for tbptt_advance */
  const float *input_mask;  /* (T, B, E) or NULL; values 0 or 1/keep, finite */
  const float *output_mask; /* (L, T, B, H), on the outputs of layers 1..L, or NULL */
  const float *link_mask;   /* xi (T, B) or NULL: what flows from every h_t and c_t to those of t-1 is multiplied by xi[t,b] */
  double input_keep;        /* (0, 1] */
  double output_keep;       /* (0, 1] */
  double link_keep;         /* (0, 1]; pi of `random` */
  double recurrent_scale;   /* > 0; the gradients of Emb, every W and b are multiplied by it: 1, or T/n for r2rt's normalisation */
  uint64_t seed;
  uint32_t epoch;
  uint32_t window;
  int32_t steps;            /* T, 1..steps_capacity */
  int32_t inject_every;     /* k1, 1..T, divides T */
  int32_t reach;            /* k2, k1..2^30 */
  int32_t history_steps;    /* P, 0..history_capacity */
  int32_t first_step;       /* offset of t in Philox positions, >= 0 */
  int32_t carry;            /* tbptt_carry */
  int32_t summed;           /* 1: gradients are those of the losses summed over the steps and averaged over the B columns; 0: of their mean */
  int32_t reserved;         /* 0 */
} tbptt_window;

enum {
  TBPTT_PHASE_FORWARD = 0,   /* masks, embedding look-up and recurrence */
  TBPTT_PHASE_LOGITS = 1,    /* logits, exp, loss */
  TBPTT_PHASE_DH = 2,        /* gradient of y */
  TBPTT_PHASE_BACKWARD = 3,  /* lag products / back-propagation through time */
  TBPTT_PHASE_RECURRENT = 4, /* gradients of W, b and of the cell's input */
  TBPTT_PHASE_SOFTMAX_UPDATE = 5, /* gradient of Ws and bs and their update */
  TBPTT_PHASE_EMBEDDING = 6, /* gradient of Emb and its update */
  TBPTT_PHASE_OTHER = 7,
  TBPTT_PHASE_COUNT = 8
};

/* 64-bit layout in bytes: 3 x double (0..23), int64 (24..31), 2 x int32 (32..39), 8 x double (40..103). */
typedef struct tbptt_stats {
  double loss;          /* mean over the counted (t,b), nats; 0 when none is counted; may be NaN or infinite */
  double gradient_norm; /* L2 over all gradients before clipping, recurrent_scale included; NaN where tbptt_train applied nothing */
  double update_norm;   /* L2 of what was subtracted from the parameters; 0 when nothing was */
  int64_t counted;      /* targets that are not -1 */
  int32_t clipped;      /* 1: a finite norm exceeded the clip norm */
  int32_t applied;      /* 1: the update was done. 0: the loss or a gradient is not finite, and nothing was changed */
  double phase_seconds[TBPTT_PHASE_COUNT]; /* 0 unless config.timings */
} tbptt_stats;

/*
 * What tbptt_gradients gives. Any pointer may be NULL: not wanted. Gradients are of the mean loss, before clipping.
 * Lags want k1 = 1 and no link mask; lag k = 0 .. lags-1 with lags = k2 at most (further entries are set to 0).
 * 64-bit layout in bytes: 19 pointers (0..151), 3 pointers (152..175), 2 x int32 (176..183).
 */
typedef struct tbptt_gradient_output {
  float *gradients[TBPTT_MOST_PARAMETERS]; /* of the n parameters in their order and shapes */
  double *lag_phi;  /* (lags) mean, over the counted (t,b) whose step t-k is in reach, of |d loss_t / d h_{t-k}|_2, losses unscaled: for
                       k >= 1 of what step t-k hands on, h and c of all layers, for k = 0 of the last layer's h */
  double *lag_w_l1; /* (lags) L1 norm of the part at lag k of the gradients of every W (of the mean loss, times recurrent_scale) */
  double *lag_w_l2; /* (lags) its L2 norm */
  int32_t lags;     /* length of the three arrays; 0 when all are NULL */
  int32_t reserved; /* 0 */
} tbptt_gradient_output;

typedef enum tbptt_isa {
  TBPTT_ISA_AUTOMATIC = 0,
  TBPTT_ISA_BASELINE = 1,    /* "baseline": x86-64 SSE2, or NEON on AArch64 ("neon") */
  TBPTT_ISA_AVX2 = 2,        /* "avx2": AVX2 and FMA */
  TBPTT_ISA_AVX512 = 3,      /* "avx512": AVX-512 F, BW, DQ, VL */
  TBPTT_ISA_AVX512_BF16 = 4, /* "avx512bf16": the same and vdpbf16ps */
  TBPTT_ISA_AMX = 5,         /* "amx": AVX-512, avx512bf16 and AMX-TILE, AMX-BF16 */
  TBPTT_ISA_COUNT = 6
} tbptt_isa;

typedef struct tbptt_core tbptt_core;

/* ---- the library ---- */
TBPTT_API int32_t tbptt_abi_version(void);
TBPTT_API const char *tbptt_version(void);
/* The name of an isa, or NULL out of range. */
TBPTT_API const char *tbptt_isa_name(int32_t isa);
/* 1 when this build has it and this CPU and operating system allow it. */
TBPTT_API int32_t tbptt_isa_available(int32_t isa);
/* What TBPTT_ISA_AUTOMATIC means here; TBPTT_UNSUPPORTED when TBPTT_ISA names something unknown or impossible. */
TBPTT_API int32_t tbptt_isa_choose(int32_t *isa, char *message, int32_t message_bytes);

/* ---- life of a core ---- */
/* Bytes that an arena must have, alignment slack included (it need only be aligned to 4). */
TBPTT_API int32_t tbptt_required_bytes(const tbptt_config *config, uint64_t *bytes, char *message, int32_t message_bytes);
/* Lays a core out in the arena: parameters, moments, states zero; no history. The arena must outlive the core and not move. */
TBPTT_API int32_t tbptt_create(const tbptt_config *config, void *arena, uint64_t arena_bytes, tbptt_core **core,
                               char *message, int32_t message_bytes);
/* Ends the core and its threads: later calls with it are refused for as long as the arena keeps its bytes. Frees no memory of the caller's;
   NULL is allowed. */
TBPTT_API void tbptt_destroy(tbptt_core *core);
/* The isa in use (tbptt_isa); 0 for what is no living core. */
TBPTT_API int32_t tbptt_core_isa(const tbptt_core *core);
/* What the core was made from; NULL for what is no living core. */
TBPTT_API const tbptt_config *tbptt_core_config(const tbptt_core *core);

/* ---- matrices and counters ---- */
TBPTT_API int32_t tbptt_tensor_shape(const tbptt_core *core, int32_t tensor, int64_t *rows, int64_t *columns, char *message,
                                     int32_t message_bytes);
/* count must be rows*columns. Values must be finite, those of second moments from 0 on (an infinite one is what a large gradient leaves). */
TBPTT_API int32_t tbptt_write(tbptt_core *core, int32_t tensor, const float *values, int64_t count, char *message,
                              int32_t message_bytes);
TBPTT_API int32_t tbptt_read(const tbptt_core *core, int32_t tensor, float *values, int64_t count, char *message,
                             int32_t message_bytes);
TBPTT_API int32_t tbptt_get_counter(const tbptt_core *core, int32_t counter, int64_t *value, char *message, int32_t message_bytes);
TBPTT_API int32_t tbptt_set_counter(tbptt_core *core, int32_t counter, int64_t value, char *message, int32_t message_bytes);
/* Start of an epoch: training state zero, history empty. */
TBPTT_API int32_t tbptt_reset_state(tbptt_core *core, char *message, int32_t message_bytes);
/* Start of an evaluation: evaluation state zero. */
TBPTT_API int32_t tbptt_reset_evaluation(tbptt_core *core, char *message, int32_t message_bytes);

/* ---- windows ---- */
/*
 * Trains on one window: gradients, clipping, one optimiser update, carry of the state, history.
 * TBPTT_CANCELLED: parameters, optimiser state, counters, carried state and history are exactly as before the call
 * (once the update has begun it is finished and the call returns TBPTT_OK).
 */
TBPTT_API int32_t tbptt_train(tbptt_core *core, const tbptt_window *window, double learning_rate, tbptt_stats *stats,
                              char *message, int32_t message_bytes);
/* The gradients of one window; changes nothing that can be read. stats may be NULL. */
TBPTT_API int32_t tbptt_gradients(tbptt_core *core, const tbptt_window *window, const tbptt_gradient_output *output,
                                  tbptt_stats *stats, char *message, int32_t message_bytes);
/* Forward over one window with its dropout, then carry and history as tbptt_train does; no loss, no update. */
TBPTT_API int32_t tbptt_advance(tbptt_core *core, const tbptt_window *window, char *message, int32_t message_bytes);
/*
 * Sum of the losses of (T,B) targets in nats, without dropout, carrying the evaluation state. *counted: targets that are not -1.
 * After TBPTT_CANCELLED the evaluation state is as before the call.
 */
TBPTT_API int32_t tbptt_evaluate(tbptt_core *core, const int32_t *tokens, const int32_t *targets, int32_t steps, double *loss_sum,
                                 int64_t *counted, char *message, int32_t message_bytes);

/* ---- for tests, diagnostics and the bench ---- */
/* The Philox block that holds `position`: four words. */
TBPTT_API void tbptt_philox(uint64_t seed, uint32_t epoch, uint32_t window, uint32_t purpose, uint64_t position, uint32_t words[4]);
/* exp, tanh (<= 2 ULP) and the logistic function (<= 4 ULP) of the chosen isa over an array, to measure their error. count >= 0. */
TBPTT_API int32_t tbptt_exp(int32_t isa, const float *input, float *output, int64_t count, char *message, int32_t message_bytes);
TBPTT_API int32_t tbptt_tanh(int32_t isa, const float *input, float *output, int64_t count, char *message, int32_t message_bytes);
TBPTT_API int32_t tbptt_logistic(int32_t isa, const float *input, float *output, int64_t count, char *message, int32_t message_bytes);
/* Peak of fused multiply-adds (2 operations each) on registers, measured for about `seconds`; 0 where the isa is not available. */
TBPTT_API double tbptt_probe_fp32_gflops(int32_t isa, double seconds);
/* Peak of bf16 dot products of the isa (AMX tiles or vdpbf16ps); 0 where it has none. */
TBPTT_API double tbptt_probe_bf16_gflops(int32_t isa, double seconds);
/* GB/s of vector loads from the first-level cache: what falls when another thread shares the core, even if it multiplies nothing. */
TBPTT_API double tbptt_probe_cache_gbps(int32_t isa, double seconds);

#ifdef __cplusplus
}
#endif
#endif
