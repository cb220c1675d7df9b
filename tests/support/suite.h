/*
 * DUET_TEST_MAIN("name", setup, test_a, test_b, …): one Check suite per file. `setup` runs before each test (NULL:
 * none); each test runs in a process of its own.
 */
#ifndef DUET_TESTS_SUITE_H
#define DUET_TESTS_SUITE_H

#include <check.h>
#include <stdlib.h>

/** Seconds a test may take before it counts as hung; sanitizers and busy machines are slow. */
#define DUET_TEST_TIMEOUT_S 120

static inline int duet_suite_run(const char *name, void (*setup)(void), const TTest *const *tests, size_t count) {
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, DUET_TEST_TIMEOUT_S);
    if (setup != NULL) {
        tcase_add_checked_fixture(tcase, setup, NULL);
    }
    for (size_t i = 0; i < count; i++) {
        tcase_add_test(tcase, tests[i]);
    }
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define DUET_TEST_MAIN(name, setup, ...)                                             \
    int main(void) {                                                                 \
        const TTest *const tests[] = {__VA_ARGS__};                                  \
        return duet_suite_run(name, setup, tests, sizeof(tests) / sizeof(tests[0])); \
    }

#endif
