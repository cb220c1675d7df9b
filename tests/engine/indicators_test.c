/*
 * What every row of the catalogue promises, on bars that walk at random: when its first value comes, that its state is
 * flat, that nothing before the window counts, and that no input makes it anything but a number.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <duet/indicator.h>

#include "base/text.h"
#include "engine/indicator_walk.h"
#include "support/suite.h"

#define OUTPUTS DUET_INDICATOR_OUTPUTS_MAX
/** Warm-ups above it are not waited for. */
#define PATIENCE 7000

enum choice { DEFAULTS, MINIMUM, MAXIMUM, MIDDLE, CHOICES };

static void choose(const struct duet_indicator_row *row, enum choice choice, double *params) {
    memset(params, 0, DUET_INDICATOR_PARAMS_MAX * sizeof(*params));
    for (size_t i = 0; i < DUET_INDICATOR_PARAMS_MAX && row->params[i].name != NULL; i++) {
        const struct duet_indicator_param *param = &row->params[i];
        double next = param->fallback + (param->whole ? 1 : (param->maximum - param->fallback) / 7);
        const double values[CHOICES] = {
            param->fallback, param->minimum, param->maximum, next <= param->maximum ? next : param->minimum};
        // Not every function has a value for every price.
        params[i] = strcmp(param->name, "function") == 0 ? param->fallback : values[choice];
    }
}

static void *begin(const struct duet_indicator_row *row, const double *params) {
    void *state = duet_alloc(1, row->state_size);
    row->init(state, params);
    return state;
}

static void step(const struct duet_indicator_row *row, void *state, const struct walk *walk, double *out) {
    double in[DUET_INDICATOR_INPUTS_MAX] = {0};
    memset(out, 0, OUTPUTS * sizeof(*out));
    walk_inputs(walk, row, in);
    row->update(state, in, out);
}

/** How many outputs there are. Of rows with outputs that come and go only the first counts. */
static size_t count_outputs(const struct duet_indicator_row *row, const double *out) {
    static const char *const changing[] = {"fractal", "pivots", "psar", "renko", "volatility_stop", "zigzag"};
    bool steady = true;
    for (size_t i = 0; i < sizeof(changing) / sizeof(changing[0]); i++) {
        steady = steady && strcmp(row->name, changing[i]) != 0;
    }
    size_t count = 0;
    for (size_t i = 0; row->outputs[i] != NULL && (i == 0 || steady); i++) {
        count += isnan(out[i]) ? 0 : 1;
    }
    return count;
}

static bool same_bits(const double *one, const double *two) {
    for (size_t i = 0; i < OUTPUTS; i++) {
        if (memcmp(&one[i], &two[i], sizeof(double)) != 0 && !(isnan(one[i]) && isnan(two[i]))) {
            return false;
        }
    }
    return true;
}

START_TEST(every_row_is_complete_and_sorted) {
    const struct duet_indicator_row *row, *last = NULL;
    for (size_t i = 0; (row = duet_indicator_row(i)) != NULL; last = row, i++) {
        ck_assert_msg(row->title != NULL && row->formula != NULL && row->source != NULL && row->header != NULL,
            "%s lacks a text", row->name);
        ck_assert_msg(row->inputs[0] != NULL && row->outputs[0] != NULL, "%s: inputs, outputs", row->name);
        ck_assert_msg(row->init != NULL && row->update != NULL && row->warm_up != NULL, "%s: functions", row->name);
        ck_assert_ptr_eq(duet_indicator_find(row->name), row);
        ck_assert_msg(last == NULL || strcmp(last->group, row->group) < 0 ||
                          (strcmp(last->group, row->group) == 0 && strcmp(last->name, row->name) < 0),
            "%s stands after %s", row->name, last == NULL ? "" : last->name);
        for (size_t k = 0; k < DUET_INDICATOR_PARAMS_MAX && row->params[k].name != NULL; k++) {
            const struct duet_indicator_param *param = &row->params[k];
            ck_assert_msg(param->minimum <= param->fallback && param->fallback <= param->maximum && param->help != NULL,
                "%s %s", row->name, param->name);
        }
    }
}
END_TEST

START_TEST(all_outputs_are_there_with_the_warm_up) {
    const struct duet_indicator_row *row;
    for (size_t i = 0; (row = duet_indicator_row(i)) != NULL; i++) {
        for (enum choice choice = DEFAULTS; choice < CHOICES; choice++) {
            double params[DUET_INDICATOR_PARAMS_MAX], out[OUTPUTS];
            choose(row, choice, params);
            int64_t expected = row->warm_up(params);
            if (expected == 0) {
                continue; // the calendar says
            }
            struct walk walk;
            walk_begin(&walk, i + 1);
            void *state = begin(row, params);
            size_t before = 0, then = 0;
            for (int64_t updates = 1; updates <= expected + 50 && expected <= PATIENCE; updates++) {
                walk_next(&walk);
                step(row, state, &walk, out);
                before = updates == expected - 1 ? count_outputs(row, out) : before;
                then = updates == expected ? count_outputs(row, out) : then;
            }
            ck_assert_msg(expected > PATIENCE || (before < then && then == count_outputs(row, out)),
                "%s, choice %d: of %lld updates the last brings outputs from %zu to %zu, later %zu", row->name,
                (int)choice, (long long)expected, before, then, count_outputs(row, out));
            free(state);
        }
    }
}
END_TEST

START_TEST(a_copy_of_the_bytes_goes_on_alike_and_init_begins_anew) {
    const struct duet_indicator_row *row;
    for (size_t i = 0; (row = duet_indicator_row(i)) != NULL; i++) {
        double params[DUET_INDICATOR_PARAMS_MAX], out[OUTPUTS], other[OUTPUTS], first[64][OUTPUTS];
        choose(row, DEFAULTS, params);
        void *state = begin(row, params), *copy = duet_alloc(1, row->state_size);
        struct walk walk;
        walk_begin(&walk, 7);
        for (int k = 0; k < 300; k++) {
            walk_next(&walk);
            step(row, state, &walk, out);
            if (k < 64) {
                memcpy(first[k], out, sizeof(out));
            }
            if (k == 150) {
                memcpy(copy, state, row->state_size);
            }
            if (k > 150) {
                step(row, copy, &walk, other);
                ck_assert_msg(same_bits(out, other), "%s: a copy parts at update %d", row->name, k);
            }
        }
        row->init(state, params);
        walk_begin(&walk, 7);
        for (int k = 0; k < 64; k++) {
            walk_next(&walk);
            step(row, state, &walk, out);
            ck_assert_msg(same_bits(out, first[k]), "%s: init does not begin anew, update %d", row->name, k);
        }
        free(state);
        free(copy);
    }
}
END_TEST

/** Rows whose value depends on the window alone, and how many values there are before it. */
static const struct {
    const char *name;
    int64_t before;
} windowed[] = {
    {"acceleration_bands", 1000000},
    {"alma", 1000000},
    {"bollinger", 1000000},
    {"change", 1000000},
    {"correlation", 200000},
    {"deviation", 1000000},
    {"donchian", 1000000},
    {"efficiency", 1000000},
    {"highest", 1000000},
    {"hma", 1000000},
    {"hurst", 20000},
    {"hurst_lags", 20000},
    {"lag", 1000000},
    {"lowest", 1000000},
    {"mean_deviation", 1000000},
    {"midpoint", 1000000},
    {"midprice", 1000000},
    {"percent_rank", 1000000},
    {"pivot_points", 1000000},
    {"quantile", 1000000},
    {"relative_average", 1000000},
    {"rogers_satchell", 1000000},
    {"shape", 200000},
    {"sharpe", 200000},
    {"sma", 1000000},
    {"total", 1000000},
    {"trima", 1000000},
    {"ulcer", 1000000},
    {"volatility", 200000},
    {"vwma", 1000000},
    {"wma", 1000000},
};

START_TEST(equal_windows_give_equal_values_whatever_went_before) {
    for (size_t i = 0; i < sizeof(windowed) / sizeof(windowed[0]); i++) {
        const struct duet_indicator_row *row = duet_indicator_find(windowed[i].name);
        ck_assert_msg(row != NULL, "%s", windowed[i].name);
        double params[DUET_INDICATOR_PARAMS_MAX], out[OUTPUTS], other[OUTPUTS];
        choose(row, DEFAULTS, params);
        void *old = begin(row, params), *young = begin(row, params);
        struct walk walk;
        walk_begin(&walk, 11 + i);
        for (int64_t k = 0; k < windowed[i].before; k++) {
            walk_next(&walk);
            step(row, old, &walk, out);
        }
        for (int k = 0; k < 200; k++) {
            walk_next(&walk);
            step(row, old, &walk, out);
            step(row, young, &walk, other);
        }
        ck_assert_msg(same_bits(out, other), "%s: %.17g, without a past %.17g", row->name, out[0], other[0]);
        free(old);
        free(young);
    }
}
END_TEST

/** Rows with an output that adds up all there ever was. */
static const char *const lasting[] = {"ad", "adosc", "breadth", "decay", "drawdown", "expanding", "linreg", "mcclellan",
    "nvi", "obv", "pvi", "swing", "vwap", "wad"};

static bool lasts(const char *name) {
    bool found = false;
    for (size_t i = 0; i < sizeof(lasting) / sizeof(lasting[0]); i++) {
        found = found || strcmp(lasting[i], name) == 0;
    }
    return found;
}

static double distance(const struct duet_indicator_row *row, const double *out, const double *other) {
    double most = 0;
    for (size_t i = 0; row->outputs[i] != NULL; i++) {
        double apart = isnan(out[i]) && isnan(other[i]) ? 0 : fabs(out[i] - other[i]) / (1e-9 + fabs(other[i]));
        most = apart <= most ? most : apart; // NAN is the greatest
    }
    return most;
}

/** Sums that were once ten billion times as large must not leave what rounding lost. */
START_TEST(prices_of_ten_billion_leave_no_trace) {
    const struct duet_indicator_row *row;
    for (size_t i = 0; (row = duet_indicator_row(i)) != NULL; i++) {
        double params[DUET_INDICATOR_PARAMS_MAX], out[OUTPUTS], other[OUTPUTS];
        choose(row, DEFAULTS, params);
        void *old = begin(row, params), *young = begin(row, params);
        struct walk walk, large;
        walk_begin(&walk, 9);
        for (int k = 0; k < 3000; k++) {
            walk_next(&walk);
            large = walk;
            double *const prices[] = {&large.open, &large.high, &large.low, &large.close, &large.other};
            for (size_t p = 0; p < sizeof(prices) / sizeof(prices[0]); p++) {
                *prices[p] *= 1e10;
            }
            large.volume *= 1e6;
            step(row, old, &large, out);
        }
        for (int k = 0; k < 20000; k++) {
            walk_next(&walk);
            step(row, old, &walk, out);
            step(row, young, &walk, other);
        }
        ck_assert_msg(lasts(row->name) || distance(row, out, other) <= 1e-9, "%s: %.17g, without a past %.17g",
            row->name, out[0], other[0]);
        free(old);
        free(young);
    }
}
END_TEST

START_TEST(no_standing_price_makes_anything_but_a_number) {
    static const double prices[] = {100, 0, 1e-9, 1e12, -5};
    const struct duet_indicator_row *row;
    for (size_t i = 0; (row = duet_indicator_row(i)) != NULL; i++) {
        for (enum choice choice = DEFAULTS; choice < CHOICES; choice++) {
            double params[DUET_INDICATOR_PARAMS_MAX], out[OUTPUTS];
            choose(row, choice, params);
            for (size_t k = 0; k < sizeof(prices) / sizeof(prices[0]); k++) {
                struct walk walk;
                walk_begin(&walk, 5);
                void *state = begin(row, params);
                bool ready = false;
                for (int updates = 0; updates < 700; updates++) {
                    walk_next(&walk);
                    if (updates > 300) {
                        walk_stand(&walk, prices[k]);
                    }
                    step(row, state, &walk, out);
                    ck_assert_msg(!ready || !isnan(out[0]), "%s: not a number at a standing %g", row->name, prices[k]);
                    ready = ready || !isnan(out[0]);
                    for (size_t o = 0; row->outputs[o] != NULL; o++) {
                        ck_assert_msg(
                            !isinf(out[o]), "%s %s: infinite at a standing %g", row->name, row->outputs[o], prices[k]);
                    }
                }
                free(state);
            }
        }
    }
}
END_TEST

START_TEST(what_is_not_finite_is_not_taken_in) {
    static const double bad[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    const struct duet_indicator_row *row;
    for (size_t i = 0; (row = duet_indicator_row(i)) != NULL; i++) {
        double params[DUET_INDICATOR_PARAMS_MAX], out[OUTPUTS], other[OUTPUTS], in[DUET_INDICATOR_INPUTS_MAX];
        choose(row, DEFAULTS, params);
        void *state = begin(row, params), *disturbed = begin(row, params);
        struct walk walk;
        walk_begin(&walk, 3);
        for (int k = 0; k < 400; k++) {
            walk_next(&walk);
            for (size_t input = 0; row->inputs[input] != NULL && k % 5 == 0; input++) {
                walk_inputs(&walk, row, in);
                in[input] = bad[k / 5 % 3];
                row->update(disturbed, in, other);
            }
            step(row, state, &walk, out);
            step(row, disturbed, &walk, other);
            ck_assert_msg(same_bits(out, other), "%s: disturbed at update %d", row->name, k);
        }
        free(state);
        free(disturbed);
    }
}
END_TEST

static double units_apart(double ours, double libm) {
    double magnitude = fabs(libm);
    return ours == libm ? 0 : fabs(ours - libm) / (nextafter(magnitude, INFINITY) - magnitude);
}

static double libm_log10_of(double x) {
    return log10(x);
}

START_TEST(functions_of_our_own_agree_with_libm) {
    static const struct {
        const char *name;
        double (*ours)(double), (*libm)(double);
        double from, to;
    } functions[] = {
        {"exp", duet_exp, exp, -700, 700},
        {"exp", duet_exp, exp, -1, 1},
        {"log", duet_log, log, 1e-300, 1e300},
        {"log", duet_log, log, 0.5, 2},
        {"log10", duet_log10, libm_log10_of, 0.001, 1000},
        {"atan", duet_atan, atan, -50, 50},
        {"asin", duet_asin, asin, -1, 1},
        {"acos", duet_acos, acos, -1, 1},
        {"sin", duet_sin, sin, -1e5, 1e5},
        {"cos", duet_cos, cos, -1e5, 1e5},
        {"tan", duet_tan, tan, -7, 7},
        {"sinh", duet_sinh, sinh, -20, 20},
        {"cosh", duet_cosh, cosh, -20, 20},
        {"tanh", duet_tanh, tanh, -20, 20},
    };
    struct walk walk;
    walk_begin(&walk, 1);
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        for (int k = 0; k < 20000; k++) {
            double x = functions[i].from + (functions[i].to - functions[i].from) * walk_draw(&walk);
            double apart = units_apart(functions[i].ours(x), functions[i].libm(x));
            ck_assert_msg(apart <= 4 || fabs(functions[i].libm(x)) < 1e-11, "%s(%.17g) is %g units off",
                functions[i].name, x, apart);
        }
    }
    ck_assert(duet_log(0) == -INFINITY && isnan(duet_log(-1)) && duet_exp(-800) == 0 && isinf(duet_exp(800)));
}
END_TEST

/** Highest and lowest against a search of the window. */
START_TEST(extremes_agree_with_a_search) {
    struct walk walk;
    walk_begin(&walk, 2);
    for (int64_t length = 1; length <= 40; length += 3) {
        struct duet_highest highest;
        struct duet_rolling window;
        duet_highest_init(&highest, length);
        duet_rolling_init(&window, length);
        for (int k = 0; k < 500; k++) {
            double value = (double)(int)(10 * walk_draw(&walk)), best = -1;
            (void)duet_rolling_push(&window, value);
            (void)duet_highest_update(&highest, value);
            int64_t age = 0;
            for (int64_t i = 0; i < window.count; i++) {
                if (duet_rolling_at(&window, i) > best) {
                    best = duet_rolling_at(&window, i);
                    age = i;
                }
            }
            if (duet_rolling_full(&window)) {
                ck_assert(highest.value == best && highest.age == age);
            }
        }
    }
}
END_TEST

START_TEST(crossings_are_told_by_either_rule) {
    // Worked by hand: below, equal, above; above, equal, above; above, equal, below.
    static const double first[] = {1, 2, 3, 2, 3, 2, 1}, second[] = {2, 2, 2, 2, 2, 2, 2};
    static const double last_side[] = {0, 0, 1, 0, 0, 0, -1}, last_update[] = {0, 0, 1, 0, 1, 0, -1};
    struct duet_crossover side, update;
    duet_crossover_init(&side, DUET_CROSS_LAST_SIDE);
    duet_crossover_init(&update, DUET_CROSS_LAST_UPDATE);
    for (int i = 0; i < 7; i++) {
        double by_side = duet_crossover_update(&side, first[i], second[i]);
        double by_update = duet_crossover_update(&update, first[i], second[i]);
        if (i > 0) {
            ck_assert_msg(by_side == last_side[i] && by_update == last_update[i], "step %d", i);
        } else {
            ck_assert(isnan(by_side) && isnan(by_update));
        }
    }
}
END_TEST

DUET_TEST_MAIN("indicators", NULL, every_row_is_complete_and_sorted, all_outputs_are_there_with_the_warm_up,
    a_copy_of_the_bytes_goes_on_alike_and_init_begins_anew, equal_windows_give_equal_values_whatever_went_before,
    prices_of_ten_billion_leave_no_trace, no_standing_price_makes_anything_but_a_number,
    what_is_not_finite_is_not_taken_in, functions_of_our_own_agree_with_libm, extremes_agree_with_a_search,
    crossings_are_told_by_either_rule)
