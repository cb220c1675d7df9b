/* The JSON object, read back by another library. */
#include "report/json.h"

#include <jansson.h>

#include "base/json.h"
#include "report/sample.h"
#include "support/suite.h"

static struct sample sample;
static char *text;
static size_t text_size;
static json_t *root;

static void a_sample(void) {
    sample_run(&sample);
}

static void print(void) {
    json_error_t error;
    free(text);
    json_decref(root);
    FILE *stream = open_memstream(&text, &text_size);
    ck_assert_int_eq(duet_result_print_json(&sample.result, stream), DUET_OK);
    fclose(stream);
    root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(root != NULL, "%s at %d: %s", error.text, error.position, text);
}

static const json_t *get(const char *path) {
    char copy[128];
    duet_text_copy(copy, sizeof(copy), path);
    const json_t *value = root;
    char *rest = copy, *part;
    while ((part = strsep(&rest, ".")) != NULL) {
        value = json_is_array(value) ? json_array_get(value, (size_t)(part[0] - '0')) : json_object_get(value, part);
        ck_assert_msg(value != NULL, "no %s", path);
    }
    return value;
}

static const char *string(const char *path) {
    ck_assert_msg(json_is_string(get(path)), "%s is no string", path);
    return json_string_value(get(path));
}

START_TEST(every_key_is_there_in_its_type) {
    print();
    static const char *const strings[] = {"mode", "version", "status", "strategy", "plugin_sha256", "data_sha256",
        "currency", "fill_profile", "start", "end", "initial_cash", "final_cash", "final_equity", "costs.commission",
        "costs.slippage", "realized_pnl", "unrealized_pnl", "open_positions.0.symbol", "open_positions.0.quantity",
        "open_positions.0.mark", "open_positions.0.value", "buy_and_hold.final_equity", "event_hash", "decision_hash",
        "stats.convention", "stats.annualisation.why", "stats.max_drawdown_amount", "stats.max_drawdown_start",
        "stats.max_drawdown_end", "stats.expectancy", "assumptions.0.code", "assumptions.0.text", "warnings.0.code",
        "warnings.0.first", "data.0.symbol", "data.0.path", "data.0.dialect", "data.0.first", "data.0.last",
        "data.0.tz", "data.0.stamp"};
    static const char *const integers[] = {"schema", "bars", "ticks", "events", "orders", "fills", "denied.CASH",
        "rejected", "cancelled", "expired", "stats.daily_returns", "stats.trades", "stats.trades_won",
        "stats.trades_lost", "stats.trades_at_end", "warnings.0.count", "data.0.rows", "data.0.skipped"};
    static const char *const numbers[] = {"costs.break_even_bps", "buy_and_hold.total_return",
        "buy_and_hold.max_drawdown", "stats.annualisation.periods", "stats.total_return", "stats.annual_return",
        "stats.cagr", "stats.volatility", "stats.sharpe", "stats.sharpe_se", "stats.sortino", "stats.calmar",
        "stats.max_drawdown", "stats.exposure", "stats.average_gross_leverage", "stats.win_rate", "stats.profit_factor",
        "stats.average_trade", "stats.best_trade", "stats.worst_trade", "stats.sqn", "data.0.interval_s",
        "timing.load_s", "timing.run_s", "timing.total_s"};
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        (void)string(strings[i]);
    }
    for (size_t i = 0; i < sizeof(integers) / sizeof(integers[0]); i++) {
        ck_assert_msg(json_is_integer(get(integers[i])), "%s is no integer", integers[i]);
    }
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        ck_assert_msg(json_is_number(get(numbers[i])), "%s is no number", numbers[i]);
    }
    ck_assert(json_is_object(get("na")) && json_is_object(get("params")));
}
END_TEST

START_TEST(keys_stand_in_their_order) {
    print();
    static const char *const order[] = {"schema", "mode", "version", "status", "strategy", "params", "settings",
        "plugin_sha256", "data_sha256", "currency", "fill_profile", "start", "end", "bars", "ticks", "events", "orders",
        "fills", "denied", "rejected", "cancelled", "expired", "initial_cash", "final_cash", "final_equity", "costs",
        "realized_pnl", "unrealized_pnl", "open_positions", "buy_and_hold", "benchmark", "event_hash", "decision_hash",
        "stats", "months", "years", "drawdowns", "instruments", "na", "assumptions", "warnings", "data", "timing"};
    size_t index = 0;
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value) {
        ck_assert_uint_lt(index, sizeof(order) / sizeof(order[0]));
        ck_assert_str_eq(key, order[index++]);
    }
    ck_assert_uint_eq(index, sizeof(order) / sizeof(order[0]));
}
END_TEST

START_TEST(values_are_what_the_run_had) {
    print();
    ck_assert_str_eq(string("initial_cash"), "100000");
    ck_assert_str_eq(string("final_cash"), "91484.9");
    ck_assert_str_eq(string("costs.commission"), "10.5151");
    ck_assert_str_eq(string("open_positions.0.quantity"), "100");
    ck_assert_str_eq(string("open_positions.0.mark"), "85.7163");
    ck_assert_str_eq(string("event_hash"), "0000000000000123");
    ck_assert_str_eq(string("decision_hash"), "fedcba9876543210");
    ck_assert_str_eq(string("start"), "2020-01-02T00:00:00Z");
    ck_assert_str_eq(string("stats.convention"), "duet-1");
    ck_assert_str_eq(string("stats.expectancy"), "4");
    ck_assert_int_eq(json_integer_value(get("denied.CASH")), 312);
    ck_assert_uint_eq(json_object_size(get("denied")), 1);
    ck_assert_int_eq(json_integer_value(get("params.fast")), 10);
    ck_assert(json_number_value(get("params.weight")) == 0.9);
    ck_assert_str_eq(string("params.mode"), "long");
    ck_assert_int_eq(json_integer_value(get("data.0.interval_s")), 60);
    struct duet_stats stats;
    duet_stats_compute(&sample.result, &stats);
    ck_assert(json_number_value(get("stats.sharpe")) == stats.sharpe.value); // to the last bit
}
END_TEST

/** How many nulls there are in it; each needs a reason in `na`. */
static size_t nulls_in(json_t *value) {
    size_t count = 0, index;
    const char *key;
    json_t *inner;
    json_object_foreach(value, key, inner) {
        if (json_is_null(inner)) {
            ck_assert_msg(json_is_string(json_object_get(get("na"), key)), "%s is null without a reason", key);
            count++;
        }
        count += nulls_in(inner);
    }
    json_array_foreach(value, index, inner) {
        count += nulls_in(inner);
    }
    return count;
}

START_TEST(whatever_is_null_has_a_reason) {
    print();
    size_t some = nulls_in(root);
    ck_assert_uint_eq(some, json_object_size(get("na")));
    sample_finish(&sample);
    sample = (struct sample){0};
    print();
    ck_assert_uint_gt(nulls_in(root), some);
    ck_assert_uint_eq(nulls_in(root), json_object_size(get("na")));
    ck_assert(json_is_null(get("start")));
    ck_assert(json_is_null(get("buy_and_hold")));
    ck_assert(json_is_null(get("stats.sharpe")));
    ck_assert_str_eq(string("na.sharpe"), "no bars");
    ck_assert_str_eq(string("na.break_even_bps"), "nothing traded");
}
END_TEST

START_TEST(it_is_one_line) {
    print();
    ck_assert_ptr_eq(strchr(text, '\n'), text + text_size - 1);
    ck_assert_int_eq(text[0], '{');
}
END_TEST

START_TEST(nasty_strings_come_back) {
    static const char nasty[] = "a\"b\\c/\n\t\001\x7f \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
    duet_text_copy(sample.result.data[0].path, sizeof(sample.result.data[0].path), nasty);
    duet_text_copy(sample.result.params[0].name, sizeof(sample.result.params[0].name), "k\"ey");
    print();
    ck_assert_str_eq(string("data.0.path"), nasty);
    ck_assert_int_eq(json_integer_value(get("params.k\"ey")), 10);
}
END_TEST

START_TEST(bytes_that_are_no_utf8_become_replacement_characters) {
    static const char *const broken[] = {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"};
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        duet_text_copy(sample.result.data[0].path, sizeof(sample.result.data[0].path), broken[i]);
        print();
        ck_assert_str_eq(strstr(string("data.0.path"), "\xef\xbf\xbd"), string("data.0.path"));
    }
}
END_TEST

START_TEST(params_that_are_no_json_numbers_still_parse) {
    static const struct {
        const char *typed;
        double number; // NAN: stays a string
    } cases[] = {
        {".5", 0.5}, {"1e3", 1000}, {"-0.25", -0.25}, {"007", 7}, {"nan", NAN}, {"-", NAN}, {"12abc", NAN}, {"", NAN}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        duet_text_copy(sample.result.params[0].value, sizeof(sample.result.params[0].value), cases[i].typed);
        print();
        if (isnan(cases[i].number)) {
            ck_assert_str_eq(string("params.fast"), cases[i].typed);
        } else {
            ck_assert_msg(json_is_number(get("params.fast")), "%s", cases[i].typed);
            ck_assert_double_eq(json_number_value(get("params.fast")), cases[i].number);
        }
    }
}
END_TEST

START_TEST(doubles_are_the_shortest_that_come_back) {
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0.1, "0.1"}, {1.0 / 3, "0.3333333333333333"}, {0.1 + 0.2, "0.30000000000000004"}, {100, "100"},
        {1e300, "1e+300"}, {5e-324, "5e-324"}, {-0.0, "-0"}, {123456789012345680.0, "1.2345678901234568e+17"},
        {2.0 / 3, "0.6666666666666666"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char shown[DUET_DOUBLE_TEXT_MAX];
        ck_assert_str_eq(duet_double_format(cases[i].value, shown), cases[i].text);
        ck_assert(strtod(shown, NULL) == cases[i].value);
    }
}
END_TEST

START_TEST(notes_past_the_last_place_are_counted) {
    struct duet_result *result = &sample.result;
    for (int i = 0; i < 100; i++) {
        duet_result_warn(result, "MANY", 1, NULL, "warning %d", i);
    }
    ck_assert_uint_eq(result->warning_count, DUET_RESULT_NOTES_MAX);
    const struct duet_result_note *last = &result->warnings[DUET_RESULT_NOTES_MAX - 1];
    ck_assert_str_eq(last->code, "MORE_WARNINGS");
    ck_assert_uint_eq(last->count, 101 - (DUET_RESULT_NOTES_MAX - 1)); // one from the sample
    print();
}
END_TEST

START_TEST(a_full_stream_is_an_error) {
    FILE *full = fopen("/dev/full", "w");
    ck_assert_int_eq(duet_result_print_json(&sample.result, full), DUET_EIO);
    fclose(full);
}
END_TEST

DUET_TEST_MAIN("json", a_sample, every_key_is_there_in_its_type, keys_stand_in_their_order, values_are_what_the_run_had,
    whatever_is_null_has_a_reason, it_is_one_line, nasty_strings_come_back,
    bytes_that_are_no_utf8_become_replacement_characters, params_that_are_no_json_numbers_still_parse,
    doubles_are_the_shortest_that_come_back, notes_past_the_last_place_are_counted, a_full_stream_is_an_error)
