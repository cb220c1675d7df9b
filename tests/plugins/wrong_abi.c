/* Says that it was built for the next major version. */
#include <duet/strategy.h>

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = (DUET_STRATEGY_ABI_MAJOR + 1) << 16 | 7,
    .name = "wrong_abi",
    .state_size = 8,
};
