/* RFC 6455: the handshake by hand, frames by wslay, which never waits: what it sends goes into a buffer. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#include "base/assert.h"
#include "net/broadcast_private.h"

#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define SHA1_BYTES 20
/** Clients have nothing to say to us; a longer message ends the connection with 1009. */
#define CLIENT_MESSAGE_MAX 4096

void duet_websocket_accept(const char *key, char out[WEBSOCKET_ACCEPT_MAX]) {
    char text[WEBSOCKET_KEY_LENGTH + sizeof(GUID)];
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    snprintf(text, sizeof(text), "%.*s%s", WEBSOCKET_KEY_LENGTH, key, GUID);
    DUET_ASSERT(EVP_Digest(text, strlen(text), raw, &size, EVP_sha1(), NULL) == 1);
    DUET_ASSERT(size == SHA1_BYTES);
    EVP_EncodeBlock((unsigned char *)out, raw, SHA1_BYTES);
}

/** Whether a comma-separated list of a header has the word. */
static bool has_word(const char *list, const char *word) {
    size_t length = strlen(word);
    while (list != NULL && *list != '\0') {
        list += strspn(list, " \t,");
        size_t part = strcspn(list, ",");
        size_t used = part;
        while (used > 0 && (list[used - 1] == ' ' || list[used - 1] == '\t')) {
            used--;
        }
        if (used == length && strncasecmp(list, word, length) == 0) {
            return true;
        }
        list += part;
    }
    return false;
}

static bool is_key(const char *key) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return key != NULL && strlen(key) == WEBSOCKET_KEY_LENGTH && strspn(key, digits) == WEBSOCKET_KEY_LENGTH - 2 &&
           strcmp(key + WEBSOCKET_KEY_LENGTH - 2, "==") == 0;
}

bool duet_websocket_check(struct duet_http_request *request) {
    const char *version = duet_http_header(request, "Sec-WebSocket-Version");
    if (!has_word(duet_http_header(request, "Upgrade"), "websocket") ||
        !has_word(duet_http_header(request, "Connection"), "upgrade")) {
        duet_http_add_header(request, "Upgrade", "websocket");
        duet_http_reply_error(request, 426, "upgrade_required", "this path speaks WebSocket only");
        return false;
    }
    if (version == NULL || strcmp(version, "13") != 0) {
        duet_http_add_header(request, "Sec-WebSocket-Version", "13");
        duet_http_reply_error(request, 426, "upgrade_required", "this server speaks version 13 of WebSocket");
        return false;
    }
    if (!is_key(duet_http_header(request, "Sec-WebSocket-Key"))) {
        duet_http_reply_error(request, 400, "bad_request", "Sec-WebSocket-Key must be 16 bytes in base64");
        return false;
    }
    return true;
}

static ssize_t take_bytes(wslay_event_context_ptr context, uint8_t *out, size_t size, int flags, void *argument) {
    const struct broadcast_client *client = argument;
    size_t got = bufferevent_read(client->bev, out, size);
    if (got == 0) {
        wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    return (ssize_t)got;
}

static ssize_t give_bytes(
    wslay_event_context_ptr context, const uint8_t *bytes, size_t size, int flags, void *argument) {
    const struct broadcast_client *client = argument;
    DUET_ASSERT(bufferevent_write(client->bev, bytes, size) == 0);
    return (ssize_t)size;
}

void duet_websocket_open(struct broadcast_client *client) {
    static const struct wslay_event_callbacks callbacks = {.recv_callback = take_bytes, .send_callback = give_bytes};
    DUET_ASSERT(wslay_event_context_server_init(&client->websocket, &callbacks, client) == 0);
    wslay_event_config_set_max_recv_msg_length(client->websocket, CLIENT_MESSAGE_MAX);
}

/** False: nothing more will be sent. */
static bool send_queued(struct broadcast_client *client) {
    return wslay_event_send(client->websocket) == 0 && !wslay_event_get_close_sent(client->websocket);
}

bool duet_websocket_read(struct broadcast_client *client) {
    client->answered = true;
    // What breaks the protocol is answered with a close frame that wslay has queued by itself.
    bool good = wslay_event_recv(client->websocket) == 0;
    return send_queued(client) && good && wslay_event_want_read(client->websocket);
}

void duet_websocket_text(struct broadcast_client *client, const char *text, size_t size) {
    const struct wslay_event_msg message = {
        .opcode = WSLAY_TEXT_FRAME, .msg = (const uint8_t *)text, .msg_length = size};
    (void)wslay_event_queue_msg(client->websocket, &message);
    (void)send_queued(client);
}

void duet_websocket_ping(struct broadcast_client *client) {
    const struct wslay_event_msg message = {.opcode = WSLAY_PING};
    (void)wslay_event_queue_msg(client->websocket, &message);
    (void)send_queued(client);
}

void duet_websocket_close(struct broadcast_client *client, uint16_t code) {
    (void)wslay_event_queue_close(client->websocket, code, NULL, 0);
    (void)send_queued(client);
}
