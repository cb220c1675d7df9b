#include "engine/benchmark.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/money.h"
#include "base/text.h"
#include "base/time.h"
#include "data/series_price.h"

/** The finest series of that name; the cast is sorted so. */
static struct duet_series *find_series(const struct duet_cast *cast, const char *symbol) {
    for (size_t i = 0; i < cast->count; i++) {
        if (strcmp(cast->items[i].spec->symbol, symbol) == 0) {
            return cast->items[i].series;
        }
    }
    return NULL;
}

static enum duet_status open_own(const struct duet_config *config, struct duet_benchmark *out) {
    enum duet_status status = duet_data_spec_parse(config->benchmark, &out->spec);
    if (status != DUET_OK) {
        return duet_error_prefix(status, "benchmark");
    }
    struct duet_data_spec with = out->spec; // borrows the texts
    with.tz = with.tz != NULL ? with.tz : config->tz;
    bool off = config->cache != NULL && strcmp(config->cache, "off") == 0;
    const struct duet_series_options options = {.cache_folder = off ? NULL : config->cache, .no_cache = off};
    status = duet_series_open(&with, &options, &out->series);
    if (status != DUET_OK) {
        duet_data_spec_finish(&out->spec);
        return status;
    }
    out->is_own = true;
    const struct duet_data_info *own = &out->series->info, *run = &out->cast->items[0].series->info;
    if (out->series->count == 0) {
        status = duet_error(DUET_EDATA, "%s: nothing in it to hold the run against", own->path);
    } else if (own->tz_assumed != run->tz_assumed) {
        const struct duet_data_info *assumes = own->tz_assumed ? own : run, *states = own->tz_assumed ? run : own;
        status = duet_error(DUET_EINVAL, "%s: its times carry no zone, but those of %s do; say tz=ZONE after its path",
            assumes->path, states->path);
    }
    if (status != DUET_OK) {
        duet_benchmark_close(out);
    }
    return status;
}

enum duet_status duet_benchmark_open(
    const struct duet_config *config, const struct duet_cast *cast, struct duet_benchmark *out) {
    *out = (struct duet_benchmark){.cast = cast};
    if (strcmp(config->benchmark, "none") == 0) {
        return DUET_OK;
    }
    if (strcmp(config->benchmark, "buy_and_hold") == 0) {
        out->kind = DUET_BENCHMARK_HOLD;
        return DUET_OK;
    }
    out->kind = DUET_BENCHMARK_SERIES;
    if (strchr(config->benchmark, '=') != NULL) {
        return open_own(config, out);
    }
    out->series = find_series(cast, config->benchmark);
    if (out->series == NULL) {
        return duet_error(DUET_EINVAL,
            "benchmark: \"%s\" is no series of this run; say none, buy_and_hold, a symbol of --data, or "
            "SYMBOL=FILE.csv",
            config->benchmark);
    }
    return DUET_OK;
}

void duet_benchmark_close(struct duet_benchmark *benchmark) {
    if (benchmark->is_own) {
        duet_series_close(benchmark->series);
        duet_data_spec_finish(&benchmark->spec);
    }
    *benchmark = (struct duet_benchmark){0};
}

/** When the value of this day is taken. */
static int64_t sampled_ns(
    const struct duet_benchmark *benchmark, const struct duet_series *series, const struct duet_curve_day *day) {
    if (series->interval_ns >= DUET_DAY_NS) {
        return duet_zone_next_midnight_ns(benchmark->cast->zone, day->last_ns - 1);
    }
    return day->last_ns;
}

static enum duet_status sample_series(const struct duet_benchmark *benchmark, struct duet_result *result) {
    struct duet_series *series = benchmark->series;
    uint64_t before = duet_series_known(series, result->start_ns);
    double base, initial = duet_money_to_double(result->initial_cash);
    enum duet_status status =
        before > 0 ? duet_series_price(series, before - 1, &base) : duet_series_first_price(series, 0, &base);
    for (uint64_t i = 0; status == DUET_OK && i < result->curve->day_count; i++) {
        struct duet_curve_day day = duet_curve_day(result->curve, i);
        uint64_t known = duet_series_known(series, sampled_ns(benchmark, series, &day));
        double price = NAN;
        if (known > 0) {
            status = duet_series_price(series, known - 1, &price);
        }
        result->benchmark[i] = base > 0 ? initial * (price / base) : NAN;
    }
    const struct duet_data_info *info = &series->info;
    duet_text_copy(result->benchmark_name, sizeof(result->benchmark_name), info->symbol);
    if (status == DUET_OK && before == 0 && isnan(result->benchmark[0])) {
        duet_result_warn(result, "benchmark_late", 1, info->first, "benchmark %s begins after the run", info->symbol);
    }
    if (status == DUET_OK && info->last_ns + series->interval_ns + 4 * DUET_DAY_NS < result->end_ns) {
        duet_result_warn(result, "benchmark_ends", 1, info->last,
            "benchmark %s ends before the run; its last value stands for the rest", info->symbol);
    }
    return status;
}

static struct duet_series *executing(const struct duet_cast *cast, uint32_t instrument) {
    size_t i = 0;
    while (!cast->items[i].executes || cast->items[i].series->instrument != instrument) {
        i++; // every instrument has one
    }
    return cast->items[i].series;
}

/** What the holder had at the end of each day; what was bought at an opening counts from the next instant on. */
static enum duet_status sample_holder(
    const struct duet_benchmark *benchmark, const struct duet_holder *holder, struct duet_result *result) {
    enum duet_status status = DUET_OK;
    for (uint64_t i = 0; status == DUET_OK && i < result->curve->day_count; i++) {
        int64_t now_ns = duet_curve_day(result->curve, i).last_ns;
        double value = duet_money_to_double(result->initial_cash);
        for (uint32_t k = 0; status == DUET_OK && k < holder->instruments->count; k++) {
            const struct duet_holding *holding = &holder->holdings[k];
            if (holding->quantity == 0 || holding->bought_ns >= now_ns) {
                continue;
            }
            struct duet_series *series = executing(benchmark->cast, k);
            uint64_t known = duet_series_known(series, now_ns);
            double price = 0;
            if (known > 0) {
                status = duet_series_price(series, known - 1, &price);
            }
            value += holding->factor * price - duet_money_to_double(holding->paid);
        }
        result->benchmark[i] = value;
    }
    duet_text_copy(result->benchmark_name, sizeof(result->benchmark_name), "buy and hold");
    return status;
}

enum duet_status duet_benchmark_sample(
    const struct duet_benchmark *benchmark, const struct duet_holder *holder, struct duet_result *result) {
    bool none = benchmark->kind == DUET_BENCHMARK_NONE ||
                (benchmark->kind == DUET_BENCHMARK_HOLD && !result->buy_and_hold.available);
    if (none || result->curve->day_count == 0) {
        return DUET_OK;
    }
    result->benchmark = duet_alloc(result->curve->day_count, sizeof(*result->benchmark));
    return benchmark->kind == DUET_BENCHMARK_HOLD ? sample_holder(benchmark, holder, result)
                                                  : sample_series(benchmark, result);
}
