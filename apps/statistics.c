/* duet statistics [NAME] [--markdown] */
#include "apps/duet.h"

#include <stdio.h>

#include "apps/options.h"
#include "engine/commands.h"

int duet_main_statistics(int argc, char **argv) {
    static const struct duet_option options[] = {
        {"markdown", NULL, "every table, as in docs/statistics.md"}, {"help", NULL, "this text"}};
    struct duet_arguments arguments = {
        .argc = argc - 1, .argv = argv + 1, .options = options, .count = 2, .command = "statistics"};
    const char *value, *name = NULL;
    bool markdown = false;
    for (int index; (index = duet_arguments_next(&arguments, &value)) != DUET_ARGUMENT_END;) {
        if (index == DUET_ARGUMENT_WRONG) {
            return 2;
        }
        if (index == DUET_ARGUMENT_OPERAND && name != NULL) {
            return duet_complain_usage("duet statistics takes one convention; \"%s\" is a second one", value);
        }
        if (index == DUET_ARGUMENT_OPERAND) {
            name = value;
            continue;
        }
        if (index == 1) {
            printf("usage: duet statistics [NAME] [--markdown]\n\nThe conventions that statistics may follow, or the "
                   "figures of one.\n\n");
            duet_options_print(options, 2);
            return 0;
        }
        markdown = true;
    }
    return duet_command_statistics(name, markdown);
}
