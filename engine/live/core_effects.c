/* What leaves the core: outputs as they are sequenced, effects, and the alerts that follow from what happens. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "engine/live/core_private.h"

#define ALERT_TEXT_MAX 320

/* ------------------------------------------------------------------------------------------ before the first input */

static struct core_early *early_add(struct duet_core *core) {
    if (core->early_count == core->early_capacity) {
        core->early_capacity = core->early_capacity == 0 ? 16 : 2 * core->early_capacity;
        core->early = duet_realloc(core->early, core->early_capacity, sizeof(*core->early));
    }
    struct core_early *early = &core->early[core->early_count++];
    *early = (struct core_early){0};
    return early;
}

static void keep_effect(struct duet_core *core, const struct duet_effect *effect) {
    struct core_early *early = early_add(core);
    early->effect = *effect;
    early->text = effect->text != NULL ? duet_strdup(effect->text) : NULL;
    if (effect->event != NULL) {
        early->event = *effect->event;
    }
    if (effect->compute != NULL) {
        early->compute = *effect->compute;
        early->input = duet_alloc(1, effect->compute->size > 0 ? effect->compute->size : 1);
        memcpy(early->input, effect->compute->input, effect->compute->size);
        early->compute.input = early->input;
    }
}

void duet_core_forget_early(struct duet_core *core) {
    for (size_t i = 0; i < core->early_count; i++) {
        free(core->early[i].text);
        free(core->early[i].input);
    }
    core->early_count = 0;
}

void duet_core_hand_over_early(struct duet_core *core) {
    for (size_t i = 0; i < core->early_count; i++) {
        struct core_early *early = &core->early[i];
        if (early->effect.kind == 0) {
            core->first_sequence = core->first_sequence == 0 ? early->event.sequence : core->first_sequence;
            core->last_sequence = early->event.sequence;
            if (core->options.output != NULL) {
                core->options.output(core->options.argument, &early->event);
            }
        } else if (core->options.effect != NULL) {
            struct duet_effect effect = early->effect;
            effect.text = early->text;
            effect.event = effect.event != NULL ? &early->event : NULL;
            effect.compute = effect.compute != NULL ? &early->compute : NULL;
            core->options.effect(core->options.argument, &effect);
        }
    }
    duet_core_forget_early(core);
}

/* ------------------------------------------------------------------------------------------------------ effects */

void duet_core_effect(struct duet_core *core, const struct duet_effect *effect) {
    if (core->quiet || core->options.effect == NULL) {
        return;
    }
    if (core->creating) {
        keep_effect(core, effect);
    } else {
        core->options.effect(core->options.argument, effect);
    }
}

void duet_core_alert(struct duet_core *core, const char *code, const char *format, ...) {
    if (core->quiet || core->options.effect == NULL) {
        return;
    }
    char text[ALERT_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    duet_core_effect(core, &(struct duet_effect){.kind = DUET_EFFECT_ALERT, .code = code, .text = text});
}

/* ------------------------------------------------------------------------------------------------------ the tap */

static void alert_fill(struct duet_core *core, const struct duet_fill *fill) {
    const struct duet_instrument *instrument = &core->options.instruments->items[fill->instrument];
    char quantity[DUET_DECIMAL_TEXT_MAX], price[DUET_DECIMAL_TEXT_MAX];
    duet_core_alert(core, "fill", "%s %s %s at %s, order %" PRIu64, duet_side_name(fill->side),
        duet_decimal_format(fill->quantity, instrument->quantity_decimals, quantity), instrument->symbol,
        duet_decimal_format(fill->price, instrument->price_decimals, price), fill->order_id);
}

static void alert_refusal(struct duet_core *core, const struct duet_order_status_event *status) {
    bool expected = status->reason_code == DUET_REASON_WARMUP || status->reason_code == DUET_REASON_STOPPED;
    if (expected || status->instrument >= core->options.instruments->count) {
        return;
    }
    const struct duet_instrument *instrument = &core->options.instruments->items[status->instrument];
    char quantity[DUET_DECIMAL_TEXT_MAX];
    bool denied = status->status == DUET_ORDER_DENIED;
    duet_core_alert(core, denied ? "denial" : "reject", "%s %s %s %s: %s, %s", denied ? "denied" : "rejected",
        duet_side_name(status->side), duet_decimal_format(status->quantity, instrument->quantity_decimals, quantity),
        instrument->symbol, duet_reason_name(status->reason_code), duet_reason_text(status->reason_code));
}

void duet_core_tap(void *argument, const struct duet_event *event) {
    struct duet_core *core = argument;
    if (core->quiet) {
        return;
    }
    bool derived = event->hop > 0;
    if (core->creating) {
        if (derived) {
            early_add(core)->event = *event;
        }
    } else {
        core->first_sequence = core->first_sequence == 0 ? event->sequence : core->first_sequence;
        core->last_sequence = event->sequence;
        void (*tell)(void *, const struct duet_event *) = derived ? core->options.output : core->options.input;
        if (tell != NULL) {
            tell(core->options.argument, event);
        }
    }
    if (event->type == DUET_EVENT_FILL) {
        alert_fill(core, &event->fill);
    } else if (event->type == DUET_EVENT_ORDER_STATUS &&
               (event->status.status == DUET_ORDER_DENIED || event->status.status == DUET_ORDER_REJECTED)) {
        alert_refusal(core, &event->status);
        if (event->status.reason_code == DUET_REASON_UNSENT_AT_CRASH) {
            duet_core_note_unsent(core, &event->status);
        }
    }
}
