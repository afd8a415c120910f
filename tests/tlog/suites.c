/* The suites of tlog/, one program. */
#include "support.h"

const struct test_suite test_suites[] = {
    {"spelling", spelling_cases},          {"merkle", merkle_cases},   {"proof", proof_cases},
    {"proof vectors", proof_vector_cases}, {"ed25519", ed25519_cases}, {"note", note_cases},
    {"checkpoint", checkpoint_cases},      {"tile", tile_cases}, {"policy", policy_cases},       {NULL, NULL},
};
