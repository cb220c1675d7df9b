/*
 * Socket to socket: a gateway on loopback sends a bar to a real duetd and waits for the order that it leads to. The
 * strategy changes its mind with every bar. Against a bare epoll loop that echoes as many bytes, both sides asleep in
 * between; with the journal on a disk, and on a file system in memory where a sync costs nothing.
 */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench_echo.h"

#define TRIPS 300
#define ROUNDS 3
#define GAP_NS 2000000
#define START_NS INT64_C(1767225600000000000)
#define MINUTE_NS INT64_C(60000000000)
#define LINE_BYTES 200

extern char **environ;

struct gateway {
    int fd;
    char buffer[65536];
    size_t size;
    unsigned long long reports, sequence;
    int64_t bar_ns;
};

static void say(struct gateway *gateway, const char *line) {
    size_t size = strlen(line);
    if (write(gateway->fd, line, size) != (ssize_t)size) {
        fprintf(stderr, "bench_gateway: the daemon has gone\n");
    }
}

/** The next line, without its end, in `out`; false when the other side has gone. */
static bool hear(struct gateway *gateway, char *out, size_t capacity) {
    for (;;) {
        char *end = memchr(gateway->buffer, '\n', gateway->size);
        if (end != NULL) {
            size_t size = (size_t)(end - gateway->buffer), kept = size < capacity - 1 ? size : capacity - 1;
            memcpy(out, gateway->buffer, kept);
            out[kept] = '\0';
            gateway->size -= size + 1;
            memmove(gateway->buffer, end + 1, gateway->size);
            return true;
        }
        ssize_t got = read(gateway->fd, gateway->buffer + gateway->size, sizeof(gateway->buffer) - gateway->size);
        if (got <= 0) {
            return false;
        }
        gateway->size += (size_t)got;
    }
}

/** Text or number after "key":, cut at its end. */
static void field(const char *line, const char *key, char *out, size_t capacity) {
    char quoted[32];
    snprintf(quoted, sizeof(quoted), "\"%s\":", key);
    const char *at = strstr(line, quoted);
    out[0] = '\0';
    if (at != NULL) {
        at += strlen(quoted);
        at += *at == '"';
        size_t size = strcspn(at, "\",}");
        snprintf(out, capacity, "%.*s", (int)size, at);
    }
}

static bool is(const char *line, const char *type) {
    char told[32];
    field(line, "type", told, sizeof(told));
    return strcmp(told, type) == 0;
}

/** Hello to start; false where it does not come to that. */
static bool greet(struct gateway *gateway) {
    char line[2048], answer[512], text[40];
    while (hear(gateway, line, sizeof(line))) {
        answer[0] = '\0';
        if (is(line, "hello")) {
            field(line, "epoch", text, sizeof(text));
            snprintf(answer, sizeof(answer),
                "{\"type\":\"welcome\",\"protocol\":1,\"gateway\":\"bench\",\"roles\":[\"feed\",\"broker\"],"
                "\"gives\":[\"bars\"],\"epoch\":%s,\"seq\":1}\n",
                text);
        } else if (is(line, "query") && strstr(line, "\"report\"") != NULL) {
            snprintf(answer, sizeof(answer), "{\"type\":\"snapshot_end\",\"report\":0}\n");
        } else if (is(line, "history")) {
            snprintf(answer, sizeof(answer), "{\"type\":\"history_end\",\"symbol\":\"X\",\"interval\":60}\n");
        } else if (is(line, "start")) {
            say(gateway, "{\"type\":\"resumed\",\"seq\":0}\n");
            return true;
        }
        if (answer[0] != '\0') {
            say(gateway, answer);
        }
    }
    return false;
}

static void send_bar(struct gateway *gateway, const char *price) {
    char line[512];
    snprintf(line, sizeof(line),
        "{\"type\":\"bar\",\"seq\":%llu,\"symbol\":\"X\",\"interval\":60,\"time\":%lld,\"open\":\"%s\",\"high\":\"%s\","
        "\"low\":\"%s\",\"close\":\"%s\",\"volume\":\"1\"}\n",
        ++gateway->sequence, (long long)(START_NS + gateway->bar_ns), price, price, price, price);
    gateway->bar_ns += MINUTE_NS;
    say(gateway, line);
}

/** Fill the order of a submit. */
static void answer(struct gateway *gateway, const char *submit, const char *price) {
    char id[48], side[8], line[1024];
    field(submit, "id", id, sizeof(id));
    field(submit, "side", side, sizeof(side));
    long long time_ns = START_NS + gateway->bar_ns;
    snprintf(line, sizeof(line),
        "{\"type\":\"fill\",\"report\":%llu,\"id\":\"%s\",\"fill_id\":\"f%llu\",\"symbol\":\"X\",\"side\":\"%s\","
        "\"quantity\":\"1\",\"price\":\"%s\",\"commission\":\"0\",\"cumulative\":\"1\",\"time\":%lld}\n"
        "{\"type\":\"order\",\"report\":%llu,\"id\":\"%s\",\"status\":\"filled\",\"symbol\":\"X\",\"side\":\"%s\","
        "\"cumulative\":\"1\",\"time\":%lld}\n",
        gateway->reports + 1, id, gateway->reports + 1, side, price, time_ns, gateway->reports + 2, id, side, time_ns);
    gateway->reports += 2;
    say(gateway, line);
}

/** Microseconds from a bar to its order, TRIPS times; how many there were. */
static size_t trade(struct gateway *gateway, double *us) {
    static const char *const prices[] = {"101", "100"};
    char line[2048];
    size_t count = 0;
    for (int i = 0; i < 3; i++) {
        send_bar(gateway, prices[1 - i % 2]); // warm, and the last of them a fall
    }
    bench_sleep_ns(100 * GAP_NS);
    for (int i = 0; i < TRIPS; i++) {
        bench_sleep_ns(GAP_NS);
        int64_t begun_ns = bench_now_ns();
        send_bar(gateway, prices[i % 2]);
        do {
            if (!hear(gateway, line, sizeof(line))) {
                return count;
            }
        } while (!is(line, "submit"));
        us[count++] = (double)(bench_now_ns() - begun_ns) / 1e3;
        answer(gateway, line, prices[i % 2]);
    }
    return count;
}

static pid_t start_daemon(const char *folder, uint16_t port, int number) {
    char path[160], journal[160];
    snprintf(path, sizeof(path), "%s/bench-%d.yaml", folder, (int)getpid());
    snprintf(journal, sizeof(journal), "%s/bench-gateway-%d-%d.db", folder, (int)getpid(), number);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        return -1;
    }
    fprintf(file,
        "strategy: sma_cross\nparams: {fast: 1, slow: 2, size: 1}\ncash: 1000000\ndata:\n"
        "  - X=gateway,interval=1m,decimals=2\nlive:\n  session: %s\n  name: bench\n  feed: gateway\n  broker: "
        "gateway\n"
        "  gateway: 127.0.0.1:%u\n  api: \"off\"\n  arm: true\n  log_file: %s.log\n  stale_ms: 600000\n",
        journal, (unsigned)port, journal);
    fclose(file);
    char program[] = BENCH_DUETD, option[] = "-c";
    char *arguments[] = {program, option, path, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child = -1;
    if (posix_spawn(&child, program, &actions, NULL, arguments, environ) != 0) {
        child = -1;
    }
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

static void clean(const char *folder, int number) {
    static const char *const parts[] = {".db", ".db-wal", ".db-shm", ".db-lock", ".db.log", ".db.token"};
    char path[180];
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        snprintf(path, sizeof(path), "%s/bench-gateway-%d-%d%s", folder, (int)getpid(), number, parts[i]);
        unlink(path);
    }
    snprintf(path, sizeof(path), "%s/bench-%d.yaml", folder, (int)getpid());
    unlink(path);
}

static size_t run_once(const char *folder, int number, double *us) {
    static struct gateway gateway;
    uint16_t port;
    int listener = bench_listen(&port);
    const struct timeval patience = {.tv_sec = 20};
    (void)setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)); // accepted ones inherit it
    pid_t daemon = listener >= 0 ? start_daemon(folder, port, number) : -1;
    memset(&gateway, 0, sizeof(gateway));
    gateway.fd = daemon > 0 ? accept(listener, NULL, NULL) : -1;
    size_t count = 0;
    if (gateway.fd >= 0) {
        bench_no_delay(gateway.fd);
        count = greet(&gateway) ? trade(&gateway, us) : 0;
        close(gateway.fd);
    }
    if (daemon > 0) {
        kill(daemon, SIGKILL); // how it ends in order is not measured
        waitpid(daemon, NULL, 0);
    }
    if (listener >= 0) {
        close(listener);
    }
    clean(folder, number);
    return count;
}

static void measure(const char *folder, const char *p50_row, const char *p99_row, const double *floors) {
    double p50[ROUNDS], p99[ROUNDS], us[TRIPS];
    size_t rounds = 0;
    for (int i = 0; i < ROUNDS; i++) {
        size_t count = run_once(folder, i, us);
        if (count < TRIPS) {
            fprintf(stderr, "bench_gateway: %zu of %d orders came\n", count, TRIPS);
            continue;
        }
        p50[rounds] = bench_quantile(us, count, 0.5);
        p99[rounds++] = bench_quantile(us, count, 0.99);
    }
    if (rounds > 0) {
        bench_row(p50_row, "us", p50, rounds, "epoll echo", floors[0], 0);
        bench_row(p99_row, "us", p99, rounds, "epoll echo", floors[1], 0);
    }
}

void bench_gateway(void) {
    double us[TRIPS], floors[2] = {0, 0};
    size_t count = bench_echo(TRIPS, LINE_BYTES, GAP_NS, us);
    if (count > 0) {
        floors[0] = bench_quantile(us, count, 0.5);
        floors[1] = bench_quantile(us, count, 0.99);
    }
    (void)signal(SIGPIPE, SIG_IGN);
    measure(".", "tick_to_order_durable_p50", "tick_to_order_durable_p99", floors);
    measure("/dev/shm", "tick_to_order_memory_p50", "tick_to_order_memory_p99", floors);
}
