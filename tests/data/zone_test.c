/* Zones against offsets that Python's zoneinfo gives, and the edges of summer time by hand. */
#include "data/zone.h"

#include <duet/bar.h>

#include "base/error.h"
#include "base/time.h"
#include "support/suite.h"

static int64_t at(const char *text) {
    int64_t ns = 0;
    bool is_date = false;
    ck_assert_msg(duet_time_parse(text, &ns, &is_date) == DUET_OK, "%s", duet_error_text());
    return ns;
}

static struct duet_zone *zone_of(const char *name) {
    struct duet_zone *zone = NULL;
    ck_assert_msg(duet_zone_open(name, &zone) == DUET_OK, "%s", duet_error_text());
    return zone;
}

START_TEST(knows_the_offset_in_force_at_any_instant) {
    static const struct {
        const char *zone, *utc;
        int offset_s;
    } wanted[] = {
        {"America/New_York", "1900-06-01T00:00", -18000},
        {"America/New_York", "1974-02-01T12:00", -14400},
        {"America/New_York", "2024-03-10T06:59", -18000},
        {"America/New_York", "2024-03-10T07:00", -14400},
        {"America/New_York", "2024-11-03T05:59", -14400},
        {"America/New_York", "2024-11-03T06:00", -18000},
        {"America/New_York", "2040-07-01T00:00", -14400},
        {"America/New_York", "2200-01-15T00:00", -18000},
        {"America/New_York", "2200-07-15T00:00", -14400},
        {"Australia/Lord_Howe", "2024-01-01T00:00", 39600},
        {"Australia/Lord_Howe", "2024-07-01T00:00", 37800},
        {"Australia/Lord_Howe", "2060-01-01T00:00", 39600},
        {"Asia/Kolkata", "2024-01-01T00:00", 19800},
        {"America/Sao_Paulo", "2018-11-04T02:59", -10800},
        {"America/Sao_Paulo", "2018-11-04T03:00", -7200},
        {"Europe/Dublin", "2030-01-01T00:00", 0},
        {"Europe/Dublin", "2050-07-01T00:00", 3600},
        {"Australia/Sydney", "2050-01-01T00:00", 39600},
        {"Australia/Sydney", "2050-06-01T00:00", 36000},
        {"UTC", "2024-01-01T00:00", 0},
        {"+05:30", "2024-01-01T00:00", 19800},
        {"-0500", "2024-07-01T00:00", -18000},
        {"+1", "2024-07-01T00:00", 3600},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        struct duet_zone *zone = zone_of(wanted[i].zone);
        ck_assert_msg(duet_zone_offset_ns(zone, at(wanted[i].utc)) == wanted[i].offset_s * DUET_SECOND_NS, "%s at %s",
            wanted[i].zone, wanted[i].utc);
        duet_zone_close(zone);
    }
}
END_TEST

START_TEST(takes_the_first_of_two_instants_and_the_end_of_a_gap) {
    struct duet_zone *zone = zone_of("America/New_York");
    ck_assert_int_eq(duet_zone_to_utc_ns(zone, at("2024-01-02T09:30")), at("2024-01-02T14:30Z"));
    ck_assert_int_eq(duet_zone_to_utc_ns(zone, at("2024-03-10T01:59")), at("2024-03-10T06:59Z"));
    ck_assert_int_eq(duet_zone_to_utc_ns(zone, at("2024-03-10T02:00")), at("2024-03-10T07:00Z"));
    ck_assert_int_eq(duet_zone_to_utc_ns(zone, at("2024-03-10T02:30")), at("2024-03-10T07:00Z"));
    ck_assert_int_eq(duet_zone_to_utc_ns(zone, at("2024-03-10T03:00")), at("2024-03-10T07:00Z"));
    ck_assert_int_eq(duet_zone_to_utc_ns(zone, at("2024-11-03T00:59")), at("2024-11-03T04:59Z"));
    ck_assert_int_eq(duet_zone_to_utc_ns(zone, at("2024-11-03T01:30")), at("2024-11-03T05:30Z"));
    ck_assert_int_eq(duet_zone_to_utc_ns(zone, at("2024-11-03T02:00")), at("2024-11-03T07:00Z"));
    duet_zone_close(zone);
}
END_TEST

START_TEST(finds_the_next_midnight_though_days_have_23_or_25_hours) {
    struct duet_zone *zone = zone_of("America/New_York");
    ck_assert_int_eq(duet_zone_next_midnight_ns(zone, at("2024-03-10T05:00Z")), at("2024-03-11T04:00Z"));
    ck_assert_int_eq(duet_zone_next_midnight_ns(zone, at("2024-03-10T04:59Z")), at("2024-03-10T05:00Z"));
    ck_assert_int_eq(duet_zone_next_midnight_ns(zone, at("2024-11-03T04:00Z")), at("2024-11-04T05:00Z"));
    duet_zone_close(zone);
    zone = zone_of("America/Sao_Paulo"); // on 4 November 2018 clocks went from 0:00 to 1:00
    ck_assert_int_eq(duet_zone_next_midnight_ns(zone, at("2018-11-04T02:59Z")), at("2018-11-04T03:00Z"));
    ck_assert_int_eq(duet_zone_next_midnight_ns(zone, at("2018-11-04T03:00Z")), at("2018-11-05T02:00Z"));
    duet_zone_close(zone);
}
END_TEST

START_TEST(steady_stretches_agree_with_single_labels) {
    struct duet_zone *zone = zone_of("America/New_York");
    for (int64_t local_ns = at("2024-01-01"); local_ns < at("2025-01-01"); local_ns += 10 * DUET_MINUTE_NS) {
        int64_t from_ns = 0, until_ns = 0;
        int64_t offset_ns = duet_zone_steady_ns(zone, local_ns, &from_ns, &until_ns);
        ck_assert(from_ns <= local_ns);
        ck_assert(local_ns < until_ns);
        ck_assert_int_eq(duet_zone_to_utc_ns(zone, local_ns), local_ns - offset_ns);
        if (until_ns - from_ns > DUET_HOUR_NS) {
            ck_assert_int_eq(duet_zone_to_utc_ns(zone, from_ns), from_ns - offset_ns);
            ck_assert_int_eq(duet_zone_to_utc_ns(zone, until_ns - 1), until_ns - 1 - offset_ns);
        }
    }
    duet_zone_close(zone);
}
END_TEST

START_TEST(survives_the_ends_of_time) {
    static const char *const names[] = {"UTC", "+14:00", "-12", "America/New_York", "Asia/Tokyo"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct duet_zone *zone = zone_of(names[i]);
        int64_t from_ns = 0, until_ns = 0;
        (void)duet_zone_to_utc_ns(zone, INT64_MIN);
        (void)duet_zone_to_utc_ns(zone, INT64_MAX);
        (void)duet_zone_offset_ns(zone, INT64_MIN);
        (void)duet_zone_steady_ns(zone, INT64_MAX, &from_ns, &until_ns);
        (void)duet_zone_next_midnight_ns(zone, INT64_MAX);
        (void)duet_zone_next_midnight_ns(zone, INT64_MIN + DUET_DAY_NS);
        duet_zone_close(zone);
    }
}
END_TEST

START_TEST(refuses_names_that_the_system_does_not_know) {
    static const char *const names[] = {"", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "+25", "+5:3", "+05:61",
        "America", "New York", "EST5EDT,M3.2.0,M11.1.0", "America/../../../../etc/passwd", "posixrules/x",
        "A-name-that-is-far-longer-than-any-zone-of-this-world-ever-was"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct duet_zone *zone = NULL;
        ck_assert_msg(duet_zone_open(names[i], &zone) == DUET_EINVAL, "\"%s\" was opened", names[i]);
        ck_assert_ptr_nonnull(strstr(duet_error_text(), "time zone"));
    }
}
END_TEST

DUET_TEST_MAIN("zone", NULL, knows_the_offset_in_force_at_any_instant,
    takes_the_first_of_two_instants_and_the_end_of_a_gap, finds_the_next_midnight_though_days_have_23_or_25_hours,
    steady_stretches_agree_with_single_labels, survives_the_ends_of_time, refuses_names_that_the_system_does_not_know)
