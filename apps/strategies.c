/* duet strategies [NAME] */
#include "apps/duet.h"

#include <stdio.h>

#include "apps/options.h"
#include "engine/commands.h"

int duet_main_strategies(int argc, char **argv) {
    static const struct duet_option options[] = {{"help", NULL, "this text"}};
    struct duet_arguments arguments = {
        .argc = argc - 1, .argv = argv + 1, .options = options, .count = 1, .command = "strategies"};
    const char *value, *name = NULL;
    for (int index; (index = duet_arguments_next(&arguments, &value)) != DUET_ARGUMENT_END;) {
        if (index == DUET_ARGUMENT_WRONG) {
            return 2;
        }
        if (index != DUET_ARGUMENT_OPERAND) {
            printf("usage: duet strategies [NAME|FILE.so]\n");
            return 0;
        }
        if (name != NULL) {
            return duet_complain_usage("one strategy at a time: \"%s\" or \"%s\"", name, value);
        }
        name = value;
    }
    return duet_command_strategies(name);
}
