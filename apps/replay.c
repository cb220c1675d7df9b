/* duet replay SESSION.db [--verify] */
#include "apps/duet.h"

#include <stdio.h>

#include "apps/options.h"
#include "engine/commands.h"
#include "engine/live/replay.h"

enum { OPTION_VERIFY, OPTION_STRATEGY, OPTION_JSON, OPTION_HELP };

static const struct duet_option options[] = {
    [OPTION_VERIFY] = {"verify", NULL, "play every input again and compare every output; exit code 4 if one differs"},
    [OPTION_STRATEGY] = {"strategy", "NAME|FILE.so",
        "with --verify: this strategy instead of the recorded file, e.g. another build of it"},
    [OPTION_JSON] = {"json", NULL, "print one JSON object"},
    [OPTION_HELP] = {"help", NULL, "this text"},
};
#define OPTION_COUNT ((int)(sizeof(options) / sizeof(options[0])))

static int print_help(void) {
    printf("usage: duet replay SESSION.db [--verify] [OPTION]…\n\n"
           "What a live session took in and what it did, from its journal; finished, crashed\n"
           "or still running. Nothing is changed.\n\n");
    duet_options_print(options, OPTION_COUNT);
    printf("\nexit codes: 0 done, 2 usage or another strategy file, 3 unreadable journal,\n"
           "            4 an output differs\n");
    return 0;
}

int duet_main_replay(int argc, char **argv) {
    struct duet_arguments arguments = {
        .argc = argc - 1, .argv = argv + 1, .options = options, .count = OPTION_COUNT, .command = "replay"};
    bool verify = false, json = false;
    const char *path = NULL, *strategy = NULL, *value;
    for (int index; (index = duet_arguments_next(&arguments, &value)) != DUET_ARGUMENT_END;) {
        switch (index) {
        case DUET_ARGUMENT_WRONG:
            return 2;
        case DUET_ARGUMENT_OPERAND:
            if (path != NULL) {
                return duet_complain_usage("one session at a time: \"%s\" or \"%s\"", path, value);
            }
            path = value;
            break;
        case OPTION_VERIFY:
            verify = true;
            break;
        case OPTION_STRATEGY:
            strategy = value;
            break;
        case OPTION_JSON:
            json = true;
            break;
        default:
            return print_help();
        }
    }
    if (path == NULL) {
        return duet_complain_usage("name the journal of a session: duet replay SESSION.db");
    }
    if (strategy != NULL && !verify) {
        return duet_complain_usage("--strategy belongs to --verify");
    }
    return duet_command_replay(path, verify, strategy, json);
}
