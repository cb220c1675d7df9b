#include "data/grid.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"

/** No time at all: a series that has not been seen. */
#define NEVER INT64_MIN
/** Bars and openings lie before that, and the present before the other; sums of times then cannot leave 64 bits. */
#define TIME_MAX (INT64_MAX / 4)
#define NOW_MAX (INT64_MAX / 2)
#define CALENDAR_BAR_MAX (32 * DUET_DAY_NS)

struct grid_series {
    uint32_t instrument;
    int64_t interval_ns;
    int64_t newest_ns; // close of the newest bar that came
    int64_t given_ns; // close of the newest bar that was given out
    int64_t opening_ns; // of the newest opening that came
    uint32_t patience; // instants that it may still miss; 0: nobody waits for it
    uint32_t silence; // points running that passed while nothing at all came; then timers are not held for it
};

/** What came of one instant. Bars and openings in the order of the series. */
struct grid_instant {
    int64_t instant_ns;
    int64_t came_ns; // when the first of it was seen; NEVER: not asked since
    struct duet_bar *closing;
    struct duet_opening *opening;
    uint32_t *opening_series;
    uint32_t closing_count, closing_capacity, opening_count, opening_capacity;
};

struct duet_grid {
    struct grid_series *series;
    uint32_t series_count;
    int64_t grace_ns;
    int64_t begins_ns;
    int64_t last_ns; // newest instant given out
    int64_t now_ns; // the present when last asked; NEVER before
    struct grid_instant **waiting; // by time, from waiting_first on
    size_t waiting_first, waiting_count, waiting_capacity;
    size_t waiting_items; // bars and openings in them
    size_t unseen; // of them with came_ns NEVER
    struct grid_instant *given; // what `next` gave out last
    struct grid_instant **spare;
    size_t spare_count, spare_capacity;
    uint32_t *missing;
};

static int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}
static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* ---- who is expected when ---- */

static bool is_fixed(const struct grid_series *series) {
    return series->interval_ns < DUET_DAY_NS;
}

static bool is_same_day_of_month(int64_t a_ns, int64_t b_ns) {
    struct duet_civil a = duet_civil_from_ns(a_ns), b = duet_civil_from_ns(b_ns);
    return a.day == b.day && a.hour == b.hour && a.minute == b.minute && a.second == b.second &&
           a.nanosecond == b.nanosecond;
}

/** Whether a bar of this series may be thought to close at `instant_ns`, going by what was given out. */
static bool is_expected(const struct grid_series *series, int64_t instant_ns) {
    if (series->given_ns == NEVER) {
        return is_fixed(series) && instant_ns % series->interval_ns == 0;
    }
    if (instant_ns <= series->given_ns) {
        return false;
    }
    if (series->interval_ns >= DUET_MONTH_NS) {
        return is_same_day_of_month(instant_ns, series->given_ns);
    }
    int64_t step_ns = is_fixed(series) ? series->interval_ns : series->interval_ns / DUET_DAY_NS * DUET_DAY_NS;
    return (instant_ns - series->given_ns) % step_ns == 0;
}

/** The first point of a known, fixed series after `after_ns`. */
static int64_t next_point(const struct grid_series *series, int64_t after_ns) {
    int64_t since_ns = later(after_ns, series->given_ns) - series->given_ns;
    return series->given_ns + (since_ns / series->interval_ns + 1) * series->interval_ns;
}

/** Whether it is known when its next bar is due, and that it is waited for. */
static bool has_points(const struct grid_series *series) {
    return series->given_ns != NEVER && series->patience > 0 && is_fixed(series);
}

static bool holds_timers(const struct grid_series *series) {
    return has_points(series) && series->silence < DUET_GRID_PATIENCE;
}

/** Nothing of this series can come any more for that instant, or has to. */
static bool is_settled(const struct grid_series *series, int64_t instant_ns) {
    return series->patience == 0 || series->newest_ns >= instant_ns || !is_expected(series, instant_ns);
}

/* ---- instants that wait ---- */

static struct grid_instant **first_waiting(const struct duet_grid *grid) {
    return grid->waiting + grid->waiting_first;
}

/** Where an instant of this time stands, or would. */
static size_t find_waiting(const struct duet_grid *grid, int64_t instant_ns) {
    struct grid_instant *const *waiting = first_waiting(grid);
    size_t low = 0, high = grid->waiting_count;
    if (high > 0 && waiting[high - 1]->instant_ns < instant_ns) {
        return high; // nearly always
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (waiting[middle]->instant_ns < instant_ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/** Room for one more at the end. Those taken leave room in front; it is used again once it is the larger part. */
static void make_room(struct duet_grid *grid) {
    if (grid->waiting_first + grid->waiting_count < grid->waiting_capacity) {
        return;
    }
    if (grid->waiting_first > grid->waiting_count) {
        memmove(grid->waiting, first_waiting(grid), grid->waiting_count * sizeof(struct grid_instant *));
        grid->waiting_first = 0;
        return;
    }
    grid->waiting_capacity = grid->waiting_capacity == 0 ? 16 : 2 * grid->waiting_capacity;
    grid->waiting = duet_realloc(grid->waiting, grid->waiting_capacity, sizeof(struct grid_instant *));
}

static struct grid_instant *instant_of(struct duet_grid *grid, int64_t instant_ns) {
    size_t index = find_waiting(grid, instant_ns);
    if (index < grid->waiting_count && first_waiting(grid)[index]->instant_ns == instant_ns) {
        return first_waiting(grid)[index];
    }
    make_room(grid);
    struct grid_instant *instant =
        grid->spare_count > 0 ? grid->spare[--grid->spare_count] : duet_alloc(1, sizeof(*instant));
    instant->instant_ns = instant_ns;
    instant->came_ns = NEVER;
    instant->closing_count = instant->opening_count = 0;
    struct grid_instant **place = first_waiting(grid) + index;
    memmove(place + 1, place, (grid->waiting_count++ - index) * sizeof(struct grid_instant *));
    *place = instant;
    grid->unseen++;
    return instant;
}

static void instant_destroy(struct grid_instant *instant) {
    if (instant != NULL) {
        free(instant->closing);
        free(instant->opening);
        free(instant->opening_series);
        free(instant);
    }
}

static void instant_spare(struct duet_grid *grid, struct grid_instant *instant) {
    if (grid->spare_count == grid->spare_capacity) {
        grid->spare_capacity = grid->spare_capacity == 0 ? 16 : 2 * grid->spare_capacity;
        grid->spare = duet_realloc(grid->spare, grid->spare_capacity, sizeof(struct grid_instant *));
    }
    grid->spare[grid->spare_count++] = instant;
}

/** Place for one more, doubling. */
static uint32_t more(uint32_t capacity) {
    return capacity == 0 ? 4 : 2 * capacity;
}

static bool bar_before(const struct duet_bar *a, const struct duet_bar *b) {
    return a->interval_ns != b->interval_ns ? a->interval_ns < b->interval_ns : a->instrument < b->instrument;
}

/** False: it is there already. */
static bool instant_add_bar(struct grid_instant *instant, const struct duet_bar *bar) {
    uint32_t at = instant->closing_count;
    while (at > 0 && !bar_before(&instant->closing[at - 1], bar)) {
        at--;
    }
    if (at < instant->closing_count && !bar_before(bar, &instant->closing[at])) {
        return false;
    }
    if (instant->closing_count == instant->closing_capacity) {
        instant->closing_capacity = more(instant->closing_capacity);
        instant->closing = duet_realloc(instant->closing, instant->closing_capacity, sizeof(struct duet_bar));
    }
    memmove(&instant->closing[at + 1], &instant->closing[at], (instant->closing_count - at) * sizeof(struct duet_bar));
    instant->closing[at] = *bar;
    instant->closing_count++;
    return true;
}

static void instant_add_opening(struct grid_instant *instant, uint32_t series, const struct duet_opening *opening) {
    if (instant->opening_count == instant->opening_capacity) {
        instant->opening_capacity = more(instant->opening_capacity);
        instant->opening = duet_realloc(instant->opening, instant->opening_capacity, sizeof(struct duet_opening));
        instant->opening_series = duet_realloc(instant->opening_series, instant->opening_capacity, sizeof(uint32_t));
    }
    uint32_t at = instant->opening_count;
    while (at > 0 && instant->opening_series[at - 1] > series) {
        at--;
    }
    memmove(
        &instant->opening[at + 1], &instant->opening[at], (instant->opening_count - at) * sizeof(struct duet_opening));
    memmove(&instant->opening_series[at + 1], &instant->opening_series[at],
        (instant->opening_count - at) * sizeof(uint32_t));
    instant->opening[at] = *opening;
    instant->opening_series[at] = series;
    instant->opening_count++;
}

/* ---- what comes ---- */

static struct grid_series *series_of(const struct duet_grid *grid, uint32_t instrument, int64_t interval_ns) {
    uint32_t low = 0, high = grid->series_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct grid_series *series = &grid->series[middle];
        if (series->interval_ns < interval_ns ||
            (series->interval_ns == interval_ns && series->instrument < instrument)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool is_there = low < grid->series_count && grid->series[low].interval_ns == interval_ns &&
                    grid->series[low].instrument == instrument;
    return is_there ? &grid->series[low] : NULL;
}

static enum duet_status check_room(const struct duet_grid *grid) {
    if (grid->waiting_items >= DUET_GRID_WAITING_MAX) {
        return duet_error(
            DUET_EFULL, "%d bars wait for others of their instants; no room for more", DUET_GRID_WAITING_MAX);
    }
    return DUET_OK;
}

enum duet_status duet_grid_bar(struct duet_grid *grid, const struct duet_bar *bar) {
    struct grid_series *series = series_of(grid, bar->instrument, bar->interval_ns);
    if (series == NULL) {
        return duet_error(DUET_EDATA, "bar of instrument %u and %lld s, which is no series of this session",
            bar->instrument, (long long)(bar->interval_ns / DUET_SECOND_NS));
    }
    int64_t length_max = is_fixed(series) ? series->interval_ns : later(series->interval_ns, CALENDAR_BAR_MAX);
    if (bar->size != sizeof(*bar) || bar->open_ns < 0 || bar->close_ns > TIME_MAX || bar->close_ns <= bar->open_ns ||
        bar->close_ns - bar->open_ns > length_max) {
        return duet_error(DUET_EDATA, "bar of instrument %u from %lld to %lld ns: no bar of %lld ns is so long",
            bar->instrument, (long long)bar->open_ns, (long long)bar->close_ns, (long long)bar->interval_ns);
    }
    if (bar->close_ns <= series->given_ns || bar->close_ns < grid->begins_ns) {
        return DUET_EEXIST;
    }
    enum duet_status status = check_room(grid);
    if (status != DUET_OK) {
        return status;
    }
    if (!instant_add_bar(instant_of(grid, bar->close_ns), bar)) {
        return DUET_EEXIST;
    }
    series->newest_ns = later(series->newest_ns, bar->close_ns);
    series->silence = 0;
    grid->waiting_items++;
    return DUET_OK;
}

enum duet_status duet_grid_opening(struct duet_grid *grid, uint32_t series, const struct duet_opening *opening) {
    if (series >= grid->series_count || opening->instrument != grid->series[series].instrument) {
        return duet_error(DUET_EDATA, "opening of instrument %u is of no series of this session", opening->instrument);
    }
    if (opening->size != sizeof(*opening) || opening->open_ns < 0 || opening->open_ns > TIME_MAX) {
        return duet_error(DUET_EDATA, "opening of instrument %u at %lld ns: no such time", opening->instrument,
            (long long)opening->open_ns);
    }
    if (opening->open_ns <= grid->series[series].opening_ns || opening->open_ns < grid->begins_ns) {
        return DUET_EEXIST;
    }
    enum duet_status status = check_room(grid);
    if (status != DUET_OK) {
        return status;
    }
    instant_add_opening(instant_of(grid, opening->open_ns), series, opening);
    grid->series[series].opening_ns = opening->open_ns;
    grid->waiting_items++;
    return DUET_OK;
}

/* ---- what is ready ---- */

static int64_t deadline_of(const struct duet_grid *grid, const struct grid_instant *instant) {
    int64_t came_ns = instant->came_ns == NEVER ? instant->instant_ns : instant->came_ns;
    return later(instant->instant_ns, came_ns) + grid->grace_ns;
}

static void note_arrivals(struct duet_grid *grid, int64_t now_ns) {
    struct grid_instant **waiting = first_waiting(grid);
    for (size_t i = grid->waiting_count; grid->unseen > 0 && i > 0; i--) {
        if (waiting[i - 1]->came_ns == NEVER) {
            waiting[i - 1]->came_ns = earlier(now_ns, TIME_MAX);
            grid->unseen--;
        }
    }
}

/** While nothing comes at all there are no instants to miss; points that pass within our sight are counted. */
static void note_silence(struct duet_grid *grid, int64_t now_ns) {
    if (grid->now_ns == NEVER || grid->waiting_count > 0) {
        return;
    }
    for (uint32_t i = 0; i < grid->series_count; i++) {
        struct grid_series *series = &grid->series[i];
        if (holds_timers(series) &&
            next_point(series, later(grid->last_ns, grid->now_ns - grid->grace_ns)) + grid->grace_ns <= now_ns) {
            series->silence++;
        }
    }
}

/** Whether a bar that may still come belongs before this instant, or to it. */
static bool must_wait(const struct duet_grid *grid, const struct grid_instant *instant, int64_t now_ns) {
    bool grace_is_over = now_ns >= deadline_of(grid, instant);
    for (uint32_t i = 0; i < grid->series_count; i++) {
        const struct grid_series *series = &grid->series[i];
        if (!grace_is_over && !is_settled(series, instant->instant_ns)) {
            return true;
        }
        if (has_points(series) && series->newest_ns < instant->instant_ns) {
            int64_t point_ns = next_point(series, later(grid->last_ns, now_ns - grid->grace_ns));
            if (point_ns < instant->instant_ns) {
                return true;
            }
        }
    }
    return false;
}

/** Who is missing, and what each series' bar, or its absence, means for the next time. */
static uint32_t settle_series(struct duet_grid *grid, const struct grid_instant *instant) {
    uint32_t missing = 0, next = 0;
    for (uint32_t i = 0; i < grid->series_count; i++) {
        struct grid_series *series = &grid->series[i];
        bool came = next < instant->closing_count && instant->closing[next].interval_ns == series->interval_ns &&
                    instant->closing[next].instrument == series->instrument;
        if (came) {
            next++;
            series->given_ns = instant->instant_ns;
            series->patience = DUET_GRID_PATIENCE;
        } else if (series->patience > 0 && is_expected(series, instant->instant_ns)) {
            series->patience--;
            if (series->given_ns != NEVER) {
                grid->missing[missing++] = i;
            }
        }
    }
    DUET_ASSERT(next == instant->closing_count);
    return missing;
}

/** Late bars tell nothing about anybody else. */
static void settle_late(struct duet_grid *grid, const struct grid_instant *instant) {
    for (uint32_t i = 0; i < instant->closing_count; i++) {
        struct grid_series *series = series_of(grid, instant->closing[i].instrument, instant->closing[i].interval_ns);
        series->given_ns = later(series->given_ns, instant->instant_ns);
        series->patience = DUET_GRID_PATIENCE;
    }
}

/** Take the first one from those that wait. */
static struct grid_instant *take_first(struct duet_grid *grid) {
    struct grid_instant *first = grid->waiting[grid->waiting_first++];
    if (--grid->waiting_count == 0) {
        grid->waiting_first = 0;
    }
    grid->waiting_items -= first->closing_count + first->opening_count;
    return first;
}

static void tell(const struct duet_grid *grid, const struct grid_instant *instant, uint32_t missing, bool late,
    struct duet_grid_instant *out) {
    *out = (struct duet_grid_instant){.instant_ns = instant->instant_ns,
        .closing = instant->closing,
        .opening = instant->opening,
        .missing = grid->missing,
        .closing_count = instant->closing_count,
        .opening_count = instant->opening_count,
        .missing_count = missing,
        .late = late};
}

/** An instant whose time was given out before: late, but for openings of that very time. */
static void give_again(struct duet_grid *grid, struct duet_grid_instant *out) {
    struct grid_instant *instant = take_first(grid);
    bool is_late = instant->instant_ns < grid->last_ns || instant->closing_count > 0;
    if (instant->instant_ns == grid->last_ns && instant->closing_count > 0 && instant->opening_count > 0) {
        // The openings stay for the next call, in time.
        struct grid_instant *rest = instant_of(grid, instant->instant_ns);
        for (uint32_t i = 0; i < instant->opening_count; i++) {
            instant_add_opening(rest, instant->opening_series[i], &instant->opening[i]);
        }
        grid->waiting_items += instant->opening_count;
        instant->opening_count = 0;
    }
    settle_late(grid, instant);
    grid->given = instant;
    tell(grid, instant, 0, is_late, out);
}

bool duet_grid_next(struct duet_grid *grid, int64_t now_ns, struct duet_grid_instant *out) {
    if (grid->given != NULL) {
        instant_spare(grid, grid->given);
        grid->given = NULL;
    }
    now_ns = earlier(now_ns, NOW_MAX);
    note_arrivals(grid, now_ns);
    note_silence(grid, now_ns);
    grid->now_ns = later(grid->now_ns, now_ns);
    if (grid->waiting_count == 0) {
        return false;
    }
    struct grid_instant *first = *first_waiting(grid);
    if (first->instant_ns <= grid->last_ns) {
        give_again(grid, out);
        return true;
    }
    if (first->instant_ns > now_ns || must_wait(grid, first, now_ns)) {
        return false;
    }
    grid->given = take_first(grid);
    grid->last_ns = first->instant_ns;
    tell(grid, first, settle_series(grid, first), false, out);
    return true;
}

/* ---- when to ask, and what must not go ahead ---- */

/** The first point of a series at which nothing has come yet and still may; `after_ns` is over. */
static int64_t open_point(const struct grid_series *series, int64_t after_ns) {
    return next_point(series, later(after_ns, series->newest_ns));
}

int64_t duet_grid_wake_ns(const struct duet_grid *grid) {
    int64_t wake_ns = INT64_MAX, first_ns = INT64_MAX;
    if (grid->waiting_count > 0) {
        const struct grid_instant *first = *first_waiting(grid);
        bool is_ahead = grid->now_ns != NEVER && first->instant_ns > grid->now_ns;
        wake_ns = is_ahead ? first->instant_ns : deadline_of(grid, first);
        first_ns = first->instant_ns;
    }
    // A bar that does not come may hold a timer, and what came after it.
    int64_t after_ns = grid->now_ns == NEVER ? grid->last_ns : later(grid->last_ns, grid->now_ns - grid->grace_ns);
    for (uint32_t i = 0; i < grid->series_count; i++) {
        if (grid->waiting_count > 0 ? has_points(&grid->series[i]) : holds_timers(&grid->series[i])) {
            int64_t point_ns = open_point(&grid->series[i], after_ns);
            wake_ns = point_ns < first_ns ? earlier(wake_ns, point_ns + grid->grace_ns) : wake_ns;
        }
    }
    return wake_ns;
}

int64_t duet_grid_holds_ns(const struct duet_grid *grid, int64_t now_ns) {
    now_ns = earlier(now_ns, NOW_MAX);
    int64_t holds_ns = INT64_MAX;
    if (grid->waiting_count > 0) {
        holds_ns = (*first_waiting(grid))->instant_ns;
    }
    int64_t after_ns = later(grid->last_ns, now_ns - grid->grace_ns);
    for (uint32_t i = 0; i < grid->series_count; i++) {
        if (holds_timers(&grid->series[i])) {
            int64_t point_ns = open_point(&grid->series[i], after_ns);
            holds_ns = point_ns <= now_ns ? earlier(holds_ns, point_ns) : holds_ns;
        }
    }
    return holds_ns;
}

/* ---- life ---- */

enum duet_status duet_grid_create(const struct duet_grid_options *options, struct duet_grid **out) {
    for (uint32_t i = 0; i < options->series_count; i++) {
        const struct duet_grid_series *series = &options->series[i];
        bool is_after = i == 0 || series->interval_ns > series[-1].interval_ns ||
                        (series->interval_ns == series[-1].interval_ns && series->instrument > series[-1].instrument);
        if (series->interval_ns <= 0 || series->interval_ns > TIME_MAX || !is_after) {
            return duet_error(DUET_EINVAL, "series %u of the grid: sorted by interval and instrument, each once", i);
        }
    }
    if (options->grace_ns < 0 || options->grace_ns > DUET_DAY_NS) {
        return duet_error(DUET_EINVAL, "a grace of %lld ns; it lies within a day", (long long)options->grace_ns);
    }
    struct duet_grid *grid = duet_alloc(1, sizeof(*grid));
    uint32_t count = options->series_count > 0 ? options->series_count : 1;
    grid->series = duet_alloc(count, sizeof(*grid->series));
    grid->missing = duet_alloc(count, sizeof(*grid->missing));
    grid->series_count = options->series_count;
    for (uint32_t i = 0; i < options->series_count; i++) {
        grid->series[i] = (struct grid_series){.instrument = options->series[i].instrument,
            .interval_ns = options->series[i].interval_ns,
            .newest_ns = NEVER,
            .given_ns = NEVER,
            .opening_ns = NEVER,
            .patience = DUET_GRID_PATIENCE};
    }
    grid->grace_ns = options->grace_ns;
    grid->begins_ns = grid->last_ns = options->begins_ns;
    grid->now_ns = NEVER;
    *out = grid;
    return DUET_OK;
}

void duet_grid_destroy(struct duet_grid *grid) {
    if (grid == NULL) {
        return;
    }
    for (size_t i = 0; i < grid->waiting_count; i++) {
        instant_destroy(first_waiting(grid)[i]);
    }
    for (size_t i = 0; i < grid->spare_count; i++) {
        instant_destroy(grid->spare[i]);
    }
    instant_destroy(grid->given);
    free(grid->waiting);
    free(grid->spare);
    free(grid->series);
    free(grid->missing);
    free(grid);
}
