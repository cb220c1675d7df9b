#include "data/csv_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

void duet_csv_warn(struct duet_csv_reader *reader, enum duet_data_warning warning) {
    struct duet_data_info *info = reader->info;
    if (info->warnings[warning]++ == 0) {
        info->warning_line[warning] = reader->line;
    }
}

/**
 * Which of two hours a label of the night means in which clocks are set back: the order of rows tells. A row that would
 * stand before its predecessor is of the second hour; as one of the first it would be known an hour too early.
 */
static bool is_second_hour(const struct duet_csv_reader *reader, int64_t first_ns, int64_t second_ns) {
    int64_t shift_ns = second_ns - first_ns;
    if (reader->descending) {
        return !(reader->has_last && second_ns >= reader->last_ns && reader->last_ns > first_ns - shift_ns);
    }
    return reader->has_last && first_ns <= reader->last_ns && reader->last_ns < second_ns + shift_ns;
}

int64_t duet_csv_utc(struct duet_csv_reader *reader, int64_t local_ns) {
    int64_t second_ns;
    if ((local_ns < reader->steady_from_ns || local_ns >= reader->steady_until_ns) &&
        duet_zone_to_second_utc_ns(reader->zone, local_ns, &second_ns)) {
        int64_t first_ns = duet_zone_to_utc_ns(reader->zone, local_ns);
        reader->steady_from_ns = reader->steady_until_ns = INT64_MAX; // the next label has to ask again
        return is_second_hour(reader, first_ns, second_ns) ? second_ns : first_ns;
    }
    if (local_ns < reader->steady_from_ns || local_ns >= reader->steady_until_ns) {
        reader->steady_offset_ns =
            duet_zone_steady_ns(reader->zone, local_ns, &reader->steady_from_ns, &reader->steady_until_ns);
    }
    return local_ns - reader->steady_offset_ns;
}

/** What clocks showed at a label. */
static int64_t local_of(const struct duet_csv_reader *reader, int64_t utc_ns) {
    return reader->form.has_zone ? utc_ns + reader->offset_s * DUET_SECOND_NS
                                 : utc_ns + duet_zone_offset_ns(reader->zone, utc_ns);
}

static int64_t a_month_earlier(int64_t local_ns) {
    struct duet_civil civil = duet_civil_from_ns(local_ns);
    civil.year -= civil.month == 1;
    civil.month = civil.month == 1 ? 12 : civil.month - 1;
    while (!duet_civil_is_date(civil.year, civil.month, civil.day)) {
        civil.day--;
    }
    return duet_ns_from_civil(&civil);
}

/**
 * The opening of a bar whose label is its close. A date alone names the last day that belongs to the bar; days and
 * longer count by the clocks of the zone.
 */
static int64_t opening_of(struct duet_csv_reader *reader, int64_t label_ns) {
    if (reader->interval_ns % DUET_DAY_NS != 0) {
        return label_ns - reader->interval_ns;
    }
    int64_t close_ns = local_of(reader, label_ns) + (reader->form.has_clock ? 0 : DUET_DAY_NS);
    int64_t open_ns = reader->interval_ns == DUET_MONTH_NS ? a_month_earlier(close_ns) : close_ns - reader->interval_ns;
    return reader->form.has_zone ? open_ns - reader->offset_s * DUET_SECOND_NS
                                 : duet_zone_to_utc_ns(reader->zone, open_ns);
}

static int64_t *batch_time(struct duet_csv_reader *reader, size_t index) {
    return reader->wide ? &reader->batch.wide[index].open_ns : &reader->batch.narrow[index].open_ns;
}

static void range_take_one(struct duet_csv_reader *reader, int64_t label_ns) {
    if (!reader->has_range || label_ns < reader->first_ns) {
        reader->first_ns = label_ns;
        reader->first_offset_s = reader->offset_s;
    }
    if (!reader->has_range || label_ns > reader->last_label_ns) {
        reader->last_label_ns = label_ns;
        reader->last_offset_s = reader->offset_s;
    }
    reader->has_range = true;
}

/** Earliest and latest label; the ends of the batch while no row was out of order. */
static void range_take(struct duet_csv_reader *reader) {
    bool ordered = reader->against == reader->range_against;
    for (size_t i = 0; i < reader->batch_count; i++) {
        range_take_one(reader, *batch_time(reader, i));
        if (ordered && i == 0 && reader->batch_count > 1) {
            i = reader->batch_count - 2;
        }
    }
    reader->range_against = reader->against;
}

bool duet_csv_flush(struct duet_csv_reader *reader) {
    size_t count = reader->batch_count;
    if (count == 0) {
        return true;
    }
    if (reader->survey) {
        for (size_t i = 0; i < count && reader->survey_count < DUET_CSV_SURVEY_ROWS; i++) {
            reader->survey_times[reader->survey_count++] = *batch_time(reader, i);
        }
        reader->batch_count = 0;
        return true;
    }
    range_take(reader);
    if (reader->info->stamp == DUET_STAMP_CLOSE) {
        for (size_t i = 0; i < count; i++) {
            *batch_time(reader, i) = opening_of(reader, *batch_time(reader, i));
        }
    }
    for (size_t i = 0; reader->wide && i < count; i++) {
        const struct duet_record48 *record = &reader->batch.wide[i];
        double high = fmax(fabs(record->high), fabs(record->low));
        double ends = fmax(fabs(record->open), fabs(record->close));
        reader->price_max = fmax(reader->price_max, fmax(high, ends));
    }
    reader->batch_count = 0;
    reader->failure = reader->sink->take(reader->sink->argument, &reader->batch, count, reader->wide);
    return reader->failure == DUET_OK;
}

static int compare_int64(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/** Days, weeks and months of the calendar are told from what weekends and month lengths make of them. */
static int64_t snapped(int64_t interval_ns, bool has_clock) {
    int64_t days = interval_ns / DUET_DAY_NS;
    if (!has_clock && days < 5) {
        return DUET_DAY_NS;
    }
    if (!has_clock && days <= 10) {
        return DUET_WEEK_NS;
    }
    return days >= 28 && days <= 31 ? DUET_MONTH_NS : interval_ns;
}

/** The value that most of `steps` have; of several the smallest. Sorts them. 0 where there are none. */
static int64_t most_frequent(int64_t *steps, size_t count) {
    size_t same = 0, most = 0;
    int64_t best = 0;
    for (size_t i = 0; i < count; i++) {
        same += steps[i] == steps[count / 2];
    }
    if (same > count / 2) { // the usual case needs no order
        return steps[count / 2];
    }
    qsort(steps, count, sizeof(*steps), compare_int64);
    for (size_t i = 0; i < count;) {
        size_t next = i;
        while (next < count && steps[next] == steps[i]) {
            next++;
        }
        if (next - i > most) {
            most = next - i;
            best = steps[i];
        }
        i = next;
    }
    return best;
}

void duet_csv_survey_judge(struct duet_csv_reader *reader) {
    int64_t *times = reader->survey_times;
    size_t steps = 0, down = 0, up = 0;
    for (size_t i = 0; i + 1 < reader->survey_count; i++) {
        int64_t step;
        down += times[i + 1] < times[i];
        up += times[i + 1] > times[i];
        if (!__builtin_sub_overflow(times[i + 1], times[i], &step) && step != 0) {
            times[steps++] = step < 0 ? -step : step;
        }
    }
    reader->descending = down > up;
    int64_t inferred_ns = snapped(most_frequent(times, steps), reader->form.has_clock);
    if (inferred_ns > DUET_CSV_INTERVAL_MAX_NS) {
        inferred_ns = 0; // a few rows from here and there
    }
    reader->interval_ns = reader->spec->interval_ns > 0 ? reader->spec->interval_ns : inferred_ns;
}
