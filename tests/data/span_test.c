/* Spans by what clocks show, worked out by hand; and that they cover all of time without a seam. */
#include "data/span.h"

#include <duet/bar.h>

#include "base/error.h"
#include "base/rng.h"
#include "base/time.h"
#include "data/bars.h"
#include "data/zone.h"
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

START_TEST(a_span_begins_and_ends_where_clocks_of_the_zone_say) {
    static const struct {
        const char *zone, *bars, *instant, *opens, *closes; // instants in UTC
    } wanted[] = {
        {"UTC", "5m", "2024-05-06T10:07:30", "2024-05-06T10:05", "2024-05-06T10:10"},
        {"UTC", "5m", "2024-05-06T10:05", "2024-05-06T10:05", "2024-05-06T10:10"},
        {"UTC", "7h", "2024-05-06T22:00", "2024-05-06T21:00", "2024-05-07"}, // cut at midnight
        {"UTC", "1d", "1969-12-31T23:00", "1969-12-31", "1970-01-01"},
        {"UTC", "3d", "1970-01-05", "1970-01-04", "1970-01-07"},
        {"UTC", "1w", "2024-05-05T23:59", "2024-04-29", "2024-05-06"}, // a Sunday
        {"UTC", "2w", "1970-01-01", "1969-12-29", "1970-01-12"},
        {"UTC", "1mo", "2024-02-29T12:00", "2024-02-01", "2024-03-01"},
        {"UTC", "1q", "2024-12-31T23:00", "2024-10-01", "2025-01-01"},
        {"UTC", "1y", "2024-12-31T23:00", "2024-01-01", "2025-01-01"},
        {"+05:30", "1h", "2024-05-06T10:07", "2024-05-06T09:30", "2024-05-06T10:30"},
        // Clocks go from 02:00 EST to 03:00 EDT at 07:00 UTC; midnight is at 05:00.
        {"America/New_York", "4h", "2024-03-10T06:00", "2024-03-10T05:00", "2024-03-10T08:00"},
        {"America/New_York", "4h", "2024-03-10T08:00", "2024-03-10T08:00", "2024-03-10T12:00"},
        {"America/New_York", "1h", "2024-03-10T07:30", "2024-03-10T07:00", "2024-03-10T08:00"},
        {"America/New_York", "90m", "2024-03-10T06:45", "2024-03-10T06:30", "2024-03-10T07:00"},
        {"America/New_York", "1d", "2024-03-10T12:00", "2024-03-10T05:00", "2024-03-11T04:00"},
        {"America/New_York", "1w", "2024-03-10T12:00", "2024-03-04T05:00", "2024-03-11T04:00"},
        {"America/New_York", "1mo", "2024-03-10T12:00", "2024-03-01T05:00", "2024-04-01T04:00"},
        // And back from 02:00 EDT to 01:00 EST at 06:00 UTC; midnight is at 04:00.
        {"America/New_York", "4h", "2024-11-03T08:30", "2024-11-03T04:00", "2024-11-03T09:00"},
        {"America/New_York", "1h", "2024-11-03T05:30", "2024-11-03T05:00", "2024-11-03T06:00"},
        {"America/New_York", "1h", "2024-11-03T06:30", "2024-11-03T06:00", "2024-11-03T07:00"},
        {"America/New_York", "2h", "2024-11-03T06:30", "2024-11-03T04:00", "2024-11-03T07:00"},
        {"America/New_York", "1d", "2024-11-03T12:00", "2024-11-03T04:00", "2024-11-04T05:00"},
        // Half an hour back, from 02:00 to 01:30, at 15:00 UTC.
        {"Australia/Lord_Howe", "1h", "2024-04-06T15:10", "2024-04-06T14:00", "2024-04-06T15:30"},
        {"Australia/Lord_Howe", "30m", "2024-04-06T15:10", "2024-04-06T15:00", "2024-04-06T15:30"},
        // There was no 30th of December 2011 in Samoa.
        {"Pacific/Apia", "1d", "2011-12-30T09:00", "2011-12-29T10:00", "2011-12-30T10:00"},
        {"Pacific/Apia", "1d", "2011-12-30T10:00", "2011-12-30T10:00", "2011-12-31T10:00"},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        struct duet_zone *zone = zone_of(wanted[i].zone);
        int64_t bars = 0;
        char opens[DUET_TIME_TEXT_MAX], closes[DUET_TIME_TEXT_MAX];
        ck_assert_int_eq(duet_bars_parse(wanted[i].bars, &bars), DUET_OK);
        struct duet_span span = duet_span_of(zone, bars, at(wanted[i].instant));
        ck_assert_msg(span.open_ns == at(wanted[i].opens) && span.close_ns == at(wanted[i].closes),
            "%s %s at %s: %s to %s", wanted[i].zone, wanted[i].bars, wanted[i].instant,
            duet_time_format(span.open_ns, opens), duet_time_format(span.close_ns, closes));
        duet_zone_close(zone);
    }
}
END_TEST

START_TEST(spans_follow_one_another_without_a_gap_through_every_change_of_clocks) {
    static const char *const zones[] = {"UTC", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo",
        "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia", "-07:00"};
    static const char *const lengths[] = {
        "7m", "15m", "1h", "90m", "2h", "4h", "5h", "1d", "2d", "1w", "3w", "1mo", "1q", "1y"};
    struct duet_rng rng;
    duet_rng_seed(&rng, 17);
    for (size_t z = 0; z < sizeof(zones) / sizeof(zones[0]); z++) {
        struct duet_zone *zone = zone_of(zones[z]);
        for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
            int64_t bars = 0;
            ck_assert_int_eq(duet_bars_parse(lengths[i], &bars), DUET_OK);
            struct duet_span span = duet_span_of(zone, bars, at("2010-10-01"));
            for (int n = 0; n < 3000 && span.close_ns < at("2012-06-01"); n++) {
                int64_t length_ns = span.close_ns - span.open_ns;
                ck_assert_int_gt(length_ns, 0);
                ck_assert_int_le(length_ns, bars + 25 * DUET_HOUR_NS);
                int64_t within_ns = span.open_ns + (int64_t)(duet_rng_next(&rng) % (uint64_t)length_ns);
                struct duet_span same = duet_span_of(zone, bars, within_ns);
                ck_assert_msg(
                    same.open_ns == span.open_ns && same.close_ns == span.close_ns, "%s %s", zones[z], lengths[i]);
                int64_t closes_ns = span.close_ns;
                span = duet_span_of(zone, bars, closes_ns);
                ck_assert_msg(span.open_ns == closes_ns, "%s %s", zones[z], lengths[i]);
            }
        }
        duet_zone_close(zone);
    }
}
END_TEST

START_TEST(times_at_the_end_of_time_do_no_harm) {
    static const int64_t edges[] = {INT64_MAX, INT64_MAX - 1, INT64_MIN, INT64_MIN + 1};
    struct duet_zone *zone = zone_of("America/New_York");
    for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
        ck_assert_int_le(duet_span_of(zone, DUET_MONTH_NS, edges[i]).open_ns, edges[i]);
        ck_assert_int_le(duet_span_of(NULL, DUET_MINUTE_NS, edges[i]).open_ns, edges[i]);
    }
    duet_zone_close(zone);
}
END_TEST

DUET_TEST_MAIN("span", NULL, a_span_begins_and_ends_where_clocks_of_the_zone_say,
    spans_follow_one_another_without_a_gap_through_every_change_of_clocks, times_at_the_end_of_time_do_no_harm)
