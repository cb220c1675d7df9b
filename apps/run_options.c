#include "apps/run_options.h"

#include <stdio.h>
#include <string.h>

#include "apps/options.h"
#include "engine/commands.h"
#include "engine/live/live_config.h"

#define NAME_MAX_LENGTH 32

/** The options that are no keys; they stand first. The last is of live runs. */
static const struct duet_option own[] = {
    {"c", "run.yaml", "read the run from a file; what stands on the command line overrides it"},
    {"data", "SYMBOL=PATH[,key=value]…",
        "a file of bars, trades or quotes, or a folder of them; may be repeated. `duet config` lists the keys"},
    {"param", "NAME=VALUE", "a parameter of the strategy (duet strategies NAME lists them); may be repeated"},
    {"print-config", NULL, "print the complete effective configuration as YAML and stop"},
    {"help", NULL, "this text"},
    {"real-money", NULL, "second of the two switches for real money; the first is real_money: true in live:"},
};

enum { OWN_CONFIG, OWN_DATA, OWN_PARAM, OWN_PRINT, OWN_HELP, OWN_REAL, OWN_COUNT };

struct table {
    const struct duet_run_command *command;
    struct duet_option options[DUET_OPTIONS_MAX];
    char names[DUET_OPTIONS_MAX][NAME_MAX_LENGTH];
    const char *keys[DUET_OPTIONS_MAX]; // key that an option sets
    int own, run, count; // ends of the three parts
};

/** A name that is there already means that one: --real-money is the switch, not the key of the file. */
static bool is_there(const struct table *table, const char *name) {
    for (int i = 0; i < table->count; i++) {
        if (strcmp(table->options[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void add_key(struct table *table, const struct duet_config_key *key) {
    char *name = table->names[table->count];
    snprintf(name, NAME_MAX_LENGTH, "%s", key->name);
    for (char *at = name; *at != '\0'; at++) {
        *at = *at == '_' ? '-' : *at;
    }
    if (!is_there(table, name)) {
        table->keys[table->count] = key->name;
        table->options[table->count++] = (struct duet_option){name, key->metavar, key->help};
    }
}

static void make_table(struct table *table, const struct duet_run_command *command) {
    const struct duet_config_key *key;
    table->command = command;
    table->own = table->count = command->live ? OWN_COUNT : OWN_REAL;
    for (int i = 0; i < table->own; i++) {
        table->options[i] = own[i];
    }
    for (size_t i = 0; (key = duet_config_key(i)) != NULL && table->count < DUET_OPTIONS_MAX; i++) {
        add_key(table, key);
    }
    table->run = table->count;
    for (size_t i = 0; command->live && (key = duet_live_config_key(i)) != NULL && table->count < DUET_OPTIONS_MAX;
         i++) {
        add_key(table, key);
    }
}

static int print_help(const struct table *table) {
    printf("%s\n", table->command->usage);
    duet_options_print(table->options, table->count);
    printf("\nexit codes: 0 done, 1 failed, 2 usage or configuration, 3 bad input data,\n"
           "            4 a difference was found\n");
    return 0;
}

static enum duet_status set_key(const struct table *table, int index, const char *value, struct duet_config *config) {
    const char *text = value == NULL ? "true" : value;
    return index < table->run ? duet_config_set(config, table->keys[index], text, NULL)
                              : duet_live_config_set(duet_config_live(config), table->keys[index], text, NULL);
}

/** Second pass: everything but -c, which has been read. Returns an exit code, or -1 to go on. */
static int apply(const struct table *table, struct duet_arguments arguments, struct duet_config *config,
    struct duet_run_switches *switches) {
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
            switches->print = true;
        } else if (index >= table->own) {
            status = set_key(table, index, value, config);
        } else if (index == OWN_REAL) {
            switches->real_money = true;
        }
        if (status != DUET_OK) {
            return duet_complain(status);
        }
    }
}

/** First pass: help, and the configuration file. */
static int read_file(const struct table *table, struct duet_arguments arguments, struct duet_config *config) {
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

int duet_run_options_read(const struct duet_run_command *command, int argc, char **argv, struct duet_config *config,
    struct duet_run_switches *switches) {
    struct table table = {0};
    make_table(&table, command);
    const struct duet_arguments arguments = {
        .argc = argc - 1, .argv = argv + 1, .options = table.options, .count = table.count, .command = command->name};
    int code = read_file(&table, arguments, config);
    if (code < 0) {
        enum duet_status status = duet_config_environment(config);
        code = status == DUET_OK ? -1 : duet_complain(status);
    }
    if (code < 0 && command->live) {
        enum duet_status status = duet_live_config_environment(duet_config_live(config));
        code = status == DUET_OK ? -1 : duet_complain(status);
    }
    return code < 0 ? apply(&table, arguments, config, switches) : code;
}
