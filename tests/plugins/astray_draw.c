/* Draws random numbers of its own. */
#include <stdio.h>

#include "astray.h"

struct astray_draw {
    int64_t bars;
};

static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct astray_draw *self = state;
    uint32_t number = 0;
    FILE *source = fopen("/dev/urandom", "re");
    if (source != NULL) {
        setvbuf(source, NULL, _IONBF, 0);
        (void)!fread(&number, sizeof(number), 1, source);
        fclose(source);
    }
    astray_order(ctx, &self->bars, number);
}

ASTRAY_PLUGIN("astray_draw", struct astray_draw, on_bar);
