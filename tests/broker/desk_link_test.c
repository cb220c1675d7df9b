/* The gateway desk over a link that comes and goes: doubt and its end, cancels, replacements, and saving. */
#include "broker/desk_stage.h"

#include "base/rng.h"

/* -------------------------------------------------------------------------------------------------------- link */

START_TEST(nothing_goes_out_while_the_link_is_down_but_what_limits_a_loss_waits) {
    up();
    submit(DUET_MARKET, DUET_BUY, 10, 0);
    happened("", "R0(DISCONNECTED)");
    uint64_t local = submit(DUET_MARKET, DUET_BUY, 10, DUET_LOCAL);
    happened("", "");
    ck_assert(!duet_desk_may_send(stage.desk, local, 1));
    link_up(1);
    happened("s2", "");
    ck_assert(duet_desk_may_send(stage.desk, local, 1));
    ck_assert(!duet_desk_may_send(stage.desk, local, 2)); // a connection that the core knows nothing of
    ck_assert(!duet_desk_may_send(stage.desk, 1, 1));
    down();
}
END_TEST

START_TEST(an_order_in_doubt_is_never_sent_again) {
    up();
    link_up(1);
    uint64_t id = submit(DUET_MARKET, DUET_BUY, 10, 0);
    ck_assert(duet_desk_may_send(stage.desk, id, 1));
    happened("s1", "");
    link_down();
    ck_assert_uint_eq(duet_desk_in_doubt(stage.desk), 1);
    ck_assert(!duet_desk_may_send(stage.desk, id, 1));
    ck_assert_int_eq(duet_portfolio_working(stage.portfolio, 0), 10); // full exposure
    link_up(2); // nothing was said of it: asked for, not guessed
    happened("?1", "");
    ck_assert_uint_eq(duet_desk_in_doubt(stage.desk), 1);
    ck_assert(!duet_desk_may_send(stage.desk, id, 2));
    say(id, DUET_ORDER_CREATED, 0);
    happened("", "R0(UNSENT_AT_CRASH)");
    ck_assert_uint_eq(duet_desk_in_doubt(stage.desk), 0);
    ck_assert_int_eq(duet_portfolio_working(stage.portfolio, 0), 0);
    down();
}
END_TEST

START_TEST(what_the_gateway_says_while_it_reconciles_decides_an_order_in_doubt) {
    up();
    link_up(1);
    for (int i = 0; i < 3; i++) {
        submit(DUET_LIMIT, DUET_BUY, 10, 0);
    }
    restart();
    forget();
    say(1, DUET_ORDER_CREATED, 0); // never came
    say(2, DUET_ORDER_ACCEPTED, 0); // is there
    fill(3, "f", 10, 10); // is done
    happened("", "A A +10@5000 F10");
    ck_assert_uint_eq(duet_desk_in_doubt(stage.desk), 1);
    link_up(2);
    happened("", "R0(UNSENT_AT_CRASH)");
    down();
}
END_TEST

START_TEST(unknown_counts_under_the_connection_that_said_it_only) {
    up();
    link_up(1);
    submit(DUET_LIMIT, DUET_BUY, 10, 0);
    link_down();
    say(1, DUET_ORDER_CREATED, 0);
    link_down(); // lost again before it was through
    forget();
    link_up(3);
    happened("?1", "");
    ck_assert_uint_eq(duet_desk_in_doubt(stage.desk), 1);
    down();
}
END_TEST

START_TEST(a_known_order_outlives_the_link_and_is_asked_for) {
    up();
    link_up(1);
    submit(DUET_LIMIT, DUET_BUY, 10, 0);
    say(1, DUET_ORDER_ACCEPTED, 0);
    forget();
    link_down();
    ck_assert_uint_eq(duet_desk_in_doubt(stage.desk), 0);
    link_up(2);
    happened("?1", "");
    fill(1, "while away", 4, 4);
    happened("", "+4@5000 P4");
    down();
}
END_TEST

START_TEST(an_order_refused_before_the_wire_ends_rejected_with_its_reason) {
    up();
    link_up(1);
    submit(DUET_MARKET, DUET_BUY, 10, 0);
    report((struct duet_desk_report){.order_id = 1, .status = DUET_ORDER_REJECTED, .reason_code = DUET_REASON_HALTED});
    happened("s1", "R0(HALTED)");
    down();
}
END_TEST

START_TEST(a_protective_stop_proven_unsent_is_sent_anew) {
    up();
    link_up(1);
    duet_portfolio_protect(stage.portfolio, 0, 0, 0.1);
    submit(DUET_MARKET, DUET_BUY, 10, 0);
    fill(1, "f", 10, 10);
    happened("s1 s2", "A +10@5000 F10");
    restart();
    say(2, DUET_ORDER_CREATED, 0);
    link_up(2);
    happened("s3", "R0(UNSENT_AT_CRASH)");
    ck_assert_int_eq(duet_portfolio_order(stage.portfolio, 3)->stop_price, 4500);
    // Of a stop that waited for the link nothing is in doubt.
    say(3, DUET_ORDER_ACCEPTED, 0);
    link_down();
    forget();
    down();
}
END_TEST

START_TEST(reports_are_asked_for_from_the_first_that_is_missing) {
    up();
    link_up(1);
    submit(DUET_LIMIT, DUET_BUY, 1000, 0);
    ck_assert_uint_eq(duet_desk_reports(stage.desk), 0);
    stage.reports = 0;
    fill(1, "a", 1, 1);
    ck_assert_uint_eq(duet_desk_reports(stage.desk), 1);
    stage.reports = 2;
    fill(1, "c", 1, 3);
    ck_assert_uint_eq(duet_desk_reports(stage.desk), 1);
    stage.reports = 1;
    fill(1, "b", 1, 2);
    ck_assert_uint_eq(duet_desk_reports(stage.desk), 3);
    stage.reports = 1000;
    fill(1, "far", 1, 4);
    ck_assert_uint_eq(duet_desk_reports(stage.desk), 3);
    link_down();
    link_up(2);
    ck_assert_uint_eq(duet_desk_reports(stage.desk), 1001);
    struct duet_desk_counts counts;
    duet_desk_get_counts(stage.desk, &counts);
    uint64_t before = counts.anomalies;
    stage.reports = 500; // the gateway comes back with an old record
    link_down();
    link_up(3);
    duet_desk_get_counts(stage.desk, &counts);
    ck_assert_uint_eq(counts.anomalies, before + 1);
    ck_assert_uint_eq(duet_desk_reports(stage.desk), 500);
    down();
}
END_TEST

/* ------------------------------------------------------------------------------------ cancels and replacements */

START_TEST(a_cancel_is_asked_for_until_the_order_has_ended) {
    up();
    link_up(1);
    submit(DUET_LIMIT, DUET_BUY, 10, 0);
    ck_assert_int_eq(duet_portfolio_cancel(stage.portfolio, 1), DUET_OK);
    happened("s1 x1", "");
    say(1, DUET_ORDER_ACCEPTED, 0);
    link_down();
    admit();
    ck_assert_int_eq(duet_portfolio_cancel(stage.portfolio, 1), DUET_OK);
    duet_bus_drain(stage.bus);
    happened("", "A");
    link_up(2);
    happened("?1 x1", "");
    say(1, DUET_ORDER_CANCELLED, 0);
    happened("", "C0(USER)");
    link_down();
    link_up(3);
    happened("", "");
    down();
}
END_TEST

START_TEST(what_never_left_is_called_back_without_the_gateway) {
    up();
    uint64_t id = submit(DUET_MARKET, DUET_BUY, 10, DUET_LOCAL);
    ck_assert_int_eq(duet_portfolio_cancel(stage.portfolio, id), DUET_OK);
    happened("", "R0(USER)");
    link_up(1);
    happened("", "");
    down();
}
END_TEST

START_TEST(a_replacement_waits_for_the_end_of_what_it_replaces) {
    up();
    link_up(1);
    submit(DUET_LIMIT, DUET_BUY, 10, 0);
    say(1, DUET_ORDER_ACCEPTED, 0);
    forget();
    ck_assert_uint_eq(duet_portfolio_replace(stage.portfolio, 1, 0, 4800, 0, NULL), 2);
    happened("x1", "");
    ck_assert(!duet_desk_may_send(stage.desk, 2, 1));
    // Replaced once more before that: the first replacement never leaves.
    admit();
    ck_assert_uint_eq(duet_portfolio_replace(stage.portfolio, 2, 0, 4700, 0, NULL), 3);
    duet_bus_drain(stage.bus);
    happened("", "R0(REPLACED)");
    say(1, DUET_ORDER_CANCELLED, 0);
    happened("s3", "C0(REPLACED)");
    down();
}
END_TEST

START_TEST(a_replacement_of_what_has_filled_meanwhile_never_leaves) {
    up();
    link_up(1);
    submit(DUET_LIMIT, DUET_BUY, 10, 0);
    say(1, DUET_ORDER_ACCEPTED, 0);
    duet_portfolio_replace(stage.portfolio, 1, 0, 4800, 0, NULL);
    forget();
    fill(1, "f", 10, 10);
    happened("", "+10@5000 F10 R0(TOO_LATE)");
    submit(DUET_LIMIT, DUET_BUY, 10, 0);
    duet_portfolio_replace(stage.portfolio, 3, 0, 4800, 0, NULL);
    fill(3, "g", 4, 4);
    forget();
    say(3, DUET_ORDER_CANCELLED, 4); // the rest of it is gone, but the new one would be 4 too many
    happened("", "C4(REPLACED) R0(TOO_LATE)");
    down();
}
END_TEST

START_TEST(a_replacement_does_not_outlast_an_outage_and_what_it_was_to_replace_does) {
    up();
    link_up(1);
    submit(DUET_LIMIT, DUET_BUY, 10, 0);
    say(1, DUET_ORDER_ACCEPTED, 0);
    link_down();
    forget();
    admit();
    duet_portfolio_replace(stage.portfolio, 1, 0, 4800, 0, NULL);
    duet_bus_drain(stage.bus);
    happened("", "R0(DISCONNECTED)");
    link_up(2);
    happened("?1", ""); // and no cancel
    admit();
    duet_portfolio_replace(stage.portfolio, 1, 0, 4800, 0, NULL);
    duet_bus_drain(stage.bus);
    happened("x1", "");
    link_down(); // before the old one was gone
    happened("", "R0(DISCONNECTED)");
    link_up(3);
    happened("?1", ""); // it stays
    down();
}
END_TEST

START_TEST(a_stop_that_is_moved_while_it_fills_is_still_there_for_the_rest) {
    up();
    link_up(1);
    submit(DUET_MARKET, DUET_SELL, 10, 0);
    report((struct duet_desk_report){.order_id = 1,
        .sequence = ++stage.reports,
        .status = DUET_ORDER_PARTIALLY_FILLED,
        .side = DUET_SELL,
        .fill_id = "e",
        .fill_quantity = 10,
        .fill_price = 5000,
        .cumulative = 10});
    submit(DUET_STOP, DUET_BUY, 10, DUET_REDUCE_ONLY);
    say(2, DUET_ORDER_ACCEPTED, 0);
    duet_portfolio_replace(stage.portfolio, 2, 0, 0, 5050, NULL);
    fill(2, "f", 4, 4);
    forget();
    say(2, DUET_ORDER_CANCELLED, 4);
    happened("s3", "C4(REPLACED)"); // the gateway cuts it to the 6 that are left
    ck_assert_int_eq(duet_portfolio_order(stage.portfolio, 3)->stop_price, 5050);
    down();
}
END_TEST

/* ------------------------------------------------------------------------------------------------------ saving */

static struct duet_text saved_state(void) {
    struct duet_text text = {0};
    duet_desk_save(stage.desk, &text);
    return text;
}

/** A desk of its own that has taken `text`, in place of the one that made it. */
static void load(const struct duet_text *text) {
    duet_component_stop(duet_desk_component(stage.desk));
    ck_assert_int_eq(duet_component_reset(duet_desk_component(stage.desk)), DUET_OK);
    const unsigned char *bytes = (const unsigned char *)text->text;
    size_t size = text->length;
    ck_assert_int_eq(duet_desk_load(stage.desk, &bytes, &size), DUET_OK);
    ck_assert_uint_eq(size, 0);
    ck_assert_int_eq(duet_component_start(duet_desk_component(stage.desk)), DUET_OK);
}

START_TEST(a_saved_desk_goes_on_as_if_it_had_never_stopped) {
    struct duet_rng rng;
    duet_rng_seed(&rng, 7);
    up();
    link_up(1);
    uint64_t epoch = 1, last = 0;
    for (int i = 0; i < 3000; i++) {
        uint64_t id = last == 0 ? 0 : last - duet_rng_below(&rng, last < 5 ? last : 5);
        switch (duet_rng_below(&rng, 8)) {
        case 0:
        case 1:
            last = submit(DUET_LIMIT, DUET_BUY, 10, 0);
            break;
        case 2:
            (void)duet_portfolio_cancel(stage.portfolio, id);
            break;
        case 3:
            link_down();
            link_up(++epoch);
            break;
        case 4: {
            char name[16];
            snprintf(name, sizeof(name), "f%d", i);
            const struct duet_order *order = duet_portfolio_order(stage.portfolio, id);
            fill(id, name, 3, order != NULL ? order->filled + 3 : 3);
            break;
        }
        default:
            say(id, (enum duet_order_status)duet_rng_below(&rng, DUET_ORDER_STATUS_COUNT), 0);
        }
        forget();
        if (i % 100 == 0) {
            struct duet_text first = saved_state();
            load(&first);
            struct duet_text again = saved_state();
            ck_assert_uint_eq(first.length, again.length);
            ck_assert_int_eq(memcmp(first.text, again.text, first.length), 0);
            duet_text_finish(&first);
            duet_text_finish(&again);
        }
    }
    down();
}
END_TEST

START_TEST(a_damaged_state_is_refused) {
    up();
    link_up(1);
    submit(DUET_LIMIT, DUET_BUY, 10, 0);
    fill(1, "f", 4, 4);
    struct duet_text text = saved_state();
    duet_component_stop(duet_desk_component(stage.desk));
    for (size_t cut = 0; cut < text.length; cut++) {
        ck_assert_int_eq(duet_component_reset(duet_desk_component(stage.desk)), DUET_OK);
        const unsigned char *bytes = (const unsigned char *)text.text;
        size_t size = cut;
        ck_assert_int_eq(duet_desk_load(stage.desk, &bytes, &size), DUET_EDATA);
    }
    text.text[0] = 'X';
    ck_assert_int_eq(duet_component_reset(duet_desk_component(stage.desk)), DUET_OK);
    const unsigned char *bytes = (const unsigned char *)text.text;
    size_t size = text.length;
    ck_assert_int_eq(duet_desk_load(stage.desk, &bytes, &size), DUET_EDATA);
    duet_text_finish(&text);
    down();
}
END_TEST

START_TEST(memory_does_not_grow_with_the_number_of_orders) {
    up();
    link_up(1);
    for (uint64_t id = 1; id <= 20000; id++) {
        ck_assert_uint_eq(submit(DUET_LIMIT, DUET_BUY, 10, 0), id);
        say(id, DUET_ORDER_CANCELLED, 0);
        forget();
    }
    struct duet_text text = saved_state();
    ck_assert_uint_lt(text.length, 4096 * 112);
    duet_text_finish(&text);
    down();
}
END_TEST

DUET_TEST_MAIN("desk_link", NULL, nothing_goes_out_while_the_link_is_down_but_what_limits_a_loss_waits,
    an_order_in_doubt_is_never_sent_again, what_the_gateway_says_while_it_reconciles_decides_an_order_in_doubt,
    unknown_counts_under_the_connection_that_said_it_only, a_known_order_outlives_the_link_and_is_asked_for,
    an_order_refused_before_the_wire_ends_rejected_with_its_reason, a_protective_stop_proven_unsent_is_sent_anew,
    reports_are_asked_for_from_the_first_that_is_missing, a_cancel_is_asked_for_until_the_order_has_ended,
    what_never_left_is_called_back_without_the_gateway, a_replacement_waits_for_the_end_of_what_it_replaces,
    a_replacement_of_what_has_filled_meanwhile_never_leaves,
    a_stop_that_is_moved_while_it_fills_is_still_there_for_the_rest,
    a_replacement_does_not_outlast_an_outage_and_what_it_was_to_replace_does,
    a_saved_desk_goes_on_as_if_it_had_never_stopped, a_damaged_state_is_refused,
    memory_does_not_grow_with_the_number_of_orders)
