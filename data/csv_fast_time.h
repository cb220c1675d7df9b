/* The label of a row at full speed; shared by csv_fast.c and csv_learn.c. */
#ifndef DUET_DATA_CSV_FAST_TIME_H
#define DUET_DATA_CSV_FAST_TIME_H

#include "data/csv_reader.h"
#include "data/csv_swar.h"

static inline int64_t duet_csv_clock_ns(uint64_t hours, uint64_t minutes, uint64_t seconds, bool *good) {
    *good = hours < 24 && minutes < 60 && seconds < 60;
    return (int64_t)(hours * 3600 + minutes * 60 + seconds) * DUET_SECOND_NS;
}

/** "HH:MM:SS", eight characters. */
static inline int64_t duet_csv_colon_clock(uint64_t word, bool *good) {
    word ^= DUET_SWAR_EACH('0') ^ (UINT64_C(0x0a) << 16 | UINT64_C(0x0a) << 40); // colons become 0 too
    bool digits = duet_swar_not_digit(word) == 0 && (word & UINT64_C(0x0000ff0000ff0000)) == 0;
    uint64_t tens = word * 10 + (word >> 8); // no carries: digits are below 10
    int64_t ns = duet_csv_clock_ns(tens & 0xff, tens >> 24 & 0xff, tens >> 48 & 0xff, good);
    *good = *good && digits;
    return ns;
}

/** "HHMMSS" and two characters more, which are filled with zeros. */
static inline int64_t duet_csv_compact_clock(uint64_t word, bool *good) {
    word ^= DUET_SWAR_EACH('0');
    bool digits = duet_swar_not_digit(word) == 0;
    uint64_t tens = word * 10 + (word >> 8);
    int64_t ns = duet_csv_clock_ns(tens & 0xff, tens >> 16 & 0xff, tens >> 32 & 0xff, good);
    *good = *good && digits;
    return ns;
}

/** Another date, written with the same separators as the last one. */
bool duet_csv_next_day(struct duet_csv_reader *reader, const char *s);

static inline bool duet_csv_epoch_time(const struct duet_csv_fast_time *when, const char *s, int64_t *out_ns) {
    unsigned rest = when->epoch_digits - 8;
    uint64_t high = duet_swar_load(s) ^ DUET_SWAR_EACH('0');
    uint64_t low = (duet_swar_load(s + 8) ^ DUET_SWAR_EACH('0')) << (64 - 8 * rest);
    if ((duet_swar_not_digit(high) | duet_swar_not_digit(low)) != 0) {
        return false;
    }
    int64_t number = (int64_t)duet_swar_number(high) * when->epoch_power + (int64_t)duet_swar_number(low);
    if (number >= when->epoch_max) {
        return false;
    }
    *out_ns = number * when->epoch_unit_ns + when->tail_ns;
    return true;
}

/** The label, UTC; false where it is written in another way or lies in another stretch of the zone. */
static inline bool duet_csv_read_time(struct duet_csv_reader *reader, const char *p, int64_t *out_ns) {
    const struct duet_csv_fast *fast = &reader->fast;
    const struct duet_csv_fast_time *when = &fast->when;
    const char *s = p + fast->spans.starts[fast->time], *clock = s;
    if (fast->clock >= 0) {
        uint32_t start = fast->spans.starts[fast->clock];
        clock = p + start;
        if (fast->spans.ends[fast->clock] - start != when->clock_length) {
            return false;
        }
    }
    if (fast->spans.ends[fast->time] - fast->spans.starts[fast->time] != when->length ||
        (duet_swar_load(clock + when->tail_at) & when->tail_mask) != when->tail) {
        return false;
    }
    if (when->layout == DUET_CSV_LAYOUT_EPOCH) {
        return duet_csv_epoch_time(when, s, out_ns);
    }
    uint64_t other = ((duet_swar_load(s) & when->head_mask[0]) ^ when->head[0]) |
                     ((duet_swar_load(s + 8) & when->head_mask[1]) ^ when->head[1]);
    if (__builtin_expect(other != 0, 0) && !duet_csv_next_day(reader, s)) {
        return false;
    }
    uint64_t word = (duet_swar_load(clock + when->clock_at) & when->clock_keep) | when->clock_fill;
    bool good;
    int64_t time_ns =
        when->layout == DUET_CSV_LAYOUT_CLOCK ? duet_csv_colon_clock(word, &good) : duet_csv_compact_clock(word, &good);
    int64_t label_ns = when->day_ns + time_ns + when->tail_ns;
    if (reader->form.has_zone) {
        *out_ns = label_ns;
        return good;
    }
    *out_ns = label_ns - reader->steady_offset_ns;
    return good && label_ns >= reader->steady_from_ns && label_ns < reader->steady_until_ns;
}

#endif
