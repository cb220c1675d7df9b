/* A main for a fuzz target where no fuzzer is linked: gives it every file of the folders named, and nothing at all. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"

#define INPUT_MAX ((size_t)1 << 24)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int replay_folder(const char *folder) {
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    if (count < 0) {
        fprintf(stderr, "%s: cannot be read\n", folder);
        return 1;
    }
    int failed = 0;
    for (int i = 0; i < count; i++) {
        char path[4096];
        char *bytes;
        size_t size;
        snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.') {
            if (duet_file_read(path, INPUT_MAX, &bytes, &size) == DUET_OK) {
                fprintf(stderr, "%s\n", path);
                (void)LLVMFuzzerTestOneInput((const uint8_t *)bytes, size);
                free(bytes);
            } else {
                fprintf(stderr, "%s\n", duet_error_text());
                failed = 1;
            }
        }
        free(entries[i]);
    }
    free(entries);
    return failed;
}

int main(int argc, char **argv) {
    int failed = 0;
    (void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++) {
        failed |= replay_folder(argv[i]);
    }
    return failed;
}
