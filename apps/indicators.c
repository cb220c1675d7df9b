/* duet indicators [NAME [--data SYMBOL=PATH …]] */
#include "apps/duet.h"

#include <stdio.h>
#include <stdlib.h>

#include "apps/options.h"
#include "engine/commands.h"
#include "engine/indicators/command.h"

enum { OPTION_DATA, OPTION_PARAM, OPTION_TAIL, OPTION_CSV, OPTION_MARKDOWN, OPTION_HELP, OPTION_COUNT };

static const struct duet_option option_table[OPTION_COUNT] = {
    {"data", "SYMBOL=PATH", "compute it over this file; again for further series"},
    {"param", "K=V", "set a parameter; repeatable"},
    {"tail", "N", "only the last N bars"},
    {"csv", NULL, "as CSV with all digits"},
    {"markdown", NULL, "the whole catalogue as a page"},
    {"help", NULL, "this text"},
};

static int print_help(void) {
    printf("usage: duet indicators [NAME] [--data SYMBOL=PATH[,key=value]…]\n"
           "                       [--param K=V]… [--tail N] [--csv]\n\n");
    duet_options_print(option_table, OPTION_COUNT);
    printf("\nTimes are those at which the bars open, UTC. Without --data the indicator is\ndescribed.\n");
    return 0;
}

/** One option; -1 to go on. */
static int take(struct duet_indicators_options *options, int index, const char *value) {
    char *end;
    switch (index) {
    case OPTION_DATA:
        if (options->data_count == DUET_INDICATOR_DATA_MAX) {
            return duet_complain_usage("%d series at most: --data %s", DUET_INDICATOR_DATA_MAX, value);
        }
        options->data[options->data_count++] = value;
        return -1;
    case OPTION_PARAM:
        if (options->setting_count == DUET_INDICATOR_SETTINGS_MAX) {
            return duet_complain_usage("too many parameters: --param %s", value);
        }
        options->settings[options->setting_count++] = value;
        return -1;
    case OPTION_TAIL:
        options->tail = strtoll(value, &end, 10);
        return *value != '\0' && *end == '\0' && options->tail > 0
                   ? -1
                   : duet_complain_usage("--tail %s: a whole number above 0", value);
    case OPTION_CSV:
        options->csv = true;
        return -1;
    case OPTION_MARKDOWN:
        options->markdown = true;
        return -1;
    default:
        return print_help();
    }
}

int duet_main_indicators(int argc, char **argv) {
    struct duet_arguments arguments = {
        .argc = argc - 1, .argv = argv + 1, .options = option_table, .count = OPTION_COUNT, .command = "indicators"};
    struct duet_indicators_options options = {0};
    const char *value;
    for (int index; (index = duet_arguments_next(&arguments, &value)) != DUET_ARGUMENT_END;) {
        if (index == DUET_ARGUMENT_WRONG) {
            return 2;
        }
        if (index == DUET_ARGUMENT_OPERAND) {
            if (options.name != NULL) {
                return duet_complain_usage("one indicator at a time: \"%s\" or \"%s\"", options.name, value);
            }
            options.name = value;
            continue;
        }
        int code = take(&options, index, value);
        if (code >= 0) {
            return code;
        }
    }
    if (options.name == NULL && (options.data_count > 0 || options.setting_count > 0)) {
        return duet_complain_usage("name an indicator: duet indicators NAME --data SYMBOL=PATH");
    }
    if (options.data_count == 0 && options.setting_count > 0) {
        return duet_complain_usage("--param needs --data: duet indicators %s --data SYMBOL=PATH", options.name);
    }
    return duet_command_indicators(&options);
}
