#include "net/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/assert.h"
#include "base/error.h"

#define READ_SIZE 65536

void duet_digest_init(struct duet_digest *digest) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    // These fail only without memory or with a broken OpenSSL installation; no caller could go on.
    DUET_ASSERT(context != NULL);
    DUET_ASSERT(EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1);
    digest->context = context;
}

void duet_digest_update(struct duet_digest *digest, const void *bytes, size_t size) {
    DUET_ASSERT(EVP_DigestUpdate(digest->context, bytes, size) == 1);
}

char *duet_digest_final(struct duet_digest *digest, char out[DUET_DIGEST_TEXT_MAX]) {
    static const char hex[] = "0123456789abcdef";
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    DUET_ASSERT(EVP_DigestFinal_ex(digest->context, raw, &size) == 1);
    DUET_ASSERT(2 * size + 1 == DUET_DIGEST_TEXT_MAX);
    for (unsigned i = 0; i < size; i++) {
        out[2 * i] = hex[raw[i] >> 4];
        out[2 * i + 1] = hex[raw[i] & 15];
    }
    out[2 * size] = '\0';
    duet_digest_abandon(digest);
    return out;
}

void duet_digest_abandon(struct duet_digest *digest) {
    EVP_MD_CTX_free(digest->context);
    digest->context = NULL;
}

char *duet_digest_bytes(const void *bytes, size_t size, char out[DUET_DIGEST_TEXT_MAX]) {
    struct duet_digest digest;
    duet_digest_init(&digest);
    duet_digest_update(&digest, bytes, size);
    return duet_digest_final(&digest, out);
}

enum duet_status duet_digest_file(const char *path, char out[DUET_DIGEST_TEXT_MAX]) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return duet_error(DUET_EDATA, "%s: cannot be read: %s", path, strerror(errno));
    }
    unsigned char buffer[READ_SIZE];
    struct duet_digest digest;
    duet_digest_init(&digest);
    for (;;) {
        ssize_t got = read(fd, buffer, sizeof(buffer));
        if (got > 0) {
            duet_digest_update(&digest, buffer, (size_t)got);
        } else if (got == 0) {
            break;
        } else if (errno != EINTR) {
            enum duet_status status = duet_error(DUET_EDATA, "%s: cannot be read: %s", path, strerror(errno));
            duet_digest_abandon(&digest);
            close(fd);
            return status;
        }
    }
    close(fd);
    duet_digest_final(&digest, out);
    return DUET_OK;
}
