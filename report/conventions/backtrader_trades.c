#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/conventions/backtrader.h"
#include "report/moments.h"

#define KEY_MAX 64

/** Sums over trades that have something in common. */
struct group {
    double count, net, best; // best: the largest win, or of losses the largest loss
    double length, longest, shortest; // in bars; shortest of those above zero
};

enum { ALL, WON, LOST, LONG, SHORT, LONG_WON, LONG_LOST, SHORT_WON, SHORT_LOST, GROUPS };

static const struct {
    const char *name; // in the keys of lengths
    const char *net; // key of its sums of net; NULL: none
    const char *count; // key of its count; NULL: none
    bool has_best;
} groups_of[GROUPS] = {
    [ALL] = {"", NULL, NULL, false},
    [WON] = {".won", "TradeAnalyzer.won.pnl", "TradeAnalyzer.won.total", true},
    [LOST] = {".lost", "TradeAnalyzer.lost.pnl", "TradeAnalyzer.lost.total", true},
    [LONG] = {".long", "TradeAnalyzer.long.pnl", "TradeAnalyzer.long.total", false},
    [SHORT] = {".short", "TradeAnalyzer.short.pnl", "TradeAnalyzer.short.total", false},
    [LONG_WON] = {".long.won", "TradeAnalyzer.long.pnl.won", "TradeAnalyzer.long.won", true},
    [LONG_LOST] = {".long.lost", "TradeAnalyzer.long.pnl.lost", "TradeAnalyzer.long.lost", true},
    [SHORT_WON] = {".short.won", "TradeAnalyzer.short.pnl.won", "TradeAnalyzer.short.won", true},
    [SHORT_LOST] = {".short.lost", "TradeAnalyzer.short.pnl.lost", "TradeAnalyzer.short.lost", true},
};

static void group_take(struct group *group, const struct duet_tape_trade *trade) {
    double length = (double)(trade->exit_bar - trade->entry_bar);
    group->count++;
    group->net += trade->net;
    group->best = trade->net >= 0 ? fmax(group->best, trade->net) : fmin(group->best, trade->net);
    group->length += length;
    group->longest = fmax(group->longest, length);
    if (length > 0 && (group->shortest == 0 || length < group->shortest)) {
        group->shortest = length;
    }
}

static void set(struct duet_analysis *out, const char *prefix, const char *name, double value) {
    char key[KEY_MAX];
    snprintf(key, sizeof(key), "%s%s", prefix, name);
    duet_figure_set(out, key, value);
}

static void group_set(const struct group *group, int which, struct duet_analysis *out) {
    double count = group->count > 0 ? group->count : 1; // an average of nothing is 0 there
    char prefix[KEY_MAX];
    snprintf(prefix, sizeof(prefix), "TradeAnalyzer.len%s", groups_of[which].name);
    set(out, prefix, ".total", group->length);
    set(out, prefix, ".average", group->length / count);
    set(out, prefix, ".max", group->longest);
    set(out, prefix, ".min", group->shortest > 0 ? group->shortest : NAN); // they tell the largest integer
    if (groups_of[which].net != NULL) {
        duet_figure_set(out, groups_of[which].count, group->count);
        set(out, groups_of[which].net, ".total", group->net);
        set(out, groups_of[which].net, ".average", group->net / count);
    }
    if (groups_of[which].has_best) {
        set(out, groups_of[which].net, ".max", group->best);
    }
}

void backtrader_compute_trades(const struct duet_tape *tape, struct duet_analysis *out) {
    struct duet_tape_trades trades;
    duet_tape_round_trips(tape, &trades);
    struct group groups[GROUPS] = {0};
    double gross = 0, streaks[2] = {0}, longest[2] = {0};
    double *net = duet_alloc(trades.count + 1, sizeof(*net));
    for (size_t i = 0; i < trades.count; i++) {
        const struct duet_tape_trade *trade = &trades.items[i];
        bool lost = trade->net < 0, is_short = trade->side < 0;
        net[i] = trade->net;
        gross += trade->gross;
        streaks[lost]++;
        streaks[!lost] = 0;
        longest[lost] = fmax(longest[lost], streaks[lost]);
        group_take(&groups[ALL], trade);
        group_take(&groups[lost ? LOST : WON], trade);
        group_take(&groups[is_short ? SHORT : LONG], trade);
        group_take(&groups[(is_short ? SHORT_WON : LONG_WON) + lost], trade);
    }
    for (int i = 0; i < GROUPS; i++) {
        group_set(&groups[i], i, out);
    }
    double n = (double)trades.count, deviation = duet_deviation(net, trades.count, 0);
    duet_figure_set(out, "SQN.sqn", trades.count < 2 ? 0 : sqrt(n) * duet_mean(net, trades.count) / deviation);
    duet_figure_set(out, "SQN.trades", n);
    duet_figure_set(out, "TradeAnalyzer.total.total", n + (double)trades.open);
    duet_figure_set(out, "TradeAnalyzer.total.open", (double)trades.open);
    duet_figure_set(out, "TradeAnalyzer.total.closed", n);
    duet_figure_set(out, "TradeAnalyzer.streak.won.current", streaks[0]);
    duet_figure_set(out, "TradeAnalyzer.streak.won.longest", longest[0]);
    duet_figure_set(out, "TradeAnalyzer.streak.lost.current", streaks[1]);
    duet_figure_set(out, "TradeAnalyzer.streak.lost.longest", longest[1]);
    duet_figure_set(out, "TradeAnalyzer.pnl.gross.total", gross);
    duet_figure_set(out, "TradeAnalyzer.pnl.gross.average", gross / n);
    duet_figure_set(out, "TradeAnalyzer.pnl.net.total", groups[ALL].net);
    duet_figure_set(out, "TradeAnalyzer.pnl.net.average", groups[ALL].net / n);
    free(net);
    duet_tape_trades_finish(&trades);
}
