/* duet new strategy NAME; duet cflags */
#include "apps/duet.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "engine/commands.h"
#include "engine/scaffold.h"

static bool wants_help(int argc, char **argv) {
    return argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
}

int duet_main_new(int argc, char **argv) {
    if (argc < 2 || wants_help(argc, argv) || wants_help(argc - 1, argv + 1)) {
        printf("usage: duet new strategy NAME\n\nA folder NAME with a strategy that builds and runs.\n"
               "It holds the source, a Makefile, a test and a README. Then: cd NAME && make test\n");
        return argc < 2 ? 2 : 0;
    }
    if (strcmp(argv[1], "strategy") != 0) {
        return duet_complain_usage("unknown: duet new %s; there is duet new strategy NAME", argv[1]);
    }
    return argc == 3 ? duet_command_new(argv[2]) : duet_complain_usage("one name: duet new strategy NAME");
}

int duet_main_cflags(int argc, char **argv) {
    if (wants_help(argc, argv)) {
        printf("usage: duet cflags\n\nWhat a C compiler needs to build a strategy for this program:\n"
               "  cc -shared -fPIC -O2 $(duet cflags) -o mine.so mine.c\n");
        return 0;
    }
    return argc == 1 ? duet_command_cflags() : duet_complain_usage("duet cflags takes no \"%s\"", argv[1]);
}
