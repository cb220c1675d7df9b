/* The gateway protocol as bytes: every example of its manual, what must not be taken, and the lines we say. */
#include "net/gateway_codec.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "support/suite.h"

static struct duet_gateway_message message;

static enum duet_status decode(const char *line) {
    return duet_gateway_decode(line, strlen(line), &message);
}

#define is_refused(line, why)                                                                         \
    do {                                                                                              \
        ck_assert_int_eq(decode(line), DUET_EDATA);                                                   \
        ck_assert_msg(strstr(duet_error_text(), (why)) != NULL, "%s: %s", (line), duet_error_text()); \
    } while (0)

/* ----------------------------------------------------------------------------------------------------- decoding */

START_TEST(every_example_of_the_manual_is_understood) {
    char *text;
    size_t size;
    unsigned seen = 0, ours = 0;
    ck_assert_int_eq(duet_file_read(DUET_SOURCE_ROOT "/docs/gateway.md", 1 << 20, &text, &size), DUET_OK);
    bool inside = false;
    for (char *line = text, *end; *line != '\0'; line = end + 1) {
        end = line + strcspn(line, "\n");
        bool last = *end == '\0';
        *end = '\0';
        if (strncmp(line, "```", 3) == 0) {
            inside = strcmp(line, "```json") == 0;
        } else if (inside) {
            ck_assert_msg(decode(line) == DUET_OK, "%s: %s", line, duet_error_text());
            ours += message.type == DUET_GATEWAY_NONE;
            seen |= 1u << message.type;
        }
        if (last) {
            break;
        }
    }
    free(text);
    ck_assert_uint_eq(ours, 10); // what Duet says is of no type that it hears, but heartbeat
#define SEEN(name, type) ck_assert_msg((seen >> DUET_GATEWAY_##name & 1) != 0 || strcmp(type, "heartbeat") == 0, type);
    DUET_GATEWAY_IN_MAP(SEEN)
#undef SEEN
}
END_TEST

START_TEST(a_fill_is_read_whole_in_any_order_of_keys) {
    ck_assert_int_eq(
        decode(
            "{\"cumulative\":4,\"time\":1767225662000000000,\"side\":\"sell\",\"price\":\"101.250\",\"id\":\"demo-7\","
            "\"fill_id\":\"x-\\u00e9\",\"type\":\"fill\",\"symbol\":\"SPY\",\"quantity\":4e0,\"commission\":-1.5e-3,"
            "\"report\":19,\"unheard_of\":{\"a\":[1,{}]}}"),
        DUET_OK);
    ck_assert_int_eq(message.type, DUET_GATEWAY_FILL);
    ck_assert_str_eq(message.order_id, "demo-7");
    ck_assert_str_eq(message.fill_id, "x-\xc3\xa9");
    ck_assert_str_eq(message.symbol, "SPY");
    ck_assert_int_eq(message.side, DUET_SELL);
    ck_assert_str_eq(message.quantity, "4");
    ck_assert_str_eq(message.price, "101.25");
    ck_assert_str_eq(message.commission, "-0.0015");
    ck_assert_str_eq(message.cumulative, "4");
    ck_assert_uint_eq(message.report, 19);
    ck_assert_int_eq(message.time_ns, 1767225662000000000);
}
END_TEST

START_TEST(decimals_come_out_plain_and_exact) {
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"0", "0"},
        {"-0", "-0"},
        {"0.0", "0"},
        {"000", "0"},
        {"1", "1"},
        {"1.50", "1.5"},
        {"-12.75", "-12.75"},
        {"1e3", "1000"},
        {"1.5E+2", "150"},
        {"12345e-3", "12.345"},
        {"1e-5", "0.00001"},
        {"10e-1", "1"},
        {"0e999", "0"},
        {"99999999999999999999.123456789", "99999999999999999999.123456789"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char line[200];
        snprintf(line, sizeof(line), "{\"type\":\"position\",\"symbol\":\"A\",\"quantity\":\"%s\"}", cases[i].in);
        ck_assert_msg(decode(line) == DUET_OK, "%s: %s", line, duet_error_text());
        ck_assert_str_eq(message.quantity, cases[i].out);
    }
    static const char *const bad[] = {"", " 1", "1 ", "1.", ".5", "1e", "1e+", "--1", "0x10", "nan", "inf", "1,5",
        "1e40", "1e-40", "12345678901234567890123456789012345678901", "1e99999999999999999999"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char line[200];
        snprintf(line, sizeof(line), "{\"type\":\"position\",\"symbol\":\"A\",\"quantity\":\"%s\"}", bad[i]);
        is_refused(line, "quantity");
        ck_assert_int_eq(message.type, DUET_GATEWAY_POSITION); // known, so that the owner knows how much it matters
    }
}
END_TEST

START_TEST(times_are_nanoseconds_or_iso_and_intervals_seconds) {
    ck_assert_int_eq(decode("{\"type\":\"opening\",\"seq\":1,\"symbol\":\"A\",\"interval\":0.5,\"time\":"
                            "\"2026-01-01T00:00:00Z\",\"open\":1}"),
        DUET_OK);
    ck_assert_int_eq(message.time_ns, 1767225600000000000);
    ck_assert_int_eq(message.interval_ns, 500000000);
    ck_assert_int_eq(decode("{\"type\":\"opening\",\"seq\":1,\"symbol\":\"A\",\"interval\":\"86400\",\"time\":-1,"
                            "\"open\":1}"),
        DUET_OK);
    ck_assert_int_eq(message.time_ns, -1);
    ck_assert_int_eq(message.interval_ns, 86400000000000);
    is_refused("{\"type\":\"opening\",\"seq\":1,\"symbol\":\"A\",\"interval\":0,\"time\":1,\"open\":1}", "interval");
    is_refused("{\"type\":\"opening\",\"seq\":1,\"symbol\":\"A\",\"interval\":1,\"time\":1.5,\"open\":1}", "time");
    is_refused("{\"type\":\"opening\",\"seq\":1,\"symbol\":\"A\",\"interval\":1,\"time\":\"noon\",\"open\":1}", "time");
}
END_TEST

START_TEST(what_lacks_something_or_says_it_twice_is_refused_by_name) {
    is_refused("", "object");
    is_refused("[]", "object");
    is_refused("{\"type\":\"fill\"", "JSON");
    is_refused("{}", "type");
    is_refused("{\"type\":5}", "type");
    is_refused("{\"type\":\"fill\",\"type\":\"order\"}", "type");
    is_refused("{\"type\":\"order\",\"id\":\"a\"}", "status");
    is_refused("{\"type\":\"order\",\"id\":\"a\",\"status\":\"confused\"}", "status");
    is_refused("{\"type\":\"order\",\"id\":\"a\",\"status\":null}", "status");
    is_refused("{\"type\":\"order\",\"id\":\"a\",\"id\":\"b\",\"status\":\"accepted\"}", "twice");
    is_refused("{\"type\":\"order\",\"id\":\"\",\"status\":\"accepted\"}", "id");
    is_refused("{\"type\":\"order\",\"id\":\"1234567890123456789012345678901234567890\",\"status\":\"filled\"}", "id");
    is_refused("{\"type\":\"order\",\"id\":\"a\",\"status\":\"accepted\",\"report\":-1}", "report");
    is_refused("{\"type\":\"order\",\"id\":\"a\",\"status\":\"accepted\",\"report\":1.5}", "report");
    is_refused("{\"type\":\"snapshot_end\"}", "report");
    is_refused("{\"type\":\"position\",\"symbol\":\"A\"}", "quantity");
    is_refused("{\"type\":\"welcome\",\"protocol\":1,\"epoch\":1}", "roles");
    is_refused(
        "{\"type\":\"bar\",\"symbol\":\"A\",\"interval\":60,\"time\":0,\"open\":1,\"high\":1,\"low\":1,\"close\":1}",
        "seq");
    ck_assert_int_eq(
        decode("{\"type\":\"bar\",\"symbol\":\"A\",\"interval\":60,\"time\":0,\"open\":1,\"high\":1,\"low\":1,"
               "\"close\":1,\"history\":true}"),
        DUET_OK);
    ck_assert_int_eq(decode("{\"type\":\"of_version_2\",\"id\":[]}"), DUET_OK);
    ck_assert_int_eq(message.type, DUET_GATEWAY_NONE);
}
END_TEST

/* ----------------------------------------------------------------------------------------------------- encoding */

static char out[DUET_GATEWAY_LINE_MAX];

#define says(call, text)                         \
    do {                                         \
        ck_assert_uint_eq((call), strlen(text)); \
        ck_assert_str_eq(out, (text));           \
    } while (0)

START_TEST(our_lines_are_those_of_the_manual) {
    struct duet_gateway_greeting greeting = {.session = "demo",
        .epoch = 16777217,
        .roles = DUET_GATEWAY_FEED | DUET_GATEWAY_BROKER,
        .feed_sequence = 4711,
        .heartbeat_ms = 5000};
    says(duet_gateway_hello(out, &greeting),
        "{\"type\":\"hello\",\"protocol\":1,\"session\":\"demo\",\"epoch\":16777217,\"roles\":[\"feed\",\"broker\"],"
        "\"feed_sequence\":4711,\"heartbeat_ms\":5000}");
    greeting.token = "a\"b\\c\n";
    greeting.roles = DUET_GATEWAY_BROKER;
    says(duet_gateway_hello(out, &greeting),
        "{\"type\":\"hello\",\"protocol\":1,\"session\":\"demo\",\"epoch\":16777217,\"roles\":[\"broker\"],"
        "\"feed_sequence\":4711,\"heartbeat_ms\":5000,\"token\":\"a\\\"b\\\\c\\u000a\"}");
    says(duet_gateway_query(out, "demo-7", 0), "{\"type\":\"query\",\"id\":\"demo-7\"}");
    says(duet_gateway_query(out, NULL, 17), "{\"type\":\"query\",\"report\":17}");
    struct duet_gateway_order order = {.order_id = "demo-7",
        .symbol = "SPY",
        .side = "buy",
        .type = "limit",
        .quantity = "10",
        .price = "101.25",
        .time_in_force = "gtc"};
    says(duet_gateway_submit(out, &order),
        "{\"type\":\"submit\",\"id\":\"demo-7\",\"symbol\":\"SPY\",\"side\":\"buy\",\"order_type\":\"limit\","
        "\"quantity\":\"10\",\"price\":\"101.25\",\"time_in_force\":\"gtc\"}");
    order.stop_price = "102";
    order.expires_ns = 5;
    order.reduce_only = true;
    says(duet_gateway_submit(out, &order),
        "{\"type\":\"submit\",\"id\":\"demo-7\",\"symbol\":\"SPY\",\"side\":\"buy\",\"order_type\":\"limit\","
        "\"quantity\":\"10\",\"price\":\"101.25\",\"stop_price\":\"102\",\"time_in_force\":\"gtc\",\"expires\":5,"
        "\"reduce_only\":true}");
    says(duet_gateway_cancel(out, "demo-7"), "{\"type\":\"cancel\",\"id\":\"demo-7\"}");
    says(duet_gateway_history(out, "SPY", 60000000000, 0, 1767225600000000000, 50),
        "{\"type\":\"history\",\"symbol\":\"SPY\",\"interval\":60,\"from\":0,\"to\":1767225600000000000,\"last\":50}");
    says(duet_gateway_subscribe(out, "SPY", 60000000000, false, false),
        "{\"type\":\"subscribe\",\"symbol\":\"SPY\",\"interval\":60}");
    says(duet_gateway_subscribe(out, "SPY", 250000000, false, false),
        "{\"type\":\"subscribe\",\"symbol\":\"SPY\",\"interval\":0.25}");
    says(duet_gateway_subscribe(out, "SPY", 0, true, true),
        "{\"type\":\"subscribe\",\"symbol\":\"SPY\",\"trades\":true,\"quotes\":true}");
    says(duet_gateway_start(out, true, 4711), "{\"type\":\"start\",\"after\":4711}");
    says(duet_gateway_start(out, false, 0), "{\"type\":\"start\"}");
    says(duet_gateway_ack(out, 4713), "{\"type\":\"ack\",\"seq\":4713}");
    says(duet_gateway_heartbeat(out), "{\"type\":\"heartbeat\"}");
}
END_TEST

START_TEST(what_does_not_fit_is_not_said_at_all) {
    char name[2000];
    memset(name, '"', sizeof(name));
    for (size_t length = 400; length < 1100; length++) { // a quote takes two bytes
        name[length] = '\0';
        size_t size = duet_gateway_cancel(out, name);
        ck_assert_uint_eq(size, 2 * length + 25 < DUET_GATEWAY_LINE_MAX ? 2 * length + 25 : 0);
        ck_assert_uint_eq(strlen(out), size);
        name[length] = '"';
    }
}
END_TEST

DUET_TEST_MAIN("gateway_codec", NULL, every_example_of_the_manual_is_understood,
    a_fill_is_read_whole_in_any_order_of_keys, decimals_come_out_plain_and_exact,
    times_are_nanoseconds_or_iso_and_intervals_seconds, what_lacks_something_or_says_it_twice_is_refused_by_name,
    our_lines_are_those_of_the_manual, what_does_not_fit_is_not_said_at_all)
