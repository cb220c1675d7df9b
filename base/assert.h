/* Assertions for programmer errors; on in every build. Bad input is never asserted, it is an error or an event. */
#ifndef DUET_BASE_ASSERT_H
#define DUET_BASE_ASSERT_H

_Noreturn void duet_assert_failed(const char *expression, const char *file, int line);

#define DUET_ASSERT(condition) \
    (__builtin_expect(!!(condition), 1) ? (void)0 : duet_assert_failed(#condition, __FILE__, __LINE__))

#endif
