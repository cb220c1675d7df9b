#include "engine/live/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

/** The manager's grant for this process, 0 where it watches none or another one. */
static int64_t watchdog_ns(void) {
    const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    int64_t grant_us, whose;
    if (usec == NULL || !duet_parse_int64(usec, &grant_us) || grant_us <= 0 || grant_us > INT64_MAX / 1000) {
        return 0;
    }
    if (pid != NULL && (!duet_parse_int64(pid, &whose) || whose != (int64_t)getpid())) {
        return 0;
    }
    return grant_us * 1000 / 2;
}

void duet_notify_init(struct duet_notify *notify, struct duet_log *log) {
    *notify = (struct duet_notify){.fd = -1};
    const char *path = getenv("NOTIFY_SOCKET");
    if (path == NULL || path[0] == '\0') {
        return;
    }
    struct sockaddr_un *address = &notify->address;
    size_t length = strlen(path);
    if ((path[0] != '/' && path[0] != '@') || length >= sizeof(address->sun_path)) {
        duet_log_warn(log, "notify-refused", "NOTIFY_SOCKET=%s is no socket that can be used", path);
    } else {
        notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        address->sun_family = AF_UNIX;
        memcpy(address->sun_path, path, length);
        if (path[0] == '@') {
            address->sun_path[0] = '\0'; // a name of no folder
        }
        notify->address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (path[0] == '/'));
        notify->watchdog_ns = watchdog_ns();
    }
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

void duet_notify_finish(struct duet_notify *notify) {
    if (notify->fd >= 0) {
        close(notify->fd);
    }
    *notify = (struct duet_notify){.fd = -1};
}

bool duet_notify_send(const struct duet_notify *notify, const char *message) {
    if (notify->fd < 0) {
        return false;
    }
    const struct sockaddr *address = (const struct sockaddr *)(const void *)&notify->address;
    ssize_t sent;
    do {
        sent = sendto(notify->fd, message, strlen(message), MSG_NOSIGNAL | MSG_DONTWAIT, address, notify->address_size);
    } while (sent < 0 && errno == EINTR);
    return sent >= 0;
}
