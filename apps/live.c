/* duet live, and the same as the service duetd */
#include "apps/duet.h"

#include "apps/run_options.h"
#include "engine/commands.h"
#include "engine/live/live.h"

struct line {
    const struct duet_run_command *command;
    int argc;
    char **argv;
};

/** For a reload: file, environment and command line once more. */
static enum duet_status read_again(void *argument, struct duet_config *config) {
    const struct line *line = argument;
    struct duet_run_switches switches = {0};
    return duet_run_options_read(line->command, line->argc, line->argv, config, &switches) < 0 ? DUET_OK : DUET_EINVAL;
}

static int run(const struct duet_run_command *command, int argc, char **argv) {
    struct line line = {command, argc, argv};
    struct duet_config config;
    struct duet_run_switches switches = {0};
    duet_config_init(&config);
    int code = duet_run_options_read(command, argc, argv, &config, &switches);
    if (code < 0 && switches.print) {
        code = duet_command_print_config(&config);
    } else if (code < 0) {
        struct duet_live_command live = {
            .config = &config, .real_money = switches.real_money, .read = read_again, .argument = &line};
        code = duet_command_live(&live);
    }
    duet_config_finish(&config);
    return code;
}

int duet_main_live(int argc, char **argv) {
    static const struct duet_run_command command = {.name = "live",
        .live = true,
        .usage = "usage: duet live [-c live.yaml] [--arm] [--real-money] [OPTION]…\n\n"
                 "The configuration is that of a backtest and a section `live:`; its keys are\n"
                 "options too. docs/live.md says more.\n"};
    return run(&command, argc, argv);
}

int duet_main_duetd(int argc, char **argv) {
    static const struct duet_run_command command = {.name = "live",
        .live = true,
        .usage = "usage: duetd -c live.yaml [--arm] [--real-money] [OPTION]…\n\n"
                 "The daemon of Duet: `duet live` as a service. docs/live.md says more.\n"};
    return run(&command, argc, argv);
}
