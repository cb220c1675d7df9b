/*
 * The measured matrix: what backtrader 1.9.78.123 does with single orders, case by case, against our profile of that
 * name; and what duet-1 does on the same bars, worked out by hand from the rules in docs/fills.md. The order goes out
 * at the close of bar 2, at 100. Cases that the golden file names too are held against it as well, so the table cannot
 * drift from what was measured.
 */
#include "broker/stage.h"

#define ORDERS_MAX 3
#define BARS_MAX 3

struct matrix_order {
    int before; // goes out before this bar opens; 0 ends the list
    int type;
    int quantity; // signed
    double stop, limit;
    int valid_days; // 0: until cancelled
};

struct matrix_case {
    const char *name; // as in the golden file, or "+ …" where it is ours
    struct matrix_order orders[ORDERS_MAX];
    double bars[BARS_MAX][4]; // from bar 3 on; 0 ends the list
    const char *backtrader, *duet;
    double backtrader_value, duet_value; // of the account, at the last close
    double cash, rate; // 0: 100,000 and no commission
};

#define M DUET_MARKET
#define L DUET_LIMIT
#define S DUET_STOP
#define SL DUET_STOP_LIMIT
#define FLAT_100 \
    { 100, 100, 100, 100 }
#define AT_100_5 \
    { 100.5, 101, 100, 100.5 }

// clang-format off
static const struct matrix_case cases[] = {
    {"market buy, next open 101", {{3, M, 10, 0, 0, 0}}, {{101, 102, 99, 100}},
        "3:B10@101", "3:B10@101", 99990, 99990, 0, 0},
    {"buy limit 98, in range", {{3, L, 10, 0, 98, 0}}, {{99, 101, 97, 100}},
        "3:B10@98", "3:B10@98", 100020, 100020, 0, 0},
    {"buy limit 98, touch low=98", {{3, L, 10, 0, 98, 0}}, {{99, 101, 98, 100}},
        "3:B10@98", "", 100020, 100000, 0, 0},
    {"+ buy limit 98, through by a tick", {{3, L, 10, 0, 98, 0}}, {{99, 101, 97.99, 100}},
        "3:B10@98", "3:B10@98", 100020, 100020, 0, 0},
    {"buy limit 98, gap below", {{3, L, 10, 0, 98, 0}}, {{97, 99, 96, 98.5}, FLAT_100},
        "3:B10@97", "3:B10@97", 100030, 100030, 0, 0},
    {"+ buy limit 98, opens at it and rises", {{3, L, 10, 0, 98, 0}}, {{98, 101, 98, 100}},
        "3:B10@98", "", 100020, 100000, 0, 0},
    {"+ buy limit 98, opens at it and falls", {{3, L, 10, 0, 98, 0}}, {{98, 101, 97, 100}},
        "3:B10@98", "3:B10@98", 100020, 100020, 0, 0},
    {"buy limit 98, miss", {{3, L, 10, 0, 98, 0}}, {{99, 101, 98.5, 100}},
        "", "", 100000, 100000, 0, 0},
    {"sell limit 102, in range", {{3, L, -10, 0, 102, 0}}, {{101, 103, 99, 100}},
        "3:S10@102", "3:S10@102", 100020, 100020, 0, 0},
    {"sell limit 102, touch high=102", {{3, L, -10, 0, 102, 0}}, {{101, 102, 99, 100}},
        "3:S10@102", "", 100020, 100000, 0, 0},
    {"sell limit 102, gap above", {{3, L, -10, 0, 102, 0}}, {{103, 104, 101, 101.5}, FLAT_100},
        "3:S10@103", "3:S10@103", 100030, 100030, 0, 0},
    {"buy stop 102, in range", {{3, S, 10, 102, 0, 0}}, {{101, 103, 100, 101}, FLAT_100},
        "3:B10@102", "3:B10@102", 99980, 99980, 0, 0},
    {"buy stop 102, touch high=102", {{3, S, 10, 102, 0, 0}}, {{101, 102, 100, 101}, FLAT_100},
        "3:B10@102", "3:B10@102", 99980, 99980, 0, 0},
    {"buy stop 102, gap above", {{3, S, 10, 102, 0, 0}}, {{103, 104, 101, 102}, FLAT_100},
        "3:B10@103", "3:B10@103", 99970, 99970, 0, 0},
    {"sell stop 98, in range", {{3, S, -10, 98, 0, 0}}, {{99, 101, 97, 100}},
        "3:S10@98", "3:S10@98", 99980, 99980, 0, 0},
    {"sell stop 98, touch low=98", {{3, S, -10, 98, 0, 0}}, {{99, 101, 98, 100}},
        "3:S10@98", "3:S10@98", 99980, 99980, 0, 0},
    {"sell stop 98, gap below", {{3, S, -10, 98, 0, 0}}, {{97, 99, 96, 98.5}, FLAT_100},
        "3:S10@97", "3:S10@97", 99970, 99970, 0, 0},
    {"buy stop 102 limit 103, up bar", {{3, SL, 10, 102, 103, 0}}, {{101, 103.5, 100, 103}, FLAT_100},
        "3:B10@102", "3:B10@102", 99980, 99980, 0, 0},
    {"buy stop 102 limit 103, down bar", {{3, SL, 10, 102, 103, 0}}, {{101, 103, 99, 99.5}, FLAT_100},
        "3:B10@102", "3:B10@102", 99980, 99980, 0, 0},
    {"buy stop 102 limit 103, gap o=102.5", {{3, SL, 10, 102, 103, 0}}, {{102.5, 104, 102.3, 103.5}, FLAT_100},
        "3:B10@102.5", "3:B10@102.5", 99975, 99975, 0, 0},
    {"buy stop 102 limit 103, gap o=104 low=102.5", {{3, SL, 10, 102, 103, 0}}, {{104, 105, 102.5, 104}, FLAT_100},
        "3:B10@103", "3:B10@103", 99970, 99970, 0, 0},
    {"+ buy stop 102 limit 103, gap o=104 low=103", {{3, SL, 10, 102, 103, 0}}, {{104, 105, 103, 104}, FLAT_100},
        "3:B10@103", "4:B10@100", 99970, 100000, 0, 0},
    {"buy stop 102 limit 103, gap o=104 low=103.5", {{3, SL, 10, 102, 103, 0}}, {{104, 105, 103.5, 104}, FLAT_100},
        "4:B10@100", "4:B10@100", 100000, 100000, 0, 0},
    {"+ buy stop 102 limit 102", {{3, SL, 10, 102, 102, 0}}, {{101, 103, 100, 102.5}, AT_100_5},
        "3:B10@102", "4:B10@100.5", 99985, 100000, 0, 0},
    {"buy stop 102 limit 101, up bar", {{3, SL, 10, 102, 101, 0}}, {{101, 103, 100, 102.5}, AT_100_5},
        "4:B10@100.5", "4:B10@100.5", 100000, 100000, 0, 0},
    {"buy stop 102 limit 101, down bar c<limit", {{3, SL, 10, 102, 101, 0}}, {{101.5, 103, 99.5, 100.5}, AT_100_5},
        "3:B10@101", "4:B10@100.5", 99995, 100000, 0, 0},
    {"buy stop 102 limit 101, down bar c>limit", {{3, SL, 10, 102, 101, 0}}, {{102, 103, 99.5, 101.5}, AT_100_5},
        "3:B10@101", "3:B10@101", 99995, 99995, 0, 0},
    {"buy stop 102 limit 101, down o=101.9 c=101.2", {{3, SL, 10, 102, 101, 0}},
        {{101.9, 103, 99.5, 101.2}, AT_100_5},
        "4:B10@100.5", "4:B10@100.5", 100000, 100000, 0, 0},
    {"+ sell stop 98 limit 97, down bar", {{3, SL, -10, 98, 97, 0}}, {{99, 100, 96, 97}, FLAT_100},
        "3:S10@98", "3:S10@98", 99980, 99980, 0, 0},
    {"+ sell stop 98 limit 97, gap o=97.5", {{3, SL, -10, 98, 97, 0}}, {{97.5, 97.7, 96, 96.5}, FLAT_100},
        "3:S10@97.5", "3:S10@97.5", 99975, 99975, 0, 0},
    {"+ sell stop 98 limit 97, gap o=96 high=97.5", {{3, SL, -10, 98, 97, 0}}, {{96, 97.5, 95, 96}, FLAT_100},
        "3:S10@97", "3:S10@97", 99970, 99970, 0, 0},
    {"+ sell stop 98 limit 99, up bar c>limit", {{3, SL, -10, 98, 99, 0}}, {{98.5, 100.5, 97, 99.5}, AT_100_5},
        "3:S10@99", "4:S10@100.5", 99985, 100000, 0, 0},
    {"+ sell stop 98 limit 99, down bar", {{3, SL, -10, 98, 99, 0}}, {{99.5, 100.5, 97, 99.2}, AT_100_5},
        "4:S10@100.5", "4:S10@100.5", 100000, 100000, 0, 0},
    {"+ sell stop 98 limit 99, closes at its open", {{3, SL, -10, 98, 99, 0}}, {{99.5, 100.5, 97, 99.5}, AT_100_5},
        "3:S10@99", "4:S10@100.5", 99985, 100000, 0, 0},
    {"+ buy stop 102 limit 101, closes at its open", {{3, SL, 10, 102, 101, 0}}, {{101, 103, 99.5, 101}, AT_100_5},
        "4:B10@100.5", "4:B10@100.5", 100000, 100000, 0, 0},
    {"insufficient cash (close*size ok, open not)", {{3, M, 10, 0, 0, 0}}, {{111, 112, 110, 111}},
        "3:Cancelled(MARGIN)", "3:Cancelled(MARGIN)", 1100, 1100, 1100, 0},
    {"insufficient cash at submit", {{3, M, 10, 0, 0, 0}}, {{100, 101, 99, 100}},
        "3:Denied(CASH)", "3:Denied(CASH)", 900, 900, 900, 0},
    {"reverse: long 10 then sell 25", {{3, M, 10, 0, 0, 0}, {4, M, -25, 0, 0, 0}},
        {{101, 102, 100, 101}, {103, 104, 99, 100}},
        "3:B10@101 4:S25@103", "3:B10@101 4:S25@103", 100061.415, 100061.415, 0, 0.001},
    {"scale in 10@101 + 10@103, sell 15", {{3, M, 10, 0, 0, 0}, {4, M, 10, 0, 0, 0}, {5, M, -15, 0, 0, 0}},
        {{101, 102, 100, 101}, {103, 104, 102, 103}, {105, 106, 99, 100}},
        "3:B10@101 4:B10@103 5:S15@105", "3:B10@101 4:B10@103 5:S15@105", 100031.385, 100031.385, 0, 0.001},
    {"limit 98 valid 1 day, hit on day 2 (bt only)", {{3, L, 10, 0, 98, 1}},
        {{99, 101, 98.5, 100}, {99, 101, 97, 100}, FLAT_100},
        "4:Expired(TIME)", "4:Expired(TIME)", 100000, 100000, 0, 0},
    {"limit 98 valid 1 day, hit on day 3 (bt only)", {{3, L, 10, 0, 98, 1}},
        {{99, 101, 98.5, 100}, {99, 101, 98.5, 100}, {99, 101, 97, 100}},
        "4:Expired(TIME)", "4:Expired(TIME)", 100000, 100000, 0, 0},
    {"+ limit 98 valid 1 day, hit on day 1", {{3, L, 10, 0, 98, 1}}, {{99, 101, 97, 100}},
        "3:B10@98", "3:B10@98", 100020, 100020, 0, 0},
};
// clang-format on

#define CASE_COUNT (sizeof(cases) / sizeof(cases[0]))

/** Play a case; `line` is what happened, the result the account's value. */
static double play(const struct matrix_case *row, const char *profile, char line[STAGE_LINE_MAX]) {
    struct duet_costs costs = {.rate = llround(row->rate * 1e12)};
    stage_up(profile, row->cash != 0 ? row->cash : 100000, &costs);
    for (int bar = 0; bar < BARS_MAX && row->bars[bar][0] != 0; bar++) {
        for (int i = 0; i < ORDERS_MAX && row->orders[i].before != 0; i++) {
            const struct matrix_order *order = &row->orders[i];
            if (order->before == stage.bar) {
                struct duet_order_event request = market(order->quantity);
                request.type = (uint8_t)order->type;
                request.stop_price = p(order->stop);
                request.price = p(order->limit);
                if (order->valid_days > 0) {
                    request.time_in_force = DUET_GTD;
                    request.expires_ns = stage.now_ns + order->valid_days * DUET_DAY_NS;
                }
                (void)stage_send(&request);
            }
        }
        const double *b = row->bars[bar];
        stage_bar(b[0], b[1], b[2], b[3]);
    }
    double value = stage_equity();
    memcpy(line, stage.line, STAGE_LINE_MAX);
    stage_down();
    return value;
}

static void check_column(const char *profile, bool is_backtrader) {
    char line[STAGE_LINE_MAX];
    for (size_t i = 0; i < CASE_COUNT; i++) {
        const struct matrix_case *row = &cases[i];
        double value = play(row, profile, line);
        ck_assert_msg(
            strcmp(line, is_backtrader ? row->backtrader : row->duet) == 0, "%s, %s: %s", profile, row->name, line);
        double expected = is_backtrader ? row->backtrader_value : row->duet_value;
        ck_assert_msg(fabs(value - expected) < 1e-6, "%s, %s: %.6f", profile, row->name, value);
    }
}

START_TEST(backtrader_does_what_was_measured) {
    check_column("backtrader", true);
}
END_TEST

START_TEST(duet_1_does_what_its_rules_say) {
    check_column("duet-1", false);
}
END_TEST

/* The golden file's words for what became of an order. */
static void in_golden_words(const char *line, char out[STAGE_LINE_MAX]) {
    static const char *const words[][2] = {
        {"Cancelled(MARGIN)", "Margin"}, {"Denied(CASH)", "Margin"}, {"Expired(TIME)", "Expired"}};
    const char *colon = strchr(line, ':');
    for (size_t i = 0; i < 3 && colon != NULL; i++) {
        if (strcmp(colon + 1, words[i][0]) == 0) {
            snprintf(out, STAGE_LINE_MAX, "%.*s:%s", (int)(colon - line), line, words[i][1]);
            return;
        }
    }
    snprintf(out, STAGE_LINE_MAX, "%s", *line != '\0' ? line : "-");
}

static const struct matrix_case *case_of(const char *name) {
    for (size_t i = 0; i < CASE_COUNT; i++) {
        if (strcmp(cases[i].name, name) == 0) {
            return &cases[i];
        }
    }
    return NULL;
}

/** Cut blanks at both ends of text[from … to). */
static void trim(const char *text, size_t from, size_t to, char out[256]) {
    while (from < to && text[from] == ' ') {
        from++;
    }
    while (to > from && (text[to - 1] == ' ' || text[to - 1] == '\n')) {
        to--;
    }
    snprintf(out, 256, "%.*s", (int)(to - from), text + from);
}

START_TEST(the_table_is_what_the_golden_file_says) {
    char path[1024];
    const char *shared = getenv("DUET_SHARED");
    snprintf(path, sizeof(path), "%s/conformance/golden/semantics_measured.txt",
        shared != NULL ? shared : DUET_SOURCE_ROOT "/../shared");
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        printf("skipped: no %s\n", path);
        return;
    }
    char text[1024], name[256], expected[256], actual[256], words[STAGE_LINE_MAX], line[STAGE_LINE_MAX];
    size_t found = 0;
    while (fgets(text, sizeof(text), file) != NULL) {
        const char *first = strchr(text, '|');
        ck_assert_ptr_nonnull(first);
        const char *second = strchr(first + 1, '|');
        ck_assert_ptr_nonnull(second);
        trim(text, 0, (size_t)(first - text), name);
        const struct matrix_case *row = case_of(name);
        if (row == NULL) {
            continue; // brackets, trailing stops, OCO, cheat-on-close: not single orders of ours
        }
        found++;
        // Two words of the column, the actions and the value, with blanks between.

        trim(text, (size_t)(first + 1 - text), (size_t)(second - text), expected);
        char *value = strrchr(expected, ' ');
        ck_assert_ptr_nonnull(value);
        double measured = strtod(value, NULL);
        trim(expected, 0, (size_t)(value - expected), actual);
        double played = play(row, "backtrader", line);
        in_golden_words(line, words);
        ck_assert_str_eq(words, actual);
        ck_assert_msg(fabs(played - measured) < 0.0051, "%s: %.6f", name, played); // the file has two decimals
    }
    fclose(file);
    ck_assert_uint_eq(found, 29);
}
END_TEST

DUET_TEST_MAIN("matrix", NULL, backtrader_does_what_was_measured, duet_1_does_what_its_rules_say,
    the_table_is_what_the_golden_file_says)
