/*
 * What holds for every fill, tried on random bars and orders: nothing fills at a price outside of its bar, before
 * slippage; nothing fills at a bar that opened before the order was there; a limit is never worse than its price; and
 * nothing that should have filled is left over.
 *
 * `turn` counts the phases of a run. An opening batch takes turn t; what is accepted before it carries a smaller
 * number, what its reports cause carries t itself.
 */
#include "base/rng.h"

#include "broker/stage.h"

#define BARS 100000
#define ORDERS_MAX 400000

struct record {
    uint64_t turn; // when it was accepted
    struct duet_order_event request;
    bool working, triggered, filled;
};

static struct record records[ORDERS_MAX];
static uint64_t working[ORDERS_MAX];
static size_t working_count;
static struct duet_rng rng;
static uint64_t turn, opening_turn;
static bool in_opening;
static struct duet_bar now_bar;
static int64_t through;
static uint64_t fills, limit_fills, range_fills, attached_fills;

static int64_t pick(int64_t low, int64_t high) {
    return low + (int64_t)duet_rng_below(&rng, (uint64_t)(high - low + 1));
}

static void check_fill(const struct duet_fill *fill) {
    const struct record *record = &records[fill->order_id];
    const struct duet_order_event *request = &record->request;
    int64_t unslipped = fill->price - fill->side * fill->slippage;
    ck_assert_int_ge(unslipped, now_bar.low_scaled);
    ck_assert_int_le(unslipped, now_bar.high_scaled);
    if (in_opening) {
        ck_assert_int_eq(unslipped, now_bar.open_scaled);
        ck_assert_uint_lt(record->turn, opening_turn);
        ck_assert_int_eq(fill->timestamp_ns, now_bar.open_ns);
    } else {
        bool attached = (request->flags & DUET_ATTACHED) != 0;
        ck_assert(record->turn < opening_turn || (attached && record->turn == opening_turn));
        ck_assert_int_ne(request->type, DUET_MARKET);
        ck_assert_int_eq(fill->timestamp_ns, now_bar.close_ns);
        attached_fills += record->turn == opening_turn;
        range_fills++;
    }
    if (request->type == DUET_LIMIT || request->type == DUET_STOP_LIMIT) {
        ck_assert_int_eq(fill->slippage, 0);
        ck_assert_int_ge(fill->side * (request->price - fill->price), 0);
        limit_fills++;
    } else {
        ck_assert_int_ge(fill->slippage, 0);
    }
    ck_assert_int_le(fill->quantity, request->quantity);
    ck_assert_uint_eq(fill->fill_id, ++fills);
}

static void note_status(const struct duet_order_status_event *status) {
    struct record *record = &records[status->order_id];
    switch (status->status) {
    case DUET_ORDER_ACCEPTED:
        record->turn = turn;
        record->working = true;
        working[working_count++] = status->order_id;
        break;
    case DUET_ORDER_TRIGGERED:
        ck_assert_int_eq(record->request.type, DUET_STOP_LIMIT);
        record->triggered = true;
        break;
    case DUET_ORDER_FILLED:
        ck_assert_int_eq(status->cumulative, status->quantity);
        record->working = false;
        break;
    case DUET_ORDER_CANCELLED:
    case DUET_ORDER_EXPIRED:
        record->working = false;
        break;
    default:
        break;
    }
}

static void check_tap(void *argument, const struct duet_event *event) {
    (void)argument;
    if (event->type == DUET_EVENT_FILL) {
        check_fill(&event->fill);
    } else if (event->type == DUET_EVENT_ORDER_STATUS) {
        note_status(&event->status);
    } else if (event->type == DUET_EVENT_ORDER && event->order.action == DUET_SUBMIT) {
        ck_assert_uint_lt(event->order.order_id, ORDERS_MAX);
        records[event->order.order_id] = (struct record){.request = event->order};
    }
}

static void send_random(int64_t around, bool from_fill) {
    struct duet_order_event order = {.size = sizeof(order),
        .side = pick(0, 1) != 0 ? DUET_BUY : DUET_SELL,
        .type = (uint8_t)pick(DUET_MARKET, DUET_STOP_LIMIT),
        .quantity = pick(1, 20),
        .time_in_force = DUET_GTD,
        .expires_ns = stage.now_ns + pick(1, 12) * DUET_DAY_NS / 2};
    if (order.type == DUET_LIMIT || order.type == DUET_STOP_LIMIT) {
        order.price = around + pick(-60, 60);
    }
    if (order.type == DUET_STOP || order.type == DUET_STOP_LIMIT) {
        order.stop_price = around + pick(-60, 60);
    }
    if (pick(0, 9) == 0) {
        order.time_in_force = (uint8_t)(pick(0, 1) != 0 ? DUET_IOC : DUET_DAY);
        order.expires_ns = 0;
    }
    if (pick(0, 4) == 0) {
        order.flags |= DUET_REDUCE_ONLY;
    }
    if (from_fill && pick(0, 1) == 0) {
        order.flags |= DUET_ATTACHED;
    }
    (void)stage_send(&order);
}

static enum duet_status handle_fill(void *receiver, const struct duet_event *event) {
    (void)receiver;
    if (pick(0, 2) == 0) {
        send_random(event->fill.price, true);
    }
    if (pick(0, 3) == 0 && working_count > 0) {
        (void)duet_portfolio_cancel(stage.portfolio, working[pick(0, (int64_t)working_count - 1)]);
    }
    return DUET_OK;
}

static struct duet_bar random_bar(int64_t close) {
    int64_t open = close;
    if (pick(0, 3) == 0) { // a gap
        open += pick(-25, 25);
    }
    if (open < 5000) {
        open = 5000 + pick(0, 20);
    }
    int64_t end = open + pick(-40, 40);
    int64_t high = (open > end ? open : end) + pick(0, 20);
    int64_t low = (open < end ? open : end) - pick(0, 20);
    return bar_of(0, (double)open / 100, (double)high / 100, (double)low / 100, (double)end / 100);
}

/** After the range: what still works was not reached by it. */
static void check_leftovers(void) {
    size_t kept = 0;
    for (size_t i = 0; i < working_count; i++) {
        const struct record *record = &records[working[i]];
        if (!record->working) {
            continue;
        }
        working[kept++] = working[i];
        const struct duet_order_event *request = &record->request;
        if (record->turn >= opening_turn) {
            continue;
        }
        int64_t low = now_bar.low_scaled, high = now_bar.high_scaled;
        bool buys = request->side == DUET_BUY;
        ck_assert_int_ne(request->type, DUET_MARKET);
        if (request->type == DUET_LIMIT) {
            ck_assert_int_lt(buys ? request->price - low : high - request->price, through);
        }
        if (request->type == DUET_STOP || (request->type == DUET_STOP_LIMIT && !record->triggered)) {
            ck_assert(buys ? high < request->stop_price : low > request->stop_price);
        }
    }
    working_count = kept;
}

static void run_random(const char *profile, uint64_t seed, int64_t profile_through) {
    struct duet_costs costs = {.rate = INT64_C(100000000), .slippage_rate = INT64_C(300000000)};
    stage_up(profile, 20000, &costs);
    duet_bus_tap(stage.bus, check_tap, NULL);
    ck_assert_int_eq(duet_bus_subscribe(stage.bus, DUET_EVENT_FILL, handle_fill, &stage, NULL, NULL), DUET_OK);
    duet_rng_seed(&rng, seed);
    through = profile_through;
    turn = opening_turn = fills = 0;
    working_count = 0;
    now_bar = bar_of(0, 100, 100, 100, 100);
    for (int i = 0; i < BARS; i++) {
        for (int64_t orders = pick(0, 3); orders > 0; orders--) {
            send_random(now_bar.close_scaled, false);
        }
        now_bar = random_bar(now_bar.close_scaled);
        now_bar.open_ns = stage.now_ns;
        now_bar.close_ns = stage.now_ns + DUET_DAY_NS;
        opening_turn = ++turn;
        in_opening = true;
        stage_openings((int64_t[STAGE_INSTRUMENTS]){now_bar.open_scaled});
        in_opening = false;
        if (pick(0, 4) == 0) { // in the middle of the bar, at a time of its own
            stage.now_ns += DUET_HOUR_NS;
            stage_input();
            duet_bus_drain(stage.bus);
            turn++;
            send_random(now_bar.open_scaled, false);
            stage.now_ns -= DUET_HOUR_NS;
        }
        turn++;
        stage_closings(&now_bar, 1, DUET_DAY_NS);
        turn++;
        check_leftovers();
    }
    ck_assert_uint_gt(fills, BARS / 4);
    ck_assert_uint_gt(limit_fills, 1000);
    ck_assert_uint_gt(range_fills, 1000);
    ck_assert_uint_gt(attached_fills, 100);
    stage_down();
}

START_TEST(duet_1_keeps_within_its_bars) {
    run_random("duet-1", 1, 1);
}
END_TEST

START_TEST(backtrader_keeps_within_its_bars) {
    run_random("backtrader", 2, 0);
}
END_TEST

DUET_TEST_MAIN("bounds", NULL, duet_1_keeps_within_its_bars, backtrader_keeps_within_its_bars)
