/*
 * Has something computed at every bar and trades on the answer: long while the mean of the last closes is below the
 * last one. Every tenth answer asks for another computation at the same instant, every hundredth bar for one that
 * fails. Tickets must come back in the order in which they were given.
 */
#include <duet/strategy.h>

#include <string.h>

#define CLOSES 16

struct features {
    int64_t slow; // parameter: rounds of needless work, so that threads overlap
    int64_t crash; // parameter: every so manieth computation dies; 0: none
    double closes[CLOSES];
    int64_t bars, asked, answered, failed, disorder;
    uint64_t last_ticket;
};
static const struct duet_param params[] = {
    DUET_PARAM_INT(struct features, slow, 0, 0, 100000000, "rounds of needless work"),
    DUET_PARAM_INT(struct features, crash, 0, 0, 1000000, "every so manieth computation dies; 0: none"),
    {0},
};

struct question {
    int64_t slow, fails, dies;
    double closes[CLOSES];
};

static int mean(const void *input, size_t size, double values[DUET_FEATURE_VALUES]) {
    struct question question;
    memcpy(&question, input, sizeof(question));
    if (question.fails) {
        return -1;
    }
    if (question.dies) {
        __builtin_trap();
    }
    double sum = 0;
    for (size_t i = 0; i < CLOSES; i++) {
        sum += question.closes[i];
    }
    volatile double idle = 1;
    for (int64_t i = 0; i < question.slow; i++) {
        idle = idle * 1.0000001;
    }
    values[0] = sum / CLOSES;
    values[1] = question.closes[CLOSES - 1];
    return 2;
}

static void ask(struct duet_context *ctx, struct features *self, bool fails) {
    struct question question = {
        .slow = self->slow, .fails = fails, .dies = self->crash > 0 && self->asked % self->crash == 0};
    memcpy(question.closes, self->closes, sizeof(question.closes));
    self->asked += duet_compute(ctx, "mean", mean, &question, sizeof(question), 0) != 0;
}

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct features *self = state;
    memmove(self->closes, self->closes + 1, (CLOSES - 1) * sizeof(double));
    self->closes[CLOSES - 1] = bar->close;
    if (++self->bars >= CLOSES) {
        ask(ctx, self, self->bars % 100 == 0);
    }
}

static void on_feature(struct duet_context *ctx, void *state, const struct duet_feature *feature) {
    struct features *self = state;
    self->disorder += feature->ticket <= self->last_ticket;
    self->last_ticket = feature->ticket;
    self->answered++;
    if (feature->status != DUET_OK) {
        self->failed++;
        return;
    }
    if (self->answered % 10 == 0) {
        ask(ctx, self, false);
        return;
    }
    duet_target(ctx, feature->values[1] > feature->values[0] ? 10 : 0, "mean");
}

static void on_stop(struct duet_context *ctx, void *state) {
    const struct features *self = state;
    duet_log(ctx, DUET_LOG_WARN, "asked=%lld answered=%lld failed=%lld disorder=%lld", (long long)self->asked,
        (long long)self->answered, (long long)self->failed, (long long)self->disorder);
}

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "features",
    .state_size = sizeof(struct features),
    .params = params,
    .on_bar = on_bar,
    .on_feature = on_feature,
    .on_stop = on_stop,
};
