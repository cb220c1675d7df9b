#include "engine/scaffold.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "engine/commands.h"
#include "engine/scaffold_texts.h"

/** It becomes the name of a struct. */
static bool is_keyword(const char *name) {
    static const char *const words[] = {"asm", "auto", "break", "case", "char", "const", "continue", "default", "do",
        "double", "else", "enum", "extern", "float", "for", "goto", "if", "inline", "int", "long", "register",
        "restrict", "return", "short", "signed", "sizeof", "static", "struct", "switch", "typedef", "typeof", "union",
        "unsigned", "void", "volatile", "while"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(name, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static enum duet_status check_name(const char *name) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz", others[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    size_t length = strlen(name);
    if (length == 0 || length >= DUET_SCAFFOLD_NAME_MAX || strchr(letters, name[0]) == NULL ||
        strspn(name, others) != length) {
        return duet_error(DUET_EINVAL,
            "\"%.60s\" is no name for a strategy: up to %d lower-case letters, digits and _, a letter first", name,
            DUET_SCAFFOLD_NAME_MAX - 1);
    }
    if (is_keyword(name)) {
        return duet_error(DUET_EINVAL, "\"%s\" is no name for a strategy: C has that word for itself", name);
    }
    struct stat place;
    if (lstat(name, &place) == 0) {
        return duet_error(DUET_EEXIST, "%s is there already; nothing was written", name);
    }
    return DUET_OK;
}

/** `text` with every @NAME@ replaced. */
static void put_text(const char *text, const char *name, FILE *out) {
    static const char mark[] = "@NAME@";
    for (const char *next; (next = strstr(text, mark)) != NULL; text = next + strlen(mark)) {
        fprintf(out, "%.*s%s", (int)(next - text), text, name);
    }
    fputs(text, out);
}

static void file_path(const char *name, const char *file, struct duet_text *out) {
    out->length = 0;
    duet_text_print(out, "%s/%s", name, file[0] == '.' ? name : "");
    duet_text_print(out, "%s", file);
}

static enum duet_status write_one(const char *name, const struct duet_scaffold_text *text) {
    struct duet_text path = {0};
    struct duet_output output;
    file_path(name, text->file, &path);
    enum duet_status status = duet_output_open(&output, path.text);
    if (status == DUET_OK) {
        put_text(text->text, name, output.stream);
        status = duet_output_commit(&output);
    }
    if (status == DUET_OK && text->runs && chmod(path.text, 0755) != 0) {
        status = duet_error(DUET_EIO, "%s: %s", path.text, strerror(errno));
    }
    duet_text_finish(&path);
    return status;
}

static void take_back(const char *name) {
    struct duet_text path = {0};
    for (size_t i = 0; duet_scaffold_texts[i].file != NULL; i++) {
        file_path(name, duet_scaffold_texts[i].file, &path);
        (void)unlink(path.text);
    }
    (void)rmdir(name);
    duet_text_finish(&path);
}

enum duet_status duet_scaffold_strategy(const char *name) {
    enum duet_status status = check_name(name);
    if (status != DUET_OK) {
        return status;
    }
    if (mkdir(name, 0777) != 0) {
        return duet_error(DUET_EIO, "%s: %s", name, strerror(errno));
    }
    for (size_t i = 0; status == DUET_OK && duet_scaffold_texts[i].file != NULL; i++) {
        status = write_one(name, &duet_scaffold_texts[i]);
    }
    if (status != DUET_OK) {
        take_back(name);
    }
    return status;
}

int duet_command_new(const char *name) {
    enum duet_status status = duet_scaffold_strategy(name);
    if (status != DUET_OK) {
        return duet_complain(status);
    }
    printf("%s: %s.c, the strategy; Makefile; test.sh, what it has to do; README.md\n\n"
           "next: cd %s && make test\n",
        name, name, name);
    return 0;
}

/** As pkg-config prints paths: what a shell would take for something else stands behind a backslash. */
static void print_path(const char *path) {
    for (; *path != '\0'; path++) {
        if (strchr(" \t\"'\\$`&|;<>()*?[]#~!{}", *path) != NULL) {
            putchar('\\');
        }
        putchar(*path);
    }
}

/** Beside an installed program, or in the source tree that it was built in. */
int duet_command_cflags(void) {
    static const char *const places[] = {"../include", "../../../include"};
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    if (length > 0) {
        program[length] = '\0';
        *strrchr(program, '/') = '\0';
        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
            char path[PATH_MAX + 64], folder[PATH_MAX];
            snprintf(path, sizeof(path), "%s/%s/duet/strategy.h", program, places[i]);
            if (access(path, R_OK) == 0) {
                snprintf(path, sizeof(path), "%s/%s", program, places[i]);
                printf("-I");
                print_path(realpath(path, folder) != NULL ? folder : path);
                printf(" -ffp-contract=off\n");
                return 0;
            }
        }
    }
    return duet_complain(duet_error(
        DUET_ENOTFOUND, "no headers beside this program; if it is installed elsewhere, ask pkg-config --cflags duet"));
}
