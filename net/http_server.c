#include "net/http_server.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"
#include "net/address.h"
#include "net/http_private.h"

#define LISTEN_BACKLOG 128
#define EVERY_METHOD 0xffff // evhttp would answer the others with a page of its own; the route table says 405

static struct duet_http_server_options with_defaults(const struct duet_http_server_options *given) {
    struct duet_http_server_options options = *given;
    options.body_max = options.body_max != 0 ? options.body_max : HTTP_BODY_MAX;
    options.header_max = options.header_max != 0 ? options.header_max : HTTP_HEADER_MAX;
    options.connections_max = options.connections_max != 0 ? options.connections_max : HTTP_CONNECTIONS_MAX;
    options.requests_per_s = options.requests_per_s > 0 ? options.requests_per_s : HTTP_REQUESTS_PER_S;
    return options;
}

static enum duet_status check_address(const struct duet_http_server_options *options, struct duet_address *address) {
    enum duet_status status = duet_address_parse(options->address, address);
    if (status != DUET_OK) {
        return status;
    }
    if (address->storage.ss_family == AF_UNIX) {
        return duet_error(DUET_EINVAL, "address \"%s\": HTTP is served on HOST:PORT", options->address);
    }
    if (!duet_address_is_loopback(address) && !options->allow_remote) {
        return duet_error(DUET_EINVAL,
            "address \"%s\": other machines could reach it; allow that first, or use 127.0.0.1", options->address);
    }
    if (!duet_address_is_loopback(address) && options->token == NULL) {
        return duet_error(
            DUET_EINVAL, "address \"%s\": other machines could reach it, so it needs a token", options->address);
    }
    return DUET_OK;
}

static uint16_t port_of(evutil_socket_t fd) {
    struct sockaddr_storage name = {0};
    socklen_t size = sizeof(name);
    uint16_t port = 0;
    if (getsockname(fd, (struct sockaddr *)&name, &size) == 0) {
        // Both kinds of address keep it at the same place.
        struct sockaddr_in four;
        memcpy(&four, &name, sizeof(four));
        port = ntohs(four.sin_port);
    }
    return port;
}

static enum duet_status start_listening(struct duet_http_server *server, const struct duet_address *address) {
    struct evconnlistener *listener = evconnlistener_new_bind(server->options.base, NULL, NULL,
        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, LISTEN_BACKLOG,
        (const struct sockaddr *)&address->storage, (int)address->size);
    if (listener == NULL) {
        return duet_error(DUET_EIO, "%s: cannot listen: %s", server->options.address, strerror(errno));
    }
    if (evhttp_bind_listener(server->evhttp, listener) == NULL) {
        evconnlistener_free(listener);
        return duet_error(DUET_EIO, "%s: cannot listen", server->options.address);
    }
    server->listener = listener;
    server->port = port_of(evconnlistener_get_fd(listener));
    return DUET_OK;
}

static void set_up(struct duet_http_server *server) {
    const struct duet_http_server_options *options = &server->options;
    const struct timeval idle = {.tv_sec = HTTP_IDLE_S};
    evhttp_set_allowed_methods(server->evhttp, EVERY_METHOD);
    evhttp_set_max_headers_size(server->evhttp, (ev_ssize_t)options->header_max);
    evhttp_set_max_body_size(server->evhttp, (ev_ssize_t)options->body_max);
    evhttp_set_timeout_tv(server->evhttp, &idle);
    evhttp_set_default_content_type(server->evhttp, NULL);
    evhttp_set_bevcb(server->evhttp, duet_http_accepted, server);
    evhttp_set_gencb(server->evhttp, duet_http_handle, server);
}

enum duet_status duet_http_server_create(
    const struct duet_http_server_options *options, struct duet_http_server **out) {
    DUET_ASSERT(options->base != NULL);
    struct duet_address address;
    enum duet_status status = check_address(options, &address);
    if (status != DUET_OK) {
        return status;
    }
    struct duet_http_server *server = duet_alloc(1, sizeof(*server));
    server->options = with_defaults(options);
    server->token = options->token != NULL ? duet_strdup(options->token) : NULL;
    server->options.token = server->token;
    server->evhttp = evhttp_new(options->base);
    if (server->evhttp == NULL) {
        status = duet_error(DUET_EIO, "%s: cannot listen", options->address);
    } else {
        set_up(server);
        status = start_listening(server, &address);
    }
    if (status != DUET_OK) {
        duet_http_server_destroy(server);
        return status;
    }
    server->options.address = NULL; // the caller's text need not outlive this call
    *out = server;
    return DUET_OK;
}

void duet_http_server_destroy(struct duet_http_server *server) {
    if (server == NULL) {
        return;
    }
    duet_http_flush_held(server);
    if (server->evhttp != NULL) {
        evhttp_free(server->evhttp);
    }
    duet_http_sweep(server);
    DUET_ASSERT(server->connections == NULL);
    if (server->token != NULL) {
        explicit_bzero(server->token, strlen(server->token));
    }
    free(server->token);
    free(server);
}

uint16_t duet_http_server_port(const struct duet_http_server *server) {
    return server->port;
}
