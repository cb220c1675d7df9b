/* Expected values are the published test vectors of SHA-256 (FIPS 180). */
#include "net/digest.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "support/suite.h"

#define OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define OF_MILLION_A "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"

START_TEST(digests_bytes) {
    char out[DUET_DIGEST_TEXT_MAX];
    ck_assert_str_eq(duet_digest_bytes("", 0, out), OF_NOTHING);
    ck_assert_str_eq(duet_digest_bytes("abc", 3, out), OF_ABC);
}
END_TEST

START_TEST(pieces_give_the_digest_of_the_whole) {
    struct duet_digest digest;
    char out[DUET_DIGEST_TEXT_MAX];
    duet_digest_init(&digest);
    duet_digest_update(&digest, "a", 1);
    duet_digest_update(&digest, "", 0);
    duet_digest_update(&digest, "bc", 2);
    ck_assert_str_eq(duet_digest_final(&digest, out), OF_ABC);
    ck_assert_ptr_null(digest.context);
    duet_digest_init(&digest);
    duet_digest_abandon(&digest);
    duet_digest_abandon(&digest);
}
END_TEST

START_TEST(digests_files_larger_than_one_read) {
    char path[] = "/tmp/duet-digest-XXXXXX";
    FILE *file = fdopen(mkstemp(path), "w");
    ck_assert_ptr_nonnull(file);
    for (int i = 0; i < 1000000; i++) {
        fputc('a', file);
    }
    fclose(file);
    char out[DUET_DIGEST_TEXT_MAX];
    ck_assert_int_eq(duet_digest_file(path, out), DUET_OK);
    ck_assert_str_eq(out, OF_MILLION_A);
    unlink(path);
}
END_TEST

START_TEST(says_which_file_cannot_be_read) {
    char out[DUET_DIGEST_TEXT_MAX] = "";
    ck_assert_int_eq(duet_digest_file("no-such-file", out), DUET_EDATA);
    ck_assert_str_eq(duet_error_text(), "no-such-file: cannot be read: No such file or directory");
    ck_assert_int_eq(duet_digest_file("/", out), DUET_EDATA);
    ck_assert_str_eq(out, "");
}
END_TEST

DUET_TEST_MAIN("digest", NULL, digests_bytes, pieces_give_the_digest_of_the_whole, digests_files_larger_than_one_read,
    says_which_file_cannot_be_read)
