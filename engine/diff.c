#include "engine/diff.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "engine/commands.h"
#include "report/page.h"

#define RESULT_BYTES_MAX (UINT64_C(1) << 31)

/** What a run was given, in the order in which a difference is most telling. */
static const char *const inputs[] = {"strategy", "params", "settings", "plugin_sha256", "data_sha256", "data",
    "fill_profile", "initial_cash", "currency", "version", "schema"};
/** What came of it. */
static const char *const outcomes[] = {"status", "start", "end", "bars", "events", "orders", "fills", "denied",
    "rejected", "cancelled", "expired", "final_cash", "final_equity", "realized_pnl", "unrealized_pnl",
    "open_positions", "costs", "event_hash", "decision_hash", "buy_and_hold", "benchmark", "stats", "months", "years",
    "drawdowns", "instruments", "na", "assumptions", "warnings"};

/** Fields that say where something lies, not what it is. */
static bool is_place(const char *key) {
    return strcmp(key, "path") == 0;
}

static enum duet_status load(const char *path, json_t **out) {
    struct stat place;
    struct duet_text text = {0};
    bool folder = stat(path, &place) == 0 && S_ISDIR(place.st_mode);
    duet_text_print(&text, folder ? "%s/result.json" : "%s", path);
    char *bytes = NULL;
    size_t size = 0;
    enum duet_status status = duet_file_read(text.text, RESULT_BYTES_MAX, &bytes, &size);
    duet_text_finish(&text);
    if (status != DUET_OK) {
        return status;
    }
    json_error_t error;
    *out = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &error);
    free(bytes);
    if (*out == NULL) {
        return duet_error(
            DUET_EDATA, "%s:%d: %s; expected what `duet backtest --json` prints", path, error.line, error.text);
    }
    const char *mode = json_string_value(json_object_get(*out, "mode"));
    if (mode == NULL || strcmp(mode, "backtest") != 0) {
        json_decref(*out);
        *out = NULL;
        return duet_error(DUET_EDATA, "%s: no result of a backtest; expected what `duet backtest --json` prints", path);
    }
    return DUET_OK;
}

static void put_value(const json_t *value, char *out, size_t size) {
    const char *text = json_string_value(value);
    if (text != NULL) {
        duet_text_copy(out, size, text);
        return;
    }
    if (json_is_real(value)) {
        char number[DUET_DOUBLE_TEXT_MAX];
        duet_text_copy(out, size, duet_double_format(json_real_value(value), number));
        return;
    }
    char *dump = value == NULL ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    duet_text_copy(out, size, dump == NULL ? "(none)" : dump);
    free(dump);
}

static void add_line(struct duet_diff *diff, const char *key, const json_t *a, const json_t *b, bool input) {
    diff->same = false;
    if (diff->line_count == DUET_DIFF_LINES_MAX) {
        diff->more_lines++;
        return;
    }
    size_t index = diff->line_count++;
    duet_text_copy(diff->lines[index].key, sizeof(diff->lines[index].key), key);
    put_value(a, diff->lines[index].a, sizeof(diff->lines[index].a));
    put_value(b, diff->lines[index].b, sizeof(diff->lines[index].b));
    diff->lines[index].input = input;
}

/** A line for every leaf that differs; `key` is its path so far. */
static void compare(struct duet_diff *diff, const char *key, const json_t *a, const json_t *b, bool input) {
    char name[64];
    if (json_is_object(a) && json_is_object(b)) {
        const char *member;
        json_t *value;
        json_object_foreach((json_t *)(uintptr_t)a, member, value) {
            if (!is_place(member)) {
                snprintf(name, sizeof(name), "%s.%s", key, member);
                compare(diff, name, value, json_object_get(b, member), input);
            }
        }
        json_object_foreach((json_t *)(uintptr_t)b, member, value) {
            if (!is_place(member) && json_object_get(a, member) == NULL) {
                snprintf(name, sizeof(name), "%s.%s", key, member);
                add_line(diff, name, NULL, value, input);
            }
        }
    } else if (json_is_array(a) && json_is_array(b) && json_array_size(a) == json_array_size(b)) {
        for (size_t i = 0; i < json_array_size(a); i++) {
            snprintf(name, sizeof(name), "%s[%zu]", key, i);
            compare(diff, name, json_array_get(a, i), json_array_get(b, i), input);
        }
    } else if (a == NULL || b == NULL ? a != b : json_equal(a, b) == 0) {
        add_line(diff, key, a, b, input);
    }
}

/** "2020-01-02T10:05:00Z X SUBMIT BUY 100 MARKET GTC "sma"". */
static void describe(const json_t *decision, char out[DUET_DIFF_TEXT_MAX]) {
    static const char *const fields[] = {
        "time", "symbol", "action", "side", "quantity", "type", "price", "stop", "tif"};
    struct duet_text text = {0};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const char *value = json_string_value(json_object_get(decision, fields[i]));
        if (value != NULL) {
            duet_text_print(&text, "%s%s%s", i > 0 ? " " : "", strcmp(fields[i], "stop") == 0 ? "stop " : "", value);
        }
    }
    if (json_is_true(json_object_get(decision, "reduce_only"))) {
        duet_text_print(&text, " reduce-only");
    }
    const char *reason = json_string_value(json_object_get(decision, "reason"));
    duet_text_print(&text, " \"%s\"", reason == NULL ? "" : reason);
    duet_text_copy(out, DUET_DIFF_TEXT_MAX, text.text);
    duet_text_finish(&text);
}

/** The first member in which two decisions differ; NULL where none does. */
static const char *first_field(const json_t *a, const json_t *b) {
    const char *member;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)a, member, value) {
        const json_t *other = json_object_get(b, member);
        if (other == NULL || json_equal(value, other) == 0) {
            return member;
        }
    }
    json_object_foreach((json_t *)(uintptr_t)b, member, value) {
        if (json_object_get(a, member) == NULL) {
            return member;
        }
    }
    return NULL;
}

static void compare_decisions(struct duet_diff *diff, const json_t *a, const json_t *b) {
    diff->decisions_known = json_is_array(a) && json_is_array(b);
    if (!diff->decisions_known) {
        return;
    }
    diff->decisions_a = json_array_size(a);
    diff->decisions_b = json_array_size(b);
    uint64_t most = diff->decisions_a > diff->decisions_b ? diff->decisions_a : diff->decisions_b;
    for (uint64_t i = 0; i < most; i++) {
        const json_t *one = json_array_get(a, i), *other = json_array_get(b, i);
        const char *field = one != NULL && other != NULL ? first_field(one, other) : "";
        if (field != NULL) {
            diff->same = false;
            diff->first = i + 1;
            duet_text_copy(diff->field, sizeof(diff->field), field);
            if (one != NULL) {
                describe(one, diff->at_a);
            }
            if (other != NULL) {
                describe(other, diff->at_b);
            }
            return;
        }
    }
}

enum duet_status duet_diff_results(const char *a, const char *b, struct duet_diff *out) {
    json_t *first = NULL, *second = NULL;
    *out = (struct duet_diff){.same = true};
    enum duet_status status = load(a, &first);
    if (status == DUET_OK) {
        status = load(b, &second);
    }
    if (status == DUET_OK) {
        for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
            compare(out, inputs[i], json_object_get(first, inputs[i]), json_object_get(second, inputs[i]), true);
        }
        compare_decisions(out, json_object_get(first, "decisions"), json_object_get(second, "decisions"));
        for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
            compare(out, outcomes[i], json_object_get(first, outcomes[i]), json_object_get(second, outcomes[i]), false);
        }
    }
    json_decref(first);
    json_decref(second);
    return status;
}

static void print_json(const struct duet_diff *diff, FILE *out) {
    struct duet_json json = {.stream = out};
    duet_json_open(&json, NULL, '{');
    duet_json_uint(&json, "schema", 1);
    duet_json_bool(&json, "same", diff->same);
    if (diff->decisions_known) {
        duet_json_open(&json, "decisions", '[');
        duet_json_uint(&json, NULL, diff->decisions_a);
        duet_json_uint(&json, NULL, diff->decisions_b);
        duet_json_close(&json, ']');
    } else {
        duet_json_null(&json, "decisions");
    }
    if (diff->first == 0) {
        duet_json_null(&json, "first");
    } else {
        duet_json_open(&json, "first", '{');
        duet_json_uint(&json, "number", diff->first);
        duet_json_string(&json, "field", diff->field);
        duet_json_string(&json, "a", diff->at_a);
        duet_json_string(&json, "b", diff->at_b);
        duet_json_close(&json, '}');
    }
    duet_json_open(&json, "differences", '[');
    for (size_t i = 0; i < diff->line_count; i++) {
        duet_json_open(&json, NULL, '{');
        duet_json_string(&json, "key", diff->lines[i].key);
        duet_json_string(&json, "a", diff->lines[i].a);
        duet_json_string(&json, "b", diff->lines[i].b);
        duet_json_bool(&json, "input", diff->lines[i].input);
        duet_json_close(&json, '}');
    }
    duet_json_close(&json, ']');
    duet_json_uint(&json, "more", diff->more_lines);
    duet_json_close(&json, '}');
    fputc('\n', out);
}

static void print_decisions(const struct duet_diff *diff, const struct duet_page *page) {
    duet_page_heading(page, "decisions");
    if (!diff->decisions_known) {
        duet_page_line(page, DUET_TONE_PLAIN, "", "not in both files; run with --decisions (or --report) to have them");
    } else if (diff->first == 0) {
        duet_page_line(page, DUET_TONE_PLAIN, "", "all %" PRIu64 " are the same", diff->decisions_a);
    } else {
        duet_page_line(page, DUET_TONE_BAD, "first", "number %" PRIu64 " of %" PRIu64 " and %" PRIu64 "%s%s",
            diff->first, diff->decisions_a, diff->decisions_b, diff->field[0] == '\0' ? "" : ", in ", diff->field);
        duet_page_line(page, DUET_TONE_PLAIN, "A", "%s", diff->at_a[0] == '\0' ? "no more decisions" : diff->at_a);
        duet_page_line(page, DUET_TONE_PLAIN, "B", "%s", diff->at_b[0] == '\0' ? "no more decisions" : diff->at_b);
    }
}

static void print_lines(const struct duet_diff *diff, const struct duet_page *page, bool input) {
    struct duet_table table = {.columns = 3};
    for (size_t i = 0; i < diff->line_count; i++) {
        if (diff->lines[i].input == input) {
            if (table.cell_count == 0) {
                duet_page_heading(page, input ? "what the runs were given" : "what came of it");
                duet_table_add(&table, "");
                duet_table_add(&table, "A");
                duet_table_add(&table, "B");
            }
            duet_table_add(&table, diff->lines[i].key);
            duet_table_add(&table, diff->lines[i].a);
            duet_table_add(&table, diff->lines[i].b);
        }
    }
    if (table.cell_count > 0) {
        duet_table_print(&table, page);
    }
}

void duet_diff_print(const struct duet_diff *diff, const char *a, const char *b, bool json, FILE *out) {
    if (json) {
        print_json(diff, out);
        return;
    }
    const struct duet_page page = {.stream = out, .width = 100};
    duet_page_line(&page, DUET_TONE_PLAIN, "A", "%s", a);
    duet_page_line(&page, DUET_TONE_PLAIN, "B", "%s", b);
    if (diff->same) {
        duet_page_line(&page, DUET_TONE_GOOD, "", "the same decisions and the same figures");
        return;
    }
    print_decisions(diff, &page);
    print_lines(diff, &page, true);
    print_lines(diff, &page, false);
    if (diff->more_lines > 0) {
        duet_page_line(&page, DUET_TONE_PLAIN, "", "and %" PRIu64 " more", diff->more_lines);
    }
}

int duet_command_diff(const char *a, const char *b, bool json) {
    struct duet_diff diff;
    enum duet_status status = duet_diff_results(a, b, &diff);
    if (status != DUET_OK) {
        return duet_complain(status);
    }
    duet_diff_print(&diff, a, b, json, stdout);
    return diff.same ? 0 : duet_exit_code(DUET_EDIFF);
}
