/* The verbs that look: history, position, account, instruments. */
#include <string.h>

#include "base/error.h"
#include "base/money.h"
#include "base/text.h"
#include "engine/host_private.h"

const struct duet_bar *duet_verb_history(struct duet_context *ctx, int64_t interval_ns, size_t bars, size_t *count) {
    const struct host_context *context = host_context_of(ctx);
    const struct duet_host_series *found = interval_ns == 0 ? context->primary : NULL;
    if (found == NULL && host_has_instrument(context)) {
        found = duet_host_find_series(context->run, ctx->instrument, interval_ns);
    }
    if (found == NULL) {
        *count = 0;
        return NULL;
    }
    return duet_window_slice(found->window, bars, count);
}

const struct duet_bar *duet_verb_latest(struct duet_context *ctx, uint32_t instrument) {
    const struct duet_host_run *run = host_context_of(ctx)->run;
    if (instrument >= run->instrument_count || run->contexts[instrument].primary == NULL) {
        return NULL;
    }
    return duet_window_last(run->contexts[instrument].primary->window);
}

/** What the caller has room for; its `size` stays. */
static void hand_over(void *out, const void *full, size_t full_size) {
    uint32_t room;
    memcpy(&room, out, sizeof(room));
    size_t fits = room < full_size ? room : full_size;
    if (fits > sizeof(room)) {
        memcpy((char *)out + sizeof(room), (const char *)full + sizeof(room), fits - sizeof(room));
    }
}

void duet_verb_position(struct duet_context *ctx, struct duet_position *out) {
    const struct host_context *context = host_context_of(ctx);
    struct duet_position full = {.instrument = ctx->instrument};
    if (host_has_instrument(context)) {
        const struct duet_instrument *instrument = host_instrument(context);
        const struct duet_portfolio *portfolio = context->run->options.portfolio;
        const struct duet_position_state *held = duet_portfolio_position(portfolio, ctx->instrument);
        full.quantity = duet_unscale(held->quantity, instrument->quantity_decimals);
        full.working = duet_unscale(duet_portfolio_working(portfolio, ctx->instrument), instrument->quantity_decimals);
        if (held->quantity != 0) {
            double multiplier = duet_unscale(instrument->multiplier, DUET_MULTIPLIER_DECIMALS);
            full.average_price = duet_money_to_double(held->cost) / (full.quantity * multiplier);
            full.unrealized = duet_money_to_double(held->value - held->cost);
        }
        full.last_price = held->has_mark ? duet_unscale(held->mark, instrument->price_decimals) : 0;
        full.realized = duet_money_to_double(held->realized);
        full.commission = duet_money_to_double(held->commission);
    }
    hand_over(out, &full, sizeof(full));
}

void duet_verb_account(struct duet_context *ctx, struct duet_account *out) {
    const struct duet_host_run *run = host_context_of(ctx)->run;
    const struct duet_portfolio *portfolio = run->options.portfolio;
    struct duet_portfolio_counts counts;
    duet_portfolio_get_counts(portfolio, &counts);
    struct duet_account full = {.cash = duet_money_to_double(duet_portfolio_cash(portfolio)),
        .equity = duet_money_to_double(duet_portfolio_equity(portfolio)),
        .initial_cash = duet_money_to_double(run->initial_cash),
        .gross_exposure = duet_money_to_double(duet_portfolio_gross(portfolio)),
        .realized = duet_money_to_double(counts.realized),
        .commission = duet_money_to_double(counts.commission)};
    hand_over(out, &full, sizeof(full));
}

enum duet_status duet_verb_instrument(struct duet_context *ctx, uint32_t instrument, struct duet_instrument_info *out) {
    const struct duet_host_run *run = host_context_of(ctx)->run;
    if (instrument >= run->instrument_count) {
        return duet_error(DUET_ENOTFOUND, "strategy %s: no instrument %u", run->impl->name, instrument);
    }
    const struct duet_instrument *known = &run->options.instruments->items[instrument];
    struct duet_instrument_info full = {.price_decimals = known->price_decimals,
        .quantity_decimals = known->quantity_decimals,
        .tick_scaled = known->tick_scaled,
        .lot_scaled = known->lot_scaled,
        .tick = duet_unscale(known->tick_scaled, known->price_decimals),
        .lot = duet_unscale(known->lot_scaled, known->quantity_decimals),
        .multiplier = duet_unscale(known->multiplier, DUET_MULTIPLIER_DECIMALS)};
    duet_text_copy(full.symbol, sizeof(full.symbol), known->symbol);
    duet_text_copy(full.currency, sizeof(full.currency), known->currency);
    hand_over(out, &full, sizeof(full));
    return DUET_OK;
}

enum duet_status duet_verb_find(struct duet_context *ctx, const char *symbol, uint32_t *instrument) {
    const struct duet_host_run *run = host_context_of(ctx)->run;
    const struct duet_instrument *found = duet_instruments_find(run->options.instruments, symbol);
    if (found == NULL) {
        return duet_error(DUET_ENOTFOUND, "strategy %s: no instrument %s in this run", run->impl->name, symbol);
    }
    *instrument = found->index;
    return DUET_OK;
}

uint64_t duet_verb_random(struct duet_context *ctx) {
    return duet_rng_next(&host_context_of(ctx)->run->rng);
}
