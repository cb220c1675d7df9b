#include "engine/conductor.h"

#include <stdlib.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"
#include "broker/venue_inline.h"
#include "bus/bus_private.h"
#include "data/tick_series.h"
#include "engine/conductor_openings.h"
#include "engine/conductor_ticks.h"
#include "portfolio/portfolio_inline.h"

/** Records that are asked for ahead of the one being played: a few KiB, which hides the memory's latency. */
#define PREFETCH_RECORDS 128
#define PROGRESS_INSTANTS 65536

static inline void player_advance(struct duet_player *player) {
    player->next++;
    player->close_ns = player->next < player->end ? duet_series_close_ns(player->series, player->next) : INT64_MAX;
}

/** Decode the closing bar into the window; NULL where its block of the cache is damaged. */
static inline struct duet_bar *player_decode(struct duet_conductor *conductor, struct duet_player *player) {
    if (__builtin_expect(player->next >= player->verified, 0)) {
        enum duet_status status = duet_series_verify(player->series, player->next);
        if (status != DUET_OK) {
            conductor->failure = status;
            return NULL;
        }
        uint64_t block = duet_series_block_records(player->series);
        player->verified = (player->next / block + 1) * block;
    }
    struct duet_bar *bar = duet_window_next(&player->window);
    duet_series_bar_closing(player->series, player->next, player->close_ns, bar);
    if (player->series->records32 != NULL) {
        __builtin_prefetch(&player->series->records32[player->next + PREFETCH_RECORDS]);
    } else {
        __builtin_prefetch(&player->series->records48[player->next + PREFETCH_RECORDS]);
    }
    return bar;
}

/* --------------------------------------------------------------------------------------------------------- phases */

/** The holder buys at the opening that follows the first close, once the run has begun. */
static void offer_holder(struct duet_conductor *conductor, const struct duet_player *player) {
    if (player->next < player->end && duet_series_open_ns(player->series, player->next) >= conductor->from_ns) {
        duet_holder_buy(conductor->holder, player->instrument, duet_series_open_scaled(player->series, player->next),
            duet_series_open_ns(player->series, player->next));
    }
}

/** Phase 1: ranges, then marks. Returns how many bars close, 0 also on failure. */
static uint32_t take_closings(struct duet_conductor *conductor, int64_t now_ns) {
    uint32_t count = 0;
    if (__builtin_expect(conductor->opens_at_close, 0)) {
        take_openings_at_close(conductor, now_ns);
    }
    uint32_t hot_count = duet_venue_hot_count(conductor->venue);
    do {
        uint32_t index = conductor->merge == NULL ? 0 : duet_merge_top(conductor->merge);
        struct duet_player *player = &conductor->players[index];
        struct duet_bar *bar = player_decode(conductor, player);
        if (bar == NULL) {
            return 0;
        }
        struct duet_event *event = &conductor->events[count];
        event->type = DUET_EVENT_BAR;
        event->event_ns = bar->close_ns;
        event->bar = bar;
        conductor->closing[count++] = index;
        player_advance(player);
        if (conductor->merge != NULL) {
            (void)duet_merge_advance(conductor->merge, player->close_ns);
        }
        duet_bus_admit(conductor->bus, event, now_ns);
        if (player->executes && hot_count > 0) {
            duet_venue_range(conductor->venue, bar);
        }
        if (conductor->made != NULL) {
            duet_made_take(conductor->made, index, bar);
        }
    } while (conductor->merge != NULL && duet_merge_top_ns(conductor->merge) == now_ns);
    for (uint32_t i = 0; i < count; i++) {
        const struct duet_player *player = &conductor->players[conductor->closing[i]];
        if (player->executes) {
            const struct duet_bar *bar = conductor->events[i].bar;
            duet_portfolio_mark_unsettled(conductor->portfolio, player->instrument, bar->close_scaled);
            duet_holder_mark(conductor->holder, player->instrument, bar->close, bar->close_scaled);
            if (__builtin_expect(!conductor->holder->holdings[player->instrument].bought, 0)) {
                offer_holder(conductor, player);
            }
        }
    }
    duet_portfolio_settle(conductor->portfolio);
    return count;
}

void duet_conductor_tell_made(
    struct duet_conductor *conductor, const struct duet_made_series *item, const struct duet_bar *bar, int64_t now_ns) {
    struct duet_event *event = &conductor->made_last;
    *event = (struct duet_event){.type = DUET_EVENT_BAR, .event_ns = bar->close_ns, .bar = bar};
    duet_bus_admit(conductor->bus, event, now_ns);
    if (item->wanted) {
        (void)duet_bus_dispatch(conductor->bus, event);
    }
    duet_bus_drain(conductor->bus);
}

void duet_conductor_tell_instant(struct duet_conductor *conductor, const struct duet_event *last, int64_t now_ns) {
    if (conductor->wants_instants && last->type != DUET_EVENT_NONE) {
        struct duet_event instant = *last;
        instant.type = DUET_EVENT_INSTANT;
        instant.event_ns = now_ns;
        (void)duet_bus_dispatch(conductor->bus, &instant);
        duet_bus_drain(conductor->bus);
    }
}

/** Made bars that come before those of (interval, instrument). */
static void tell_made(
    struct duet_conductor *conductor, int64_t now_ns, int64_t interval_ns, uint32_t instrument, uint32_t *cursor) {
    const struct duet_bar *bar;
    struct duet_made_series *item;
    while ((bar = duet_made_next(conductor->made, now_ns, interval_ns, instrument, cursor, &item)) != NULL) {
        duet_conductor_tell_made(conductor, item, bar, now_ns);
    }
}

/** Phases 3 and 4. */
static void deliver(struct duet_conductor *conductor, uint32_t count, int64_t now_ns) {
    bool counts = false, makes = duet_made_due_ns(conductor->made) <= now_ns;
    uint32_t cursor = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct duet_player *player = &conductor->players[conductor->closing[i]];
        struct duet_event *event = &conductor->events[i];
        if (__builtin_expect(makes, 0)) {
            tell_made(conductor, now_ns, player->series->interval_ns, player->instrument, &cursor);
        }
        if (event->bar->open_ns >= conductor->from_ns) {
            counts = true;
            conductor->bars++;
        }
        if (player->wanted) {
            duet_bus_cause(conductor->bus, event);
            (void)duet_bus_dispatch(conductor->bus, event);
            duet_bus_drain(conductor->bus);
        }
    }
    if (__builtin_expect(makes, 0)) {
        tell_made(conductor, now_ns, DUET_MADE_ALL, 0, &cursor);
    }
    duet_conductor_tell_instant(conductor,
        conductor->made_last.type != DUET_EVENT_NONE ? &conductor->made_last : &conductor->events[count - 1], now_ns);
    if (counts) {
        duet_curve_take(conductor->curve, now_ns, duet_portfolio_equity(conductor->portfolio),
            duet_portfolio_gross(conductor->portfolio));
        duet_holder_take(conductor->holder);
        if (conductor->on_instant != NULL) {
            conductor->on_instant(conductor->argument, now_ns);
        }
    }
}

/** Results may ask for more of them, and so may timers. */
static void take_results(struct duet_conductor *conductor, int64_t now_ns) {
    while (conductor->join != NULL && conductor->join(conductor->argument)) {
        (void)duet_bus_run_scheduled(conductor->bus, now_ns, DUET_CLASS_RESULT);
    }
}

/** Phases 5 to 7. */
static void finish_instant(struct duet_conductor *conductor, int64_t now_ns) {
    take_results(conductor, now_ns);
    if (duet_bus_next_scheduled_ns(conductor->bus) <= now_ns) {
        (void)duet_bus_run_scheduled(conductor->bus, now_ns, DUET_CLASS_TIMER);
        take_results(conductor, now_ns);
    }
    if (duet_venue_hot_count(conductor->venue) > 0 && !conductor->opens_at_close) {
        take_openings(conductor, now_ns);
    }
    conductor->openings_done_ns = now_ns;
    duet_venue_openings_done(conductor->venue, now_ns);
    conductor->last_ns = now_ns;
}

static void play_instant(struct duet_conductor *conductor, int64_t now_ns, int64_t market_ns) {
    if (duet_bus_next_scheduled_ns(conductor->bus) <= now_ns) {
        (void)duet_bus_run_scheduled(conductor->bus, now_ns, DUET_CLASS_REPORT);
    }
    uint32_t closings = 0;
    conductor->made_last.type = DUET_EVENT_NONE;
    if (conductor->has_ticks && market_ns == now_ns) {
        market_ns = duet_conductor_play_ticks(conductor, now_ns);
        if (conductor->failure != DUET_OK) {
            return;
        }
    }
    if (market_ns == now_ns) {
        closings = take_closings(conductor, now_ns);
        if (conductor->failure != DUET_OK) {
            return;
        }
        duet_bus_drain(conductor->bus);
    }
    if (duet_venue_head(conductor->venue)->next_expiry_ns <= now_ns) {
        duet_venue_expire(conductor->venue, now_ns);
        duet_bus_drain(conductor->bus);
    }
    if (closings > 0 || duet_made_due_ns(conductor->made) <= now_ns) {
        deliver(conductor, closings, now_ns);
    }
    finish_instant(conductor, now_ns);
}

static inline int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/** Whether bars can be played without looking for anything but the next: one series, no order works, nobody wants
 * instants. */
static bool is_quiet(const struct duet_conductor *conductor) {
    const struct duet_player *player = &conductor->players[0];
    return conductor->merge == NULL && !player->is_ticks && duet_venue_hot_count(conductor->venue) == 0 &&
           player->executes && (player->wanted || conductor->made != NULL) && !conductor->wants_instants &&
           conductor->join == NULL && conductor->on_instant == NULL &&
           conductor->holder->holdings[player->instrument].bought && player->next < player->end &&
           duet_series_open_ns(player->series, player->next) >= conductor->from_ns;
}

/** Where nothing was due by the clock, a bar can still close one that is not of time. True: something was told. */
static inline bool take_quietly(struct duet_conductor *conductor, const struct duet_bar *bar, int64_t now_ns) {
    duet_made_take(conductor->made, 0, bar);
    if (__builtin_expect(conductor->made->due_ns > now_ns, 1)) {
        return false;
    }
    uint32_t cursor = 0;
    tell_made(conductor, now_ns, DUET_MADE_ALL, 0, &cursor);
    return true;
}

/**
 * The phases of play_instant() where most of them are empty, for as many bars as that lasts, at most `budget`. This is
 * where a backtest spends its time. What the strategy asks for ends it: the rest of that instant is played as any
 * other.
 */
static uint32_t play_quiet(struct duet_conductor *conductor, uint32_t budget) {
    struct duet_player *player = &conductor->players[0];
    struct duet_bus *bus = conductor->bus;
    struct duet_portfolio *portfolio = conductor->portfolio;
    struct duet_curve *curve = conductor->curve;
    struct duet_holder *holder = conductor->holder;
    const uint32_t instrument = player->instrument;
    struct duet_event event;
    const volatile sig_atomic_t *interrupted = conductor->interrupted;
    struct duet_made *made = conductor->made;
    const bool wanted = player->wanted;
    int64_t scheduled_ns = earlier(duet_bus_next_scheduled_inline(bus), duet_made_due_ns(made));
    uint32_t played = 0;
    while (played < budget && player->close_ns < scheduled_ns && *interrupted == 0) {
        int64_t now_ns = player->close_ns;
        struct duet_bar *bar = player_decode(conductor, player);
        if (bar == NULL) {
            break;
        }
        played++;
        event.event_ns = now_ns;
        event.bar = bar;
        player_advance(player);
        duet_bus_admit_bar(bus, &event, now_ns);
        duet_portfolio_mark_inline(portfolio, instrument, bar->close_scaled);
        duet_holder_look(holder, instrument, bar->close, bar->close_scaled);
        if (__builtin_expect(!duet_bus_is_empty(bus), 0)) {
            duet_bus_drain(bus); // ruined at this mark
            duet_bus_cause(bus, &event);
        }
        if (__builtin_expect(wanted, 1)) {
            (void)duet_bus_deliver(bus, &event, DUET_EVENT_BAR);
        }
        bool asked = !duet_bus_is_empty(bus);
        if (__builtin_expect(asked, 0)) {
            duet_bus_drain(bus);
        }
        if (made != NULL) {
            asked |= take_quietly(conductor, bar, now_ns);
        }
        duet_curve_take(curve, now_ns, duet_portfolio_equity_inline(portfolio), duet_portfolio_gross_inline(portfolio));
        scheduled_ns = duet_bus_next_scheduled_inline(bus); // a callback may have set a timer
        if (__builtin_expect(asked || scheduled_ns <= now_ns, 0)) {
            finish_instant(conductor, now_ns);
            conductor->last_ns = now_ns;
            break;
        }
        conductor->last_ns = now_ns;
        scheduled_ns = earlier(scheduled_ns, duet_made_due_ns(made));
    }
    duet_bus_drain(bus);
    if (played > 0) {
        const struct duet_bar *last = duet_window_last(&player->window);
        duet_holder_mark(holder, instrument, last->close, last->close_scaled);
    }
    conductor->bars += played;
    conductor->instants += played;
    if (played > 0) {
        conductor->openings_done_ns = conductor->last_ns;
        duet_venue_openings_done(conductor->venue, conductor->last_ns);
    }
    return played;
}

static inline uint32_t lesser(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static inline void report_progress(struct duet_conductor *conductor) {
    if (__builtin_expect(conductor->instants >= conductor->progress_due, 0)) {
        conductor->progress_due = conductor->instants + PROGRESS_INSTANTS;
        if (conductor->on_progress != NULL) {
            conductor->on_progress(conductor->argument, conductor->bars + conductor->ticks, conductor->bars_total);
        }
    }
}

static enum duet_source_state conductor_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct duet_conductor *conductor = duet_container_of(source, struct duet_conductor, source);
    *wake_ns = INT64_MAX;
    for (uint32_t i = 0; i < budget && conductor->failure == DUET_OK; i++) {
        if (is_quiet(conductor)) {
            i += play_quiet(conductor, lesser(budget - i, PROGRESS_INSTANTS));
        }
        report_progress(conductor);
        if (__builtin_expect(*conductor->interrupted != 0, 0)) {
            conductor->failure = duet_error(DUET_ESTATE, "interrupted; nothing was written");
        }
        if (conductor->failure != DUET_OK) {
            break;
        }
        if (conductor->join != NULL) {
            (void)conductor->join(conductor->argument); // asked for in on_start, or where openings were filled
        }
        int64_t market_ns =
            conductor->merge == NULL ? conductor->players[0].close_ns : duet_merge_top_ns(conductor->merge);
        int64_t now_ns = earlier(market_ns, duet_bus_next_scheduled_ns(conductor->bus));
        now_ns = earlier(now_ns, duet_made_due_ns(conductor->made));
        if (duet_venue_hot_count(conductor->venue) > 0) {
            if (!conductor->opens_at_close) {
                now_ns = earlier(now_ns, next_opening_ns(conductor, conductor->last_ns));
            }
            now_ns = earlier(now_ns, duet_venue_head(conductor->venue)->next_expiry_ns);
        }
        if (market_ns == INT64_MAX) {
            return DUET_SOURCE_DONE; // timers after the last bar are not played: the data is over
        }
        play_instant(conductor, now_ns, market_ns);
        conductor->instants++;
        if (duet_bus_fault(conductor->bus) != DUET_OK) {
            conductor->failure = duet_bus_fault(conductor->bus);
        }
    }
    return conductor->failure == DUET_OK ? DUET_SOURCE_MORE : DUET_SOURCE_DONE;
}

/* ------------------------------------------------------------------------------------------------ begin and end */

enum duet_status duet_conductor_init(struct duet_conductor *conductor) {
    static const volatile sig_atomic_t never;
    DUET_ASSERT(conductor->player_count > 0);
    conductor->interrupted = conductor->interrupted != NULL ? conductor->interrupted : &never;
    conductor->source = (struct duet_source){.name = "conductor", .run = conductor_run};
    uint32_t count = conductor->player_count;
    conductor->closing = duet_alloc(count, sizeof(*conductor->closing));
    conductor->events = duet_alloc(count, sizeof(*conductor->events));
    conductor->executing = duet_alloc(conductor->instruments->count, sizeof(*conductor->executing));
    int64_t *times = duet_alloc(count, sizeof(*times));
    conductor->openings_done_ns = conductor->last_ns = INT64_MIN;
    int64_t begins_ns = INT64_MAX;
    for (uint32_t i = 0; i < count; i++) {
        struct duet_player *player = &conductor->players[i];
        player->next = player->start;
        player->first_ns = INT64_MAX;
        player->is_ticks = duet_series_is_ticks(player->series);
        conductor->has_ticks = conductor->has_ticks || player->is_ticks;
        struct duet_bar blank = {0};
        duet_series_fill_common(player->series, &blank);
        duet_window_set_blank(&player->window, &blank);
        player->close_ns = player->next < player->end ? duet_series_known_ns(player->series, player->next) : INT64_MAX;
        times[i] = player->close_ns;
        if (player->next < player->end && duet_series_begin_ns(player->series, player->next) < begins_ns) {
            begins_ns = duet_series_begin_ns(player->series, player->next);
        }
        conductor->bars_total += player->end - player->start;
        if (player->executes) {
            conductor->executing[player->instrument] = i;
        }
    }
    duet_bus_begin_time(conductor->bus, begins_ns);
    enum duet_status status = count == 1 ? DUET_OK : duet_merge_create(times, count, &conductor->merge);
    free(times);
    return status;
}

void duet_conductor_finish(struct duet_conductor *conductor) {
    duet_merge_destroy(conductor->merge);
    free(conductor->closing);
    free(conductor->events);
    free(conductor->executing);
    conductor->merge = NULL;
    conductor->closing = conductor->executing = NULL;
    conductor->events = NULL;
}

void duet_conductor_end(struct duet_conductor *conductor, bool close) {
    duet_venue_end(conductor->venue);
    duet_bus_drain(conductor->bus);
    for (uint32_t i = 0; close && i < conductor->instruments->count; i++) {
        const struct duet_position_state *position = duet_portfolio_position(conductor->portfolio, i);
        if (position->quantity != 0) {
            duet_venue_close_out(conductor->venue, i, position->mark);
            duet_bus_drain(conductor->bus);
        }
    }
    if (close && conductor->last_ns != INT64_MIN) {
        duet_curve_take(conductor->curve, conductor->last_ns, duet_portfolio_equity(conductor->portfolio),
            duet_portfolio_gross(conductor->portfolio));
    }
}
