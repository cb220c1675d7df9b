/* What ctl.c and ctl_show.c share: how answers are shown to people. Nobody else includes it. */
#ifndef DUET_ENGINE_LIVE_CTL_PRIVATE_H
#define DUET_ENGINE_LIVE_CTL_PRIVATE_H

#include <jansson.h>
#include <stdio.h>

/* Each prints one kind of answer. */
void ctl_show_status(const json_t *answer, FILE *out);
void ctl_show_orders(const json_t *answer, FILE *out);
void ctl_show_order(const json_t *answer, FILE *out);
void ctl_show_positions(const json_t *answer, FILE *out);
void ctl_show_account(const json_t *answer, FILE *out);
void ctl_show_strategies(const json_t *answer, FILE *out);
void ctl_show_tasks(const json_t *answer, FILE *out);
void ctl_show_session(const json_t *answer, FILE *out);
void ctl_show_health(const json_t *answer, FILE *out);
void ctl_show_lag(const json_t *answer, FILE *out);
void ctl_show_arm(const json_t *answer, FILE *out);
void ctl_show_command(const json_t *answer, FILE *out);
/** One message of the stream, on one line. */
void ctl_show_message(const json_t *message, FILE *out);

#endif
