/* The secret that opens the control interface: made at random, kept in a file that only its owner can read. */
#ifndef DUET_NET_TOKEN_H
#define DUET_NET_TOKEN_H

#include <duet/status.h>

/** Longest token with its terminating zero; one that is made has 64 hex digits. */
#define DUET_TOKEN_MAX 129
/** Shorter ones are refused: they could be guessed. */
#define DUET_TOKEN_MIN 16

/** 256 random bits as hex. DUET_EIO where the system has no randomness to give. */
DUET_MUST_CHECK enum duet_status duet_token_make(char out[DUET_TOKEN_MAX]);
/** Write it to `path`, mode 0600, whole or not at all. */
DUET_MUST_CHECK enum duet_status duet_token_write(const char *path, const char *token);
/**
 * Read it. DUET_ENOTFOUND where there is no file; DUET_EINVAL where it is not a regular file of ours, where group or
 * others may read or write it, or where what it holds is no token. Texts name the file, never the token.
 */
DUET_MUST_CHECK enum duet_status duet_token_read(const char *path, char out[DUET_TOKEN_MAX]);
/** Read it, or make it where there is no file. */
DUET_MUST_CHECK enum duet_status duet_token_open(const char *path, char out[DUET_TOKEN_MAX]);

#endif
