/* A parameter that lies outside of the state. */
#include <duet/strategy.h>

struct bad_table {
    int64_t bars, more;
};

static const struct duet_param params[] = {
    DUET_PARAM_INT(struct bad_table, bars, 1, 0, 10, "bars"),
    DUET_PARAM_INT(struct bad_table, more, 1, 0, 10, "more"),
    {0},
};

const struct duet_strategy_impl duet_strategy_plugin = {
    .size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI,
    .name = "bad_table",
    .state_size = sizeof(int64_t), // of struct bad_table it should be
    .params = params,
};
