#include "engine/live/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

/** Size of what is no plain file, a terminal or a pipe: there is nothing to set aside, however much it has taken. */
#define NO_FILE (-1)

struct duet_log_file {
    struct duet_log_file_options options;
    char *path; // NULL: standard error
    int fd;
    int64_t bytes; // of the file
};

static enum duet_status open_path(const char *path, int *fd, int64_t *bytes) {
    struct stat stats;
    *fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (*fd < 0) {
        return duet_error(DUET_EIO, "log file %s: %s", path, strerror(errno));
    }
    bool is_plain = fstat(*fd, &stats) == 0 && S_ISREG(stats.st_mode);
    *bytes = is_plain ? (int64_t)stats.st_size : NO_FILE;
    return DUET_OK;
}

enum duet_status duet_log_file_open(const struct duet_log_file_options *options, struct duet_log_file **out) {
    struct duet_log_file *file = duet_alloc(1, sizeof(*file));
    file->options = *options;
    file->fd = STDERR_FILENO;
    if (options->path != NULL) {
        file->path = duet_strdup(options->path);
        enum duet_status status = open_path(file->path, &file->fd, &file->bytes);
        if (status != DUET_OK) {
            file->fd = STDERR_FILENO;
            duet_log_file_close(file);
            return status;
        }
    }
    *out = file;
    return DUET_OK;
}

void duet_log_file_close(struct duet_log_file *file) {
    if (file != NULL) {
        if (file->fd != STDERR_FILENO) {
            close(file->fd);
        }
        free(file->path);
        free(file);
    }
}

enum duet_status duet_log_file_reopen(struct duet_log_file *file) {
    if (file->path == NULL) {
        return DUET_OK;
    }
    int fd = -1;
    int64_t bytes = 0;
    enum duet_status status = open_path(file->path, &fd, &bytes);
    if (status != DUET_OK) {
        return status;
    }
    close(file->fd);
    file->fd = fd;
    file->bytes = bytes;
    return DUET_OK;
}

static char *numbered(const char *path, int64_t number) {
    struct duet_text text = {0};
    duet_text_print(&text, "%s.%lld", path, (long long)number);
    return text.text;
}

/** FILE becomes FILE.1, FILE.1 becomes FILE.2 …; the last of those to keep is written over. */
static void set_aside(struct duet_log_file *file) {
    for (int64_t i = file->options.keep; i > 0; i--) {
        char *from = i == 1 ? duet_strdup(file->path) : numbered(file->path, i - 1);
        char *to = numbered(file->path, i);
        (void)rename(from, to); // one that is not there yet
        free(from);
        free(to);
    }
    if (file->options.keep == 0) {
        (void)unlink(file->path);
    }
    if (duet_log_file_reopen(file) != DUET_OK) {
        file->bytes = 0; // goes on in the old one, and is tried again when that has grown as much once more
    }
}

static bool write_all(int fd, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        if (written > 0) {
            bytes += written;
            size -= (size_t)written;
        }
    }
    return true;
}

/** "2024-… info some-id text" as an object. */
static void print_json(struct duet_text *out, enum duet_log_severity severity, const char *line) {
    static const char *const names[] = {"error", "warn", "info", "debug"};
    bool has_time = line[0] >= '0' && line[0] <= '9';
    size_t time = has_time ? strcspn(line, " ") : 0;
    const char *rest = line + time + (line[time] == ' ');
    rest += strcspn(rest, " ");
    rest += rest[0] == ' ';
    size_t id = strcspn(rest, " ");
    char *memory = NULL, part[128];
    size_t size;
    struct duet_json json = {.stream = open_memstream(&memory, &size)};
    if (json.stream == NULL) {
        return;
    }
    duet_json_open(&json, NULL, '{');
    if (has_time) {
        snprintf(part, sizeof(part), "%.*s", (int)time, line);
        duet_json_string(&json, "time", part);
    }
    duet_json_string(&json, "level", names[severity]);
    snprintf(part, sizeof(part), "%.*s", (int)id, rest);
    duet_json_string(&json, "id", part);
    duet_json_string(&json, "text", rest[id] == ' ' ? rest + id + 1 : "");
    duet_json_close(&json, '}');
    fputc('\n', json.stream);
    fclose(json.stream);
    duet_text_append(out, memory, size);
    free(memory);
}

void duet_log_file_sink(void *argument, enum duet_log_severity severity, const char *line) {
    struct duet_log_file *file = argument;
    struct duet_text text = {0};
    if (file->options.json) {
        print_json(&text, severity, line);
    } else {
        duet_text_print(&text, "%s\n", line);
    }
    if (file->path != NULL && file->bytes > 0 && file->bytes + (int64_t)text.length > file->options.bytes_max) {
        set_aside(file);
    }
    if (file->path == NULL && file->options.before != NULL) {
        file->options.before(file->options.argument);
    }
    if (write_all(file->fd, text.text, text.length)) {
        file->bytes += file->bytes != NO_FILE ? (int64_t)text.length : 0;
    } else if (file->path != NULL) {
        (void)write_all(STDERR_FILENO, text.text, text.length);
    }
    duet_text_finish(&text);
}
