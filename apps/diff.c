/* duet diff A.json B.json */
#include "apps/duet.h"

#include <stdio.h>

#include "apps/options.h"
#include "engine/commands.h"
#include "engine/diff.h"

enum { OPTION_JSON, OPTION_HELP };

static const struct duet_option options[] = {
    [OPTION_JSON] = {"json", NULL, "print one JSON object"},
    [OPTION_HELP] = {"help", NULL, "this text"},
};
#define OPTION_COUNT ((int)(sizeof(options) / sizeof(options[0])))

static int print_help(void) {
    printf("usage: duet diff A B [--json]\n\n"
           "The first decision in which two backtests differ, and what else does. A and B\n"
           "are files that `duet backtest --json --decisions` printed, or report folders.\n\n");
    duet_options_print(options, OPTION_COUNT);
    printf("\nexit codes: 0 the same, 2 usage, 3 no result of a backtest, 4 they differ\n");
    return 0;
}

int duet_main_diff(int argc, char **argv) {
    struct duet_arguments arguments = {
        .argc = argc - 1, .argv = argv + 1, .options = options, .count = OPTION_COUNT, .command = "diff"};
    const char *paths[2] = {NULL, NULL}, *value;
    int count = 0;
    bool json = false;
    for (int index; (index = duet_arguments_next(&arguments, &value)) != DUET_ARGUMENT_END;) {
        switch (index) {
        case DUET_ARGUMENT_WRONG:
            return 2;
        case DUET_ARGUMENT_OPERAND:
            if (count == 2) {
                return duet_complain_usage("two results at a time; \"%s\" is the third", value);
            }
            paths[count++] = value;
            break;
        case OPTION_JSON:
            json = true;
            break;
        default:
            return print_help();
        }
    }
    return count == 2 ? duet_command_diff(paths[0], paths[1], json)
                      : duet_complain_usage("name two results: duet diff A.json B.json");
}
