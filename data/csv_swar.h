/*
 * Characters in bulk: eight in a 64-bit word, first character in the lowest byte, or sixteen in a vector of the
 * compiler's. Portable C but for three instructions of SSE2, which every x86-64 has and which have a plain stand-in.
 */
#ifndef DUET_DATA_CSV_SWAR_H
#define DUET_DATA_CSV_SWAR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define DUET_SWAR_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define DUET_SWAR_HIGH DUET_SWAR_EACH(0x80)

typedef unsigned char duet_block __attribute__((vector_size(16)));

static inline uint64_t duet_swar_load(const char *p) {
    uint64_t word;
    memcpy(&word, p, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/** High bit of each byte that is above 9; `word` holds characters less '0'. */
static inline uint64_t duet_swar_not_digit(uint64_t word) {
    return ((word + DUET_SWAR_EACH(0x76)) | word) & DUET_SWAR_HIGH;
}

/** The number of eight digits (values 0 to 9, first digit in the lowest byte). */
static inline uint64_t duet_swar_number(uint64_t digits) {
    digits = (digits * 2561) >> 8 & UINT64_C(0x00ff00ff00ff00ff);
    digits = (digits * 6553601) >> 16 & UINT64_C(0x0000ffff0000ffff);
    return (digits * UINT64_C(42949672960001)) >> 32;
}

/** The low `count` bytes, 0 to 8. */
static inline uint64_t duet_swar_mask(unsigned count) {
    static const uint64_t masks[] = {0, 0xff, 0xffff, 0xffffff, UINT64_C(0xffffffff), UINT64_C(0xffffffffff),
        UINT64_C(0xffffffffffff), UINT64_C(0xffffffffffffff), UINT64_C(0xffffffffffffffff)};
    return masks[count];
}

static inline duet_block duet_block_load(const void *p) {
    duet_block block;
    memcpy(&block, p, sizeof(block));
    return block;
}

/** 0xff where a character is a digit. */
static inline duet_block duet_block_digits(duet_block bytes) {
    return (duet_block)((bytes ^ ((duet_block){0} + '0')) <= ((duet_block){0} + 9));
}

static inline bool duet_block_is_zero(duet_block block) {
    uint64_t words[2];
    memcpy(words, &block, sizeof(words));
    return (words[0] | words[1]) == 0;
}

/** One bit for each byte of 16: set where the byte is 0xff and not 0. */
static inline uint64_t duet_block_bits(duet_block block) {
#ifdef __SSE2__
    typedef char mask __attribute__((vector_size(16)));
    return (uint32_t)__builtin_ia32_pmovmskb128((mask)block);
#else
    char bytes[16];
    memcpy(bytes, &block, sizeof(block));
    uint64_t low = duet_swar_load(bytes) & DUET_SWAR_EACH(1), high = duet_swar_load(bytes + 8) & DUET_SWAR_EACH(1);
    return (low * UINT64_C(0x0102040810204080)) >> 56 | (high * UINT64_C(0x0102040810204080)) >> 56 << 8;
#endif
}

/** One bit for each of 64 characters: set where it is no digit. */
static inline uint64_t duet_swar_find_others(const char *p) {
    uint64_t digits = 0;
    for (unsigned i = 0; i < 64; i += 16) {
        digits |= duet_block_bits(duet_block_digits(duet_block_load(p + i))) << i;
    }
    return ~digits;
}

/** One bit for each of 64 characters: set where it is `c`. */
static inline uint64_t duet_swar_find(const char *p, char c) {
    uint64_t found = 0;
    for (unsigned i = 0; i < 64; i += 16) {
        found |= duet_block_bits((duet_block)(duet_block_load(p + i) == (duet_block){0} + (unsigned char)c)) << i;
    }
    return found;
}

/** Four numbers of eight digits each, as duet_swar_number(). */
static inline void duet_swar_numbers(const uint64_t words[4], int32_t out[4]) {
#ifdef __SSE2__
    typedef unsigned long long twos __attribute__((vector_size(16)));
    typedef unsigned short pairs __attribute__((vector_size(16)));
    typedef short halves __attribute__((vector_size(16)));
    typedef int fours __attribute__((vector_size(16)));
    halves hundreds = {100, 1, 100, 1, 100, 1, 100, 1}, myriads = {10000, 1, 10000, 1, 10000, 1, 10000, 1};
    pairs ab = (pairs)(twos){words[0], words[1]}, cd = (pairs)(twos){words[2], words[3]};
    ab = (ab & 0xff) * 10 + (ab >> 8);
    cd = (cd & 0xff) * 10 + (cd >> 8);
    fours low = __builtin_ia32_pmaddwd128((halves)ab, hundreds);
    fours high = __builtin_ia32_pmaddwd128((halves)cd, hundreds);
    fours all = __builtin_ia32_pmaddwd128(__builtin_ia32_packssdw128(low, high), myriads);
    memcpy(out, &all, sizeof(all));
#else
    for (unsigned i = 0; i < 4; i++) {
        out[i] = (int32_t)duet_swar_number(words[i]);
    }
#endif
}

#endif
