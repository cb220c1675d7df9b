/* `duet indicators`: the catalogue as text, as the reference page, and computed over a file. */
#ifndef DUET_ENGINE_INDICATORS_COMMAND_H
#define DUET_ENGINE_INDICATORS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <duet/status.h>

#define DUET_INDICATOR_SETTINGS_MAX 16
#define DUET_INDICATOR_DATA_MAX 64

struct duet_indicators_options {
    const char *name; // NULL: the list
    bool markdown; // the reference page
    const char *data[DUET_INDICATOR_DATA_MAX]; // SYMBOL=PATH[,key=value]…, the second of real2
    size_t data_count; // 0: describe
    const char *settings[DUET_INDICATOR_SETTINGS_MAX]; // "length=20"
    size_t setting_count;
    int64_t tail; // rows printed from the end; 0: all
    bool csv; // else in columns
};

/** Prints, and returns the exit code. */
DUET_EXPORT int duet_command_indicators(const struct duet_indicators_options *options);

#endif
