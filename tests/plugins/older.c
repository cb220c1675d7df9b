/*
 * What a plugin looks like that was built against headers whose table ended after on_bar: the layout is written out by
 * hand, and what lies behind it in memory is rubbish that must not be read.
 */
#include <duet/strategy.h>

struct older_table {
    uint32_t size, abi;
    const char *name;
    uint32_t scope, reserved;
    size_t state_size;
    const struct duet_param *params;
    enum duet_status (*init)(struct duet_context *ctx, void *state);
    enum duet_status (*on_start)(struct duet_context *ctx, void *state);
    void (*on_bar)(struct duet_context *ctx, void *state, const struct duet_bar *bar);
};

struct older {
    int64_t bars;
};

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct older *self = state;
    self->bars++;
}

struct older_object {
    struct older_table table;
    uint64_t rubbish[32];
};

#undef duet_strategy_plugin
#define duet_strategy_plugin older_export
extern DUET_EXPORT const struct older_object older_export __asm__("duet_strategy_plugin");
const struct older_object older_export = {
    .table = {.size = sizeof(struct older_table),
        .abi = DUET_STRATEGY_ABI_MAJOR << 16,
        .name = "older",
        .state_size = sizeof(struct older),
        .on_bar = on_bar},
    .rubbish = {0xbad, 0xbad, 0xbad, 0xbad, 0xbad, 0xbad, 0xbad, 0xbad},
};
