/* Round trips over loopback, and the small things that their measurement needs. */
#ifndef DUET_TESTS_BENCH_ECHO_H
#define DUET_TESTS_BENCH_ECHO_H

#include "bench/bench.h"

/** Round trips of `bytes` through a process that echoes, `gap_ns` apart so that both sides sleep in between, in
 * microseconds. Returns how many were made. */
size_t bench_echo(size_t count, size_t bytes, int64_t gap_ns, double *us);

/** A listener on a free port of loopback; -1 on failure. */
int bench_listen(uint16_t *port);
void bench_no_delay(int fd);
void bench_sleep_ns(int64_t ns);

/** The value below which `share` of the samples lie; sorts them. */
double bench_quantile(double *samples, size_t count, double share);

#endif
