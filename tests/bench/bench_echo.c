/* The floor of anything that goes out and comes back over loopback: a bare epoll loop in another process that sends
 * back what it got. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench_echo.h"

int bench_listen(uint16_t *port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 4) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    *port = ntohs(address.sin_port);
    return fd;
}

void bench_no_delay(int fd) {
    int one = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static int connect_to(uint16_t port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/** Until the other side closes. */
static void echo(int fd) {
    char bytes[4096];
    int poll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    if (poll < 0 || epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) != 0) {
        return;
    }
    for (;;) {
        if (epoll_wait(poll, &event, 1, -1) < 0 && errno != EINTR) {
            return;
        }
        ssize_t got = read(fd, bytes, sizeof(bytes));
        if (got <= 0 || write(fd, bytes, (size_t)got) != got) {
            return;
        }
    }
}

size_t bench_echo(size_t count, size_t bytes, int64_t gap_ns, double *us) {
    uint16_t port;
    int listener = bench_listen(&port);
    if (listener < 0) {
        return 0;
    }
    pid_t child = fork();
    if (child == 0) {
        close(listener);
        int fd = connect_to(port);
        if (fd >= 0) {
            bench_no_delay(fd);
            echo(fd);
        }
        _exit(0);
    }
    int fd = child > 0 ? accept(listener, NULL, NULL) : -1;
    close(listener);
    size_t done = 0;
    char out[4096] = {0}, in[4096];
    if (fd >= 0) {
        bench_no_delay(fd);
        bytes = bytes < sizeof(out) ? bytes : sizeof(out);
        for (; done < count; done++) {
            bench_sleep_ns(gap_ns);
            int64_t begun_ns = bench_now_ns();
            if (write(fd, out, bytes) != (ssize_t)bytes) {
                break;
            }
            size_t got = 0;
            while (got < bytes) {
                ssize_t part = read(fd, in, sizeof(in));
                if (part <= 0) {
                    break;
                }
                got += (size_t)part;
            }
            if (got < bytes) {
                break;
            }
            us[done] = (double)(bench_now_ns() - begun_ns) / 1e3;
        }
        close(fd);
    }
    if (child > 0) {
        waitpid(child, NULL, 0);
    }
    return done;
}

void bench_sleep_ns(int64_t ns) {
    struct timespec wait = {.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};
    while (nanosleep(&wait, &wait) != 0 && errno == EINTR) {
    }
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_quantile(double *samples, size_t count, double share) {
    qsort(samples, count, sizeof(*samples), compare);
    size_t rank = (size_t)(share * (double)count);
    return samples[rank < count ? rank : count - 1];
}
