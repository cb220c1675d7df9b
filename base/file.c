#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

/** Folder that holds `path`; free with free(). */
static char *folder_of(const char *path) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return duet_strdup(".");
    }
    char *folder = duet_strdup(path);
    folder[slash == path ? 1 : slash - path] = '\0';
    return folder;
}

static enum duet_status cannot_create(const char *path, int reason) {
    char *folder = folder_of(path);
    enum duet_status status;
    struct stat info;
    if (reason == ENOENT && stat(folder, &info) != 0) {
        status = duet_error(DUET_EIO, "%s: there is no folder \"%s\"; create it first", path, folder);
    } else if (reason == EACCES || reason == EROFS || reason == EPERM) {
        status = duet_error(DUET_EIO, "%s: no permission to write in folder \"%s\"; choose another", path, folder);
    } else {
        status = duet_error(DUET_EIO, "%s: cannot be written: %s", path, strerror(reason));
    }
    free(folder);
    return status;
}

/** Devices and pipes are written straight: a rename would replace them. */
static enum duet_status open_in_place(struct duet_output *output, const char *path) {
    output->stream = fopen(path, "we");
    if (output->stream == NULL) {
        return cannot_create(path, errno);
    }
    output->path = duet_strdup(path);
    return DUET_OK;
}

enum duet_status duet_output_open(struct duet_output *output, const char *path) {
    *output = (struct duet_output){0};
    if (strcmp(path, "-") == 0) {
        output->stream = stdout;
        return DUET_OK;
    }
    struct stat info;
    bool exists = stat(path, &info) == 0;
    if (exists && S_ISDIR(info.st_mode)) {
        return duet_error(DUET_EIO, "%s: is a folder; name a file", path);
    }
    if (exists && !S_ISREG(info.st_mode)) {
        return open_in_place(output, path);
    }
    // Behind a symbolic link, replace the file and keep the link.
    char *resolved = exists ? realpath(path, NULL) : NULL;
    output->path = resolved != NULL ? resolved : duet_strdup(path);

    struct duet_text name = {0};
    duet_text_print(&name, "%s.tmp-%ld", output->path, (long)getpid());
    output->temporary = name.text;
    int fd = open(output->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0) {
        enum duet_status status = cannot_create(path, errno);
        free(output->path);
        free(output->temporary);
        *output = (struct duet_output){0};
        return status;
    }
    if (exists) {
        (void)!fchmod(fd, info.st_mode & 07777);
    }
    output->stream = fdopen(fd, "w");
    if (output->stream == NULL) {
        enum duet_status status = cannot_create(path, errno);
        close(fd);
        unlink(output->temporary);
        free(output->path);
        free(output->temporary);
        *output = (struct duet_output){0};
        return status;
    }
    return DUET_OK;
}

/** The rename itself must survive a power cut too; a file system that cannot is no reason to fail. */
static void sync_folder(const char *path) {
    char *folder = folder_of(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)!fsync(fd);
        close(fd);
    }
    free(folder);
}

enum duet_status duet_output_commit(struct duet_output *output) {
    const char *shown = output->path != NULL ? output->path : "standard output";
    bool written = fflush(output->stream) == 0 && !ferror(output->stream);
    int reason = written ? 0 : errno;
    if (written && output->temporary != NULL && fsync(fileno(output->stream)) != 0) {
        reason = errno;
        written = false;
    }
    if (output->stream != stdout && fclose(output->stream) != 0 && written) {
        reason = errno;
        written = false;
    }
    output->stream = NULL;
    if (written && output->temporary != NULL && rename(output->temporary, output->path) != 0) {
        reason = errno;
        written = false;
    }
    enum duet_status status = DUET_OK;
    if (!written) {
        status = duet_error(DUET_EIO, "%s: cannot be written: %s", shown, strerror(reason != 0 ? reason : EIO));
    } else if (output->temporary != NULL) {
        sync_folder(output->path);
        free(output->temporary);
        output->temporary = NULL;
    }
    duet_output_abandon(output);
    return status;
}

void duet_output_abandon(struct duet_output *output) {
    if (output->stream != NULL && output->stream != stdout) {
        fclose(output->stream);
    }
    if (output->temporary != NULL) {
        unlink(output->temporary);
    }
    free(output->path);
    free(output->temporary);
    *output = (struct duet_output){0};
}

enum duet_status duet_make_folders(const char *path) {
    if (path[0] == '\0') {
        return duet_error(DUET_EINVAL, "the name of a folder is empty");
    }
    char *partial = duet_strdup(path);
    enum duet_status status = DUET_OK;
    for (char *next = partial + 1; status == DUET_OK; next++) {
        if (*next != '/' && *next != '\0') {
            continue;
        }
        char end = *next;
        struct stat info;
        *next = '\0';
        if (mkdir(partial, 0777) != 0) {
            int reason = errno;
            // What is there already may answer EROFS or EACCES rather than EEXIST.
            if (stat(partial, &info) != 0) {
                status = duet_error(DUET_EIO, "%s: folder cannot be created: %s", partial, strerror(reason));
            } else if (!S_ISDIR(info.st_mode)) {
                status = duet_error(DUET_EIO, "%s: is a file, where a folder is wanted; choose another name", partial);
            }
        }
        *next = end;
        if (end == '\0') {
            break;
        }
    }
    free(partial);
    return status;
}

enum duet_status duet_file_read(const char *path, size_t max, char **bytes, size_t *size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0) {
        int reason = errno;
        if (fd >= 0) {
            close(fd);
        }
        return duet_error(DUET_EDATA, "%s: cannot be read: %s", path, strerror(reason));
    }
    // The size is a first guess only: pipes have none, and files grow.
    size_t guess = info.st_size > 0 && (uintmax_t)info.st_size < max ? (size_t)info.st_size : 4096;
    struct duet_text text = {.text = duet_alloc(guess + 2, 1), .capacity = guess + 2};
    enum duet_status status = DUET_OK;
    for (;;) {
        if (text.length + 1 == text.capacity) {
            text.text = duet_realloc(text.text, text.capacity, 2);
            text.capacity *= 2;
        }
        ssize_t got = read(fd, text.text + text.length, text.capacity - text.length - 1);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            status = duet_error(DUET_EDATA, "%s: cannot be read: %s", path, strerror(errno));
        } else if (got > 0 && text.length + (size_t)got > max) {
            status = duet_error(DUET_EDATA, "%s: larger than %zu bytes", path, max);
        }
        if (got <= 0 || status != DUET_OK) {
            break;
        }
        text.length += (size_t)got;
    }
    close(fd);
    if (status != DUET_OK) {
        duet_text_finish(&text);
        return status;
    }
    text.text[text.length] = '\0';
    *bytes = text.text;
    *size = text.length;
    return DUET_OK;
}
