/* duet: the command line. Each command is a row of the table. */
#include "apps/duet.h"

#include <stdio.h>
#include <string.h>

#include "engine/commands.h"

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
};

static const struct command commands[] = {
    {"backtest", duet_main_backtest, "run a strategy over CSV files: fills, account, summary"},
    {"check", duet_main_check, "whether a strategy sees what it cannot know yet, or is not warm"},
    {"cflags", duet_main_cflags, "what a C compiler needs to build a strategy"},
    {"config", duet_main_config, "list every key of a configuration, with its default"},
    {"ctl", duet_main_ctl, "speak to a running daemon: status, orders, arm, halt, …"},
    {"data", duet_main_data, "inspect CSV files, or make sample data"},
    {"diff", duet_main_diff, "the first decision in which two backtests differ"},
    {"explain", duet_main_explain, "why a live session sent an order, and what became of it"},
    {"indicators", duet_main_indicators, "list the indicators, describe one, or compute it over a file"},
    {"live", duet_main_live, "trade a strategy live: paper or gateway, journaled, under control"},
    {"new", duet_main_new, "make a folder with a strategy of your own, ready to build and run"},
    {"replay", duet_main_replay, "what a live session did, or the proof that it had to"},
    {"statistics", duet_main_statistics, "list the statistics conventions, or the figures of one"},
    {"strategies", duet_main_strategies, "list the bundled strategies, or show one with its parameters"},
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_help(void) {
    printf("duet %s: one trading engine, rehearsed on history and performed live\n\n"
           "usage: duet COMMAND [OPTION]…\n\n",
        DUET_VERSION);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        printf("  %-12s %s\n", commands[i].name, commands[i].help);
    }
    printf("\n"
           "  duet COMMAND --help   says more\n"
           "  duet --version\n\n"
           "example:\n"
           "  duet data synth --bars 100000 sample.csv\n"
           "  duet backtest --strategy sma_cross --data X=sample.csv --commission 0.1%%\n");
}

int main(int argc, char **argv) {
    if (argc < 2) {
        print_help();
        return 2;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("duet %s\n", DUET_VERSION);
        return duet_finish_output(0);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_help();
        return duet_finish_output(0);
    }
    const char *names[COMMAND_COUNT];
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        names[i] = commands[i].name;
        if (strcmp(argv[1], names[i]) == 0) {
            return duet_finish_output(commands[i].run(argc - 1, argv + 1));
        }
    }
    const char *nearest = duet_suggest(argv[1], names, COMMAND_COUNT);
    return nearest == NULL ? duet_complain_usage("unknown command \"%s\" (duet --help lists them)", argv[1])
                           : duet_complain_usage("unknown command \"%s\"; did you mean \"duet %s\"?", argv[1], nearest);
}
