#include "report/summary.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include <duet/bar.h>

#include "base/error.h"
#include "base/money.h"
#include "base/time.h"
#include "report/page.h"
#include "report/stats.h"

#define WIDTH_MIN 60
#define WIDTH_MAX 120
#define WIDTH_DEFAULT 80
/** Longer lists end with a line that counts the rest. */
#define SERIES_MAX 6
#define POSITIONS_MAX 12
/** A symbol in a table takes no more. */
#define SYMBOL_COLUMNS_MAX 20

/** Everything a section needs. */
struct summary {
    struct duet_page page;
    const struct duet_result *result;
    struct duet_stats stats;
};

/* Pieces of text; each writes into the caller's buffer and returns it. */

struct piece {
    char text[96];
};

static const char *money_text(duet_money money, struct piece *out) {
    char text[DUET_DECIMAL_TEXT_MAX];
    snprintf(out->text, sizeof(out->text), "%s", duet_money_format_grouped(money, 2, text));
    return out->text;
}

static const char *count_text(uint64_t count, struct piece *out) {
    char text[DUET_DECIMAL_TEXT_MAX];
    snprintf(
        out->text, sizeof(out->text), "%s", duet_money_format_grouped((duet_money)count * DUET_MONEY_ONE, 0, text));
    return out->text;
}

/** To the minute where the seconds are zero. */
static const char *time_text(int64_t ns, struct piece *out) {
    char text[DUET_TIME_TEXT_MAX];
    duet_time_format(ns, text);
    if (ns % DUET_MINUTE_NS == 0) {
        text[16] = '\0';
    }
    snprintf(out->text, sizeof(out->text), "%s", text);
    return out->text;
}

/** A fraction as percent, with a sign if `sign`. */
static const char *percent_text(struct duet_stat stat, bool sign, struct piece *out) {
    if (stat.na != NULL) {
        snprintf(out->text, sizeof(out->text), "n/a (%s)", stat.na);
    } else {
        snprintf(out->text, sizeof(out->text), sign ? "%+.2f %%" : "%.2f %%", stat.value * 100);
    }
    return out->text;
}

static const char *number_text(struct duet_stat stat, struct piece *out) {
    if (stat.na != NULL) {
        snprintf(out->text, sizeof(out->text), "n/a (%s)", stat.na);
    } else {
        snprintf(out->text, sizeof(out->text), "%.*f", fabs(stat.value) < 0.1 && stat.value != 0 ? 4 : 2, stat.value);
    }
    return out->text;
}

static const char *decimal_text(int64_t value, unsigned decimals, struct piece *out) {
    char text[DUET_DECIMAL_TEXT_MAX];
    for (; decimals > 0 && value % 10 == 0; decimals--) {
        value /= 10;
    }
    snprintf(out->text, sizeof(out->text), "%s", duet_decimal_format(value, decimals, text));
    return out->text;
}

static const char *interval_text(int64_t ns, struct piece *out) {
    static const struct {
        int64_t ns;
        const char *unit;
    } units[] = {{DUET_MONTH_NS, "mo"}, {DUET_WEEK_NS, "w"}, {DUET_DAY_NS, "d"}, {DUET_HOUR_NS, "h"},
        {DUET_MINUTE_NS, "m"}, {DUET_SECOND_NS, "s"}, {1000000, "ms"}, {1, "ns"}};
    size_t i = 0;
    while (i + 1 < sizeof(units) / sizeof(units[0]) && ns % units[i].ns != 0) {
        i++;
    }
    snprintf(out->text, sizeof(out->text), "%" PRId64 "%s", ns / units[i].ns, units[i].unit);
    return out->text;
}

static const char *duration_text(double seconds, struct piece *out) {
    if (seconds < 60) {
        snprintf(out->text, sizeof(out->text), "%.0f s", seconds);
    } else if (seconds < 2 * 3600) {
        snprintf(out->text, sizeof(out->text), "%.0f min", seconds / 60);
    } else if (seconds < 2 * 86400) {
        snprintf(out->text, sizeof(out->text), "%.1f h", seconds / 3600);
    } else {
        snprintf(out->text, sizeof(out->text), "%.1f days", seconds / 86400);
    }
    return out->text;
}

/** "10 bps + 0.005/unit + 1/order, at least 1". */
static void commission_text(const struct duet_costs *costs, struct duet_text *out) {
    struct piece piece;
    char money[DUET_DECIMAL_TEXT_MAX];
    const char *plus = "";
    if (costs->rate != 0) {
        duet_text_print(out, "%s bps", decimal_text(costs->rate, 8, &piece)); // 10^-12 is 10^-8 bps
        plus = " + ";
    }
    if (costs->per_unit != 0) {
        duet_text_print(out, "%s%s/unit", plus, duet_money_format(costs->per_unit, 0, money));
        plus = " + ";
    }
    if (costs->per_order != 0) {
        duet_text_print(out, "%s%s/order", plus, duet_money_format(costs->per_order, 0, money));
        plus = " + ";
    }
    if (costs->minimum != 0) {
        duet_text_print(
            out, "%sat least %s an order", plus[0] != '\0' ? ", " : "", duet_money_format(costs->minimum, 0, money));
    } else if (plus[0] == '\0') {
        duet_text_print(out, "%s", costs->commission_given ? "0" : "none assumed");
    }
}

static void slippage_text(const struct duet_costs *costs, struct duet_text *out) {
    struct piece piece;
    if (costs->slippage_rate != 0) {
        duet_text_print(out, "%s bps", decimal_text(costs->slippage_rate, 8, &piece));
    }
    if (costs->slippage_ticks != 0) {
        duet_text_print(out, "%s%" PRId64 " tick%s", costs->slippage_rate != 0 ? " + " : "", costs->slippage_ticks,
            costs->slippage_ticks == 1 ? "" : "s");
    }
    if (costs->slippage_rate == 0 && costs->slippage_ticks == 0) {
        duet_text_print(out, "%s", costs->slippage_given ? "0" : "none assumed");
    }
}

/* Sections. */

static void print_head(const struct summary *summary) {
    const struct duet_result *result = summary->result;
    const struct duet_page *page = &summary->page;
    struct duet_text text = {0};
    for (size_t i = 0; i < result->param_count; i++) {
        duet_text_print(&text, "%s%s=%s", i > 0 ? " " : "", result->params[i].name, result->params[i].value);
    }
    duet_page_heading(page, "Run");
    duet_page_line(page, DUET_TONE_PLAIN, "strategy", "%s", result->strategy);
    if (text.text != NULL) {
        duet_page_line(page, DUET_TONE_PLAIN, "parameters", "%s", text.text);
    }
    duet_text_finish(&text);

    struct piece first, last, bars;
    if (result->bars > 0) {
        duet_page_line(page, DUET_TONE_PLAIN, "period", "%s to %s UTC, %s bars", time_text(result->start_ns, &first),
            time_text(result->end_ns, &last), count_text(result->bars, &bars));
    } else {
        duet_page_line(page, DUET_TONE_PLAIN, "period", "no bars");
    }
    duet_page_line(page, DUET_TONE_PLAIN, "fill profile", "%s", result->fill_profile);
    duet_text_print(&text, "commission ");
    commission_text(&result->costs, &text);
    duet_text_print(&text, "; slippage ");
    slippage_text(&result->costs, &text);
    duet_page_line(page, DUET_TONE_PLAIN, "costs", "%s", text.text);
    duet_text_finish(&text);
    for (size_t i = 0; i < result->assumption_count; i++) {
        duet_page_line(page, DUET_TONE_PLAIN, i == 0 ? "assumed" : "", "%s", result->assumptions[i].text);
    }
}

static void print_series(const struct summary *summary, const struct duet_result_data *data) {
    const struct duet_page *page = &summary->page;
    struct duet_text symbol = {0}, path = {0}, skipped = {0};
    struct piece rows, interval, skipped_rows;
    duet_page_elide(page, data->symbol, DUET_PAGE_LABEL - 3, false, &symbol);
    duet_page_elide(page, data->path, page->width - DUET_PAGE_LABEL, true, &path);
    if (data->skipped > 0) {
        duet_text_print(&skipped, ", %s skipped", count_text(data->skipped, &skipped_rows));
    }
    fprintf(page->stream, "  %s%*s%s\n", symbol.text, (int)(DUET_PAGE_LABEL - 2 - duet_page_columns(symbol.text)), "",
        path.text);
    duet_page_line(page, DUET_TONE_PLAIN, "", "%s, %s, %s rows%s, %s to %s %s%s%s", data->dialect,
        interval_text(data->interval_ns, &interval), count_text(data->rows, &rows),
        skipped.text != NULL ? skipped.text : "", data->first, data->last, data->tz,
        data->stamp[0] != '\0' ? ", labels at " : "", data->stamp);
    duet_text_finish(&symbol);
    duet_text_finish(&path);
    duet_text_finish(&skipped);
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
        struct piece row_text, skipped_text;
        duet_page_line(&summary->page, DUET_TONE_PLAIN, "", "and %zu more series: %s rows, %s skipped",
            result->data_count - shown, count_text(rows, &row_text), count_text(skipped, &skipped_text));
    }
}

static void print_growth(const struct summary *summary) {
    const struct duet_result *result = summary->result;
    const struct duet_stats *stats = &summary->stats;
    const struct duet_page *page = &summary->page;
    struct piece a, b, c;
    enum duet_page_tone tone = result->final_equity > result->initial_cash   ? DUET_TONE_GOOD
                               : result->final_equity < result->initial_cash ? DUET_TONE_BAD
                                                                             : DUET_TONE_PLAIN;
    duet_page_line(
        page, DUET_TONE_PLAIN, "initial cash", "%s %s", money_text(result->initial_cash, &a), result->currency);
    duet_page_line(
        page, DUET_TONE_PLAIN, "final equity", "%s %s", money_text(result->final_equity, &a), result->currency);
    duet_page_line(page, tone, "total return", "%s", percent_text(stats->total_return, true, &a));
    duet_page_line(page, DUET_TONE_PLAIN, "CAGR", "%s", percent_text(stats->cagr, true, &a));
    if (result->buy_and_hold.available) {
        duet_page_line(page, DUET_TONE_PLAIN, "buy and hold",
            "%+.2f %%, max drawdown %.2f %%, %s at the end; same costs", result->buy_and_hold.total_return * 100,
            result->buy_and_hold.max_drawdown * 100, money_text(result->buy_and_hold.final_equity, &a));
    } else {
        duet_page_line(page, DUET_TONE_PLAIN, "buy and hold", "n/a (nothing could be bought and held)");
    }
    if (stats->max_drawdown.na != NULL || stats->max_drawdown.value <= 0) {
        duet_page_line(page, DUET_TONE_PLAIN, "max drawdown", "%s", percent_text(stats->max_drawdown, false, &a));
    } else {
        duet_page_line(page, DUET_TONE_PLAIN, "max drawdown", "%s (%s), %s to %s",
            percent_text(stats->max_drawdown, false, &a), money_text(stats->max_drawdown_amount, &b),
            time_text(stats->max_drawdown_start_ns, &c), time_text(stats->max_drawdown_end_ns, &(struct piece){0}));
        duet_page_line(page, DUET_TONE_PLAIN, "", "%s%s; longest %s",
            stats->max_drawdown_recovered_ns != 0 ? "recovered " : "not recovered",
            stats->max_drawdown_recovered_ns != 0 ? time_text(stats->max_drawdown_recovered_ns, &a) : "",
            duration_text(stats->longest_drawdown_s.value, &b));
    }
}

static void print_ratios(const struct summary *summary) {
    const struct duet_stats *stats = &summary->stats;
    const struct duet_page *page = &summary->page;
    struct piece a, b;
    if (stats->sharpe.na != NULL) {
        duet_page_line(page, DUET_TONE_PLAIN, "Sharpe", "%s", number_text(stats->sharpe, &a));
    } else {
        duet_page_line(page, DUET_TONE_PLAIN, "Sharpe", "%s %s %s from %" PRIu64 " returns, %.4g a year (%s)",
            number_text(stats->sharpe, &a), page->unicode ? "±" : "+/-", number_text(stats->sharpe_se, &b),
            stats->daily_returns, stats->periods, stats->periods_why);
    }
    duet_page_line(page, DUET_TONE_PLAIN, "Sortino", "%s", number_text(stats->sortino, &a));
    duet_page_line(page, DUET_TONE_PLAIN, "Calmar", "%s", number_text(stats->calmar, &a));
    duet_page_line(page, DUET_TONE_PLAIN, "volatility", "%s", percent_text(stats->volatility, false, &a));
    duet_page_line(page, DUET_TONE_PLAIN, "exposure", "%s of the time, average gross leverage %s",
        percent_text(stats->exposure, false, &a), number_text(stats->average_gross_leverage, &b));
}

static void print_trading(const struct summary *summary) {
    const struct duet_stats *stats = &summary->stats;
    const struct duet_portfolio_counts *counts = &summary->result->counts;
    const struct duet_page *page = &summary->page;
    struct piece a, b, c, d;
    uint64_t denied = 0;
    for (size_t i = 0; i < DUET_REASON_COUNT; i++) {
        denied += counts->denied[i];
    }
    if (stats->trades.count > 0) {
        duet_page_line(page, DUET_TONE_PLAIN, "trades", "%s, won %s, profit factor %s, SQN %s",
            count_text(stats->trades.count, &a), percent_text(stats->win_rate, false, &b),
            number_text(stats->profit_factor, &c), number_text(stats->sqn, &d));
        duet_page_line(page, DUET_TONE_PLAIN, "", "average %s (%+.3f %%), held %s", money_text(stats->expectancy, &a),
            stats->average_trade.value * 100, duration_text(stats->average_holding_s.value, &b));
    } else {
        duet_page_line(page, DUET_TONE_PLAIN, "trades", "0");
    }
    if (stats->trades.at_end > 0) {
        duet_page_line(page, DUET_TONE_PLAIN, "", "and %s closed at the end, not in these figures",
            count_text(stats->trades.at_end, &a));
    }
    duet_page_line(page, DUET_TONE_PLAIN, "costs paid", "%s commission, %s slippage; break-even %s%s",
        money_text(counts->commission, &a), money_text(counts->slippage, &b), number_text(stats->break_even_bps, &c),
        stats->break_even_bps.na == NULL ? " bps per side" : "");
    duet_page_line(page, DUET_TONE_PLAIN, "orders",
        "%s sent, %s fills, %" PRIu64 " denied, %" PRIu64 " rejected, %" PRIu64 " cancelled, %" PRIu64 " expired",
        count_text(counts->orders, &a), count_text(counts->fills, &b), denied, counts->rejected, counts->cancelled,
        counts->expired);
}

static void print_positions(const struct summary *summary) {
    const struct duet_result *result = summary->result;
    const struct duet_page *page = &summary->page;
    static const char *const titles[] = {"symbol", "quantity", "average", "mark", "value", "unrealised"};
    struct duet_table table = {.columns = sizeof(titles) / sizeof(titles[0])};
    size_t shown = result->position_count <= POSITIONS_MAX ? result->position_count : POSITIONS_MAX - 1;
    struct piece piece;
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
        duet_table_add(&table, decimal_text(position->quantity, position->quantity_decimals, &piece));
        snprintf(piece.text, sizeof(piece.text), "%.*f", (int)position->price_decimals, position->average_price);
        duet_table_add(&table, piece.text);
        char mark[DUET_DECIMAL_TEXT_MAX];
        duet_table_add(&table, duet_decimal_format(position->mark, position->price_decimals, mark));
        duet_table_add(&table, money_text(position->value, &piece));
        duet_table_add(&table, money_text(position->unrealized, &piece));
    }
    duet_table_print(&table, page);
    if (shown < result->position_count) {
        fprintf(page->stream, "  and %zu more\n", result->position_count - shown);
    }
}

static void shout_denied(const struct summary *summary) {
    const struct duet_portfolio_counts *counts = &summary->result->counts;
    for (size_t i = 0; i < DUET_REASON_COUNT; i++) {
        struct piece count, first;
        if (counts->denied[i] > 0) {
            duet_page_shout(&summary->page, DUET_TONE_WARNING, "%s denied %s (%s), first at %s",
                count_text(counts->denied[i], &count), duet_reason_name((enum duet_reason)i),
                duet_reason_text((enum duet_reason)i), time_text(counts->first_denied_ns[i], &first));
        }
    }
}

static void print_shouts(const struct summary *summary) {
    const struct duet_result *result = summary->result;
    const struct duet_page *page = &summary->page;
    struct piece piece;
    if (strcmp(result->status, "RUINED") == 0) {
        duet_page_shout(page, DUET_TONE_BAD, "RUINED: equity fell to zero or below, and trading stopped");
    } else if (strcmp(result->status, "OK") != 0) {
        duet_page_shout(page, DUET_TONE_BAD, "%s", result->status);
    }
    if (result->counts.fills == 0) {
        duet_page_shout(page, DUET_TONE_BAD, "0 fills%s",
            result->counts.orders == 0 ? ": no order went out" : ": orders went out, and none was filled");
    }
    shout_denied(summary);
    if (!result->costs.commission_given && !result->costs.slippage_given) {
        duet_page_shout(page, DUET_TONE_WARNING, "costs: NONE ASSUMED; break-even %s%s",
            number_text(summary->stats.break_even_bps, &piece),
            summary->stats.break_even_bps.na == NULL ? " bps per side" : "");
    }
    for (size_t i = 0; i < result->warning_count; i++) {
        const struct duet_result_note *note = &result->warnings[i];
        const char *at = note->first[0] != '\0' ? "; first at " : "";
        if (note->count > 1) {
            duet_page_shout(page, DUET_TONE_WARNING, "%s (%s times%s%s)", note->text, count_text(note->count, &piece),
                at, note->first);
        } else {
            duet_page_shout(page, DUET_TONE_WARNING, "%s%s%s", note->text, at, note->first);
        }
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
    duet_stats_compute(result, &summary.stats);

    print_head(&summary);
    print_data(&summary);
    duet_page_heading(&summary.page, "Result");
    print_growth(&summary);
    print_ratios(&summary);
    print_trading(&summary);
    print_positions(&summary);
    print_shouts(&summary);
    if (options->file_count > 0) {
        duet_page_heading(&summary.page, "Files");
        for (size_t i = 0; i < options->file_count; i++) {
            duet_page_line(&summary.page, DUET_TONE_PLAIN, options->files[i].what, "%s", options->files[i].path);
        }
    }
    if (fflush(stream) != 0 || ferror(stream)) {
        return duet_error(DUET_EIO, "the summary could not be written: is the disk full or the pipe closed?");
    }
    return DUET_OK;
}
