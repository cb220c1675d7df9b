/* The gateway desk: every pair of what is known of an order and what the gateway may say of it; fills in any order. */
#include "broker/desk_stage.h"

/* --------------------------------------------------------------------------------- every state, every report */

enum state { HELD, DOUBT_DOWN, DOUBT_UP, ACCEPTED, TRIGGERED, PARTIAL, FILLED, CANCELLED, EXPIRED, REJECTED, STATES };

/** Bring a stop order for 10 into a state; returns what has filled. */
static int64_t bring(enum state state) {
    up();
    link_up(1);
    ck_assert_uint_eq(submit(DUET_STOP, DUET_BUY, 10, 0), 1);
    if (state == DOUBT_DOWN || state == DOUBT_UP) {
        link_down();
    }
    if (state == DOUBT_UP) {
        link_up(2);
    }
    if (state >= ACCEPTED && state != REJECTED) {
        say(1, DUET_ORDER_ACCEPTED, 0);
    }
    if (state == REJECTED) {
        say(1, DUET_ORDER_REJECTED, 0);
    } else if (state == TRIGGERED) {
        say(1, DUET_ORDER_TRIGGERED, 0);
    } else if (state == PARTIAL || state == FILLED) {
        fill(1, "f1", 4, 4);
    } else if (state == CANCELLED || state == EXPIRED) {
        say(1, state == CANCELLED ? DUET_ORDER_CANCELLED : DUET_ORDER_EXPIRED, 0);
    }
    if (state == FILLED) {
        fill(1, "f2", 6, 10);
    }
    forget();
    return state == PARTIAL ? 4 : state == FILLED ? 10 : 0;
}

enum said { UNKNOWN, PENDING, ACCEPT, TRIGGER, PARTLY, WHOLLY, FILL_3, FILL_REST, CANCEL, EXPIRE, REJECT, SAIDS };

static void speak(enum said said, int64_t filled) {
    static const uint8_t statuses[SAIDS] = {[UNKNOWN] = DUET_ORDER_CREATED,
        [PENDING] = DUET_ORDER_SUBMITTED,
        [ACCEPT] = DUET_ORDER_ACCEPTED,
        [TRIGGER] = DUET_ORDER_TRIGGERED,
        [CANCEL] = DUET_ORDER_CANCELLED,
        [EXPIRE] = DUET_ORDER_EXPIRED,
        [REJECT] = DUET_ORDER_REJECTED};
    int64_t rest = filled < 10 ? 10 - filled : 1;
    switch (said) {
    case PARTLY:
        say(1, DUET_ORDER_PARTIALLY_FILLED, 4);
        break;
    case WHOLLY:
        say(1, DUET_ORDER_FILLED, 10);
        break;
    case FILL_3:
        fill(1, "new", 3, filled + 3);
        break;
    case FILL_REST:
        fill(1, "new", rest, filled + rest);
        break;
    default:
        say(1, statuses[said], filled);
    }
}

/** Effects | events, worked out from the rules of broker/desk.h. */
static const char *const expected[STATES][SAIDS] = {
    // clang-format off
    // unknown, pending, accepted, triggered, partly, wholly;
    //     3 more, the rest, cancelled, expired, rejected
    [HELD] = {"|", "|", "|A", "|A T", "?1|! A", "?1|! A",
        "|A +3@5000 P3", "|A +10@5000 F10", "|A C0(BROKER)", "|A E0(TIME)", "|R0(BROKER)"},
    [DOUBT_DOWN] = {"|", "|", "|A", "|A T", "?1|! A", "?1|! A",
        "|A +3@5000 P3", "|A +10@5000 F10", "|A C0(BROKER)", "|A E0(TIME)", "|R0(BROKER)"},
    [DOUBT_UP] = {"|R0(UNSENT_AT_CRASH)", "|", "|A", "|A T", "?1|! A", "?1|! A",
        "|A +3@5000 P3", "|A +10@5000 F10", "|A C0(BROKER)", "|A E0(TIME)", "|R0(BROKER)"},
    [ACCEPTED] = {"|!", "|", "|", "|T", "?1|!", "?1|!",
        "|+3@5000 P3", "|+10@5000 F10", "|C0(BROKER)", "|E0(TIME)", "|C0(BROKER)"},
    [TRIGGERED] = {"|!", "|", "|", "|", "?1|!", "?1|!",
        "|+3@5000 P3", "|+10@5000 F10", "|C0(BROKER)", "|E0(TIME)", "|C0(BROKER)"},
    [PARTIAL] = {"|!", "|", "|", "|", "|", "?1|!",
        "|+3@5000 P7", "|+6@5000 F10", "|C4(BROKER)", "|E4(TIME)", "|C4(BROKER)"},
    [FILLED] = {"|", "|", "|", "|", "|", "|",
        "|! +3@5000L F13", "|! +1@5000L F11", "|", "|", "|"},
    [CANCELLED] = {"|", "|", "|", "|", "?1|!", "?1|!",
        "|+3@5000L C3", "|+10@5000L F10", "|", "|", "|"},
    [EXPIRED] = {"|", "|", "|", "|", "?1|!", "?1|!",
        "|+3@5000L E3", "|+10@5000L F10", "|", "|", "|"},
    [REJECTED] = {"|", "x1|!", "x1|!", "x1|!", "?1 x1|! !", "?1|!",
        "|! +3@5000L R3", "|! +10@5000L F10", "|", "|", "|"},
    // clang-format on
};

START_TEST(every_report_in_every_state_does_what_the_table_says) {
    for (int state = 0; state < STATES; state++) {
        for (int said = 0; said < SAIDS; said++) {
            int64_t filled = bring((enum state)state);
            speak((enum said)said, filled);
            char line[256];
            snprintf(line, sizeof(line), "%s|%s", stage.effects, stage.events);
            ck_assert_msg(strcmp(line, expected[state][said]) == 0, "state %d, report %d: %s, not %s", state, said,
                line, expected[state][said]);
            ck_assert_msg(stage.anomaly == (strchr(line, '!') != NULL), "state %d, report %d", state, said);
            down();
        }
    }
}
END_TEST

START_TEST(the_same_report_again_changes_nothing) {
    for (int state = 0; state < STATES; state++) {
        for (int said = 0; said < SAIDS; said++) {
            int64_t filled = bring((enum state)state);
            speak((enum said)said, filled);
            int64_t net = stage.net;
            forget();
            speak((enum said)said, filled);
            ck_assert_int_eq(stage.net, net);
            ck_assert_msg(
                strpbrk(stage.events, "ATPFCER+") == NULL, "state %d, report %d: %s", state, said, stage.events);
            down();
        }
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------------- fills */

START_TEST(a_fill_id_is_booked_once_and_may_not_change) {
    up();
    link_up(1);
    submit(DUET_MARKET, DUET_BUY, 10, 0);
    fill(1, "f", 4, 4);
    happened("s1", "A +4@5000 P4");
    fill(1, "f", 4, 4);
    happened("", "");
    ck_assert(!stage.anomaly);
    fill(1, "f", 5, 9);
    happened("", "!");
    ck_assert(stage.anomaly);
    struct duet_desk_counts counts;
    duet_desk_get_counts(stage.desk, &counts);
    ck_assert_uint_eq(counts.fills, 1);
    ck_assert_uint_eq(counts.duplicates, 2);
    ck_assert_uint_eq(counts.anomalies, 1);
    down();
}
END_TEST

START_TEST(fills_that_arrive_in_the_wrong_order_are_all_booked) {
    up();
    link_up(1);
    submit(DUET_MARKET, DUET_BUY, 10, 0);
    fill(1, "third", 3, 10);
    happened("s1 ?1", "A +3@5000 ! P3"); // asked for what is missing
    fill(1, "first", 5, 5);
    happened("", "+5@5000 P8");
    ck_assert(!stage.anomaly);
    say(1, DUET_ORDER_FILLED, 10); // not before its fills
    happened("", "");
    fill(1, "second", 2, 7);
    happened("", "+2@5000 F10");
    down();
}
END_TEST

START_TEST(an_end_waits_for_the_fills_that_came_before_it) {
    up();
    link_up(1);
    submit(DUET_LIMIT, DUET_BUY, 10, 0);
    say(1, DUET_ORDER_ACCEPTED, 0);
    forget();
    say(1, DUET_ORDER_CANCELLED, 4);
    happened("?1", "!");
    fill(1, "f", 4, 4);
    happened("", "+4@5000 P4");
    say(1, DUET_ORDER_CANCELLED, 4);
    happened("", "C4(BROKER)");
    down();
}
END_TEST

START_TEST(a_cancel_may_carry_the_last_fill) {
    up();
    link_up(1);
    submit(DUET_LIMIT, DUET_BUY, 10, 0);
    report((struct duet_desk_report){.order_id = 1,
        .status = DUET_ORDER_CANCELLED,
        .fill_id = "f",
        .fill_quantity = 4,
        .fill_price = 4900,
        .cumulative = 4});
    happened("s1", "A +4@4900 P4 C4(BROKER)");
    down();
}
END_TEST

START_TEST(a_fill_forgotten_long_ago_is_known_by_the_cumulative_quantity) {
    up();
    link_up(1);
    submit(DUET_LIMIT, DUET_BUY, 1000000, 0);
    say(1, DUET_ORDER_ACCEPTED, 0);
    for (int i = 1; i <= 5000; i++) {
        char id[16];
        snprintf(id, sizeof(id), "f%d", i);
        forget();
        fill(1, id, 1, i);
    }
    forget();
    fill(1, "f1", 1, 1);
    happened("", "!");
    fill(1, "f5000", 1, 5000);
    happened("", "");
    ck_assert_int_eq(stage.net, 5000);
    down();
}
END_TEST

START_TEST(what_cannot_be_is_refused) {
    up();
    link_up(1);
    submit(DUET_MARKET, DUET_BUY, 10, 0);
    forget();
    const struct duet_desk_report bad[] = {
        {.order_id = 2, .status = DUET_ORDER_ACCEPTED},
        {.order_id = 0, .status = DUET_ORDER_ACCEPTED},
        {.order_id = 1, .status = 99},
        {.order_id = 1, .status = DUET_ORDER_DENIED},
        {.order_id = 1, .status = DUET_ORDER_ACCEPTED, .side = DUET_SELL},
        {.order_id = 1, .status = DUET_ORDER_ACCEPTED, .instrument = 1},
        {.order_id = 1, .status = DUET_ORDER_ACCEPTED, .cumulative = -1},
        {.order_id = 1, .status = DUET_ORDER_ACCEPTED, .cumulative = INT64_MAX},
        {.order_id = 1, .status = DUET_ORDER_FILLED, .fill_quantity = 1, .cumulative = 1},
        {.order_id = 1, .status = DUET_ORDER_FILLED, .fill_quantity = -1, .cumulative = 1, .fill_id = "x"},
        {.order_id = 1, .status = DUET_ORDER_FILLED, .fill_quantity = INT64_MAX, .cumulative = 1, .fill_id = "x"},
        {.order_id = 1, .status = DUET_ORDER_FILLED, .fill_quantity = 5, .cumulative = 4, .fill_id = "x"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        report(bad[i]);
        ck_assert_msg(stage.anomaly, "%d", (int)i);
        happened("", "!");
    }
    down();
}
END_TEST

DUET_TEST_MAIN("desk", NULL, every_report_in_every_state_does_what_the_table_says,
    the_same_report_again_changes_nothing, a_fill_id_is_booked_once_and_may_not_change,
    fills_that_arrive_in_the_wrong_order_are_all_booked, an_end_waits_for_the_fills_that_came_before_it,
    a_cancel_may_carry_the_last_fill, a_fill_forgotten_long_ago_is_known_by_the_cumulative_quantity,
    what_cannot_be_is_refused)
