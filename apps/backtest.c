/* duet backtest: options are the keys of the configuration, from the same table. */
#include "apps/duet.h"

#include <stdio.h>
#include <string.h>

#include "apps/options.h"
#include "engine/commands.h"
#include "engine/config.h"

#define OPTIONS_MAX 64
#define NAME_MAX_LENGTH 32

/** The options that are no keys; they stand first. */
static const struct duet_option own[] = {
    {"c", "run.yaml", "read the run from a file; what stands on the command line overrides it"},
    {"data", "SYMBOL=PATH[,key=value]…",
        "a CSV file, or a folder of them; may be repeated. Keys: tz, stamp=open|close, interval, columns, "
        "dates=mdy|dmy, "
        "adjust=total, on_error=skip, exec=1, decimals, tick, lot, multiplier, currency"},
    {"param", "NAME=VALUE", "a parameter of the strategy (duet strategies NAME lists them); may be repeated"},
    {"print-config", NULL, "print the complete effective configuration as YAML and stop"},
    {"help", NULL, "this text"},
};

enum { OWN_CONFIG, OWN_DATA, OWN_PARAM, OWN_PRINT, OWN_HELP, OWN_COUNT };

struct table {
    struct duet_option options[OPTIONS_MAX];
    char names[OPTIONS_MAX][NAME_MAX_LENGTH];
    int count;
};

static void make_table(struct table *table) {
    for (int i = 0; i < OWN_COUNT; i++) {
        table->options[i] = own[i];
    }
    table->count = OWN_COUNT;
    const struct duet_config_key *key;
    for (size_t i = 0; (key = duet_config_key(i)) != NULL && table->count < OPTIONS_MAX; i++) {
        char *name = table->names[table->count];
        snprintf(name, NAME_MAX_LENGTH, "%s", key->name);
        for (char *at = name; *at != '\0'; at++) {
            *at = *at == '_' ? '-' : *at;
        }
        table->options[table->count++] = (struct duet_option){name, key->metavar, key->help};
    }
}

static int print_help(const struct table *table) {
    printf("usage: duet backtest [-c run.yaml] --strategy NAME|FILE.so [--param K=V]…\n"
           "                     --data SYMBOL=PATH[,key=value]… [OPTION]…\n\n");
    duet_options_print(table->options, table->count);
    printf("\nexit codes: 0 done, 1 failed, 2 usage or configuration, 3 bad input data,\n"
           "            4 a difference was found\n");
    return 0;
}

/** Second pass: everything but -c, which has been read. Returns an exit code, or -1 to go on. */
static int apply(const struct table *table, int argc, char **argv, struct duet_config *config, bool *print) {
    struct duet_arguments arguments = {
        .argc = argc, .argv = argv, .options = table->options, .count = table->count, .command = "backtest"};
    bool own_data = false;
    const char *value;
    for (;;) {
        int index = duet_arguments_next(&arguments, &value);
        enum duet_status status = DUET_OK;
        if (index == DUET_ARGUMENT_END) {
            return -1;
        }
        if (index == DUET_ARGUMENT_WRONG) {
            return 2;
        }
        if (index == DUET_ARGUMENT_OPERAND) {
            return duet_complain_usage("\"%s\" is no option; a data file is named with --data SYMBOL=%s", value, value);
        }
        if (index == OWN_DATA) {
            if (!own_data) {
                duet_config_clear_data(config);
            }
            own_data = true;
            status = duet_config_set(config, "data", value, NULL);
        } else if (index == OWN_PARAM) {
            status = duet_config_set(config, "param", value, NULL);
        } else if (index == OWN_PRINT) {
            *print = true;
        } else if (index >= OWN_COUNT) {
            const struct duet_config_key *key = duet_config_key((size_t)(index - OWN_COUNT));
            status = duet_config_set(config, key->name, value == NULL ? "true" : value, NULL);
        }
        if (status != DUET_OK) {
            return duet_complain(status);
        }
    }
}

/** First pass: help, and the configuration file. */
static int read_file(const struct table *table, int argc, char **argv, struct duet_config *config) {
    struct duet_arguments arguments = {
        .argc = argc, .argv = argv, .options = table->options, .count = table->count, .command = "backtest"};
    const char *value;
    for (int index; (index = duet_arguments_next(&arguments, &value)) != DUET_ARGUMENT_END;) {
        if (index == DUET_ARGUMENT_WRONG) {
            return 2;
        }
        if (index == OWN_HELP) {
            return print_help(table);
        }
        if (index == OWN_CONFIG) {
            enum duet_status status = duet_config_load(config, value);
            if (status != DUET_OK) {
                return duet_complain(status);
            }
        }
    }
    return -1;
}

int duet_main_backtest(int argc, char **argv) {
    static struct table table;
    make_table(&table);
    struct duet_config config;
    duet_config_init(&config);
    bool print = false;
    int code = read_file(&table, argc - 1, argv + 1, &config);
    if (code < 0) {
        code = apply(&table, argc - 1, argv + 1, &config, &print);
    }
    if (code < 0) {
        code = print ? duet_command_print_config(&config) : duet_command_backtest(&config);
    }
    duet_config_finish(&config);
    return code;
}
