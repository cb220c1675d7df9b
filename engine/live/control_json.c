#include "engine/live/control_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/money.h"
#include "base/time.h"

struct duet_json *control_answer_open(struct control_answer *answer) {
    *answer = (struct control_answer){0};
    answer->json.stream = open_memstream(&answer->text, &answer->size);
    DUET_ASSERT(answer->json.stream != NULL);
    duet_json_open(&answer->json, NULL, '{');
    return &answer->json;
}

void control_answer_close(struct control_answer *answer) {
    duet_json_close(&answer->json, '}');
    DUET_ASSERT(answer->json.depth == 0);
    bool written = fclose(answer->json.stream) == 0;
    DUET_ASSERT(written);
}

struct duet_json *control_answer_begin(struct control_answer *answer) {
    struct duet_json *json = control_answer_open(answer);
    duet_json_bool(json, "ok", true);
    return json;
}

void control_answer_send(struct control_answer *answer, struct duet_http_request *request, int status) {
    control_answer_close(answer);
    duet_http_reply(request, status, answer->text, answer->size);
    free(answer->text);
}

void control_put_money(struct duet_json *json, const char *name, duet_money money) {
    char text[DUET_DECIMAL_TEXT_MAX];
    duet_json_string(json, name, duet_money_format(money, 0, text));
}

void control_put_scaled(struct duet_json *json, const char *name, int64_t value, uint32_t decimals) {
    char text[DUET_DECIMAL_TEXT_MAX];
    duet_json_string(json, name, duet_decimal_format(value, decimals, text));
}

void control_put_time(struct duet_json *json, const char *name, int64_t ns) {
    char text[DUET_TIME_TEXT_MAX];
    duet_json_string(json, name, duet_time_format_iso(ns, text));
}

void control_put_time_or_null(struct duet_json *json, const char *name, int64_t ns) {
    if (ns == 0 || ns == INT64_MIN || ns == INT64_MAX) {
        duet_json_null(json, name);
    } else {
        control_put_time(json, name, ns);
    }
}

void control_put_text_or_null(struct duet_json *json, const char *name, const char *text) {
    if (text == NULL || text[0] == '\0') {
        duet_json_null(json, name);
    } else {
        duet_json_string(json, name, text);
    }
}

void control_put_seconds(struct duet_json *json, const char *name, int64_t ns) {
    duet_json_rounded(json, name, (double)ns / 1e9, 3);
}

void control_put_hash(struct duet_json *json, const char *name, uint64_t hash) {
    char text[20];
    snprintf(text, sizeof(text), "%016" PRIx64, hash);
    duet_json_string(json, name, text);
}
