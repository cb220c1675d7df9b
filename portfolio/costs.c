#include "portfolio/costs.h"

#include <string.h>

#include "base/error.h"
#include "portfolio/exact.h"

/** 2 % in 10^-12: a bare rate above it is more likely a percentage that lost its sign. */
#define BARE_RATE_MAX INT64_C(20000000000)
#define RATE_ONE INT64_C(1000000000000)
#define TICKS_MAX 1000000
#define COSTS_TEXT_MAX 128

/* --------------------------------------------------------------------------------------------------- parsing */

/** One term of a costs text: the number and what follows it. */
struct term {
    const char *number;
    size_t number_length;
    const char *unit;
    size_t unit_length;
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static struct term term_split(const char *text, size_t length) {
    while (length > 0 && is_blank(*text)) {
        text++;
        length--;
    }
    while (length > 0 && is_blank(text[length - 1])) {
        length--;
    }
    struct term term = {.number = text};
    while (term.number_length < length && strchr("0123456789.", text[term.number_length]) != NULL) {
        term.number_length++;
    }
    term.unit = text + term.number_length;
    term.unit_length = length - term.number_length;
    while (term.unit_length > 0 && is_blank(*term.unit)) {
        term.unit++;
        term.unit_length--;
    }
    return term;
}

static bool unit_is(const struct term *term, const char *unit) {
    return term->unit_length == strlen(unit) && memcmp(term->unit, unit, term->unit_length) == 0;
}

/** `10bps`, `0.1%` or a bare rate; `*is_rate` is false for another unit. */
static enum duet_status term_rate(const struct term *term, const char *what, bool *is_rate, int64_t *rate) {
    bool bare = term->unit_length == 0;
    unsigned decimals = bare ? 12 : unit_is(term, "%") ? 10 : 8;
    *is_rate = bare || unit_is(term, "%") || unit_is(term, "bps") || unit_is(term, "bp");
    if (!*is_rate) {
        return DUET_OK;
    }
    int length = (int)term->number_length;
    if (term->number_length == 0 || duet_decimal_parse(term->number, term->number_length, decimals, rate) != DUET_OK ||
        *rate >= RATE_ONE) {
        return duet_error(DUET_EINVAL, "%s \"%.*s\" is not a rate below 100%%; write 10bps, 0.1%% or 0.001", what,
            length + (int)term->unit_length, term->number);
    }
    if (bare && *rate > BARE_RATE_MAX) {
        char percent[DUET_DECIMAL_TEXT_MAX];
        (void)duet_money_format((duet_money)*rate * 100, 0, percent);
        return duet_error(DUET_EINVAL, "%s %.*s: a bare rate above 0.02 is refused; write %s%% if you mean it", what,
            length, term->number, percent);
    }
    return DUET_OK;
}

static enum duet_status term_unknown(const char *what, const char *text, size_t length, const char *forms) {
    return duet_error(DUET_EINVAL, "%s \"%.*s\" is not understood; write %s", what, (int)length, text, forms);
}

static enum duet_status once(bool *seen, const char *what, const char *kind) {
    if (*seen) {
        return duet_error(DUET_EINVAL, "%s names %s twice", what, kind);
    }
    *seen = true;
    return DUET_OK;
}

#define COMMISSION_FORMS "10bps, 0.1%, 0.001, 0.005/unit, 1/order or min 1, several joined by +"
#define SLIPPAGE_FORMS "5bps, 0.05%, 0.0005, 1tick or 2ticks, several joined by +"

struct seen {
    bool rate, per_unit, per_order, minimum;
};

static enum duet_status commission_term(const char *text, size_t length, struct seen *seen, struct duet_costs *costs) {
    static const char what[] = "commission";
    struct term term = term_split(text, length);
    duet_money *amount = NULL;
    enum duet_status status = DUET_OK;
    if (term.number_length == 0 && term.unit_length > 3 && memcmp(term.unit, "min", 3) == 0) {
        term = term_split(term.unit + 3, term.unit_length - 3);
        amount = term.unit_length == 0 ? &costs->minimum : NULL;
        status = once(&seen->minimum, what, "a minimum");
    } else if (unit_is(&term, "/unit")) {
        amount = &costs->per_unit;
        status = once(&seen->per_unit, what, "an amount per unit");
    } else if (unit_is(&term, "/order")) {
        amount = &costs->per_order;
        status = once(&seen->per_order, what, "an amount per order");
    } else {
        bool is_rate;
        status = term_rate(&term, what, &is_rate, &costs->rate);
        if (status == DUET_OK && !is_rate) {
            return term_unknown(what, text, length, COMMISSION_FORMS);
        }
        return status == DUET_OK ? once(&seen->rate, what, "a rate") : status;
    }
    if (status == DUET_OK && (amount == NULL || term.number_length == 0 ||
                                 duet_money_parse(term.number, term.number_length, amount) != DUET_OK)) {
        return term_unknown(what, text, length, COMMISSION_FORMS);
    }
    return status;
}

static enum duet_status slippage_term(const char *text, size_t length, struct seen *seen, struct duet_costs *costs) {
    static const char what[] = "slippage";
    struct term term = term_split(text, length);
    if (unit_is(&term, "tick") || unit_is(&term, "ticks")) {
        if (term.number_length == 0 ||
            duet_decimal_parse(term.number, term.number_length, 0, &costs->slippage_ticks) != DUET_OK ||
            costs->slippage_ticks > TICKS_MAX) {
            return term_unknown(what, text, length, SLIPPAGE_FORMS);
        }
        return once(&seen->per_unit, what, "ticks");
    }
    bool is_rate;
    enum duet_status status = term_rate(&term, what, &is_rate, &costs->slippage_rate);
    if (status == DUET_OK && !is_rate) {
        return term_unknown(what, text, length, SLIPPAGE_FORMS);
    }
    return status == DUET_OK ? once(&seen->rate, what, "a rate") : status;
}

typedef enum duet_status (*term_reader)(const char *text, size_t length, struct seen *seen, struct duet_costs *costs);

/** Each term of `text` in turn; `costs` is touched only where all of them are understood. */
static enum duet_status costs_parse(
    const char *text, const char *what, const char *forms, term_reader reader, struct duet_costs *costs) {
    if (strlen(text) > COSTS_TEXT_MAX) {
        return duet_error(DUET_EINVAL, "%s is longer than %d characters", what, COSTS_TEXT_MAX);
    }
    struct duet_costs parsed = *costs;
    struct seen seen = {0};
    for (const char *at = text;;) {
        size_t length = strcspn(at, "+");
        if (strspn(at, " \t") >= length) {
            return term_unknown(what, text, strlen(text), forms);
        }
        enum duet_status status = reader(at, length, &seen, &parsed);
        if (status != DUET_OK) {
            return status;
        }
        if (at[length] == '\0') {
            break;
        }
        at += length + 1;
    }
    *costs = parsed;
    return DUET_OK;
}

enum duet_status duet_costs_parse_commission(const char *text, struct duet_costs *costs) {
    struct duet_costs parsed = *costs;
    parsed.rate = 0;
    parsed.per_unit = parsed.per_order = parsed.minimum = 0;
    parsed.commission_given = true;
    enum duet_status status = costs_parse(text, "commission", COMMISSION_FORMS, commission_term, &parsed);
    if (status == DUET_OK) {
        *costs = parsed;
    }
    return status;
}

enum duet_status duet_costs_parse_slippage(const char *text, struct duet_costs *costs) {
    struct duet_costs parsed = *costs;
    parsed.slippage_rate = parsed.slippage_ticks = 0;
    parsed.slippage_given = true;
    enum duet_status status = costs_parse(text, "slippage", SLIPPAGE_FORMS, slippage_term, &parsed);
    if (status == DUET_OK) {
        *costs = parsed;
    }
    return status;
}

/* -------------------------------------------------------------------------------------------------- computing */

/**
 * notional · rate + quantity · per_unit in money, as one fraction:
 *   quantity · (price · multiplier · rate + per_unit · 10^(price decimals + 6)) / 10^(all decimals).
 */
static enum duet_status proportional(const struct duet_costs *costs, const struct duet_instrument *instrument,
    int64_t quantity, int64_t price, duet_money *out) {
    duet_money unit_price = price < 0 ? -(duet_money)price : price;
    if (costs->per_unit == 0 && instrument->multiplier == INT64_C(1000000)) {
        // The everyday case: the multiplier of 1 cancels.
        duet_money value = unit_price * quantity;
        unsigned decimals = instrument->price_decimals + instrument->quantity_decimals;
        if (decimals <= 18 && duet_fits_int64(value)) {
            *out = duet_divide_half_even((duet_money)(int64_t)value * costs->rate, duet_pow10(decimals));
            return DUET_OK;
        }
    }
    duet_money per_quantity, flat, numerator;
    enum duet_status status = duet_money_muldiv(unit_price * instrument->multiplier, costs->rate, 1, &per_quantity);
    if (status == DUET_OK) {
        duet_money scale = (duet_money)duet_pow10(instrument->price_decimals) * duet_pow10(DUET_MULTIPLIER_DECIMALS);
        status = duet_money_muldiv(costs->per_unit, scale, 1, &flat);
    }
    if (status == DUET_OK) {
        status = duet_money_add(per_quantity, flat, &numerator);
    }
    if (status == DUET_OK) {
        duet_money denominator = (duet_money)duet_pow10(instrument->price_decimals + DUET_MULTIPLIER_DECIMALS) *
                                 duet_pow10(instrument->quantity_decimals);
        status = duet_money_muldiv(numerator, quantity, denominator, out);
    }
    return status;
}

enum duet_status duet_costs_commission(const struct duet_costs *costs, const struct duet_instrument *instrument,
    int64_t quantity, int64_t price, bool first, duet_money *out) {
    duet_money sum = 0;
    if (costs->rate != 0 || costs->per_unit != 0) {
        enum duet_status status = proportional(costs, instrument, quantity, price, &sum);
        if (status != DUET_OK) {
            return status;
        }
    }
    if (first) {
        enum duet_status status = duet_money_add(sum, costs->per_order, &sum);
        if (status != DUET_OK) {
            return status;
        }
        sum = sum < costs->minimum ? costs->minimum : sum;
    }
    *out = sum;
    return DUET_OK;
}

int64_t duet_costs_slip(
    const struct duet_costs *costs, const struct duet_instrument *instrument, int side, int64_t price) {
    if (costs->slippage_rate == 0 && costs->slippage_ticks == 0) {
        return price;
    }
    duet_money tick = instrument->tick_scaled;
    duet_money size = price < 0 ? -(duet_money)price : price;
    // price ± |price| · rate in 10^-12, then to whole ticks: up for a buy, down for a sell.
    duet_money exact = (duet_money)price * RATE_ONE + side * size * costs->slippage_rate;
    duet_money unit = tick * RATE_ONE;
    duet_money ticks = exact / unit;
    duet_money rest = exact - ticks * unit;
    if (side > 0 && rest > 0) {
        ticks++;
    } else if (side < 0 && rest < 0) {
        ticks--;
    }
    ticks += side * costs->slippage_ticks;
    duet_money slipped = ticks * tick;
    if (price > 0 && slipped < tick) {
        slipped = price < tick ? price : tick; // nothing is sold for nothing
    }
    return slipped > INT64_MAX ? INT64_MAX : slipped < INT64_MIN ? INT64_MIN : (int64_t)slipped;
}
