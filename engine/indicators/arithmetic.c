#include "engine/indicators/adapt.h"

/** Functions hold no state, but a result that is no number is not taken in: the last one stays. */
struct kept {
    double value;
    int64_t function;
};
static void kept_init_row(void *state, const double *params) {
    *(struct kept *)state = (struct kept){(double)NAN, (int64_t)params[0]};
}
static void keep(struct kept *kept, double value, double *out) {
    kept->value = isfinite(value) ? value : kept->value;
    out[0] = kept->value;
}
static void apply_update_row(void *state, const double *in, double *out) {
    struct kept *kept = state;
    keep(kept, isfinite(in[0]) ? duet_apply((enum duet_function)kept->function, in[0]) : (double)NAN, out);
}
static void combine_update_row(void *state, const double *in, double *out) {
    struct kept *kept = state;
    const double results[] = {in[0] + in[1], in[0] - in[1], in[0] * in[1], in[1] != 0 ? in[0] / in[1] : (double)NAN};
    bool known = isfinite(in[0]) && isfinite(in[1]);
    keep(kept, known ? results[kept->function] : (double)NAN, out);
}

#define MATH(name_)                                                                                         \
    .name = #name_, .state_size = sizeof(struct kept), .init = kept_init_row, .update = name_##_update_row, \
    .group = "math", .outputs = {"value"}, .warm_up = adapt_once, .header = "duet/indicators/math.h"

const struct duet_indicator_row duet_indicators_math[] = {
    {MATH(apply), .inputs = {"real"}, .title = "Function of a value", .formula = "function(real)",
        .source = "Tulip's simple functions, TA-Lib's transforms",
        .convention = "Angles are radians. A result that is not a number is not taken in: the last one stays.",
        .call = "double value = duet_apply(DUET_FUNCTION_LN, bar->close);",
        .params = {PARAM_WHOLE("function", 0, 0, DUET_FUNCTION_COUNT - 1,
            "0 abs, 1 acos, 2 asin, 3 atan, 4 ceil, 5 cos, 6 cosh, 7 exp, 8 floor, 9 ln, 10 log10, 11 round, 12 sin, "
            "13 sinh, 14 sqrt, 15 tan, 16 tanh, 17 degrees, 18 radians, 19 trunc")}},
    {MATH(combine), .inputs = {"real", "real2"}, .title = "Two series combined",
        .formula = "real + real2, real - real2, real * real2 or real / real2", .source = "arithmetic",
        .convention = "A division by 0 is not taken in: the last value stays.",
        .call = "double value = bar->close / other->close;",
        .params = {PARAM_WHOLE("operation", 0, 0, 3, "0 add, 1 subtract, 2 multiply, 3 divide")}},
    {0},
};
