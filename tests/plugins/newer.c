/* A plugin of a later minor version: a larger table, larger parameter entries. */
#include <duet/strategy.h>

struct newer {
    int64_t bars;
    double share;
};

struct newer_param {
    struct duet_param known;
    const char *unit; // what the later version added
};

static const struct newer_param params[] = {
    {{.size = sizeof(struct newer_param),
         .kind = DUET_PARAM_KIND_INT,
         .name = "bars",
         .offset = offsetof(struct newer, bars),
         .fallback = 3,
         .minimum = 1,
         .maximum = 9,
         .help = "bars"},
        "bars"},
    {{.size = sizeof(struct newer_param),
         .kind = DUET_PARAM_KIND_REAL,
         .name = "share",
         .offset = offsetof(struct newer, share),
         .fallback = 0.25,
         .minimum = 0,
         .maximum = 1,
         .help = "share"},
        "1"},
    {{0}, 0},
};

struct newer_table {
    struct duet_strategy_impl known;
    void (*on_something)(struct duet_context *ctx, void *state);
};

extern DUET_EXPORT const struct newer_table newer_export __asm__("duet_strategy_plugin");
const struct newer_table newer_export = {
    .known = {.size = sizeof(struct newer_table),
        .abi = DUET_STRATEGY_ABI_MAJOR << 16 | 99,
        .name = "newer",
        .state_size = sizeof(struct newer),
        .params = &params[0].known},
};
