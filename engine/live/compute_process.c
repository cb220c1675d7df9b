#include "engine/live/compute_process.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

/** Before the input. */
struct question {
    uint64_t ticket;
    int64_t place; // of the function, from the plugin's table on
    char name[48];
};

static intptr_t place_of(const struct duet_plugin *plugin) {
    return (intptr_t)(const void *)plugin->impl;
}

/** In the child. */
static enum duet_status answer(
    void *context, const void *in, size_t in_size, void *out, size_t out_capacity, size_t *out_size) {
    const struct duet_plugin *plugin = context;
    struct question question;
    if (in_size < sizeof(question) || out_capacity < sizeof(struct duet_feature_payload)) {
        return duet_error(DUET_EDATA, "a question of %zu bytes is none", in_size);
    }
    memcpy(&question, in, sizeof(question));
    const struct duet_compute_request request = {.ticket = question.ticket,
        .plugin = plugin->impl->name,
        .name = question.name,
        .work = (duet_compute_function)(place_of(plugin) + (intptr_t)question.place),
        .input = (const unsigned char *)in + sizeof(question),
        .size = in_size - sizeof(question)};
    struct duet_feature_payload payload;
    duet_compute_run(&request, &payload);
    memcpy(out, &payload, sizeof(payload));
    *out_size = sizeof(payload);
    return DUET_OK;
}

uint32_t duet_compute_register(struct duet_offload *offload, struct duet_plugin *plugin) {
    return duet_offload_register(offload, "compute", answer, plugin);
}

enum duet_status duet_compute_on_process(struct duet_offload *offload, uint32_t function,
    const struct duet_plugin *plugin, const struct duet_compute_request *request, duet_offload_answer done,
    void *argument) {
    struct question question = {
        .ticket = request->ticket, .place = (int64_t)((intptr_t)request->work - place_of(plugin))};
    duet_text_copy(question.name, sizeof(question.name), request->name);
    struct duet_text bytes = {0};
    duet_text_append(&bytes, (const char *)&question, sizeof(question));
    if (request->size > 0) {
        duet_text_append(&bytes, request->input, request->size);
    }
    enum duet_status status =
        duet_offload_process(offload, function, bytes.text, bytes.length, request->deadline_ns, done, argument);
    duet_text_finish(&bytes);
    return status;
}
