/*
 * The first record of every journal: what a session is made of, so that the file alone is enough to build its core
 * again. JSON, for people too: the effective configuration as YAML, the plugin's name, file and hash, instruments and
 * series. The data files themselves are not needed: what came from them is in the journal.
 */
#ifndef DUET_ENGINE_LIVE_INPUT_SESSION_H
#define DUET_ENGINE_LIVE_INPUT_SESSION_H

#include "base/text.h"
#include "engine/live/core.h"

struct duet_session_record {
    struct duet_config config;
    char plugin[64]; // name
    char plugin_path[1024]; // absolute; the name of a bundled one
    char plugin_sha256[65];
    struct duet_instruments instruments;
    struct duet_core_series *series;
    uint32_t series_count;
    struct duet_zone *zone; // of config.tz
};

/** Text of a configuration as records hold it (SESSION, CONFIG): duet_config_print(). */
DUET_MUST_CHECK enum duet_status duet_session_config_text(const struct duet_config *config, struct duet_text *out);
/** Appends the payload of a SESSION record. */
DUET_MUST_CHECK enum duet_status duet_session_record_write(
    const struct duet_core_options *options, struct duet_text *out);
/** DUET_EDATA where it is none, or of a later program. To be finished by the caller if DUET_OK. */
DUET_MUST_CHECK enum duet_status duet_session_record_read(
    const void *bytes, size_t size, struct duet_session_record *out);
void duet_session_record_finish(struct duet_session_record *record);

/**
 * Whether a session that was recorded as `record` can go on with `options`, whose configuration may differ in what does
 * not decide anything (log, API, pace …), and from `in_force` (the last CONFIG, or that of the record) in what a reload
 * may change (limits, exits; *reload is then true). DUET_EINVAL says what differs and what to do.
 */
DUET_MUST_CHECK enum duet_status duet_session_record_check(const struct duet_session_record *record,
    const struct duet_config *in_force, const struct duet_core_options *options, const char *path, bool *reload);

#endif
