/*
 * Rows that look like the row before: the same number of fields, plain digits, a time written in the same way. What
 * does not is left to csv_row.c, which reads all forms and knows what to say about errors; both read the same from the
 * rows that both can read.
 */
#ifndef DUET_DATA_CSV_FAST_H
#define DUET_DATA_CSV_FAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Most fields of a row that is read fast. */
#define DUET_CSV_FAST_FIELDS 32

enum duet_csv_layout {
    DUET_CSV_LAYOUT_NONE = 0, // times are not read fast
    DUET_CSV_LAYOUT_CLOCK, // date, separator, [H]H:MM[:SS], tail; or a date alone
    DUET_CSV_LAYOUT_COMPACT, // the same with HHMM[SS]
    DUET_CSV_LAYOUT_EPOCH, // digits, tail
};

/** How the last label was written; `head` is what stands before the clock, `tail` what stands behind it. */
struct duet_csv_fast_time {
    enum duet_csv_layout layout;
    bool simple; // the clock in the same field, in colons, nothing behind it
    unsigned length, clock_length; // of the time field, and of a clock field beside it
    uint64_t head[2], head_mask[2], head_digits[2];
    int64_t day_ns; // midnight of the date in `head`
    unsigned clock_at;
    uint64_t clock_keep, clock_fill; // bytes of the clock that are there, and what stands for the others
    unsigned tail_at;
    uint64_t tail, tail_mask;
    int64_t tail_ns; // fraction less stated offset
    unsigned year_at, month_at, day_at; // of a date with two digits each; all 0 otherwise
    unsigned epoch_digits;
    int64_t epoch_power; // 10^(epoch_digits - 8)
    int64_t epoch_unit_ns, epoch_max;
};

/** Most bytes of a row that a template compares. */
#define DUET_CSV_TEMPLATE_MAX 128

/** Where the fields of a row lie in it; the point of a number is its end where it has none. */
struct duet_csv_spans {
    uint32_t starts[DUET_CSV_FAST_FIELDS + 1]; // one more: the next row
    uint32_t dots[DUET_CSV_FAST_FIELDS], ends[DUET_CSV_FAST_FIELDS];
};

/** Marks masks of digits that have no room. */
#define DUET_CSV_WORD_UNFIT UINT64_C(0x80)

struct duet_csv_fast {
    bool enabled;
    unsigned fields, time, prices[4];
    int clock, volume, symbol, adjusted; // -1: none
    int64_t least_volume; // 1, or 0 where there is none
    int last_price; // which of the prices is the last column, or -1
    bool text[DUET_CSV_FAST_FIELDS]; // may hold anything
    struct duet_csv_fast_time when;
    int64_t factor[10]; // 10^(decimals - index) of narrow prices, 0 above

    // The stretch of the zone in which labels have this offset; all time where labels state one.
    int64_t zone_offset_ns, zone_from_ns;
    uint64_t zone_length;

    struct duet_csv_spans spans; // of the row at hand
    // The row before up to its last column: '0' for each digit, other characters as they are, and how far each may
    // lie above. A row that agrees has its fields in the same places.
    size_t template_size; // 0: none
    unsigned strays; // rows in succession that did not agree
    unsigned char template[DUET_CSV_TEMPLATE_MAX], slack[DUET_CSV_TEMPLATE_MAX];
    // Narrow prices of up to eight digits: where eight characters that end in the last decimal begin, but for the
    // point, and which of their bits are digits, before and behind the point.
    bool words_wanted, words_fit;
    uint32_t words_at[4];
    uint64_t words_before[4], words_behind[4];
    uint64_t masks_before[64], masks_behind[64]; // the same by number of digits; with UNFIT where those are too many
    bool plain; // time, then the four prices, then volume if there is one
    unsigned plain_misses;
    unsigned slots[4]; // which of the prices stands in column 1, 2, 3, 4
    // The last column, where it is the volume and was a whole number of up to seven digits.
    bool last_is_volume, last_known;
    int64_t last_value;
};

struct duet_csv_reader;

/** Prepare for a walk, once form and layout of the records stand. */
void duet_csv_fast_init(struct duet_csv_reader *reader);
/**
 * Read rows from `p`, which begins a line, to `end`, which ends one. Returns where it stopped: at `end`, at a line for
 * the careful reader, or NULL after a failure of the sink.
 */
const char *duet_csv_fast_rows(struct duet_csv_reader *reader, const char *p, const char *end);
/** Note how a line, up to its end, that has just been read with care writes its time. */
void duet_csv_fast_learn(struct duet_csv_reader *reader, const char *line, const char *end);

#endif
