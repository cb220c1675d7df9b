/* duet config [--markdown] */
#include "apps/duet.h"

#include <stdio.h>

#include "apps/options.h"
#include "engine/commands.h"
#include "engine/config.h"

int duet_main_config(int argc, char **argv) {
    static const struct duet_option options[] = {
        {"markdown", NULL, "as docs/configuration.md"}, {"help", NULL, "this text"}};
    struct duet_arguments arguments = {
        .argc = argc - 1, .argv = argv + 1, .options = options, .count = 2, .command = "config"};
    const char *value;
    bool markdown = false;
    for (int index; (index = duet_arguments_next(&arguments, &value)) != DUET_ARGUMENT_END;) {
        if (index == DUET_ARGUMENT_WRONG) {
            return 2;
        }
        if (index == DUET_ARGUMENT_OPERAND) {
            return duet_complain_usage("duet config takes no \"%s\"; it lists every key", value);
        }
        if (index == 1) {
            printf("usage: duet config [--markdown]    every key of a configuration, with its default\n\n");
            duet_options_print(options, 2);
            return 0;
        }
        markdown = true;
    }
    duet_config_reference(markdown, stdout);
    return 0;
}
