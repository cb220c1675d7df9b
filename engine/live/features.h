/*
 * Features and signals of symbols over their latest bars, for people and for scans: computed on the pool, from a copy
 * of the bars. They inform; what trades is a strategy.
 *
 * Each question has two forms: one that computes at once, on any thread, and one that is answered later on the loop's
 * thread. Equal questions under way (symbol, kind, last bar) are computed once.
 */
#ifndef DUET_ENGINE_LIVE_FEATURES_H
#define DUET_ENGINE_LIVE_FEATURES_H

#include <stddef.h>
#include <stdint.h>

#include <duet/bar.h>
#include <duet/status.h>

#include "base/json.h"
#include "components/instruments.h"
#include "components/offload.h"

/** Bars that are looked at, at most; fewer leave features undefined (NaN). */
#define DUET_FEATURE_BARS_MAX 300
/** Symbols of a watchlist, and how many of them are under way at a time. */
#define DUET_WATCHLIST_MAX 4096
#define DUET_WATCHLIST_WINDOW 10

/** Number, name and how many bars it needs. */
#define DUET_FEATURE_MAP(X)                                                                      \
    X(RETURN_1, "return_1", 2) /* close over the close so many bars before, less 1 */            \
    X(RETURN_5, "return_5", 6)                                                                   \
    X(RETURN_20, "return_20", 21)                                                                \
    X(VOLATILITY_20, "volatility_20", 21) /* sample deviation of the last 20 returns of a bar */ \
    X(SMA_RATIO, "sma_ratio", 50) /* mean of 10 closes over the mean of 50, less 1 */            \
    X(RSI_14, "rsi_14", 15) /* Wilder's, 0 … 100; 50 where nothing moved */                    \
    X(ATR_14, "atr_14", 15) /* Wilder's average true range, in price */                          \
    X(VOLUME_RATIO, "volume_ratio", 21) /* last volume over the mean of the 20 before */
enum duet_feature_kind {
#define DUET_FEATURE_ENUM(name, text, bars) DUET_FEATURE_##name,
    DUET_FEATURE_MAP(DUET_FEATURE_ENUM)
#undef DUET_FEATURE_ENUM
        DUET_FEATURE_COUNT
};
const char *duet_feature_name(enum duet_feature_kind kind);

struct duet_features {
    char symbol[DUET_SYMBOL_MAX];
    int64_t close_ns; // of the last bar
    uint32_t bars;
    double close;
    double values[DUET_FEATURE_COUNT]; // NaN where there are too few bars
};
struct duet_ticker_signal {
    struct duet_features features;
    int direction; // -1, 0, +1
    double strength; // 0 … 1; 0 where direction is
    char reason[64];
};

/** At once, from `count` bars, oldest first. DUET_EDATA: none, or a price that is not above 0. */
DUET_MUST_CHECK enum duet_status duet_features_of(
    const char *symbol, const struct duet_bar *bars, size_t count, struct duet_features *out);
/**
 * Votes of trend (sma_ratio), momentum (return_20) and a stretched RSI, each -1, 0 or +1, the first two in units of
 * volatility; direction is the sign of their sum, strength its share. The same with all prices mirrored gives the
 * opposite.
 */
void duet_signal_of(const struct duet_features *features, struct duet_ticker_signal *out);

struct duet_analyst; // opaque

struct duet_analyst_options {
    struct duet_offload *offload; // borrowed, running
    /** Copy the latest closed bars of a symbol, oldest first, at most `capacity`; how many; 0: none. Loop's thread. */
    size_t (*bars)(void *argument, const char *symbol, struct duet_bar *out, size_t capacity);
    void *argument;
    int64_t deadline_ns; // of one symbol; 0: 30 s
};
struct duet_analyst *duet_analyst_create(const struct duet_analyst_options *options);
/** After the pool was stopped: every question has been answered then. NULL is fine. */
void duet_analyst_destroy(struct duet_analyst *analyst);

/** `out` is NULL unless status is DUET_OK; valid during the call. */
typedef void (*duet_features_done)(
    void *argument, enum duet_status status, const struct duet_features *out, const char *error);
typedef void (*duet_signal_done)(
    void *argument, enum duet_status status, const struct duet_ticker_signal *out, const char *error);

/** Features of a symbol; operation "features". DUET_ENOTFOUND: no bars; else as duet_offload_submit(). */
DUET_MUST_CHECK enum duet_status duet_features_compute(
    struct duet_analyst *analyst, const char *symbol, duet_features_done done, void *argument);
/** The same at once. */
DUET_MUST_CHECK enum duet_status duet_features_compute_now(
    struct duet_analyst *analyst, const char *symbol, struct duet_features *out);
/** The signal of a symbol; operation "signal". */
DUET_MUST_CHECK enum duet_status duet_signal_generate(
    struct duet_analyst *analyst, const char *symbol, duet_signal_done done, void *argument);
DUET_MUST_CHECK enum duet_status duet_signal_generate_now(
    struct duet_analyst *analyst, const char *symbol, struct duet_ticker_signal *out);

/** What became of one symbol of a watchlist. */
struct duet_watch_row {
    char symbol[DUET_SYMBOL_MAX];
    enum duet_status status;
    char error[96]; // "" where it is DUET_OK
    struct duet_ticker_signal signal; // where it is DUET_OK
};
/** `rows` in the order of the symbols, valid during the call; `peak`: most that were under way at once. */
typedef void (*duet_watchlist_done)(
    void *argument, const struct duet_watch_row *rows, size_t count, size_t failed, size_t peak);
/** Signals of many symbols: one job for each, DUET_WATCHLIST_WINDOW at a time; one that fails fails alone. `done` is
 * called once, later. DUET_EINVAL: no symbols, or more than DUET_WATCHLIST_MAX. */
DUET_MUST_CHECK enum duet_status duet_signals_watchlist(
    struct duet_analyst *analyst, const char *const *symbols, size_t count, duet_watchlist_done done, void *argument);
/** The same at once; how many failed. `rows` has room for all. */
size_t duet_signals_watchlist_now(
    struct duet_analyst *analyst, const char *const *symbols, size_t count, struct duet_watch_row *rows);

/** {symbol, time, close, bars, features{…}} and {…, direction, strength, reason} under `name`. */
void duet_features_write(struct duet_json *json, const char *name, const struct duet_features *features);
void duet_signal_write(struct duet_json *json, const char *name, const struct duet_ticker_signal *signal);

#endif
