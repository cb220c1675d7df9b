#include "net/token.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/error.h"
#include "base/text.h"

#define TOKEN_BYTES 32
#define PATH_TEXT_MAX 4096

enum duet_status duet_token_make(char out[DUET_TOKEN_MAX]) {
    static const char hex[] = "0123456789abcdef";
    unsigned char raw[TOKEN_BYTES];
    if (RAND_bytes(raw, sizeof(raw)) != 1) {
        return duet_error(DUET_EIO, "token: the system gives no random bytes");
    }
    for (size_t i = 0; i < sizeof(raw); i++) {
        out[2 * i] = hex[raw[i] >> 4];
        out[2 * i + 1] = hex[raw[i] & 15];
    }
    out[2 * sizeof(raw)] = '\0';
    OPENSSL_cleanse(raw, sizeof(raw));
    return DUET_OK;
}

static bool write_all(int fd, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t done = write(fd, bytes, size);
        if (done < 0 && errno != EINTR) {
            return false;
        }
        bytes += done > 0 ? done : 0;
        size -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

enum duet_status duet_token_write(const char *path, const char *token) {
    char temporary[PATH_TEXT_MAX], line[DUET_TOKEN_MAX + 1];
    if (snprintf(temporary, sizeof(temporary), "%s.tmp-%ld", path, (long)getpid()) >= (int)sizeof(temporary)) {
        return duet_error(DUET_EIO, "%s: the path is too long", path);
    }
    snprintf(line, sizeof(line), "%s\n", token);
    // A file of that name can only be left from a process that was killed; it is never written into.
    (void)unlink(temporary);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0) {
        return duet_error(DUET_EIO, "%s: cannot be written: %s", path, strerror(errno));
    }
    bool good = fchmod(fd, S_IRUSR | S_IWUSR) == 0 && write_all(fd, line, strlen(line)) && fsync(fd) == 0;
    OPENSSL_cleanse(line, sizeof(line));
    int reason = errno;
    if (close(fd) != 0 && good) {
        good = false;
        reason = errno;
    }
    if (good && rename(temporary, path) != 0) {
        good = false;
        reason = errno;
    }
    if (!good) {
        (void)unlink(temporary);
        return duet_error(DUET_EIO, "%s: cannot be written: %s", path, strerror(reason));
    }
    return DUET_OK;
}

static enum duet_status check_file(const char *path, int fd) {
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return duet_error(DUET_EINVAL, "%s: cannot be read: %s", path, strerror(errno));
    }
    if (!S_ISREG(info.st_mode)) {
        return duet_error(DUET_EINVAL, "%s: is not a regular file", path);
    }
    if (info.st_uid != geteuid()) {
        return duet_error(DUET_EINVAL, "%s: belongs to somebody else; it must be ours", path);
    }
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return duet_error(DUET_EINVAL, "%s: group or others have access; run: chmod 600 %s", path, path);
    }
    return DUET_OK;
}

static enum duet_status read_line(const char *path, int fd, char out[DUET_TOKEN_MAX]) {
    char text[DUET_TOKEN_MAX + 2];
    size_t size = 0;
    for (;;) {
        ssize_t got = read(fd, text + size, sizeof(text) - 1 - size);
        if (got < 0 && errno != EINTR) {
            return duet_error(DUET_EINVAL, "%s: cannot be read: %s", path, strerror(errno));
        }
        if (got == 0 || size + (got > 0 ? (size_t)got : 0) == sizeof(text) - 1) {
            size += (size_t)got;
            break;
        }
        size += got > 0 ? (size_t)got : 0;
    }
    while (size > 0 && isspace((unsigned char)text[size - 1])) {
        size--;
    }
    bool good = size >= DUET_TOKEN_MIN && size < DUET_TOKEN_MAX;
    for (size_t i = 0; good && i < size; i++) {
        good = isgraph((unsigned char)text[i]) != 0;
    }
    if (good) {
        memcpy(out, text, size);
        out[size] = '\0';
    }
    OPENSSL_cleanse(text, sizeof(text));
    return good ? DUET_OK
                : duet_error(DUET_EINVAL,
                      "%s: holds no token: one line of %d to %d visible characters; remove the "
                      "file to have one made",
                      path, DUET_TOKEN_MIN, DUET_TOKEN_MAX - 1);
}

enum duet_status duet_token_read(const char *path, char out[DUET_TOKEN_MAX]) {
    // Not to hang on a pipe that somebody put there.
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        return duet_error(
            errno == ENOENT ? DUET_ENOTFOUND : DUET_EINVAL, "%s: cannot be read: %s", path, strerror(errno));
    }
    enum duet_status status = check_file(path, fd);
    if (status == DUET_OK) {
        status = read_line(path, fd, out);
    }
    close(fd);
    return status;
}

enum duet_status duet_token_open(const char *path, char out[DUET_TOKEN_MAX]) {
    enum duet_status status = duet_token_read(path, out);
    if (status != DUET_ENOTFOUND) {
        return status;
    }
    status = duet_token_make(out);
    return status == DUET_OK ? duet_token_write(path, out) : status;
}
