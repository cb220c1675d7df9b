#include "engine/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/rng.h"
#include "base/text.h"
#include "base/time.h"
#include "data/tick_series.h"
#include "engine/cast.h"
#include "engine/check_run.h"
#include "engine/host.h"

/** Times the warm-up that the other runs of the warm-up check have ahead of them. */
static const uint64_t histories[] = {2, 4, 8};
#define HISTORY_COUNT (sizeof(histories) / sizeof(histories[0]))

/** A check under way. */
struct checker {
    const struct duet_config *config;
    const struct duet_check_options *options;
    struct duet_cast cast; // for the times of bars and the names of instruments
    struct duet_check *out;
    uint64_t runs_total;
};

static bool is_interrupted(const struct checker *checker) {
    return checker->options->interrupted != NULL && *checker->options->interrupted != 0;
}

static enum duet_status run(struct checker *checker, const struct duet_config *config,
    const struct duet_backtest_options *options, struct duet_check_run *out) {
    if (is_interrupted(checker)) {
        return duet_error(DUET_ESTATE, "interrupted");
    }
    enum duet_status status = duet_check_run(config, options, out);
    out->decisions.instruments = &checker->cast.instruments;
    checker->out->runs++;
    if (checker->options->progress != NULL) {
        checker->options->progress(checker->options->argument, "check", checker->out->runs, checker->runs_total);
    }
    return status;
}

static void describe(const struct duet_decisions *decisions, size_t index, char out[400]) {
    char text[DUET_DECISION_TEXT_MAX];
    duet_text_copy(out, 400, index < decisions->count ? duet_decision_text(decisions, index, text) : "no decision");
}

static void report(struct duet_check *out, const char *format, ...) DUET_PRINTF(2, 3);
static void report(struct duet_check *out, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out->finding, sizeof(out->finding), format, arguments);
    va_end(arguments);
    out->clean = false;
}

static void report_death(struct duet_check *out, const struct duet_check_run *run, const char *where) {
    report(out, "%s: %s", where, run->last_words);
}

/* -------------------------------------------------------------------------------------------------- look-ahead */

/** Whether a decision of a run that knows everything up to `known_ns` can be compared: those in answer to what an
 * opening at that very instant fills cannot, as the cut run has no such opening, nor what on_stop sends. */
static bool is_comparable(const struct duet_decision *decision, int64_t known_ns) {
    return decision->time_ns < known_ns || (decision->time_ns == known_ns && !decision->at_edge);
}

static size_t next_comparable(const struct duet_decisions *decisions, size_t index, int64_t known_ns) {
    while (index < decisions->count && !is_comparable(&decisions->items[index], known_ns)) {
        index++;
    }
    return index;
}

static void compare_cut(struct checker *checker, const struct duet_check_run *whole, const struct duet_check_run *cut) {
    const struct duet_decisions *all = &whole->decisions, *some = &cut->decisions;
    for (size_t i = 0, k = 0;; i++, k++) {
        i = next_comparable(all, i, cut->known_ns);
        k = next_comparable(some, k, cut->known_ns);
        if (i >= all->count && k >= some->count) {
            return;
        }
        if (i >= all->count || k >= some->count || !duet_decision_equal(&all->items[i], &some->items[k])) {
            char time[DUET_TIME_TEXT_MAX];
            if (cut->known_ns == INT64_MAX) {
                report(checker->out,
                    "look-ahead: the same run decides otherwise when bars end at an unreadable page; a "
                    "decision hangs on something that is no input (a clock, chance, memory left over)");
            } else {
                report(checker->out,
                    "look-ahead: without the bars after %s a decision made by then is another; it hangs "
                    "on what comes later, or on something that is no input",
                    duet_time_format_iso(cut->known_ns, time));
            }
            describe(all, i, checker->out->detail[0]);
            describe(some, k, checker->out->detail[1]);
            return;
        }
    }
}

/** When a random bar of a random executing series of the run closes. */
static int64_t pick_cut_ns(const struct checker *checker, struct duet_rng *rng) {
    for (size_t tries = 0; tries < 64; tries++) {
        size_t index = (size_t)duet_rng_below(rng, checker->cast.count);
        struct duet_cast_range range = duet_cast_range(&checker->cast, index, checker->config, 0, NULL);
        if (checker->cast.items[index].executes && range.end > range.first + 1) {
            uint64_t bar = range.first + duet_rng_below(rng, range.end - range.first - 1);
            return duet_series_known_ns(checker->cast.items[index].series, bar);
        }
    }
    return 0;
}

static enum duet_status check_cuts(struct checker *checker, const struct duet_check_run *whole, size_t cuts) {
    struct duet_rng rng;
    duet_rng_seed(&rng, checker->config->seed);
    enum duet_status status = DUET_OK;
    for (size_t i = 0; status == DUET_OK && checker->out->clean && i < cuts; i++) {
        int64_t cut_ns = pick_cut_ns(checker, &rng);
        struct duet_check_run cut;
        const struct duet_backtest_options options = {.cut_ns = cut_ns};
        if (cut_ns == 0) {
            return DUET_OK; // nothing to cut off
        }
        status = run(checker, checker->config, &options, &cut);
        if (status == DUET_OK && cut.died) {
            report_death(checker->out, &cut, "on cut data");
        } else if (status == DUET_OK && cut.status == DUET_OK) {
            compare_cut(checker, whole, &cut);
        } else if (status == DUET_OK && cut.status != DUET_EDATA) {
            status = cut.status; // nothing left between --from and the cut is no finding
        }
        duet_decisions_finish(&cut.decisions);
    }
    return status;
}

/** Bars and history end at a page that cannot be read. */
static enum duet_status check_guarded(struct checker *checker, const struct duet_check_run *whole) {
    struct duet_config config = *checker->config;
    struct duet_check_run guarded;
    const struct duet_backtest_options options = {0};
    config.guard = true;
    enum duet_status status = run(checker, &config, &options, &guarded);
    if (status == DUET_OK && guarded.died) {
        report(checker->out, "look-ahead: touched memory past the bars it was handed; %s", guarded.last_words);
    } else if (status == DUET_OK && guarded.status != DUET_OK) {
        status = guarded.status;
    } else if (status == DUET_OK) {
        guarded.known_ns = INT64_MAX;
        compare_cut(checker, whole, &guarded);
    }
    duet_decisions_finish(&guarded.decisions);
    return status;
}

/** The run as it is, which the others are held against. */
static enum duet_status run_whole(struct checker *checker, struct duet_check_run *whole) {
    const struct duet_backtest_options options = {0};
    enum duet_status status = run(checker, checker->config, &options, whole);
    if (status == DUET_OK && whole->died) {
        report_death(checker->out, whole, "the run itself");
    } else if (status == DUET_OK) {
        status = whole->status;
    }
    checker->out->decisions = whole->decisions.count;
    checker->out->bars = whole->bars;
    checker->out->ticks = whole->ticks;
    return status;
}

static void load_progress(void *argument, const char *path, uint64_t done, uint64_t total) {
    const struct duet_check_options *options = argument;
    options->progress(options->argument, "load", done, total);
}

static enum duet_status begin(struct checker *checker, uint64_t runs_total, struct duet_check *out) {
    *out = (struct duet_check){.clean = true};
    checker->out = out;
    checker->runs_total = runs_total;
    enum duet_status status = duet_config_check(checker->config);
    // Reading the data here first leaves the caches warm for the processes to come, and shows what is wrong with it.
    struct duet_check_options options = *checker->options;
    return status == DUET_OK ? duet_cast_open(checker->config, options.progress != NULL ? load_progress : NULL,
                                   &options, &checker->cast)
                             : status;
}

enum duet_status duet_check_lookahead(
    const struct duet_config *config, const struct duet_check_options *options, struct duet_check *out) {
    struct checker checker = {.config = config, .options = options};
    struct duet_check_run whole = {0};
    size_t cuts = options->cuts > 0 ? options->cuts : DUET_CHECK_CUTS;
    enum duet_status status = begin(&checker, cuts + 2, out);
    if (status == DUET_OK) {
        status = run_whole(&checker, &whole);
    }
    if (status == DUET_OK && out->clean) {
        status = check_guarded(&checker, &whole);
    }
    if (status == DUET_OK && out->clean) {
        status = check_cuts(&checker, &whole, cuts);
    }
    duet_decisions_finish(&whole.decisions);
    duet_cast_close(&checker.cast);
    return status;
}

/* ----------------------------------------------------------------------------------------------------- warm-up */

/** The first decision that another history changes; how many the two runs do not share by then. */
static void compare_history(
    struct checker *checker, const struct duet_check_run *whole, const struct duet_check_run *longer, uint64_t times) {
    const struct duet_decisions *a = &whole->decisions, *b = &longer->decisions;
    size_t most = a->count > b->count ? a->count : b->count;
    for (size_t i = 0; i < most; i++) {
        if (i >= a->count || i >= b->count || !duet_decision_equal(&a->items[i], &b->items[i])) {
            report(checker->out,
                "warm-up: with %" PRIu64 " times the bars of duet_warm_up() ahead of the run, decision %zu of %zu is "
                "another; the strategy is not warm when it says so (raise its warm-up)",
                times, i + 1, a->count);
            describe(a, i, checker->out->detail[0]);
            describe(b, i, checker->out->detail[1]);
            return;
        }
    }
}

/** Without --from the run begins at the middle bar of its first executing series. */
static void begin_in_the_middle(const struct checker *checker, struct duet_config *config) {
    for (size_t i = 0; config->from_ns == INT64_MIN && i < checker->cast.count; i++) {
        struct duet_cast_range range = duet_cast_range(&checker->cast, i, config, 0, NULL);
        if (checker->cast.items[i].executes && range.end > range.start + 1) {
            config->from_ns =
                duet_series_begin_ns(checker->cast.items[i].series, range.start + (range.end - range.start) / 2);
        }
    }
}

enum duet_status duet_check_warm_up(
    const struct duet_config *config, const struct duet_check_options *options, struct duet_check *out) {
    struct duet_config own = *config;
    struct checker checker = {.config = &own, .options = options};
    struct duet_check_run whole = {0};
    enum duet_status status = begin(&checker, 1 + HISTORY_COUNT, out);
    if (status == DUET_OK) {
        begin_in_the_middle(&checker, &own);
        status = run_whole(&checker, &whole);
    }
    for (size_t i = 0; status == DUET_OK && out->clean && i < HISTORY_COUNT; i++) {
        const struct duet_backtest_options longer = {.more_history = histories[i]};
        struct duet_check_run other;
        status = run(&checker, &own, &longer, &other);
        if (status == DUET_OK && other.died) {
            report_death(out, &other, "with a longer history");
        } else if (status == DUET_OK) {
            status = other.status;
        }
        if (status == DUET_OK && out->clean) {
            compare_history(&checker, &whole, &other, histories[i]);
        }
        duet_decisions_finish(&other.decisions);
    }
    duet_decisions_finish(&whole.decisions);
    duet_cast_close(&checker.cast);
    return status;
}

/* ------------------------------------------------------------------------------------------------- new plugins */

static const char clean_word[] = "clean";

/** `<cache>/checked-<digest of the plugin>`; NULL for a bundled strategy, or where nothing can be remembered. */
static char *memory_path(const struct duet_config *config) {
    struct duet_plugin plugin;
    if (config->check_off || (config->cache != NULL && strcmp(config->cache, "off") == 0) ||
        duet_plugin_open(config->strategy, &plugin) != DUET_OK) {
        return NULL;
    }
    struct duet_text path = {0};
    const struct duet_series_options options = {.cache_folder = config->cache};
    char *folder = plugin.library != NULL ? duet_series_cache_folder(&options) : NULL;
    if (folder != NULL) {
        duet_text_print(&path, "%s/checked-%s", folder, plugin.sha256);
    }
    duet_plugin_close(&plugin);
    free(folder);
    return path.text;
}

static bool recall(const char *path, struct duet_check *out) {
    char *bytes;
    size_t size;
    if (access(path, R_OK) != 0 || duet_file_read(path, sizeof(out->finding), &bytes, &size) != DUET_OK) {
        return false;
    }
    bytes[strcspn(bytes, "\n")] = '\0';
    out->clean = strcmp(bytes, clean_word) == 0;
    duet_text_copy(out->finding, sizeof(out->finding), out->clean ? "" : bytes);
    bool known = bytes[0] != '\0';
    free(bytes);
    return known;
}

static void remember(const char *path, const struct duet_check *check) {
    struct duet_output output;
    if (duet_output_open(&output, path) == DUET_OK) {
        fprintf(output.stream, "%s\n", check->clean ? clean_word : check->finding);
        (void)!duet_output_commit(&output); // unremembered, it is checked once more
    }
}

void duet_check_new_plugin(
    const struct duet_config *config, const struct duet_check_options *options, struct duet_check *out) {
    *out = (struct duet_check){.clean = true};
    char *path = config->strategy == NULL ? NULL : memory_path(config);
    if (path != NULL && !recall(path, out)) {
        struct duet_config small = *config;
        struct duet_check_options few = *options;
        small.max_bars =
            config->max_bars > 0 && config->max_bars < DUET_CHECK_BARS_AUTO ? config->max_bars : DUET_CHECK_BARS_AUTO;
        few.cuts = DUET_CHECK_CUTS_AUTO;
        if (duet_check_lookahead(&small, &few, out) == DUET_OK) {
            remember(path, out);
        } else {
            *out = (struct duet_check){.clean = true}; // the run will say what is wrong
        }
    }
    free(path);
}
