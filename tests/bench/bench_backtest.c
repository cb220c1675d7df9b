/*
 * A backtest from the warm bar cache against a loop written by hand that does the same: SMA cross on scaled integers,
 * orders filled at the next opening, commission, exact cash, equity and drawdown per bar, and every bar and derived
 * event folded into a hash.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/hash.h"
#include "data/series.h"
#include "data/synth.h"
#include "engine/backtest.h"

#include "bench/bench.h"

#define BARS 4000000
#define BARS_LONG 16000000
#define ROUNDS 7
#define FAST 10
#define SLOW 50
#define SIZE 100

/** Words of the events that one fill sends through the bus: order, accepted, fill, filled, position, account. */
#define EVENT_WORDS 13
#define EVENTS_PER_FILL 6

struct hand {
    uint64_t hash;
    duet_money cash, equity, peak;
    double worst;
    int64_t position, wanted;
    uint64_t fills;
};

static void hand_fill(struct hand *hand, int64_t price) {
    int64_t quantity = hand->wanted - hand->position;
    duet_money notional = (duet_money)price * quantity * INT64_C(10000000000);
    duet_money commission = (notional < 0 ? -notional : notional) / 1000;
    hand->cash -= notional + commission;
    hand->position = hand->wanted;
    hand->fills++;
    for (int event = 0; event < EVENTS_PER_FILL; event++) {
        uint64_t folded = (uint64_t)event;
        for (uint64_t word = 0; word < EVENT_WORDS; word++) {
            folded ^= duet_hash_mix((uint64_t)price ^ word, (uint64_t)hand->cash + word);
        }
        hand->hash = duet_hash_step(hand->hash, folded);
    }
}

static uint64_t run_by_hand(const struct duet_series *series) {
    struct hand hand = {.hash = DUET_HASH_SEED, .cash = 1000000 * DUET_MONEY_ONE, .peak = 1000000 * DUET_MONEY_ONE};
    int64_t window[SLOW] = {0}, fast = 0, slow = 0;
    int last = 0;
    for (uint64_t i = 0; i < series->count; i++) {
        const struct duet_record32 *bar = &series->records32[i];
        __builtin_prefetch(bar + 128);
        if (hand.wanted != hand.position) {
            hand_fill(&hand, bar->open);
        }
        uint64_t volume;
        memcpy(&volume, &bar->volume, sizeof(volume));
        uint64_t folded =
            duet_hash_mix((uint64_t)bar->open_ns ^ i, ((uint64_t)(uint32_t)bar->open << 32) | (uint32_t)bar->high) ^
            duet_hash_mix(((uint64_t)(uint32_t)bar->low << 32) | (uint32_t)bar->close, volume);
        hand.hash = duet_hash_step(hand.hash, folded);
        hand.equity = hand.cash + (duet_money)hand.position * bar->close * INT64_C(10000000000);
        if (hand.equity > hand.peak) {
            hand.peak = hand.equity;
        } else {
            double below = duet_money_to_double(hand.peak - hand.equity);
            if (below > hand.worst * duet_money_to_double(hand.peak)) {
                hand.worst = below / duet_money_to_double(hand.peak);
            }
        }
        uint64_t slot = i % SLOW;
        slow += bar->close - window[slot];
        fast += bar->close - (i >= FAST ? window[(i - FAST) % SLOW] : 0);
        window[slot] = bar->close;
        if (i + 1 >= SLOW) {
            int64_t difference = fast * SLOW - slow * FAST;
            int sign = difference > 0 ? 1 : difference < 0 ? -1 : 0;
            if (sign != 0 && last != 0 && sign != last) {
                hand.wanted = sign > 0 ? SIZE : 0;
            }
            last = sign != 0 ? sign : last;
        }
    }
    return hand.hash ^ (uint64_t)hand.equity ^ hand.fills;
}

static double peak_rss_mib(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024.0;
}

/** Resident memory that is not a file's pages: what a run holds on to by itself. */
static double own_memory_mib(void) {
    char line[256];
    double mib = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof(line), status) != NULL) {
        long kib;
        if (sscanf(line, "RssAnon: %ld kB", &kib) == 1) {
            mib = (double)kib / 1024.0;
        }
    }
    if (status != NULL) {
        fclose(status);
    }
    return mib;
}

static void make(char *folder, const char *name, uint64_t bars, struct duet_config *config) {
    char path[1024], data[1100];
    struct duet_synth_options synth = duet_synth_defaults();
    synth.bars = bars;
    synth.decimals = 4;
    snprintf(path, sizeof(path), "%s/%s.csv", folder, name);
    snprintf(data, sizeof(data), "X=%s", path);
    duet_config_init(config);
    const char *const settings[][2] = {{"strategy", "sma_cross"}, {"param", "fast=10"}, {"param", "slow=50"},
        {"param", "size=100"}, {"cash", "1000000"}, {"commission", "0.001"}, {"data", data}, {"cache", folder}};
    bool ok = duet_synth_write(&synth, path) == DUET_OK;
    for (size_t i = 0; ok && i < sizeof(settings) / sizeof(settings[0]); i++) {
        ok = duet_config_set(config, settings[i][0], settings[i][1], NULL) == DUET_OK;
    }
    if (!ok) {
        fprintf(stderr, "bench_backtest: the sample could not be made\n");
        exit(1);
    }
}

static double run_engine_ns(const struct duet_config *config, uint64_t *fills) {
    struct duet_backtest *backtest;
    int64_t begun_ns = bench_cpu_ns();
    if (duet_backtest_run(config, &(struct duet_backtest_options){0}, &backtest) != DUET_OK) {
        fprintf(stderr, "bench_backtest: the run failed\n");
        exit(1);
    }
    const struct duet_result *result = duet_backtest_result(backtest);
    double ns = (double)(bench_cpu_ns() - begun_ns) / (double)result->bars;
    *fills = result->counts.fills;
    duet_backtest_destroy(backtest);
    return ns;
}

void bench_backtest(void) {
    char folder[] = "/tmp/duet-bench-XXXXXX";
    if (mkdtemp(folder) == NULL) {
        return;
    }
    struct duet_config config, longer;
    make(folder, "x", BARS, &config);
    double engine[ROUNDS], hand[ROUNDS];
    uint64_t fills;
    (void)run_engine_ns(&config, &fills); // fills the cache
    struct duet_series *series;
    struct duet_series_options options = {.cache_folder = folder};
    if (duet_series_open(&config.data[0], &options, &series) != DUET_OK || series->records32 == NULL) {
        return;
    }
    for (int i = 0; i < ROUNDS; i++) {
        int64_t begun_ns = bench_cpu_ns();
        bench_keep(run_by_hand(series));
        hand[i] = (double)(bench_cpu_ns() - begun_ns) / BARS;
        engine[i] = run_engine_ns(&config, &fills);
    }
    duet_series_close(series);
    bench_row("backtest_hand_loop", "ns/bar", hand, ROUNDS, NULL, 0, 0);
    bench_row("backtest_sma_cross", "ns/bar", engine, ROUNDS, "backtest_hand_loop", bench_min(hand, ROUNDS), 15);

    double before = own_memory_mib();
    make(folder, "long", BARS_LONG, &longer);
    (void)run_engine_ns(&longer, &fills);
    double grown = own_memory_mib() - before;
    bench_row("memory_growth_4x_bars", "MiB anonymous", &grown, 1, NULL, 0, 8);
    double peak = peak_rss_mib();
    bench_row("memory_peak_rss", "MiB", &peak, 1, NULL, 0, 0);
    duet_config_finish(&config);
    duet_config_finish(&longer);
    char command[1100];
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    if (system(command) != 0) {
        fprintf(stderr, "bench_backtest: %s is left behind\n", folder);
    }
}
