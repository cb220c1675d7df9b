/* Any bytes as run.yaml: accepted or refused with a line, and what is accepted prints and reads back. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/error.h"
#include "engine/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    struct duet_config config, again;
    duet_config_init(&config);
    duet_config_init(&again);
    if (duet_config_load_bytes(&config, "fuzz.yaml", (const char *)bytes, size) == DUET_OK) {
        char *printed = NULL;
        size_t length = 0;
        FILE *stream = open_memstream(&printed, &length);
        DUET_ASSERT(stream != NULL);
        enum duet_status status = duet_config_print(&config, stream);
        fclose(stream);
        if (status == DUET_OK) {
            status = duet_config_load_bytes(&again, "printed.yaml", printed, length);
            DUET_ASSERT(status == DUET_OK);
            DUET_ASSERT(again.cash == config.cash && again.data_count == config.data_count);
        }
        free(printed);
    } else {
        DUET_ASSERT(duet_error_text()[0] != '\0');
    }
    duet_config_finish(&config);
    duet_config_finish(&again);
    return 0;
}
