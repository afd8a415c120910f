/* Pseudo-random numbers that are the same in every run (SplitMix64). */
#ifndef LOYALTY_TESTS_CHANCE_H
#define LOYALTY_TESTS_CHANCE_H

#include <stdint.h>

static inline uint64_t chance(uint64_t *state)
{
    uint64_t bits = *state += UINT64_C(0x9e3779b97f4a7c15);
    bits = (bits ^ bits >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ bits >> 27) * UINT64_C(0x94d049bb133111eb);
    return bits ^ bits >> 31;
}

/* A value from first to last, the short ones as likely as the long ones. */
static inline int64_t chance_between(uint64_t *state, int64_t first, int64_t last)
{
    uint64_t bits = chance(state);
    bits >>= chance(state) % 64;
    return (int64_t)((uint64_t)first + bits % ((uint64_t)last - (uint64_t)first + 1));
}

#endif
