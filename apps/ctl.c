/* duet ctl VERB [ARGUMENT] */
#include "apps/duet.h"

#include <stdio.h>

#include "apps/options.h"
#include "engine/commands.h"
#include "engine/live/ctl.h"

#define OPERANDS_MAX 4

enum { URL, TOKEN_FILE, REASON, JSON, YES, HELP, OPTION_COUNT };
static const struct duet_option options[OPTION_COUNT] = {
    [URL] = {"url", "URL", "of the daemon (http://127.0.0.1:8000)"},
    [TOKEN_FILE] = {"token-file", "FILE", "its secret (duet-session.db.token, or the only *.token here)"},
    [REASON] = {"reason", "TEXT", "goes into the journal with a command"},
    [JSON] = {"json", NULL, "what the daemon said, as it stands"},
    [YES] = {"yes", NULL, "do not ask before arm, flatten and stop"},
    [HELP] = {"help", NULL, "this text"},
};

static int print_help(void) {
    printf("usage: duet ctl [OPTION]… VERB [ARGUMENT]\n\n");
    const char *name, *argument, *help;
    for (size_t i = 0; duet_ctl_verb(i, &name, &argument, &help); i++) {
        char words[48];
        snprintf(words, sizeof(words), "%s %s", name, argument);
        printf("  %-22s %s\n", words, help);
    }
    printf("\n");
    duet_options_print(options, OPTION_COUNT);
    printf("\nexit code: 0 done; 1 refused, unhealthy or no answer; 2 usage or no token\n");
    return 0;
}

int duet_main_ctl(int argc, char **argv) {
    struct duet_arguments arguments = {
        .argc = argc - 1, .argv = argv + 1, .options = options, .count = OPTION_COUNT, .command = "ctl"};
    struct duet_ctl_options ctl = {0};
    const char *operands[OPERANDS_MAX];
    size_t count = 0;
    const char *value;
    for (int index; (index = duet_arguments_next(&arguments, &value)) != DUET_ARGUMENT_END;) {
        if (index == DUET_ARGUMENT_WRONG) {
            return 2;
        }
        if (index == HELP) {
            return print_help();
        }
        if (index == URL) {
            ctl.url = value;
        } else if (index == TOKEN_FILE) {
            ctl.token_file = value;
        } else if (index == REASON) {
            ctl.reason = value;
        } else if (index == JSON) {
            ctl.json = true;
        } else if (index == YES) {
            ctl.yes = true;
        } else if (count < OPERANDS_MAX) {
            operands[count++] = value;
        } else {
            return duet_complain_usage("ctl: too many arguments: \"%s\"", value);
        }
    }
    if (count == 0) {
        return duet_complain_usage("ctl: name a verb (duet ctl --help lists them)");
    }
    return duet_command_ctl(&ctl, operands[0], operands + 1, count - 1);
}
