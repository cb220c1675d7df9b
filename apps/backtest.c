/* duet backtest */
#include "apps/duet.h"

#include "apps/run_options.h"
#include "engine/commands.h"

int duet_main_backtest(int argc, char **argv) {
    static const struct duet_run_command command = {.name = "backtest",
        .usage = "usage: duet backtest [-c run.yaml] --strategy NAME|FILE.so [--param K=V]…\n"
                 "                     --data SYMBOL=PATH[,key=value]… [OPTION]…\n"};
    struct duet_config config;
    struct duet_run_switches switches = {0};
    duet_config_init(&config);
    int code = duet_run_options_read(&command, argc, argv, &config, &switches);
    if (code < 0) {
        code = switches.print ? duet_command_print_config(&config) : duet_command_backtest(&config);
    }
    duet_config_finish(&config);
    return code;
}
