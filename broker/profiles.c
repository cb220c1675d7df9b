#include <string.h>

#include "broker/venue.h"

/* A profile that has been released never changes its meaning; a better rule gets a new name. Sorted by name. */
static const struct duet_fill_profile profiles[] = {
    {
        .name = "backtrader",
        .summary = "limits on touch, first in first out, short sales without a cash check",
        .limit_through_ticks = 0,
        .stop_limit_same_bar = true,
        .short_sales_unchecked = true,
        .bar_outlives_expiry = true,
    },
    {
        .name = "duet-1",
        .summary = "limits when the price goes through them by a tick, stops first, what reduces a position first",
        .limit_through_ticks = 1,
        .stops_first = true,
        .reduce_first = true,
    },
};

const struct duet_fill_profile *duet_fill_profiles(size_t *count) {
    *count = sizeof(profiles) / sizeof(profiles[0]);
    return profiles;
}

const struct duet_fill_profile *duet_fill_profile_find(const char *name) {
    for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
        if (strcmp(profiles[i].name, name) == 0) {
            return &profiles[i];
        }
    }
    return NULL;
}
