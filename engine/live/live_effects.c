/* What the session lets out once it is durable, and what comes of it: orders, replies, alerts, broadcasts, work. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "engine/live/alerts.h"
#include "engine/live/compute_process.h"
#include "engine/live/control.h"
#include "engine/live/gateway.h"
#include "engine/live/live_private.h"

static void send_order(void *argument, const struct duet_event *order) {
    struct live_run *run = argument;
    if (run->live.gateway != NULL) {
        duet_gateway_send(run->live.gateway, order);
    }
}

static void ask_broker(void *argument, uint64_t order_id) {
    struct live_run *run = argument;
    if (run->live.gateway != NULL) {
        duet_gateway_ask(run->live.gateway, order_id);
    }
}

static void give_reply(void *argument, uint64_t request_id, enum duet_status status, const char *json) {
    struct live_run *run = argument;
    if (run->live.control != NULL) {
        duet_control_reply(run->live.control, request_id, status, json);
    }
}

static void raise_alert(void *argument, const char *code, const char *text) {
    struct live_run *run = argument;
    if (run->live.alerts != NULL) {
        duet_alerts_send(run->live.alerts, code, text);
    } else {
        duet_log_warn(&run->log, "alert", "code=%s text=%s", code, text);
    }
    if (strcmp(code, "fault") == 0 && run->live.loop != NULL) {
        duet_loop_wake(run->live.loop); // the session can go on no longer
    }
}

static void tell_event(void *argument, const struct duet_event *event) {
    struct live_run *run = argument;
    if (run->live.control != NULL) {
        duet_control_event(run->live.control, event);
    }
}

static int64_t holds_ns(void *argument) {
    const struct live_run *run = argument;
    return run->live.gateway != NULL ? duet_gateway_holds_ns(run->live.gateway) : INT64_MAX;
}

static void step(void *argument, const char *name) {
    const struct live_run *run = argument;
    run->command->step(run->command->argument, name);
}

/* --------------------------------------------------------------------------------------------------------- work */

/** A computation on its way through the pool. */
struct work {
    struct live_run *run;
    struct duet_compute_request request;
    struct duet_feature_payload answer;
    unsigned char input[]; // the request's, copied
};

static enum duet_status do_work(void *job, const volatile bool *cancelled) {
    struct work *work = job;
    duet_compute_run(&work->request, &work->answer);
    return (enum duet_status)work->answer.status;
}

static void admit_result(struct live_run *run, const struct duet_feature_payload *answer, enum duet_status status) {
    struct duet_input_result result = {.ticket = answer->ticket, .status = (int32_t)status};
    if (status == DUET_OK) {
        result.count = answer->count;
        memcpy(result.values, answer->values, sizeof(result.values));
    }
    (void)duet_session_admit(run->live.session, DUET_INPUT_RESULT, &result, sizeof(result), 0);
    duet_loop_wake(run->live.loop);
}

static void work_done(void *argument, void *job, enum duet_status status, const char *error) {
    struct live_run *run = argument;
    struct work *work = job;
    // A session that has been stopped takes nothing more; who asked is told at the restart.
    if (run->phase != LIVE_DOWN) {
        work->answer.ticket = work->request.ticket;
        admit_result(run, &work->answer, status);
    }
    free(work);
}

static void process_answered(
    void *argument, enum duet_status status, const void *out, size_t out_size, const char *error) {
    struct work *work = argument;
    if (status == DUET_OK && out_size == sizeof(work->answer)) {
        memcpy(&work->answer, out, sizeof(work->answer));
        status = (enum duet_status)work->answer.status;
    }
    work_done(work->run, work, status, error);
}

static enum duet_status hand_on(struct live_run *run, struct work *work) {
    struct duet_offload *offload = run->live.offload;
    if (offload == NULL) {
        return DUET_ESTATE;
    }
    if (run->live.live->process_pool) {
        return duet_compute_on_process(
            offload, run->compute_function, &run->plugin, &work->request, process_answered, work);
    }
    const struct duet_offload_request job = {.name = work->request.name,
        .work = do_work,
        .done = work_done,
        .job = work,
        .argument = run,
        .priority = DUET_PRIORITY_NORMAL,
        .deadline_ns = work->request.deadline_ns};
    return duet_offload_submit(offload, &job, NULL);
}

static void compute(void *argument, const struct duet_compute_request *request) {
    struct live_run *run = argument;
    struct work *work = duet_alloc(1, sizeof(*work) + request->size);
    work->run = run;
    work->request = *request;
    work->request.input = work->input;
    work->answer.ticket = request->ticket;
    if (request->size > 0) {
        memcpy(work->input, request->input, request->size);
    }
    enum duet_status status = hand_on(run, work);
    if (status != DUET_OK) {
        admit_result(run, &work->answer, status);
        free(work);
    }
}

/* ------------------------------------------------------------------------------------------------------------------ */

static void look_at_input(void *argument, const struct duet_input *input) {
    const struct live_run *run = argument;
    duet_recent_take(run->recent, input);
}

void live_effects_set(struct live_run *run, struct duet_session_options *options) {
    options->send = send_order;
    options->query = ask_broker;
    options->reply = give_reply;
    options->alert = raise_alert;
    options->event = tell_event;
    options->compute = compute;
    options->holds_ns = holds_ns;
    options->input = look_at_input;
    options->step = run->command->step != NULL ? step : NULL;
    options->argument = run;
}

enum duet_status live_command(struct live_run *run, enum duet_command command, const char *why) {
    struct duet_input_command input = {.command = command};
    duet_text_copy(input.origin, sizeof(input.origin), "daemon");
    duet_text_copy(input.text, sizeof(input.text), why);
    return duet_session_admit(run->live.session, DUET_INPUT_COMMAND, &input, sizeof(input), 0);
}
