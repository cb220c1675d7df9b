/* duet config [--markdown|--man] */
#include "apps/duet.h"

#include <stdio.h>

#include "apps/options.h"
#include "engine/commands.h"
#include "engine/config.h"

int duet_main_config(int argc, char **argv) {
    static const struct duet_option options[] = {{"markdown", NULL, "as docs/configuration.md"},
        {"man", NULL, "as the manual page duet.yaml(5)"}, {"help", NULL, "this text"}};
    struct duet_arguments arguments = {
        .argc = argc - 1, .argv = argv + 1, .options = options, .count = 3, .command = "config"};
    const char *value;
    enum duet_reference_form form = DUET_REFERENCE_TEXT;
    for (int index; (index = duet_arguments_next(&arguments, &value)) != DUET_ARGUMENT_END;) {
        if (index == DUET_ARGUMENT_WRONG) {
            return 2;
        }
        if (index == DUET_ARGUMENT_OPERAND) {
            return duet_complain_usage("duet config takes no \"%s\"; it lists every key", value);
        }
        if (index == 2) {
            printf("usage: duet config [--markdown|--man]\n\nEvery key of a configuration, with its default.\n\n");
            duet_options_print(options, 3);
            return 0;
        }
        form = index == 0 ? DUET_REFERENCE_MARKDOWN : DUET_REFERENCE_MAN;
    }
    duet_config_reference(form, stdout);
    return 0;
}
