#include "engine/market.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"

/** Room for derived events: a power of two, by the number of instruments. */
#define QUEUE_EVENTS_MIN 4096
#define QUEUE_EVENTS_MAX (1u << 22)
#define QUEUE_EVENTS_PER_INSTRUMENT 64

/** First instant after the day in which `ns` lies, in the run's zone. */
static int64_t day_end_ns(const void *argument, int64_t ns) {
    return duet_zone_next_midnight_ns(argument, ns);
}

enum duet_status duet_market_describe(const struct duet_config *config, const struct duet_instruments *instruments,
    const struct duet_zone *zone, struct duet_log *log, struct duet_market_options *out) {
    const struct duet_fill_profile *profile = duet_fill_profile_find(config->fill_profile);
    if (profile == NULL) {
        return duet_error(
            DUET_EINVAL, "fill_profile: \"%s\" is unknown; there are duet-1 and backtrader", config->fill_profile);
    }
    *out = (struct duet_market_options){0};
    out->bus = (struct duet_bus_options){.log = log, .queue_events = QUEUE_EVENTS_MIN};
    while (out->bus.queue_events < QUEUE_EVENTS_MAX &&
           out->bus.queue_events < QUEUE_EVENTS_PER_INSTRUMENT * (uint64_t)instruments->count) {
        out->bus.queue_events *= 2; // every instrument may fill, and protect its fill, at one opening
    }
    out->portfolio = (struct duet_portfolio_options){.initial_cash = config->cash,
        .leverage = config->leverage,
        .cash_buffer = config->cash_buffer,
        .costs = config->costs,
        .limits = config->limits,
        .margin_check_longs = true,
        .shorts_unchecked = profile->short_sales_unchecked,
        .instruments = instruments};
    out->venue = (struct duet_venue_options){.profile = profile,
        .costs = config->costs,
        .instruments = instruments,
        .day_end_ns = day_end_ns,
        .argument = zone};
    return DUET_OK;
}

enum duet_status duet_market_create_host(const struct duet_config *config, struct duet_host_options *options,
    struct duet_bus *bus, struct duet_host_run **out) {
    const char **names = duet_alloc(config->param_count + 1, sizeof(*names));
    const char **values = duet_alloc(config->param_count + 1, sizeof(*values));
    for (size_t i = 0; i < config->param_count; i++) {
        names[i] = config->params[i].name;
        values[i] = config->params[i].value;
    }
    options->param_names = names;
    options->param_values = values;
    options->param_count = config->param_count;
    options->seed = config->seed;
    // The bar that closes at --from opened before it: orders are free only after it.
    options->trade_from_ns = config->from_ns == INT64_MIN ? INT64_MIN : config->from_ns + 1;
    enum duet_status status = duet_host_create(options, bus, out);
    free(names);
    free(values);
    return status;
}
