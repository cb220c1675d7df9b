/*
 * Instants put together from what comes. Seconds are small numbers here: series are minutes of instruments 0 (A), 1 (B)
 * and so on, unless a test says otherwise. `ask` tells what is ready as text: "120: A B +A -C" is the instant of second
 * 120 with the bars of A and B, the opening of A, and C missing; "late" comes in front.
 */
#include "data/grid.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "support/suite.h"

#define S DUET_SECOND_NS
#define MINUTE 60

static struct duet_grid *grid;
static struct duet_grid_series series[8];
static uint32_t series_count;

static void with_series(const struct duet_grid_series *items, uint32_t count, int64_t grace_s, int64_t begins_s) {
    duet_grid_destroy(grid);
    memcpy(series, items, count * sizeof(*items));
    series_count = count;
    const struct duet_grid_options options = {
        .series = series, .series_count = count, .grace_ns = grace_s * S, .begins_ns = begins_s * S};
    ck_assert_int_eq(duet_grid_create(&options, &grid), DUET_OK);
}
static void minutes_of(uint32_t count) {
    struct duet_grid_series items[8];
    for (uint32_t i = 0; i < count; i++) {
        items[i] = (struct duet_grid_series){i, DUET_MINUTE_NS};
    }
    with_series(items, count, 2, 0);
}
static void two_minute_series(void) {
    minutes_of(2);
}

static struct duet_bar bar_of(uint32_t instrument, int64_t interval_s, int64_t close_s) {
    return (struct duet_bar){.size = sizeof(struct duet_bar),
        .instrument = instrument,
        .open_ns = (close_s - interval_s) * S,
        .close_ns = close_s * S,
        .interval_ns = interval_s * S};
}
static enum duet_status push_long(uint32_t instrument, int64_t interval_s, int64_t close_s) {
    struct duet_bar bar = bar_of(instrument, interval_s, close_s);
    return duet_grid_bar(grid, &bar);
}
static void push(uint32_t instrument, int64_t close_s) {
    ck_assert_int_eq(push_long(instrument, MINUTE, close_s), DUET_OK);
}
static enum duet_status push_opening(uint32_t index, int64_t open_s) {
    struct duet_opening opening = {
        .size = sizeof(opening), .instrument = series[index].instrument, .open_ns = open_s * S};
    return duet_grid_opening(grid, index, &opening);
}

static void tell(const struct duet_grid_instant *instant, char *out, size_t size) {
    size_t used =
        (size_t)snprintf(out, size, "%s%lld:", instant->late ? "late " : "", (long long)(instant->instant_ns / S));
    for (uint32_t i = 0; i < instant->closing_count; i++) {
        ck_assert_int_eq(instant->closing[i].close_ns, instant->instant_ns);
        used += (size_t)snprintf(out + used, size - used, " %c", 'A' + (int)instant->closing[i].instrument);
        if (instant->closing[i].interval_ns != DUET_MINUTE_NS) {
            used += (size_t)snprintf(
                out + used, size - used, "%lld", (long long)(instant->closing[i].interval_ns / DUET_MINUTE_NS));
        }
    }
    for (uint32_t i = 0; i < instant->opening_count; i++) {
        ck_assert_int_eq(instant->opening[i].open_ns, instant->instant_ns);
        used += (size_t)snprintf(out + used, size - used, " +%c", 'A' + (int)instant->opening[i].instrument);
    }
    for (uint32_t i = 0; i < instant->missing_count; i++) {
        used += (size_t)snprintf(out + used, size - used, " -%c", 'A' + (int)series[instant->missing[i]].instrument);
    }
}
/** Everything that is ready at that second. */
static const char *ask(double now_s) {
    static char text[4096];
    text[0] = '\0';
    struct duet_grid_instant instant;
    while (duet_grid_next(grid, (int64_t)(now_s * 1e9), &instant)) {
        char one[256];
        tell(&instant, one, sizeof(one));
        size_t used = strlen(text);
        snprintf(text + used, sizeof(text) - used, "%s%s", used > 0 ? "; " : "", one);
    }
    return text;
}
static double wake_s(void) {
    int64_t wake_ns = duet_grid_wake_ns(grid);
    return wake_ns == INT64_MAX ? -1 : (double)wake_ns / 1e9;
}
static double holds_s(double now_s) {
    int64_t holds_ns = duet_grid_holds_ns(grid, (int64_t)(now_s * 1e9));
    return holds_ns == INT64_MAX ? -1 : (double)holds_ns / 1e9;
}
/** A and B are known from here on. */
static void both_at(int64_t close_s) {
    char expected[32];
    snprintf(expected, sizeof(expected), "%lld: A B", (long long)close_s);
    push(0, close_s);
    push(1, close_s);
    ck_assert_str_eq(ask((double)close_s), expected);
}

/* ---- the rule ---- */

START_TEST(an_instant_waits_for_all_its_bars) {
    both_at(60);
    push(1, 120);
    ck_assert_str_eq(ask(120.1), "");
    ck_assert_double_eq(wake_s(), 122.1);
    push(0, 120);
    ck_assert_str_eq(ask(121.9), "120: A B");
}
END_TEST

START_TEST(when_the_grace_is_over_the_missing_are_named_and_come_late) {
    both_at(60);
    push(0, 120);
    ck_assert_str_eq(ask(120), "");
    ck_assert_double_eq(wake_s(), 122);
    ck_assert_str_eq(ask(121.999), "");
    ck_assert_str_eq(ask(122), "120: A -B");
    push(1, 120);
    ck_assert_str_eq(ask(122.5), "late 120: B");
    push(0, 180);
    push(1, 180);
    ck_assert_str_eq(ask(180), "180: A B");
}
END_TEST

START_TEST(a_single_series_waits_for_nobody) {
    minutes_of(1);
    push(0, 60);
    ck_assert_str_eq(ask(60), "60: A");
    push(0, 240); // two minutes without a trade
    ck_assert_str_eq(ask(240), "240: A");
}
END_TEST

START_TEST(a_series_is_not_missing_before_its_first_bar_but_gets_its_grace) {
    push(0, 60);
    ck_assert_str_eq(ask(60), ""); // B may yet begin here
    ck_assert_str_eq(ask(62), "60: A");
    push(0, 120);
    ck_assert_str_eq(ask(120), "");
    ck_assert_str_eq(ask(122), "120: A");
    push(0, 180);
    push(1, 180);
    ck_assert_str_eq(ask(180), "180: A B");
    push(0, 240);
    ck_assert_str_eq(ask(240), "");
    ck_assert_str_eq(ask(242), "240: A -B");
}
END_TEST

START_TEST(who_never_began_is_waited_for_three_times_only) {
    for (int64_t close_s = 60; close_s <= 180; close_s += 60) {
        push(0, close_s);
        ck_assert_str_eq(ask((double)close_s), "");
        ck_assert_uint_gt(strlen(ask((double)close_s + 2)), 0);
    }
    push(0, 240);
    ck_assert_str_eq(ask(240), "240: A");
}
END_TEST

START_TEST(who_was_missing_three_times_is_waited_for_again_once_it_came_back) {
    both_at(60);
    for (int64_t close_s = 120; close_s <= 240; close_s += 60) {
        push(0, close_s);
        ck_assert_str_eq(ask((double)close_s), "");
        ck_assert_ptr_nonnull(strstr(ask((double)close_s + 2), "A -B"));
    }
    push(0, 300);
    ck_assert_str_eq(ask(300), "300: A");
    push(1, 300);
    ck_assert_str_eq(ask(300.1), "late 300: B"); // the price of not waiting, once
    push(0, 360);
    ck_assert_str_eq(ask(360), "");
    push(1, 360);
    ck_assert_str_eq(ask(360.5), "360: A B");
}
END_TEST

START_TEST(a_later_bar_of_a_series_ends_the_wait_for_an_earlier_one) {
    both_at(60);
    push(0, 120);
    push(0, 180);
    push(1, 180); // B has skipped 120
    ck_assert_str_eq(ask(180), "120: A -B; 180: A B");
}
END_TEST

START_TEST(an_instant_waits_for_an_earlier_one_that_may_still_come) {
    // A every second, B every five; A pauses just where B's bar is due.
    with_series((const struct duet_grid_series[]){{0, S}, {1, 5 * S}}, 2, 2, 0);
    ck_assert_int_eq(push_long(0, 1, 5), DUET_OK);
    ck_assert_int_eq(push_long(1, 5, 5), DUET_OK);
    ck_assert_uint_gt(strlen(ask(5)), 0);
    for (int64_t close_s = 6; close_s <= 9; close_s++) {
        ck_assert_int_eq(push_long(0, 1, close_s), DUET_OK);
        ck_assert_uint_gt(strlen(ask((double)close_s)), 0);
    }
    ck_assert_int_eq(push_long(0, 1, 11), DUET_OK);
    struct duet_grid_instant instant;
    ck_assert(!duet_grid_next(grid, 11 * S, &instant));
    ck_assert_int_eq(push_long(1, 5, 10), DUET_OK);
    ck_assert(duet_grid_next(grid, 11 * S + S / 2, &instant));
    ck_assert_int_eq(instant.instant_ns, 10 * S);
    ck_assert_uint_eq(instant.closing_count, 1);
    ck_assert_uint_eq(instant.missing_count, 1); // A, whose later bar is there
    ck_assert(duet_grid_next(grid, 11 * S + S / 2, &instant));
    ck_assert_int_eq(instant.instant_ns, 11 * S);
}
END_TEST

START_TEST(a_feed_of_the_past_is_put_together_as_if_it_were_now) {
    double now_s = 1e9;
    for (int64_t close_s = 60; close_s <= 6000; close_s += 60) {
        char expected[32];
        snprintf(expected, sizeof(expected), "%lld: A B", (long long)close_s);
        push(0, close_s);
        ck_assert_str_eq(ask(now_s), "");
        push(1, close_s);
        ck_assert_str_eq(ask(now_s + 0.001), expected);
        now_s += 0.01;
    }
    push(0, 90000); // a night in between
    push(1, 90000);
    ck_assert_str_eq(ask(now_s), "90000: A B");
    push(0, 90060);
    ck_assert_str_eq(ask(now_s), "");
    ck_assert_double_eq_tol(wake_s(), now_s + 2, 60); // not in the past
    ck_assert_str_eq(ask(now_s + 2), "90060: A -B");
}
END_TEST

START_TEST(nothing_is_given_out_before_its_time) {
    minutes_of(1);
    push(0, 60);
    ck_assert_str_eq(ask(59.5), "");
    ck_assert_double_eq(wake_s(), 60);
    ck_assert_str_eq(ask(60), "60: A");
}
END_TEST

/* ---- longer bars ---- */

START_TEST(bars_of_several_lengths_that_close_together_are_one_instant) {
    with_series(
        (const struct duet_grid_series[]){{0, DUET_MINUTE_NS}, {1, DUET_MINUTE_NS}, {0, 5 * DUET_MINUTE_NS}}, 3, 2, 0);
    push(0, 240);
    push(1, 240);
    ck_assert_str_eq(ask(240), "240: A B"); // no five minutes end here
    push(0, 300);
    push(1, 300);
    ck_assert_str_eq(ask(300), "");
    ck_assert_int_eq(push_long(0, 300, 300), DUET_OK);
    ck_assert_str_eq(ask(300.1), "300: A B A5");
}
END_TEST

static int64_t at(int year, int month, int day, int hour) {
    struct duet_civil civil = {.year = year, .month = month, .day = day, .hour = hour};
    return duet_ns_from_civil(&civil) / S;
}

START_TEST(day_bars_are_waited_for_at_the_hour_they_close) {
    with_series((const struct duet_grid_series[]){{0, DUET_MINUTE_NS}, {0, DUET_DAY_NS}}, 2, 2, 0);
    int64_t friday_s = at(2024, 1, 5, 21);
    push(0, friday_s);
    ck_assert_int_eq(push_long(0, 23400, friday_s), DUET_EDATA); // a day's bar says so in its interval
    struct duet_bar day = bar_of(0, 86400, friday_s);
    day.open_ns += 63000 * S; // its session is shorter
    ck_assert_int_eq(duet_grid_bar(grid, &day), DUET_OK);
    ck_assert_ptr_nonnull(strstr(ask((double)friday_s), ": A A1440"));
    int64_t monday_s = at(2024, 1, 8, 21);
    push(0, monday_s - 60);
    ck_assert_uint_gt(strlen(ask((double)monday_s - 60)), 0);
    push(0, monday_s);
    ck_assert_str_eq(ask((double)monday_s), "");
    day.open_ns += 3 * DUET_DAY_NS;
    day.close_ns += 3 * DUET_DAY_NS;
    ck_assert_int_eq(duet_grid_bar(grid, &day), DUET_OK);
    ck_assert_ptr_nonnull(strstr(ask((double)monday_s), ": A A1440"));
}
END_TEST

START_TEST(month_bars_are_waited_for_on_their_day_of_the_month) {
    with_series((const struct duet_grid_series[]){{0, DUET_DAY_NS}, {0, DUET_MONTH_NS}}, 2, 2, 0);
    struct duet_bar month = bar_of(0, 30 * 86400, at(2024, 2, 1, 0));
    month.open_ns = at(2024, 1, 1, 0) * S;
    ck_assert_int_eq(push_long(0, 86400, at(2024, 2, 1, 0)), DUET_OK);
    ck_assert_int_eq(duet_grid_bar(grid, &month), DUET_OK);
    ck_assert_ptr_nonnull(strstr(ask((double)at(2024, 2, 1, 0)), "A1440 A43200"));
    for (int day = 2; day <= 29; day++) { // a leap year
        ck_assert_int_eq(push_long(0, 86400, at(2024, 2, day, 0)), DUET_OK);
        ck_assert_uint_gt(strlen(ask((double)at(2024, 2, day, 0))), 0);
    }
    ck_assert_int_eq(push_long(0, 86400, at(2024, 3, 1, 0)), DUET_OK);
    ck_assert_str_eq(ask((double)at(2024, 3, 1, 0)), "");
    month.open_ns = at(2024, 2, 1, 0) * S;
    month.close_ns = at(2024, 3, 1, 0) * S;
    ck_assert_int_eq(duet_grid_bar(grid, &month), DUET_OK);
    ck_assert_ptr_nonnull(strstr(ask((double)at(2024, 3, 1, 0)), "A1440 A43200"));
}
END_TEST

/* ---- openings ---- */

START_TEST(openings_belong_to_the_instant_they_open_at) {
    both_at(60);
    push(0, 120);
    ck_assert_int_eq(push_opening(1, 120), DUET_OK);
    ck_assert_int_eq(push_opening(0, 120), DUET_OK);
    ck_assert_str_eq(ask(120), "");
    push(1, 120);
    ck_assert_str_eq(ask(120), "120: A B +A +B");
}
END_TEST

START_TEST(openings_that_come_after_their_bars_are_in_time_and_older_ones_late) {
    both_at(60);
    ck_assert_int_eq(push_opening(0, 60), DUET_OK);
    ck_assert_str_eq(ask(60.5), "60: +A");
    both_at(120);
    ck_assert_int_eq(push_opening(1, 60), DUET_OK);
    ck_assert_str_eq(ask(120.5), "late 60: +B");
    push(0, 180);
    ck_assert_str_eq(ask(180), "");
    ck_assert_str_eq(ask(182), "180: A -B");
    push(1, 180); // late, together with an opening in time
    ck_assert_int_eq(push_opening(0, 180), DUET_OK);
    ck_assert_str_eq(ask(183), "late 180: B; 180: +A");
}
END_TEST

START_TEST(an_opening_in_the_middle_of_nothing_is_an_instant_of_its_own) {
    both_at(60);
    ck_assert_int_eq(push_opening(0, 75), DUET_OK);
    ck_assert_str_eq(ask(75), "75: +A");
    ck_assert_int_eq(push_opening(0, 75), DUET_EEXIST);
    ck_assert_int_eq(push_opening(0, 70), DUET_EEXIST);
    ck_assert_str_eq(ask(76), "");
}
END_TEST

/* ---- what is refused ---- */

START_TEST(duplicates_are_dropped_before_and_after_their_instant) {
    both_at(60);
    push(0, 120);
    ck_assert_int_eq(push_long(0, 60, 120), DUET_EEXIST);
    push(1, 120);
    ck_assert_str_eq(ask(120), "120: A B");
    ck_assert_int_eq(push_long(0, 60, 120), DUET_EEXIST);
    ck_assert_int_eq(push_long(1, 60, 60), DUET_EEXIST);
    ck_assert_str_eq(ask(200), "");
}
END_TEST

START_TEST(a_series_may_be_out_of_order_within_the_grace) {
    both_at(60);
    push(1, 180);
    push(1, 120);
    push(0, 120);
    push(0, 180);
    ck_assert_str_eq(ask(180), "120: A B; 180: A B");
}
END_TEST

START_TEST(what_was_over_when_it_began_stays_over) {
    with_series((const struct duet_grid_series[]){{0, DUET_MINUTE_NS}, {1, DUET_MINUTE_NS}}, 2, 2, 120);
    ck_assert_int_eq(push_long(0, 60, 60), DUET_EEXIST);
    ck_assert_int_eq(push_opening(0, 119), DUET_EEXIST);
    ck_assert_int_eq(push_opening(0, 120), DUET_OK); // it may not have been told before
    ck_assert_str_eq(ask(121), "120: +A");
    push(1, 120); // nor may this
    ck_assert_str_eq(ask(121), "late 120: B");
    both_at(180);
}
END_TEST

START_TEST(bars_that_cannot_be_are_refused) {
    struct duet_bar good = bar_of(0, 60, 60), bar;
    bar = good;
    bar.instrument = 5;
    ck_assert_int_eq(duet_grid_bar(grid, &bar), DUET_EDATA);
    bar = good;
    bar.interval_ns = 61 * S;
    ck_assert_int_eq(duet_grid_bar(grid, &bar), DUET_EDATA);
    bar = good;
    bar.open_ns = bar.close_ns;
    ck_assert_int_eq(duet_grid_bar(grid, &bar), DUET_EDATA);
    bar = good;
    bar.close_ns += S; // 61 seconds of a minute
    ck_assert_int_eq(duet_grid_bar(grid, &bar), DUET_EDATA);
    bar = good;
    bar.open_ns = -S;
    ck_assert_int_eq(duet_grid_bar(grid, &bar), DUET_EDATA);
    bar = good;
    bar.open_ns = bar.close_ns = INT64_MAX;
    ck_assert_int_eq(duet_grid_bar(grid, &bar), DUET_EDATA);
    bar = good;
    bar.size = 8;
    ck_assert_int_eq(duet_grid_bar(grid, &bar), DUET_EDATA);
    struct duet_opening opening = {.size = sizeof(opening), .instrument = 1, .open_ns = 60 * S};
    ck_assert_int_eq(duet_grid_opening(grid, 0, &opening), DUET_EDATA); // series 0 is of instrument 0
    ck_assert_int_eq(duet_grid_opening(grid, 2, &opening), DUET_EDATA);
    ck_assert_str_eq(ask(1000), "");
    struct duet_grid *none;
    const struct duet_grid_series unsorted[] = {{1, S}, {0, S}}, twice[] = {{1, S}, {1, S}}, empty[] = {{1, 0}};
    const struct duet_grid_options bad[] = {{unsorted, 2, 0, 0}, {twice, 2, 0, 0}, {empty, 1, 0, 0}, {twice, 1, -1, 0}};
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(duet_grid_create(&bad[i], &none), DUET_EINVAL);
    }
}
END_TEST

START_TEST(what_waits_is_bounded) {
    both_at(60);
    enum duet_status status = DUET_OK;
    int64_t pushed = 0;
    while (status == DUET_OK) { // A runs on, B says nothing
        status = push_long(0, 60, 120 + 60 * pushed);
        pushed += status == DUET_OK;
    }
    ck_assert_int_eq(status, DUET_EFULL);
    ck_assert_int_eq(pushed, DUET_GRID_WAITING_MAX);
    struct duet_grid_instant instant;
    int64_t given = 0, last_ns = 0;
    while (duet_grid_next(grid, INT64_MAX, &instant)) {
        ck_assert_int_gt(instant.instant_ns, last_ns);
        last_ns = instant.instant_ns;
        given++;
    }
    ck_assert_int_eq(given, pushed);
}
END_TEST

/* ---- timers ---- */

START_TEST(timers_are_held_while_a_bar_of_that_instant_may_come) {
    ck_assert_double_eq(holds_s(60), -1); // nothing is known yet
    both_at(60);
    ck_assert_double_eq(holds_s(60), -1);
    ck_assert_double_eq(holds_s(119.9), -1);
    ck_assert_double_eq(wake_s(), 122); // should a timer be held then
    ck_assert_double_eq(holds_s(120), 120);
    push(0, 120);
    ck_assert_str_eq(ask(120.5), "");
    ck_assert_double_eq(holds_s(121), 120);
    push(1, 120);
    ck_assert_double_eq(holds_s(121), 120); // complete, and not taken
    ck_assert_str_eq(ask(121), "120: A B");
    ck_assert_double_eq(holds_s(121), -1);
}
END_TEST

START_TEST(a_dead_feed_holds_timers_for_the_grace_and_soon_not_at_all) {
    both_at(60);
    ck_assert_double_eq(holds_s(120), 120);
    ck_assert_double_eq(wake_s(), 122);
    ck_assert_str_eq(ask(122), "");
    ck_assert_double_eq(holds_s(122), -1);
    ck_assert_double_eq(wake_s(), 182);
    ck_assert_double_eq(holds_s(180), 180);
    ck_assert_str_eq(ask(182), "");
    ck_assert_str_eq(ask(242), "");
    ck_assert_double_eq(holds_s(300), -1); // three times are enough
    ck_assert_double_eq(wake_s(), -1);
    both_at(360);
    ck_assert_double_eq(holds_s(420), 420);
}
END_TEST

START_TEST(asking_when_told_to_never_spins) {
    // Whatever has come, the time to ask again lies ahead of the time it was asked at.
    minutes_of(3);
    uint64_t random = 88172645463325252u;
    int64_t now_ns = 0;
    struct duet_grid_instant instant;
    for (int i = 0; i < 20000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        now_ns += (int64_t)(random % (20 * S));
        int64_t close_s = now_ns / S / 60 * 60;
        if (random >> 20 & 1 && close_s >= 60) {
            (void)push_long((uint32_t)(random >> 24) % 3, 60, close_s);
        }
        while (duet_grid_next(grid, now_ns, &instant)) {
        }
        ck_assert_int_gt(duet_grid_wake_ns(grid), now_ns);
    }
}
END_TEST

/* ---- any order ---- */

static uint64_t seed;
static uint64_t chance(uint64_t below) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % below;
}

#define HISTORY_MINUTES 60
struct arrival {
    int64_t due_ms; // when it comes
    uint32_t series;
    int64_t close_s;
};
static int compare_arrivals(const void *a, const void *b) {
    const struct arrival *x = a, *y = b;
    return x->due_ms != y->due_ms ? (x->due_ms < y->due_ms ? -1 : 1) : (int)x->series - (int)y->series;
}

/** What is to come out, from the whole history at once: who has a bar, and who, known and not given up, has none. */
static void expect_history(const bool has[4][HISTORY_MINUTES + 1], char *out, size_t size) {
    bool known[4] = {false};
    int absent[4] = {0};
    size_t used = 0;
    out[0] = '\0';
    for (int64_t minute = 1; minute <= HISTORY_MINUTES; minute++) {
        const int lengths[4] = {1, 1, 1, 5};
        bool any = false;
        for (int i = 0; i < 4; i++) {
            any = any || has[i][minute];
        }
        if (!any) {
            continue;
        }
        used += (size_t)snprintf(out + used, size - used, "%s%lld:", used > 0 ? "; " : "", (long long)minute * 60);
        for (int i = 0; i < 4; i++) {
            if (has[i][minute]) {
                used += (size_t)snprintf(out + used, size - used, i < 3 ? " %c" : " A5", 'A' + i);
            }
        }
        for (int i = 0; i < 4; i++) {
            if (has[i][minute]) {
                known[i] = true;
                absent[i] = 0;
            } else if (minute % lengths[i] == 0) {
                if (known[i] && absent[i] < DUET_GRID_PATIENCE) {
                    used += (size_t)snprintf(out + used, size - used, " -%c", i < 3 ? 'A' + i : 'A');
                }
                absent[i]++;
            }
        }
    }
}

START_TEST(whatever_comes_in_time_makes_the_same_instants_in_any_order) {
    static char expected[65536], came[65536];
    for (uint64_t round = 1; round <= 300; round++) {
        seed = round * UINT64_C(0x9e3779b97f4a7c15);
        with_series((const struct duet_grid_series[]){{0, DUET_MINUTE_NS}, {1, DUET_MINUTE_NS}, {2, DUET_MINUTE_NS},
                        {0, 5 * DUET_MINUTE_NS}},
            4, 2, 0);
        static bool has[4][HISTORY_MINUTES + 1];
        static struct arrival arrivals[4 * HISTORY_MINUTES];
        size_t count = 0;
        memset(has, 0, sizeof(has));
        int64_t behind_ms = (int64_t)chance(3) * 100000; // a feed may be late as a whole
        for (uint32_t i = 0; i < 4; i++) {
            int length = i < 3 ? 1 : 5;
            // C begins later; each may skip up to two bars running, so that nobody is given up.
            int gap = i == 2 ? 2 : 0;
            for (int64_t minute = length; minute <= HISTORY_MINUTES; minute += length) {
                bool begun = i != 2 || minute > 2;
                bool skip = gap < 2 && chance(8) == 0;
                if (!begun || skip) {
                    gap += begun;
                    continue;
                }
                gap = 0;
                has[i][minute] = true;
                arrivals[count++] =
                    (struct arrival){minute * 60000 + behind_ms + (int64_t)chance(1999), i, minute * 60};
            }
        }
        qsort(arrivals, count, sizeof(arrivals[0]), compare_arrivals);
        expect_history((const bool(*)[HISTORY_MINUTES + 1]) has, expected, sizeof(expected));
        size_t used = 0;
        came[0] = '\0';
        for (size_t i = 0; i <= count; i++) {
            // Wake where told to before the next comes.
            int64_t next_ns = i < count ? arrivals[i].due_ms * 1000000 : INT64_MAX / 4;
            for (;;) {
                int64_t wake_ns = duet_grid_wake_ns(grid);
                int64_t now_ns = wake_ns < next_ns ? wake_ns : next_ns;
                if (now_ns == next_ns && i < count) {
                    struct duet_bar bar = bar_of(series[arrivals[i].series].instrument,
                        series[arrivals[i].series].interval_ns / S, arrivals[i].close_s);
                    ck_assert_int_eq(duet_grid_bar(grid, &bar), DUET_OK);
                }
                struct duet_grid_instant instant;
                while (duet_grid_next(grid, now_ns, &instant)) {
                    char one[256];
                    tell(&instant, one, sizeof(one));
                    used += (size_t)snprintf(came + used, sizeof(came) - used, "%s%s", used > 0 ? "; " : "", one);
                }
                if (now_ns == next_ns) {
                    break;
                }
            }
        }
        ck_assert_msg(strcmp(came, expected) == 0, "round %llu\nexpected %s\ncame     %s", (unsigned long long)round,
            expected, came);
    }
}
END_TEST

DUET_TEST_MAIN("grid", two_minute_series, an_instant_waits_for_all_its_bars,
    when_the_grace_is_over_the_missing_are_named_and_come_late, a_single_series_waits_for_nobody,
    a_series_is_not_missing_before_its_first_bar_but_gets_its_grace, who_never_began_is_waited_for_three_times_only,
    who_was_missing_three_times_is_waited_for_again_once_it_came_back,
    a_later_bar_of_a_series_ends_the_wait_for_an_earlier_one, an_instant_waits_for_an_earlier_one_that_may_still_come,
    a_feed_of_the_past_is_put_together_as_if_it_were_now, nothing_is_given_out_before_its_time,
    bars_of_several_lengths_that_close_together_are_one_instant, day_bars_are_waited_for_at_the_hour_they_close,
    month_bars_are_waited_for_on_their_day_of_the_month, openings_belong_to_the_instant_they_open_at,
    openings_that_come_after_their_bars_are_in_time_and_older_ones_late,
    an_opening_in_the_middle_of_nothing_is_an_instant_of_its_own, duplicates_are_dropped_before_and_after_their_instant,
    a_series_may_be_out_of_order_within_the_grace, what_was_over_when_it_began_stays_over,
    bars_that_cannot_be_are_refused, what_waits_is_bounded, timers_are_held_while_a_bar_of_that_instant_may_come,
    a_dead_feed_holds_timers_for_the_grace_and_soon_not_at_all, asking_when_told_to_never_spins,
    whatever_comes_in_time_makes_the_same_instants_in_any_order)
