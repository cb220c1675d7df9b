#include "data/cache_sweep.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define SWEEP_DAY_S INT64_C(86400)

struct sweep_file {
    char *path;
    int64_t used_s, bytes;
};

struct sweep {
    struct sweep_file *files; // finished caches
    size_t count;
    int64_t bytes;
};

static int sweep_compare_use(const void *a, const void *b) {
    const struct sweep_file *x = a, *y = b;
    return x->used_s != y->used_s ? (x->used_s < y->used_s ? -1 : 1) : strcmp(x->path, y->path);
}

static void sweep_take(struct sweep *sweep, const char *path, const char *name, int64_t now_s) {
    const char *mark = strstr(name, ".bars");
    struct stat stats;
    if (mark == NULL || lstat(path, &stats) != 0 || !S_ISREG(stats.st_mode)) {
        return;
    }
    int64_t age_s = now_s - (int64_t)stats.st_mtim.tv_sec;
    if (strncmp(mark, ".bars.tmp-", 10) == 0) {
        if (age_s > DUET_CACHE_STALE_S) {
            (void)unlink(path);
        }
    } else if (mark[5] == '\0') {
        if (age_s > DUET_CACHE_UNUSED_S) {
            (void)unlink(path);
            return;
        }
        sweep->files = duet_realloc(sweep->files, sweep->count + 1, sizeof(*sweep->files));
        sweep->files[sweep->count++] =
            (struct sweep_file){duet_strdup(path), (int64_t)stats.st_mtim.tv_sec, (int64_t)stats.st_size};
        sweep->bytes += (int64_t)stats.st_size;
    }
}

void duet_cache_sweep(const char *path, int64_t now_s, int64_t bytes_max) {
    struct duet_text name = {0};
    struct sweep sweep = {0};
    const char *slash = strrchr(path, '/');
    duet_text_print(&name, "%.*s", slash != NULL ? (int)(slash - path) : 1, slash != NULL ? path : ".");
    size_t base = name.length;
    DIR *folder = opendir(name.text);
    for (const struct dirent *entry = folder != NULL ? readdir(folder) : NULL; entry != NULL; entry = readdir(folder)) {
        name.length = base;
        duet_text_print(&name, "/%s", entry->d_name);
        if (strcmp(name.text, path) != 0) {
            sweep_take(&sweep, name.text, entry->d_name, now_s);
        }
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
    if (sweep.count > 1) {
        qsort(sweep.files, sweep.count, sizeof(*sweep.files), sweep_compare_use);
    }
    for (size_t i = 0; i < sweep.count; i++) {
        if (sweep.bytes > bytes_max) {
            (void)unlink(sweep.files[i].path);
            sweep.bytes -= sweep.files[i].bytes;
        }
        free(sweep.files[i].path);
    }
    free(sweep.files);
    duet_text_finish(&name);
}

void duet_cache_mark_used(int fd, int64_t now_s) {
    struct stat stats;
    if (fstat(fd, &stats) == 0 && (int64_t)stats.st_mtim.tv_sec < now_s - SWEEP_DAY_S) {
        (void)futimens(fd, NULL);
    }
}
