/*
 * Subscribes to longer bars and writes every bar that it is told into the log, with what history shows of the others at
 * that moment; trades on the direction of the longest. For tests of aggregation.
 */
#include <duet/strategy.h>

struct longer {
    int64_t seconds, days, ticks, warm_up_bars;
    double volume, value, renko;
    bool trade, loud;
    int64_t longest; // of those subscribed to
    int64_t told, whole_when_warm;
};

static const struct duet_param params[] = {
    DUET_PARAM_INT(struct longer, seconds, 0, 0, 1000000, "also bars of so many seconds"),
    DUET_PARAM_INT(struct longer, days, 0, 0, 366, "also bars of so many days"),
    DUET_PARAM_INT(struct longer, ticks, 0, 0, 1000000, "also bars of so many pieces"),
    DUET_PARAM_INT(struct longer, warm_up_bars, 0, 0, 1000000, "bars"),
    DUET_PARAM_REAL(struct longer, volume, 0, 0, 1e9, "also bars of so much volume"),
    DUET_PARAM_REAL(struct longer, value, 0, 0, 1e12, "also bars of so much value"),
    DUET_PARAM_REAL(struct longer, renko, 0, 0, 1e6, "also bricks of this height"),
    DUET_PARAM_BOOL(struct longer, trade, false, "follows the longest bars"),
    DUET_PARAM_BOOL(struct longer, loud, true, "writes bars into the log"),
    {0},
};

static enum duet_status also(struct duet_context *ctx, struct longer *self, bool wanted, int64_t bars) {
    if (!wanted) {
        return DUET_OK;
    }
    self->longest = bars;
    enum duet_status status = duet_subscribe(ctx, bars);
    return status;
}

static enum duet_status init(struct duet_context *ctx, void *state) {
    struct longer *self = state;
    enum duet_status status = also(ctx, self, self->seconds > 0, self->seconds * DUET_SECOND_NS);
    status = status != DUET_OK ? status : also(ctx, self, self->days > 0, self->days * DUET_DAY_NS);
    status = status != DUET_OK ? status : also(ctx, self, self->ticks > 0, DUET_BARS_TICKS(self->ticks));
    status = status != DUET_OK ? status : also(ctx, self, self->volume > 0, DUET_BARS_VOLUME(self->volume));
    status = status != DUET_OK ? status : also(ctx, self, self->value > 0, DUET_BARS_VALUE(self->value));
    status = status != DUET_OK ? status : also(ctx, self, self->renko > 0, DUET_BARS_RENKO(self->renko));
    return status != DUET_OK ? status : duet_warm_up(ctx, self->warm_up_bars);
}

static void show(struct duet_context *ctx, const char *what, const struct duet_bar *bar) {
    duet_log(ctx, DUET_LOG_INFO, "%s %lld %lld %lld %.12g %.12g %.12g %.12g %.12g %u %d %lld", what,
        (long long)bar->interval_ns, (long long)bar->open_ns, (long long)bar->close_ns, bar->open, bar->high, bar->low,
        bar->close, bar->volume, bar->flags, duet_is_warm(ctx), (long long)duet_now(ctx));
}

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct longer *self = state;
    self->told++;
    if (self->loud) {
        show(ctx, "bar", bar);
        size_t count;
        const struct duet_bar *seen = duet_history(ctx, self->longest, 1, &count);
        if (self->longest != 0 && bar->interval_ns != self->longest && count > 0 && seen->close_ns > duet_now(ctx)) {
            show(ctx, "peek", seen);
        }
    }
    bool is_it = self->longest == 0 || bar->interval_ns == self->longest;
    if (self->trade && is_it && (bar->flags & DUET_BAR_PARTIAL) == 0) {
        duet_target(ctx, bar->close > bar->open ? 10 : bar->close < bar->open ? -10 : 0, "longer");
    }
}

static void on_stop(struct duet_context *ctx, void *state) {
    const struct longer *self = state;
    const int64_t mine[] = {0, self->longest};
    for (size_t i = 0; self->loud && i < 2; i++) {
        size_t count;
        const struct duet_bar *last = duet_history(ctx, mine[i], 1, &count);
        if (count > 0 && (i == 0 || self->longest != 0)) {
            show(ctx, "last", last);
        }
    }
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "longer",
    .scope = DUET_EACH_INSTRUMENT,
    .state_size = sizeof(struct longer),
    .params = params,
    .init = init,
    .on_bar = on_bar,
    .on_stop = on_stop,
};
