#include "data/csv_fast.h"

#include "base/time.h"
#include "data/csv_fast_time.h"

#define HEAD_MAX 16
#define TAIL_MAX 8

static inline int two_digits(const char *p) {
    return (p[0] - '0') * 10 + (p[1] - '0');
}

bool duet_csv_next_day(struct duet_csv_reader *reader, const char *s) {
    struct duet_csv_fast_time *when = &reader->fast.when;
    if (when->month_at == when->day_at || reader->dates_open) {
        return false;
    }
    uint64_t head[2], bad = 0;
    for (unsigned i = 0; i < 2; i++) { // digits are digits, and what was none is the same character still
        head[i] = duet_swar_load(s + 8 * i) & when->head_mask[i];
        bad |= (head[i] ^ when->head[i]) & ~when->head_digits[i];
        bad |= duet_swar_not_digit((head[i] ^ DUET_SWAR_EACH('0')) & when->head_digits[i]);
    }
    int year = two_digits(s + when->year_at) * 100 + two_digits(s + when->year_at + 2);
    int month = two_digits(s + when->month_at), day = two_digits(s + when->day_at);
    if (bad != 0 || year < DUET_LABEL_YEAR_MIN || year > DUET_LABEL_YEAR_MAX || !duet_civil_is_date(year, month, day)) {
        return false;
    }
    when->head[0] = head[0];
    when->head[1] = head[1];
    when->day_ns = duet_days_from_civil(year, month, day) * DUET_DAY_NS;
    return true;
}

/** Where year, month and day stand in a date of two-digit months and days; false for other forms. */
static bool fixed_date(struct duet_csv_fast_time *when, const char *pattern, unsigned length) {
    static const struct {
        const char *pattern;
        unsigned length, year_at, month_at, day_at;
    } dates[] = {
        {"Y-M-D", 10, 0, 5, 8},
        {"Y/M/D", 10, 0, 5, 8},
        {"Y.M.D", 10, 0, 5, 8},
        {"Ymd", 8, 0, 4, 6},
        {"D.M.y", 10, 6, 3, 0},
        {"M/D/y", 10, 6, 0, 3},
        {"D/M/y", 10, 6, 3, 0},
        {"M-D-y", 10, 6, 0, 3},
        {"D-M-y", 10, 6, 3, 0},
    };
    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        if (strcmp(pattern, dates[i].pattern) == 0 && length == dates[i].length) {
            when->year_at = dates[i].year_at;
            when->month_at = dates[i].month_at;
            when->day_at = dates[i].day_at;
            return true;
        }
    }
    return false;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static size_t digits_at(const char *s, size_t length) {
    size_t count = 0;
    while (count < length && is_digit(s[count])) {
        count++;
    }
    return count;
}

/** The bytes before the clock, which stay the same for a whole day. */
static bool learn_head(struct duet_csv_fast_time *when, const char *s, size_t length, const char *pattern) {
    if (length == 0 || length > HEAD_MAX) {
        return false;
    }
    char head[HEAD_MAX] = {0}, digits[HEAD_MAX] = {0};
    memcpy(head, s, length);
    for (size_t i = 0; i < length; i++) {
        digits[i] = (char)(is_digit(s[i]) ? 0xff : 0);
    }
    when->head_mask[0] = duet_swar_mask(length < 8 ? (unsigned)length : 8);
    when->head_mask[1] = length > 8 ? duet_swar_mask((unsigned)length - 8) : 0;
    for (size_t i = 0; i < 2; i++) {
        when->head[i] = duet_swar_load(head + 8 * i);
        when->head_digits[i] = duet_swar_load(digits + 8 * i);
    }
    fixed_date(when, pattern, (unsigned)(is_digit(s[length - 1]) ? length : length - 1));
    return true;
}

/** The bytes behind the clock: a fraction, an offset; they are expected to stay the same. */
static bool learn_tail(struct duet_csv_fast_time *when, const char *s, size_t at, size_t length) {
    size_t size = length - at;
    char tail[TAIL_MAX] = {0};
    if (size > TAIL_MAX || memchr(s + at, 'm', size) != NULL || memchr(s + at, 'M', size) != NULL) {
        return false; // AM and PM would change the hour
    }
    memcpy(tail, s + at, size);
    when->tail_at = (unsigned)at;
    when->tail = duet_swar_load(tail);
    when->tail_mask = duet_swar_mask((unsigned)size);
    return true;
}

/** Where the clock stands in `s`, behind at least `head` characters, and which of its bytes are there. */
static bool learn_clock(struct duet_csv_fast_time *when, const char *s, size_t length, size_t head, size_t *start) {
    const char *colon = memchr(s, ':', length);
    if (colon == NULL) {
        *start = head;
        while (*start < length && !is_digit(s[*start])) {
            (*start)++;
        }
        size_t digits = digits_at(s + *start, length - *start);
        if (digits != 4 && digits != 6) {
            return false;
        }
        when->layout = DUET_CSV_LAYOUT_COMPACT;
        when->clock_at = (unsigned)*start;
        when->clock_keep = duet_swar_mask((unsigned)digits);
        when->clock_fill = DUET_SWAR_EACH('0') & ~when->clock_keep;
        return learn_tail(when, s, *start + digits, length);
    }
    size_t at = (size_t)(colon - s);
    if (at < 1 || !is_digit(s[at - 1])) {
        return false;
    }
    bool two = at >= 2 && is_digit(s[at - 2]);
    bool seconds = at + 5 < length && s[at + 3] == ':';
    size_t end = at + (seconds ? 6 : 3);
    if (end > length || (!two && at < 2)) {
        return false; // a clock field of its own with a one-digit hour has no byte for the tens
    }
    *start = at - (two ? 2 : 1);
    when->layout = DUET_CSV_LAYOUT_CLOCK;
    when->clock_at = (unsigned)at - 2;
    when->clock_keep = duet_swar_mask(seconds ? 8 : 5) & ~(two ? 0 : duet_swar_mask(1));
    when->clock_fill = duet_swar_load("00:00:00") & ~when->clock_keep;
    return learn_tail(when, s, end, length);
}

static bool learn_epoch(struct duet_csv_fast_time *when, const char *s, size_t length, const struct duet_label *label) {
    size_t digits = digits_at(s, length);
    if (digits < 9 || digits > 16 || !learn_tail(when, s, digits, length)) {
        return false;
    }
    when->layout = DUET_CSV_LAYOUT_EPOCH;
    when->epoch_digits = (unsigned)digits;
    when->epoch_unit_ns = DUET_SECOND_NS / (digits <= 11 ? 1 : digits <= 14 ? 1000 : 1000000);
    when->epoch_max = INT64_C(9000000000) * (DUET_SECOND_NS / when->epoch_unit_ns);
    int64_t number = 0;
    when->epoch_power = 1;
    for (size_t i = 0; i < digits; i++) {
        number = number * 10 + (s[i] - '0');
        when->epoch_power *= i < 8 ? 1 : 10;
    }
    when->tail_ns = label->local_ns - number * when->epoch_unit_ns;
    return true;
}

/** Head, clock and tail of a label in one field, or of a date and a clock field. */
static bool learn_civil(const struct duet_csv_reader *reader, struct duet_csv_fast_time *when,
    struct duet_csv_field time, struct duet_csv_field clock_field, const struct duet_label *label) {
    const char *s = time.text, *clock = clock_field.text;
    size_t length = time.length, clock_length = clock_field.length;
    const char *pattern = duet_date_form_name(reader->form.date_form);
    int64_t day_ns = label->local_ns - ((label->local_ns % DUET_DAY_NS) + DUET_DAY_NS) % DUET_DAY_NS;
    size_t head = length, start = 0;
    int64_t local_ns = label->local_ns;
    bool good = true;
    when->layout = DUET_CSV_LAYOUT_CLOCK;
    when->clock_fill = duet_swar_load("00:00:00");
    when->clock_length = (unsigned)clock_length;
    if (clock != NULL) {
        int64_t clock_ns = 0;
        good = !label->has_clock && duet_clock_parse(clock, clock_length, &clock_ns) &&
               learn_clock(when, clock, clock_length, 0, &start);
        local_ns += clock_ns;
    } else if (label->has_clock) {
        good = learn_clock(when, s, length, strcmp(pattern, "Ymd") == 0 ? 8 : 0, &head);
        clock = s;
    } else {
        clock = s;
    }
    if (!good || !learn_head(when, s, head, pattern)) {
        return false;
    }
    uint64_t word = (duet_swar_load(clock + when->clock_at) & when->clock_keep) | when->clock_fill;
    uint64_t bad = good ? 0 : 1;
    int64_t time_ns =
        when->layout == DUET_CSV_LAYOUT_CLOCK ? duet_csv_colon_clock(word, &bad) : duet_csv_compact_clock(word, &bad);
    int64_t fraction_ns = local_ns - day_ns - time_ns;
    when->day_ns = day_ns;
    when->tail_ns = fraction_ns - label->offset_s * DUET_SECOND_NS;
    return bad == 0 && fraction_ns >= 0 && fraction_ns < DUET_SECOND_NS;
}

void duet_csv_fast_learn(struct duet_csv_reader *reader, const char *line, const char *end) {
    struct duet_csv_fast *fast = &reader->fast;
    struct duet_csv_field fields[DUET_CSV_FAST_FIELDS], clock = {0};
    struct duet_label label;
    if (!fast->enabled || duet_csv_split(line, (size_t)(end - line), reader->form.delimiter, fields,
                              DUET_CSV_FAST_FIELDS) != fast->fields) {
        return;
    }
    struct duet_csv_field time = fields[fast->time];
    if (fast->clock >= 0) {
        clock = fields[fast->clock];
    }
    if (!duet_label_parse(reader->form.date_form, time.text, time.length, &label)) {
        return;
    }
    struct duet_csv_fast_time when = {.length = (unsigned)time.length};
    bool good = label.is_epoch ? clock.text == NULL && learn_epoch(&when, time.text, time.length, &label)
                               : learn_civil(reader, &when, time, clock, &label);
    when.simple = when.layout == DUET_CSV_LAYOUT_CLOCK && clock.text == NULL && when.tail_mask == 0;
    fast->when = when;
    fast->template_size = 0;
    fast->zone_offset_ns = reader->form.has_zone ? 0 : reader->steady_offset_ns;
    fast->zone_from_ns = reader->form.has_zone ? INT64_MIN : reader->steady_from_ns;
    int64_t until_ns = reader->form.has_zone ? INT64_MAX : reader->steady_until_ns;
    fast->zone_length = (uint64_t)until_ns - (uint64_t)fast->zone_from_ns;
    if (!good) {
        fast->when.layout = DUET_CSV_LAYOUT_NONE;
    }
}
