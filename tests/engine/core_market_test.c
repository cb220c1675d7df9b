/* Market data of a session: when orders meet it, late and missing bars, history, refusals, and a gateway's word. */
#include "engine/core_hand.h"

static void buy_ten(struct duet_context *ctx) {
    duet_buy(ctx, 10, "ten");
}

static void rest_below(struct duet_context *ctx) {
    duet_limit(ctx, 5, 95, "rests");
}

static void open_armed(void) {
    hand.config.live->arm = true;
    hand_open();
}

/* ------------------------------------------------------------------------------------------ closed bars only */

START_TEST(known_at_the_open_an_entry_fills_there_and_its_stop_acts_in_that_bar) {
    hand_config();
    hand_protection = 0.03;
    open_armed();
    hand.act = buy_ten;
    hand_play(10000, 10000, 10000, 10000, 10100);
    assert_lines("1 buys AAA 10 at 101.00, bar of 1\n"); // at once
    hand_play(10100, 10200, 9700, 10000, 10000); // stop at 101.00 - 3 %, rounded away: 97.97
    assert_lines("1 buys AAA 10 at 101.00, bar of 1\n2 sells AAA 10 at 97.97, bar of 2\n");
    hand_close();
}
END_TEST

START_TEST(known_at_the_close_it_fills_at_the_same_price_and_is_told_then) {
    hand_config();
    hand_protection = 0.03;
    open_armed();
    hand.flags = DUET_INSTANT_OPENS_AT_CLOSE;
    hand.late_ns = 7000000;
    hand.act = buy_ten;
    hand_play(10000, 10000, 10000, 10000, 10100);
    assert_lines("");
    hand_play(10100, 10200, 9700, 10000, 10000);
    assert_lines("2 buys AAA 10 at 101.00, bar of 1\n2 sells AAA 10 at 97.97, bar of 2\n");
    hand_close();
}
END_TEST

static void buy_again(struct duet_context *ctx) {
    duet_limit(ctx, 5, 150, "again"); // marketable anywhere
}

START_TEST(what_is_sent_inside_a_bar_does_not_meet_its_opening_or_range) {
    hand_config();
    open_armed();
    hand.flags = DUET_INSTANT_OPENS_AT_CLOSE;
    hand_flat(10000);
    struct duet_order_event request = {.side = DUET_BUY, .type = DUET_LIMIT, .quantity = 5, .price = 15000};
    struct duet_input_dropped dropped = {.count = 1, .what = "nothing"};
    hand_take(DUET_INPUT_DROPPED, hand.now_ns + DUET_SECOND_NS, &dropped, sizeof(dropped)); // time passes
    (void)duet_portfolio_submit(duet_core_portfolio(hand.core), &request, NULL);
    hand_flat(10000);
    assert_lines("");
    hand_play(10050, 10050, 10050, 10050, 10050);
    assert_lines("3 buys AAA 5 at 100.50, bar of 2\n");
    hand_close();
}
END_TEST

START_TEST(live_stamps_are_later_than_instants_and_change_no_fill) {
    for (int late = 0; late < 2; late++) {
        hand_config();
        open_armed();
        hand.late_ns = late * 50000000;
        hand.act = buy_again;
        hand_play(10000, 10000, 10000, 10000, 10100);
        assert_lines("1 buys AAA 5 at 101.00, bar of 1\n");
        hand_close();
    }
}
END_TEST

/* -------------------------------------------------------------------------------------------------- late bars */

static void give_late(int64_t close_ns, int64_t open, int64_t high, int64_t low, int64_t close) {
    struct duet_bar bar = hand_bar(0, close_ns, open, high, low, close);
    hand.flags = DUET_INSTANT_LATE;
    hand_instant(close_ns, &bar, 1, NULL, NULL, 0);
    hand.flags = 0;
}

/** BBB alone closes; AAA is missed. */
static void miss_a_minute(void) {
    hand.now_ns += DUET_MINUTE_NS;
    struct duet_bar bar = hand_bar(1, hand.now_ns, 5000, 5000, 5000, 5000);
    hand_instant(hand.now_ns, &bar, 1, (const int64_t[2]){0, 5000}, (const uint32_t[1]){0}, 1);
}

START_TEST(a_late_bar_is_told_marked_and_meets_what_had_been_accepted_before_it_opened) {
    hand_config();
    open_armed();
    hand.late_ns = 2 * DUET_SECOND_NS;
    hand_flat(10000);
    hand.act = rest_below;
    hand_flat(10000); // accepted at minute 2
    miss_a_minute();
    int bars = hand.bars;
    give_late(hand.now_ns, 10000, 10000, 9400, 9600);
    ck_assert_int_eq(hand.bars, bars + 1);
    assert_lines("3 buys AAA 5 at 95.00, bar of 3\n");
    ck_assert_int_eq(duet_portfolio_position(duet_core_portfolio(hand.core), 0)->mark, 9600);
    hand_close();
}
END_TEST

START_TEST(a_late_bar_does_not_meet_what_was_accepted_after_it_opened) {
    hand_config();
    open_armed();
    hand.late_ns = 2 * DUET_SECOND_NS;
    hand_flat(10000);
    miss_a_minute();
    hand.act = rest_below; // called with the late bar itself
    give_late(hand.now_ns, 10000, 10000, 9400, 9600);
    give_late(hand.now_ns, 10000, 10000, 9400, 9600); // and it again, which is not told twice
    assert_lines("");
    ck_assert_uint_eq(duet_core_repeated_bars(hand.core), 1);
    hand_play(9600, 9600, 9400, 9600, 9600); // opened at minute 2, when nothing had been sent
    assert_lines("");
    hand_play(9600, 9600, 9400, 9600, 9600);
    assert_lines("4 buys AAA 5 at 95.00, bar of 4\n");
    hand_close();
}
END_TEST

START_TEST(a_bar_older_than_the_last_one_told_is_not_told) {
    hand_config();
    open_armed();
    hand_flat(10000);
    miss_a_minute();
    hand_flat(10100);
    int bars = hand.bars;
    give_late(hand.now_ns - DUET_MINUTE_NS, 10000, 10000, 9000, 9000);
    ck_assert_int_eq(hand.bars, bars);
    ck_assert_int_eq(duet_portfolio_position(duet_core_portfolio(hand.core), 0)->mark, 10100);
    hand_close();
}
END_TEST

/* ---------------------------------------------------------------------------------------------------- history */

START_TEST(history_warms_up_and_lets_no_order_out) {
    hand_config();
    hand_warm_up = 3;
    open_armed();
    hand.flags = DUET_INSTANT_HISTORY;
    hand.late_ns = DUET_HOUR_NS;
    for (int i = 0; i < 4; i++) {
        hand.act = buy_ten;
        hand_flat(10000);
        ck_assert(!hand.warm);
    }
    ck_assert_int_eq(duet_core_warm_up_left(hand.core, 0), 0);
    ck_assert_int_eq(duet_core_warm_up_left(hand.core, 1), 0);
    assert_lines("61 DENIED WARMUP\n62 DENIED WARMUP\n63 DENIED WARMUP\n64 DENIED WARMUP\n");
    ck_assert_int_eq(duet_portfolio_position(duet_core_portfolio(hand.core), 0)->mark, 10000);
    hand.flags = 0;
    hand.now_ns += DUET_HOUR_NS;
    hand.late_ns = 0;
    hand_forget();
    hand.act = buy_ten;
    hand_flat(10000);
    ck_assert(hand.warm);
    assert_lines("65 buys AAA 10 at 100.00, bar of 65\n");
    hand_close();
}
END_TEST

START_TEST(history_meets_no_order_that_works) {
    hand_config();
    open_armed();
    hand_flat(10000);
    hand.act = rest_below;
    hand_flat(10000);
    hand.flags = DUET_INSTANT_HISTORY; // fetched after an outage
    hand_play(10000, 10000, 9000, 9800, 9800);
    assert_lines("");
    hand.flags = 0;
    hand_play(9800, 9800, 9400, 9800, 9800);
    assert_lines("4 buys AAA 5 at 95.00, bar of 4\n");
    hand_close();
}
END_TEST

/* --------------------------------------------------------------------------------------------- trades and quotes */

START_TEST(trades_and_quotes_fill_mark_and_are_told) {
    hand_config();
    open_armed();
    hand_flat(10000);
    hand.act = rest_below;
    hand_flat(10000);
    struct duet_trade trade = {.size = sizeof(trade), .time_ns = hand.now_ns + 5, .price = 94.99, .price_scaled = 9499};
    hand_take(DUET_INPUT_TRADE, hand.now_ns + 9, &trade, sizeof(trade));
    assert_lines("2 buys AAA 5 at 95.00, bar of 2\n");
    ck_assert_int_eq(duet_portfolio_position(duet_core_portfolio(hand.core), 0)->mark, 9499);
    struct duet_quote quote = {.size = sizeof(quote),
        .time_ns = hand.now_ns + 6,
        .bid = 95,
        .ask = 96,
        .bid_scaled = 9500,
        .ask_scaled = 9600};
    hand_take(DUET_INPUT_QUOTE, hand.now_ns + 10, &quote, sizeof(quote));
    ck_assert_int_eq(duet_portfolio_position(duet_core_portfolio(hand.core), 0)->mark, 9550);
    hand_close();
}
END_TEST

/* ------------------------------------------------------------------------------------------------------ refusals */

static void assert_refused(enum duet_input_kind kind, const void *bytes, size_t size) {
    void *before, *after;
    size_t before_size, after_size;
    ck_assert_int_eq(duet_core_save(hand.core, &before, &before_size), DUET_OK);
    uint64_t outputs = hand.outputs, first, last;
    ck_assert_int_eq(hand_try(kind, hand.now_ns + 1, bytes, size), DUET_EDATA);
    duet_core_sequences(hand.core, &first, &last);
    ck_assert_uint_eq(first + last, 0);
    ck_assert_uint_eq(hand.outputs, outputs);
    ck_assert_int_eq(duet_core_save(hand.core, &after, &after_size), DUET_OK);
    ck_assert_uint_eq(before_size, after_size);
    ck_assert_mem_eq(before, after, before_size);
    free(before);
    free(after);
}

static void assert_bars_refused(const struct duet_bar *bars, uint32_t count) {
    struct duet_input_instant head = {.instant_ns = hand.now_ns + DUET_MINUTE_NS, .closing = count};
    struct duet_text payload = {0};
    duet_input_write_instant(&payload, &head, bars, NULL, NULL);
    assert_refused(DUET_INPUT_INSTANT, payload.text, payload.length);
    duet_text_finish(&payload);
}

START_TEST(what_cannot_be_is_refused_and_changes_nothing) {
    hand_config();
    open_armed();
    hand_flat(10000);
    int64_t ns = hand.now_ns + DUET_MINUTE_NS;
    struct duet_bar good = hand_bar(0, ns, 10000, 10000, 10000, 10000), bars[2];
    for (int i = 0; i < 10; i++) {
        bars[0] = good;
        switch (i) {
        case 0:
            bars[0].size--;
            break;
        case 1:
            bars[0].instrument = 2;
            break;
        case 2:
            bars[0].close_ns++;
            break;
        case 3:
            bars[0].open_ns = ns;
            break;
        case 4:
            bars[0].interval_ns = DUET_HOUR_NS;
            break;
        case 5:
            bars[0].price_decimals = 3;
            break;
        case 6:
            bars[0].high = 1.0 / 0.0;
            break;
        case 7:
            bars[0].low_scaled = INT64_MIN;
            break;
        case 8:
            bars[0].volume = 0.0 / 0.0;
            break;
        default:
            bars[0].open_ns = INT64_MIN;
        }
        assert_bars_refused(bars, 1);
    }
    bars[0] = hand_bar(1, ns, 1, 1, 1, 1);
    bars[1] = good;
    assert_bars_refused(bars, 2); // out of order
    bars[0] = good;
    assert_bars_refused(bars, 2); // twice
    struct duet_input_instant head = {.instant_ns = ns, .missing = 1};
    struct duet_text payload = {0};
    duet_input_write_instant(&payload, &head, NULL, NULL, (const uint32_t[1]){2});
    assert_refused(DUET_INPUT_INSTANT, payload.text, payload.length);
    head = (struct duet_input_instant){.instant_ns = ns, .opening = 1};
    struct duet_opening opening = {.size = sizeof(opening), .instrument = 7, .open_ns = ns, .open_scaled = 1};
    duet_input_write_instant(&payload, &head, NULL, &opening, NULL);
    assert_refused(DUET_INPUT_INSTANT, payload.text, payload.length);
    duet_text_finish(&payload);
    struct duet_trade trade = {.size = sizeof(trade), .instrument = 9, .price = 1, .price_scaled = 100};
    assert_refused(DUET_INPUT_TRADE, &trade, sizeof(trade));
    struct duet_quote quote = {.size = sizeof(quote), .bid_scaled = -1};
    assert_refused(DUET_INPUT_QUOTE, &quote, sizeof(quote));
    struct duet_input_stale stale = {.series = 2, .stale = 1};
    assert_refused(DUET_INPUT_STALE, &stale, sizeof(stale));
    struct duet_input_report report = {.order_id = 1};
    assert_refused(DUET_INPUT_REPORT, &report, sizeof(report));
    struct duet_input_reconciled reconciled = {.link = DUET_LINK_BROKER};
    assert_refused(DUET_INPUT_RECONCILED, &reconciled, sizeof(reconciled));
    assert_refused((enum duet_input_kind)77, NULL, 0);
    hand_take(DUET_INPUT_STOP, hand.now_ns, NULL, 0);
    assert_refused(DUET_INPUT_TIME, NULL, 0);
    hand_close();
}
END_TEST

START_TEST(after_the_end_of_a_feed_no_more_market_data_is_taken) {
    hand_config();
    open_armed();
    hand_flat(10000);
    hand.act = rest_below;
    hand_flat(10000);
    hand_take(DUET_INPUT_END, hand.now_ns, NULL, 0);
    assert_lines("2 EXPIRED END_OF_DATA\n");
    struct duet_bar bar = hand_bar(0, hand.now_ns + DUET_MINUTE_NS, 1, 1, 1, 1);
    assert_bars_refused(&bar, 1);
    hand_command(DUET_COMMAND_ARM, "");
    assert_effect("the feed has ended");
    hand_close();
}
END_TEST

/** Small numbers, numbers that stand for something here, and any number. */
static uint64_t any_number(struct duet_rng *rng) {
    static const uint64_t known[] = {0, 1, 2, 3, DUET_MINUTE_NS, HAND_FIRST_NS, 10000, UINT64_MAX, INT64_MAX,
        UINT64_C(0x8000000000000000), UINT64_C(0x3ff0000000000000), 64, 128};
    uint64_t number = duet_rng_next(rng);
    return number % 4 == 0   ? number
           : number % 4 == 1 ? number >> 40 & 7
                             : known[(number >> 8) % (sizeof(known) / sizeof(known[0]))];
}

/** A record of `kind` with rubbish in it; INSTANTs begin sound, and a few of their words are spoilt. */
static enum duet_status take_rubbish(struct duet_rng *rng, enum duet_input_kind kind) {
    static const uint32_t sizes[] = {[DUET_INPUT_RESTART] = 16,
        [DUET_INPUT_TRADE] = 64,
        [DUET_INPUT_QUOTE] = 64,
        [DUET_INPUT_REPORT] = 176,
        [DUET_INPUT_COMMAND] = 120,
        [DUET_INPUT_CONNECTION] = 64,
        [DUET_INPUT_STALE] = 16,
        [DUET_INPUT_RESULT] = 72,
        [DUET_INPUT_DROPPED] = 40,
        [DUET_INPUT_RECONCILED] = 40,
        [DUET_INPUT_CONFIG] = 16,
        [DUET_INPUT_END] = 0};
    uint64_t words[64] = {0};
    size_t size = sizes[kind];
    for (size_t i = 0; i < size / 8; i++) {
        words[i] = any_number(rng);
    }
    if (kind == DUET_INPUT_TRADE || kind == DUET_INPUT_QUOTE) {
        words[0] = 64 | duet_rng_below(rng, 3) << 32; // size and instrument
    } else if (kind == DUET_INPUT_COMMAND) {
        words[0] = duet_rng_below(rng, 7);
        words[6] = words[14] = 0;
    } else if (kind == DUET_INPUT_INSTANT) {
        hand.now_ns += DUET_MINUTE_NS;
        struct duet_bar bar = hand_bar(0, hand.now_ns, 10000, 10100, 9900, 10000);
        struct duet_input_instant head = {
            .instant_ns = hand.now_ns, .flags = (uint32_t)duet_rng_below(rng, 8), .closing = 1, .opening = 1};
        struct duet_opening opening = {.size = 24, .open_ns = hand.now_ns, .open_scaled = 10000};
        memcpy(words, &head, 24);
        memcpy(words + 3, &bar, 128);
        memcpy(words + 19, &opening, 24);
        size = 22 * 8;
        for (uint64_t i = duet_rng_below(rng, 3); i > 0; i--) {
            words[duet_rng_below(rng, 22)] = any_number(rng);
        }
    }
    return hand_try(kind, duet_rng_below(rng, 2) == 0 ? (int64_t)any_number(rng) : hand.now_ns, words, size);
}

START_TEST(whatever_comes_is_taken_or_refused) {
    uint64_t taken = 0, refused = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct duet_rng rng;
        duet_rng_seed(&rng, seed);
        hand_config();
        hand.config.live->broker_gateway = seed % 4 == 0;
        hand_protection = 0.01;
        open_armed();
        enum duet_status status = DUET_OK;
        for (int i = 0; i < 250 && (status == DUET_OK || status == DUET_EDATA); i++) {
            uint64_t choice = duet_rng_below(&rng, 24);
            hand.act = choice % 2 == 0 ? buy_ten : rest_below;
            status = take_rubbish(&rng, choice < 15 && choice > 0 ? (enum duet_input_kind)choice : DUET_INPUT_INSTANT);
            taken += status == DUET_OK;
            refused += status == DUET_EDATA;
        }
        hand_close();
        hand = (struct hand){0};
    }
    ck_assert_uint_gt(taken, 1000);
    ck_assert_uint_gt(refused, 1000);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------- gateway */

static void report(uint64_t order_id, enum duet_order_status status, int64_t filled, int64_t price) {
    static uint64_t sequence;
    const struct duet_order *order = duet_portfolio_order(duet_core_portfolio(hand.core), order_id);
    struct duet_input_report payload = {.order_id = order_id,
        .gateway_sequence = ++sequence,
        .status = (uint8_t)status,
        .side = order->side,
        .fill_quantity = filled,
        .fill_price = price,
        .cumulative = filled,
        .venue_ns = hand.now_ns};
    if (filled > 0) {
        snprintf(payload.fill_id, sizeof(payload.fill_id), "f%" PRIu64, sequence);
    }
    hand_take(DUET_INPUT_REPORT, hand.now_ns + DUET_SECOND_NS, &payload, sizeof(payload));
}

static void reconcile(uint64_t epoch, int64_t aaa) {
    struct {
        struct duet_input_reconciled head;
        struct duet_input_position position;
    } payload = {{.link = DUET_LINK_BROKER, .positions = 1, .epoch = epoch}, {.instrument = 0, .quantity = aaa}};
    hand_take(DUET_INPUT_RECONCILED, hand.now_ns + 2 * DUET_SECOND_NS, &payload, sizeof(payload));
}

START_TEST(a_gateway_is_reconciled_before_it_is_armed_and_halted_where_books_differ) {
    hand_config();
    hand.config.live->broker_gateway = true;
    hand_open();
    hand_flat(10000);
    hand_command(DUET_COMMAND_ARM, "");
    assert_effect("not reconciled with the broker");
    reconcile(1, 0);
    hand_command(DUET_COMMAND_ARM, "");
    assert_trading("ACTIVE");
    hand.act = buy_ten;
    hand_flat(10000);
    assert_effect("send submit 1");
    report(1, DUET_ORDER_ACCEPTED, 0, 0);
    report(1, DUET_ORDER_FILLED, 10, 10010);
    ck_assert_int_eq(hand_held(), 10);
    assert_effect("alert fill: BUY 10 AAA at 100.10, order 1");
    struct duet_input_connection down = {.link = DUET_LINK_BROKER, .up = 0, .epoch = 1, .detail = "reset"};
    hand_take(DUET_INPUT_CONNECTION, hand.now_ns, &down, sizeof(down));
    assert_trading("REDUCING");
    assert_effect("alert disconnect: broker is disconnected: reset");
    reconcile(2, 10);
    assert_trading("ACTIVE"); // it was the link alone
    hand_take(DUET_INPUT_CONNECTION, hand.now_ns, &down, sizeof(down));
    hand_forget();
    reconcile(3, 7);
    assert_trading("HALTED");
    assert_effect("alert mismatch: positions differ: AAA is 10 here and 7 at the broker");
    hand_command(DUET_COMMAND_RESUME, "");
    hand_command(DUET_COMMAND_ARM, "");
    assert_effect("\"error\":\"positions differ from the broker's\"");
    assert_effect("query 0\n");
    assert_trading("REDUCING");
    reconcile(3, 10); // set right there
    hand_command(DUET_COMMAND_ARM, "");
    assert_trading("ACTIVE");
    hand_close();
}
END_TEST

START_TEST(flatten_closes_also_what_fills_after_it) {
    hand_config();
    hand.config.live->broker_gateway = true;
    hand_open();
    hand_flat(10000);
    reconcile(1, 0);
    hand_command(DUET_COMMAND_ARM, "");
    hand.act = buy_ten;
    hand_flat(10000);
    report(1, DUET_ORDER_ACCEPTED, 0, 0);
    hand_command(DUET_COMMAND_FLATTEN, "");
    assert_effect("\"cancelled\":1,\"closing\":0,\"working\":1");
    hand_forget();
    report(1, DUET_ORDER_FILLED, 10, 10010); // crossed the cancel
    assert_effect("send submit 2");
    const struct duet_order *order = duet_portfolio_order(duet_core_portfolio(hand.core), 2);
    ck_assert_int_eq(order->side, DUET_SELL);
    ck_assert_int_eq(order->quantity, 10);
    ck_assert_int_eq(order->flags, DUET_REDUCE_ONLY | DUET_OPERATOR);
    hand_close();
}
END_TEST

static void close_all(struct duet_context *ctx) {
    duet_close(ctx, "out");
}

/** Ten held, through a gateway. */
static void hold_ten_there(void) {
    hand.config.live->broker_gateway = true;
    hand_open();
    hand_flat(10000);
    reconcile(1, 0);
    hand_command(DUET_COMMAND_ARM, "");
    hand.act = buy_ten;
    hand_flat(10000);
    report(1, DUET_ORDER_ACCEPTED, 0, 0);
    report(1, DUET_ORDER_FILLED, 10, 10010);
    hand_forget();
}

START_TEST(a_way_out_that_is_rejected_is_sent_again_with_the_next_bar_and_not_before) {
    hand_config();
    hold_ten_there();
    hand_command(DUET_COMMAND_FLATTEN, "");
    assert_effect("send submit 2");
    hand_forget();
    report(2, DUET_ORDER_REJECTED, 0, 0); // the market is closed, say: at once it would be rejected without end
    ck_assert_ptr_null(strstr(hand.effects.text, "send"));
    hand_flat(10000);
    assert_effect("send submit 3");
    hand_forget();
    report(3, DUET_ORDER_ACCEPTED, 0, 0);
    hand_flat(10000);
    ck_assert_ptr_null(hand.effects.text); // it works
    report(3, DUET_ORDER_FILLED, 10, 9990);
    ck_assert_int_eq(hand_held(), 0);
    hand_flat(10000);
    ck_assert_ptr_null(strstr(hand.effects.text, "send"));
    hand_close();
}
END_TEST

START_TEST(what_does_not_fit_is_held_against_the_brokers_books) {
    hand_config();
    hold_ten_there();
    hand.act = buy_ten;
    hand_flat(10000);
    report(2, DUET_ORDER_ACCEPTED, 0, 0);
    hand_forget();
    struct duet_input_report lost = {.order_id = 2,
        .gateway_sequence = 1000,
        .status = DUET_ORDER_FILLED,
        .side = DUET_BUY,
        .cumulative = 10,
        .venue_ns = hand.now_ns}; // of a fill that never comes
    hand_take(DUET_INPUT_REPORT, hand.now_ns + DUET_SECOND_NS, &lost, sizeof(lost));
    assert_effect("alert mismatch: order 2");
    assert_effect("query 2\n");
    assert_effect("query 0\n");
    hand_forget();
    struct duet_input_report stranger = {.order_id = 77, .status = DUET_ORDER_ACCEPTED, .side = DUET_BUY};
    hand_take(DUET_INPUT_REPORT, hand.now_ns + DUET_SECOND_NS, &stranger, sizeof(stranger)); // among the books
    assert_effect("alert mismatch: order 77");
    ck_assert_ptr_null(strstr(hand.effects.text, "query"));
    reconcile(1, 20);
    assert_trading("HALTED");
    assert_effect("AAA is 10 here and 20 at the broker");
    hand_close();
}
END_TEST

START_TEST(a_stop_that_the_broker_ends_leaves_nothing_bare) {
    hand_config();
    hand_protection = 0.05;
    hold_ten_there(); // bought at 100.10, and a stop at 95.09, order 2
    report(2, DUET_ORDER_ACCEPTED, 0, 0);
    hand_flat(10000);
    report(2, DUET_ORDER_CANCELLED, 0, 0); // nobody asked for that
    assert_effect("alert unprotected: 10 of AAA without the stop at 95.09");
    assert_trading("HALTED");
    report(2, DUET_ORDER_CANCELLED, 0, 0); // old
    hand_close();
    hand_config();
    hand_protection = 0.05;
    hold_ten_there();
    hand_play(10000, 10000, 9400, 9400, 9400);
    hand_forget();
    report(2, DUET_ORDER_REJECTED, 0, 0); // "would be met at once"
    assert_effect("so they are closed");
    assert_effect("send submit 3");
    assert_trading("ACTIVE");
    const struct duet_order *order = duet_portfolio_order(duet_core_portfolio(hand.core), 3);
    ck_assert_int_eq(order->side * order->quantity, -10);
    ck_assert_int_eq(order->flags, DUET_REDUCE_ONLY | DUET_LOCAL);
    hand_close();
    hand_config();
    hand_protection = 0.05;
    hold_ten_there();
    report(2, DUET_ORDER_ACCEPTED, 0, 0);
    hand.act = close_all;
    hand_flat(10000);
    report(3, DUET_ORDER_ACCEPTED, 0, 0);
    hand_forget();
    report(2, DUET_ORDER_CANCELLED, 0, 0); // the way out takes it all off
    ck_assert_ptr_null(hand.effects.text);
    assert_trading("ACTIVE");
    hand_close();
}
END_TEST

START_TEST(flatten_leaves_the_stop_until_the_position_has_gone) {
    hand_config();
    hand_protection = 0.05;
    hold_ten_there(); // and a stop, order 2
    report(2, DUET_ORDER_ACCEPTED, 0, 0);
    hand_command(DUET_COMMAND_FLATTEN, "");
    assert_effect("\"cancelled\":0,\"closing\":1,\"working\":2");
    assert_effect("send submit 3");
    ck_assert_ptr_null(strstr(hand.effects.text, "send cancel"));
    report(3, DUET_ORDER_ACCEPTED, 0, 0);
    report(3, DUET_ORDER_FILLED, 10, 9990);
    assert_effect("send cancel 2");
    hand_close();
}
END_TEST

DUET_TEST_MAIN("core_market", NULL, known_at_the_open_an_entry_fills_there_and_its_stop_acts_in_that_bar,
    known_at_the_close_it_fills_at_the_same_price_and_is_told_then,
    what_is_sent_inside_a_bar_does_not_meet_its_opening_or_range,
    live_stamps_are_later_than_instants_and_change_no_fill,
    a_late_bar_is_told_marked_and_meets_what_had_been_accepted_before_it_opened,
    a_late_bar_does_not_meet_what_was_accepted_after_it_opened, a_bar_older_than_the_last_one_told_is_not_told,
    history_warms_up_and_lets_no_order_out, history_meets_no_order_that_works, trades_and_quotes_fill_mark_and_are_told,
    what_cannot_be_is_refused_and_changes_nothing, whatever_comes_is_taken_or_refused,
    after_the_end_of_a_feed_no_more_market_data_is_taken,
    a_gateway_is_reconciled_before_it_is_armed_and_halted_where_books_differ, flatten_closes_also_what_fills_after_it,
    a_way_out_that_is_rejected_is_sent_again_with_the_next_bar_and_not_before,
    what_does_not_fit_is_held_against_the_brokers_books, a_stop_that_the_broker_ends_leaves_nothing_bare,
    flatten_leaves_the_stop_until_the_position_has_gone)
