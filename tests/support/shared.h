/*
 * The folder of conformance material: $DUET_SHARED, else "shared" beside the source tree. Programs that need it end
 * with DUET_TEST_SKIPPED and a line that says so where it is missing.
 */
#ifndef DUET_TESTS_SHARED_H
#define DUET_TESTS_SHARED_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/** Meson shows a test that ends with this as skipped. */
#define DUET_TEST_SKIPPED 77

/** Path of `name` in that folder; four of them are valid at a time. */
static inline const char *duet_shared_path(const char *name) {
    static char paths[4][4096];
    static unsigned next;
    const char *folder = getenv("DUET_SHARED"), *source = getenv("DUET_SOURCE_ROOT");
    char *path = paths[next++ % 4];
    if (folder != NULL) {
        snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    } else {
        snprintf(path, sizeof(paths[0]), "%s/../shared/%s", source != NULL ? source : ".", name);
    }
    return path;
}

/** Whether it is there; else says what is skipped. */
static inline bool duet_shared_has(const char *name) {
    if (access(duet_shared_path(name), R_OK) == 0) {
        return true;
    }
    printf("SKIPPED: %s is not there; set DUET_SHARED\n", duet_shared_path(name));
    return false;
}

#endif
