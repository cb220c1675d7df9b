#include "engine/live/feed_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"
#include "data/merge.h"
#include "data/tick_series.h"
#include "engine/live/live.h"

/** Where the session cannot write, it is asked again this often. */
#define RETRY_NS (DUET_SECOND_NS / 20)

struct player {
    struct duet_series *series; // borrowed
    uint64_t end; // one past the last record of the run
    uint64_t closing; // record that closes next
    uint64_t opening; // record that opens next; `end` for one that does not execute
    uint64_t verified; // records below this have been checked
    bool executes;
    bool is_ticks; // trades or quotes: `closing` is the one that comes next
};

struct duet_feed_file {
    struct duet_source source;
    struct duet_clock clock;
    struct duet_live *live;
    const struct duet_cast *cast;
    double speed;
    struct player *players;
    uint32_t count;
    struct duet_merge *closes, *opens; // NULL before begin
    unsigned char *record; // an INSTANT with room for every series
    int64_t from_ns; // instants up to here are history; INT64_MIN: none are
    int64_t last_ns; // that the session had when the feed began; INT64_MIN: none
    int64_t first_ns, first_told_ns; // the pace: this instant was at this time (monotonic: nobody puts that back)
    uint64_t waiting; // inputs in the session's queue
    bool history_only, opens_at_close, paced, end_told, over;
    enum duet_status failure;
    struct duet_feed_file_progress progress;
};

/* ---------------------------------------------------------------------------------------------------- one instant */

static int64_t close_ns(const struct player *player) {
    return player->closing < player->end ? duet_series_known_ns(player->series, player->closing) : INT64_MAX;
}

static int64_t open_ns(const struct player *player) {
    return player->opening < player->end ? duet_series_open_ns(player->series, player->opening) : INT64_MAX;
}

static int64_t next_ns(const struct duet_feed_file *feed) {
    int64_t closes_ns = duet_merge_top_ns(feed->closes), opens_ns = duet_merge_top_ns(feed->opens);
    // Once no bar closes any more, nothing that opens would ever close: the data is over.
    return closes_ns == INT64_MAX || closes_ns < opens_ns ? closes_ns : opens_ns;
}

static enum duet_status verify(struct player *player, uint64_t index) {
    if (index < player->verified) {
        return DUET_OK;
    }
    enum duet_status status = duet_series_verify(player->series, index);
    uint64_t block = duet_series_block_records(player->series);
    player->verified = (index / block + 1) * block;
    return status;
}

static enum duet_status take_closing(
    struct duet_feed_file *feed, int64_t now_ns, struct duet_bar *bars, uint32_t *count) {
    while (duet_merge_top_ns(feed->closes) == now_ns) {
        struct player *player = &feed->players[duet_merge_top(feed->closes)];
        enum duet_status status = verify(player, player->closing);
        if (status != DUET_OK) {
            return status;
        }
        duet_series_bar(player->series, player->closing, &bars[(*count)++]);
        player->closing++;
        (void)duet_merge_advance(feed->closes, close_ns(player));
    }
    feed->progress.bars += *count;
    return DUET_OK;
}

static enum duet_status take_opening(
    struct duet_feed_file *feed, int64_t now_ns, struct duet_opening *openings, uint32_t *count) {
    while (duet_merge_top_ns(feed->opens) == now_ns) {
        struct player *player = &feed->players[duet_merge_top(feed->opens)];
        enum duet_status status = verify(player, player->opening);
        if (status != DUET_OK) {
            return status;
        }
        openings[(*count)++] = (struct duet_opening){.size = sizeof(struct duet_opening),
            .instrument = player->series->instrument,
            .open_ns = now_ns,
            .open_scaled = duet_series_open_scaled(player->series, player->opening)};
        player->opening++;
        (void)duet_merge_advance(feed->opens, open_ns(player));
    }
    return DUET_OK;
}

/** One trade or quote on its way into the session. */
static enum duet_status admit_tick(struct duet_feed_file *feed, const struct player *player) {
    struct duet_trade trade;
    struct duet_quote quote;
    if (player->series->trades != NULL) {
        duet_series_trade(player->series, player->closing, &trade);
        return duet_session_admit(feed->live->session, DUET_INPUT_TRADE, &trade, sizeof(trade), 0);
    }
    duet_series_quote(player->series, player->closing, &quote);
    return duet_session_admit(feed->live->session, DUET_INPUT_QUOTE, &quote, sizeof(quote), 0);
}

/** Every tick of `now_ns`, in the conductor's order; all at once, so that nothing that is due then comes between. */
static enum duet_status take_ticks(struct duet_feed_file *feed, int64_t now_ns) {
    while (duet_merge_top_ns(feed->closes) == now_ns) {
        struct player *player = &feed->players[duet_merge_top(feed->closes)];
        if (!player->is_ticks) {
            break;
        }
        enum duet_status status = verify(player, player->closing);
        if (status == DUET_OK) {
            status = admit_tick(feed, player);
        }
        if (status != DUET_OK) {
            return status;
        }
        feed->progress.bars++;
        feed->waiting++;
        player->closing++;
        (void)duet_merge_advance(feed->closes, close_ns(player));
    }
    return DUET_OK;
}

static enum duet_status play(struct duet_feed_file *feed, int64_t now_ns) {
    enum duet_status status = take_ticks(feed, now_ns);
    if (status != DUET_OK || (duet_merge_top_ns(feed->closes) != now_ns && duet_merge_top_ns(feed->opens) != now_ns)) {
        feed->progress.instants++;
        return status;
    }
    struct duet_input_instant *instant = (struct duet_input_instant *)(void *)feed->record;
    *instant = (struct duet_input_instant){.instant_ns = now_ns};
    if (feed->history_only || now_ns <= feed->from_ns) {
        instant->flags |= DUET_INSTANT_HISTORY;
    }
    if (feed->opens_at_close) {
        instant->flags |= DUET_INSTANT_OPENS_AT_CLOSE;
    }
    struct duet_bar *bars = (struct duet_bar *)(void *)(instant + 1);
    status = take_closing(feed, now_ns, bars, &instant->closing);
    if (status == DUET_OK) {
        struct duet_opening *openings = (struct duet_opening *)(void *)(bars + instant->closing);
        status = take_opening(feed, now_ns, openings, &instant->opening);
    }
    if (status != DUET_OK) {
        return status;
    }
    size_t size =
        sizeof(*instant) + instant->closing * sizeof(struct duet_bar) + instant->opening * sizeof(struct duet_opening);
    feed->progress.instants++;
    return duet_session_admit(feed->live->session, DUET_INPUT_INSTANT, feed->record, size, 0);
}

/* ----------------------------------------------------------------------------------------------------- the pace */

/** When (monotonic) what the file has at `ns` is to be told; INT64_MIN: at once. */
static int64_t told_ns(struct duet_feed_file *feed, int64_t ns) {
    if (feed->speed == 0 || feed->history_only || ns <= feed->from_ns) {
        return INT64_MIN;
    }
    if (!feed->paced) {
        feed->paced = true;
        feed->first_ns = feed->last_ns > feed->from_ns ? feed->last_ns : ns; // goes on where another process ended
        feed->first_told_ns = duet_monotonic_ns();
    }
    double ahead = (double)(ns - feed->first_ns) / feed->speed;
    return ahead < 9e18 - (double)feed->first_told_ns ? feed->first_told_ns + (int64_t)ahead : INT64_MAX;
}

static enum duet_source_state finish(struct duet_feed_file *feed, enum duet_status failure) {
    feed->over = true;
    feed->failure = failure;
    duet_loop_wake(feed->live->loop);
    return DUET_SOURCE_DONE;
}

/** Whether enough time has passed for `ns`; where it has not, *wake_ns is when it will have. */
static bool has_come(struct duet_feed_file *feed, int64_t ns, int64_t *wake_ns) {
    int64_t at_ns = told_ns(feed, ns), now_ns = duet_monotonic_ns();
    if (at_ns <= now_ns) {
        return true;
    }
    int64_t wall_ns = duet_clock_now_ns(&duet_clock_wall), left_ns = at_ns - now_ns; // the loop goes by the wall
    int64_t due_ns = left_ns < INT64_MAX - wall_ns ? wall_ns + left_ns : INT64_MAX;
    *wake_ns = due_ns < *wake_ns ? due_ns : *wake_ns;
    return false;
}

/**
 * Between two instants the file's clock goes on to what the core has due. Only where the wall is in between, too: what
 * is due before an instant that is played at once the core works off by itself.
 */
static enum duet_source_state wait_between(struct duet_feed_file *feed, int64_t instant_ns, int64_t *wake_ns) {
    if (feed->waiting > 0) {
        return DUET_SOURCE_MORE; // what is due is known once the rest has been worked off
    }
    int64_t due_ns = duet_session_due_ns(feed->live->session);
    if (due_ns < instant_ns && has_come(feed, due_ns, wake_ns)) {
        if (due_ns <= feed->clock.virtual_ns) {
            return DUET_SOURCE_WAIT; // the session has been told
        }
        feed->clock.virtual_ns = due_ns;
        duet_loop_wake(feed->live->loop);
        return DUET_SOURCE_MORE;
    }
    return DUET_SOURCE_WAIT;
}

/** After the last instant: the core hears of it, and the feed is over when that has been worked off. */
static enum duet_source_state play_end(struct duet_feed_file *feed) {
    if (!feed->history_only && !feed->end_told) {
        feed->end_told = true;
        enum duet_status status = duet_session_admit(feed->live->session, DUET_INPUT_END, NULL, 0, 0);
        return status == DUET_OK ? DUET_SOURCE_MORE : finish(feed, status);
    }
    return feed->waiting > 0 ? DUET_SOURCE_MORE : finish(feed, DUET_OK);
}

static enum duet_source_state feed_file_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct duet_feed_file *feed = duet_container_of(source, struct duet_feed_file, source);
    struct duet_session_status status;
    duet_session_get_status(feed->live->session, &status);
    feed->waiting = status.waiting;
    if (status.blocked) {
        *wake_ns = duet_clock_now_ns(&duet_clock_wall) + RETRY_NS;
        return DUET_SOURCE_WAIT;
    }
    // A short queue: an operator's command waits behind what was admitted before it.
    for (; feed->waiting < budget; feed->waiting++) {
        int64_t instant_ns = next_ns(feed);
        if (instant_ns == INT64_MAX) {
            return play_end(feed);
        }
        if (!has_come(feed, instant_ns, wake_ns)) {
            return wait_between(feed, instant_ns, wake_ns);
        }
        if (instant_ns > feed->clock.virtual_ns) {
            feed->clock.virtual_ns = instant_ns;
        }
        enum duet_status outcome = play(feed, instant_ns);
        if (outcome != DUET_OK) {
            return finish(feed, outcome);
        }
    }
    return DUET_SOURCE_MORE;
}

/* -------------------------------------------------------------------------------------------------- begin and end */

enum duet_status duet_feed_file_create(
    struct duet_live *live, const struct duet_cast *cast, double speed, struct duet_feed_file **out) {
    struct duet_feed_file *feed = duet_alloc(1, sizeof(*feed));
    feed->source = (struct duet_source){.name = "file feed", .run = feed_file_run};
    feed->live = live;
    feed->cast = cast;
    feed->speed = speed;
    feed->count = (uint32_t)cast->count;
    feed->players = duet_alloc(feed->count, sizeof(*feed->players));
    feed->record = duet_alloc(
        1, sizeof(struct duet_input_instant) + feed->count * (sizeof(struct duet_bar) + sizeof(struct duet_opening)));
    feed->history_only = live->live->feed_gateway;
    feed->opens_at_close = live->live->opens_at_close || live->config->opens_at_close;
    feed->from_ns = live->config->from_ns;
    int64_t earliest_ns = INT64_MAX;
    for (uint32_t i = 0; i < feed->count; i++) {
        struct duet_series *series = cast->items[i].series;
        feed->players[i] = (struct player){
            .series = series, .executes = cast->items[i].executes, .is_ticks = duet_series_is_ticks(series)};
        if (series->count > 0 && duet_series_begin_ns(series, 0) < earliest_ns) {
            earliest_ns = duet_series_begin_ns(series, 0);
        }
    }
    feed->clock = duet_clock_virtual(earliest_ns);
    *out = feed;
    return DUET_OK;
}

void duet_feed_file_destroy(struct duet_feed_file *feed) {
    if (feed != NULL) {
        duet_merge_destroy(feed->closes);
        duet_merge_destroy(feed->opens);
        free(feed->players);
        free(feed->record);
        free(feed);
    }
}

/** The first record that closes after `last_ns`, and the first that opens after it; none before `start`. */
static void place(struct player *player, uint64_t start, int64_t last_ns, bool with_openings) {
    player->closing = start;
    player->opening = player->executes && with_openings ? start : player->end;
    if (last_ns == INT64_MIN) {
        return;
    }
    uint64_t opens_after = duet_series_find(player->series, last_ns + 1);
    uint64_t closes_after = opens_after;
    if (closes_after > 0 && duet_series_close_ns(player->series, closes_after - 1) > last_ns) {
        closes_after--; // is open at last_ns
    }
    player->closing = closes_after > player->closing ? closes_after : player->closing;
    player->opening = opens_after > player->opening ? opens_after : player->opening;
}

enum duet_status duet_feed_file_begin(struct duet_feed_file *feed) {
    const struct duet_config *config = feed->live->config;
    struct duet_session *session = feed->live->session;
    uint64_t warm_up = (uint64_t)duet_host_warm_up_bars(duet_core_host(duet_session_core(session)));
    const struct duet_made *made = duet_core_made(duet_session_core(session));
    int64_t last_ns = feed->last_ns = duet_session_last_instant_ns(session);
    int64_t *closes_ns = duet_alloc(feed->count, sizeof(*closes_ns));
    int64_t *opens_ns = duet_alloc(feed->count, sizeof(*opens_ns));
    uint64_t bars = 0;
    for (uint32_t i = 0; i < feed->count; i++) {
        struct player *player = &feed->players[i];
        struct duet_cast_range range = duet_cast_range(feed->cast, i, config, warm_up, made);
        player->end = range.end;
        bars += range.end > range.first ? range.end - range.first : 0;
        if (player->is_ticks) {
            int64_t tick_ns;
            player->closing = range.start + duet_core_ticks(duet_session_core(session), i, &tick_ns);
            player->opening = player->end;
            feed->last_ns = tick_ns > feed->last_ns ? tick_ns : feed->last_ns;
        } else {
            place(player, range.start, last_ns, !feed->opens_at_close && !feed->history_only);
        }
        feed->progress.bars += player->closing - range.start;
        feed->progress.bars_total += range.end - range.start;
        closes_ns[i] = close_ns(player);
        opens_ns[i] = open_ns(player);
    }
    enum duet_status status = bars > 0 || feed->history_only
                                  ? DUET_OK
                                  : duet_error(DUET_EDATA, "no bars between --from and --to; %s runs from %s to %s",
                                        feed->players[0].series->info.path, feed->players[0].series->info.first,
                                        feed->players[0].series->info.last);
    if (status == DUET_OK) {
        status = duet_merge_create(closes_ns, feed->count, &feed->closes);
    }
    if (status == DUET_OK) {
        status = duet_merge_create(opens_ns, feed->count, &feed->opens);
    }
    if (feed->last_ns > feed->clock.virtual_ns) {
        feed->clock.virtual_ns = feed->last_ns;
    }
    free(closes_ns);
    free(opens_ns);
    return status;
}

struct duet_clock *duet_feed_file_clock(struct duet_feed_file *feed) {
    return &feed->clock;
}

struct duet_source *duet_feed_file_source(struct duet_feed_file *feed) {
    return &feed->source;
}

bool duet_feed_file_is_over(const struct duet_feed_file *feed, enum duet_status *failure) {
    *failure = feed->failure;
    return feed->over;
}

void duet_feed_file_get_progress(const struct duet_feed_file *feed, struct duet_feed_file_progress *out) {
    *out = feed->progress;
}
