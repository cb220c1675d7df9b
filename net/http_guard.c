/* Who may ask, how often, and whether there is such a thing: everything before a handler. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include <duet/bar.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/address.h"
#include "net/http_private.h"

#define HOST_NAME_MAX_BYTES 256
#define METHODS_TEXT_MAX 32
#define SECONDS_TEXT_MAX 24

static struct http_peer *find_peer(struct duet_http_server *server, const char *address, int64_t now_ns) {
    struct http_peer *oldest = &server->peers[0];
    for (size_t i = 0; i < HTTP_PEERS_MAX; i++) {
        struct http_peer *peer = &server->peers[i];
        if (strcmp(peer->address, address) == 0) {
            return peer;
        }
        oldest = peer->seen_ns < oldest->seen_ns ? peer : oldest;
    }
    duet_text_copy(oldest->address, sizeof(oldest->address), address);
    oldest->allowed = fmax(server->options.requests_per_s, 1);
    oldest->seen_ns = now_ns;
    return oldest;
}

/** Takes one from the peer's bucket. Else the seconds until there is one. */
static bool within_rate(struct duet_http_server *server, struct evhttp_request *raw, double *wait_s) {
    char *address = NULL, text[HTTP_PEER_TEXT_MAX];
    ev_uint16_t port;
    int64_t now_ns = duet_monotonic_ns();
    double rate = server->options.requests_per_s;
    evhttp_connection_get_peer(evhttp_request_get_connection(raw), &address, &port);
    duet_text_copy(text, sizeof(text), address != NULL ? address : "");
    struct http_peer *peer = find_peer(server, text, now_ns);
    double passed_s = (double)(now_ns - peer->seen_ns) / (double)DUET_SECOND_NS;
    peer->allowed = fmin(peer->allowed + passed_s * rate, fmax(rate, 1));
    peer->seen_ns = now_ns;
    *wait_s = ceil((1 - peer->allowed) / rate);
    if (peer->allowed < 1) {
        return false;
    }
    peer->allowed -= 1;
    return true;
}

/**
 * A page of another site can make a browser send requests to us, by a name of its own that leads here. It cannot make
 * it call us by number, "localhost" or the name of this machine.
 */
static bool host_is_ours(const char *host) {
    char name[HOST_NAME_MAX_BYTES], machine[HOST_NAME_MAX_BYTES] = "";
    const char *from = host, *end = host + strlen(host), *colon = strrchr(host, ':');
    if (host[0] == '[') {
        from = host + 1;
        end = strchr(host, ']');
        if (end == NULL || (end[1] != '\0' && end[1] != ':')) {
            return false;
        }
    } else if (colon != NULL) {
        end = colon;
    }
    if (end == from || (size_t)(end - from) >= sizeof(name)) {
        return false;
    }
    memcpy(name, from, (size_t)(end - from));
    name[end - from] = '\0';
    return duet_address_is_numeric(name) || strcasecmp(name, "localhost") == 0 ||
           (gethostname(machine, sizeof(machine) - 1) == 0 && strcasecmp(name, machine) == 0);
}

/** Only our own pages: those whose address is "http://" and the Host that was asked for. */
static bool origin_is_ours(const char *origin, const char *host) {
    static const char scheme[] = "http://";
    return host != NULL && strncasecmp(origin, scheme, sizeof(scheme) - 1) == 0 &&
           strcasecmp(origin + sizeof(scheme) - 1, host) == 0;
}

static bool came_from_here(struct duet_http_request *request) {
    const char *host = duet_http_header(request, "Host"), *origin = duet_http_header(request, "Origin");
    if (host != NULL && !host_is_ours(host)) {
        duet_http_reply_error(
            request, 403, "forbidden_host", "call this server by number, as localhost or by its machine's name");
        return false;
    }
    if (origin != NULL && !origin_is_ours(origin, host)) {
        duet_http_reply_error(request, 403, "forbidden_origin", "pages of other sites may not use this server");
        return false;
    }
    return true;
}

/** The length of a token is no secret; its characters are. */
static bool shows_token(const struct duet_http_request *request, const char *token) {
    static const char scheme[] = "Bearer ";
    const char *shown = duet_http_header(request, "Authorization");
    if (shown == NULL || strncasecmp(shown, scheme, sizeof(scheme) - 1) != 0) {
        return false;
    }
    shown += sizeof(scheme) - 1;
    shown += strspn(shown, " ");
    size_t length = strlen(token);
    return strlen(shown) == length && CRYPTO_memcmp(shown, token, length) == 0;
}

static unsigned method_of(const struct duet_http_request *request) {
    switch (evhttp_request_get_command(request->raw)) {
    case EVHTTP_REQ_GET:
        return DUET_HTTP_GET;
    case EVHTTP_REQ_POST:
        return DUET_HTTP_POST;
    case EVHTTP_REQ_DELETE:
        return DUET_HTTP_DELETE;
    default:
        return 0;
    }
}

/** What a "*" of a route stands for; `length` 0: it has none. */
struct segment {
    const char *text;
    size_t length;
};

/** Whether `path` is the route's; a part "*" of it matches one segment. */
static bool matches(const char *route, const char *path, struct segment *segment) {
    *segment = (struct segment){0};
    const char *star = strstr(route, "/*");
    if (star == NULL) {
        return strcmp(route, path) == 0;
    }
    size_t before = (size_t)(star - route) + 1;
    if (strncmp(route, path, before) != 0) {
        return false;
    }
    *segment = (struct segment){.text = path + before, .length = strcspn(path + before, "/")};
    return segment->length > 0 && strcmp(segment->text + segment->length, star + 2) == 0;
}

/** The route, or NULL and what other methods the path has. An exact path goes before one with "*". */
static const struct duet_http_route *find_route(
    const struct duet_http_request *request, unsigned *others, struct segment *segment) {
    const struct duet_http_server_options *options = &request->connection->server->options;
    const struct duet_http_route *found = NULL;
    unsigned method = method_of(request);
    *others = 0;
    for (size_t i = 0; i < options->route_count; i++) {
        struct segment part;
        if (!matches(options->routes[i].path, request->path, &part)) {
            continue;
        }
        *others |= options->routes[i].method;
        if ((options->routes[i].method & method) != 0 && (found == NULL || part.length == 0)) {
            found = &options->routes[i];
            *segment = part;
        }
    }
    return found;
}

static void refuse_route(struct duet_http_request *request, unsigned others) {
    if (others == 0) {
        duet_http_reply_error(request, 404, "not_found", "there is nothing at this path");
        return;
    }
    static const struct {
        unsigned method;
        const char *name;
    } methods[] = {{DUET_HTTP_GET, "GET"}, {DUET_HTTP_POST, "POST"}, {DUET_HTTP_DELETE, "DELETE"}};
    char allow[METHODS_TEXT_MAX] = "";
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        size_t used = strlen(allow);
        if ((others & methods[i].method) != 0) {
            snprintf(allow + used, sizeof(allow) - used, "%s%s", used > 0 ? ", " : "", methods[i].name);
        }
    }
    duet_http_add_header(request, "Allow", allow);
    duet_http_reply_error(request, 405, "method_not_allowed", "this path takes %s", allow);
}

bool duet_http_admit(struct duet_http_request *request, const struct duet_http_route **route) {
    struct duet_http_server *server = request->connection->server;
    struct segment segment = {0};
    unsigned others;
    double wait_s;
    if (request->connection->excess) {
        duet_http_reply_error(request, 503, "too_many_connections", "all connections are in use");
        return false;
    }
    if (!within_rate(server, request->raw, &wait_s)) {
        char seconds[SECONDS_TEXT_MAX];
        snprintf(seconds, sizeof(seconds), "%.0f", fmax(wait_s, 1));
        duet_http_add_header(request, "Retry-After", seconds);
        duet_http_reply_error(
            request, 429, "too_many_requests", "slow down to %g requests per second", server->options.requests_per_s);
        return false;
    }
    if (!came_from_here(request)) {
        return false;
    }
    *route = find_route(request, &others, &segment);
    if (*route == NULL) {
        refuse_route(request, others);
        return false;
    }
    request->authorized = server->token == NULL || shows_token(request, server->token);
    if (!(*route)->open && !request->authorized) {
        duet_http_add_header(request, "WWW-Authenticate", "Bearer");
        duet_http_reply_error(request, 401, "unauthorized", "this needs the header Authorization: Bearer TOKEN");
        return false;
    }
    if (segment.length > 0) {
        char *raw = duet_alloc(segment.length + 1, 1);
        memcpy(raw, segment.text, segment.length);
        request->segment = evhttp_uridecode(raw, 0, NULL);
        free(raw);
    }
    return true;
}
