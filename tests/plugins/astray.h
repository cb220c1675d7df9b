/*
 * Strategies that do what none may: what they order hangs on something that no journal has. Each has a number of its
 * own making per bar; a replay must find them out.
 */
#ifndef DUET_TESTS_ASTRAY_H
#define DUET_TESTS_ASTRAY_H

#include <duet/strategy.h>

/** Buys 1 to 400 units, which the cash always allows, or sells them again, in turn. */
static inline void astray_order(struct duet_context *ctx, int64_t *bars, uint64_t number) {
    double quantity = 1 + (double)(number % 400);
    if ((*bars)++ % 2 == 0) {
        (void)duet_buy(ctx, quantity, "astray");
    } else {
        (void)duet_close(ctx, "back");
    }
}

#define ASTRAY_PLUGIN(the_name, the_state, the_on_bar)       \
    const struct duet_strategy_impl duet_strategy_plugin = { \
        .size = sizeof(struct duet_strategy_impl),           \
        .abi = DUET_STRATEGY_ABI,                            \
        .name = the_name,                                    \
        .scope = DUET_EACH_INSTRUMENT,                       \
        .state_size = sizeof(the_state),                     \
        .on_bar = the_on_bar,                                \
    }

#endif
