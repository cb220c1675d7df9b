/*
 * A gateway that pushes quotes as fast as a real duetd's socket takes them: how late the daemon's loop is meanwhile, by
 * its own probe (`duet ctl lag`), and how much it takes and drops. Writer and daemon share the machine.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench_echo.h"

#define ROUNDS 3
#define FLOOD_NS INT64_C(3000000000)
#define PATIENCE_MS 20000
#define LINES 512
#define LINE_BYTES 128

extern char **environ;

struct flood {
    char folder[40], log[64], answer[64], token[64], journal[64], gateway[40], url[40], data[40], api[40];
    pid_t daemon;
    int listener, peer;
    unsigned long long sent;
};

static pid_t run(char *const *arguments, const char *out) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child = -1;
    int failed = posix_spawn(&child, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed == 0 ? child : -1;
}

static char *program(void) {
    static char built[] = BENCH_DUET;
    char *given = getenv("DUET");
    return given != NULL ? given : built;
}

static bool start(struct flood *flood) {
    uint16_t port = 0, api_port = 0;
    int api = bench_listen(&api_port); // a free port, for the control interface
    flood->listener = bench_listen(&port);
    if (api < 0 || flood->listener < 0) {
        return false;
    }
    close(api);
    snprintf(flood->journal, sizeof(flood->journal), "%s/s.db", flood->folder);
    snprintf(flood->token, sizeof(flood->token), "%s/s.db.token", flood->folder);
    snprintf(flood->log, sizeof(flood->log), "%s/log", flood->folder);
    snprintf(flood->answer, sizeof(flood->answer), "%s/answer", flood->folder);
    snprintf(flood->gateway, sizeof(flood->gateway), "127.0.0.1:%d", port);
    snprintf(flood->api, sizeof(flood->api), "127.0.0.1:%d", api_port);
    snprintf(flood->url, sizeof(flood->url), "http://127.0.0.1:%d", api_port);
    char live[] = "live", strategy[] = "--strategy", plugin[] = BENCH_PLUGINS "/ticker.so", data[] = "--data";
    char series[] = "X=gateway,interval=1m,decimals=2", feed[] = "--feed", broker[] = "--broker",
         is_gateway[] = "gateway";
    char paper[] = "paper", gateway[] = "--gateway", session[] = "--session", listen_at[] = "--api", arm[] = "--arm";
    char probe[] = "--lag-probe-ms", probe_ms[] = "10";
    char *const arguments[] = {program(), live, strategy, plugin, data, series, feed, is_gateway, broker, paper,
        gateway, flood->gateway, session, flood->journal, listen_at, flood->api, probe, probe_ms, arm, NULL};
    flood->daemon = run(arguments, flood->log);
    struct pollfd wait = {.fd = flood->listener, .events = POLLIN};
    flood->peer = flood->daemon > 0 && poll(&wait, 1, PATIENCE_MS) == 1 ? accept(flood->listener, NULL, NULL) : -1;
    return flood->peer >= 0;
}

static bool say(const struct flood *flood, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t sent = send(flood->peer, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

/** Answers until `start` has come. A feed only: nothing is asked about orders. */
static bool greet(const struct flood *flood) {
    char heard[8192], text[256];
    size_t size = 0;
    bool welcomed = false;
    struct pollfd wait = {.fd = flood->peer, .events = POLLIN};
    while (size < sizeof(heard) - 1 && poll(&wait, 1, PATIENCE_MS) == 1) {
        ssize_t got = recv(flood->peer, heard + size, sizeof(heard) - 1 - size, 0);
        if (got <= 0) {
            return false;
        }
        size += (size_t)got;
        heard[size] = '\0';
        const char *epoch = strstr(heard, "\"epoch\":");
        if (!welcomed && epoch != NULL && strchr(epoch, '\n') != NULL) {
            int length = snprintf(text, sizeof(text),
                "{\"type\":\"welcome\",\"protocol\":1,\"gateway\":\"flood\",\"roles\":[\"feed\"],\"gives\":[\"bars\","
                "\"quotes\"],\"epoch\":%llu,\"seq\":1}\n",
                strtoull(epoch + 8, NULL, 10));
            welcomed = say(flood, text, (size_t)length);
        }
        if (strstr(heard, "\"start\"") != NULL) {
            static const char resumed[] = "{\"type\":\"resumed\",\"seq\":0}\n";
            return say(flood, resumed, sizeof(resumed) - 1);
        }
    }
    return false;
}

/** As many quotes as it takes, for FLOOD_NS. */
static bool push(struct flood *flood) {
    char *lines = malloc((size_t)LINES * LINE_BYTES), heard[4096];
    bool open = lines != NULL;
    for (int64_t end_ns = bench_now_ns() + FLOOD_NS; open && bench_now_ns() < end_ns;) {
        size_t size = 0;
        for (int i = 0; i < LINES; i++) {
            size += (size_t)snprintf(lines + size, LINE_BYTES,
                "{\"type\":\"quote\",\"seq\":%llu,\"symbol\":\"X\",\"time\":1704067200000000000,\"bid\":\"100.0%d\","
                "\"ask\":\"100.1%d\"}\n",
                ++flood->sent, i % 10, i % 10);
        }
        open = say(flood, lines, size);
        while (recv(flood->peer, heard, sizeof(heard), MSG_DONTWAIT) > 0) {
        }
    }
    free(lines);
    return open;
}

/** The number `key` after `inside` of the answer of `duet ctl`; -1 where there is none. */
static double ask(const struct flood *flood, const char *what, const char *inside, const char *key) {
    char ctl[] = "ctl", url[] = "--url", token[] = "--token-file", json[] = "--json", wanted[16], text[4096] = "";
    snprintf(wanted, sizeof(wanted), "%s", what);
    char *const arguments[] = {
        program(), ctl, url, (char *)(uintptr_t)flood->url, token, (char *)(uintptr_t)flood->token, json, wanted, NULL};
    pid_t child = run(arguments, flood->answer);
    if (child > 0) {
        waitpid(child, NULL, 0);
    }
    FILE *file = fopen(flood->answer, "re");
    if (file != NULL) {
        text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
        fclose(file);
    }
    const char *part = strstr(text, inside), *found = part != NULL ? strstr(part, key) : NULL;
    found = found != NULL ? strchr(found, ':') : NULL;
    return found != NULL ? strtod(found + 1, NULL) : -1;
}

static bool measure(struct flood *flood, double *p95_ms, double *taken, double *dropped) {
    bool good = start(flood) && greet(flood) && push(flood);
    *p95_ms = good ? ask(flood, "lag", "\"loop_lag\"", "\"p95_ms\"") : -1;
    *taken = good ? ask(flood, "session", "", "\"inputs\"") : -1;
    *dropped = good ? ask(flood, "session", "", "\"dropped\"") : -1;
    if (flood->daemon > 0) {
        kill(flood->daemon, good ? SIGTERM : SIGKILL);
        waitpid(flood->daemon, NULL, 0);
    }
    close(flood->peer);
    close(flood->listener);
    return good && *p95_ms >= 0 && *taken > 0 && *dropped >= 0;
}

void bench_flood(void) {
    double p95_ms[ROUNDS], taken_us[ROUNDS], share[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        struct flood flood = {.folder = "/tmp/duet-flood-XXXXXX", .listener = -1, .peer = -1};
        double taken, dropped;
        if (mkdtemp(flood.folder) == NULL) {
            return;
        }
        bool good = measure(&flood, &p95_ms[i], &taken, &dropped);
        char command[80];
        snprintf(command, sizeof(command), "rm -rf '%s'", flood.folder);
        if (system(command) != 0 || !good) {
            fprintf(stderr, "bench_flood: no figures\n");
            return;
        }
        taken_us[i] = (double)FLOOD_NS / 1e3 / taken;
        share[i] = 100 * dropped / (taken + dropped);
    }
    bench_row("flood_lag_p95", "ms", p95_ms, ROUNDS, NULL, 0, 10);
    bench_row("flood_input_journaled", "us/input", taken_us, ROUNDS, NULL, 0, 0);
    bench_row("flood_dropped", "%", share, ROUNDS, NULL, 0, 0);
}
