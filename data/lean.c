#include "data/lean.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/time.h"

#define COMPONENTS_MAX 64
#define TOKENS_MAX 16

struct token {
    const char *text;
    size_t length;
};

struct word {
    const char *name;
    int value;
};
static const struct word securities[] = {{"equity", DUET_LEAN_EQUITY}, {"option", DUET_LEAN_OPTION},
    {"indexoption", DUET_LEAN_OPTION}, {"forex", DUET_LEAN_FOREX}, {"cfd", DUET_LEAN_CFD}, {"crypto", DUET_LEAN_CRYPTO},
    {"cryptofuture", DUET_LEAN_CRYPTO}, {"future", DUET_LEAN_FUTURE}, {"futureoption", DUET_LEAN_FUTURE},
    {"index", DUET_LEAN_INDEX}, {NULL, 0}};
static const struct word resolutions[] = {{"tick", DUET_LEAN_TICK}, {"second", DUET_LEAN_SECOND},
    {"minute", DUET_LEAN_MINUTE}, {"hour", DUET_LEAN_HOUR}, {"daily", DUET_LEAN_DAILY}, {NULL, 0}};
static const struct word kinds[] = {
    {"trade", DUET_LEAN_TRADE}, {"quote", DUET_LEAN_QUOTE}, {"openinterest", DUET_LEAN_OPEN_INTEREST}, {NULL, 0}};

/** The value of a word in one of the tables above; 0 where it is none. */
static int word_value(struct token token, const struct word *words) {
    for (; words->name != NULL; words++) {
        if (strlen(words->name) == token.length && strncasecmp(words->name, token.text, token.length) == 0) {
            return words->value;
        }
    }
    return 0;
}

static size_t split(const char *text, const char *separators, struct token *out, size_t room) {
    size_t count = 0;
    while (*text != '\0' && count < room) {
        size_t length = strcspn(text, separators);
        if (length > 0) {
            out[count++] = (struct token){text, length};
        }
        text += length + (text[length] != '\0');
    }
    return count;
}

static void token_copy(struct token token, char out[DUET_LEAN_NAME_MAX]) {
    size_t length = token.length < DUET_LEAN_NAME_MAX ? token.length : DUET_LEAN_NAME_MAX - 1;
    memcpy(out, token.text, length);
    out[length] = '\0';
}

/** YYYYMMDD. */
static bool token_day(struct token token, int64_t *day_ns) {
    int parts[3] = {0};
    for (size_t i = 0; i < 8; i++) {
        if (token.length != 8 || token.text[i] < '0' || token.text[i] > '9') {
            return false;
        }
        int *part = &parts[i < 4 ? 0 : i < 6 ? 1 : 2];
        *part = *part * 10 + (token.text[i] - '0');
    }
    if (parts[0] < 1900 || parts[0] > 2199 || !duet_civil_is_date(parts[0], parts[1], parts[2])) {
        return false;
    }
    *day_ns = duet_days_from_civil(parts[0], parts[1], parts[2]) * DUET_DAY_NS;
    return true;
}

/** <security>/<market>/<resolution>/… anywhere in the path, the last of them. */
static void look_at_folders(const char *path, struct duet_lean *lean) {
    struct token parts[COMPONENTS_MAX];
    size_t count = split(path, "/", parts, COMPONENTS_MAX);
    for (size_t i = 0; i + 3 < count; i++) {
        int security = word_value(parts[i], securities), resolution = word_value(parts[i + 2], resolutions);
        if (security == 0 || resolution == 0) {
            continue;
        }
        lean->in_tree = true;
        lean->security = (enum duet_lean_security)security;
        lean->resolution = (enum duet_lean_resolution)resolution;
        lean->root = (size_t)(parts[i + 1].text - path) + parts[i + 1].length;
        token_copy(parts[i + 1], lean->market);
        token_copy(parts[i + 3], lean->ticker); // the folder of one ticker, or its file
        lean->ticker[strcspn(lean->ticker, "._")] = '\0';
    }
}

/** 20140605_aapl_minute_trade[_201406].csv, 20140605_trade.zip, aapl.csv. */
static void look_at_name(const char *path, struct duet_lean *lean) {
    struct token parts[TOKENS_MAX];
    const char *slash = strrchr(path, '/');
    size_t count = split(slash != NULL ? slash + 1 : path, "_.", parts, TOKENS_MAX);
    for (size_t i = 0; i < count; i++) {
        int resolution = word_value(parts[i], resolutions), kind = word_value(parts[i], kinds);
        if (i == 0 && !lean->has_day) {
            lean->has_day = token_day(parts[i], &lean->day_ns);
        }
        if (resolution != 0 && lean->resolution == DUET_LEAN_NO_RESOLUTION) {
            lean->resolution = (enum duet_lean_resolution)resolution;
        }
        if (kind != 0 && lean->kind == DUET_LEAN_NO_KIND) {
            lean->kind = (enum duet_lean_kind)kind;
        }
        if (lean->ticker[0] == '\0' && i == 1 && lean->has_day && kind == 0) {
            token_copy(parts[i], lean->ticker);
        }
    }
}

/** aapl.zip with aapl.csv inside. */
static bool look_flat(const char *path, const char *inner, struct duet_lean *lean) {
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    size_t stem = strcspn(name, ".");
    lean->flat = inner != NULL && !lean->in_tree && !lean->has_day && stem > 0 &&
                 strncasecmp(name, inner, stem + 1) == 0 && strcasecmp(inner + stem, ".csv") == 0;
    lean->resolution = lean->flat ? DUET_LEAN_DAILY : lean->resolution;
    return lean->flat;
}

bool duet_lean_look(const char *path, const char *inner, struct duet_lean *out) {
    *out = (struct duet_lean){0};
    look_at_folders(path, out);
    if (inner != NULL) {
        look_at_name(inner, out);
    }
    look_at_name(path, out);
    bool daily = out->resolution == DUET_LEAN_HOUR || out->resolution == DUET_LEAN_DAILY;
    if (daily ? out->in_tree : out->has_day && out->resolution != DUET_LEAN_NO_RESOLUTION) {
        return true;
    }
    return look_flat(path, inner, out);
}

bool duet_lean_companion(const char *path, const char *folder, char *out, size_t size) {
    struct duet_lean lean = {0};
    struct duet_text text = {0};
    look_at_folders(path, &lean);
    if (!lean.in_tree || lean.ticker[0] == '\0') {
        return false;
    }
    duet_text_print(&text, "%.*s/%s/%s.csv", (int)lean.root, path, folder, lean.ticker);
    bool fits = text.length < size;
    duet_text_copy(out, size, text.text);
    duet_text_finish(&text);
    return fits;
}
