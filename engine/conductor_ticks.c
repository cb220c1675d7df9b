#include "engine/conductor_ticks.h"

#include "broker/venue_inline.h"
#include "bus/bus_private.h"
#include "data/tick_series.h"
#include "portfolio/portfolio_inline.h"

/** Records that are asked for ahead of the one being played. */
#define PREFETCH_RECORDS 64

/** One tick of either kind, decoded. */
struct tick {
    struct duet_event event;
    union {
        struct duet_trade trade;
        struct duet_quote quote;
    };
    int64_t mark; // what it says the instrument is worth; 0: nothing
    int64_t buy_at; // what a buyer would have got; 0: nothing
};

static enum duet_status tick_verify(struct duet_player *player) {
    if (__builtin_expect(player->next < player->verified, 1)) {
        return DUET_OK;
    }
    uint64_t block = duet_series_block_records(player->series);
    player->verified = (player->next / block + 1) * block;
    return duet_series_verify(player->series, player->next);
}

static void tick_decode(const struct duet_player *player, int64_t now_ns, struct tick *tick) {
    const struct duet_series *series = player->series;
    tick->event.event_ns = now_ns;
    if (series->trades != NULL) {
        __builtin_prefetch(&series->trades[player->next + PREFETCH_RECORDS]);
        duet_series_trade(series, player->next, &tick->trade);
        tick->event.type = DUET_EVENT_TRADE;
        tick->event.trade = &tick->trade;
        tick->mark = tick->buy_at = tick->trade.price_scaled;
    } else {
        __builtin_prefetch(&series->quotes[player->next + PREFETCH_RECORDS]);
        duet_series_quote(series, player->next, &tick->quote);
        tick->event.type = DUET_EVENT_QUOTE;
        tick->event.quote = &tick->quote;
        tick->mark = duet_quote_mark(&tick->quote);
        tick->buy_at = tick->quote.ask_scaled;
    }
}

/** The holder buys with the first tick that is later than the run's first one. */
static void offer_holder(struct duet_conductor *conductor, struct duet_player *player, int64_t now_ns, int64_t price) {
    if (player->first_ns == INT64_MAX) {
        player->first_ns = now_ns;
    } else if (now_ns > player->first_ns && price > 0) {
        duet_holder_buy(conductor->holder, player->instrument, price, now_ns);
    }
}

/** An execution series' tick: the venue first, then what the instrument is worth. */
static void tick_execute(
    struct duet_conductor *conductor, struct duet_player *player, int64_t now_ns, const struct tick *tick) {
    uint32_t instrument = player->instrument;
    if (duet_venue_hot_count(conductor->venue) > 0) {
        if (tick->event.type == DUET_EVENT_TRADE) {
            duet_venue_trade(conductor->venue, &tick->trade);
        } else {
            duet_venue_quote(conductor->venue, &tick->quote);
        }
    }
    if (__builtin_expect(!conductor->holder->holdings[instrument].bought, 0)) {
        offer_holder(conductor, player, now_ns, tick->buy_at);
    }
    if (tick->mark > 0) {
        duet_portfolio_mark_inline(conductor->portfolio, instrument, tick->mark);
        duet_holder_mark(conductor->holder, instrument, (double)tick->mark / player->series->scale, tick->mark);
    }
}

/** What is closed of the bars that are made of these ticks. */
static void tell_made_of(struct duet_conductor *conductor, uint32_t source, int64_t now_ns) {
    const struct duet_bar *bar;
    struct duet_made_series *item;
    while (duet_made_due_ns(conductor->made) <= now_ns &&
           (bar = duet_made_next_of(conductor->made, source, now_ns, &item)) != NULL) {
        duet_conductor_tell_made(conductor, item, bar, now_ns);
    }
    duet_conductor_tell_instant(conductor, &conductor->made_last, now_ns);
    conductor->made_last.type = DUET_EVENT_NONE; // this tick was an instant of its own
}

static enum duet_status tick_play(struct duet_conductor *conductor, struct duet_player *player, int64_t now_ns) {
    struct tick tick;
    uint32_t source = (uint32_t)(player - conductor->players);
    if (conductor->made != NULL) {
        tell_made_of(conductor, source, now_ns); // a tick at the end of a span belongs to the next
    }
    enum duet_status status = tick_verify(player);
    if (status != DUET_OK) {
        return status;
    }
    tick_decode(player, now_ns, &tick);
    duet_bus_admit(conductor->bus, &tick.event, now_ns);
    if (player->executes) {
        tick_execute(conductor, player, now_ns, &tick);
        if (!duet_bus_is_empty(conductor->bus)) {
            duet_bus_drain(conductor->bus);
        }
    }
    (void)duet_bus_dispatch(conductor->bus, &tick.event);
    duet_bus_drain(conductor->bus);
    if (conductor->made != NULL && tick.mark > 0) {
        int64_t quantity = tick.event.type == DUET_EVENT_TRADE ? tick.trade.quantity_scaled : 0;
        duet_made_take_tick(conductor->made, source, now_ns, tick.mark, quantity);
        tell_made_of(conductor, source, now_ns);
    }
    player->next++;
    player->close_ns = player->next < player->end ? duet_series_tick_ns(player->series, player->next) : INT64_MAX;
    conductor->ticks++;
    return DUET_OK;
}

int64_t duet_conductor_play_ticks(struct duet_conductor *conductor, int64_t now_ns) {
    bool executed = false;
    int64_t market_ns = now_ns;
    while (market_ns == now_ns) {
        uint32_t index = conductor->merge == NULL ? 0 : duet_merge_top(conductor->merge);
        struct duet_player *player = &conductor->players[index];
        if (!player->is_ticks) {
            break; // ticks stand before bars
        }
        conductor->failure = tick_play(conductor, player, now_ns);
        if (conductor->failure != DUET_OK) {
            return now_ns;
        }
        executed = executed || player->executes;
        market_ns =
            conductor->merge == NULL ? player->close_ns : duet_merge_advance(conductor->merge, player->close_ns);
    }
    if (executed) {
        duet_curve_take(conductor->curve, now_ns, duet_portfolio_equity_inline(conductor->portfolio),
            duet_portfolio_gross_inline(conductor->portfolio));
        duet_holder_take(conductor->holder);
        if (conductor->on_instant != NULL) {
            conductor->on_instant(conductor->argument, now_ns);
        }
    }
    return market_ns;
}
