/*
 * What the bus promises to those who subscribe and publish. Receivers append to `trace`, so a test ends by comparing
 * one line.
 */
#include <duet/bus.h>

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "support/suite.h"

static struct duet_bus *bus;
static struct duet_log bus_log;
static char last_line[1024];
static char trace[8192];

static void keep_line(void *argument, enum duet_log_severity severity, const char *line) {
    (void)argument;
    (void)severity;
    snprintf(last_line, sizeof(last_line), "%s", line);
}

static void note(const char *text) {
    size_t used = strlen(trace);
    snprintf(trace + used, sizeof(trace) - used, "%s ", text);
}

static void fresh_bus_of(uint32_t queue_events) {
    trace[0] = last_line[0] = '\0';
    bus_log = (struct duet_log){.threshold = DUET_SEVERITY_DEBUG, .sink = keep_line};
    const struct duet_bus_options options = {.context_id = 7, .queue_events = queue_events, .log = &bus_log};
    ck_assert_int_eq(duet_bus_create(&options, &bus), DUET_OK);
}
static void fresh_bus(void) {
    fresh_bus_of(64);
}
static void destroy_bus(void) {
    duet_bus_destroy(bus);
    bus = NULL;
}

static struct duet_event custom(uint32_t tag) {
    return (struct duet_event){
        .type = DUET_EVENT_CUSTOM, .custom = {.size = sizeof(struct duet_custom_event), .tag = tag}};
}
static enum duet_publish input(uint32_t tag, int64_t time_ns) {
    struct duet_event event = custom(tag);
    return duet_bus_input(bus, &event, time_ns);
}
static struct duet_event of_type(enum duet_event_type type) {
    return (struct duet_event){.type = (uint16_t)type};
}
static struct duet_bus_counts counts(void) {
    struct duet_bus_counts out;
    duet_bus_get_counts(bus, &out);
    return out;
}

/** A receiver with a name; notes "NAME:tag", then does what the test tells it to. */
struct hearer {
    const char *name;
    enum duet_status answer;
    void (*act)(struct hearer *hearer, const struct duet_event *event);
    uint64_t handle;
    struct hearer *other;
    unsigned calls;
    struct duet_event last;
};
static enum duet_status hear(void *receiver, const struct duet_event *event) {
    struct hearer *hearer = receiver;
    hearer->calls++;
    hearer->last = *event;
    char text[64];
    snprintf(text, sizeof(text), "%s:%u", hearer->name, event->type == DUET_EVENT_CUSTOM ? event->custom.tag : 0u);
    note(text);
    if (hearer->act != NULL) {
        hearer->act(hearer, event);
    }
    return hearer->answer;
}
static enum duet_status count_only(void *receiver, const struct duet_event *event) {
    struct hearer *hearer = receiver;
    hearer->calls++;
    hearer->last = *event;
    return DUET_OK;
}
static void attach(struct hearer *hearer, enum duet_event_type type) {
    ck_assert_int_eq(duet_bus_subscribe(bus, type, hear, hearer, hearer, &hearer->handle), DUET_OK);
}

/* ---- delivery ---- */

START_TEST(delivers_in_the_order_of_subscription) {
    struct hearer a = {.name = "a"}, b = {.name = "b"}, c = {.name = "c"};
    attach(&b, DUET_EVENT_CUSTOM);
    attach(&a, DUET_EVENT_CUSTOM);
    attach(&c, DUET_EVENT_CUSTOM);
    ck_assert_int_eq(input(1, 10), DUET_PUBLISH_DELIVERED);
    ck_assert_str_eq(trace, "b:1 a:1 c:1 ");
    destroy_bus();
}
END_TEST

START_TEST(tells_no_subscriber_delivered_and_failed_apart) {
    struct hearer good = {.name = "good"}, bad = {.name = "bad", .answer = DUET_EIO};
    ck_assert_int_eq(input(1, 1), DUET_PUBLISH_NO_SUBSCRIBER);
    attach(&good, DUET_EVENT_CUSTOM);
    ck_assert_int_eq(input(2, 2), DUET_PUBLISH_DELIVERED);
    attach(&bad, DUET_EVENT_CUSTOM);
    ck_assert_int_eq(input(3, 3), DUET_PUBLISH_DELIVERED_WITH_FAILURES); // some
    ck_assert_int_eq(duet_bus_unsubscribe(bus, good.handle), DUET_OK);
    ck_assert_int_eq(input(4, 4), DUET_PUBLISH_DELIVERED_WITH_FAILURES); // all
    struct duet_event event = custom(5);
    ck_assert_int_eq(duet_bus_publish(bus, &event), DUET_PUBLISH_DELIVERED_WITH_FAILURES);
    destroy_bus();
}
END_TEST

START_TEST(refuses_events_without_a_type_of_an_unknown_type_and_inputs) {
    struct hearer errors = {.name = "error"};
    attach(&errors, DUET_EVENT_ERROR);
    const unsigned types[] = {DUET_EVENT_NONE, DUET_EVENT_TYPE_COUNT, UINT16_MAX, DUET_EVENT_BAR, DUET_EVENT_TRADE,
        DUET_EVENT_QUOTE, DUET_EVENT_OPENING, DUET_EVENT_INSTANT};
    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct duet_event event = {.type = (uint16_t)types[i]};
        ck_assert_int_eq(duet_bus_publish(bus, &event), DUET_PUBLISH_REFUSED);
        ck_assert_uint_eq(errors.calls, i + 1);
        ck_assert_int_eq(errors.last.error.error_type, DUET_EINVAL);
    }
    struct duet_event none = of_type(DUET_EVENT_NONE);
    ck_assert_int_eq(duet_bus_input(bus, &none, 1), DUET_PUBLISH_REFUSED);
    ck_assert_uint_eq(counts().refused, 9);
    ck_assert_int_eq(duet_bus_subscribe(bus, DUET_EVENT_NONE, hear, &errors, NULL, NULL), DUET_EINVAL);
    ck_assert_int_eq(duet_bus_subscribe(bus, DUET_EVENT_TYPE_COUNT, hear, &errors, NULL, NULL), DUET_EINVAL);
    destroy_bus();
}
END_TEST

START_TEST(a_failing_handler_does_not_stop_later_ones_and_yields_one_error) {
    struct hearer bad = {.name = "bad", .answer = DUET_EDATA}, good = {.name = "good"}, errors = {.name = "error"};
    attach(&bad, DUET_EVENT_CUSTOM);
    attach(&good, DUET_EVENT_CUSTOM);
    attach(&errors, DUET_EVENT_ERROR);
    ck_assert_int_eq(input(1, 1), DUET_PUBLISH_DELIVERED_WITH_FAILURES);
    ck_assert_str_eq(trace, "bad:1 good:1 error:0 ");
    ck_assert_int_eq(errors.last.error.error_type, DUET_EDATA);
    ck_assert_uint_eq(errors.last.cause_sequence, 1);
    ck_assert_uint_eq(counts().failed, 1);
    ck_assert_ptr_nonnull(strstr(last_line, "handler-failed"));
    destroy_bus();
}
END_TEST

START_TEST(an_error_inside_an_error_is_only_logged_and_counted) {
    struct hearer bad = {.name = "bad", .answer = DUET_EDATA}, errors = {.name = "error", .answer = DUET_EIO};
    attach(&bad, DUET_EVENT_CUSTOM);
    attach(&errors, DUET_EVENT_ERROR);
    (void)input(1, 1);
    ck_assert_str_eq(trace, "bad:1 error:0 ");
    ck_assert_uint_eq(counts().failed, 2);
    ck_assert_uint_eq(bus_log.counts[DUET_SEVERITY_WARN], 2);
    destroy_bus();
}
END_TEST

static void publish_invalid(struct hearer *hearer, const struct duet_event *event) {
    struct duet_event none = of_type(DUET_EVENT_NONE);
    ck_assert_int_eq(duet_bus_publish(bus, &none), DUET_PUBLISH_REFUSED);
}
START_TEST(a_refusal_inside_an_error_raises_no_error) {
    struct hearer bad = {.name = "bad", .answer = DUET_EDATA}, errors = {.name = "error", .act = publish_invalid};
    attach(&bad, DUET_EVENT_CUSTOM);
    attach(&errors, DUET_EVENT_ERROR);
    (void)input(1, 1);
    ck_assert_str_eq(trace, "bad:1 error:0 ");
    ck_assert_uint_eq(counts().refused, 1);
    destroy_bus();
}
END_TEST

/* ---- order and causes ---- */

static void publish_two(struct hearer *hearer, const struct duet_event *event) {
    if (event->custom.tag < 10) {
        for (uint32_t i = 1; i <= 2; i++) {
            struct duet_event next = custom(event->custom.tag * 10 + i);
            ck_assert_int_eq(duet_bus_publish(bus, &next), DUET_PUBLISH_QUEUED);
        }
    }
}
START_TEST(a_publish_inside_a_handler_waits_for_all_handlers_of_the_current_event) {
    struct hearer a = {.name = "a", .act = publish_two}, b = {.name = "b"};
    attach(&a, DUET_EVENT_CUSTOM);
    attach(&b, DUET_EVENT_CUSTOM);
    (void)input(1, 1);
    ck_assert_str_eq(trace, "a:1 b:1 a:11 b:11 a:12 b:12 ");
    destroy_bus();
}
END_TEST

START_TEST(a_publish_outside_is_delivered_with_what_it_causes_before_it_returns) {
    struct hearer a = {.name = "a", .act = publish_two};
    attach(&a, DUET_EVENT_CUSTOM);
    struct duet_event event = custom(2);
    ck_assert_int_eq(duet_bus_publish(bus, &event), DUET_PUBLISH_DELIVERED);
    ck_assert_str_eq(trace, "a:2 a:21 a:22 ");
    destroy_bus();
}
END_TEST

START_TEST(a_publish_between_admit_and_drain_waits_for_the_drain) {
    struct hearer a = {.name = "a"};
    attach(&a, DUET_EVENT_CUSTOM);
    struct duet_event root = custom(1), report = custom(2);
    duet_bus_admit(bus, &root, 5);
    ck_assert_int_eq(duet_bus_publish(bus, &report), DUET_PUBLISH_QUEUED);
    ck_assert_str_eq(trace, "");
    duet_bus_drain(bus);
    ck_assert_str_eq(trace, "a:2 ");
    ck_assert_uint_eq(a.last.cause_sequence, root.sequence);
    ck_assert_int_eq(duet_bus_dispatch(bus, &root), DUET_PUBLISH_DELIVERED);
    ck_assert_str_eq(trace, "a:2 a:1 ");
    destroy_bus();
}
END_TEST

static void publish_chain(struct hearer *hearer, const struct duet_event *event) {
    if (event->custom.tag < 3) {
        struct duet_event next = custom(event->custom.tag + 1);
        (void)duet_bus_publish(bus, &next);
    }
}
static struct duet_event heard[64];
static unsigned heard_count;
static void keep_heard(void *argument, const struct duet_event *event) {
    if (heard_count < 64) {
        heard[heard_count++] = *event;
    }
}
START_TEST(the_header_tells_time_sequence_cause_depth_and_context) {
    heard_count = 0;
    struct hearer a = {.name = "a", .act = publish_chain};
    attach(&a, DUET_EVENT_CUSTOM);
    duet_bus_tap(bus, keep_heard, NULL);
    struct duet_event root = custom(1);
    root.event_ns = 40;
    (void)duet_bus_input(bus, &root, 50);
    (void)input(3, 60);
    ck_assert_uint_eq(heard_count, 4);
    const uint64_t causes[] = {0, 1, 2, 0};
    const unsigned hops[] = {0, 1, 2, 0};
    const int64_t times[] = {50, 50, 50, 60}, stamps[] = {40, 50, 50, 60};
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_uint_eq(heard[i].sequence, i + 1);
        ck_assert_uint_eq(heard[i].cause_sequence, causes[i]);
        ck_assert_uint_eq(heard[i].hop, hops[i]);
        ck_assert_int_eq(heard[i].time_ns, times[i]);
        ck_assert_int_eq(heard[i].event_ns, stamps[i]);
        ck_assert_uint_eq(heard[i].context_id, 7);
    }
    ck_assert_uint_eq(counts().inputs, 2);
    ck_assert_uint_eq(counts().derived, 2);
    destroy_bus();
}
END_TEST

START_TEST(publishing_leaves_the_callers_event_alone) {
    struct hearer a = {.name = "a"};
    attach(&a, DUET_EVENT_CUSTOM);
    struct duet_event event = custom(1);
    const struct duet_event before = event;
    (void)duet_bus_publish(bus, &event);
    ck_assert_int_eq(memcmp(&event, &before, sizeof(event)), 0);
    destroy_bus();
}
END_TEST

START_TEST(time_never_goes_back) {
    struct hearer a = {.name = "a"};
    attach(&a, DUET_EVENT_CUSTOM);
    ck_assert_int_eq(duet_bus_now_ns(bus), 0);
    (void)input(1, -500);
    ck_assert_int_eq(duet_bus_now_ns(bus), -500);
    (void)input(2, 100);
    (void)input(3, 99);
    ck_assert_int_eq(a.last.time_ns, 100);
    ck_assert_int_eq(duet_bus_now_ns(bus), 100);
    destroy_bus();
}
END_TEST

static void input_inside(struct hearer *hearer, const struct duet_event *event) {
    struct duet_event next = custom(9);
    ck_assert_int_eq(duet_bus_input(bus, &next, 100), DUET_PUBLISH_REFUSED);
}
START_TEST(an_input_inside_a_handler_is_refused) {
    struct hearer a = {.name = "a", .act = input_inside}, errors = {.name = "error"};
    attach(&a, DUET_EVENT_CUSTOM);
    attach(&errors, DUET_EVENT_ERROR);
    (void)input(1, 1);
    ck_assert_str_eq(trace, "a:1 error:0 ");
    destroy_bus();
}
END_TEST

START_TEST(markers_take_no_sequence_and_leave_hash_and_tap_alone) {
    heard_count = 0;
    struct hearer instant = {.name = "instant"}, life = {.name = "life"};
    attach(&instant, DUET_EVENT_INSTANT);
    attach(&life, DUET_EVENT_LIFECYCLE);
    duet_bus_tap(bus, keep_heard, NULL);
    (void)input(1, 1);
    uint64_t hash = duet_bus_event_hash(bus);
    struct duet_event marker = of_type(DUET_EVENT_INSTANT), lifecycle = of_type(DUET_EVENT_LIFECYCLE);
    ck_assert_int_eq(duet_bus_input(bus, &marker, 2), DUET_PUBLISH_DELIVERED);
    ck_assert_int_eq(duet_bus_publish(bus, &lifecycle), DUET_PUBLISH_DELIVERED);
    ck_assert_uint_eq(instant.last.sequence, 0);
    ck_assert_uint_eq(instant.last.cause_sequence, 1);
    ck_assert_uint_eq(life.last.cause_sequence, 1);
    ck_assert_uint_eq(duet_bus_event_hash(bus), hash);
    ck_assert_uint_eq(heard_count, 1);
    (void)input(2, 3);
    ck_assert_uint_eq(heard[1].sequence, 2);
    destroy_bus();
}
END_TEST

/* ---- subscribing and leaving ---- */

static void attach_other(struct hearer *hearer, const struct duet_event *event) {
    if (event->custom.tag == 1) {
        attach(hearer->other, DUET_EVENT_CUSTOM);
    }
}
START_TEST(a_subscription_takes_effect_from_the_next_dispatch) {
    struct hearer late = {.name = "late"}, a = {.name = "a", .act = attach_other, .other = &late};
    attach(&a, DUET_EVENT_CUSTOM);
    (void)input(1, 1);
    (void)input(2, 2);
    ck_assert_str_eq(trace, "a:1 a:2 late:2 ");
    destroy_bus();
}
END_TEST

static void leave(struct hearer *hearer, const struct duet_event *event) {
    ck_assert_int_eq(duet_bus_unsubscribe(bus, hearer->handle), DUET_OK);
}
static void end_other(struct hearer *hearer, const struct duet_event *event) {
    if (hearer->other->handle != 0) {
        ck_assert_int_eq(duet_bus_unsubscribe(bus, hearer->other->handle), DUET_OK);
        hearer->other->handle = 0;
    }
}
START_TEST(a_handler_may_end_itself_an_earlier_and_a_later_one_during_dispatch) {
    struct hearer a = {.name = "a"}, self = {.name = "self", .act = leave}, b = {.name = "b", .act = end_other},
                  c = {.name = "c"}, d = {.name = "d", .act = end_other};
    b.other = &c; // later: not called any more
    d.other = &a; // earlier: has been called
    struct hearer *const all[] = {&a, &self, &b, &c, &d};
    for (unsigned i = 0; i < 5; i++) {
        attach(all[i], DUET_EVENT_CUSTOM);
    }
    (void)input(1, 1);
    ck_assert_str_eq(trace, "a:1 self:1 b:1 d:1 ");
    ck_assert_uint_eq(duet_bus_subscriber_count(bus, DUET_EVENT_CUSTOM), 2);
    (void)input(2, 2);
    ck_assert_str_eq(trace, "a:1 self:1 b:1 d:1 b:2 d:2 ");
    destroy_bus();
}
END_TEST

static void end_and_free_other(struct hearer *hearer, const struct duet_event *event) {
    if (hearer->other != NULL) {
        (void)duet_bus_unsubscribe(bus, hearer->other->handle);
        free(hearer->other);
        hearer->other = NULL;
    }
}
START_TEST(a_receiver_can_be_freed_as_soon_as_it_is_unsubscribed) {
    struct hearer *freed = calloc(1, sizeof(*freed));
    freed->name = "freed";
    struct hearer a = {.name = "a", .act = end_and_free_other, .other = freed};
    attach(&a, DUET_EVENT_CUSTOM);
    attach(freed, DUET_EVENT_CUSTOM);
    (void)input(1, 1);
    (void)input(2, 2);
    ck_assert_str_eq(trace, "a:1 a:2 ");
    destroy_bus();
}
END_TEST

START_TEST(refuses_the_same_subscription_twice_until_it_has_ended) {
    struct hearer a = {.name = "a"};
    attach(&a, DUET_EVENT_CUSTOM);
    ck_assert_int_eq(duet_bus_subscribe(bus, DUET_EVENT_CUSTOM, hear, &a, NULL, NULL), DUET_EEXIST);
    attach(&(struct hearer){.name = "x"}, DUET_EVENT_TIMER); // another type is another subscription
    uint64_t old = a.handle;
    ck_assert_int_eq(duet_bus_unsubscribe(bus, old), DUET_OK);
    ck_assert_int_eq(duet_bus_unsubscribe(bus, old), DUET_ENOTFOUND);
    attach(&a, DUET_EVENT_CUSTOM);
    ck_assert_int_eq(duet_bus_unsubscribe(bus, old), DUET_ENOTFOUND);
    (void)input(1, 1);
    ck_assert_str_eq(trace, "a:1 ");
    destroy_bus();
}
END_TEST

START_TEST(refuses_one_subscriber_too_many) {
    static struct hearer many[DUET_SUBSCRIBERS_MAX + 1];
    for (unsigned i = 0; i < DUET_SUBSCRIBERS_MAX; i++) {
        many[i].name = "m";
        ck_assert_int_eq(
            duet_bus_subscribe(bus, DUET_EVENT_TIMER, count_only, &many[i], NULL, &many[i].handle), DUET_OK);
    }
    ck_assert_int_eq(
        duet_bus_subscribe(bus, DUET_EVENT_TIMER, count_only, &many[DUET_SUBSCRIBERS_MAX], NULL, NULL), DUET_EFULL);
    struct duet_event timer = of_type(DUET_EVENT_TIMER);
    (void)duet_bus_publish(bus, &timer);
    ck_assert_uint_eq(counts().delivered, DUET_SUBSCRIBERS_MAX);
    destroy_bus();
}
END_TEST

START_TEST(an_owner_can_be_muted_and_ended_as_a_whole) {
    struct hearer a = {.name = "a"}, b = {.name = "b"};
    attach(&a, DUET_EVENT_CUSTOM);
    attach(&a, DUET_EVENT_TIMER);
    attach(&b, DUET_EVENT_CUSTOM);
    duet_bus_mute_owner(bus, &a, true);
    (void)input(1, 1);
    duet_bus_mute_owner(bus, &a, false);
    (void)input(2, 2);
    ck_assert_str_eq(trace, "b:1 a:2 b:2 "); // its place in the order is kept
    ck_assert_uint_eq(duet_bus_unsubscribe_owner(bus, &a), 2);
    ck_assert_uint_eq(duet_bus_unsubscribe_owner(bus, &a), 0);
    (void)input(3, 3);
    ck_assert_str_eq(trace, "b:1 a:2 b:2 b:3 ");
    ck_assert_uint_eq(duet_bus_subscriber_count(bus, DUET_EVENT_TIMER), 0);
    destroy_bus();
}
END_TEST

static void mute_other(struct hearer *hearer, const struct duet_event *event) {
    duet_bus_mute_owner(bus, hearer->other, event->custom.tag % 2 == 1);
}
START_TEST(muting_during_dispatch_takes_effect_at_once) {
    struct hearer b = {.name = "b"}, a = {.name = "a", .act = mute_other, .other = &b};
    attach(&a, DUET_EVENT_CUSTOM);
    attach(&b, DUET_EVENT_CUSTOM);
    (void)input(1, 1);
    (void)input(2, 2);
    ck_assert_str_eq(trace, "a:1 a:2 b:2 ");
    ck_assert_uint_eq(counts().delivered, 3);
    duet_bus_mute_owner(bus, &a, true);
    duet_bus_mute_owner(bus, &b, true);
    ck_assert_int_eq(input(3, 3), DUET_PUBLISH_NO_SUBSCRIBER);
    ck_assert_uint_eq(counts().failed, 0);
    destroy_bus();
}
END_TEST

START_TEST(a_handler_that_ends_itself_and_fails_is_still_a_failure) {
    struct hearer a = {.name = "a", .act = leave, .answer = DUET_ESTATE};
    attach(&a, DUET_EVENT_CUSTOM);
    ck_assert_int_eq(input(1, 1), DUET_PUBLISH_DELIVERED_WITH_FAILURES);
    ck_assert_int_eq(input(2, 2), DUET_PUBLISH_NO_SUBSCRIBER);
    ck_assert_uint_eq(counts().failed, 1);
    ck_assert_uint_eq(duet_bus_subscriber_count(bus, DUET_EVENT_CUSTOM), 0);
    destroy_bus();
}
END_TEST

static enum duet_status hear_bar(void *receiver, const struct duet_event *event) {
    ck_assert_ptr_eq(event->bar, receiver);
    return DUET_OK;
}
START_TEST(a_bar_is_delivered_by_pointer_stamped_and_counted) {
    struct duet_bar bar = {.size = sizeof(bar), .close_ns = 60};
    ck_assert_int_eq(duet_bus_subscribe(bus, DUET_EVENT_BAR, hear_bar, &bar, NULL, NULL), DUET_OK);
    for (int64_t i = 1; i <= 3; i++) {
        // What a reused event still holds must not shine through.
        struct duet_event event = {.type = DUET_EVENT_BAR, .hop = 9, .cause_sequence = 9, .bar = &bar};
        event.event_ns = i == 3 ? 0 : 60;
        ck_assert_int_eq(duet_bus_input(bus, &event, 60 * i), DUET_PUBLISH_DELIVERED);
        ck_assert_uint_eq(event.sequence, (uint64_t)i);
        ck_assert_uint_eq(event.hop, 0);
        ck_assert_uint_eq(event.cause_sequence, 0);
        ck_assert_uint_eq(event.context_id, 7);
        ck_assert_int_eq(event.time_ns, 60 * i);
        ck_assert_int_eq(event.event_ns, i == 3 ? 180 : 60);
    }
    (void)input(1, 200);
    ck_assert_uint_eq(counts().by_type[DUET_EVENT_BAR], 3);
    ck_assert_uint_eq(counts().inputs, 4);
    destroy_bus();
}
END_TEST

/* ---- bounds ---- */

static unsigned queued, refused;
static void flood(struct hearer *hearer, const struct duet_event *event) {
    if (event->custom.tag != 1) {
        return;
    }
    for (unsigned i = 0; i < 200; i++) {
        struct duet_event next = custom(100 + i);
        enum duet_publish result = duet_bus_publish(bus, &next);
        queued += result == DUET_PUBLISH_QUEUED;
        refused += result == DUET_PUBLISH_REFUSED;
    }
    struct duet_event fill = {.type = DUET_EVENT_FILL, .fill = {.order_id = 3}};
    ck_assert_int_eq(duet_bus_publish(bus, &fill), DUET_PUBLISH_QUEUED);
}
START_TEST(a_full_ring_refuses_requests_with_one_error_and_keeps_room_for_reports) {
    struct hearer a = {.name = "a", .act = flood}, errors = {.name = "error"}, fills = {.name = "fill"};
    ck_assert_int_eq(duet_bus_subscribe(bus, DUET_EVENT_CUSTOM, hear, &a, NULL, NULL), DUET_OK);
    attach(&errors, DUET_EVENT_ERROR);
    attach(&fills, DUET_EVENT_FILL);
    queued = refused = 0;
    (void)input(1, 1);
    ck_assert_uint_eq(queued, 56); // 64 less the eighth for reports
    ck_assert_uint_eq(refused, 144);
    ck_assert_uint_eq(errors.calls, 1);
    ck_assert_uint_eq(fills.calls, 1);
    ck_assert_int_eq(errors.last.error.error_type, DUET_EFULL);
    ck_assert_uint_eq(counts().refused, 144);
    ck_assert_uint_eq(counts().queue_peak, 58);
    ck_assert_int_eq(duet_bus_fault(bus), DUET_OK);
    ck_assert_uint_eq(counts().by_type[DUET_EVENT_CUSTOM], 57);
    destroy_bus();
}
END_TEST

static void flood_reports(struct hearer *hearer, const struct duet_event *event) {
    for (unsigned i = 0; event->custom.tag == 1 && i < 65; i++) {
        struct duet_event next = of_type(i == 64 ? (enum duet_event_type)hearer->calls : DUET_EVENT_FILL);
        queued += duet_bus_publish(bus, &next) == DUET_PUBLISH_QUEUED;
    }
}
START_TEST(a_report_without_room_faults_the_bus) {
    const enum duet_event_type types[] = {DUET_EVENT_FILL, DUET_EVENT_ORDER_STATUS};
    for (unsigned i = 0; i < 2; i++) {
        if (i > 0) {
            fresh_bus();
        }
        struct hearer a = {.name = "a", .act = flood_reports, .calls = (unsigned)types[i] - 1}, fills = {.name = "f"};
        attach(&a, DUET_EVENT_CUSTOM);
        ck_assert_int_eq(duet_bus_subscribe(bus, DUET_EVENT_FILL, count_only, &fills, NULL, NULL), DUET_OK);
        queued = 0;
        (void)input(1, 1);
        ck_assert_int_eq(duet_bus_fault(bus), DUET_EFULL);
        ck_assert(duet_bus_halted(bus));
        ck_assert_uint_eq(queued, 64);
        ck_assert_uint_eq(fills.calls, 64); // what was taken is still delivered
        ck_assert_ptr_nonnull(strstr(last_line, "bus-faulted"));
        ck_assert_int_eq(input(2, 2), DUET_PUBLISH_REFUSED);
        struct duet_event event = custom(3);
        ck_assert_int_eq(duet_bus_publish(bus, &event), DUET_PUBLISH_REFUSED);
        destroy_bus();
    }
}
END_TEST

static void answer_for_ever(struct hearer *hearer, const struct duet_event *event) {
    struct duet_event next = custom(event->custom.tag + 1);
    if (duet_bus_publish(bus, &next) == DUET_PUBLISH_REFUSED) {
        refused++;
    }
}
static void *run_cycle(void *argument) {
    (void)input(0, 1);
    return NULL;
}
START_TEST(cyclic_publishing_stops_at_the_hop_limit_on_a_small_stack) {
    struct hearer a = {.name = "a", .act = answer_for_ever}, errors = {.name = "error"};
    attach(&a, DUET_EVENT_CUSTOM);
    attach(&errors, DUET_EVENT_ERROR);
    refused = 0;
    pthread_attr_t attributes;
    ck_assert_int_eq(pthread_attr_init(&attributes), 0);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    size_t stack_size = 512 * 1024; // their frames are larger
#else
    size_t stack_size = 64 * 1024;
#endif
    ck_assert_int_eq(pthread_attr_setstacksize(&attributes, stack_size), 0);
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, &attributes, run_cycle, NULL), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attributes);
    ck_assert_uint_eq(a.calls, 1 + DUET_HOP_MAX);
    ck_assert_uint_eq(a.last.hop, DUET_HOP_MAX);
    ck_assert_uint_eq(refused, 1);
    ck_assert_uint_eq(errors.calls, 1);
    ck_assert_int_eq(errors.last.error.error_type, DUET_EDENIED);
    destroy_bus();
}
END_TEST

static void answer_twice_for_ever(struct hearer *hearer, const struct duet_event *event) {
    for (unsigned i = 0; i < 2; i++) {
        struct duet_event next = custom(event->custom.tag + 1);
        (void)duet_bus_publish(bus, &next);
    }
}
START_TEST(a_cycle_that_doubles_is_bounded_too) {
    destroy_bus();
    fresh_bus_of(1024);
    struct hearer a = {.name = "a", .act = answer_twice_for_ever}, errors = {.name = "error"};
    ck_assert_int_eq(duet_bus_subscribe(bus, DUET_EVENT_ERROR, count_only, &errors, NULL, NULL), DUET_OK);
    attach(&a, DUET_EVENT_CUSTOM);
    (void)input(0, 1);
    ck_assert_uint_eq(errors.calls, 2); // one for the ring, one for the depth
    ck_assert_int_eq(duet_bus_fault(bus), DUET_OK);
    ck_assert_uint_le(counts().queue_peak, 1024);
    destroy_bus();
}
END_TEST

START_TEST(refuses_capacities_that_are_no_powers_of_two) {
    struct duet_bus *none = NULL;
    ck_assert_int_eq(duet_bus_create(&(struct duet_bus_options){.queue_events = 1000}, &none), DUET_EINVAL);
    ck_assert_int_eq(duet_bus_create(&(struct duet_bus_options){.mailbox_events = 1u << 31}, &none), DUET_EINVAL);
    ck_assert_ptr_null(none);
    duet_bus_destroy(NULL);
    destroy_bus();
}
END_TEST

DUET_TEST_MAIN("bus", fresh_bus, delivers_in_the_order_of_subscription, tells_no_subscriber_delivered_and_failed_apart,
    refuses_events_without_a_type_of_an_unknown_type_and_inputs,
    a_failing_handler_does_not_stop_later_ones_and_yields_one_error,
    an_error_inside_an_error_is_only_logged_and_counted, a_refusal_inside_an_error_raises_no_error,
    a_publish_inside_a_handler_waits_for_all_handlers_of_the_current_event,
    a_publish_outside_is_delivered_with_what_it_causes_before_it_returns,
    a_publish_between_admit_and_drain_waits_for_the_drain, the_header_tells_time_sequence_cause_depth_and_context,
    publishing_leaves_the_callers_event_alone, time_never_goes_back, an_input_inside_a_handler_is_refused,
    markers_take_no_sequence_and_leave_hash_and_tap_alone, a_subscription_takes_effect_from_the_next_dispatch,
    a_handler_may_end_itself_an_earlier_and_a_later_one_during_dispatch,
    a_receiver_can_be_freed_as_soon_as_it_is_unsubscribed, refuses_the_same_subscription_twice_until_it_has_ended,
    refuses_one_subscriber_too_many, an_owner_can_be_muted_and_ended_as_a_whole,
    muting_during_dispatch_takes_effect_at_once, a_handler_that_ends_itself_and_fails_is_still_a_failure,
    a_bar_is_delivered_by_pointer_stamped_and_counted,
    a_full_ring_refuses_requests_with_one_error_and_keeps_room_for_reports, a_report_without_room_faults_the_bus,
    cyclic_publishing_stops_at_the_hop_limit_on_a_small_stack, a_cycle_that_doubles_is_bounded_too,
    refuses_capacities_that_are_no_powers_of_two)
