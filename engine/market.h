/*
 * What a run's bus, portfolio, venue and strategy are made with, from its configuration: the same for a backtest and a
 * live session, so that they cannot differ.
 */
#ifndef DUET_ENGINE_MARKET_H
#define DUET_ENGINE_MARKET_H

#include "broker/venue.h"
#include "data/zone.h"
#include "engine/config.h"
#include "engine/host.h"

/** Bars that a window keeps before anybody asks for history. */
#define DUET_MARKET_WINDOW_BARS 64

struct duet_market_options {
    struct duet_bus_options bus;
    struct duet_portfolio_options portfolio;
    struct duet_venue_options venue; // its portfolio is the caller's to set
};

/** All but `log` (may be NULL) is borrowed by what is made of it. DUET_EINVAL for an unknown fill profile. */
DUET_MUST_CHECK enum duet_status duet_market_describe(const struct duet_config *config,
    const struct duet_instruments *instruments, const struct duet_zone *zone, struct duet_log *log,
    struct duet_market_options *out);

/** duet_host_create() with the parameters, the seed and the first trading instant of `config` added to `options`. */
DUET_MUST_CHECK enum duet_status duet_market_create_host(const struct duet_config *config,
    struct duet_host_options *options, struct duet_bus *bus, struct duet_host_run **out);

#endif
