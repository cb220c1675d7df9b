/*
 * Computations of a strategy: asked for in a callback, done elsewhere, told as FEATURE inputs. The host only remembers
 * whose they are; what was under way when a process ended is told as failed after the restart, since a result that
 * nobody has journaled is none.
 */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"
#include "engine/host_private.h"

static_assert(
    sizeof(struct duet_feature_payload) == sizeof(((struct duet_custom_event *)NULL)->data), "a result fits its event");

void duet_host_feature(const struct duet_feature_payload *result, struct duet_event *out) {
    *out = (struct duet_event){.type = DUET_EVENT_FEATURE};
    out->custom.size = sizeof(out->custom);
    memcpy(out->custom.data, result, sizeof(*result));
}

void duet_compute_run(const struct duet_compute_request *request, struct duet_feature_payload *out) {
    *out = (struct duet_feature_payload){.ticket = request->ticket};
    duet_crash_mark = (struct duet_crash_mark){.plugin = request->plugin, .callback = request->name};
    int count = request->work(request->input, request->size, out->values);
    duet_crash_mark.callback = NULL;
    if (count < 0 || count > DUET_FEATURE_VALUES) {
        out->status = duet_error(DUET_EDATA, "%s: the computation failed (%d)", request->name, count);
        count = 0;
    }
    out->count = (uint32_t)count;
    for (int i = count; i < DUET_FEATURE_VALUES; i++) {
        out->values[i] = 0;
    }
}

/* ---- asking ---- */

/** How long the chain of results that ask for more at one instant would become; in a backtest it would never end. */
static uint32_t chain_length(const struct duet_host_run *run, int64_t now_ns) {
    return run->answering != NULL && run->answering->asked_ns == now_ns ? run->answering->chain + 1 : 0;
}

/** Without anybody who computes: at once, and told as any other result. */
static enum duet_status compute_here(struct duet_host_run *run, const struct duet_compute_request *request) {
    struct duet_feature_payload payload;
    struct duet_event event;
    const struct duet_crash_mark mark = duet_crash_mark;
    duet_compute_run(request, &payload);
    duet_crash_mark = mark;
    duet_host_feature(&payload, &event);
    return duet_bus_schedule(run->bus, duet_bus_now_ns(run->bus), DUET_CLASS_RESULT, &event, NULL);
}

uint64_t duet_verb_compute(struct duet_context *ctx, const char *name, duet_compute_function work, const void *input,
    size_t size, int64_t deadline_ns) {
    struct host_context *context = host_context_of(ctx);
    struct duet_host_run *run = context->run;
    int64_t now_ns = duet_bus_now_ns(run->bus);
    const char *complaint = NULL;
    if (!host_is_live(run)) {
        complaint = "computations begin in on_start at the earliest and end before on_stop";
    } else if (run->impl->on_feature == NULL) {
        complaint = "duet_compute() needs an on_feature";
    } else if (name == NULL || work == NULL || (input == NULL && size > 0) || size > DUET_COMPUTE_BYTES_MAX) {
        complaint = "duet_compute(): name, work, at most 64 KiB";
    } else if (run->computation_count == DUET_HOST_COMPUTATIONS_MAX) {
        complaint = "no room for another computation";
    } else if (chain_length(run, now_ns) > DUET_HOP_MAX) {
        complaint = "computations that ask for each other";
    }
    if (complaint != NULL) {
        duet_host_complain(context, complaint);
        return 0;
    }
    struct host_computation computation = {
        .ticket = (uint64_t)run->options.strategy << 48 | (run->computations_made + 1),
        .asked_ns = now_ns,
        .context = (uint32_t)(context - run->contexts),
        .chain = chain_length(run, now_ns)};
    const struct duet_compute_request request = {.ticket = computation.ticket,
        .context = computation.context,
        .plugin = run->impl->name,
        .name = name,
        .work = work,
        .input = input,
        .size = size,
        .deadline_ns = deadline_ns};
    if (run->options.compute != NULL) {
        run->options.compute(run->options.argument, &request);
    } else if (compute_here(run, &request) != DUET_OK) {
        return 0;
    }
    run->computations_made++;
    run->computations[run->computation_count++] = computation;
    return computation.ticket;
}

/* ---- answering ---- */

/** They stand in the order of their tickets, and are mostly answered in it. */
static bool forget(struct duet_host_run *run, uint64_t ticket, struct host_computation *out) {
    size_t index = 0;
    while (index < run->computation_count && run->computations[index].ticket != ticket) {
        index++;
    }
    if (index == run->computation_count) {
        return false;
    }
    *out = run->computations[index];
    run->computation_count--;
    memmove(&run->computations[index], &run->computations[index + 1],
        (run->computation_count - index) * sizeof(run->computations[0]));
    return true;
}

void duet_host_computed(struct duet_host_run *run, const struct duet_event *event) {
    struct duet_feature_payload payload;
    struct host_computation computation;
    memcpy(&payload, event->custom.data, sizeof(payload));
    if (run->phase != HOST_RUNNING || !forget(run, payload.ticket, &computation)) {
        return; // of another strategy, or from before a reset
    }
    struct host_context *context = &run->contexts[computation.context];
    struct duet_feature feature = {.size = sizeof(feature),
        .instrument = context->public.instrument,
        .ticket = payload.ticket,
        .status = payload.status,
        .count = payload.count <= DUET_FEATURE_VALUES ? payload.count : DUET_FEATURE_VALUES};
    memcpy(feature.values, payload.values, sizeof(feature.values));
    duet_host_refresh(context, event->time_ns);
    run->answering = &computation;
    host_enter(context, "on_feature");
    run->impl->on_feature(&context->public, context->state, &feature);
    host_leave();
    run->answering = NULL;
}

bool duet_host_computes(const struct duet_host_run *host) {
    return host->impl->on_feature != NULL;
}

void duet_host_fail_computations(struct duet_host_run *host, enum duet_status status) {
    size_t count = host->phase == HOST_RUNNING ? host->computation_count : 0; // else nobody would hear
    struct host_computation *computations = duet_alloc(count + 1, sizeof(*computations)); // answering takes them away
    memcpy(computations, host->computations, count * sizeof(*computations));
    for (size_t i = 0; i < count; i++) {
        const struct duet_feature_payload payload = {.ticket = computations[i].ticket, .status = status};
        struct duet_event event;
        duet_host_feature(&payload, &event);
        (void)duet_bus_publish(host->bus, &event); // refused: the bus says so in an ERROR event
    }
    free(computations);
}

void duet_host_computations_clear(struct duet_host_run *run) {
    run->computation_count = 0;
}
