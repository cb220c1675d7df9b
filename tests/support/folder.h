/* A fresh folder per test, removed with all that is in it when the test's process ends. */
#ifndef DUET_TESTS_FOLDER_H
#define DUET_TESTS_FOLDER_H

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char duet_test_folder[64];

static inline void duet_test_remove(const char *path) {
    struct stat info;
    if (lstat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        (void)chmod(path, 0777);
        DIR *stream = opendir(path);
        for (struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;) {
            char inner[4096];
            if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
                snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name) < (int)sizeof(inner)) {
                duet_test_remove(inner);
            }
        }
        if (stream != NULL) {
            closedir(stream);
        }
    }
    (void)remove(path);
}

static inline void duet_test_remove_folder(void) {
    duet_test_remove(duet_test_folder);
}

/** Setup function of a suite: makes `duet_test_folder`. */
static inline void duet_test_fresh_folder(void) {
    snprintf(duet_test_folder, sizeof(duet_test_folder), "/tmp/duet-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(duet_test_folder));
    ck_assert_int_eq(atexit(duet_test_remove_folder), 0);
}

/** Path of `name` in that folder; four of them are valid at a time. */
static inline const char *duet_test_path(const char *name) {
    static char paths[4][4096];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof(paths[0]), "%s/%s", duet_test_folder, name);
    return path;
}

#endif
