/*
 * What changes something. A command becomes an input of the session, and its caller is answered when the session has
 * made it durable; a caller who waits too long hears 504, which says nothing about whether it will be carried out.
 */
#include "engine/live/control_private.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

/** Between the answer to a stop and the stop itself, so that the answer gets out. */
#define STOP_DELAY_NS (100 * INT64_C(1000000))
/** Longest answer of a reload. */
#define RELOAD_TEXT_MAX 1024

static struct control_call *find_call(struct duet_control *control, uint64_t request_id) {
    for (size_t i = 0; i < CONTROL_CALLS_MAX; i++) {
        if (control->calls[i].request_id == request_id) {
            return &control->calls[i];
        }
    }
    return NULL;
}

/** The slot is free again. */
static void release(struct duet_control *control, struct control_call *call) {
    duet_operation_end(control->live->scheduler, call->operation);
    *call = (struct control_call){0};
}

static void handle_gone(void *argument) {
    struct control_call *call = argument;
    call->request = NULL;
}

int64_t control_calls_expire(struct duet_control *control, int64_t now_ns) {
    int64_t due_ns = INT64_MAX;
    for (size_t i = 0; i < CONTROL_CALLS_MAX; i++) {
        struct control_call *call = &control->calls[i];
        if (call->request_id == 0) {
            continue;
        }
        if (call->deadline_ns > now_ns) {
            due_ns = call->deadline_ns < due_ns ? call->deadline_ns : due_ns;
            continue;
        }
        if (call->request != NULL) {
            duet_http_reply_error(call->request, 504, "timeout",
                "%s is accepted but not yet durable after %d s; it may still be carried out, see status and session",
                call->command, (int)(CONTROL_CALL_NS / DUET_SECOND_NS));
        }
        release(control, call);
    }
    return due_ns;
}

/** The optional body, {"reason": "…"}. False: answered 422. */
static bool read_reason(struct duet_http_request *request, char *out, size_t size) {
    size_t length;
    const char *body = duet_http_body(request, &length);
    out[0] = '\0';
    if (length == 0 || strspn(body, " \t\r\n") >= length) {
        return true;
    }
    json_error_t error;
    json_t *root = json_loadb(body, length, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(root)) {
        duet_http_reply_error(request, 422, "invalid", "body: %s; {\"reason\": \"…\"} is expected, or nothing",
            root == NULL ? error.text : "not an object");
        json_decref(root);
        return false;
    }
    const char *key, *wrong = NULL;
    json_t *value;
    json_object_foreach(root, key, value) {
        if (strcmp(key, "reason") != 0) {
            wrong = key;
        }
    }
    const json_t *reason = json_object_get(root, "reason");
    bool good = false;
    if (wrong != NULL) {
        duet_http_reply_error(request, 422, "invalid", "%s: unknown field (only \"reason\" is known)", wrong);
    } else if (reason != NULL && (!json_is_string(reason) || json_string_length(reason) >= size)) {
        duet_http_reply_error(request, 422, "invalid", "reason: a text of at most %zu bytes is expected", size - 1);
    } else {
        good = true;
        duet_text_copy(out, size, reason == NULL ? "" : json_string_value(reason));
    }
    json_decref(root);
    return good;
}

/** Whether commands can be taken at all. False: answered. */
static bool is_open(const struct duet_control *control, struct duet_http_request *request) {
    if (control->live->stopping || control->stop_ns != 0) {
        duet_http_reply_error(request, 503, "stopping", "the daemon is stopping");
        return false;
    }
    return true;
}

static void admit(
    struct duet_control *control, struct duet_http_request *request, enum duet_command number, uint64_t order_id) {
    struct duet_input_command command = {.command = number, .order_id = order_id, .origin = "api"};
    if (!read_reason(request, command.text, sizeof(command.text)) || !is_open(control, request)) {
        return;
    }
    struct control_call *call = find_call(control, 0);
    if (call == NULL) {
        duet_http_reply_error(request, 503, "busy", "%d commands are waiting already", CONTROL_CALLS_MAX);
        return;
    }
    struct duet_live *live = control->live;
    char name[32];
    command.request_id = duet_session_request_id(live->session);
    call->request_id = command.request_id;
    call->request = request;
    call->deadline_ns = duet_monotonic_ns() + CONTROL_CALL_NS;
    duet_text_copy(call->command, sizeof(call->command), duet_command_name(number));
    duet_http_on_gone(request, handle_gone, call);
    snprintf(name, sizeof(name), "command %s", call->command);
    call->operation = duet_operation_begin(live->scheduler, name);
    duet_log_info(live->log, "command", "command=%s order=%llu reason=%s", call->command, (unsigned long long)order_id,
        command.text);
    enum duet_status status = duet_session_admit(live->session, DUET_INPUT_COMMAND, &command, sizeof(command), 0);
    if (status != DUET_OK) {
        release(control, call);
        duet_http_on_gone(request, NULL, NULL);
        duet_http_reply_error(request, 503, "refused", "the session takes nothing now: %s", duet_status_text(status));
    }
    duet_loop_wake(live->loop);
}

static int http_status(enum duet_status status) {
    switch (status) {
    case DUET_OK:
        return 200;
    case DUET_EINVAL:
    case DUET_EDATA:
        return 422;
    case DUET_ENOTFOUND:
        return 404;
    case DUET_EDENIED:
    case DUET_ESTATE:
    case DUET_EEXIST:
        return 409;
    default:
        return 500;
    }
}

static const char *error_code(int status) {
    return status == 404 ? "not_found" : status == 409 ? "refused" : status == 422 ? "invalid" : "failed";
}

/** Why it was refused: the core's "error", or a line. */
static void reply_refusal(struct duet_http_request *request, enum duet_status status, const char *text) {
    int code = http_status(status);
    json_t *parsed = text == NULL ? NULL : json_loads(text, 0, NULL);
    const char *message = json_string_value(json_object_get(parsed, "error"));
    if (message == NULL) {
        message = text != NULL && text[0] != '\0' ? text : duet_status_text(status);
    }
    duet_http_reply_error(request, code, error_code(code), "%s", message);
    json_decref(parsed);
}

void duet_control_reply(struct duet_control *control, uint64_t request_id, enum duet_status status, const char *json) {
    struct control_call *call = request_id == 0 ? NULL : find_call(control, request_id);
    if (call == NULL) {
        return; // another's, or answered 504 already
    }
    const struct control_call done = *call;
    release(control, call);
    if (done.request == NULL) {
        return;
    }
    duet_http_on_gone(done.request, NULL, NULL);
    if (status != DUET_OK) {
        reply_refusal(done.request, status, json);
        return;
    }
    duet_http_reply(done.request, 200, json, strlen(json)); // an object, with "ok" and "command" in it
}

void control_handle_arm(void *argument, struct duet_http_request *request) {
    admit(argument, request, DUET_COMMAND_ARM, 0);
}

void control_handle_halt(void *argument, struct duet_http_request *request) {
    admit(argument, request, DUET_COMMAND_HALT, 0);
}

void control_handle_resume(void *argument, struct duet_http_request *request) {
    admit(argument, request, DUET_COMMAND_RESUME, 0);
}

void control_handle_flatten(void *argument, struct duet_http_request *request) {
    admit(argument, request, DUET_COMMAND_FLATTEN, 0);
}

void control_handle_cancel_all(void *argument, struct duet_http_request *request) {
    admit(argument, request, DUET_COMMAND_CANCEL_ALL, 0);
}

void control_handle_cancel(void *argument, struct duet_http_request *request) {
    uint64_t order_id;
    if (control_order_id(argument, request, &order_id)) {
        admit(argument, request, DUET_COMMAND_CANCEL, order_id);
    }
}

/** Of those that are no input of the session: read the body, which only the log keeps. */
static bool take(struct duet_control *control, struct duet_http_request *request, const char *command) {
    char reason[sizeof(((struct duet_input_command *)NULL)->text)];
    if (!read_reason(request, reason, sizeof(reason)) || !is_open(control, request)) {
        return false;
    }
    duet_log_info(control->live->log, "command", "command=%s reason=%s", command, reason);
    return true;
}

static void reply_command(struct duet_http_request *request, int status, const char *command, const char *text) {
    struct control_answer answer;
    struct duet_json *json = control_answer_begin(&answer);
    duet_json_string(json, "command", command);
    duet_json_string(json, "message", text);
    control_answer_send(&answer, request, status);
}

void control_handle_reload(void *argument, struct duet_http_request *request) {
    struct duet_control *control = argument;
    if (!take(control, request, "reload")) {
        return;
    }
    char text[RELOAD_TEXT_MAX] = "";
    enum duet_status status = duet_live_reload(control->live, text, sizeof(text));
    if (status != DUET_OK) {
        reply_refusal(request, status, text);
    } else {
        reply_command(request, 200, "reload", text);
    }
}

void control_handle_snapshot(void *argument, struct duet_http_request *request) {
    struct duet_control *control = argument;
    if (take(control, request, "snapshot")) {
        duet_session_snapshot(control->live->session);
        duet_loop_wake(control->live->loop);
        reply_command(request, 202, "snapshot", "written with the next turn");
    }
}

void control_handle_stop(void *argument, struct duet_http_request *request) {
    struct duet_control *control = argument;
    if (take(control, request, "stop")) {
        reply_command(request, 202, "stop", "going down in order");
        control->stop_ns = duet_monotonic_ns() + STOP_DELAY_NS;
        duet_loop_wake(control->live->loop);
    }
}
