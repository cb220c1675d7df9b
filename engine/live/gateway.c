#include "engine/live/gateway_private.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/money.h"
#include "engine/live/alerts.h"

/** Decoding is much faster than deciding: reading more than the session can take finds out what has to be dropped,
 * where otherwise all of it would come late out of the socket. */
#define LINES_PER_TURN 1024
/** Connections of one process; above them stands its number, so that epochs rise over restarts. */
#define EPOCH_BITS 24
/** What the other side has to get through a stage in, before it is asked again on a new connection. */
#define STAGE_NS (30 * DUET_SECOND_NS)
/** Between two lines of the log about messages that could not be used. */
#define LOG_NS DUET_SECOND_NS
/** Client order ids are no longer than this, whatever the counter. */
#define ORDER_ID_MAX 36
#define COUNTER_MAX 12

/* ------------------------------------------------------------------------------------------------------- helpers */

bool gateway_say(struct duet_gateway *gateway, const char *line, size_t size) {
    if (size == 0 || duet_line_link_send(gateway->link, line, size) != DUET_OK) {
        return false;
    }
    gateway->spoke_ns = duet_monotonic_ns();
    return true;
}

void gateway_ignore(struct duet_gateway *gateway, const char *why) {
    int64_t now_ns = duet_monotonic_ns();
    gateway->ignored++;
    if (gateway->logged_ns != 0 && now_ns - gateway->logged_ns < LOG_NS) {
        gateway->unlogged++;
        return;
    }
    duet_log_warn(gateway->live->log, "gateway-message-ignored", "why=%s unlogged=%" PRIu64, why, gateway->unlogged);
    gateway->logged_ns = now_ns;
    gateway->unlogged = 0;
}

void gateway_drop(struct duet_gateway *gateway, const char *why) {
    duet_text_copy(gateway->error, sizeof(gateway->error), why);
    duet_log_error(gateway->live->log, "gateway-dropped", "epoch=%" PRIu64 " why=%s", gateway->epoch, why);
    gateway->stage = GATEWAY_DOWN; // nothing more of it is taken, whatever its buffers hold
    duet_line_link_drop(gateway->link, why);
}

void gateway_alert(struct duet_gateway *gateway, const char *code, const char *format, ...) {
    char text[320];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (gateway->live->alerts != NULL) {
        duet_alerts_send(gateway->live->alerts, code, text);
    } else {
        duet_log_warn(gateway->live->log, "alert", "code=%s text=%s", code, text);
    }
}

void gateway_admit(
    struct duet_gateway *gateway, enum duet_input_kind kind, const void *bytes, size_t size, uint64_t sequence) {
    bool market = kind == DUET_INPUT_INSTANT || kind == DUET_INPUT_TRADE || kind == DUET_INPUT_QUOTE;
    if (market && gateway->live->stopping) {
        return; // the strategy decides no more; what was not journaled is sent again to the next process
    }
    enum duet_status status = duet_session_admit(gateway->live->session, kind, bytes, size, sequence);
    if (status == DUET_OK && sequence > gateway->admitted) {
        gateway->admitted = sequence;
    }
    if (status != DUET_OK && status != DUET_EFULL) { // what is dropped is counted there
        gateway_ignore(gateway, duet_error_text());
    }
    duet_loop_wake(gateway->live->loop);
}

void gateway_enter(struct duet_gateway *gateway, enum gateway_stage stage) {
    gateway->stage = stage;
    gateway->stage_ns = duet_monotonic_ns();
    gateway_wake(gateway);
}

bool gateway_scaled(const char *text, unsigned decimals, int64_t *out) {
    *out = 0;
    return text[0] == '\0' || duet_decimal_parse(text, strlen(text), decimals, out) == DUET_OK;
}

void gateway_wake(struct duet_gateway *gateway) {
    gateway->source.wake_ns = INT64_MIN;
    duet_loop_wake(gateway->live->loop);
}

/* ---------------------------------------------------------------------------------------------------- connection */

static void tell_core(struct duet_gateway *gateway, bool up, const char *detail) {
    struct duet_input_connection connection = {.link = gateway->roles, .up = up ? 1 : 0, .epoch = gateway->epoch};
    static_assert(DUET_GATEWAY_FEED == DUET_LINK_FEED && DUET_GATEWAY_BROKER == DUET_LINK_BROKER, "the same bits");
    duet_text_copy(connection.detail, sizeof(connection.detail), detail);
    gateway_admit(gateway, DUET_INPUT_CONNECTION, &connection, sizeof(connection), 0);
    gateway->told_up = up;
}

static void handle_up(void *argument) {
    struct duet_gateway *gateway = argument;
    const struct duet_live *live = gateway->live;
    char line[DUET_GATEWAY_LINE_MAX];
    if (++gateway->connections >= UINT32_C(1) << EPOCH_BITS) {
        gateway->connections--;
        gateway_drop(gateway, "this process has used up its epochs; restart it");
        return;
    }
    gateway->epoch = duet_session_epoch(live->session) << EPOCH_BITS | gateway->connections;
    struct duet_gateway_greeting greeting = {.session = gateway->session,
        .token = gateway->token[0] != '\0' ? gateway->token : NULL,
        .epoch = gateway->epoch,
        .roles = gateway->roles,
        .feed_sequence = duet_session_feed_sequence(live->session),
        .heartbeat_ms = live->live->heartbeat_ms};
    (void)gateway_say(gateway, line, duet_gateway_hello(line, &greeting));
    gateway_enter(gateway, GATEWAY_GREETED);
}

static void handle_down(void *argument, const char *why) {
    struct duet_gateway *gateway = argument;
    duet_log_warn(gateway->live->log, "gateway-down", "epoch=%" PRIu64 " why=%s", gateway->epoch, why);
    if (gateway->error[0] == '\0') {
        duet_text_copy(gateway->error, sizeof(gateway->error), why);
    }
    gateway->stage = GATEWAY_DOWN;
    gateway->reconciled = false;
    gateway_forget_orders(gateway);
    gateway_stop_feed(gateway);
    if (gateway->told_up) {
        tell_core(gateway, false, why);
    }
}

/** Orders are settled: now market data, first what is missing. */
static void go_on_with_feed(struct duet_gateway *gateway, uint64_t oldest) {
    if (gateway_ask_history(gateway, oldest)) {
        gateway_enter(gateway, GATEWAY_HISTORY);
        return;
    }
    gateway_start_feed(gateway);
    gateway_enter(gateway, GATEWAY_RUNNING);
}

static bool take_welcome(struct duet_gateway *gateway, const struct duet_gateway_message *message) {
    if (gateway->stage != GATEWAY_GREETED || message->protocol != DUET_GATEWAY_PROTOCOL ||
        message->epoch != gateway->epoch || (message->roles & gateway->roles) != gateway->roles) {
        gateway_drop(gateway, "a welcome that does not answer our hello");
        return false;
    }
    gateway->gives = message->gives != 0 ? message->gives : UINT32_MAX;
    gateway->error[0] = '\0';
    gateway->oldest = message->sequence;
    duet_log_info(
        gateway->live->log, "gateway-up", "epoch=%" PRIu64 " oldest=%" PRIu64, gateway->epoch, message->sequence);
    tell_core(gateway, true, "");
    if ((gateway->roles & DUET_GATEWAY_BROKER) != 0) {
        gateway_reconcile(gateway);
        gateway_enter(gateway, GATEWAY_RECONCILING);
    } else {
        gateway->reconciled = true;
        go_on_with_feed(gateway, message->sequence);
    }
    return true;
}

static void take_refusal(struct duet_gateway *gateway, const struct duet_gateway_message *message) {
    char why[sizeof(gateway->error)];
    snprintf(why, sizeof(why), "refused: %s %.80s", message->reason, message->text);
    bool is_new = strcmp(why, gateway->refusal) != 0;
    duet_text_copy(gateway->refusal, sizeof(gateway->refusal), why);
    gateway_drop(gateway, why);
    if (is_new) { // it comes again with every attempt
        gateway_alert(gateway, "disconnect", "gateway %s: %s", gateway->live->live->gateway, why);
    }
}

/** What the other side says before it has welcomed us, and what it may say at any time. */
static bool take_early(struct duet_gateway *gateway, const struct duet_gateway_message *message) {
    switch (message->type) {
    case DUET_GATEWAY_WELCOME:
        return take_welcome(gateway, message);
    case DUET_GATEWAY_REFUSED:
        take_refusal(gateway, message);
        return false;
    case DUET_GATEWAY_HEARTBEAT:
        break;
    case DUET_GATEWAY_ERROR:
        duet_log_warn(gateway->live->log, "gateway-error", "id=%s text=%s", message->order_id, message->text);
        break;
    case DUET_GATEWAY_NONE:
        gateway_ignore(gateway, "a type that is unknown here");
        break;
    default:
        gateway_ignore(gateway, "a message before the welcome");
    }
    return true;
}

static bool is_about_orders(enum duet_gateway_in type) {
    return type == DUET_GATEWAY_ORDER || type == DUET_GATEWAY_FILL || type == DUET_GATEWAY_POSITION ||
           type == DUET_GATEWAY_SNAPSHOT_END;
}

static bool take_snapshot_end(struct duet_gateway *gateway, const struct duet_gateway_message *message) {
    bool is_first = gateway->stage == GATEWAY_RECONCILING;
    if (!gateway_awaits_books(gateway)) {
        return true;
    }
    if (!gateway_take_snapshot_end(gateway, message)) {
        return false;
    }
    if (is_first) {
        gateway->reconciled = true;
        go_on_with_feed(gateway, gateway->oldest);
    }
    return true;
}

/** False: it could not be used, and the connection must end. */
static bool take_message(struct duet_gateway *gateway, const struct duet_gateway_message *message) {
    if (gateway->stage <= GATEWAY_GREETED) {
        return take_early(gateway, message);
    }
    switch (message->type) {
    case DUET_GATEWAY_ORDER:
        return gateway_take_order(gateway, message);
    case DUET_GATEWAY_FILL:
        return gateway_take_fill(gateway, message);
    case DUET_GATEWAY_POSITION:
        return gateway_take_position(gateway, message);
    case DUET_GATEWAY_SNAPSHOT_END:
        return take_snapshot_end(gateway, message);
    case DUET_GATEWAY_BAR:
    case DUET_GATEWAY_OPENING:
    case DUET_GATEWAY_TRADE:
    case DUET_GATEWAY_QUOTE:
        if (message->history) {
            gateway_take_history(gateway, message);
        } else {
            gateway_take_feed(gateway, message);
        }
        return true;
    case DUET_GATEWAY_RESUMED:
        gateway_take_resumed(gateway, message);
        return true;
    case DUET_GATEWAY_HISTORY_END:
        if (gateway->stage == GATEWAY_HISTORY && gateway_take_history_end(gateway, message)) {
            gateway_admit_history(gateway);
            gateway_start_feed(gateway);
            gateway_enter(gateway, GATEWAY_RUNNING);
        }
        return true;
    default:
        return take_early(gateway, message);
    }
}

/** Whether what may still come has to wait: everything, or a record that is being played back, which keeps. */
static bool has_no_room(const struct duet_gateway *gateway) {
    const struct duet_session *session = gateway->live->session;
    return duet_session_is_full(session) || (gateway->resuming && duet_session_is_behind(session));
}

static bool handle_line(void *argument, char *line, size_t size) {
    struct duet_gateway *gateway = argument;
    struct duet_gateway_message message;
    if (gateway->stage == GATEWAY_DOWN) {
        return false;
    }
    gateway->messages++;
    gateway->last_message_ns = duet_clock_now_ns(&duet_clock_wall);
    bool good = duet_gateway_decode(line, size, &message) == DUET_OK;
    if (message.type != DUET_GATEWAY_HEARTBEAT && message.type != DUET_GATEWAY_NONE) {
        gateway->stage_ns = duet_monotonic_ns(); // it gets on
    }
    if (!good && !is_about_orders(message.type)) {
        gateway_ignore(gateway, duet_error_text());
        gateway_pass_over(gateway, &message);
        return true;
    }
    if (good && take_message(gateway, &message)) {
        if (has_no_room(gateway)) { // until the session has caught up
            gateway->paused = true;
            duet_line_link_pause(gateway->link, true);
        }
        gateway_wake(gateway);
        return true;
    }
    if (gateway->stage != GATEWAY_DOWN) {
        char why[sizeof(gateway->error)];
        snprintf(why, sizeof(why), "it may have been a fill: %s", duet_error_text());
        gateway_alert(gateway, "mismatch", "gateway: a message about orders cannot be used; connecting again: %s", why);
        gateway_drop(gateway, why);
    }
    return false;
}

/* ------------------------------------------------------------------------------------------- what is due by itself */

/** What the other side may forget: what is on disk, and what came after it and led to no input, or was dropped and
 * counted. */
static uint64_t dispensable(const struct duet_gateway *gateway, bool settled) {
    uint64_t durable = duet_session_feed_sequence(gateway->live->session);
    // While it stops nothing more of the market is taken, and all of it is to be had again.
    bool nothing_held = settled && !gateway->live->stopping && gateway->pending_head == gateway->pending_tail &&
                        gateway->held.length == 0 && durable >= gateway->admitted;
    return nothing_held && gateway->received > durable ? gateway->received : durable;
}

/** The first on a connection waits for what reconciliation and resumption lead to, and says that they are over. */
static bool ack_is_due(const struct duet_gateway *gateway, uint64_t durable, bool settled) {
    if (gateway->stage != GATEWAY_RUNNING) {
        return false;
    }
    bool has_begun = duet_session_feed_has_begun(gateway->live->session);
    return gateway->has_acked ? durable > gateway->acked
                              : settled && (durable > 0 || (has_begun && !gateway->resuming));
}

/** Say it, so that the other side may go on. */
static void acknowledge(struct duet_gateway *gateway, bool settled) {
    uint64_t durable = dispensable(gateway, settled);
    char line[DUET_GATEWAY_LINE_MAX];
    if (ack_is_due(gateway, durable, settled) && gateway_say(gateway, line, duet_gateway_ack(line, durable))) {
        gateway->acked = durable;
        gateway->has_acked = true;
    }
}

static int64_t look_after_connection(struct duet_gateway *gateway, int64_t now_ns) {
    char line[DUET_GATEWAY_LINE_MAX];
    int64_t period_ns = gateway->live->live->heartbeat_ms * 1000000;
    if (gateway->stage == GATEWAY_DOWN) {
        return INT64_MAX;
    }
    if (gateway->stage != GATEWAY_RUNNING && now_ns - gateway->stage_ns >= STAGE_NS) {
        gateway_drop(gateway, "it does not get on: no welcome, snapshot_end or history_end within 30 s");
        return INT64_MAX;
    }
    if (now_ns - gateway->spoke_ns >= period_ns) {
        (void)gateway_say(gateway, line, duet_gateway_heartbeat(line));
        gateway->spoke_ns = now_ns;
    }
    int64_t due_ns = gateway->spoke_ns + period_ns;
    return gateway->stage != GATEWAY_RUNNING && gateway->stage_ns + STAGE_NS < due_ns ? gateway->stage_ns + STAGE_NS
                                                                                      : due_ns;
}

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static enum duet_source_state gateway_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    (void)budget;
    struct duet_gateway *gateway = duet_container_of(source, struct duet_gateway, source);
    int64_t now_ns = duet_monotonic_ns();
    if (gateway->paused && !has_no_room(gateway)) {
        gateway->paused = false;
        duet_line_link_pause(gateway->link, false);
    }
    int64_t due_ns = gateway_look_after_feed(gateway, now_ns);
    due_ns = earlier(due_ns, gateway_look_after_orders(gateway, now_ns));
    struct duet_session_status status;
    duet_session_get_status(gateway->live->session, &status);
    bool settled = status.waiting == 0 && !status.blocked;
    if (gateway->begun && settled) { // so that the history is on disk before it
        duet_session_begin_feed(gateway->live->session, gateway->resumed_to);
    }
    acknowledge(gateway, settled);
    due_ns = earlier(due_ns, look_after_connection(gateway, now_ns));
    bool begins = gateway->begun && !duet_session_feed_has_begun(gateway->live->session);
    if (status.waiting > 0 || begins || ack_is_due(gateway, dispensable(gateway, settled), true)) {
        due_ns = earlier(due_ns, now_ns + DUET_SECOND_NS / 1000); // the session's turn comes, and then an ack is due
    }
    int64_t wall_ns = duet_clock_now_ns(&duet_clock_wall);
    *wake_ns = due_ns == INT64_MAX ? INT64_MAX : wall_ns + (due_ns > now_ns ? due_ns - now_ns : 0);
    return DUET_SOURCE_WAIT;
}

/* ---------------------------------------------------------------------------------------------------------- life */

static enum duet_status open_link(struct duet_gateway *gateway) {
    const struct duet_live *live = gateway->live;
    struct duet_line_link_options options = {.address = live->live->gateway,
        .lines_per_turn = LINES_PER_TURN,
        .silence_ns = 3 * live->live->heartbeat_ms * 1000000,
        .base = duet_loop_base(live->loop),
        .log = live->log,
        .up = handle_up,
        .line = handle_line,
        .down = handle_down,
        .argument = gateway};
    return duet_line_link_create(&options, &gateway->link);
}

static enum duet_status take_names(struct duet_gateway *gateway) {
    const struct duet_live *live = gateway->live;
    const char *prefix = duet_session_order_prefix(live->session);
    size_t length = strlen(prefix);
    if ((gateway->roles & DUET_GATEWAY_BROKER) != 0 && length + COUNTER_MAX > ORDER_ID_MAX) {
        return duet_error(DUET_EINVAL,
            "live: name: order ids %s1, %s2 … become longer than brokers take (%d); take a name of at most %zu letters",
            prefix, prefix, ORDER_ID_MAX,
            strlen(live->live->name) > length + COUNTER_MAX - ORDER_ID_MAX
                ? strlen(live->live->name) - (length + COUNTER_MAX - ORDER_ID_MAX)
                : 1);
    }
    duet_text_copy(gateway->prefix, sizeof(gateway->prefix), prefix);
    duet_text_copy(gateway->session, sizeof(gateway->session), prefix);
    if (length > 0 && length < sizeof(gateway->session) && gateway->session[length - 1] == '-') {
        gateway->session[length - 1] = '\0';
    }
    return live->live->gateway_token_file != NULL ? duet_token_read(live->live->gateway_token_file, gateway->token)
                                                  : DUET_OK;
}

enum duet_status duet_gateway_create(struct duet_live *live, struct duet_gateway **out) {
    struct duet_gateway *gateway = duet_alloc(1, sizeof(*gateway));
    gateway->live = live;
    gateway->instruments = duet_core_instruments(duet_session_core(live->session));
    gateway->roles =
        (live->live->feed_gateway ? DUET_GATEWAY_FEED : 0) | (live->live->broker_gateway ? DUET_GATEWAY_BROKER : 0);
    gateway->last_instant_ns = INT64_MIN;
    gateway->source = (struct duet_source){.name = "gateway", .run = gateway_run};
    gateway->series = duet_alloc(live->series_count, sizeof(*gateway->series));
    gateway->positions = duet_alloc(gateway->instruments->count, sizeof(*gateway->positions));
    enum duet_status status = take_names(gateway);
    if (status == DUET_OK) {
        status = open_link(gateway);
    }
    if (status != DUET_OK) {
        free(gateway->series);
        free(gateway->positions);
        free(gateway);
        return status;
    }
    duet_loop_add(live->loop, &gateway->source);
    *out = gateway;
    return DUET_OK;
}

void duet_gateway_destroy(struct duet_gateway *gateway) {
    if (gateway == NULL) {
        return;
    }
    duet_loop_remove(gateway->live->loop, &gateway->source);
    duet_line_link_destroy(gateway->link);
    duet_grid_destroy(gateway->grid);
    duet_text_finish(&gateway->instant);
    duet_text_finish(&gateway->held);
    free(gateway->pending);
    free(gateway->awaited);
    free(gateway->history);
    free(gateway->positions);
    free(gateway->series);
    free(gateway);
}

void duet_gateway_get_status(const struct duet_gateway *gateway, struct duet_gateway_status *out) {
    *out = (struct duet_gateway_status){.up = gateway->stage > GATEWAY_GREETED,
        .reconciled = gateway->reconciled,
        .epoch = gateway->epoch,
        .reconnects = gateway->connections > 0 ? gateway->connections - 1 : 0,
        .messages = gateway->messages,
        .ignored = gateway->ignored,
        .late_bars = gateway->late_bars,
        .missed_bars = gateway->missed_bars,
        .feed_sequence = gateway->received,
        .last_message_ns = gateway->last_message_ns};
    bool is_up = out->up;
    const char *why = gateway->error[0] != '\0' ? gateway->error : duet_line_link_error(gateway->link);
    duet_text_copy(out->error, sizeof(out->error), is_up ? "" : why);
}
