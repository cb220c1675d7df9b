#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

#include "base/error.h"
#include "base/text.h"

#define HOST_MAX 64
#define LOOPBACK_NET 127 // first byte of IPv4's

static enum duet_status parse_unix(const char *path, struct duet_address *out) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof(name.sun_path)) {
        return duet_error(
            DUET_EINVAL, "address \"unix:%s\": a path has 1 to %zu bytes", path, sizeof(name.sun_path) - 1);
    }
    memcpy(name.sun_path, path, length + 1);
    memcpy(&out->storage, &name, sizeof(name));
    out->size = sizeof(name);
    return DUET_OK;
}

static bool fill(struct duet_address *out, const char *host, uint16_t port) {
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    if (host[0] == '\0' || strcasecmp(host, "localhost") == 0) {
        host = "127.0.0.1";
    }
    if (inet_pton(AF_INET, host, &four.sin_addr) == 1) {
        memcpy(&out->storage, &four, sizeof(four));
        out->size = sizeof(four);
        return true;
    }
    if (inet_pton(AF_INET6, host, &six.sin6_addr) == 1) {
        memcpy(&out->storage, &six, sizeof(six));
        out->size = sizeof(six);
        return true;
    }
    return false;
}

enum duet_status duet_address_parse(const char *text, struct duet_address *out) {
    *out = (struct duet_address){0};
    if (strncmp(text, "unix:", 5) == 0) {
        return parse_unix(text + 5, out);
    }
    char host[HOST_MAX] = "";
    const char *colon = strrchr(text, ':'), *from = text, *to = colon;
    int64_t port = -1;
    if (colon != NULL && from[0] == '[' && to > from + 1 && to[-1] == ']') {
        from++;
        to--;
    } else if (colon != NULL && memchr(text, ':', (size_t)(colon - text)) != NULL) {
        colon = NULL; // IPv6 without brackets: where the port begins is a guess
    }
    if (colon == NULL || (size_t)(to - from) >= sizeof(host) || !duet_parse_int64(colon + 1, &port) || port < 0 ||
        port > UINT16_MAX) {
        return duet_error(
            DUET_EINVAL, "address \"%s\": write HOST:PORT, like 127.0.0.1:8000 or [::1]:8000, or unix:/path", text);
    }
    memcpy(host, from, (size_t)(to - from));
    host[to - from] = '\0';
    if (!fill(out, host, (uint16_t)port)) {
        return duet_error(DUET_EINVAL, "address \"%s\": the host must be a number or localhost", text);
    }
    return DUET_OK;
}

bool duet_address_is_loopback(const struct duet_address *address) {
    if (address->storage.ss_family == AF_INET) {
        struct sockaddr_in name;
        memcpy(&name, &address->storage, sizeof(name));
        return ntohl(name.sin_addr.s_addr) >> 24 == LOOPBACK_NET;
    }
    if (address->storage.ss_family == AF_INET6) {
        struct sockaddr_in6 name;
        memcpy(&name, &address->storage, sizeof(name));
        return IN6_IS_ADDR_LOOPBACK(&name.sin6_addr) != 0;
    }
    return address->storage.ss_family == AF_UNIX;
}

bool duet_address_is_numeric(const char *host) {
    struct duet_address ignored = {0};
    return host[0] != '\0' && strcasecmp(host, "localhost") != 0 && fill(&ignored, host, 0);
}
