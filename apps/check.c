/* duet check lookahead|warmup */
#include "apps/duet.h"

#include <stdio.h>
#include <string.h>

#include "apps/run_options.h"
#include "engine/check.h"
#include "engine/commands.h"

static const char usage[] = "usage: duet check lookahead|warmup [-c run.yaml] --strategy NAME|FILE.so\n"
                            "                [--param K=V]… --data SYMBOL=PATH[,key=value]… [OPTION]…\n\n"
                            "lookahead: runs the backtest whole, then on data cut off at 20 random bars, and\n"
                            "           with bars that end at a page which cannot be read; a decision that\n"
                            "           changes, or a touch of that page, is a peek\n"
                            "warmup:    runs it with 2, 4 and 8 times the warm-up ahead of --from (default:\n"
                            "           the middle of the data); a decision that changes says that the\n"
                            "           warm-up is too short\n"
                            "--json prints one object. Exit code 4: something was found.\n";

int duet_main_check(int argc, char **argv) {
    static const char *const words[] = {"lookahead", "warmup"};
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        printf("%s", usage);
        return argc < 2 ? 2 : 0;
    }
    if (strcmp(argv[1], words[0]) != 0 && strcmp(argv[1], words[1]) != 0) {
        const char *nearest = duet_suggest(argv[1], words, 2);
        return duet_complain_usage("unknown: duet check %s; there are lookahead and warmup%s%s", argv[1],
            nearest == NULL ? "" : "; did you mean ", nearest == NULL ? "" : nearest);
    }
    static const struct duet_run_command command = {.name = "check", .usage = usage};
    struct duet_config config;
    struct duet_run_switches switches = {0};
    duet_config_init(&config);
    int code = duet_run_options_read(&command, argc - 1, argv + 1, &config, &switches);
    if (code < 0) {
        code = switches.print ? duet_command_print_config(&config) : duet_command_check(&config, argv[1], 0);
    }
    duet_config_finish(&config);
    return code;
}
