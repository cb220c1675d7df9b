#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "portfolio/exact.h"
#include "portfolio/state.h"

static enum duet_status handle_signal(void *receiver, const struct duet_event *event) {
    struct duet_portfolio *portfolio = receiver;
    const struct duet_signal *signal = &event->signal;
    char reason[DUET_REASON_MAX];
    duet_text_copy(reason, sizeof(reason), signal->reason);
    if (signal->instrument >= portfolio->options.instruments->count || signal->strategy >= UINT16_MAX ||
        signal->direction < -1 || signal->direction > 1 || !(signal->strength >= 0 && signal->strength <= 1)) {
        return duet_error(DUET_EINVAL, "signal: direction is -1, 0 or 1, strength between 0 and 1");
    }
    (void)duet_portfolio_target_percent(
        portfolio, (uint16_t)signal->strategy, signal->instrument, signal->direction * signal->strength, reason);
    return DUET_OK;
}

static void portfolio_clear(struct duet_portfolio *portfolio) {
    struct duet_portfolio_head *head = &portfolio->head;
    const struct duet_instruments *instruments = portfolio->options.instruments;
    for (uint32_t i = 0; i < instruments->count; i++) {
        const struct duet_instrument *instrument = &instruments->items[i];
        unsigned decimals = duet_instrument_notional_decimals(instrument);
        duet_money factor = 0;
        if (decimals <= DUET_MONEY_DECIMALS) {
            factor = (duet_money)instrument->multiplier * duet_pow10(DUET_MONEY_DECIMALS - decimals);
        }
        head->slots[i] = (struct duet_portfolio_slot){
            .factor = duet_fits_int64(factor) ? (int64_t)factor : 0, .instrument = instrument};
    }
    for (uint32_t i = 0; i < portfolio->wish_strategies; i++) {
        for (uint32_t k = 0; portfolio->wishes[i] != NULL && k < instruments->count; k++) {
            // Stop rates are parameters, they stay.
            portfolio->wishes[i][k].kind = portfolio->wishes[i][k].said = DUET_TARGET_NONE;
        }
    }
    duet_order_table_clear(&portfolio->orders);
    memset(portfolio->fill_ids, 0, sizeof(portfolio->fill_ids));
    portfolio->counts = (struct duet_portfolio_counts){.decision_hash = DUET_HASH_SEED};
    portfolio->claimed_cash = portfolio->claimed_gross = 0;
    portfolio->booked.head = portfolio->booked.tail = 0;
    portfolio->announced_cash = portfolio->options.initial_cash;
    portfolio->ruined = false;
    portfolio->permit = (struct duet_permit){0};
    free(portfolio->blocked);
    portfolio->blocked = NULL;
    head->cash = head->equity = portfolio->options.initial_cash;
    head->gross = 0;
    portfolio->ledger = (struct duet_ledger){.capital = -portfolio->options.initial_cash};
}

static enum duet_status portfolio_init(struct duet_component *component) {
    struct duet_portfolio *portfolio = duet_container_of(component, struct duet_portfolio, component);
    static const struct {
        enum duet_event_type type;
        duet_handler handler;
    } subscriptions[] = {
        {DUET_EVENT_ORDER_STATUS, duet_portfolio_handle_status},
        {DUET_EVENT_FILL, duet_portfolio_handle_fill},
        {DUET_EVENT_SIGNAL, handle_signal},
    };
    for (size_t i = 0; i < sizeof(subscriptions) / sizeof(subscriptions[0]); i++) {
        enum duet_status status = duet_bus_subscribe(
            portfolio->bus, subscriptions[i].type, subscriptions[i].handler, portfolio, component, NULL);
        if (status != DUET_OK) {
            return status;
        }
    }
    return DUET_OK;
}

static void portfolio_reset(struct duet_component *component) {
    portfolio_clear(duet_container_of(component, struct duet_portfolio, component));
}

static const struct duet_component_impl portfolio_impl = {
    .size = sizeof(struct duet_component_impl),
    .type = "portfolio",
    .init = portfolio_init,
    .reset = portfolio_reset,
};

static enum duet_status check_limits(const struct duet_limits *limits) {
    if (!(limits->max_order_quantity >= 0) || !(limits->max_position >= 0) || limits->max_notional < 0) {
        return duet_error(DUET_EINVAL, "a limit must be 0 (none) or above");
    }
    return DUET_OK;
}

static enum duet_status check_options(const struct duet_portfolio_options *options) {
    if (options->initial_cash <= 0 || options->initial_cash > DUET_ACCOUNT_MAX) {
        return duet_error(DUET_EINVAL, "cash must be above 0 and below 1e18");
    }
    if (!(options->leverage > 0 && options->leverage <= DUET_LEVERAGE_MAX)) {
        return duet_error(DUET_EINVAL, "leverage %g is not between 0 and %d", options->leverage, DUET_LEVERAGE_MAX);
    }
    if (!(options->cash_buffer >= 0 && options->cash_buffer < 1)) {
        return duet_error(DUET_EINVAL, "cash_buffer %g is not between 0 and 1", options->cash_buffer);
    }
    return check_limits(&options->limits);
}

enum duet_status duet_portfolio_create(
    const struct duet_portfolio_options *options, struct duet_bus *bus, struct duet_portfolio **out) {
    DUET_ASSERT(bus != NULL && options->instruments != NULL);
    int64_t leverage = 0, buffer = 0;
    enum duet_status status = check_options(options);
    status = status != DUET_OK ? status : duet_scale(options->leverage, DUET_RATE_DECIMALS, &leverage);
    status = status != DUET_OK ? status : duet_scale(options->cash_buffer, DUET_RATE_DECIMALS, &buffer);
    if (status != DUET_OK) {
        return status;
    }
    struct duet_portfolio *portfolio = duet_alloc(1, sizeof(*portfolio));
    portfolio->options = *options;
    portfolio->bus = bus;
    portfolio->leverage = leverage;
    portfolio->sizing_share = DUET_RATE_ONE - buffer;
    portfolio->component.impl = &portfolio_impl;
    portfolio->component.name = "portfolio";
    portfolio->head.slots = duet_alloc(options->instruments->count, sizeof(*portfolio->head.slots));
    duet_order_table_init(&portfolio->orders);
    portfolio_clear(portfolio);
    *out = portfolio;
    return DUET_OK;
}

void duet_portfolio_destroy(struct duet_portfolio *portfolio) {
    if (portfolio == NULL) {
        return;
    }
    duet_order_table_finish(&portfolio->orders);
    for (uint32_t i = 0; i < portfolio->wish_strategies; i++) {
        free(portfolio->wishes[i]);
    }
    free(portfolio->wishes);
    free(portfolio->booked.fills);
    free(portfolio->blocked);
    free(portfolio->head.slots);
    free(portfolio);
}

struct duet_component *duet_portfolio_component(struct duet_portfolio *portfolio) {
    return &portfolio->component;
}

void duet_portfolio_get_counts(const struct duet_portfolio *portfolio, struct duet_portfolio_counts *out) {
    *out = portfolio->counts;
    out->commission = portfolio->ledger.commission;
    out->realized = -portfolio->ledger.income;
}

enum duet_status duet_portfolio_set_limits(struct duet_portfolio *portfolio, const struct duet_limits *limits) {
    enum duet_status status = check_limits(limits);
    if (status == DUET_OK) {
        portfolio->options.limits = *limits;
    }
    return status;
}

const struct duet_limits *duet_portfolio_limits(const struct duet_portfolio *portfolio) {
    return &portfolio->options.limits;
}
