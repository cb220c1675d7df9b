#include "engine/computer.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/text.h"

struct question {
    struct question *next;
    struct duet_compute_request request;
    struct duet_feature_payload answer;
    bool is_answered;
    unsigned char input[]; // the request's, copied
};

struct duet_computer {
    struct duet_bus *bus;
    struct duet_offload *offload;
    struct question *first, **end;
    size_t count;
};

struct duet_computer *duet_computer_create(struct duet_bus *bus, struct duet_offload *offload) {
    struct duet_computer *computer = duet_alloc(1, sizeof(*computer));
    computer->bus = bus;
    computer->offload = offload;
    computer->end = &computer->first;
    return computer;
}

static struct question *take_first(struct duet_computer *computer) {
    struct question *question = computer->first;
    if (question != NULL) {
        computer->first = question->next;
        computer->end = computer->first == NULL ? &computer->first : computer->end;
        computer->count--;
    }
    return question;
}

void duet_computer_destroy(struct duet_computer *computer) {
    while (computer != NULL && computer->first != NULL) {
        free(take_first(computer));
    }
    free(computer);
}

void duet_computer_ask(void *computer, const struct duet_compute_request *request) {
    struct duet_computer *self = computer;
    struct question *question = duet_alloc(1, sizeof(*question) + request->size);
    question->request = *request;
    question->request.input = question->input;
    if (request->size > 0) {
        memcpy(question->input, request->input, request->size);
    }
    *self->end = question;
    self->end = &question->next;
    self->count++;
}

static enum duet_status work(void *job, const volatile bool *cancelled) {
    struct question *question = job;
    duet_compute_run(&question->request, &question->answer);
    question->is_answered = true;
    return (enum duet_status)question->answer.status;
}

/** On the pool, where that can be quicker; what it does not take is left for later. */
static void share_out(struct duet_computer *computer) {
    for (struct question *question = computer->first; question != NULL; question = question->next) {
        const struct duet_offload_request request = {.name = question->request.name,
            .work = work,
            .job = question,
            .priority = DUET_PRIORITY_NORMAL,
            .deadline_ns = INT64_MAX};
        if (duet_offload_submit(computer->offload, &request, NULL) != DUET_OK) {
            break;
        }
    }
    duet_offload_join(computer->offload);
}

bool duet_computer_join(struct duet_computer *computer) {
    if (computer->count == 0) {
        return false;
    }
    if (computer->offload != NULL && computer->count > 1) {
        share_out(computer);
    }
    struct question *question;
    while ((question = take_first(computer)) != NULL) {
        struct duet_event event;
        if (!question->is_answered) {
            duet_compute_run(&question->request, &question->answer);
        }
        duet_host_feature(&question->answer, &event);
        // There is room: the schedule takes all timers and computations that a strategy may have.
        enum duet_status status =
            duet_bus_schedule(computer->bus, duet_bus_now_ns(computer->bus), DUET_CLASS_RESULT, &event, NULL);
        DUET_ASSERT(status == DUET_OK);
        free(question);
    }
    return true;
}
