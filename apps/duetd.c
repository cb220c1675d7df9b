/* duetd: the daemon, as a program of its own for service managers. */
#include <stdio.h>
#include <string.h>

#include "apps/duet.h"
#include "engine/commands.h"

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("duetd %s\n", DUET_VERSION);
        return duet_finish_output(0);
    }
    return duet_finish_output(duet_main_duetd(argc, argv));
}
