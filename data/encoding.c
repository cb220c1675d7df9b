#include "data/encoding.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

static bool is_utf16(const char *head, size_t size) {
    return size >= 2 && (memcmp(head, "\xff\xfe", 2) == 0 || memcmp(head, "\xfe\xff", 2) == 0);
}

bool duet_encoding_is_other(const char *head, size_t size) {
    return is_utf16(head, size) || (size > 0 && memchr(head, '\r', size) != NULL && memchr(head, '\n', size) == NULL &&
                                       memchr(head, '\0', size) == NULL && memchr(head, '\r', size - 1) != NULL);
}

static unsigned utf16_unit(const unsigned char *p, bool little) {
    return little ? p[0] | (unsigned)p[1] << 8 : p[1] | (unsigned)p[0] << 8;
}

/** One character from `at` on; `at` moves behind it. */
static uint32_t utf16_next(const unsigned char *bytes, size_t size, bool little, size_t *at) {
    if (size - *at < 2) {
        *at = size;
        return '?';
    }
    uint32_t unit = utf16_unit(bytes + *at, little);
    *at += 2;
    if (unit < 0xd800 || unit > 0xdfff) {
        return unit;
    }
    uint32_t low = unit <= 0xdbff && size - *at >= 2 ? utf16_unit(bytes + *at, little) : 0;
    if (low < 0xdc00 || low > 0xdfff) {
        return '?';
    }
    *at += 2;
    return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

static size_t utf8_put(uint32_t code, char *out) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    out[0] = (char)((length == 2 ? 0xc0 : length == 3 ? 0xe0 : 0xf0) | code);
    return length;
}

static char *rewrite_utf16(const char *bytes, size_t size, size_t *out_size) {
    bool little = bytes[0] == '\xff';
    char *out = duet_alloc(size / 2 + 1, 3); // three bytes for two at most
    size_t used = 0;
    for (size_t at = 2; at < size;) {
        used += utf8_put(utf16_next((const unsigned char *)bytes, size, little, &at), out + used);
    }
    *out_size = used;
    return out;
}

char *duet_encoding_rewrite(const char *bytes, size_t size, size_t *out_size) {
    if (is_utf16(bytes, size)) {
        return rewrite_utf16(bytes, size, out_size);
    }
    char *out = duet_alloc(size + 1, 1);
    memcpy(out, bytes, size);
    for (size_t i = 0; i < size; i++) {
        out[i] = out[i] == '\r' ? '\n' : out[i];
    }
    *out_size = size;
    return out;
}
