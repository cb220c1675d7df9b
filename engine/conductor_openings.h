/* The conductor's openings: those of instruments for which orders wait. The others are no inputs, and cost nothing.
 * Only engine/conductor.c has this: called from another file, they cost the loop of bars a twentieth. */
#ifndef DUET_ENGINE_CONDUCTOR_OPENINGS_H
#define DUET_ENGINE_CONDUCTOR_OPENINGS_H

#include "broker/venue_inline.h"
#include "bus/bus_private.h"
#include "engine/conductor.h"

/** Phase 0, where a feed knows closed bars only: openings of the bars that close now. */
static void take_openings_at_close(struct duet_conductor *conductor, int64_t now_ns) {
    uint32_t hot_count, count = 0;
    const uint32_t *hot = duet_venue_hot(conductor->venue, &hot_count);
    for (uint32_t i = 0; i < hot_count; i++) {
        const struct duet_player *player = &conductor->players[conductor->executing[hot[i]]];
        if (player->close_ns == now_ns && !player->is_ticks) {
            struct duet_event *event = &conductor->events[count++];
            event->type = DUET_EVENT_OPENING;
            event->event_ns = duet_series_open_ns(player->series, player->next);
            event->opening = (struct duet_opening){.size = sizeof(event->opening),
                .instrument = hot[i],
                .open_ns = event->event_ns,
                .open_scaled = duet_series_open_scaled(player->series, player->next)};
        }
    }
    if (count > 0) {
        duet_venue_openings_at_close(conductor->venue, conductor->events, count, now_ns, now_ns);
    }
}

/** Index of the next bar whose opening is still to come at `now_ns`, or `end`. */
static uint64_t next_opening(const struct duet_conductor *conductor, const struct duet_player *player, int64_t now_ns) {
    uint64_t index = player->next;
    if (index < player->end) {
        int64_t open_ns = duet_series_open_ns(player->series, index);
        if (open_ns < now_ns || (open_ns == now_ns && conductor->openings_done_ns >= now_ns)) {
            index++; // that one is under way
        }
    }
    return index;
}

/** When the first pending order meets an opening; INT64_MAX for never. */
static int64_t next_opening_ns(const struct duet_conductor *conductor, int64_t now_ns) {
    uint32_t count;
    const uint32_t *hot = duet_venue_hot(conductor->venue, &count);
    int64_t earliest_ns = INT64_MAX;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t index = conductor->executing[hot[i]];
        const struct duet_player *player = &conductor->players[index];
        if (player->is_ticks) {
            continue; // orders wait for the next tick, which comes by itself
        }
        uint64_t next = next_opening(conductor, player, now_ns);
        if (next < player->end) {
            int64_t open_ns = duet_series_open_ns(player->series, next);
            earliest_ns = open_ns < earliest_ns ? open_ns : earliest_ns;
        }
    }
    return earliest_ns;
}

/** Phases 6 and 7. */
static void take_openings(struct duet_conductor *conductor, int64_t now_ns) {
    uint32_t hot_count, count = 0;
    const uint32_t *hot = duet_venue_hot(conductor->venue, &hot_count);
    for (uint32_t i = 0; i < hot_count; i++) {
        const struct duet_player *player = &conductor->players[conductor->executing[hot[i]]];
        uint64_t next = player->is_ticks ? player->end : next_opening(conductor, player, now_ns);
        if (next < player->end && duet_series_open_ns(player->series, next) == now_ns) {
            struct duet_event *event = &conductor->events[count++];
            event->type = DUET_EVENT_OPENING;
            event->event_ns = now_ns;
            event->opening = (struct duet_opening){.size = sizeof(event->opening),
                .instrument = hot[i],
                .open_ns = now_ns,
                .open_scaled = duet_series_open_scaled(player->series, next)};
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        duet_bus_admit(conductor->bus, &conductor->events[i], now_ns);
    }
    if (count > 0) {
        conductor->opening = true;
        duet_venue_openings(conductor->venue, conductor->events, count);
        duet_bus_drain(conductor->bus);
        conductor->opening = false;
    }
}

#endif
