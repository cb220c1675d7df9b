/*
 * What a service manager wants to hear (sd_notify), without its library: datagrams to the socket that NOTIFY_SOCKET
 * names. Without one everything here does nothing.
 */
#ifndef DUET_ENGINE_LIVE_NOTIFY_H
#define DUET_ENGINE_LIVE_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct duet_notify {
    int fd; // -1: nobody listens
    struct sockaddr_un address;
    socklen_t address_size;
    int64_t watchdog_ns; // between two signs of life: half of what the manager grants; 0: it does not watch
};

/** From the environment, NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, which is then cleared so that no child speaks
 * for us. A name that cannot be used is told in the log. */
struct duet_log;
void duet_notify_init(struct duet_notify *notify, struct duet_log *log);
void duet_notify_finish(struct duet_notify *notify);
/** "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=…"; lines of one message are split by newlines. Never blocks; false
 * where it did not go out. */
bool duet_notify_send(const struct duet_notify *notify, const char *message);

#endif
