/*
 * The control interface over HTTP: docs/api.md is its manual. Reads what `struct duet_live` shows; what changes
 * something becomes an operator command, an input like any other, and is answered once it is durable.
 */
#ifndef DUET_ENGINE_LIVE_CONTROL_H
#define DUET_ENGINE_LIVE_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <duet/event.h>
#include <duet/status.h>

struct duet_control; // opaque
struct duet_live;

/** Listens on live->api; the token is read from, or made in, live->token_file (0600, or refused). */
DUET_MUST_CHECK enum duet_status duet_control_create(struct duet_live *live, struct duet_control **out);
void duet_control_destroy(struct duet_control *control);
uint16_t duet_control_port(const struct duet_control *control);
/** Reply to a command that came through here. */
void duet_control_reply(struct duet_control *control, uint64_t request_id, enum duet_status status, const char *json);
/** Broadcast an output. */
void duet_control_event(struct duet_control *control, const struct duet_event *event);
/** Alerts go to listeners too; alerts.c sees to that. `count`: how many of the code it stands for. */
void duet_control_alert(struct duet_control *control, const char *code, const char *text, uint64_t count);

#endif
