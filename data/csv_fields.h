/* Finding the fields of a row at full speed; part of csv_fast.c. */
#ifndef DUET_DATA_CSV_FIELDS_H
#define DUET_DATA_CSV_FIELDS_H

#include "data/csv_reader.h"
#include "data/csv_swar.h"

/** Longest row. */
#define DUET_CSV_FAST_ROW_MAX 4096
/** After so many rows without a match, only every so manieth row is made a template. */
#define DUET_CSV_STRAYS_MAX 4
#define DUET_CSV_STRAYS_PAUSE 32
/** After so many rows whose prices do not fit, it is no longer tried. */
#define DUET_CSV_PLAIN_MISSES_MAX 100

/** Does the row at `p` have digits and other characters in the same places as the one before, the last column apart? */
static inline bool template_matches(const struct duet_csv_fast *fast, const char *p) {
    duet_block wrong = {0};
    for (size_t i = 0; i < fast->template_size; i += sizeof(wrong)) {
        duet_block difference = duet_block_load(p + i) ^ duet_block_load(fast->template + i);
        wrong |= (duet_block)(difference > duet_block_load(fast->slack + i));
    }
    return duet_block_is_zero(wrong);
}

static void template_make(struct duet_csv_fast *fast, const char *p) {
    size_t size = fast->spans.starts[fast->fields - 1];
    fast->template_size = size <= DUET_CSV_TEMPLATE_MAX ? size : 0;
    for (size_t i = 0; i < fast->template_size; i += sizeof(duet_block)) {
        duet_block bytes = duet_block_load(p + i), digits = duet_block_digits(bytes);
        duet_block template = (digits & ((duet_block){0} + '0')) | (bytes & ~digits);
        duet_block slack = digits & ((duet_block){0} + 9);
        memcpy(fast->template + i, &template, sizeof(template));
        memcpy(fast->slack + i, &slack, sizeof(slack));
    }
    for (size_t i = fast->template_size; i % sizeof(duet_block) != 0; i++) {
        fast->slack[i] = 0xff; // behind the part that counts
    }
}

/** Characters of the row at hand that are no digits, as bits from `base` on; a window of 64. */
struct others {
    const char *p;
    uint32_t base, limit;
    uint64_t bits;
};

static inline bool others_refill(struct others *others, uint32_t from) {
    others->base = from;
    if (from >= others->limit) {
        return false; // the line ended before
    }
    others->bits = duet_swar_find_others(others->p + from);
    return true;
}

/** A column of digits and perhaps a point. Without branches on which of the two it is. */
static inline bool find_number(struct others *others, struct duet_csv_spans *spans, unsigned column, uint32_t from) {
    if ((others->bits & (others->bits - 1)) == 0 &&
        (!others_refill(others, from) || (others->bits & (others->bits - 1)) == 0)) {
        return false;
    }
    uint64_t first = others->bits, second = first & (first - 1);
    uint32_t at = others->base + (uint32_t)__builtin_ctzll(first);
    uint32_t next = others->base + (uint32_t)__builtin_ctzll(second);
    uint64_t point = others->p[at] == '.'; // 1 or 0; compilers would branch on a condition
    spans->dots[column] = at;
    spans->ends[column] = at + ((next - at) & (uint32_t)-point);
    others->bits = second & (second - point);
    return true;
}

/** A column of anything but quotes. */
static inline bool find_text(
    struct others *others, struct duet_csv_spans *spans, unsigned column, uint32_t from, char delimiter) {
    for (;;) {
        while (others->bits == 0) {
            if (!others_refill(others, others->base + 64 > from ? others->base + 64 : from)) {
                return false;
            }
        }
        uint32_t at = others->base + (uint32_t)__builtin_ctzll(others->bits);
        others->bits &= others->bits - 1;
        char c = others->p[at];
        if (c == delimiter || c == '\n') {
            spans->ends[column] = at;
            return true;
        }
        if (c == '"') {
            return false;
        }
    }
}

/** Find the fields from `column` on, whose start is known; false where one is not for us. */
static inline bool find_fields(
    struct duet_csv_fast *fast, const char *p, const char *end, char delimiter, unsigned column) {
    struct duet_csv_spans *spans = &fast->spans;
    struct others others = {
        .p = p, .limit = end - p < DUET_CSV_FAST_ROW_MAX ? (uint32_t)(end - p) : DUET_CSV_FAST_ROW_MAX};
    uint32_t from = spans->starts[column];
    others.base = from - 64; // an empty window, behind which comes the first
    for (;; column++) {
        spans->starts[column] = from;
        if (column == fast->time) { // what stands in it is seen to later
            spans->ends[column] = from + fast->when.length;
            if (spans->ends[column] >= others.limit) {
                return false;
            }
            others.base = spans->ends[column] - 63;
            others.bits = 0;
        } else if (!(fast->text[column] ? find_text(&others, spans, column, from, delimiter)
                                        : find_number(&others, spans, column, from))) {
            return false;
        }
        from = spans->ends[column] + 1;
        if (column + 1 == fast->fields) {
            break;
        }
        if (p[from - 1] != delimiter) {
            return false;
        }
    }
    bool carriage_return = fast->text[column] ? from >= 2 && p[from - 2] == '\r' : p[from - 1] == '\r';
    if (carriage_return && fast->text[column]) {
        spans->ends[column]--;
    }
    spans->starts[fast->fields] = from + (carriage_return && !fast->text[column]);
    return p[spans->starts[fast->fields] - 1] == '\n';
}

/** Where the digits of a narrow price lie; not 0 in DUET_CSV_WORD_UNFIT where they have no room in its word. */
static inline uint64_t place_word(
    struct duet_csv_fast *fast, unsigned decimals, unsigned slot, uint32_t dot, uint32_t before, uint32_t behind) {
    uint64_t mask_before = fast->masks_before[before], mask_behind = fast->masks_behind[behind];
    fast->words_at[slot] = dot + decimals; // less 8
    fast->words_before[slot] = mask_before;
    fast->words_behind[slot] = mask_behind;
    return mask_before | mask_behind;
}

static inline bool place_column(struct duet_csv_fast *fast, unsigned decimals, unsigned slot) {
    unsigned column = fast->prices[slot];
    uint32_t start = fast->spans.starts[column], dot = fast->spans.dots[column], end = fast->spans.ends[column];
    uint32_t before = dot - start, behind = end - dot - (end > dot);
    return before < 64 && behind < 64 &&
           (place_word(fast, decimals, slot, dot, before, behind) & DUET_CSV_WORD_UNFIT) == 0;
}

/** The last column of a row whose others are known: mostly a volume, of changing width. */
static inline bool find_last(struct duet_csv_fast *fast, const char *p, const char *end, char delimiter) {
    unsigned column = fast->fields - 1;
    uint32_t from = fast->spans.starts[column];
    uint64_t word = duet_swar_load(p + from) ^ DUET_SWAR_EACH('0'), others = duet_swar_not_digit(word);
    uint32_t length = (uint32_t)__builtin_ctzll(others | UINT64_C(1) << 63) / 8;
    fast->last_known = false;
    if (fast->last_is_volume && p[from + length] == '\n' && length > 0) {
        fast->last_known = true;
        fast->last_value = (int64_t)duet_swar_number(word << (64 - 8 * length));
        fast->spans.starts[column + 1] = from + length + 1;
        return true;
    }
    return find_fields(fast, p, end, delimiter, column);
}

/**
 * A row of time, four prices and, mostly, volume, the prices within 64 characters: the same as find_fields() and
 * place_column() at a fraction of the cost. False too where a price does not fit its word.
 */
static inline bool find_prices(
    struct duet_csv_fast *fast, const char *p, const char *end, char delimiter, unsigned decimals) {
    struct duet_csv_spans *spans = &fast->spans;
    uint32_t from = fast->when.length + 1;
    if (p + from >= end || p[from - 1] != delimiter) {
        return false;
    }
    const char *numbers = p + from;
    uint64_t points = duet_swar_find(numbers, '.'), ends = duet_swar_find_others(numbers) ^ points;
    uint32_t at = 0, start = 0;
    uint64_t unfit = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint64_t end_bit = ends & -ends, point = points & (end_bit - 1); // the points before the end: one or none
        if (end_bit == 0) {
            return false;
        }
        uint32_t dot = (uint32_t)__builtin_ctzll(point | end_bit);
        at = (uint32_t)__builtin_ctzll(end_bit);
        unfit |= (point & (point - 1)) != 0 ? DUET_CSV_WORD_UNFIT : 0;
        spans->starts[i + 1] = from + start;
        unfit |= place_word(fast, decimals, fast->slots[i], from + dot, dot - start, at - dot - (point != 0));
        ends ^= end_bit;
        points ^= point;
        start = at + 1;
        if (i < 3 && numbers[at] != delimiter) {
            return false;
        }
    }
    spans->ends[0] = from - 1;
    spans->starts[5] = from + start;
    if ((unfit & DUET_CSV_WORD_UNFIT) != 0) {
        return false;
    }
    if (fast->fields == 5) {
        spans->starts[5] += numbers[at] == '\r';
        return p[spans->starts[5] - 1] == '\n';
    }
    return numbers[at] == delimiter &&
           (fast->fields == 6 ? find_last(fast, p, end, delimiter) : find_fields(fast, p, end, delimiter, 5));
}

/** Find the fields of the row at `p`; false where it is not for us. */
static inline bool find_row(struct duet_csv_reader *reader, const char *p, const char *end) {
    struct duet_csv_fast *fast = &reader->fast;
    char delimiter = reader->form.delimiter;
    if (fast->template_size > 0 && (size_t)(end - p) >= fast->template_size && template_matches(fast, p)) {
        fast->strays = 0;
        if (!find_last(fast, p, end, delimiter)) {
            return false;
        }
        if (fast->last_price >= 0 && fast->words_fit) {
            fast->words_fit = place_column(fast, reader->decimals, (unsigned)fast->last_price);
        }
        return true;
    }
    fast->template_size = 0;
    fast->last_known = false;
    if (fast->plain && find_prices(fast, p, end, delimiter, reader->decimals)) {
        fast->words_fit = true;
    } else {
        fast->last_known = false;
        fast->plain = fast->plain && ++fast->plain_misses < DUET_CSV_PLAIN_MISSES_MAX;
        if (!find_fields(fast, p, end, delimiter, 0)) {
            return false;
        }
        fast->words_fit = fast->words_wanted;
        for (unsigned i = 0; i < 4 && fast->words_fit; i++) {
            fast->words_fit = place_column(fast, reader->decimals, i);
        }
    }
    if (++fast->strays < DUET_CSV_STRAYS_MAX || fast->strays % DUET_CSV_STRAYS_PAUSE == 0) {
        template_make(fast, p);
    }
    return true;
}

#endif
