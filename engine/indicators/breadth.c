#include "engine/indicators/adapt_all.h"

#define HEADER .header = "duet/indicators/breadth.h"
#define MEMBERS(most) PARAM_WHOLE("members", 3, 1, most, "instruments, whose bars come in turn")

static int64_t new_highs_wait(const double *p) {
    int64_t length = P(1) < DUET_NEW_HIGHS_MAX / P(0) ? P(1) : DUET_NEW_HIGHS_MAX / P(0);
    return P(0) * (length + 1);
}

ADAPT_ALL(breadth, 2 * P(0), duet_breadth_init(self, P(0)), out[0] = duet_breadth_update(self, in[0], in[1]);
          out[1] = self->ratio; out[2] = self->volume_ratio; out[3] = self->arms; out[4] = self->line)
ADAPT_ALL(new_highs, new_highs_wait(p), duet_new_highs_init(self, P(0), P(1)),
          out[0] = duet_new_highs_update(self, in[0], in[1], in[2]);
          out[1] = self->ratio; out[2] = self->volume; out[3] = self->volume_ratio)

const struct duet_indicator_row duet_indicators_breadth[] = {
    {ADAPT_ROW(breadth), .title = "Advances, declines and the Arms index", .group = "breadth",
        .formula =
            "value = members that close above their last close - members below it; ratio = advances / declines;\n"
            "volume_ratio = their volumes' ratio; arms = ratio / volume_ratio; line = sum of all values",
        .source = "R. Arms, Barron's, 1967; LEAN: AdvanceDeclineDifference, ArmsIndex",
        .convention =
            "The bars of an instant come in turn, one of each member; with the last the values change. A ratio "
            "to nothing is its upper half; arms is 0 where volume_ratio is.",
        HEADER, .params = {MEMBERS(DUET_WINDOW_MAX)}, .inputs = {"close", "volume"},
        .outputs = {"value", "ratio", "volume_ratio", "arms", "line"}, .members = true},
    {ADAPT_ROW(new_highs), .title = "New highs and new lows", .group = "breadth",
        .formula = "value = members above all highs of their `length` bars before - members below all those lows;\n"
                   "ratio of the numbers; volume and volume_ratio: of the volumes",
        .source = "newspapers' 52 weeks; LEAN: NewHighsNewLows",
        .convention =
            "The bars of an instant come in turn, one of each member; with the last the values change. A ratio "
            "to nothing is its upper half. members * length is at most 4096, length is cut.",
        HEADER, .params = {MEMBERS(64), PARAM_WHOLE("length", 252, 1, DUET_NEW_HIGHS_MAX, "bars before")},
        .inputs = {"high", "low", "volume"}, .outputs = {"value", "ratio", "volume", "volume_ratio"}, .members = true},
    {0},
};
