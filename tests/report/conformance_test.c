/* Figures that other programs computed from the same data (shared/conformance), where the formula is the same. */
#include <jansson.h>
#include <stdio.h>

#include "report/analysis.h"
#include "report/fixture.h"
#include "support/shared.h"
#include "support/suite.h"

#define ROWS_MAX 4096

static struct {
    int64_t ns;
    double open, close, last; // the last column
} rows[ROWS_MAX];
static size_t row_count;

static struct duet_curve curve;
static struct duet_result result;
static struct duet_stats stats;

/** Daily rows: date first, then open, high, low, close, …; a header line. */
static void read_rows(const char *name) {
    FILE *file = fopen(duet_shared_path(name), "r");
    ck_assert_ptr_nonnull(file);
    char line[256];
    row_count = 0;
    ck_assert_ptr_nonnull(fgets(line, sizeof(line), file));
    while (fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        char *rest = line, *field;
        ck_assert_uint_lt(row_count, ROWS_MAX);
        for (int i = 0; (field = strsep(&rest, ",")) != NULL; i++) {
            if (i == 0) {
                rows[row_count].ns = at(field);
            } else {
                ck_assert(duet_parse_double(field, &rows[row_count].last));
                rows[row_count].open = i == 1 ? rows[row_count].last : rows[row_count].open;
                rows[row_count].close = i == 4 ? rows[row_count].last : rows[row_count].close;
            }
        }
        row_count++;
    }
    fclose(file);
}

static duet_money cents(double value) {
    int64_t scaled;
    ck_assert_int_eq(duet_scale(value, 2, &scaled), DUET_OK);
    return (duet_money)scaled * (DUET_MONEY_ONE / 100);
}

static void begin(duet_money initial) {
    duet_curve_init(&curve, initial, duet_curve_utc_day_end, NULL);
    result = (struct duet_result){.curve = &curve, .initial_cash = initial};
}

static void take(size_t row, duet_money equity) {
    duet_curve_take(&curve, rows[row].ns + DUET_DAY_NS, equity, 0);
}

static void compute(void) {
    result.start_ns = rows[0].ns;
    result.end_ns = rows[row_count - 1].ns;
    result.final_equity = curve.last;
    duet_stats_compute(&result, &stats);
}

static json_t *load(const char *name) {
    json_error_t error;
    json_t *root = json_load_file(duet_shared_path(name), 0, &error);
    ck_assert_msg(root != NULL, "%s", error.text);
    return root;
}

static double number(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    ck_assert_msg(json_is_number(value), "no number %s", key);
    return json_number_value(value);
}

/** A figure that only the table has. */
static void assert_figure(const char *key, double expected) {
    struct duet_analysis analysis;
    ck_assert_int_eq(duet_analysis_compute(&result, NULL, &analysis), DUET_OK);
    size_t i = 0;
    while (strcmp(analysis.figures[i].key, key) != 0) {
        i++;
        ck_assert_uint_lt(i, analysis.figure_count);
    }
    near(key, analysis.figures[i].stat.value, expected, 1e-9);
    duet_analysis_finish(&analysis);
}

START_TEST(buy_and_hold_is_as_pandas_has_it) {
    json_t *root = load("conformance/pandas/values.json");
    const json_t *expected = json_object_get(root, "buy_and_hold_GOOG_close");
    read_rows("conformance/backtesting_py/GOOG.csv");
    begin(cents(rows[0].close));
    for (size_t i = 1; i < row_count; i++) {
        take(i, cents(rows[i].close));
    }
    compute();
    ck_assert_uint_eq(stats.daily_returns, row_count - 1);
    assert_near(stats.periods, 252, 0);
    double mean = number(expected, "mean_daily"), sample = number(expected, "std_daily_ddof1");
    assert_stat(stats.volatility, sqrt(252) * sample, 1e-11);
    assert_stat(stats.sharpe, sqrt(252) * mean / sample, 1e-11);
    assert_stat(stats.sortino, number(expected, "sortino_252_rf0"), 1e-11);
    assert_stat(stats.max_drawdown, -number(expected, "max_drawdown"), 1e-12);
    assert_stat(stats.cagr, number(expected, "cagr_365_25"), 1e-11);
    assert_figure("var_95", number(expected, "var_95_hist"));
    assert_figure("skew", number(expected, "skew"));
    assert_figure("kurtosis", number(expected, "kurt_excess"));
    json_decref(root);
}
END_TEST

START_TEST(sharpe_and_drawdown_are_as_pyalgotrade_has_them) {
    json_t *root = load("conformance/pyalgotrade/analyzers.json");
    const json_t *expected = json_object_get(root, "buy_hold_IGE");
    read_rows("conformance/pyalgotrade/sharpe-ratio-test-ige.csv");
    begin(cents(number(expected, "cash")));
    for (size_t i = 0; i < row_count; i++) {
        take(i, cents(rows[i].last)); // one unit, adjusted close
    }
    compute();
    // Theirs is over a risk-free rate: √A · (mean − rf / A) / s = sharpe − rf / volatility.
    double over_cash = stats.sharpe.value - number(expected, "risk_free") / stats.volatility.value;
    ck_assert_double_eq_tol(over_cash, number(expected, "sharpe_annualized"), 6e-4); // their first day has no return
    ck_assert_double_eq_tol(stats.max_drawdown.value, number(expected, "max_drawdown"), 5e-6);
    // They count to the last day below the peak, duet-1 to the recovery, here the day after.
    assert_stat(stats.longest_drawdown_s, (number(expected, "longest_drawdown_days") + 1) * 86400, 1e-15);
    json_decref(root);
}
END_TEST

START_TEST(drawdown_steps_are_as_pyalgotrade_has_them) {
    json_t *root = load("conformance/pyalgotrade/analyzers.json");
    const json_t *steps = json_object_get(root, "drawdown_steps");
    const json_t *equity = json_object_get(steps, "equity"), *deepest = json_object_get(steps, "max"),
                 *duration = json_object_get(steps, "duration");
    begin(10 * DUET_MONEY_ONE);
    for (size_t i = 0; i < json_array_size(equity); i++) {
        duet_curve_take(&curve, (int64_t)(i + 1) * DUET_DAY_NS, cents(json_number_value(json_array_get(equity, i))), 0);
        ck_assert_double_eq_tol(-curve.worst_fraction, json_number_value(json_array_get(deepest, i)), 1e-15);
        result.end_ns = curve.last_ns;
        duet_stats_compute(&result, &stats);
        ck_assert_double_eq(stats.longest_drawdown_s.value, 86400 * json_number_value(json_array_get(duration, i)));
    }
    json_decref(root);
}
END_TEST

/** Closing first, then opening: what the trade list of the reference run did at this bar. */
static int64_t take_trades_at(const json_t *list, size_t bar, duet_money *cash, struct duet_trades *trades) {
    int64_t change = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < json_array_size(list); i++) {
            const json_t *trade = json_array_get(list, i);
            if ((size_t)number(trade, pass == 0 ? "exit_bar" : "entry_bar") != bar) {
                continue;
            }
            int64_t size = (int64_t)number(trade, "size") * (pass == 0 ? -1 : 1);
            duet_money price = cents(number(trade, pass == 0 ? "exit_price" : "entry_price"));
            struct duet_fill fill =
                fill_of(0, size > 0 ? 1 : -1, llabs(size), (int64_t)(price / 10000000000), "0", rows[bar].ns);
            duet_trades_take(trades, &fill, "");
            *cash -= price * size;
            change += size;
        }
    }
    return change;
}

START_TEST(a_reference_run_has_the_same_trades_and_growth) {
    json_t *root = load("conformance/backtesting_py/expected.json");
    const json_t *run = json_object_get(json_object_get(root, "reference_run"), "GOOG_SmaCross_10_30");
    const json_t *expected = json_object_get(run, "stats"), *list = json_object_get(run, "trades");
    struct duet_instrument share = {
        .symbol = "GOOG", .price_decimals = 2, .tick_scaled = 1, .lot_scaled = 1, .multiplier = 1000000};
    struct duet_instruments instruments = {.items = &share, .count = 1};
    duet_money cash = 10000 * DUET_MONEY_ONE;
    int64_t position = 0;
    read_rows("conformance/backtesting_py/GOOG.csv");
    begin(cash);
    duet_trades_create(&instruments, NULL, NULL, &result.trades);
    for (size_t i = 0; i < row_count; i++) {
        position += take_trades_at(list, i, &cash, result.trades);
        take(i, cash + position * cents(rows[i].close));
    }
    compute();
    duet_trades_destroy(result.trades);
    ck_assert_int_eq(position, 0);
    ck_assert_uint_eq(stats.trades.count, (uint64_t)number(expected, "# Trades"));
    assert_stat(stats.total_return, number(expected, "Return [%]") / 100, 1e-12);
    assert_stat(stats.max_drawdown, -number(expected, "Max. Drawdown [%]") / 100, 1e-12);
    assert_stat(stats.longest_drawdown_s, 584 * 86400.0, 1e-15);
    assert_stat(stats.cagr, number(expected, "CAGR [%]") / 100, 1e-10);
    assert_stat(stats.win_rate, number(expected, "Win Rate [%]") / 100, 1e-12);
    assert_stat(stats.best_trade, number(expected, "Best Trade [%]") / 100, 1e-12);
    assert_stat(stats.worst_trade, number(expected, "Worst Trade [%]") / 100, 1e-12);
    assert_stat(stats.average_trade, number(expected, "Expectancy [%]") / 100, 1e-10); // their mean of returns
    assert_stat(stats.sqn, number(expected, "SQN"), 1e-10);
    json_decref(root);
}
END_TEST

int main(void) {
    if (!duet_shared_has("conformance/pandas/values.json")) {
        return DUET_TEST_SKIPPED;
    }
    const TTest *const tests[] = {buy_and_hold_is_as_pandas_has_it, sharpe_and_drawdown_are_as_pyalgotrade_has_them,
        drawdown_steps_are_as_pyalgotrade_has_them, a_reference_run_has_the_same_trades_and_growth};
    return duet_suite_run("conformance", NULL, tests, sizeof(tests) / sizeof(tests[0]));
}
