/* duet explain SESSION.db ORDER */
#include "apps/duet.h"

#include <stdio.h>

#include "apps/options.h"
#include "engine/commands.h"
#include "engine/live/replay.h"

enum { OPTION_JSON, OPTION_HELP };

static const struct duet_option options[] = {
    [OPTION_JSON] = {"json", NULL, "print one JSON object"},
    [OPTION_HELP] = {"help", NULL, "this text"},
};
#define OPTION_COUNT ((int)(sizeof(options) / sizeof(options[0])))

static int print_help(void) {
    printf("usage: duet explain SESSION.db ORDER\n\n"
           "Why an order of a live session was sent, back to the input that caused it, and\n"
           "what became of it. ORDER is its number, or its id with the broker.\n\n");
    duet_options_print(options, OPTION_COUNT);
    return 0;
}

int duet_main_explain(int argc, char **argv) {
    struct duet_arguments arguments = {
        .argc = argc - 1, .argv = argv + 1, .options = options, .count = OPTION_COUNT, .command = "explain"};
    bool json = false;
    const char *operands[2] = {NULL, NULL}, *value;
    int count = 0;
    for (int index; (index = duet_arguments_next(&arguments, &value)) != DUET_ARGUMENT_END;) {
        switch (index) {
        case DUET_ARGUMENT_WRONG:
            return 2;
        case DUET_ARGUMENT_OPERAND:
            if (count == 2) {
                return duet_complain_usage("\"%s\" is one too many: duet explain SESSION.db ORDER", value);
            }
            operands[count++] = value;
            break;
        case OPTION_JSON:
            json = true;
            break;
        default:
            return print_help();
        }
    }
    if (count < 2) {
        return duet_complain_usage("name the journal and the order: duet explain SESSION.db ORDER");
    }
    return duet_command_explain(operands[0], operands[1], json);
}
