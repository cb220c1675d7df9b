/*
 * Saving a bus and going on with another: sequence, hash, time, counts and the order of what is scheduled. Between
 * inputs only. Subscriptions and the mailbox are not part of it.
 */
#ifndef DUET_BUS_SAVE_H
#define DUET_BUS_SAVE_H

#include <duet/bus.h>

struct duet_text;

void duet_bus_save(const struct duet_bus *bus, struct duet_text *out);
/**
 * From the front of `*bytes` on, which is moved. Whoever had inputs scheduled has scheduled them again before; they get
 * back their places among those of the same time. DUET_EDATA where these are others.
 */
DUET_MUST_CHECK enum duet_status duet_bus_load(struct duet_bus *bus, const unsigned char **bytes, size_t *size);

#endif
