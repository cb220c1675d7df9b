/*
 * A series: the bars of one interval, the trades or the quotes of one instrument, read from its file once, then mapped
 * from the cache. What is said here is said of bars; data/tick_series.h has what differs for trades and quotes.
 *
 * What a user writes, `SYMBOL=PATH[,key=value]…`, is a struct duet_data_spec. Opening it yields a struct duet_series:
 * what was understood (struct duet_data_info) and the records, which are walked by index and turned into struct
 * duet_bar one at a time. A record of a bar is visible to callers only when they ask for it: the caller (the conductor)
 * is what keeps the future away from strategies.
 */
#ifndef DUET_DATA_SERIES_H
#define DUET_DATA_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <duet/bar.h>
#include <duet/status.h>

#include "components/instruments.h"
#include "data/csv_text.h"

struct duet_zone; // data/zone.h

/** Where a label stands in its bar. */
enum duet_stamp { DUET_STAMP_UNSET = 0, DUET_STAMP_OPEN, DUET_STAMP_CLOSE };

/** What 1/2/2019 means, where a file leaves it open. */
enum duet_dates { DUET_DATES_UNSET = 0, DUET_DATES_MDY, DUET_DATES_DMY };

/** Parsed `SYMBOL=PATH[,key=value]…`. Unset numbers are 0, unset texts NULL. All texts owned; free with
 * duet_data_spec_finish(). */
struct duet_data_spec {
    char *symbol; // may be NULL for `duet data inspect`: then it comes from the file's name
    char *path; // a file, or a folder whose *.csv and *.txt are read in name order as one series
    char *tz; // of labels without a zone, e.g. "America/New_York", "UTC", "+05:30"
    char *columns; // e.g. "time,open,high,low,close,volume"; "-" skips one
    char *currency; // default USD
    char *bars; // longer bars to be made of it, e.g. "5m+1h"; see data/bars.h
    enum duet_stamp stamp;
    enum duet_dates dates; // dates=mdy|dmy
    enum duet_csv_marks comma; // comma=thousands|decimal
    int64_t interval_ns; // DUET_DAY_NS, DUET_WEEK_NS and DUET_MONTH_NS close by the calendar
    bool skip_errors; // on_error=skip
    bool exec; // exec=1: this series is the one that fills
    bool adjust_total; // adjust=total
    bool adjust_split; // adjust=split, of LEAN files
    int decimals; // price decimals; -1 unset
    int quantity_decimals; // -1 unset
    char *tick, *lot, *multiplier; // decimal texts
    char *inner; // which of an archive's or folder's files: a part of the name, or a pattern with * and ?; "*": all
    char *asset; // which instrument of a file that has several side by side, e.g. BTC of "BTC:open"
    char *kind; // "trades" or "quotes": which of two kinds of files beside each other, or of two that a file can be
    char *price; // "mid", "bid" or "ask": which price of quotes makes bars; default mid
    char *lean; // kind of security whose rules a LEAN file follows, e.g. equity; "off": none, it is plain CSV
    char *bid; // path of the bid's bars, where `path` holds the ask's
};

/** Parse the command line's form. An existing path wins over a comma in its name. Unknown keys: DUET_EINVAL with the
 * nearest. Without `SYMBOL=` the symbol stays NULL; commas inside columns=… belong to it. */
DUET_MUST_CHECK enum duet_status duet_data_spec_parse(const char *text, struct duet_data_spec *out);
/** Set one key of the form; duet_data_spec_key() lists them. DUET_EINVAL for an unknown key or a bad value. */
DUET_MUST_CHECK enum duet_status duet_data_spec_set(struct duet_data_spec *spec, const char *key, const char *value);
void duet_data_spec_finish(struct duet_data_spec *spec);

/** A copy of its own. */
void duet_data_spec_copy(const struct duet_data_spec *spec, struct duet_data_spec *out);
/**
 * One spec per file that `spec` names: itself, or, where its path does not exist and holds *, ? or [, every match in
 * name order, with the symbol from its file's name. *out is an array to free, each finished. DUET_EDATA where nothing
 * matches, DUET_EINVAL where a symbol stands before several matches.
 */
DUET_MUST_CHECK enum duet_status duet_data_spec_expand(
    const struct duet_data_spec *spec, struct duet_data_spec **out, size_t *count);

/** One key of the form, for help texts, files and the reference. */
struct duet_data_key {
    const char *name, *metavar, *help;
};
#define DUET_DATA_TEXT_MAX 64
/** One row after another, sorted by name. NULL past the last. */
const struct duet_data_key *duet_data_spec_key(size_t index);
/** The value of duet_data_spec_key(index) as duet_data_spec_set() takes it, or NULL where it is unset. `out` is used
 * where no text is stored. */
const char *duet_data_spec_text(const struct duet_data_spec *spec, size_t index, char out[DUET_DATA_TEXT_MAX]);
/** Whether its path is the word "gateway": a series without a file, whose bars a live session gets from elsewhere. */
bool duet_data_spec_is_gateway(const struct duet_data_spec *spec);
/** "1m", "15m", "1h", "1d", "1w", "1mo", "90s" to nanoseconds, and back (static buffers are not used; `out` holds 24
 * bytes). */
DUET_MUST_CHECK enum duet_status duet_interval_parse(const char *text, int64_t *interval_ns);
char *duet_interval_format(int64_t interval_ns, char out[24]);

enum duet_data_kind { DUET_KIND_BARS = 0, DUET_KIND_TRADES, DUET_KIND_QUOTES, DUET_KIND_BOOK, DUET_KIND_OTHER };

/** Counted oddities; X(enum name, stable code as printed, sentence). */
#define DUET_DATA_WARNING_MAP(X)                                                           \
    X(OHLC_VIOLATION, "ohlc_violation", "high below open or close, or low above")          \
    X(ZERO_PRICE, "zero_price", "a price is zero")                                         \
    X(NEGATIVE_PRICE, "negative_price", "a price is negative")                             \
    X(ZERO_VOLUME, "zero_volume", "volume is zero")                                        \
    X(NEGATIVE_VOLUME, "negative_volume", "volume is negative")                            \
    X(DUPLICATE, "duplicate", "same time label as another row; the last one counts")       \
    X(OUT_OF_ORDER, "out_of_order", "earlier than the row before it; sorted")              \
    X(GAP, "gap", "next label is more than one interval away")                             \
    X(BLANK_CELL, "blank_cell", "a price, volume or time is blank; row skipped")           \
    X(SKIPPED_ERROR, "skipped_error", "row in error skipped (on_error=skip)")              \
    X(CROSSED_QUOTE, "crossed_quote", "bid above ask")                                     \
    X(ROUNDED_PRICE, "rounded_price", "more decimals than the instrument carries")         \
    X(TRUNCATED_TAIL, "truncated_tail", "last line has no end of line")                    \
    X(OTHER_SECURITY, "other_security", "another security had the ticker then (map file)") \
    X(FOOTER, "footer", "words behind the last row; left out")                             \
    X(LEFT_OUT, "left_out", "file of another kind beside these; kind= chooses")

enum duet_data_warning {
#define DUET_DATA_WARNING_ENUM(name, code, text) DUET_DATA_##name,
    DUET_DATA_WARNING_MAP(DUET_DATA_WARNING_ENUM)
#undef DUET_DATA_WARNING_ENUM
        DUET_DATA_WARNING_COUNT
};
const char *duet_data_warning_code(enum duet_data_warning warning);
const char *duet_data_warning_text(enum duet_data_warning warning);

/** What was understood of a file. Texts are zero-terminated. */
struct duet_data_info {
    char symbol[DUET_SYMBOL_MAX];
    char path[1024];
    char dialect[32]; // e.g. "csv", "yahoo", "binance_klines", "ninjatrader"
    char columns[256]; // e.g. "time,open,high,low,close,volume"
    char tz[48]; // zone of the labels
    bool tz_assumed; // no zone in the file and none given: UTC assumed
    enum duet_data_kind kind;
    enum duet_stamp stamp;
    int64_t interval_ns;
    uint64_t rows; // data rows in the file, skipped ones included
    uint64_t skipped; // rows left out
    char first[40], last[40]; // earliest and latest label as written, in the file's own zone, ISO 8601
    int64_t first_ns, last_ns; // the same, UTC
    uint32_t price_decimals, quantity_decimals;
    bool has_volume, adjusted_differs; // adjusted close present and apart from close
    bool descending;
    uint64_t warnings[DUET_DATA_WARNING_COUNT];
    uint64_t warning_line[DUET_DATA_WARNING_COUNT]; // line of the first of each, 0 none
    char digest[65]; // SHA-256 of the data; "" until duet_series_digest()
    bool from_cache;
    double load_s;
    char choices[512]; // of a file of several instruments: their names, joined by commas; "" otherwise
    const char *choice_key; // static: the key of the spec that chooses one, e.g. "inner"
    uint64_t error_line; // of a refused file: where the reader stopped; 0 unknown or none
    bool elements; // lines are counted as elements of a JSON list
    unsigned added_lines; // a header that the reader put before the first line; private
    char error_column[64]; // its name, e.g. "close"; "" where it is the row or the file as a whole
    char error_reason[200]; // without path, line and column, e.g. "\"12,5\" is not a number"
};

/** 32 bytes: lossless where prices fit 31 bits in the instrument's decimals. */
struct duet_record32 {
    int64_t open_ns;
    int32_t open, high, low, close;
    double volume;
};
/** 48 bytes: everything else. */
struct duet_record48 {
    int64_t open_ns;
    double open, high, low, close, volume;
};

struct duet_trade_tick; // data/tick_series.h
struct duet_quote_tick;

/** An open series. Fields are read-only and stay valid until duet_series_close(). */
struct duet_series {
    struct duet_data_info info;
    uint64_t count;
    const struct duet_record32 *records32; // one of these four is set
    const struct duet_record48 *records48;
    const struct duet_trade_tick *trades;
    const struct duet_quote_tick *quotes;
    uint32_t instrument; // set by the owner; copied into bars
    int64_t interval_ns; // 0 of trades and quotes
    bool ticks_wide; // prices of trades and quotes are doubles
    bool calendar; // closes by midnight, week or month of `zone`, not by adding interval_ns
    const struct duet_zone *zone;
    int64_t last_close_ns; // close of the last bar
    double scale, quantity_scale; // 10^price_decimals, 10^quantity_decimals
    struct duet_series_store *store; // mapping, block checksums; private
};

struct duet_series_options {
    const char *cache_folder; // NULL: ${XDG_CACHE_HOME:-~/.cache}/duet
    bool no_cache; // parse, keep the records in memory, write no file
    /** Called now and then while a file is parsed; may be NULL. */
    void (*progress)(void *argument, const char *path, uint64_t bytes_done, uint64_t bytes_total);
    void *argument;
    struct duet_data_info *refused; // where opening fails: gets what was understood up to there; may be NULL
};

/** The folder of cache files, created where it is missing; NULL where there can be none. Free with free(). */
char *duet_series_cache_folder(const struct duet_series_options *options);

/**
 * Open what `spec` names, from the cache where that is sure to be current, else by parsing and then writing the cache
 * (written beside, synced, renamed; a cache folder that cannot be written is no error: the records stay in memory).
 * DUET_EDATA with `path:line: column "close": "12,5" is not a number` for bad data; DUET_EINVAL for a bad spec.
 */
DUET_MUST_CHECK enum duet_status duet_series_open(
    const struct duet_data_spec *spec, const struct duet_series_options *options, struct duet_series **out);
/** A series without a file and, for ever, without bars; what would be understood of a file, interval= and decimals=,
 * has to be said. */
DUET_MUST_CHECK enum duet_status duet_series_open_gateway(const struct duet_data_spec *spec, struct duet_series **out);
void duet_series_close(struct duet_series *series);
/** Whether the cache has it, so that opening it again reads nothing. */
bool duet_series_is_kept(const struct duet_series *series);

/**
 * Verify the checksum of the 64 KiB block in which record `index` lies (once per block; cheap when already done).
 * DUET_EDATA where the cache is damaged: its file has then been removed, and opening the series again rebuilds it.
 */
DUET_MUST_CHECK enum duet_status duet_series_verify(struct duet_series *series, uint64_t index);
/** Records per checksummed block; blocks begin at multiples of it. */
uint64_t duet_series_block_records(const struct duet_series *series);
/** Compute info.digest (reads the source once where the cache has not stored it). */
DUET_MUST_CHECK enum duet_status duet_series_digest(struct duet_series *series);

/** First index whose bar opens, or whose tick comes, at or after `ns`; count where there is none. */
uint64_t duet_series_find(const struct duet_series *series, int64_t ns);
/** Index of the first record whose successor stands further off than a bar's place; false where there is no gap. Walks
 * the records, so ask only where gaps have been counted. */
bool duet_series_first_gap(const struct duet_series *series, uint64_t *index);
/** When a calendar bar that opened at `open_ns` closes, its successor apart. */
int64_t duet_series_calendar_close(const struct duet_series *series, int64_t open_ns);

static inline int64_t duet_series_open_ns(const struct duet_series *series, uint64_t index) {
    return series->records32 != NULL ? series->records32[index].open_ns : series->records48[index].open_ns;
}

/** Label + interval, or by the calendar, and never after the series' next label. */
static inline int64_t duet_series_close_ns(const struct duet_series *series, uint64_t index) {
    int64_t open_ns = duet_series_open_ns(series, index);
    // In unsigned numbers: a made-up cache file may say anything, and must do no harm.
    int64_t close_ns = __builtin_expect(series->calendar, 0)
                           ? duet_series_calendar_close(series, open_ns)
                           : (int64_t)((uint64_t)open_ns + (uint64_t)series->interval_ns);
    if (__builtin_expect(index + 1 < series->count, 1)) {
        int64_t next_ns = duet_series_open_ns(series, index + 1);
        return close_ns < next_ns ? close_ns : next_ns;
    }
    return close_ns;
}

/** Fill every field of `bar` from record `index`. */
void duet_series_bar(const struct duet_series *series, uint64_t index, struct duet_bar *bar);
/** Only the opening price, in units of the instrument: all that is known when the bar opens. */
int64_t duet_series_open_scaled(const struct duet_series *series, uint64_t index);

#endif
