/* duet data inspect PATH… | import PATH… | export SYMBOL=PATH | synth FILE */
#include "apps/duet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/options.h"
#include "engine/commands.h"
#include "engine/data_commands.h"

static int print_help(void) {
    printf("usage: duet data inspect [--json] PATH…     what is understood of each file\n"
           "       duet data import [--json] PATH…      read files into the cache ahead\n"
           "       duet data export [OPTION]… PATH      write a series as clean CSV\n"
           "       duet data synth [OPTION]… FILE.csv   bars made up, from a seed\n\n"
           "  duet data inspect --help and so on say more\n");
    return 0;
}

/** `inspect` and `import` take the same arguments: paths and --json. */
static int run_on_paths(int argc, char **argv, const char *command, const char *help,
    int (*run)(const char *const *paths, size_t count, bool json)) {
    static const struct duet_option options[] = {
        {"json", NULL, "one JSON object, an entry per path"}, {"help", NULL, "this text"}};
    struct duet_arguments arguments = {
        .argc = argc - 1, .argv = argv + 1, .options = options, .count = 2, .command = command};
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
            printf("usage: duet %s [--json] PATH|SYMBOL=PATH[,key=value]…\n\n", command);
            duet_options_print(options, 2);
            printf("\n%s\nA file that is refused does not stop the others; the exit code is then 3.\n", help);
            code = 0;
        }
    }
    if (code < 0) {
        code = count == 0 ? duet_complain_usage("name at least one file: duet %s FILE.csv", command)
                          : run(paths, count, json);
    }
    free(paths);
    return code;
}

static int run_inspect(int argc, char **argv) {
    return run_on_paths(argc, argv, "data inspect",
        "What is understood of each file; a folder is one series, a quoted pattern many.", duet_command_inspect);
}

static int run_import(int argc, char **argv) {
    return run_on_paths(argc, argv, "data import",
        "Files are read on all processors into the cache, as the first run would do.", duet_command_import);
}

static int run_export(int argc, char **argv) {
    static const struct duet_option options[] = {
        {"out", "FILE", "write here; default standard output"},
        {"from", "TIME", "first day or time, inclusive"},
        {"to", "TIME", "end: a date is included, a time is not"},
        {"help", NULL, "this text"},
    };
    const int count = (int)(sizeof(options) / sizeof(options[0]));
    struct duet_arguments arguments = {
        .argc = argc - 1, .argv = argv + 1, .options = options, .count = count, .command = "data export"};
    struct duet_export_options export = {0};
    const char *value, *spec = NULL;
    for (int index; (index = duet_arguments_next(&arguments, &value)) != DUET_ARGUMENT_END;) {
        switch (index) {
        case DUET_ARGUMENT_WRONG:
            return 2;
        case DUET_ARGUMENT_OPERAND:
            if (spec != NULL) {
                return duet_complain_usage("one series at a time: \"%s\" or \"%s\"", spec, value);
            }
            spec = value;
            break;
        case 0:
            export.out = value;
            break;
        case 1:
            export.from = value;
            break;
        case 2:
            export.to = value;
            break;
        default:
            printf("usage: duet data export [OPTION]… PATH|SYMBOL=PATH[,key=value]…\n\n");
            duet_options_print(options, count);
            printf("\nTimes are UTC; of bars of a day and longer, dates in the series' zone.\n");
            return 0;
        }
    }
    return spec == NULL ? duet_complain_usage("name the series to write: duet data export FILE.zip --out FILE.csv")
                        : duet_command_export(spec, &export);
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
    static const struct {
        const char *word;
        int (*run)(int argc, char **argv);
    } commands[] = {{"inspect", run_inspect}, {"import", run_import}, {"export", run_export}, {"synth", run_synth}};
    enum { COUNT = sizeof(commands) / sizeof(commands[0]) };
    const char *words[COUNT];
    if (argc < 2) {
        (void)print_help();
        return 2;
    }
    for (size_t i = 0; i < COUNT; i++) {
        words[i] = commands[i].word;
        if (strcmp(argv[1], words[i]) == 0) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        return print_help();
    }
    const char *nearest = duet_suggest(argv[1], words, COUNT);
    return nearest == NULL
               ? duet_complain_usage("unknown: duet data %s (duet data --help)", argv[1])
               : duet_complain_usage("unknown: duet data %s; did you mean \"duet data %s\"?", argv[1], nearest);
}
