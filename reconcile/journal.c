/* Receipts are added in any order, sorted once, and looked up by halving. */
#include "journal.h"

#include <stdio.h>
#include <stdlib.h>

void journal_add_receipt(struct journal *journal, const unsigned char receipt[KEY_HASH_BYTES])
{
    if (journal->count == journal->capacity) {
        journal->capacity = journal->capacity == 0 ? 1024 : journal->capacity * 2;
        journal->receipts =
            memory_resize(journal->receipts, journal->capacity * sizeof *journal->receipts);
    }
    memcpy(journal->receipts[journal->count++], receipt, KEY_HASH_BYTES);
}

static struct map_key key_of(const struct journal *journal, const char *kind, struct text text)
{
    unsigned char hash[KEY_HASH_BYTES];
    keyed_hash_of(journal->keyed, kind, text, hash);
    return map_key_of_hash(hash);
}

void journal_add_till(struct journal *journal, struct text store, struct text till, int64_t day)
{
    char text[256]; /* neither has a slash, nor more than 64 bytes */
    int length =
        snprintf(text, sizeof text, "%.*s/%.*s/%lld", TEXT(store), TEXT(till), (long long)day);
    struct text name = {text, (size_t)length};
    void **place = map_put(&journal->tills, key_of(journal, "journal", name));
    if (*place != NULL)
        return;
    struct journal_till *made = arena_allocate(&journal->arena, sizeof *made);
    *made = (struct journal_till){text_copy(&journal->arena, store),
                                  text_copy(&journal->arena, till), day};
    *place = made;
}

void journal_add_store(struct journal *journal, struct text store)
{
    *map_put(&journal->stores, key_of(journal, "store", store)) = journal;
}

bool journal_has_store(const struct journal *journal, struct text store)
{
    return map_get(&journal->stores, key_of(journal, "store", store)) != NULL;
}

static int compare_receipts(const void *left, const void *right)
{
    return memcmp(left, right, KEY_HASH_BYTES);
}

void journal_sort(struct journal *journal)
{
    if (journal->count > 0)
        qsort(journal->receipts, journal->count, sizeof *journal->receipts, compare_receipts);
}

bool journal_has_receipt(const struct journal *journal, const unsigned char receipt[KEY_HASH_BYTES])
{
    return journal->count > 0 && bsearch(receipt, journal->receipts, journal->count,
                                         sizeof *journal->receipts, compare_receipts) != NULL;
}

void journal_free(struct journal *journal)
{
    free(journal->receipts);
    map_free(&journal->tills);
    map_free(&journal->stores);
    arena_free(&journal->arena);
}
