#include "report/summary.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/money.h"
#include "base/wrap.h"
#include "report/analysis.h"
#include "report/page.h"
#include "report/words.h"

#define WIDTH_MIN 72
#define WIDTH_MAX 120
#define WIDTH_DEFAULT 80
/** Longer lists end with a line that counts the rest. */
#define SERIES_MAX 6
#define POSITIONS_MAX 12
/** A symbol in a table takes no more. */
#define SYMBOL_COLUMNS_MAX 13

/** Everything a section needs. */
struct summary {
    struct duet_page page;
    const struct duet_result *result;
    struct duet_analysis analysis;
    struct duet_stats stats; // its own, by duet-1
};

static void print_head(const struct summary *summary) {
    const struct duet_result *result = summary->result;
    const struct duet_page *page = &summary->page;
    struct duet_text text = {0};
    duet_text_print(&text, "duet %s %s", DUET_VERSION, result->mode);
    duet_page_heading(page, text.text);
    duet_text_finish(&text);
    duet_page_line(page, DUET_TONE_PLAIN, "strategy", "%s", result->strategy);
    for (size_t i = 0; i < result->param_count; i++) {
        duet_text_print(&text, "%s%s=%s", i > 0 ? " " : "", result->params[i].name, result->params[i].value);
    }
    if (text.text != NULL) {
        duet_page_line(page, DUET_TONE_PLAIN, "parameters", "%s", text.text);
    }
    duet_text_finish(&text);

    struct duet_words first, last, count;
    if (result->bars + result->ticks > 0) {
        if (result->bars > 0) {
            duet_text_print(&text, ", %s bars", duet_count_words(result->bars, &count));
        }
        if (result->ticks > 0) {
            duet_text_print(&text, ", %s ticks", duet_count_words(result->ticks, &count));
        }
        duet_page_line(page, DUET_TONE_PLAIN, "period", "%s to %s UTC%s", duet_time_words(result->start_ns, &first),
            duet_time_words(result->end_ns, &last), text.text);
        duet_text_finish(&text);
    } else {
        duet_page_line(page, DUET_TONE_PLAIN, "period", "no bars");
    }
    duet_page_line(page, DUET_TONE_PLAIN, "fill profile", "%s", result->fill_profile);
    if (!result->costs.commission_given && !result->costs.slippage_given) {
        duet_text_print(&text, "none assumed");
    } else {
        duet_text_print(&text, "commission ");
        duet_commission_words(&result->costs, &text);
        duet_text_print(&text, "; slippage ");
        duet_slippage_words(&result->costs, &text);
    }
    duet_page_line(page, DUET_TONE_PLAIN, "costs", "%s", text.text);
    duet_text_finish(&text);
    const char *label = "assumed";
    for (size_t i = 0; i < result->assumption_count; i++) {
        if (strcmp(result->assumptions[i].code, "costs") != 0) { // said above, and shouted below
            duet_page_line(page, DUET_TONE_PLAIN, label, "%s", result->assumptions[i].text);
            label = "";
        }
    }
}

static void print_series(const struct summary *summary, const struct duet_result_data *data) {
    const struct duet_page *page = &summary->page;
    unsigned columns = page->width - DUET_PAGE_LABEL;
    struct duet_text symbol = {0}, path = {0}, what = {0};
    struct duet_words words;
    duet_page_elide(page, data->symbol, DUET_PAGE_LABEL - 3, false, &symbol);
    duet_page_elide(page, data->path, columns, true, &path);
    if (data->interval_ns > 0) {
        duet_text_print(&what, "%s, %s bars", data->dialect, duet_interval_words(data->interval_ns, &words));
    } else {
        duet_text_print(&what, "%s, %s", data->dialect, data->kind);
    }
    duet_text_print(&what, ", %s rows", duet_count_words(data->rows, &words));
    if (data->skipped > 0) {
        duet_text_print(&what, ", %s skipped", duet_count_words(data->skipped, &words));
    }
    if (duet_text_columns(path.text) + duet_text_columns(what.text) + 3 <= columns) {
        duet_page_line(page, DUET_TONE_PLAIN, symbol.text, "%s (%s)", path.text, what.text);
    } else {
        duet_page_line(page, DUET_TONE_PLAIN, symbol.text, "%s", path.text);
        duet_page_line(page, DUET_TONE_PLAIN, "", "%s", what.text);
    }
    const char *clock = strchr(data->last, 'T');
    bool has_offset = clock != NULL && strpbrk(clock, "+-") != NULL;
    duet_page_line(page, DUET_TONE_PLAIN, "", "%s to %s%s%s%s%s", data->first, data->last, has_offset ? "" : " ",
        has_offset ? "" : data->tz, data->stamp[0] != '\0' ? ", labels at " : "", data->stamp);
    duet_text_finish(&symbol);
    duet_text_finish(&path);
    duet_text_finish(&what);
}

static void print_data(const struct summary *summary) {
    const struct duet_result *result = summary->result;
    size_t shown = result->data_count <= SERIES_MAX ? result->data_count : SERIES_MAX - 1;
    duet_page_heading(&summary->page, "Data");
    for (size_t i = 0; i < shown; i++) {
        print_series(summary, &result->data[i]);
    }
    uint64_t rows = 0, skipped = 0;
    for (size_t i = shown; i < result->data_count; i++) {
        rows += result->data[i].rows;
        skipped += result->data[i].skipped;
    }
    if (shown < result->data_count) {
        struct duet_words row_text, skipped_text;
        duet_page_line(&summary->page, DUET_TONE_PLAIN, "", "and %zu more series: %s rows, %s skipped",
            result->data_count - shown, duet_count_words(rows, &row_text), duet_count_words(skipped, &skipped_text));
    }
}

static void print_growth(const struct summary *summary) {
    const struct duet_result *result = summary->result;
    const struct duet_stats *stats = &summary->stats;
    const struct duet_page *page = &summary->page;
    struct duet_words a, b, c;
    enum duet_page_tone tone = result->final_equity > result->initial_cash   ? DUET_TONE_GOOD
                               : result->final_equity < result->initial_cash ? DUET_TONE_BAD
                                                                             : DUET_TONE_PLAIN;
    duet_page_line(
        page, DUET_TONE_PLAIN, "initial cash", "%s %s", duet_money_words(result->initial_cash, &a), result->currency);
    duet_page_line(
        page, DUET_TONE_PLAIN, "final equity", "%s %s", duet_money_words(result->final_equity, &a), result->currency);
    duet_page_line(page, tone, "total return", "%s", duet_percent_words(stats->total_return, true, &a));
    duet_page_line(page, DUET_TONE_PLAIN, "CAGR", "%s", duet_percent_words(stats->cagr, true, &a));
    if (result->buy_and_hold.available) {
        duet_page_line(page, DUET_TONE_PLAIN, "buy and hold",
            "%+.2f %%, max drawdown %.2f %%, %s at the end; same costs", result->buy_and_hold.total_return * 100,
            result->buy_and_hold.max_drawdown * 100, duet_money_words(result->buy_and_hold.final_equity, &a));
    } else {
        duet_page_line(page, DUET_TONE_PLAIN, "buy and hold", "n/a (no lot that the cash could pay for)");
    }
    if (stats->max_drawdown.na != NULL || stats->max_drawdown.value <= 0) {
        duet_page_line(page, DUET_TONE_PLAIN, "max drawdown", "%s", duet_percent_words(stats->max_drawdown, false, &a));
    } else {
        duet_page_line(page, DUET_TONE_PLAIN, "max drawdown", "%s (%s), %s to %s",
            duet_percent_words(stats->max_drawdown, false, &a), duet_money_words(stats->max_drawdown_amount, &b),
            duet_time_words(stats->max_drawdown_start_ns, &c),
            duet_time_words(stats->max_drawdown_end_ns, &(struct duet_words){0}));
        duet_page_line(page, DUET_TONE_PLAIN, "", "%s%s; longest drawdown %s",
            stats->max_drawdown_recovered_ns != 0 ? "recovered " : "not recovered",
            stats->max_drawdown_recovered_ns != 0 ? duet_time_words(stats->max_drawdown_recovered_ns, &a) : "",
            duet_duration_words(stats->longest_drawdown_s.value, &b));
    }
}

static void print_ratios(const struct summary *summary) {
    const struct duet_stats *stats = &summary->stats;
    const struct duet_page *page = &summary->page;
    struct duet_words a, b, c;
    if (stats->sharpe.na != NULL) {
        duet_page_line(page, DUET_TONE_PLAIN, "Sharpe", "%s", duet_number_words(stats->sharpe, &a));
    } else {
        duet_page_line(page, DUET_TONE_PLAIN, "Sharpe", "%s %s %s (standard error) from %s returns",
            duet_number_words(stats->sharpe, &a), page->unicode ? "±" : "+/-", duet_number_words(stats->sharpe_se, &b),
            duet_count_words(stats->daily_returns, &c));
    }
    duet_page_line(page, DUET_TONE_PLAIN, "Sortino", "%s", duet_number_words(stats->sortino, &a));
    duet_page_line(page, DUET_TONE_PLAIN, "Calmar", "%s", duet_number_words(stats->calmar, &a));
    duet_page_line(page, DUET_TONE_PLAIN, "volatility", "%s", duet_percent_words(stats->volatility, false, &a));
    if (stats->volatility.na == NULL) {
        duet_page_line(
            page, DUET_TONE_PLAIN, "annualised", "with %.4g returns a year: %s", stats->periods, stats->periods_why);
    }
    if (stats->exposure.na != NULL) {
        duet_page_line(page, DUET_TONE_PLAIN, "exposure", "%s", duet_percent_words(stats->exposure, false, &a));
    } else {
        duet_page_line(page, DUET_TONE_PLAIN, "exposure", "%s of the time, average gross leverage %s",
            duet_percent_words(stats->exposure, false, &a), duet_number_words(stats->average_gross_leverage, &b));
    }
}

/** What became of the benchmark, and how the run stands to it. */
static void print_benchmark(const struct summary *summary) {
    const struct duet_analysis *analysis = &summary->analysis;
    const struct duet_page *page = &summary->page;
    struct duet_stat stats[4] = {0};
    static const char *const keys[] = {"benchmark_return", "beta", "alpha", "information_ratio"};
    if (analysis->benchmark[0] == '\0' || strcmp(analysis->convention, DUET_STATS_CONVENTION) != 0) {
        return;
    }
    for (size_t i = 0; i < analysis->figure_count; i++) {
        for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
            if (strcmp(analysis->figures[i].key, keys[k]) == 0) {
                stats[k] = analysis->figures[i].stat;
            }
        }
    }
    struct duet_words a, b, c;
    bool other = strcmp(analysis->benchmark, "buy and hold") != 0;
    if (other) {
        duet_page_line(
            page, DUET_TONE_PLAIN, "benchmark", "%s: %s", analysis->benchmark, duet_percent_words(stats[0], true, &a));
    }
    if (stats[1].na == NULL) {
        duet_page_line(page, DUET_TONE_PLAIN, other ? "" : "benchmark",
            "beta %s, alpha %s a year, information ratio %s", duet_number_words(stats[1], &a),
            duet_percent_words(stats[2], true, &b), duet_number_words(stats[3], &c));
    }
}

/** Costs per side at which the run would have ended where it began; a run that lost without them has none. */
static const char *break_even_words(struct duet_stat bps, struct duet_words *out) {
    struct duet_words number;
    if (bps.na == NULL && bps.value < 0) {
        snprintf(out->text, sizeof(out->text), "no break-even: a loss even without costs");
    } else {
        snprintf(out->text, sizeof(out->text), "break-even %s%s", duet_number_words(bps, &number),
            bps.na == NULL ? " bps per side" : "");
    }
    return out->text;
}

/** What became of the orders; what did not happen is left out. */
static void print_orders(const struct summary *summary) {
    const struct duet_portfolio_counts *counts = &summary->result->counts;
    struct duet_text text = {0};
    struct duet_words piece;
    uint64_t denied = 0;
    for (size_t i = 0; i < DUET_REASON_COUNT; i++) {
        denied += counts->denied[i];
    }
    const struct {
        uint64_t count;
        const char *what;
    } fates[] = {{denied, "denied"}, {counts->rejected, "rejected"}, {counts->cancelled, "cancelled"},
        {counts->expired, "expired"}};
    duet_text_print(&text, "%s sent", duet_count_words(counts->orders, &piece));
    duet_text_print(&text, ", %s fill%s", duet_count_words(counts->fills, &piece), counts->fills == 1 ? "" : "s");
    for (size_t i = 0; i < sizeof(fates) / sizeof(fates[0]); i++) {
        if (fates[i].count > 0) {
            duet_text_print(&text, ", %s %s", duet_count_words(fates[i].count, &piece), fates[i].what);
        }
    }
    duet_page_line(&summary->page, DUET_TONE_PLAIN, "orders", "%s", text.text);
    duet_text_finish(&text);
}

static void print_trading(const struct summary *summary) {
    const struct duet_stats *stats = &summary->stats;
    const struct duet_portfolio_counts *counts = &summary->result->counts;
    const struct duet_page *page = &summary->page;
    struct duet_words a, b, c, d, e;
    if (stats->trades.count > 0) {
        duet_page_line(page, DUET_TONE_PLAIN, "trades", "%s, won %s (%s), profit factor %s, SQN %s",
            duet_count_words(stats->trades.count, &a), duet_count_words(stats->trades.won, &b),
            duet_percent_words(stats->win_rate, false, &c), duet_number_words(stats->profit_factor, &d),
            duet_number_words(stats->sqn, &e));
        double percent = stats->average_trade.value * 100;
        duet_page_line(page, DUET_TONE_PLAIN, "",
            fabs(percent) < 0.1 ? "average %s (%+.4f %%), held %s" : "average %s (%+.2f %%), held %s",
            duet_money_words(stats->expectancy, &a), percent, duet_duration_words(stats->average_holding_s.value, &b));
    } else {
        duet_page_line(page, DUET_TONE_PLAIN, "trades", "0");
    }
    if (stats->trades.at_end > 0) {
        duet_page_line(page, DUET_TONE_PLAIN, "", "and %s closed at the end, not in these figures",
            duet_count_words(stats->trades.at_end, &a));
    }
    duet_page_line(page, DUET_TONE_PLAIN, "costs paid", "%s commission, %s slippage; %s",
        duet_money_words(counts->commission, &a), duet_money_words(counts->slippage, &b),
        break_even_words(stats->break_even_bps, &c));
    print_orders(summary);
}

/** Years of the run in rows of a few, where it is long enough for that to say more than the total. */
static void print_years(const struct summary *summary) {
    const struct duet_analysis *analysis = &summary->analysis;
    const struct duet_result *result = summary->result;
    if (result->end_ns - result->start_ns < 2 * DUET_STATS_YEAR_NS || analysis->year_count == 0) {
        return;
    }
    bool compared = analysis->benchmark[0] != '\0';
    duet_page_heading(&summary->page, "Years, %");
    for (size_t first = 0; first < analysis->year_count; first += DUET_PAGE_COLUMNS_MAX - 1) {
        size_t left = analysis->year_count - first;
        size_t shown = left < DUET_PAGE_COLUMNS_MAX - 1 ? left : DUET_PAGE_COLUMNS_MAX - 1;
        struct duet_table table = {.columns = (unsigned)shown + 1};
        for (int row = 0; row < (compared ? 3 : 2); row++) {
            static const char *const labels[] = {"", "run", "benchmark"};
            duet_table_add(&table, labels[row]);
            for (size_t i = first; i < first + shown; i++) {
                const struct duet_analysis_period *year = &analysis->years[i];
                double change = row == 1 ? year->change : year->benchmark_change;
                char cell[32];
                snprintf(cell, sizeof(cell),
                    row == 0        ? "%6.0f"
                    : isnan(change) ? "n/a"
                                    : "%+.1f",
                    row == 0 ? (double)year->year : change * 100);
                duet_table_add(&table, cell);
            }
        }
        duet_table_print(&table, &summary->page);
    }
}

/** A figure as it reads in a list. */
static const char *figure_words(const struct duet_figure *figure, struct duet_words *out) {
    if (figure->stat.na != NULL) {
        return duet_number_words(figure->stat, out);
    }
    switch (figure->unit) {
    case DUET_UNIT_FRACTION:
        return duet_percent_words(figure->stat, false, out);
    case DUET_UNIT_MONEY:
        return duet_money_words(figure->money, out);
    case DUET_UNIT_COUNT:
        snprintf(out->text, sizeof(out->text), "%.0f", figure->stat.value);
        return out->text;
    case DUET_UNIT_SECONDS:
        return duet_duration_words(figure->stat.value, out);
    case DUET_UNIT_TIME:
        return duet_time_words(figure->time_ns, out);
    case DUET_UNIT_NUMBER:
        break;
    }
    return duet_number_words(figure->stat, out);
}

/** The main figures of another convention; those of duet-1 stand above. */
static void print_convention(const struct summary *summary) {
    const struct duet_analysis *analysis = &summary->analysis;
    if (strcmp(analysis->convention, DUET_STATS_CONVENTION) == 0) {
        return;
    }
    struct duet_text heading = {0};
    duet_text_print(&heading, "Figures of %s (those above are %s)", analysis->convention, DUET_STATS_CONVENTION);
    duet_page_heading(&summary->page, heading.text);
    duet_text_finish(&heading);
    for (size_t i = 0; i < analysis->figure_count; i++) {
        struct duet_words words;
        const struct duet_figure *figure = &analysis->figures[i];
        if (figure->main) {
            fprintf(summary->page.stream, "  %-32s %s\n", figure->label, figure_words(figure, &words));
        }
    }
}

static void print_positions(const struct summary *summary) {
    const struct duet_result *result = summary->result;
    const struct duet_page *page = &summary->page;
    static const char *const titles[] = {"symbol", "quantity", "average", "mark", "value", "unrealised"};
    struct duet_table table = {.columns = sizeof(titles) / sizeof(titles[0])};
    size_t shown = result->position_count <= POSITIONS_MAX ? result->position_count : POSITIONS_MAX - 1;
    struct duet_words piece;
    if (result->position_count == 0) {
        return;
    }
    duet_page_heading(page, "Open positions");
    for (size_t i = 0; i < table.columns; i++) {
        duet_table_add(&table, titles[i]);
    }
    for (size_t i = 0; i < shown; i++) {
        const struct duet_result_position *position = &result->positions[i];
        struct duet_text symbol = {0};
        duet_page_elide(page, position->symbol, SYMBOL_COLUMNS_MAX, false, &symbol);
        duet_table_add(&table, symbol.text);
        duet_text_finish(&symbol);
        duet_table_add(&table, duet_decimal_words(position->quantity, position->quantity_decimals, &piece));
        snprintf(piece.text, sizeof(piece.text), "%.*f", (int)position->price_decimals, position->average_price);
        duet_table_add(&table, piece.text);
        char mark[DUET_DECIMAL_TEXT_MAX];
        duet_table_add(&table, duet_decimal_format(position->mark, position->price_decimals, mark));
        duet_table_add(&table, duet_money_words(position->value, &piece));
        duet_table_add(&table, duet_money_words(position->unrealized, &piece));
    }
    duet_table_print(&table, page);
    if (shown < result->position_count) {
        fprintf(page->stream, "  and %zu more\n", result->position_count - shown);
    }
}

static void shout_denied(const struct summary *summary) {
    const struct duet_portfolio_counts *counts = &summary->result->counts;
    for (size_t i = 0; i < DUET_REASON_COUNT; i++) {
        struct duet_words count, first;
        if (counts->denied[i] > 0) {
            duet_page_shout(&summary->page, DUET_TONE_WARNING, "%s denied %s (%s), first at %s",
                duet_count_words(counts->denied[i], &count), duet_reason_name((enum duet_reason)i),
                duet_reason_text((enum duet_reason)i), duet_time_words(counts->first_denied_ns[i], &first));
        }
    }
}

/** Folders are told with the data; here the file's own name says enough. */
static void shout_note(const struct duet_page *page, const struct duet_result_note *note) {
    struct duet_words count;
    const char *slash = strrchr(note->first, '/');
    const char *where = slash != NULL ? slash + 1 : note->first;
    const char *at = where[0] == '\0' ? "" : note->count > 1 ? "; first at " : "; at ";
    if (note->count > 1) {
        duet_page_shout(
            page, DUET_TONE_WARNING, "%s (%s times%s%s)", note->text, duet_count_words(note->count, &count), at, where);
    } else {
        duet_page_shout(page, DUET_TONE_WARNING, "%s%s%s", note->text, at, where);
    }
}

static void print_shouts(const struct summary *summary) {
    const struct duet_result *result = summary->result;
    const struct duet_page *page = &summary->page;
    struct duet_words piece;
    if (strcmp(result->status, "RUINED") == 0) {
        duet_page_shout(page, DUET_TONE_BAD, "RUINED: equity fell to zero or below, and trading stopped");
    } else if (strcmp(result->status, "OK") != 0 && result->status[0] != '\0') {
        duet_page_shout(page, DUET_TONE_BAD, "%s", result->status);
    }
    if (result->counts.fills == 0) {
        duet_page_shout(page, DUET_TONE_BAD, "0 fills%s",
            result->counts.orders == 0 ? ": no order went out" : ": orders went out, and none was filled");
    }
    shout_denied(summary);
    if (!result->costs.commission_given && !result->costs.slippage_given) {
        duet_page_shout(page, DUET_TONE_WARNING, "costs: NONE ASSUMED; %s",
            break_even_words(summary->stats.break_even_bps, &piece));
    }
    for (size_t i = 0; i < result->warning_count; i++) {
        shout_note(page, &result->warnings[i]);
    }
}

enum duet_status duet_result_print_summary(
    const struct duet_result *result, const struct duet_summary_options *options, FILE *stream) {
    unsigned width = options->width == 0 ? WIDTH_DEFAULT : options->width;
    struct summary summary = {.result = result,
        .page = {.stream = stream,
            .width = width < WIDTH_MIN   ? WIDTH_MIN
                     : width > WIDTH_MAX ? WIDTH_MAX
                                         : width,
            .colour = options->colour,
            .unicode = options->unicode}};
    enum duet_status status = duet_analysis_compute(result, NULL, &summary.analysis);
    if (status != DUET_OK) {
        return status;
    }
    summary.stats = summary.analysis.stats;

    print_head(&summary);
    print_data(&summary);
    duet_page_heading(&summary.page, "Result");
    print_growth(&summary);
    print_ratios(&summary);
    print_benchmark(&summary);
    print_trading(&summary);
    print_years(&summary);
    print_convention(&summary);
    print_positions(&summary);
    print_shouts(&summary);
    if (options->file_count > 0) {
        duet_page_heading(&summary.page, "Files");
        for (size_t i = 0; i < options->file_count; i++) {
            duet_page_line(&summary.page, DUET_TONE_PLAIN, options->files[i].what, "%s", options->files[i].path);
        }
    }
    duet_analysis_finish(&summary.analysis);
    if (fflush(stream) != 0 || ferror(stream)) {
        return duet_error(DUET_EIO, "the summary could not be written: is the disk full or the pipe closed?");
    }
    return DUET_OK;
}
