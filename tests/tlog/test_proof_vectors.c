/* The proofs of transparency-dev/merkle, one JSON file each. */
#include <dirent.h>
#include <stdio.h>

#include "proof.h"
#include "spelling.h"
#include "support.h"

struct tally {
    unsigned files, refused, from_nothing;
};

static bool read_hash(const char *base64, struct hash *hash)
{
    size_t length;
    return base64_parse(text_of(base64), hash->bytes, HASH_BYTES, &length) && length == HASH_BYTES;
}

/* Some vectors say "don't care" where a root belongs. A root of a wrong length is
 * replaced by its leaf hash: what was equal stays equal, and it is the proof that
 * has to be refused. Leaves and hashes of proofs get no such help. */
static bool read_root(const char *base64, struct hash *hash)
{
    unsigned char bytes[64];
    size_t length;
    if (read_hash(base64, hash))
        return true;
    if (!base64_parse(text_of(base64), bytes, sizeof bytes, &length))
        return false;
    merkle_leaf(bytes, length, hash);
    return true;
}

static bool read_proof(const cJSON *json, struct proof *proof)
{
    const cJSON *item;
    proof->count = 0;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(json, "proof"))
    {
        if (proof->count == PROOF_HASHES_MAX ||
            !read_hash(cJSON_GetStringValue(item), &proof->hashes[proof->count]))
            return false;
        proof->count++;
    }
    return true;
}

/* cJSON keeps numbers as doubles: exact for small sizes, and near enough for the
 * few that stand for "far too large". */
static uint64_t read_size(const cJSON *json, const char *name)
{
    double value = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(json, name));
    return value >= 18446744073709551615.0 ? UINT64_MAX : (uint64_t)value;
}

static bool check_inclusion(const cJSON *json, struct error *error)
{
    struct proof proof;
    struct hash leaf, root;
    return read_hash(json_text(json, "leafHash"), &leaf) &&
           read_root(json_text(json, "root"), &root) && read_proof(json, &proof) &&
           proof_inclusion_verify(read_size(json, "leafIdx"), read_size(json, "treeSize"), &leaf,
                                  &proof, &root, error);
}

static bool check_consistency(const cJSON *json, struct error *error)
{
    struct proof proof;
    struct hash first, second;
    return read_root(json_text(json, "root1"), &first) &&
           read_root(json_text(json, "root2"), &second) && read_proof(json, &proof) &&
           proof_consistency_verify(read_size(json, "size1"), read_size(json, "size2"), &first,
                                    &second, &proof, error);
}

/* Vectors that refuse size1 = 0 as policy. A witness that knows nothing yet says
 * `old 0` with an empty proof, so we accept growth from nothing, but only from
 * the empty tree's true root; that leaves one vector that we judge otherwise. */
static bool is_refused_as_policy(const char *path)
{
    static const char name[] = "/size1-is-zero-and-size2-is-not-zero.json";
    size_t length = strlen(path);
    return length >= sizeof name && strcmp(path + length - (sizeof name - 1), name) == 0;
}

static void check_file(const char *path, struct tally *tally)
{
    cJSON *json = test_read_json(path);
    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    struct error error = {0};
    bool inclusion = cJSON_HasObjectItem(json, "leafIdx");
    bool refused = !(inclusion ? check_inclusion(json, &error) : check_consistency(json, &error));
    bool wanted = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "wantErr")) &&
                  !is_refused_as_policy(path);
    if (wanted != refused) {
        printf("\n    %s: expected %s\n", path, wanted ? "a refusal" : "it to hold");
        CU_FAIL("a vector is judged otherwise");
    }
    tally->files++;
    tally->refused += refused;
    tally->from_nothing += !inclusion && read_size(json, "size1") == 0;
    cJSON_Delete(json);
}

static void check_folder(const char *folder, struct tally *tally)
{
    char path[1024];
    DIR *directory = opendir(folder);
    CU_ASSERT_PTR_NOT_NULL_FATAL(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        size_t length = strlen(path);
        if (length > 5 && strcmp(path + length - 5, ".json") == 0)
            check_file(path, tally);
        else
            check_folder(path, tally);
    }
    closedir(directory);
}

static void test_inclusion_vectors(void)
{
    struct tally tally = {0};
    check_folder(TEST_DATA "/vectors/merkle/inclusion", &tally);
    test_expect_integer("files", 98, tally.files);
    test_expect_integer("refused", 92, tally.refused);
}

static void test_consistency_vectors(void)
{
    struct tally tally = {0};
    check_folder(TEST_DATA "/vectors/merkle/consistency", &tally);
    test_expect_integer("files", 98, tally.files);
    test_expect_integer("refused: 92, less one that we accept", 91, tally.refused);
    test_expect_integer("from size 0", 9, tally.from_nothing);
}

static void test_growth_from_nothing(void)
{
    struct hash empty, root = test_leaves()[0];
    struct proof proof = {0};
    struct error error = {0};
    merkle_empty(&empty);
    CU_ASSERT_TRUE(proof_consistency_verify(0, 1, &empty, &root, &proof, &error));
    CU_ASSERT_TRUE(proof_consistency_verify(0, 0, &empty, &empty, &proof, &error));
    CU_ASSERT_FALSE(proof_consistency_verify(0, 1, &root, &root, &proof, &error));
    CU_ASSERT_FALSE(proof_consistency_verify(0, 0, &root, &root, &proof, &error));
    CU_ASSERT_FALSE(proof_consistency_verify(0, 0, &empty, &root, &proof, &error));
    proof.count = 1;
    proof.hashes[0] = root;
    CU_ASSERT_FALSE(proof_consistency_verify(0, 1, &empty, &root, &proof, &error));
}

const struct test_case proof_vector_cases[] = {
    {"inclusion vectors", test_inclusion_vectors},
    {"consistency vectors", test_consistency_vectors},
    {"growth from nothing", test_growth_from_nothing},
    {NULL, NULL},
};
