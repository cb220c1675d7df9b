/*
 * The conventions against what those libraries said of the same runs (shared/conformance): every number that a file
 * names is looked up under its name and counted, so files with other numbers of these forms are tried as they are.
 */
#include "report/conventions/convention.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "report/conventions/empyrical.h"
#include "report/conventions/lean.h"
#include "report/fixture.h"
#include "support/shared.h"
#include "support/suite.h"

#define ROWS_MAX 100000

static struct {
    int64_t ns;
    double close;
} rows[ROWS_MAX];
static size_t row_count;

static struct duet_curve curve;
static struct duet_tape tape;
static struct duet_result result;
static struct duet_analysis analysis;
static size_t passed, tried;

static void begin(double initial) {
    passed = tried = 0;
    duet_curve_init(&curve, DUET_MONEY_ONE, duet_curve_utc_day_end, NULL);
    tape = (struct duet_tape){.initial = initial};
    result = (struct duet_result){.curve = &curve, .tape = &tape};
}

static void compute(const char *convention) {
    duet_analysis_finish(&analysis);
    ck_assert_int_eq(duet_analysis_compute(&result, convention, &analysis), DUET_OK);
}

static void end(const char *suite) {
    printf("%s: %zu passed of %zu\n", suite, passed, tried);
    fflush(stdout);
    duet_analysis_finish(&analysis);
    duet_curve_finish(&curve);
    duet_tape_finish(&tape);
    ck_assert_uint_gt(tried, 0);
    ck_assert_uint_eq(passed, tried);
}

static const struct duet_figure *find(const char *key) {
    for (size_t i = 0; i < analysis.figure_count; i++) {
        if (strcmp(analysis.figures[i].key, key) == 0) {
            return &analysis.figures[i];
        }
    }
    return NULL;
}

static void count(const char *name, double actual, double expected, double relative) {
    bool same = fabs(actual - expected) <= relative * fabs(expected) || (isnan(actual) && isnan(expected));
    tried++;
    passed += same;
    if (!same) {
        printf("  %s is %.17g, not %.17g\n", name, actual, expected);
    }
}

static void check(const char *key, double expected, double relative) {
    const struct duet_figure *figure = find(key);
    double actual = figure == NULL || figure->stat.na != NULL ? NAN
                    : figure->unit == DUET_UNIT_TIME          ? (double)figure->time_ns
                                                              : figure->stat.value;
    if (figure == NULL) {
        printf("  no %s\n", key);
        expected = 0;
    }
    count(key, actual, expected, relative);
}

static json_t *load(const char *name) {
    json_error_t error;
    json_t *root = json_load_file(duet_shared_path(name), 0, &error);
    ck_assert_msg(root != NULL, "%s", error.text);
    return root;
}

static double number_or(const json_t *object, const char *key, double fallback) {
    const json_t *value = json_object_get(object, key);
    return json_is_string(value)   ? strtod(json_string_value(value), NULL)
           : json_is_number(value) ? json_number_value(value)
                                   : fallback;
}

/** Rows of bars: time, open, high, low, close; a header line. */
static void read_rows(const char *folder, const char *name) {
    char path[256], line[256];
    snprintf(path, sizeof(path), "conformance/%s/%s", folder, name);
    FILE *file = fopen(duet_shared_path(path), "r");
    ck_assert_msg(file != NULL, "%s", path);
    row_count = 0;
    ck_assert_ptr_nonnull(fgets(line, sizeof(line), file));
    while (fgets(line, sizeof(line), file) != NULL) {
        char *rest = line, *field;
        line[strcspn(line, "\r\n")] = '\0';
        for (int i = 0; i < 5 && (field = strsep(&rest, ",")) != NULL; i++) {
            if (i == 0) {
                rows[row_count].ns = at(field);
            } else if (i == 4) {
                ck_assert(duet_parse_double(field, &rows[row_count].close));
            }
        }
        row_count++;
    }
    fclose(file);
}

/* Playing a list of fills over the rows. */

struct play {
    double cash, position, multiplier;
};

static void play_fill(struct play *play, int side, double quantity, double price, double commission, int64_t ns) {
    play->cash -= side * quantity * price * play->multiplier + commission;
    play->position += side * quantity;
    duet_tape_add_fill(&tape,
        &(struct duet_tape_fill){
            .ns = ns, .side = side, .quantity = quantity, .price = price * play->multiplier, .commission = commission});
}

static void play_bar(const struct play *play, size_t row) {
    double value = play->position * rows[row].close * play->multiplier;
    duet_tape_add_bar(&tape, &(struct duet_tape_bar){.label_ns = rows[row].ns,
                                 .close_ns = rows[row].ns,
                                 .equity = play->cash + value,
                                 .cash = play->cash,
                                 .price = rows[row].close});
}

/* ------------------------------------------------------------------------------------------------ backtesting.py */

/** "584 days 00:00:00" or "Timedelta('69 days 10:39:00')" as seconds, "2004-08-19 00:00:00" as nanoseconds. */
static double told(const char *key, const char *text) {
    const char *quote = strchr(text, '\'');
    char copy[64];
    duet_text_copy(copy, sizeof(copy), quote != NULL ? quote + 1 : text);
    copy[strcspn(copy, "'")] = '\0';
    int days, hours, minutes, seconds;
    if (sscanf(copy, "%d days %d:%d:%d", &days, &hours, &minutes, &seconds) == 4) {
        return days * 86400.0 + hours * 3600 + minutes * 60 + seconds;
    }
    if (strcmp(key, "Start") == 0 || strcmp(key, "End") == 0) {
        return (double)at(copy);
    }
    return strtod(copy, NULL);
}

/** Exits first, then entries, as the list of trades has them at this bar. */
static void play_trades(struct play *play, const json_t *trades, size_t bar, double fixed, double rate) {
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < json_array_size(trades); i++) {
            const json_t *trade = json_array_get(trades, i);
            if ((size_t)number_or(trade, pass == 0 ? "exit_bar" : "entry_bar", 0) != bar) {
                continue;
            }
            double size = number_or(trade, "size", 0), entry = number_or(trade, "entry_price", 0);
            double paid = fixed > 0 || rate > 0 ? fixed + rate * fabs(size) * entry : 0;
            paid = pass == 0 ? number_or(trade, "commission", 0) - paid : paid;
            int side = (size > 0 ? 1 : -1) * (pass == 0 ? -1 : 1);
            play_fill(
                play, side, fabs(size), pass == 0 ? number_or(trade, "exit_price", 0) : entry, paid, rows[bar].ns);
        }
    }
}

static void play_reference(const json_t *run, const char *name) {
    const json_t *kwargs = json_object_get(run, "kwargs"), *options = json_object_get(run, "run");
    double fixed = 0, rate = 0, slow = number_or(options, "slow", 30), fast = number_or(options, "fast", 10);
    const char *commission = json_string_value(json_object_get(kwargs, "commission"));
    if (commission != NULL && sscanf(commission, "(%lf, %lf)", &fixed, &rate) != 2) {
        rate = strtod(commission, NULL);
    }
    char file[64];
    snprintf(file, sizeof(file), "%.*s.csv", (int)strcspn(name, "_"), name);
    read_rows("backtesting_py", file);
    struct play play = {.cash = number_or(kwargs, "cash", 10000), .multiplier = 1};
    begin(play.cash);
    for (size_t i = 0; i < row_count; i++) {
        play_trades(&play, json_object_get(run, "trades"), i, fixed, rate);
        play_bar(&play, i);
    }
    tape.first_bar = (size_t)fmax(slow, fast) - 1;
    compute("backtesting");
}

START_TEST(backtesting_py_says_the_same_of_its_reference_runs) {
    json_t *root = load("conformance/backtesting_py/expected.json"), *run;
    const char *name;
    json_object_foreach(json_object_get(root, "reference_run"), name, run) {
        char suite[128];
        const char *key;
        json_t *value;
        play_reference(run, name);
        json_object_foreach(json_object_get(run, "stats"), key, value) {
            double expected = json_is_string(value) ? told(key, json_string_value(value)) : json_number_value(value);
            check(key, expected, 1e-8); // the tolerance of that suite
        }
        json_t *points = json_object_get(run, "equity_checkpoints");
        json_object_foreach(points, key, value) {
            count(key, tape.bars[strtoul(key, NULL, 10)].equity, json_number_value(value), 1e-9);
        }
        snprintf(suite, sizeof(suite), "backtesting.py %s", name);
        end(suite);
    }
    json_decref(root);
}
END_TEST

START_TEST(backtesting_py_says_the_same_in_its_own_test) {
    json_t *root = load("conformance/backtesting_py/expected.json"), *value;
    const json_t *stats = json_object_get(root, "stats_GOOG_SmaCross_10_30");
    if (stats == NULL) {
        json_decref(root);
        return;
    }
    const char *key;
    play_reference(json_object_get(json_object_get(root, "reference_run"), "GOOG_SmaCross_10_30"), "GOOG");
    json_object_foreach(json_object_get(stats, "expected"), key, value) {
        char copy[64];
        duet_text_copy(copy, sizeof(copy), key);
        char *days = strstr(copy, " days");
        double expected = json_is_string(value) ? told(key, json_string_value(value)) : json_number_value(value);
        if (days != NULL) {
            *days = '\0';
        }
        check(copy, days != NULL ? expected * 86400 : expected, 1e-8);
    }
    end("backtesting.py test_compute_stats");
    json_decref(root);
}
END_TEST

/* ---------------------------------------------------------------------------------------------------- backtrader */

static void play_orders(const json_t *orders, double initial, double multiplier) {
    struct play play = {.cash = initial, .multiplier = multiplier};
    begin(initial);
    for (size_t i = 0; i < row_count; i++) {
        for (size_t k = 0; k < json_array_size(orders); k++) {
            const json_t *order = json_array_get(orders, k);
            const char *executed = json_string_value(json_object_get(order, "executed"));
            if (executed != NULL && at(executed) == rows[i].ns) {
                int side = strcmp(json_string_value(json_object_get(order, "side")), "buy") == 0 ? 1 : -1;
                play_fill(&play, side, fabs(number_or(order, "size", 0)), number_or(order, "price", 0),
                    number_or(order, "comm", 0), rows[i].ns);
            }
        }
        play_bar(&play, i);
    }
    compute("backtrader");
}

static void check_periods(const json_t *expected, const char *prefix, int characters) {
    const char *date;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)expected, date, value) {
        char key[64];
        snprintf(key, sizeof(key), "%s.%.*s", prefix, characters, date);
        check(key, json_number_value(value), 1e-11);
    }
}

START_TEST(backtrader_says_the_same_of_its_reference_runs) {
    static const char *const names[][2] = {{"max_drawdown_pct", "DrawDown.max.drawdown"},
        {"max_moneydown", "DrawDown.max.moneydown"}, {"max_len", "DrawDown.max.len"},
        {"total", "TradeAnalyzer.total.total"}, {"open", "TradeAnalyzer.total.open"},
        {"closed", "TradeAnalyzer.total.closed"}, {"won", "TradeAnalyzer.won.total"},
        {"lost", "TradeAnalyzer.lost.total"}, {"gross", "TradeAnalyzer.pnl.gross.total"},
        {"net", "TradeAnalyzer.pnl.net.total"}, {"won_pnl", "TradeAnalyzer.won.pnl.total"},
        {"lost_pnl", "TradeAnalyzer.lost.pnl.total"}, {"streak_won", "TradeAnalyzer.streak.won.longest"},
        {"streak_lost", "TradeAnalyzer.streak.lost.longest"}};
    json_t *root = load("conformance/backtrader/trading.json"), *run;
    const char *name;
    read_rows("backtrader", "datas/2006-day-001.txt");
    json_object_foreach(json_object_get(root, "reference_run"), name, run) {
        if (!json_is_object(run)) {
            continue;
        }
        char suite[128];
        bool futures = strstr(name, "futures") != NULL;
        play_orders(json_object_get(run, "orders"), number_or(root, "cash", 10000), futures ? 10 : 1);
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            const char *const parts[] = {"drawdown", "trade_analyzer"};
            for (size_t k = 0; k < 2; k++) {
                double expected = number_or(json_object_get(run, parts[k]), names[i][0], NAN);
                if (!isnan(expected)) {
                    check(names[i][1], expected, 1e-11);
                }
            }
        }
        check("SQN.sqn", number_or(run, "sqn", NAN), 1e-11);
        check("SQN.trades", number_or(run, "sqn_trades", NAN), 0);
        count("final_value", tape.bars[tape.bar_count - 1].equity, number_or(run, "final_value", NAN), 1e-11);
        check_periods(json_object_get(run, "year_return"), "TimeReturn.Years", 4);
        check_periods(json_object_get(run, "month_return"), "TimeReturn.Months", 7);
        snprintf(suite, sizeof(suite), "backtrader %s", name);
        end(suite);
    }
    json_decref(root);
}
END_TEST

/* ----------------------------------------------------------------------------- the golden run of 100,000 bars */

static uint64_t generator;

static double uniform(void) {
    generator ^= generator >> 12;
    generator ^= generator << 25;
    generator ^= generator >> 27;
    return (double)((generator * UINT64_C(0x2545F4914F6CDD1D)) >> 11) * (1.0 / 9007199254740992.0);
}

static double normal(void) {
    double sum = 0;
    for (int i = 0; i < 12; i++) {
        sum += uniform();
    }
    return sum - 6;
}

/** The generator that made the bars of that run. */
static void make_rows(void) {
    double close = 100;
    generator = UINT64_C(20240229) * UINT64_C(0x9E3779B97F4A7C15) + 1;
    int64_t start = at("2020-01-01");
    for (row_count = 0; row_count < ROWS_MAX; row_count++) {
        char text[32];
        double price = close * (1.0 + 0.2 * 0.0005 * normal());
        for (int step = 0; step < 4; step++) {
            price *= 1.0 + 0.0005 * normal();
        }
        (void)uniform();
        snprintf(text, sizeof(text), "%.4f", price);
        close = strtod(text, NULL);
        rows[row_count].ns = start + (int64_t)row_count * DUET_MINUTE_NS;
        rows[row_count].close = close;
    }
}

static void play_golden(void) {
    static struct {
        int64_t ns;
        double quantity, price, commission;
    } fills[4096];
    size_t fill_count = 0, next = 0;
    FILE *file = fopen(duet_shared_path("conformance/golden/fills_100000.csv"), "r");
    char line[128], when[32];
    while (fgets(line, sizeof(line), file) != NULL) {
        ck_assert_int_eq(sscanf(line, "%31[^,],%*[^,],%lf,%lf,%lf", when, &fills[fill_count].quantity,
                             &fills[fill_count].price, &fills[fill_count].commission),
            4);
        fills[fill_count++].ns = at(when);
    }
    fclose(file);
    make_rows();
    struct play play = {.cash = 1000000, .multiplier = 1};
    begin(play.cash);
    for (size_t i = 0; i < row_count; i++) {
        for (; next < fill_count && fills[next].ns == rows[i].ns; next++) {
            double quantity = fills[next].quantity;
            play_fill(&play, quantity > 0 ? 1 : -1, fabs(quantity), fills[next].price, fills[next].commission,
                fills[next].ns);
        }
        play_bar(&play, i);
    }
}

/** How the golden file calls the analyzers, and with which options it ran them. */
static bool golden_key(const char *name, char *key, size_t size) {
    static const char *const prefixes[][2] = {{"dd.", "DrawDown."}, {"sqn.", "SQN."}, {"ta.", "TradeAnalyzer."},
        {"ret.", "Returns."}, {"sharpe_d.", "SharpeRatio.Days."}, {"sharpe_d_ann.", "SharpeRatio_A.Days."},
        {"sharpe_d_ann_rf0_sample.", "SharpeRatio_A.Days.rf0.sample."}, {"vwr.", "VWR."}, {"ps.", "PeriodStats.Days."}};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        size_t length = strlen(prefixes[i][0]);
        if (strncmp(name, prefixes[i][0], length) == 0) {
            snprintf(key, size, "%s%s", prefixes[i][1], name + length);
            return true;
        }
    }
    return false;
}

START_TEST(backtrader_says_the_same_of_the_golden_run) {
    FILE *file = fopen(duet_shared_path("conformance/golden/backtrader_metrics_100000.txt"), "r");
    ck_assert_ptr_nonnull(file);
    play_golden();
    compute("backtrader");
    char line[1024], name[64], value[64], key[128];
    while (fgets(line, sizeof(line), file) != NULL) {
        if (sscanf(line, "%63s %63s", name, value) == 2 && golden_key(name, key, sizeof(key))) {
            // Where there is no trade of a kind, they tell the largest integer as the shortest.
            check(key, strcmp(value, "9223372036854775807") == 0 ? NAN : strtod(value, NULL), 1e-9);
        } else if (strcmp(name, "final") == 0) {
            count("final", tape.bars[tape.bar_count - 1].equity, strtod(value, NULL), 1e-12);
        }
    }
    fclose(file);
    end("backtrader golden run");
}
END_TEST

START_TEST(backtesting_py_says_the_same_of_the_golden_run) {
    FILE *file = fopen(duet_shared_path("conformance/golden/backtestingpy_stats_100000.txt"), "r");
    ck_assert_ptr_nonnull(file);
    play_golden();
    tape.first_bar = 50; // of 50 closes and a cross, which needs the bar before
    compute("backtesting");
    char line[256];
    while (fgets(line, sizeof(line), file) != NULL) {
        char *gap = strstr(line, "  ");
        if (gap == NULL || strstr(line, "wall:") != NULL) {
            continue;
        }
        *gap++ = '\0';
        gap += strspn(gap, " ");
        check(line, told(line, gap), 1e-8);
    }
    fclose(file);
    end("backtesting.py golden run");
}
END_TEST

/* ---------------------------------------------------------------------------------------------- empyrical, LEAN */

static void table_of(const struct duet_convention *convention) {
    begin(1);
    duet_analysis_finish(&analysis);
    analysis = (struct duet_analysis){.figure_count = convention->count};
    analysis.figures = duet_alloc(convention->count, sizeof(*analysis.figures));
    memcpy(analysis.figures, convention->table, convention->count * sizeof(*analysis.figures));
}

START_TEST(empyrical_says_the_same_of_its_mixed_returns) {
    const double returns[] = {NAN, 0.01, 0.10, -0.04, 0.02, 0.03, 0.02, 0.01, -0.10};
    table_of(&duet_convention_empyrical);
    duet_empyrical_compute(returns, NULL, 9, &analysis);
    check("sharpe_ratio", 1.7238613961706866, 1e-12);
    check("sortino_ratio", 2.605531251673693, 1e-12);
    check("annual_return", 1.9135925373194231, 1e-12);
    check("annual_volatility", 0.9136465399704637, 1e-12);
    check("max_drawdown", -0.1, 1e-12);
    check("calmar_ratio", 19.135925373194233, 1e-12);
    end("empyrical mixed returns");
}
END_TEST

START_TEST(lean_says_the_same_of_four_days) {
    const double performance[] = {-0.009025132, 0.003653969, 0, 0}, benchmark[4] = {0};
    const int64_t times[] = {0, DUET_DAY_NS, 2 * DUET_DAY_NS, 3 * DUET_DAY_NS, 4 * DUET_DAY_NS};
    const double equity[] = {100, 90, 95, 90, 100};
    table_of(&duet_convention_lean);
    duet_lean_portfolio_compute(&(struct duet_lean_portfolio){.starting_capital = 100,
                                    .days_a_year = 252,
                                    .times_ns = times,
                                    .equity = equity,
                                    .equity_count = 5,
                                    .performance = performance,
                                    .benchmark = benchmark,
                                    .count = 4},
        &analysis);
    check("AnnualVariance", 0.00735774052248839, 1e-12);
    check("AnnualStandardDeviation", 0.0857772727620108, 1e-12);
    check("DrawdownRecovery", 4, 0);
    check("Drawdown", 0.1, 0);
    end("LEAN portfolio statistics");
}
END_TEST

int main(void) {
    if (!duet_shared_has("conformance/backtesting_py/expected.json")) {
        return DUET_TEST_SKIPPED;
    }
    const TTest *const tests[] = {backtesting_py_says_the_same_of_its_reference_runs,
        backtesting_py_says_the_same_in_its_own_test, backtrader_says_the_same_of_its_reference_runs,
        backtrader_says_the_same_of_the_golden_run, backtesting_py_says_the_same_of_the_golden_run,
        empyrical_says_the_same_of_its_mixed_returns, lean_says_the_same_of_four_days};
    return duet_suite_run("conventions", NULL, tests, sizeof(tests) / sizeof(tests[0]));
}
