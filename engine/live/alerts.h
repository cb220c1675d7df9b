/*
 * Alerts: a command that gets the alert as JSON on its standard input, and a URL that gets it POSTed. Neither can hold
 * up the loop; at most one of each is under way per code, later ones of that code are counted into the next. A
 * failing alert is logged, never retried for ever.
 *
 *   {"code":"halt","text":"…","time":"…Z","session":"…","count":3}    count: how many of the code this one stands for
 *
 * The rules of health.h are looked at from here, every ten seconds; what they find raises an alert when it begins.
 */
#ifndef DUET_ENGINE_LIVE_ALERTS_H
#define DUET_ENGINE_LIVE_ALERTS_H

#include <stdint.h>

#include <duet/status.h>

struct duet_alerts; // opaque
struct duet_health; // engine/live/health.h
struct duet_live;

DUET_MUST_CHECK enum duet_status duet_alerts_create(struct duet_live *live, struct duet_alerts **out);
void duet_alerts_destroy(struct duet_alerts *alerts);
/** Log it, tell the listeners of the control interface (more than 32 of a code within a second: the rest as one), run
 * the command, post it (the first of a code at once, what follows within a second as one). Codes beyond the 64th are
 * only logged. */
void duet_alerts_send(struct duet_alerts *alerts, const char *code, const char *text);

struct duet_alert_counts {
    uint64_t raised, sent, failed, merged;
};
/** `alerts` may be NULL, here and below: nothing yet. */
void duet_alerts_get_counts(const struct duet_alerts *alerts, struct duet_alert_counts *out);
/** What the rules remember. */
const struct duet_health *duet_alerts_health(const struct duet_alerts *alerts);

#endif
