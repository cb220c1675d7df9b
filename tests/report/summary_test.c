/* The page for people: what is on it, that it fits, that nothing on it can hurt a terminal. */
#include "report/summary.h"

#include "base/wrap.h"
#include "report/sample.h"
#include "support/suite.h"

static struct sample sample;
static struct duet_summary_options options;
static char *page;
static size_t page_size;

static void a_sample(void) {
    sample_run(&sample);
    options = (struct duet_summary_options){0};
}

/** $DUET_SHOW=1 prints the page as well. */
static const char *print(void) {
    free(page);
    FILE *stream = open_memstream(&page, &page_size);
    ck_assert_int_eq(duet_result_print_summary(&sample.result, &options, stream), DUET_OK);
    fclose(stream);
    if (getenv("DUET_SHOW") != NULL) {
        printf("%s\n", page);
    }
    return page;
}

static void assert_has(const char *text) {
    ck_assert_msg(strstr(page, text) != NULL, "\"%s\" is not on the page:\n%s", text, page);
}

static void assert_fits(size_t width) {
    for (char *line = page, *end; *line != '\0'; line = end + 1) {
        end = strchr(line, '\n');
        ck_assert_ptr_nonnull(end);
        *end = '\0';
        ck_assert_msg(duet_text_columns(line) <= width, "%zu columns: %s", duet_text_columns(line), line);
        *end = '\n';
    }
}

START_TEST(a_run_is_told_on_one_page) {
    options.files = (const struct duet_summary_file[]){{"fills", "out/fills.csv"}, {"equity", "out/equity.csv"}};
    options.file_count = 2;
    print();
    assert_fits(80);
    assert_has("\n  strategy      sma_cross\n  parameters    fast=10 weight=0.90 mode=long\n");
    assert_has("\n  period        2020-01-02 00:00 to 2021-02-04 00:00 UTC, 100,000 bars\n");
    assert_has("\n  costs         commission 10 bps; slippage none assumed\n");
    assert_has("\n  assumed       labels without a zone are taken as UTC\n");
    assert_has("\n  AAA           /srv/history/minute/AAA.csv (generic csv, 1m bars, 100,000 rows)\n"
               "                2020-01-01 00:00:00 to 2020-12-31 23:59:00 UTC, labels at open\n");
    assert_has("\n  initial cash  100,000.00 USD\n");
    assert_has("\n  buy and hold  -14.30 %, max drawdown 20.00 %, 85,700.50 at the end; same costs\n");
    assert_has("\n  trades        2, won 1 (50.00 %), profit factor 1.73, SQN 0.27\n"); // +19, -11
    assert_has("\n  costs paid    10.52 commission, 2.50 slippage; break-even ");
    assert_has("\n  orders        6 sent, 5 fills, 312 denied, 1 cancelled\n");
    assert_has("\n  symbol  quantity  average     mark     value  unrealised\n"
               "  AAA          100  85.1510  85.7163  8,571.63       56.53\n");
    assert_has("\n!  312 denied CASH (not enough cash), first at 2020-02-03 14:30\n");
    assert_has("\n!  gaps longer than a bar (1,234 times; first at AAA 2020-01-05 10:00)\n");
    assert_has("\n  fills         out/fills.csv\n  equity        out/equity.csv\n");
    ck_assert_ptr_null(strchr(page, '\033'));
}
END_TEST

START_TEST(what_must_not_be_missed_is_shouted) {
    struct duet_result *result = &sample.result;
    duet_text_copy(result->status, sizeof(result->status), "RUINED");
    result->counts.fills = result->counts.orders = 0;
    result->counts.traded = 0;
    result->costs = (struct duet_costs){0};
    print();
    assert_has("\n!! RUINED: equity fell to zero or below, and trading stopped\n");
    assert_has("\n!! 0 fills: no order went out\n");
    assert_has("\n!  costs: NONE ASSUMED; break-even n/a (nothing traded)\n");
}
END_TEST

START_TEST(no_costs_given_tells_what_they_may_be) {
    sample.result.costs = (struct duet_costs){0};
    sample.result.final_equity = money("100003.1");
    sample.result.counts.commission = sample.result.counts.slippage = 0;
    sample.result.counts.traded = money("10000");
    print();
    assert_has("\n!  costs: NONE ASSUMED; break-even 3.10 bps per side\n");
}
END_TEST

START_TEST(a_run_that_loses_without_costs_has_no_break_even) {
    sample.result.costs = (struct duet_costs){0};
    sample.result.final_equity = money("99990");
    sample.result.counts.commission = sample.result.counts.slippage = 0;
    sample.result.counts.traded = money("10000");
    print();
    assert_has("\n!  costs: NONE ASSUMED; no break-even: a loss even without costs\n");
}
END_TEST

START_TEST(a_zone_that_stands_in_the_labels_is_not_repeated) {
    struct duet_result_data *data = &sample.result.data[0];
    duet_text_copy(data->first, sizeof(data->first), "2022-07-25T09:15:00+05:30");
    duet_text_copy(data->last, sizeof(data->last), "2022-08-01T09:18:00+05:30");
    duet_text_copy(data->tz, sizeof(data->tz), "+05:30");
    print();
    assert_has("\n                2022-07-25T09:15:00+05:30 to 2022-08-01T09:18:00+05:30,\n"
               "                labels at open\n");
}
END_TEST

START_TEST(where_a_warning_was_first_due_is_told_without_folders) {
    duet_result_warn(&sample.result, "zero_price", 3, "/srv/a/long/way/down/AAA.csv:82", "AAA: a price is zero");
    duet_result_warn(&sample.result, "zero_volume", 1, "/srv/AAA.csv:7", "AAA: volume is zero");
    duet_result_warn(&sample.result, "unadjusted", 1, NULL, "AAA: not adjusted");
    print();
    assert_has("\n!  AAA: a price is zero (3 times; first at AAA.csv:82)\n");
    assert_has("\n!  AAA: volume is zero; at AAA.csv:7\n!  AAA: not adjusted\n");
}
END_TEST

START_TEST(an_empty_run_is_a_page_too) {
    sample_finish(&sample);
    sample = (struct sample){0};
    duet_curve_init(&sample.curve, 0, duet_curve_utc_day_end, NULL);
    print();
    assert_fits(80);
    assert_has("\n  period        no bars\n");
    assert_has("n/a (no bars)");
    assert_has("\n  trades        0\n");
}
END_TEST

START_TEST(long_names_and_many_series_keep_it_in_shape) {
    struct duet_result *result = &sample.result;
    duet_result_finish(result);
    sample_series(result, 30);
    sample_positions(result, 30);
    memset(result->data[1].symbol, 'X', sizeof(result->data[1].symbol) - 1);
    memset(result->positions[1].symbol, 'X', sizeof(result->positions[1].symbol) - 1);
    memset(result->data[2].path, 'p', 400);
    duet_text_copy(result->data[2].path + 400, 20, "/the-end.csv");
    for (size_t i = 0; i < 64; i++) {
        snprintf(result->params[i].name, sizeof(result->params[i].name), "parameter_number_%zu", i);
        snprintf(result->params[i].value, sizeof(result->params[i].value), "%zu.5", i);
    }
    result->param_count = 64;
    for (unsigned width = 80; width <= 120; width += 20) {
        options.width = width;
        options.unicode = width == 100;
        print();
        assert_fits(width);
        assert_has("/the-end.csv\n");
        assert_has("and 25 more series: 2,500,425 rows, 425 skipped\n");
        assert_has("\n  and 19 more\n");
        assert_has(width == 100 ? "\n  XXXXXXXXXXXX…" : "\n  XXXXXXXXXXX..");
    }
}
END_TEST

START_TEST(text_from_outside_cannot_drive_the_terminal) {
    duet_text_copy(sample.result.data[0].path, sizeof(sample.result.data[0].path), "\033]0;owned\007\r\x7f.csv");
    duet_text_copy(sample.result.data[0].symbol, sizeof(sample.result.data[0].symbol), "A\033[2J");
    duet_text_copy(sample.result.strategy, sizeof(sample.result.strategy), "caf\xc3\xa9\n");
    duet_result_warn(&sample.result, "X", 1, "\033[31m", "red \033[31m");
    print();
    for (const char *at_byte = page; *at_byte != '\0'; at_byte++) {
        ck_assert((*at_byte >= 0x20 && *at_byte < 0x7f) || *at_byte == '\n');
    }
    assert_has("caf???\n");
    options.unicode = true;
    print();
    assert_has("caf\xc3\xa9?\n");
}
END_TEST

START_TEST(colour_is_only_added) {
    char *plain = duet_strdup(print());
    options.colour = true;
    print();
    ck_assert_ptr_nonnull(strchr(page, '\033'));
    size_t length = 0;
    for (const char *from = page; *from != '\0'; from++) {
        if (*from == '\033') {
            from = strchr(from, 'm');
        } else {
            ck_assert_int_eq(*from, plain[length++]);
        }
    }
    ck_assert_uint_eq(length, strlen(plain));
    free(plain);
}
END_TEST

START_TEST(costs_are_told_as_they_would_be_typed) {
    sample.result.costs = (struct duet_costs){.rate = 250000000,
        .per_unit = money("0.005"),
        .per_order = money("1"),
        .minimum = money("2.5"),
        .slippage_ticks = 2,
        .commission_given = true,
        .slippage_given = true};
    print();
    assert_has("\n  costs         commission 2.5 bps + 0.005/unit + 1/order,\n"
               "                at least 2.5 an order; slippage 2 ticks\n");
}
END_TEST

START_TEST(a_full_stream_is_an_error) {
    FILE *full = fopen("/dev/full", "w");
    ck_assert_ptr_nonnull(full);
    ck_assert_int_eq(duet_result_print_summary(&sample.result, &options, full), DUET_EIO);
    fclose(full);
}
END_TEST

DUET_TEST_MAIN("summary", a_sample, a_run_is_told_on_one_page, what_must_not_be_missed_is_shouted,
    no_costs_given_tells_what_they_may_be, a_run_that_loses_without_costs_has_no_break_even,
    a_zone_that_stands_in_the_labels_is_not_repeated, where_a_warning_was_first_due_is_told_without_folders,
    an_empty_run_is_a_page_too, long_names_and_many_series_keep_it_in_shape,
    text_from_outside_cannot_drive_the_terminal, colour_is_only_added, costs_are_told_as_they_would_be_typed,
    a_full_stream_is_an_error)
