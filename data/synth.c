#include "data/synth.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <duet/bar.h>

#include "base/error.h"
#include "base/file.h"
#include "base/money.h"
#include "base/rng.h"
#include "base/text.h"
#include "base/time.h"

#define SYNTH_BUFFER_BYTES ((size_t)65536)
/** No line is longer: two times 30 and six numbers of up to 21 characters. */
#define SYNTH_LINE_MAX 256
#define SYNTH_VOLATILITY_MAX 0.2
/** Prices in ticks stay exact in a double. */
#define SYNTH_TICKS_MAX 4e15

/** √3: scales a sum of four uniform draws (variance 1/3) to variance 1. */
#define SYNTH_SPREAD 1.7320508075688772

struct synth {
    const struct duet_synth_options *options;
    struct duet_rng rng;
    int64_t close, lowest, highest; // ticks
    int64_t day; // whose date is in `date`
    char date[10];
    unsigned fraction_digits; // of a second, in labels
    bool dates_only;
};

struct duet_synth_options duet_synth_defaults(void) {
    return (struct duet_synth_options){.bars = 1000,
        .seed = 1,
        .start_ns = duet_days_from_civil(2020, 1, 1) * DUET_DAY_NS,
        .interval_ns = DUET_MINUTE_NS,
        .price = 100,
        .volatility = 0.0005,
        .decimals = 2};
}

static enum duet_status synth_check(const struct duet_synth_options *options) {
    if (options->bars == 0) {
        return duet_error(DUET_EINVAL, "synth: bars must be at least 1");
    }
    if (options->interval_ns <= 0) {
        return duet_error(DUET_EINVAL, "synth: interval must be positive");
    }
    int64_t years_left_ns = duet_days_from_civil(2262, 1, 1) * DUET_DAY_NS - options->start_ns;
    if (options->start_ns < duet_days_from_civil(1678, 1, 1) * DUET_DAY_NS || years_left_ns < 0 ||
        options->bars > (uint64_t)(years_left_ns / options->interval_ns)) {
        return duet_error(
            DUET_EINVAL, "synth: the last bar would lie beyond 2262; start earlier or ask for fewer bars");
    }
    if (options->decimals > DUET_DECIMALS_MAX) {
        return duet_error(DUET_EINVAL, "synth: decimals must be at most %d", DUET_DECIMALS_MAX);
    }
    double ticks = options->price * (double)duet_pow10(options->decimals);
    if (!(ticks >= 10 && ticks * 10 <= SYNTH_TICKS_MAX)) {
        return duet_error(DUET_EINVAL, "synth: price %g does not suit %u decimals", options->price, options->decimals);
    }
    if (!(options->volatility > 0 && options->volatility <= SYNTH_VOLATILITY_MAX)) {
        return duet_error(DUET_EINVAL, "synth: volatility must be above 0 and at most %g", SYNTH_VOLATILITY_MAX);
    }
    return DUET_OK;
}

static void synth_begin(struct synth *synth, const struct duet_synth_options *options) {
    double ticks = options->price * (double)duet_pow10(options->decimals);
    *synth = (struct synth){.options = options, .day = INT64_MIN, .close = (int64_t)(ticks + 0.5)};
    duet_rng_seed(&synth->rng, options->seed);
    int64_t decade = 1;
    while (decade * 10 <= synth->close) {
        decade *= 10;
    }
    // Regular files keep their width, ragged ones cross decades.
    synth->lowest = options->ragged ? synth->close / 8 : decade + decade / 20;
    synth->highest = options->ragged ? synth->close * 8 : decade * 10 - decade / 2;
    synth->dates_only = options->interval_ns % DUET_DAY_NS == 0 && options->start_ns % DUET_DAY_NS == 0;
    int64_t unit_ns = DUET_SECOND_NS;
    while (options->interval_ns % unit_ns != 0 || options->start_ns % unit_ns != 0) {
        unit_ns /= 1000;
        synth->fraction_digits += 3;
    }
}

/** Nearly normal, mean 0, deviation 1, within ±3.5: all there is needs no library of mathematics. */
static double synth_draw(struct synth *synth) {
    uint64_t bits = duet_rng_next(&synth->rng);
    uint64_t sum = (bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48);
    return ((double)sum / 65536.0 - 2.0) * SYNTH_SPREAD;
}

static char *synth_put_digits(char *out, uint64_t value, unsigned width) {
    for (unsigned i = width; i > 0; i--) {
        out[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + width;
}

static char *synth_put_integer(char *out, uint64_t value) {
    unsigned width = 1;
    for (uint64_t rest = value; rest >= 10; rest /= 10) {
        width++;
    }
    return synth_put_digits(out, value, width);
}

static char *synth_put_decimal(char *out, uint64_t value, unsigned decimals, bool trim) {
    uint64_t scale = (uint64_t)duet_pow10(decimals);
    out = synth_put_integer(out, value / scale);
    uint64_t fraction = value % scale;
    while (trim && decimals > 0 && fraction % 10 == 0) {
        fraction /= 10;
        decimals--;
    }
    if (decimals > 0) {
        *out++ = '.';
        out = synth_put_digits(out, fraction, decimals);
    }
    return out;
}

static char *synth_put_label(struct synth *synth, char *out, int64_t label_ns) {
    int64_t day = label_ns / DUET_DAY_NS - (label_ns % DUET_DAY_NS < 0);
    if (day != synth->day) {
        int year, month, day_of_month;
        duet_civil_from_days(day, &year, &month, &day_of_month);
        char *date = synth_put_digits(synth->date, (uint64_t)year, 4);
        *date++ = '-';
        date = synth_put_digits(date, (uint64_t)month, 2);
        *date++ = '-';
        (void)synth_put_digits(date, (uint64_t)day_of_month, 2);
        synth->day = day;
    }
    memcpy(out, synth->date, sizeof(synth->date));
    out += sizeof(synth->date);
    if (synth->dates_only) {
        return out;
    }
    uint64_t rest_ns = (uint64_t)(label_ns - day * DUET_DAY_NS);
    uint64_t seconds = rest_ns / (uint64_t)DUET_SECOND_NS;
    *out++ = ' ';
    out = synth_put_digits(out, seconds / 3600, 2);
    *out++ = ':';
    out = synth_put_digits(out, seconds / 60 % 60, 2);
    *out++ = ':';
    out = synth_put_digits(out, seconds % 60, 2);
    if (synth->fraction_digits > 0) {
        uint64_t fraction = rest_ns % (uint64_t)DUET_SECOND_NS;
        *out++ = '.';
        out =
            synth_put_digits(out, fraction / (uint64_t)duet_pow10(9 - synth->fraction_digits), synth->fraction_digits);
    }
    return out;
}

static char *synth_put_volume(struct synth *synth, char *out) {
    if (!synth->options->ragged) {
        return synth_put_integer(out, 1000 + duet_rng_below(&synth->rng, 9000));
    }
    uint64_t bound = (uint64_t)duet_pow10((unsigned)duet_rng_below(&synth->rng, 8) + 1);
    unsigned decimals = (unsigned)duet_rng_below(&synth->rng, 4);
    return synth_put_decimal(out, 1 + duet_rng_below(&synth->rng, bound), decimals, true);
}

static int64_t synth_abs(int64_t value) {
    return value < 0 ? -value : value;
}

/** One line; the walk moves on by one bar. */
static char *synth_put_bar(struct synth *synth, char *out, int64_t label_ns) {
    const struct duet_synth_options *options = synth->options;
    double deviation = (double)synth->close * options->volatility;
    int64_t open = synth->close + (int64_t)(0.2 * deviation * synth_draw(synth));
    int64_t step = (int64_t)(deviation * synth_draw(synth));
    // At the edges of its range the walk turns back.
    if (open > synth->highest) {
        step = -synth_abs(step);
    } else if (open < synth->lowest) {
        step = synth_abs(step);
    }
    open = open > 1 ? open : 1;
    int64_t close = open + step > 1 ? open + step : 1;
    int64_t high = (open > close ? open : close) + synth_abs((int64_t)(0.5 * deviation * synth_draw(synth)));
    int64_t low = (open < close ? open : close) - synth_abs((int64_t)(0.5 * deviation * synth_draw(synth)));
    const int64_t prices[] = {open, high, low > 1 ? low : 1, close};
    synth->close = close;
    out = synth_put_label(synth, out, label_ns);
    for (size_t i = 0; i < 4; i++) {
        *out++ = ',';
        out = synth_put_decimal(out, (uint64_t)prices[i], options->decimals, options->ragged);
    }
    *out++ = ',';
    out = synth_put_volume(synth, out);
    *out++ = '\n';
    return out;
}

static int64_t synth_next_label(const struct duet_synth_options *options, int64_t label_ns) {
    if (options->interval_ns != DUET_MONTH_NS) {
        return label_ns + options->interval_ns;
    }
    struct duet_civil civil = duet_civil_from_ns(label_ns);
    civil.year += civil.month == 12;
    civil.month = civil.month % 12 + 1;
    civil.day = civil.day > 28 ? 28 : civil.day;
    return duet_ns_from_civil(&civil);
}

static bool synth_write_bars(struct synth *synth, FILE *stream) {
    char *buffer = duet_alloc(1, SYNTH_BUFFER_BYTES);
    char *out = buffer;
    static const char header[] = "time,open,high,low,close,volume\n";
    memcpy(out, header, sizeof(header) - 1);
    out += sizeof(header) - 1;
    int64_t label_ns = synth->options->start_ns;
    bool good = true;
    for (uint64_t i = 0; good && i < synth->options->bars; i++) {
        out = synth_put_bar(synth, out, label_ns);
        label_ns = synth_next_label(synth->options, label_ns);
        if ((size_t)(out - buffer) > SYNTH_BUFFER_BYTES - SYNTH_LINE_MAX) {
            good = fwrite(buffer, 1, (size_t)(out - buffer), stream) == (size_t)(out - buffer);
            out = buffer;
        }
    }
    good = good && fwrite(buffer, 1, (size_t)(out - buffer), stream) == (size_t)(out - buffer);
    free(buffer);
    return good;
}

enum duet_status duet_synth_write(const struct duet_synth_options *options, const char *path) {
    struct synth synth;
    struct duet_output output;
    enum duet_status status = synth_check(options);
    if (status == DUET_OK) {
        status = duet_output_open(&output, path);
    }
    if (status != DUET_OK) {
        return status;
    }
    synth_begin(&synth, options);
    if (!synth_write_bars(&synth, output.stream)) {
        duet_output_abandon(&output);
        return duet_error(DUET_EIO, "%s: could not be written", path);
    }
    return duet_output_commit(&output);
}
