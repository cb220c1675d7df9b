/* duetd that dies of SIGKILL at a step of a session's turn: DUET_CRASH_AT=STEP:COUNT, e.g. "committed:3". */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "engine/commands.h"
#include "engine/config.h"
#include "engine/live/live.h"

struct point {
    char step[32];
    long left;
};

static void die_there(void *argument, const char *step) {
    struct point *point = argument;
    if (strcmp(step, point->step) == 0 && --point->left <= 0) {
        raise(SIGKILL);
    }
}

int main(int argc, char **argv) {
    struct point point = {.left = 0};
    const char *at = getenv("DUET_CRASH_AT");
    const char *colon = at == NULL ? NULL : strchr(at, ':');
    if (argc != 3 || strcmp(argv[1], "-c") != 0 || colon == NULL || (size_t)(colon - at) >= sizeof(point.step)) {
        return 2;
    }
    memcpy(point.step, at, (size_t)(colon - at));
    point.left = strtol(colon + 1, NULL, 10);
    struct duet_config config;
    duet_config_init(&config);
    if (duet_config_load(&config, argv[2]) != DUET_OK) {
        return duet_complain(DUET_EINVAL);
    }
    struct duet_live_command command = {.config = &config, .step = die_there, .argument = &point};
    int code = duet_command_live(&command);
    duet_config_finish(&config);
    return code;
}
