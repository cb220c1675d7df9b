/*
 * Portfolio and simulated venue together: 20,000 days of three instruments with targets, limits, stops, protective
 * stops, cancels and replacements at random. After each day the ledger balances, no report was refused, and nothing is
 * claimed or counted as working that does not work.
 */
#include <stdio.h>

#include "base/money.h"
#include "base/rng.h"
#include "broker/venue.h"
#include "portfolio/state.h"
#include "support/suite.h"

#define INSTRUMENTS 3
#define DAYS 20000
#define DAY_NS INT64_C(86400000000000)

struct play {
    struct duet_bus *bus;
    struct duet_instruments instruments;
    struct duet_portfolio *portfolio;
    struct duet_venue *venue;
    struct duet_stack stack;
    struct duet_env env;
    struct duet_rng rng;
    int64_t now_ns;
    int64_t price[INSTRUMENTS];
    uint64_t last_id;
};

static void play_open(struct play *play, const char *profile, double leverage) {
    *play = (struct play){.now_ns = DAY_NS};
    struct duet_instrument items[INSTRUMENTS] = {0};
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        items[i] = (struct duet_instrument){.symbol = {(char)('A' + i)},
            .currency = "USD",
            .price_decimals = 2,
            .quantity_decimals = 3 * i, // the last one has values beyond 12 decimals, which are rounded
            .tick_scaled = 1,
            .lot_scaled = 1,
            .multiplier = 1000000};
        play->price[i] = 10000;
    }
    ck_assert_int_eq(duet_instruments_create(items, INSTRUMENTS, &play->instruments), DUET_OK);
    ck_assert_int_eq(duet_bus_create(&(struct duet_bus_options){0}, &play->bus), DUET_OK);
    struct duet_portfolio_options options = {.initial_cash = 1000000 * DUET_MONEY_ONE,
        .leverage = leverage,
        .margin_check_longs = true,
        .instruments = &play->instruments};
    ck_assert_int_eq(duet_costs_parse_commission("1bps+min 0.5", &options.costs), DUET_OK);
    ck_assert_int_eq(duet_costs_parse_slippage("1tick", &options.costs), DUET_OK);
    ck_assert_int_eq(duet_portfolio_create(&options, play->bus, &play->portfolio), DUET_OK);
    struct duet_venue_options venue = {.profile = duet_fill_profile_find(profile),
        .costs = options.costs,
        .instruments = &play->instruments,
        .portfolio = play->portfolio};
    ck_assert_int_eq(duet_venue_create(&venue, play->bus, &play->venue), DUET_OK);
    play->env = (struct duet_env){.bus = play->bus};
    ck_assert_int_eq(duet_stack_push(&play->stack, duet_portfolio_component(play->portfolio)), DUET_OK);
    ck_assert_int_eq(duet_stack_push(&play->stack, duet_venue_component(play->venue)), DUET_OK);
    ck_assert_int_eq(duet_stack_up(&play->stack, &play->env), DUET_OK);
    duet_rng_seed(&play->rng, 20240229);
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        duet_portfolio_mark(play->portfolio, i, play->price[i]);
        duet_portfolio_protect(play->portfolio, 1, i, 0.03);
    }
}

static void play_close(struct play *play) {
    duet_stack_down(&play->stack);
    duet_venue_destroy(play->venue);
    duet_portfolio_destroy(play->portfolio);
    duet_bus_destroy(play->bus);
    duet_instruments_finish(&play->instruments);
}

static double chance(struct play *play) {
    return duet_rng_uniform(&play->rng);
}

/** What a strategy may do after a close. */
static void decide(struct play *play, uint32_t instrument) {
    double units = 10 * (chance(play) - 0.5);
    double price = (double)play->price[instrument] / 100 * (0.97 + 0.06 * chance(play));
    uint16_t who = (uint16_t)duet_rng_below(&play->rng, 2);
    struct duet_portfolio *portfolio = play->portfolio;
    uint64_t id = 0;
    switch (duet_rng_below(&play->rng, 9)) {
    case 0:
        id = duet_portfolio_target_percent(portfolio, who, instrument, 2 * chance(play) - 1, "weight");
        break;
    case 1:
        id = duet_portfolio_target(portfolio, who, instrument, 100 * units, "target");
        break;
    case 2:
        id = duet_portfolio_trade(portfolio, who, instrument, DUET_LIMIT, 50 * units, price, "limit");
        break;
    case 3:
        id = duet_portfolio_trade(portfolio, who, instrument, DUET_STOP, 50 * units, price, "stop");
        break;
    case 4:
        id = duet_portfolio_trade(portfolio, who, instrument, DUET_MARKET, 50 * units, 0, "market");
        break;
    case 5:
        id = duet_portfolio_rebalance(portfolio, who, instrument, 0.3, 0.05, "rebalance");
        break;
    case 6:
        (void)duet_portfolio_cancel_all(portfolio, who, instrument);
        break;
    case 7:
        id = duet_portfolio_close(portfolio, who, instrument, 0, "close");
        break;
    default:
        id = duet_portfolio_replace(portfolio, play->last_id, 0, play->price[instrument], 0, NULL);
        break;
    }
    play->last_id = id != 0 ? id : play->last_id;
}

static void play_day(struct play *play) {
    struct duet_event events[INSTRUMENTS];
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        int64_t open = play->price[i] + (int64_t)duet_rng_below(&play->rng, 401) - 200;
        play->price[i] = open < 5000 ? 5000 : open > 20000 ? 20000 : open;
        events[i] = (struct duet_event){.type = DUET_EVENT_OPENING};
        events[i].opening = (struct duet_opening){
            .size = sizeof(events[i].opening), .instrument = i, .open_ns = play->now_ns, .open_scaled = play->price[i]};
    }
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        duet_bus_admit(play->bus, &events[i], play->now_ns);
    }
    duet_venue_openings(play->venue, events, INSTRUMENTS);
    duet_bus_drain(play->bus);
    duet_venue_openings_done(play->venue, play->now_ns);

    int64_t open_ns = play->now_ns;
    play->now_ns += DAY_NS;
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        int64_t open = play->price[i], close = open + (int64_t)duet_rng_below(&play->rng, 401) - 200;
        struct duet_bar bar = {.instrument = i, .open_ns = open_ns, .close_ns = play->now_ns};
        bar.open_scaled = open;
        bar.close_scaled = close;
        bar.high_scaled = (open > close ? open : close) + 100;
        bar.low_scaled = (open > close ? close : open) - 100;
        struct duet_event event = {.type = DUET_EVENT_BAR, .event_ns = play->now_ns, .bar = &bar};
        duet_bus_admit(play->bus, &event, play->now_ns);
        duet_venue_range(play->venue, &bar);
        duet_bus_drain(play->bus);
        duet_portfolio_mark(play->portfolio, i, close);
        play->price[i] = close;
    }
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        decide(play, i);
    }
}

static void check_books(const struct play *play) {
    const struct duet_portfolio *portfolio = play->portfolio;
    ck_assert(duet_portfolio_ledger_balances(portfolio));
    ck_assert_uint_eq(portfolio->counts.anomalies + portfolio->counts.duplicates, 0);
    ck_assert_uint_eq(portfolio->booked.head, portfolio->booked.tail);
    duet_money cash = 0, gross = 0;
    uint32_t working = 0;
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        const struct duet_portfolio_slot *slot = &portfolio->head.slots[i];
        int64_t left = 0;
        for (uint64_t id = slot->first_id; id != 0;) {
            const struct duet_order_entry *entry = duet_order_table_find(&portfolio->orders, id);
            ck_assert(entry->working && !duet_order_is_final(entry->order.status));
            cash += entry->claimed_cash;
            gross += entry->claimed_gross;
            bool counted = (entry->order.flags & DUET_REDUCE_ONLY) == 0;
            left += counted ? entry->order.side * (entry->order.quantity - entry->order.filled) : 0;
            working++;
            id = entry->next_id;
        }
        ck_assert_int_eq(left, duet_portfolio_working(portfolio, i));
    }
    ck_assert(cash == portfolio->claimed_cash && gross == portfolio->claimed_gross);
    ck_assert_uint_eq(working, portfolio->orders.working_count);
}

static void play_all(const char *profile, double leverage) {
    static struct play play;
    play_open(&play, profile, leverage);
    for (int day = 0; day < DAYS && !duet_portfolio_is_ruined(play.portfolio); day++) {
        play_day(&play);
        check_books(&play);
        if (leverage <= 1) {
            // What may be bought was paid for: cash covers all but what shorts have brought in.
            ck_assert(duet_portfolio_cash(play.portfolio) >= 0);
        }
    }
    struct duet_portfolio_counts counts;
    duet_portfolio_get_counts(play.portfolio, &counts);
    printf("%s %g: %llu fills, equity %.0f\n", profile, leverage, (unsigned long long)counts.fills,
        duet_money_to_double(duet_portfolio_equity(play.portfolio)));
    ck_assert_uint_gt(counts.fills, 1000);
    ck_assert_uint_gt(counts.cancelled, 1000);
    ck_assert_int_eq(duet_bus_fault(play.bus), DUET_OK);
    duet_venue_end(play.venue);
    duet_bus_drain(play.bus);
    check_books(&play);
    ck_assert_uint_eq(play.portfolio->orders.working_count, 0);
    ck_assert(play.portfolio->claimed_cash == 0 && play.portfolio->claimed_gross == 0);
    play_close(&play);
}

START_TEST(books_agree_after_every_day_with_cash) {
    play_all("duet-1", 1);
}
END_TEST

START_TEST(books_agree_after_every_day_with_leverage) {
    play_all("duet-1", 4);
}
END_TEST

START_TEST(books_agree_under_the_other_fill_profile) {
    play_all("backtrader", 1);
}
END_TEST

DUET_TEST_MAIN("portfolio with venue", NULL, books_agree_after_every_day_with_cash,
    books_agree_after_every_day_with_leverage, books_agree_under_the_other_fill_profile)
