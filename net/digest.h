/* SHA-256 as lower-case hex, whole or in pieces: what identifies plugins and data in a report. */
#ifndef DUET_NET_DIGEST_H
#define DUET_NET_DIGEST_H

#include <stddef.h>

#include <duet/status.h>

/** 64 hex digits and the terminating zero. */
#define DUET_DIGEST_TEXT_MAX 65

/** A digest under way; what init began, final or abandon must end. */
struct duet_digest {
    void *context; // NULL when none is under way
};

void duet_digest_init(struct duet_digest *digest);
void duet_digest_update(struct duet_digest *digest, const void *bytes, size_t size);
/** Ends the digest; returns `out`. */
char *duet_digest_final(struct duet_digest *digest, char out[DUET_DIGEST_TEXT_MAX]);
/** Safe on a zeroed or finished digest. */
void duet_digest_abandon(struct duet_digest *digest);

/** Of bytes in memory; returns `out`. */
char *duet_digest_bytes(const void *bytes, size_t size, char out[DUET_DIGEST_TEXT_MAX]);
/** Of a file, read in pieces. DUET_EDATA where it cannot be read. */
DUET_MUST_CHECK enum duet_status duet_digest_file(const char *path, char out[DUET_DIGEST_TEXT_MAX]);

#endif
