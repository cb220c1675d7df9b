#include "engine/live/alerts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/live/alert_command.h"
#include "engine/live/control_private.h"
#include "net/http_server.h"

/** Kinds of alert that are delivered. */
#define CODES_MAX 64
#define TEXT_MAX 256
/** A command, or a POST, that takes longer has failed. */
#define DELIVERY_NS (10 * DUET_SECOND_NS)
/** Alerts of one code that the log has one by one within a second; what follows in that second is one line. */
#define TOLD_BURST 32
/** Between two deliveries of one code, however short each is. */
#define GAP_NS DUET_SECOND_NS
/** How often a command under way is looked at. */
#define POLL_NS (50 * INT64_C(1000000))

/** One way of delivering one code. */
struct delivery {
    uint64_t count; // alerts that wait, merged into one
    char text[TEXT_MAX]; // of the last of them
    int64_t not_before_ns; // monotonic
    int64_t deadline_ns;
    pid_t pid; // of a command under way, 0: none
    struct duet_http_exchange *post; // under way; NULL: none
};

struct alert_code {
    struct duet_alerts *alerts;
    char code[24];
    struct delivery told, command, post;
    unsigned burst; // told since the second began that ends at told.not_before_ns
};

struct duet_alerts {
    struct duet_source source;
    struct duet_live *live; // borrowed
    struct alert_command command; // argv; count 0: none
    struct alert_code codes[CODES_MAX];
    size_t code_count;
    struct duet_alert_counts counts;
    struct duet_health health;
    int64_t sample_ns; // monotonic, when the rules are looked at next
    bool raised[DUET_HEALTH_RULE_COUNT];
};

static char *alert_json(const struct duet_alerts *alerts, const char *code, const struct delivery *delivery) {
    struct control_answer answer;
    struct duet_json *json = control_answer_open(&answer);
    duet_json_string(json, "code", code);
    duet_json_string(json, "text", delivery->text);
    control_put_time(json, "time", duet_clock_now_ns(&duet_clock_wall));
    control_put_text_or_null(json, "session", alerts->live->live->name);
    duet_json_uint(json, "count", delivery->count);
    control_answer_close(&answer);
    return answer.text;
}

static void note_outcome(struct duet_alerts *alerts, const char *code, bool sent, const char *why) {
    alerts->counts.sent += sent;
    alerts->counts.failed += !sent;
    if (!sent) {
        duet_log_warn(alerts->live->log, "alert-failed", "code=%s reason=%s", code, why);
    }
}

/** Into the log, and to whoever listens to the control interface. */
static void tell(struct duet_alerts *alerts, struct alert_code *code) {
    struct duet_live *live = alerts->live;
    duet_log_warn(live->log, "alert", "code=%s count=%llu text=%s", code->code, (unsigned long long)code->told.count,
        code->told.text);
    if (live->control != NULL) {
        duet_control_alert(live->control, code->code, code->told.text, code->told.count);
    }
    code->told.count = 0;
}

static int64_t step_told(struct duet_alerts *alerts, struct alert_code *code, int64_t now_ns) {
    if (now_ns >= code->told.not_before_ns) {
        code->told.not_before_ns = now_ns + GAP_NS;
        code->burst = 0;
    }
    if (code->told.count > 0 && code->burst < TOLD_BURST) {
        code->burst++;
        tell(alerts, code);
    }
    return code->told.count > 0 ? code->told.not_before_ns : INT64_MAX;
}

static void handle_posted(void *argument, int status, const char *error) {
    struct alert_code *code = argument;
    char text[32];
    snprintf(text, sizeof(text), "HTTP status %d", status);
    code->post.post = NULL;
    note_outcome(code->alerts, code->code, status >= 200 && status < 300, status == 0 ? error : text);
    duet_loop_wake(code->alerts->live->loop);
}

static void begin_post(struct duet_alerts *alerts, struct alert_code *code) {
    char *body = alert_json(alerts, code->code, &code->post);
    code->post.count = 0;
    enum duet_status status = duet_http_post(duet_loop_base(alerts->live->loop), alerts->live->live->alert_url, body,
        DELIVERY_NS, handle_posted, code, &code->post.post);
    free(body);
    if (status != DUET_OK) {
        note_outcome(alerts, code->code, false, duet_status_text(status));
    }
}

static void begin_command(struct duet_alerts *alerts, struct alert_code *code, int64_t now_ns) {
    struct delivery *delivery = &code->command;
    char *body = alert_json(alerts, code->code, delivery);
    delivery->count = 0;
    delivery->deadline_ns = now_ns + DELIVERY_NS;
    int error = alert_command_start(&alerts->command, body, strlen(body), &delivery->pid);
    free(body);
    if (error != 0) {
        delivery->pid = 0;
        note_outcome(alerts, code->code, false, strerror(error));
    }
}

/** Whether the command has ended; past its deadline it is made to. */
static void look_at_command(struct duet_alerts *alerts, struct alert_code *code, int64_t now_ns) {
    struct delivery *delivery = &code->command;
    char why[64];
    enum alert_command_state state = alert_command_look(delivery->pid, why, sizeof(why));
    if (state == ALERT_COMMAND_RUNNING) {
        if (now_ns >= delivery->deadline_ns) {
            alert_command_kill(delivery->pid);
        }
        return;
    }
    delivery->pid = 0;
    note_outcome(alerts, code->code, state == ALERT_COMMAND_DONE, why);
}

/** One step of a delivery; when it wants to be looked at again. */
static int64_t step_command(struct duet_alerts *alerts, struct alert_code *code, int64_t now_ns) {
    struct delivery *delivery = &code->command;
    if (delivery->pid != 0) {
        look_at_command(alerts, code, now_ns);
    }
    if (delivery->pid == 0 && delivery->count > 0 && now_ns >= delivery->not_before_ns) {
        delivery->not_before_ns = now_ns + GAP_NS;
        begin_command(alerts, code, now_ns);
    }
    return delivery->pid != 0 ? now_ns + POLL_NS : delivery->count > 0 ? delivery->not_before_ns : INT64_MAX;
}

static int64_t step_post(struct duet_alerts *alerts, struct alert_code *code, int64_t now_ns) {
    struct delivery *delivery = &code->post;
    if (delivery->post == NULL && delivery->count > 0 && now_ns >= delivery->not_before_ns) {
        delivery->not_before_ns = now_ns + GAP_NS;
        begin_post(alerts, code);
    }
    return delivery->post == NULL && delivery->count > 0 ? delivery->not_before_ns : INT64_MAX;
}

/** Stale data, a lost broker and a blocked journal are told by those who notice first: core, gateway, session. */
static bool is_told_elsewhere(enum duet_health_rule rule) {
    return rule == DUET_HEALTH_STALE_RULE || rule == DUET_HEALTH_BROKER_RULE || rule == DUET_HEALTH_JOURNAL_RULE;
}

/** Alerts for what the rules find, when it begins. */
static void look_at_rules(struct duet_alerts *alerts, int64_t now_ns) {
    struct duet_health_facts facts;
    struct duet_health_report report;
    duet_health_sample(&alerts->health, alerts->live, now_ns);
    duet_health_gather(&alerts->health, alerts->live, &facts);
    duet_health_judge(&facts, &report);
    bool found[DUET_HEALTH_RULE_COUNT] = {false};
    for (size_t i = 0; i < report.count; i++) {
        enum duet_health_rule rule = report.issues[i].rule;
        found[rule] = true;
        if (!alerts->raised[rule] && !is_told_elsewhere(rule)) {
            duet_alerts_send(alerts, duet_health_code(rule), report.issues[i].text);
        }
    }
    for (unsigned rule = 0; rule < DUET_HEALTH_RULE_COUNT; rule++) {
        if (alerts->raised[rule] && !found[rule]) {
            duet_log_info(alerts->live->log, "alert-over", "code=%s", duet_health_code(rule));
        }
        alerts->raised[rule] = found[rule];
    }
}

static enum duet_source_state alerts_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct duet_alerts *alerts = duet_container_of(source, struct duet_alerts, source);
    int64_t now_ns = duet_monotonic_ns();
    while (alerts->sample_ns <= now_ns) {
        alerts->sample_ns += DUET_HEALTH_PERIOD_NS; // a loop that was held up looks once
        if (alerts->sample_ns > now_ns) {
            look_at_rules(alerts, now_ns);
        }
    }
    int64_t due_ns = alerts->sample_ns;
    for (size_t i = 0; i < alerts->code_count; i++) {
        int64_t told_ns = step_told(alerts, &alerts->codes[i], now_ns);
        int64_t command_ns = step_command(alerts, &alerts->codes[i], now_ns);
        int64_t post_ns = step_post(alerts, &alerts->codes[i], now_ns);
        due_ns = told_ns < due_ns ? told_ns : due_ns;
        due_ns = command_ns < due_ns ? command_ns : due_ns;
        due_ns = post_ns < due_ns ? post_ns : due_ns;
    }
    *wake_ns = duet_clock_now_ns(&duet_clock_wall) + (due_ns > now_ns ? due_ns - now_ns : 0);
    return DUET_SOURCE_WAIT;
}

enum duet_status duet_alerts_create(struct duet_live *live, struct duet_alerts **out) {
    struct duet_alerts *alerts = duet_alloc(1, sizeof(*alerts));
    alerts->live = live;
    alerts->source = (struct duet_source){.name = "alerts", .run = alerts_run};
    alerts->sample_ns = duet_monotonic_ns() + DUET_HEALTH_PERIOD_NS;
    enum duet_status status = alert_command_parse(&alerts->command, live->live->alert_command);
    if (status != DUET_OK) {
        free(alerts);
        return status;
    }
    duet_loop_add(live->loop, &alerts->source);
    *out = alerts;
    return DUET_OK;
}

void duet_alerts_destroy(struct duet_alerts *alerts) {
    if (alerts == NULL) {
        return;
    }
    duet_loop_remove(alerts->live->loop, &alerts->source);
    for (size_t i = 0; i < alerts->code_count; i++) {
        if (alerts->codes[i].told.count > 0) {
            tell(alerts, &alerts->codes[i]);
        }
        if (alerts->codes[i].command.pid != 0) {
            alert_command_leave(alerts->codes[i].command.pid);
        }
        if (alerts->codes[i].post.post != NULL) {
            duet_http_drop(alerts->codes[i].post.post);
        }
    }
    alert_command_finish(&alerts->command);
    free(alerts);
}

static struct alert_code *find_code(struct duet_alerts *alerts, const char *code) {
    for (size_t i = 0; i < alerts->code_count; i++) {
        if (strcmp(alerts->codes[i].code, code) == 0) {
            return &alerts->codes[i];
        }
    }
    if (alerts->code_count == CODES_MAX) {
        return NULL;
    }
    struct alert_code *added = &alerts->codes[alerts->code_count++];
    added->alerts = alerts;
    duet_text_copy(added->code, sizeof(added->code), code);
    return added;
}

static void enqueue(struct delivery *delivery, const char *text) {
    delivery->count++;
    duet_text_copy(delivery->text, sizeof(delivery->text), text);
}

void duet_alerts_send(struct duet_alerts *alerts, const char *code, const char *text) {
    struct duet_live *live = alerts->live;
    alerts->counts.raised++;
    struct alert_code *found = find_code(alerts, code);
    if (found == NULL) {
        duet_log_warn(live->log, "alert", "code=%s count=1 text=%s", code, text);
        return;
    }
    alerts->counts.merged += found->told.count > 0;
    enqueue(&found->told, text);
    if (alerts->command.count > 0) {
        enqueue(&found->command, text);
    }
    if (live->live->alert_url != NULL) {
        enqueue(&found->post, text);
    }
    (void)step_told(alerts, found, duet_monotonic_ns()); // at once, unless there have been too many
    duet_loop_wake(live->loop);
}

void duet_alerts_get_counts(const struct duet_alerts *alerts, struct duet_alert_counts *out) {
    *out = alerts == NULL ? (struct duet_alert_counts){0} : alerts->counts;
}

const struct duet_health *duet_alerts_health(const struct duet_alerts *alerts) {
    static const struct duet_health none;
    return alerts == NULL ? &none : &alerts->health;
}
