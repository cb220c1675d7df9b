/* What the rules of health.c look at, from the parts of a running daemon. */
#include "engine/live/health.h"

#include "base/clock.h"
#include "base/text.h"
#include "engine/live/gateway.h"
#include "engine/live/live.h"

/** A queue this full is too full; a sample with as many operations a second is load. */
#define DEPTH_MAX 0.8
#define OFFERED_MIN 50.0

static bool queue_is_high(const struct duet_offload_counts *counts) {
    return counts->capacity > 0 && counts->depth >= DEPTH_MAX * counts->capacity;
}

void duet_health_sample(struct duet_health *health, const struct duet_live *live, int64_t monotonic_ns) {
    if (live->offload == NULL) {
        return;
    }
    struct duet_offload_counts counts;
    duet_offload_get_counts(live->offload, &counts);
    uint64_t offered = counts.accepted + counts.refused, finished = counts.completed + counts.failed;
    if (health->sampled_ns != 0 && monotonic_ns > health->sampled_ns) {
        double seconds = (double)(monotonic_ns - health->sampled_ns) / 1e9;
        health->throughput = (double)(finished - health->finished) / seconds;
        bool came = (double)(offered - health->accepted) / seconds >= OFFERED_MIN;
        health->offered = came || (health->waiting && counts.depth > 0);
    }
    health->depth_samples = queue_is_high(&counts) ? health->depth_samples + 1 : 0;
    health->waiting = counts.depth > 0;
    health->accepted = offered;
    health->finished = finished;
    health->sampled_ns = monotonic_ns;
}

static void gather_feed(const struct duet_live *live, struct duet_health_facts *out) {
    int64_t last_ns = duet_session_last_instant_ns(live->session);
    int64_t now_ns = duet_clock_now_ns(live->clock);
    out->feed_age_ns = last_ns == INT64_MIN ? INT64_MAX : now_ns - last_ns;
    out->feed_stale = duet_core_is_stale(duet_session_core(live->session));
}

void duet_health_gather(const struct duet_health *health, const struct duet_live *live, struct duet_health_facts *out) {
    *out = (struct duet_health_facts){.depth_samples = health->depth_samples,
        .offered = health->offered,
        .throughput = health->throughput,
        .feed_age_ns = INT64_MAX};
    if (live->offload != NULL) {
        duet_offload_summary(live->offload, NULL, &out->operations);
        duet_offload_get_counts(live->offload, &out->offload);
    }
    if (live->lag != NULL) {
        duet_lag_get(live->lag, &out->lag);
    }
    if (live->gateway != NULL) {
        struct duet_gateway_status gateway;
        duet_gateway_get_status(live->gateway, &gateway);
        out->broker_down = live->live->broker_gateway && !(gateway.up && gateway.reconciled);
        duet_text_copy(out->broker_error, sizeof(out->broker_error), gateway.error);
    }
    if (live->session != NULL) {
        struct duet_session_status session;
        duet_session_get_status(live->session, &session);
        out->journal_blocked = session.blocked;
        duet_text_copy(out->journal_error, sizeof(out->journal_error), session.error);
        gather_feed(live, out);
    }
}
