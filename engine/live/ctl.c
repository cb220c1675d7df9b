#include "engine/live/ctl.h"

#include <glob.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "engine/commands.h"
#include "engine/live/ctl_private.h"
#include "net/http_follow.h"
#include "net/http_server.h"
#include "net/token.h"

#define URL_DEFAULT "http://127.0.0.1:8000"
#define TOKEN_FILE_DEFAULT "duet-session.db.token"
/** Longer than the daemon itself waits before it answers 504. */
#define CALL_NS (15 * INT64_C(1000000000))

struct verb {
    const char *name, *argument, *help;
    const char *method, *path; // "%s" in it: the argument
    void (*show)(const json_t *answer, FILE *out); // NULL: the text as it stands
    const char *question; // asked on a terminal
};

/** A pipe stands for "optional". */
static const struct verb verbs[] = {
    {"status", "", "trading state, health, feed, account", "GET", "/api/v1/status", ctl_show_status},
    {"orders", "[working|all]", "orders, newest first", "GET", "/api/v1/orders?status=%s", ctl_show_orders},
    {"order", "ID", "one order", "GET", "/api/v1/orders/%s", ctl_show_order},
    {"positions", "", "open positions", "GET", "/api/v1/positions", ctl_show_positions},
    {"account", "", "cash, equity, profit, costs, denials", "GET", "/api/v1/account", ctl_show_account},
    {"strategies", "", "parameters, warmth, targets", "GET", "/api/v1/strategies", ctl_show_strategies},
    {"tasks", "", "periodic jobs and pending operations", "GET", "/api/v1/tasks", ctl_show_tasks},
    {"session", "", "journal, counts, hashes", "GET", "/api/v1/session", ctl_show_session},
    {"health", "", "is it well? exit code 1 where not", "GET", "/api/v1/performance/health", ctl_show_health},
    {"lag", "", "loop lag, queue, operations", "GET", "/api/v1/performance/metrics/summary", ctl_show_lag},
    {"metrics", "", "everything measured, as Prometheus reads it", "GET", "/metrics", NULL},
    {"watch", "", "orders, fills and alerts as they happen", "GET", "/api/v1/events", ctl_show_message},
    {"arm", "", "let it take new risk", "POST", "/api/v1/arm", ctl_show_arm, "let it take new risk"},
    {"halt", "", "kill switch: no new risk, entries cancelled, latched", "POST", "/api/v1/halt", ctl_show_command},
    {"resume", "", "from halted to reducing", "POST", "/api/v1/resume", ctl_show_command},
    {"flatten", "", "halt, and close every position", "POST", "/api/v1/flatten", ctl_show_command,
        "halt, and close every position at market"},
    {"cancel", "ID", "cancel one order", "POST", "/api/v1/orders/%s/cancel", ctl_show_command},
    {"cancel-all", "", "cancel every working order", "POST", "/api/v1/cancel-all", ctl_show_command},
    {"reload", "", "read the configuration again", "POST", "/api/v1/reload", ctl_show_command},
    {"snapshot", "", "write a snapshot now", "POST", "/api/v1/snapshot", ctl_show_command},
    {"stop", "", "end the daemon in order", "POST", "/api/v1/stop", ctl_show_command, "end the daemon"},
};
#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

bool duet_ctl_verb(size_t index, const char **name, const char **argument, const char **help) {
    if (index >= VERB_COUNT) {
        return false;
    }
    *name = verbs[index].name;
    *argument = verbs[index].argument;
    *help = verbs[index].help;
    return true;
}

/** One conversation with a daemon. */
struct ctl {
    const struct duet_ctl_options *options;
    const struct verb *verb;
    char url[512];
    char token[DUET_TOKEN_MAX];
};

/** "…" of a path is the argument; only what needs no escaping is let through. */
static enum duet_status make_url(struct ctl *ctl, const char *argument) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    const char *base = ctl->options->url != NULL ? ctl->options->url : URL_DEFAULT;
    if (argument[strspn(argument, plain)] != '\0') {
        return duet_error(DUET_EINVAL, "ctl %s: \"%s\" is no %s", ctl->verb->name, argument, ctl->verb->argument);
    }
    size_t length = strlen(base);
    while (length > 0 && base[length - 1] == '/') {
        length--;
    }
    const char *path = ctl->verb->path, *hole = strstr(path, "%s");
    size_t before = hole == NULL ? strlen(path) : (size_t)(hole - path);
    int needed = snprintf(ctl->url, sizeof(ctl->url), "%.*s%.*s%s%s", (int)length, base, (int)before, path,
        hole == NULL ? "" : argument, hole == NULL ? "" : hole + 2);
    return needed < (int)sizeof(ctl->url) ? DUET_OK : duet_error(DUET_EINVAL, "ctl: the URL is too long");
}

/** The file that was named, the daemon's default, or the only one of its kind here. */
static enum duet_status find_token(struct ctl *ctl) {
    if (ctl->options->token_file != NULL) {
        return duet_token_read(ctl->options->token_file, ctl->token);
    }
    enum duet_status status = duet_token_read(TOKEN_FILE_DEFAULT, ctl->token);
    if (status != DUET_ENOTFOUND) {
        return status;
    }
    glob_t found = {0};
    int failed = glob("*.token", 0, NULL, &found);
    if (failed == 0 && found.gl_pathc == 1) {
        status = duet_token_read(found.gl_pathv[0], ctl->token);
    } else if (failed == 0) {
        status = duet_error(DUET_EINVAL, "ctl: there are %zu tokens here (%s, %s, …); name one with --token-file",
            (size_t)found.gl_pathc, found.gl_pathv[0], found.gl_pathv[1]);
    } else {
        status = duet_error(
            DUET_ENOTFOUND, "ctl: there is no %s here; name the daemon's with --token-file", TOKEN_FILE_DEFAULT);
    }
    globfree(&found);
    return status;
}

static char *make_body(const char *reason) {
    char *text = NULL;
    size_t size;
    struct duet_json json = {.stream = open_memstream(&text, &size)};
    duet_json_open(&json, NULL, '{');
    if (reason != NULL) {
        duet_json_string(&json, "reason", reason);
    }
    duet_json_close(&json, '}');
    fclose(json.stream);
    return text;
}

/** Why it did not work, by what the daemon says. */
static int complain(const struct ctl *ctl, int status, const json_t *answer) {
    const char *message = json_string_value(json_object_get(json_object_get(answer, "error"), "message"));
    enum duet_status kind = status == 422 || status == 401 ? DUET_EINVAL : DUET_EIO;
    const char *hint = status == 401 ? " (is --token-file the daemon's?)" : "";
    return duet_complain(duet_error(kind, "ctl %s: %s%s (HTTP %d)", ctl->verb->name,
        message != NULL ? message : "the daemon does not say why", hint, status));
}

static int show(const struct ctl *ctl, const struct duet_http_answer *answer) {
    json_t *parsed = json_loadb(answer->body, answer->size, JSON_ALLOW_NUL, NULL);
    int code = 0;
    if (answer->status < 200 || answer->status > 299) {
        code = complain(ctl, answer->status, parsed);
    } else if (ctl->options->json || ctl->verb->show == NULL) {
        fwrite(answer->body, 1, answer->size, stdout);
        if (answer->size > 0 && answer->body[answer->size - 1] != '\n') {
            putchar('\n');
        }
    } else if (parsed == NULL) {
        code = duet_complain(duet_error(DUET_EIO, "ctl %s: the answer is not JSON", ctl->verb->name));
    } else {
        ctl->verb->show(parsed, stdout);
    }
    if (code == 0 && json_is_false(json_object_get(parsed, "healthy"))) {
        code = 1;
    }
    json_decref(parsed);
    return code;
}

static int call(const struct ctl *ctl) {
    char *body = strcmp(ctl->verb->method, "POST") == 0 ? make_body(ctl->options->reason) : NULL;
    struct duet_http_answer answer = {0};
    enum duet_status status = duet_http_call(ctl->verb->method, ctl->url, ctl->token, body, CALL_NS, &answer);
    free(body);
    int code;
    if (status != DUET_OK) {
        code = duet_complain(status);
    } else if (answer.status == 0) {
        code = duet_complain(duet_error(DUET_EIO, "ctl %s: %s", ctl->verb->name, answer.error));
    } else {
        code = show(ctl, &answer);
    }
    free(answer.body);
    return code;
}

/** A line of the stream of events: only those with data are shown. False: nobody reads us any more. */
static bool show_line(void *argument, const char *line) {
    const struct ctl *ctl = argument;
    if (strncmp(line, "data:", 5) != 0) {
        return true;
    }
    const char *data = line + 5 + strspn(line + 5, " ");
    json_t *message = json_loads(data, 0, NULL);
    if (ctl->options->json || message == NULL) {
        printf("%s\n", data);
        fflush(stdout);
    } else {
        ctl->verb->show(message, stdout);
    }
    json_decref(message);
    return ferror(stdout) == 0;
}

static int watch(struct ctl *ctl) {
    int status = 0;
    enum duet_status ended = duet_http_follow(ctl->url, ctl->token, CALL_NS, show_line, ctl, &status);
    if (ended == DUET_OK && status != 200) {
        return complain(ctl, status, NULL);
    }
    return ended == DUET_OK ? 0 : duet_complain(ended);
}

/** Asks where somebody can answer. */
static bool is_confirmed(const struct ctl *ctl) {
    if (ctl->verb->question == NULL || ctl->options->yes || !isatty(STDIN_FILENO)) {
        return true;
    }
    char line[16] = "";
    fprintf(stderr, "%s: %s? Type yes: ", ctl->verb->name, ctl->verb->question);
    return fgets(line, sizeof(line), stdin) != NULL && strcmp(line, "yes\n") == 0;
}

static const struct verb *find_verb(const char *name) {
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(verbs[i].name, name) == 0) {
            return &verbs[i];
        }
    }
    return NULL;
}

static int complain_verb(const char *name) {
    const char *names[VERB_COUNT];
    for (size_t i = 0; i < VERB_COUNT; i++) {
        names[i] = verbs[i].name;
    }
    const char *nearest = duet_nearest(name, names, VERB_COUNT);
    return nearest == NULL ? duet_complain_usage("ctl: unknown verb \"%s\" (duet ctl --help lists them)", name)
                           : duet_complain_usage("ctl: unknown verb \"%s\"; did you mean \"%s\"?", name, nearest);
}

int duet_command_ctl(
    const struct duet_ctl_options *options, const char *name, const char *const *arguments, size_t count) {
    struct ctl ctl = {.options = options, .verb = find_verb(name)};
    if (ctl.verb == NULL) {
        return complain_verb(name);
    }
    bool wanted = ctl.verb->argument[0] != '\0', optional = ctl.verb->argument[0] == '[';
    if (count > (wanted ? 1 : 0) || (wanted && !optional && count == 0)) {
        return duet_complain_usage("usage: duet ctl %s %s", name, ctl.verb->argument);
    }
    enum duet_status status = make_url(&ctl, count > 0 ? arguments[0] : "all");
    if (status == DUET_OK) {
        status = find_token(&ctl);
    }
    if (status != DUET_OK) {
        return duet_complain(status);
    }
    (void)signal(SIGPIPE, SIG_IGN); // a daemon, or a reader of ours, that goes is an error and not the end
    if (!is_confirmed(&ctl)) {
        fprintf(stderr, "%s: not done\n", name);
        return 1;
    }
    return strcmp(name, "watch") == 0 ? watch(&ctl) : call(&ctl);
}
