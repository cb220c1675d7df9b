/* The label of a row at full speed; shared by csv_fast.c and csv_learn.c. */
#ifndef DUET_DATA_CSV_FAST_TIME_H
#define DUET_DATA_CSV_FAST_TIME_H

#include "data/csv_reader.h"
#include "data/csv_swar.h"

/** Hours, minutes and seconds in bytes 0, 3 and 6 of `clock`, whose other bytes are zero. */
static inline int64_t duet_csv_clock_ns(uint64_t clock, uint64_t *bad) {
    // High bits come up for hours from 24, minutes and seconds from 60.
    *bad |= (clock + (UINT64_C(104) | UINT64_C(68) << 24 | UINT64_C(68) << 48)) & DUET_SWAR_HIGH;
    uint64_t minutes = (clock * (1 | UINT64_C(60) << 24)) >> 24 & 0xffff;
    return (int64_t)(minutes * 60 + (clock >> 48)) * DUET_SECOND_NS;
}

/** "HH:MM:SS", eight characters. */
static inline int64_t duet_csv_colon_clock(uint64_t word, uint64_t *bad) {
    word ^= DUET_SWAR_EACH('0') ^ (UINT64_C(0x0a) << 16 | UINT64_C(0x0a) << 40); // colons become 0 too
    *bad |= duet_swar_not_digit(word) | (word & UINT64_C(0x0000ff0000ff0000));
    uint64_t tens = word * 10 + (word >> 8); // no carries: digits are below 10
    return duet_csv_clock_ns(tens & UINT64_C(0x00ff0000ff0000ff), bad);
}

/** "HHMMSS" and two characters more, which are filled with zeros. */
static inline int64_t duet_csv_compact_clock(uint64_t word, uint64_t *bad) {
    word ^= DUET_SWAR_EACH('0');
    *bad |= duet_swar_not_digit(word);
    uint64_t tens = word * 10 + (word >> 8);
    return duet_csv_clock_ns((tens & 0xff) | (tens & 0xff0000) << 8 | (tens & UINT64_C(0xff00000000)) << 16, bad);
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
    if (fast->spans.ends[fast->time] - fast->spans.starts[fast->time] != when->length) {
        return false;
    }
    if (!when->simple) {
        if (fast->clock >= 0) {
            uint32_t start = fast->spans.starts[fast->clock];
            clock = p + start;
            if (fast->spans.ends[fast->clock] - start != when->clock_length) {
                return false;
            }
        }
        if ((duet_swar_load(clock + when->tail_at) & when->tail_mask) != when->tail) {
            return false;
        }
        if (when->layout == DUET_CSV_LAYOUT_EPOCH) {
            return duet_csv_epoch_time(when, s, out_ns);
        }
    }
    uint64_t other = ((duet_swar_load(s) & when->head_mask[0]) ^ when->head[0]) |
                     ((duet_swar_load(s + 8) & when->head_mask[1]) ^ when->head[1]);
    if (__builtin_expect(other != 0, 0) && !duet_csv_next_day(reader, s)) {
        return false;
    }
    uint64_t word = (duet_swar_load(clock + when->clock_at) & when->clock_keep) | when->clock_fill;
    uint64_t bad = 0;
    int64_t time_ns = when->simple || when->layout == DUET_CSV_LAYOUT_CLOCK ? duet_csv_colon_clock(word, &bad)
                                                                            : duet_csv_compact_clock(word, &bad);
    int64_t label_ns = when->day_ns + time_ns + when->tail_ns;
    *out_ns = label_ns - fast->zone_offset_ns;
    return bad == 0 && (uint64_t)label_ns - (uint64_t)fast->zone_from_ns < fast->zone_length;
}

#endif
