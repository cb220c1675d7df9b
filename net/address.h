/* Where to listen or connect to, as text. Numbers and "localhost" only: looking names up would hold up the loop. */
#ifndef DUET_NET_ADDRESS_H
#define DUET_NET_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

#include <duet/status.h>

struct duet_address {
    struct sockaddr_storage storage;
    socklen_t size;
};

/** "127.0.0.1:80", "[::1]:80", "localhost:80", ":80" (this machine) or "unix:/path". DUET_EINVAL says what is wrong. */
DUET_MUST_CHECK enum duet_status duet_address_parse(const char *text, struct duet_address *out);
/** Only this machine can reach it. */
bool duet_address_is_loopback(const struct duet_address *address);
/** Whether `host` is a numeric address, IPv4 or IPv6 without brackets. */
bool duet_address_is_numeric(const char *host);

#endif
