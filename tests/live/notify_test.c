/* The service manager's side of the socket: what arrives there, and what is left for children. */
#include "engine/live/notify.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support/suite.h"

static char folder[] = "/tmp/duet-notify-XXXXXX";
static char path[64];
static int manager;

static int listen_at(const char *name, size_t length) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, name, length);
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)(const void *)&address,
                         (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)),
        0);
    ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

static void with_manager(void) {
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/notify", folder);
    manager = listen_at(path, strlen(path) + 1);
    setenv("NOTIFY_SOCKET", path, 1);
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

static void done(struct duet_notify *notify) {
    duet_notify_finish(notify);
    close(manager);
    unlink(path);
    rmdir(folder);
}

static void arrives(int fd, const char *message) {
    char text[256] = "";
    ssize_t size = recv(fd, text, sizeof(text) - 1, 0);
    ck_assert_int_ge(size, 0);
    ck_assert_str_eq(text, message);
}

START_TEST(what_is_said_arrives_as_one_message) {
    struct duet_notify notify;
    duet_notify_init(&notify, NULL);
    ck_assert(duet_notify_send(&notify, "READY=1\nSTATUS=armed"));
    ck_assert(duet_notify_send(&notify, "STOPPING=1"));
    arrives(manager, "READY=1\nSTATUS=armed");
    arrives(manager, "STOPPING=1");
    ck_assert_int_eq(notify.watchdog_ns, 0);
    done(&notify);
}
END_TEST

START_TEST(an_abstract_name_is_no_path) {
    char name[64];
    snprintf(name, sizeof(name), "@duet-notify-%ld", (long)getpid());
    setenv("NOTIFY_SOCKET", name, 1);
    name[0] = '\0';
    int fd = listen_at(name, 1 + strlen(name + 1));
    struct duet_notify notify;
    duet_notify_init(&notify, NULL);
    ck_assert(duet_notify_send(&notify, "READY=1"));
    arrives(fd, "READY=1");
    close(fd);
    done(&notify);
}
END_TEST

START_TEST(signs_of_life_are_due_at_half_of_the_grant) {
    char pid[24];
    setenv("WATCHDOG_USEC", "3000000", 1);
    snprintf(pid, sizeof(pid), "%ld", (long)getpid());
    setenv("WATCHDOG_PID", pid, 1);
    struct duet_notify notify;
    duet_notify_init(&notify, NULL);
    ck_assert_int_eq(notify.watchdog_ns, 1500000000);
    duet_notify_finish(&notify);

    setenv("NOTIFY_SOCKET", path, 1);
    setenv("WATCHDOG_USEC", "3000000", 1);
    setenv("WATCHDOG_PID", "1", 1); // another process is watched
    duet_notify_init(&notify, NULL);
    ck_assert_int_eq(notify.watchdog_ns, 0);
    done(&notify);
}
END_TEST

START_TEST(children_inherit_nothing_to_speak_with) {
    struct duet_notify notify;
    duet_notify_init(&notify, NULL);
    ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
    ck_assert_int_eq(fcntl(notify.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    done(&notify);
}
END_TEST

START_TEST(without_a_manager_nothing_is_said) {
    struct duet_notify notify;
    unsetenv("NOTIFY_SOCKET");
    duet_notify_init(&notify, NULL);
    ck_assert(!duet_notify_send(&notify, "READY=1"));
    setenv("NOTIFY_SOCKET", "relative/path", 1);
    duet_notify_init(&notify, NULL);
    ck_assert(!duet_notify_send(&notify, "READY=1"));
    done(&notify);
}
END_TEST

START_TEST(a_manager_that_does_not_read_holds_nobody_up) {
    struct duet_notify notify;
    duet_notify_init(&notify, NULL);
    int sent = 0;
    while (sent < 100000 && duet_notify_send(&notify, "WATCHDOG=1")) {
        sent++;
    }
    ck_assert_int_lt(sent, 100000); // its queue is full, and we are still here
    done(&notify);
}
END_TEST

DUET_TEST_MAIN("notify", with_manager, what_is_said_arrives_as_one_message, an_abstract_name_is_no_path,
    signs_of_life_are_due_at_half_of_the_grant, children_inherit_nothing_to_speak_with,
    without_a_manager_nothing_is_said, a_manager_that_does_not_read_holds_nobody_up)
