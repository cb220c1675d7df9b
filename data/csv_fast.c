#include "data/csv_fast.h"

#include "base/money.h"
#include "data/csv_fast_time.h"
#include "data/csv_fields.h"

/** Decimals of narrow prices up to which a scaled product cannot overflow. */
#define FAST_DECIMALS_MAX 9
/** From here on not every whole number is a double. */
#define MANTISSA_MAX (INT64_C(1) << 53)

static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};
static const int64_t whole_powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};

/** mantissa · 10^-decimals. */
struct number {
    int64_t mantissa;
    unsigned decimals; // 0 to 8
};

void duet_csv_fast_init(struct duet_csv_reader *reader) {
    struct duet_csv_fast *fast = &reader->fast;
    const struct duet_csv_form *form = &reader->form;
    const int *of_role = form->columns.of_role;
    *fast = (struct duet_csv_fast){.fields = (unsigned)form->fields,
        .time = (unsigned)of_role[DUET_CSV_TIME],
        .clock = of_role[DUET_CSV_CLOCK],
        .volume = of_role[DUET_CSV_VOLUME],
        .symbol = of_role[DUET_CSV_SYMBOL],
        .adjusted = of_role[DUET_CSV_ADJUSTED],
        .last_price = -1,
        .least_volume = of_role[DUET_CSV_VOLUME] >= 0};
    fast->enabled = !reader->careful && form->fields <= DUET_CSV_FAST_FIELDS && !reader->spec->adjust_total &&
                    !form->close_alone && form->marks != DUET_CSV_MARKS_COMMA &&
                    (reader->wide || reader->decimals <= FAST_DECIMALS_MAX);
    for (unsigned i = 0; fast->enabled && i < fast->fields; i++) {
        fast->text[i] = true;
    }
    for (int i = 0; fast->enabled && i < 4; i++) {
        fast->prices[i] = (unsigned)of_role[DUET_CSV_OPEN + i];
        fast->text[fast->prices[i]] = false;
        fast->last_price = fast->prices[i] + 1 == fast->fields ? i : fast->last_price;
    }
    if (fast->enabled && fast->volume >= 0) {
        fast->text[fast->volume] = false;
    }
    for (unsigned i = 0; i <= FAST_DECIMALS_MAX && i <= reader->decimals; i++) {
        fast->factor[i] = duet_pow10(reader->decimals - i);
    }
    unsigned whole = reader->decimals < 8 ? 8 - reader->decimals : 0; // digits before the point
    uint64_t kept = duet_swar_mask(whole), each = DUET_SWAR_EACH(0x0f);
    fast->words_wanted = !reader->wide && reader->decimals <= 7;
    for (unsigned i = 0; i < 64; i++) {
        bool fits_before = i > 0 && i <= whole, fits_behind = i <= reader->decimals && whole + i <= 8;
        fast->masks_before[i] = fits_before ? kept & ~duet_swar_mask(whole - i) & each : DUET_CSV_WORD_UNFIT;
        fast->masks_behind[i] = fits_behind ? duet_swar_mask(whole + i) & ~kept & each : DUET_CSV_WORD_UNFIT;
    }
    fast->last_is_volume = fast->volume >= 0 && (unsigned)fast->volume + 1 == fast->fields;
    fast->plain = fast->enabled && fast->words_wanted && fast->time == 0 && fast->clock < 0 && fast->symbol < 0 &&
                  fast->adjusted < 0 && (fast->volume == 5 || fast->fields == 5);
    for (unsigned i = 0; fast->plain && i < 4; i++) {
        fast->plain = fast->prices[i] <= 4;
        fast->slots[fast->plain ? fast->prices[i] - 1 : 0] = i;
    }
}

/** The digits from `start` to `end`, at most sixteen, which are known to be digits. */
static inline int64_t digits_number(const char *p, uint32_t start, uint32_t end) {
    uint32_t count = end - start;
    uint64_t low = duet_swar_load(p + end - 8) & DUET_SWAR_EACH(0x0f);
    if (__builtin_expect(count <= 8, 1)) {
        return (int64_t)duet_swar_number(low & ~duet_swar_mask(8 - count));
    }
    uint64_t high = (duet_swar_load(p + end - 16) & DUET_SWAR_EACH(0x0f)) & ~duet_swar_mask(16 - count);
    return (int64_t)(duet_swar_number(high) * 100000000 + duet_swar_number(low));
}

/** Number in a column; false where it is too long. */
static inline bool read_number(const struct duet_csv_fast *fast, const char *p, unsigned column, struct number *out) {
    uint32_t start = fast->spans.starts[column], dot = fast->spans.dots[column], end = fast->spans.ends[column];
    uint32_t before = dot - start, behind = end > dot ? end - dot - 1 : 0;
    if (before - 1 >= 16 || behind > 8 || (behind > 0 && before > 8)) {
        return false;
    }
    int64_t mantissa = digits_number(p, start, dot);
    if (behind > 0) {
        mantissa = mantissa * whole_powers[behind] + digits_number(p, end - behind, end);
    }
    *out = (struct number){mantissa, behind};
    return mantissa < MANTISSA_MAX;
}

/** In units of the records; false where the number does not fit. */
static inline bool scale_number(const struct duet_csv_reader *reader, struct number number, int32_t *out) {
    if (number.decimals > reader->decimals) {
        int64_t unit = whole_powers[number.decimals - reader->decimals];
        if (!reader->trim || number.mantissa % unit != 0) {
            return false;
        }
        number = (struct number){number.mantissa / unit, reader->decimals};
    }
    int64_t value = (int64_t)((uint64_t)number.mantissa * (uint64_t)reader->fast.factor[number.decimals]);
    *out = (int32_t)value;
    return number.mantissa <= INT32_MAX && value <= INT32_MAX;
}

/** The symbol is the one seen, and an adjusted close no news. */
static bool others_agree(const struct duet_csv_reader *reader, const char *p) {
    const struct duet_csv_fast *fast = &reader->fast;
    const uint32_t *starts = fast->spans.starts, *ends = fast->spans.ends;
    if (fast->symbol >= 0) {
        uint32_t start = starts[fast->symbol], length = ends[fast->symbol] - start;
        if (length != reader->symbol_length || memcmp(p + start, reader->symbol, length) != 0) {
            return false;
        }
    }
    if (fast->adjusted < 0 || reader->adjusted_differs) {
        return true;
    }
    uint32_t start = starts[fast->adjusted], close = starts[fast->prices[3]], length = ends[fast->adjusted] - start;
    return length == ends[fast->prices[3]] - close && memcmp(p + start, p + close, length) == 0;
}

/** Below zero where the high is not highest, the low not lowest, or a price or the volume not above zero. */
static inline int64_t oddity32(const struct duet_record32 *record) {
    int64_t open = record->open, high = record->high, low = record->low, close = record->close;
    return (high - open) | (high - close) | (open - low) | (close - low) | (low - 1);
}

static inline bool is_odd48(const struct duet_record48 *record) {
    double open = record->open, high = record->high, low = record->low, close = record->close;
    return (high < open) | (high < close) | (open < low) | (close < low) | (low <= 0);
}

/** Count what a row is odd about, from numbers as they are compared. */
static __attribute__((noinline)) void count_row(struct duet_csv_reader *reader, const void *record) {
    const struct duet_record32 *narrow = record;
    const struct duet_record48 *wide = record;
    if (reader->wide) {
        duet_csv_count_oddities(reader, wide->open_ns, wide->open, wide->high, wide->low, wide->close, wide->volume);
    } else {
        duet_csv_count_oddities(
            reader, narrow->open_ns, narrow->open, narrow->high, narrow->low, narrow->close, narrow->volume);
    }
}

/** Decimals of wide prices, for the judgement at the end. */
static inline void count_written(struct duet_csv_reader *reader, const struct number *prices) {
    unsigned a = prices[0].decimals > prices[1].decimals ? prices[0].decimals : prices[1].decimals;
    unsigned b = prices[2].decimals > prices[3].decimals ? prices[2].decimals : prices[3].decimals;
    unsigned most = a > b ? a : b;
    if (reader->written[most]++ == 0) {
        reader->written_line[most] = reader->line;
    }
}

/** The four prices into a narrow record. */
static inline bool read_narrow(struct duet_csv_reader *reader, const char *p, struct duet_record32 *record) {
    const struct duet_csv_fast *fast = &reader->fast;
    int32_t scaled[4];
    if (fast->words_fit) {
        uint64_t words[4];
        for (unsigned i = 0; i < 4; i++) {
            const char *at = p + fast->words_at[i] - 8;
            words[i] = (duet_swar_load(at) & fast->words_before[i]) | (duet_swar_load(at + 1) & fast->words_behind[i]);
        }
        duet_swar_numbers(words, scaled);
        memcpy(&record->open, scaled, sizeof(scaled));
        return true;
    }
    for (unsigned i = 0; i < 4; i++) {
        struct number number;
        if (!read_number(fast, p, fast->prices[i], &number) || !scale_number(reader, number, &scaled[i])) {
            return false;
        }
    }
    memcpy(&record->open, scaled, sizeof(scaled));
    return true;
}

static inline bool read_wide(struct duet_csv_reader *reader, const char *p, struct duet_record48 *record) {
    const struct duet_csv_fast *fast = &reader->fast;
    struct number prices[4];
    double values[4];
    for (unsigned i = 0; i < 4; i++) {
        if (!read_number(fast, p, fast->prices[i], &prices[i])) {
            return false;
        }
        values[i] = (double)prices[i].mantissa / powers[prices[i].decimals]; // one rounding of exact operands
    }
    record->open = values[0];
    record->high = values[1];
    record->low = values[2];
    record->close = values[3];
    count_written(reader, prices);
    return true;
}

/** Read the row at `p` into the batch; false where it is not for us. */
static inline bool read_row(struct duet_csv_reader *reader, const char *p, bool wide) {
    const struct duet_csv_fast *fast = &reader->fast;
    struct number volume = {0, 0};
    int64_t label_ns = 0;
    if (!duet_csv_read_time(reader, p, &label_ns)) {
        return false;
    }
    if (fast->last_known) {
        volume.mantissa = fast->last_value;
    } else if (fast->volume >= 0 && !read_number(fast, p, (unsigned)fast->volume, &volume)) {
        return false;
    }
    double quantity = (double)volume.mantissa;
    if (volume.decimals > 0) {
        quantity /= powers[volume.decimals];
    }
    bool odd = reader->descending ? label_ns >= reader->last_ns : label_ns <= reader->last_ns;
    odd |= volume.mantissa < fast->least_volume;
    if (wide) {
        struct duet_record48 *record = &reader->batch.wide[reader->batch_count];
        record->open_ns = label_ns;
        record->volume = quantity;
        if (!read_wide(reader, p, record)) {
            return false;
        }
        if (__builtin_expect(odd | is_odd48(record), 0)) {
            count_row(reader, record);
        }
    } else {
        struct duet_record32 *record = &reader->batch.narrow[reader->batch_count];
        record->open_ns = label_ns;
        record->volume = quantity;
        if (!read_narrow(reader, p, record)) {
            return false;
        }
        if (__builtin_expect(odd | (oddity32(record) < 0), 0)) {
            count_row(reader, record);
        }
    }
    if (volume.decimals > reader->volume_decimals) {
        duet_csv_count_volume_decimals(reader, volume.mantissa, volume.decimals);
    }
    reader->has_last = true;
    reader->last_ns = label_ns;
    return true;
}

static inline const char *read_rows(struct duet_csv_reader *reader, const char *p, const char *end, bool wide) {
    bool others = reader->fast.symbol >= 0 || reader->fast.adjusted >= 0;
    uint64_t line = reader->line;
    while (p < end) {
        if (!find_row(reader, p, end) || (others && !others_agree(reader, p)) || !read_row(reader, p, wide)) {
            break;
        }
        p += reader->fast.spans.starts[reader->fast.fields];
        reader->line++;
        if (++reader->batch_count == DUET_CSV_BATCH && !duet_csv_flush(reader)) {
            return NULL;
        }
    }
    reader->kept += reader->line - line;
    reader->info->rows += reader->line - line;
    return p;
}

const char *duet_csv_fast_rows(struct duet_csv_reader *reader, const char *p, const char *end) {
    if (!reader->fast.enabled || reader->fast.when.layout == DUET_CSV_LAYOUT_NONE) {
        return p;
    }
    return reader->wide ? read_rows(reader, p, end, true) : read_rows(reader, p, end, false);
}
