/* Effects wait until the turn that has them is on disk, then leave in the order in which they came. */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "engine/live/session_private.h"

static struct held *hold(struct duet_session *session) {
    if (session->held_count == session->held_capacity) {
        session->held_capacity = session->held_capacity == 0 ? 64 : 2 * session->held_capacity;
        session->held = duet_realloc(session->held, session->held_capacity, sizeof(*session->held));
    }
    struct held *item = &session->held[session->held_count++];
    *item = (struct held){0};
    return item;
}

void session_hold_output(struct duet_session *session, const struct duet_event *event) {
    if (session->options.event != NULL) {
        hold(session)->event = *event;
    }
}

void session_hold_effect(void *argument, const struct duet_effect *effect) {
    struct duet_session *session = argument;
    if (session->compare != NULL) {
        return; // it left long ago, or must not
    }
    struct held *item = hold(session);
    item->effect = *effect;
    item->code = effect->code != NULL ? duet_strdup(effect->code) : NULL;
    item->text = effect->text != NULL ? duet_strdup(effect->text) : NULL;
    if (effect->event != NULL) {
        item->event = *effect->event;
    }
    if (effect->compute != NULL) {
        item->compute = *effect->compute;
        item->input = duet_alloc(effect->compute->size + 1, 1);
        if (effect->compute->size > 0) {
            memcpy(item->input, effect->compute->input, effect->compute->size);
        }
        item->compute.input = item->input;
    }
    session->has_intent |= effect->kind == DUET_EFFECT_SEND;
}

static void release_one(struct duet_session *session, struct held *item) {
    const struct duet_session_options *options = &session->options;
    const struct duet_effect *effect = &item->effect;
    switch ((int)effect->kind) {
    case 0:
        options->event(options->argument, &item->event);
        break;
    case DUET_EFFECT_SEND:
        session_step(session, "effect-send");
        if (options->send != NULL) {
            options->send(options->argument, &item->event);
        }
        break;
    case DUET_EFFECT_REPLY:
        if (options->reply != NULL) {
            options->reply(options->argument, effect->request_id, effect->status, item->text != NULL ? item->text : "");
        }
        break;
    case DUET_EFFECT_ALERT:
        if (options->alert != NULL) {
            options->alert(
                options->argument, item->code != NULL ? item->code : "", item->text != NULL ? item->text : "");
        }
        break;
    case DUET_EFFECT_COMPUTE:
        if (options->compute != NULL) {
            options->compute(options->argument, &item->compute);
        }
        break;
    case DUET_EFFECT_QUERY:
        if (options->query != NULL) {
            options->query(options->argument, effect->order_id);
        }
        break;
    default:
        break;
    }
}

static void finish_one(struct held *item) {
    free(item->code);
    free(item->text);
    free(item->input);
}

void session_release(struct duet_session *session) {
    size_t count = session->held_count;
    for (size_t i = 0; i < count; i++) {
        release_one(session, &session->held[i]);
        finish_one(&session->held[i]);
    }
    DUET_ASSERT(session->held_count == count); // what they admit waits for the next turn
    session->held_count = 0;
}

void session_discard(struct duet_session *session) {
    for (size_t i = 0; i < session->held_count; i++) {
        finish_one(&session->held[i]);
    }
    session->held_count = 0;
}
