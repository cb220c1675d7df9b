#include "engine/backtest.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "data/tick_series.h"
#include "engine/backtest_private.h"
#include "engine/report_page.h"

static void run_progress(void *argument, uint64_t done, uint64_t total) {
    struct duet_backtest *backtest = argument;
    if (backtest->options.progress != NULL) {
        backtest->options.progress(backtest->options.argument, "run", done, total);
    }
}

static void run_instant(void *argument, int64_t ns) {
    struct duet_backtest *backtest = argument;
    if (backtest->wants == DUET_WANTS_BARS && duet_host_warm_up_left(backtest->host, 0) > 0) {
        backtest->tape.first_bar = backtest->tape.bar_count + 1; // not warm yet in this one
    }
    duet_recorder_instant(&backtest->recorder, ns);
}

static bool join_computations(void *argument) {
    const struct duet_backtest *backtest = argument;
    return duet_computer_join(backtest->computer);
}

/** As if the file of `player` ended with the last bar that has closed, or the last tick that has come, by the cut. */
static void cut_player(struct duet_backtest *backtest, struct duet_player *player) {
    int64_t cut_ns = backtest->options.cut_ns;
    uint64_t end = duet_series_find(player->series, cut_ns + duet_series_is_ticks(player->series));
    end = end < player->end ? end : player->end;
    while (end > player->start && duet_series_known_ns(player->series, end - 1) > cut_ns) {
        end--;
    }
    if (end < player->end && player->executes) {
        // Up to where the first record that is missing begins, everything is as in the whole run.
        int64_t next_ns = duet_series_begin_ns(player->series, end), until_ns = next_ns < cut_ns ? next_ns : cut_ns;
        backtest->known_ns = until_ns < backtest->known_ns ? until_ns : backtest->known_ns;
    }
    player->end = end;
}

/** Which records each series plays: the run's, and before them as many as the strategy wants to be warmed up with. */
static enum duet_status set_ranges(struct duet_backtest *backtest) {
    const struct duet_config *config = backtest->config;
    uint64_t warm_up = (uint64_t)duet_host_warm_up_bars(backtest->host), history = warm_up, bars = 0;
    if (backtest->options.more_history > 1) {
        history = __builtin_mul_overflow(warm_up > 0 ? warm_up : 1, backtest->options.more_history, &history)
                      ? UINT64_MAX
                      : history;
    }
    backtest->known_ns = INT64_MAX;
    for (size_t i = 0; i < backtest->cast.count; i++) {
        struct duet_player *player = &backtest->players[i];
        struct duet_cast_range range = duet_cast_range(&backtest->cast, i, config, history, backtest->made);
        uint64_t first = range.first;
        player->start = range.start;
        player->end = range.end;
        player->wanted = duet_host_wants(backtest->host, i);
        if (backtest->options.cut_ns != 0) {
            cut_player(backtest, player);
        }
        bars += player->end > first ? player->end - first : 0;
        uint64_t had = backtest->host_series[i].primary
                           ? first
                           : duet_made_warm_bars(backtest->made, (uint32_t)i, player->series, first, warm_up);
        if (had < warm_up && config->from_ns != INT64_MIN) {
            duet_result_warn(&backtest->result, "short_warm_up", warm_up - had, NULL,
                "%s has %llu bars before --from where the strategy wants %llu; it trades later",
                player->series->info.symbol, (unsigned long long)had, (unsigned long long)warm_up);
        }
    }
    if (bars == 0) {
        return duet_error(DUET_EDATA, "no bars between --from and --to; %s runs from %s to %s",
            backtest->players[0].series->info.path, backtest->players[0].series->info.first,
            backtest->players[0].series->info.last);
    }
    return DUET_OK;
}

static enum duet_status play(struct duet_backtest *backtest) {
    const struct duet_config *config = backtest->config;
    backtest->conductor = (struct duet_conductor){.bus = backtest->bus,
        .venue = backtest->venue,
        .portfolio = backtest->portfolio,
        .instruments = &backtest->cast.instruments,
        .players = backtest->players,
        .player_count = (uint32_t)backtest->cast.count,
        .made = backtest->made->count > 0 ? backtest->made : NULL,
        .curve = &backtest->curve,
        .holder = &backtest->holder,
        .wants_instants = duet_host_wants_instants(backtest->host),
        .opens_at_close = config->opens_at_close,
        .from_ns = config->from_ns,
        .on_instant =
            config->equity != NULL || config->report != NULL || backtest->wants == DUET_WANTS_BARS ? run_instant : NULL,
        .join = backtest->computer != NULL ? join_computations : NULL,
        .on_progress = run_progress,
        .argument = backtest,
        .interrupted = backtest->options.interrupted};
    enum duet_status status = duet_conductor_init(&backtest->conductor);
    if (status != DUET_OK) {
        return status;
    }
    duet_loop_add(backtest->loop, &backtest->conductor.source);
    status = duet_loop_run(backtest->loop);
    duet_loop_remove(backtest->loop, &backtest->conductor.source);
    if (status == DUET_OK) {
        status = backtest->conductor.failure;
    }
    if (status == DUET_OK) {
        backtest->over = true;
        duet_made_end(backtest->made);
        duet_component_stop(duet_host_component(backtest->host));
        duet_conductor_end(&backtest->conductor, config->close_at_end);
        status = duet_bus_fault(backtest->bus);
    }
    return status;
}

static enum duet_status complete_tape(struct duet_backtest *backtest) {
    backtest->tape.initial = duet_money_to_double(backtest->config->cash);
    backtest->result.tape = &backtest->tape;
    return duet_tape_complete(&backtest->tape, &backtest->cast, backtest->portfolio);
}

static enum duet_status finish(struct duet_backtest *backtest, int64_t started_ns) {
    struct duet_gather gather = {.config = backtest->config,
        .plugin = &backtest->plugin,
        .cast = &backtest->cast,
        .conductor = &backtest->conductor,
        .trades = backtest->recorder.trades,
        .digests = backtest->options.digests};
    enum duet_status status = duet_gather_result(&gather, &backtest->result);
    if (backtest->options.lookahead != NULL) {
        duet_result_warn(&backtest->result, "lookahead", 1, NULL, "%s", backtest->options.lookahead);
    }
    backtest->result.decisions = duet_backtest_wants_decisions(backtest->config) ? &backtest->decisions : NULL;
    if (status == DUET_OK) {
        status = duet_benchmark_sample(&backtest->benchmark, &backtest->holder, &backtest->result);
        backtest->damaged = status == DUET_EDATA;
    }
    if (status == DUET_OK && backtest->wants != DUET_WANTS_NOTHING) {
        status = complete_tape(backtest);
    }
    if (status == DUET_OK) {
        status = duet_recorder_commit(&backtest->recorder);
    }
    int64_t now_ns = duet_monotonic_ns();
    backtest->result.load_s = backtest->cast.load_s;
    backtest->result.run_s = (double)(now_ns - started_ns) / 1e9;
    backtest->result.total_s = (double)(now_ns - backtest->begun_ns) / 1e9;
    return status;
}

static enum duet_status run_once(const struct duet_config *config, const struct duet_backtest_options *options,
    bool *damaged, struct duet_backtest **out) {
    struct duet_backtest *backtest = duet_alloc(1, sizeof(*backtest));
    backtest->config = config;
    backtest->options = *options;
    backtest->begun_ns = duet_monotonic_ns();
    enum duet_status status = duet_backtest_build(backtest);
    if (status == DUET_OK) {
        status = duet_backtest_bring_up(backtest);
    }
    if (status == DUET_OK) {
        status = set_ranges(backtest);
    }
    int64_t started_ns = duet_monotonic_ns();
    if (status == DUET_OK) {
        status = play(backtest);
    }
    if (status == DUET_OK) {
        status = finish(backtest, started_ns);
    }
    duet_stack_down(&backtest->stack);
    backtest->config = NULL;
    *damaged = backtest->conductor.failure == DUET_EDATA || backtest->damaged;
    if (status != DUET_OK) {
        duet_backtest_destroy(backtest);
        return status;
    }
    *out = backtest;
    return DUET_OK;
}

enum duet_status duet_backtest_run(
    const struct duet_config *config, const struct duet_backtest_options *options, struct duet_backtest **out) {
    *out = NULL;
    bool damaged;
    enum duet_status status = run_once(config, options, &damaged, out);
    if (status == DUET_EDATA && damaged) {
        // The damaged file is gone; the second run reads the sources again.
        status = run_once(config, options, &damaged, out);
    }
    return status;
}

void duet_backtest_destroy(struct duet_backtest *backtest) {
    if (backtest == NULL) {
        return;
    }
    duet_stack_down(&backtest->stack);
    duet_conductor_finish(&backtest->conductor);
    duet_loop_destroy(backtest->loop);
    duet_recorder_finish(&backtest->recorder);
    duet_host_destroy(backtest->host);
    duet_made_destroy(backtest->made);
    duet_computer_destroy(backtest->computer);
    duet_offload_destroy(backtest->offload);
    duet_venue_destroy(backtest->venue);
    duet_portfolio_destroy(backtest->portfolio);
    duet_bus_destroy(backtest->bus);
    for (size_t i = 0; backtest->players != NULL && i < backtest->cast.count; i++) {
        duet_window_finish(&backtest->players[i].window);
    }
    free(backtest->players);
    free(backtest->host_series);
    duet_holder_finish(&backtest->holder);
    duet_benchmark_close(&backtest->benchmark);
    duet_tape_finish(&backtest->tape);
    duet_curve_finish(&backtest->curve);
    duet_decisions_finish(&backtest->decisions);
    duet_result_finish(&backtest->result);
    duet_cast_close(&backtest->cast);
    duet_plugin_close(&backtest->plugin);
    free(backtest);
}

int64_t duet_backtest_known_ns(const struct duet_backtest *backtest) {
    return backtest->known_ns;
}

const struct duet_result *duet_backtest_result(const struct duet_backtest *backtest) {
    return &backtest->result;
}

enum duet_status duet_backtest_print_page(
    const struct duet_backtest *backtest, const struct duet_config *config, FILE *stream) {
    const struct duet_report_page page = {.config = config,
        .conductor = &backtest->conductor,
        .result = &backtest->result,
        .diary = &backtest->recorder.diary};
    return duet_report_page_print(&page, stream);
}

enum duet_status duet_backtest_complete_params(struct duet_config *config) {
    struct duet_plugin plugin;
    enum duet_status status = duet_plugin_open(config->strategy, &plugin);
    if (status != DUET_OK) {
        return status;
    }
    void *state = duet_alloc(1, plugin.impl->state_size);
    duet_plugin_set_defaults(plugin.impl, state);
    for (size_t i = 0; status == DUET_OK && i < config->param_count; i++) {
        status = duet_plugin_set_param(plugin.impl, state, config->params[i].name, config->params[i].value);
    }
    for (size_t i = 0; status == DUET_OK && i < duet_plugin_param_count(plugin.impl); i++) {
        char value[48], pair[160];
        duet_plugin_get_param(plugin.impl, state, i, value);
        snprintf(pair, sizeof(pair), "%s=%s", duet_plugin_param(plugin.impl, i)->name, value);
        status = duet_config_set(config, "param", pair, NULL);
    }
    free(state);
    duet_plugin_close(&plugin);
    return status;
}
