#include "base/error.h"
#include "engine/live/core_private.h"

enum duet_status duet_core_save(struct duet_core *core, void **bytes, size_t *size) {
    return duet_error(DUET_ESTATE, "a core cannot be saved yet");
}

enum duet_status duet_core_load(struct duet_core *core, const void *bytes, size_t size) {
    return duet_error(DUET_ESTATE, "a core cannot be loaded yet");
}
