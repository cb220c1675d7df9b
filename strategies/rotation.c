/*
 * Holds the strongest of many instruments: with the first bars of each month it ranks all by their return over
 * `lookback` bars and holds the `hold` best in equal parts, none that has not risen; what leaves the list is sold, what
 * stays is brought back to its part.
 *
 * An instrument that has stopped (no bar for `stale_days`) or has too little history is not ranked. Equal returns rank
 * by symbol.
 */
#include <duet/strategy.h>

#define INSTRUMENTS_MAX 4096
#define DAY_NS INT64_C(86400000000000)

struct rotation {
    int64_t lookback, hold, stale_days;
    double weight;
    bool falling;
    int64_t month; // of the last ranking, counted from year 0; 0 before it
    bool is_held[INSTRUMENTS_MAX];
    double score[INSTRUMENTS_MAX]; // NAN: not ranked
};

static const struct duet_param params[] = {
    DUET_PARAM_INT(struct rotation, lookback, 126, 1, 5000, "return to rank by, bars"),
    DUET_PARAM_INT(struct rotation, hold, 3, 1, INSTRUMENTS_MAX, "instruments held"),
    DUET_PARAM_INT(struct rotation, stale_days, 7, 1, 1000, "days without a bar after which one is left out"),
    DUET_PARAM_REAL(struct rotation, weight, 0.95, 0, 1, "share of equity in all of them together"),
    DUET_PARAM_BOOL(struct rotation, falling, false, "also hold what has fallen, if it is among the best"),
    {0},
};

static enum duet_status init(struct duet_context *ctx, void *state) {
    const struct rotation *self = state;
    if (ctx->instrument_count > INSTRUMENTS_MAX) {
        return duet_fail(ctx, DUET_EINVAL, "at most %d instruments", INSTRUMENTS_MAX);
    }
    return duet_warm_up(ctx, self->lookback + 1);
}

/** The middle of a bar that has closed now: for daily ones a time of their own day, in whatever zone they are. */
static bool find_day(struct duet_context *ctx, int64_t now_ns, int64_t *ns) {
    for (uint32_t i = 0; i < ctx->instrument_count; i++) {
        const struct duet_bar *bar = duet_latest(ctx, i);
        if (bar != NULL && bar->close_ns == now_ns) {
            *ns = bar->open_ns + (bar->close_ns - bar->open_ns) / 2;
            return true;
        }
    }
    return false;
}

/** Year · 12 + month of a UTC instant (Hinnant, "chrono-compatible low-level date algorithms"). */
static int64_t month_of(int64_t ns) {
    int64_t days = (ns >= 0 ? ns : ns - (DAY_NS - 1)) / DAY_NS + 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097, day = days - era * 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t yearday = day - (365 * year + year / 4 - year / 100), month = (5 * yearday + 2) / 153; // March is 0
    return (year + era * 400) * 12 + month + 2;
}

static double return_of(struct duet_context *ctx, const struct rotation *self, uint32_t instrument, int64_t now_ns) {
    size_t wanted = (size_t)self->lookback + 1, count;
    const struct duet_bar *bars = duet_history(duet_on(ctx, instrument), 0, wanted, &count);
    if (bars == NULL || count < wanted || bars[0].close <= 0 || bars[count - 1].close <= 0 ||
        now_ns - bars[count - 1].close_ns > self->stale_days * DAY_NS) {
        return (double)NAN;
    }
    double change = bars[count - 1].close / bars[0].close - 1;
    return change > 0 || self->falling ? change : (double)NAN;
}

/** Whether fewer than `hold` are ahead of it. */
static bool is_among_the_best(const struct duet_context *ctx, const struct rotation *self, uint32_t instrument) {
    double score = self->score[instrument];
    int64_t ahead = 0;
    for (uint32_t i = 0; i < ctx->instrument_count && ahead < self->hold; i++) {
        ahead += self->score[i] > score || (self->score[i] == score && i < instrument);
    }
    return !isnan(score) && ahead < self->hold;
}

static void rotate(struct duet_context *ctx, struct rotation *self) {
    double part = self->weight / (double)self->hold;
    for (uint32_t i = 0; i < ctx->instrument_count; i++) { // sales first, they pay for the rest
        bool was_held = self->is_held[i];
        self->is_held[i] = is_among_the_best(ctx, self, i);
        if (was_held && !self->is_held[i]) {
            duet_target(duet_on(ctx, i), 0, "left the best");
        }
    }
    for (uint32_t i = 0; i < ctx->instrument_count; i++) {
        if (self->is_held[i]) {
            duet_rebalance(duet_on(ctx, i), part, 0, "among the best");
        }
    }
}

static void on_instant(struct duet_context *ctx, void *state, int64_t now_ns) {
    struct rotation *self = state;
    int64_t day_ns;
    if (!duet_is_warm(ctx) || !find_day(ctx, now_ns, &day_ns)) {
        return;
    }
    int64_t month = month_of(day_ns);
    if (month <= self->month) {
        return;
    }
    bool ranks = self->month != 0; // the month in which it became warm has begun already
    self->month = month;
    for (uint32_t i = 0; ranks && i < ctx->instrument_count; i++) {
        self->score[i] = return_of(ctx, self, i, now_ns);
    }
    if (ranks) {
        rotate(ctx, self);
    }
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "rotation",
    .scope = DUET_ALL,
    .state_size = sizeof(struct rotation),
    .params = params,
    .init = init,
    .on_instant = on_instant,
    .summary = "many instruments: each month the strongest few, in equal parts",
};
