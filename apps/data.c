/* duet data inspect PATH… | synth FILE */
#include "apps/duet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/options.h"
#include "engine/commands.h"

static int print_help(void) {
    printf("usage: duet data inspect [--json] PATH…     what is understood of each file\n"
           "       duet data synth [OPTION]… FILE.csv  bars made up, repeatable by seed\n\n"
           "  duet data inspect --help, duet data synth --help say more\n");
    return 0;
}

static int run_inspect(int argc, char **argv) {
    static const struct duet_option options[] = {
        {"json", NULL, "one JSON object, an entry per path"}, {"help", NULL, "this text"}};
    struct duet_arguments arguments = {
        .argc = argc - 1, .argv = argv + 1, .options = options, .count = 2, .command = "data inspect"};
    const char **paths = calloc((size_t)argc, sizeof(*paths));
    if (paths == NULL) {
        return duet_complain_usage("out of memory");
    }
    size_t count = 0;
    bool json = false;
    int code = -1;
    const char *value;
    for (int index; code < 0 && (index = duet_arguments_next(&arguments, &value)) != DUET_ARGUMENT_END;) {
        if (index == DUET_ARGUMENT_WRONG) {
            code = 2;
        } else if (index == DUET_ARGUMENT_OPERAND) {
            paths[count++] = value;
        } else if (index == 0) {
            json = true;
        } else {
            printf("usage: duet data inspect [--json] PATH|SYMBOL=PATH[,key=value]…\n\n");
            duet_options_print(options, 2);
            printf("\nA file that is refused does not stop the others; the exit code is then 3.\n");
            code = 0;
        }
    }
    if (code < 0) {
        code = count == 0 ? duet_complain_usage("name at least one file: duet data inspect FILE.csv")
                          : duet_command_inspect(paths, count, json);
    }
    free(paths);
    return code;
}

static int run_synth(int argc, char **argv) {
    static const struct duet_option options[] = {
        {"bars", "N", "how many (1000)"},
        {"seed", "N", "of the random walk (1)"},
        {"start", "TIME", "label of the first bar (2020-01-01)"},
        {"interval", "1m|1h|1d|…", "length of a bar (1m)"},
        {"price", "X", "first opening (100)"},
        {"volatility", "X", "standard deviation of one bar's return (0.0005)"},
        {"decimals", "N", "of the prices (2)"},
        {"ragged", NULL, "fields of all widths, for testing readers"},
        {"help", NULL, "this text"},
    };
    const int count = (int)(sizeof(options) / sizeof(options[0]));
    struct duet_arguments arguments = {
        .argc = argc - 1, .argv = argv + 1, .options = options, .count = count, .command = "data synth"};
    struct duet_synth_options synth = duet_synth_defaults();
    const char *value, *path = NULL;
    for (int index; (index = duet_arguments_next(&arguments, &value)) != DUET_ARGUMENT_END;) {
        if (index == DUET_ARGUMENT_WRONG) {
            return 2;
        }
        if (index == DUET_ARGUMENT_OPERAND) {
            if (path != NULL) {
                return duet_complain_usage("one file at a time: \"%s\" or \"%s\"", path, value);
            }
            path = value;
            continue;
        }
        if (strcmp(options[index].name, "help") == 0) {
            printf("usage: duet data synth [OPTION]… FILE.csv   (\"-\": standard output)\n\n");
            duet_options_print(options, count);
            return 0;
        }
        if (duet_synth_set(&synth, options[index].name, value) != DUET_OK) {
            return duet_complain(DUET_EINVAL);
        }
    }
    return path == NULL ? duet_complain_usage("name the file to write: duet data synth FILE.csv")
                        : duet_command_synth(&synth, path);
}

int duet_main_data(int argc, char **argv) {
    static const char *const words[] = {"inspect", "synth"};
    if (argc < 2) {
        (void)print_help();
        return 2;
    }
    if (strcmp(argv[1], "inspect") == 0) {
        return run_inspect(argc - 1, argv + 1);
    }
    if (strcmp(argv[1], "synth") == 0) {
        return run_synth(argc - 1, argv + 1);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        return print_help();
    }
    const char *nearest = duet_suggest(argv[1], words, 2);
    return nearest == NULL
               ? duet_complain_usage("unknown: duet data %s (duet data --help)", argv[1])
               : duet_complain_usage("unknown: duet data %s; did you mean \"duet data %s\"?", argv[1], nearest);
}
