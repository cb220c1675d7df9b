/*
 * Alerts: a command that gets the alert as JSON on its standard input, and a URL that gets it POSTed. Neither can hold
 * up the loop; at most one of each is under way per code, later ones of that code are counted into the next. A
 * failing alert is logged, never retried for ever.
 */
#ifndef DUET_ENGINE_LIVE_ALERTS_H
#define DUET_ENGINE_LIVE_ALERTS_H

#include <stdint.h>

#include <duet/status.h>

struct duet_alerts; // opaque
struct duet_live;

DUET_MUST_CHECK enum duet_status duet_alerts_create(struct duet_live *live, struct duet_alerts **out);
void duet_alerts_destroy(struct duet_alerts *alerts);
void duet_alerts_send(struct duet_alerts *alerts, const char *code, const char *text);

struct duet_alert_counts {
    uint64_t raised, sent, failed, merged;
};
void duet_alerts_get_counts(const struct duet_alerts *alerts, struct duet_alert_counts *out);

#endif
