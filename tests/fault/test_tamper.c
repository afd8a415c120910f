/* Whoever can write the database file changes the facts; verify says so each time,
 * and where. What it cannot say is tested as well: without an anchor, a cut tail
 * and a history rewritten with the stolen key look like a log that is whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint.h"
#include "small_ledger.h"
#include "suite.h"

static const char VERIFY[] = "{\"op\":\"verify\"}";
static const char VERIFY_ALL[] = "{\"op\":\"verify\",\"all_signatures\":true}";

/* A request of verify with an anchor; to be freed. */
static char *anchored(const char *note)
{
    char *request = malloc(2 * strlen(note) + 64), *out;
    if (request == NULL)
        abort();
    out = request + sprintf(request, "{\"op\":\"verify\",\"anchor\":\"");
    for (const char *in = note; *in != '\0'; in++) {
        if (*in == '\n')
            *out++ = '\\';
        *out++ = *in == '\n' ? 'n' : *in;
    }
    strcpy(out, "\"}");
    return request;
}

/* --- Judging ------------------------------------------------------------------------ */

static void expect_answer(struct broken *broken, const char *request, loyalty_status expected,
                          const char *words, const char *what)
{
    char *answer = NULL;
    loyalty_status status = run_on(broken->reader, request, &answer);
    bool good = status == expected && answer_has(answer, words);
    if (!good)
        printf("\n    %s, %s: expected %d with \"%s\", got %d: %s\n", what, request, expected,
               words, status, answer);
    CU_ASSERT_TRUE(good);
    loyalty_free(answer);
}

static void expect_fault(struct broken *broken, const char *words, const char *what)
{
    expect_answer(broken, VERIFY, LOYALTY_NOT_VERIFIED, words, what);
    expect_answer(broken, VERIFY_ALL, LOYALTY_NOT_VERIFIED, words, what);
}

/* The smallest checkpoint that covers a record: what bounds a fault in a head that
 * is still well formed. */
static int64_t covering(sqlite3 *db, int64_t seq)
{
    char text[128];
    snprintf(text, sizeof text, "SELECT min(size) FROM checkpoint WHERE size > %lld",
             (long long)seq);
    return sql_number(db, text);
}

/* --- Every byte ---------------------------------------------------------------------- */

static const struct column {
    const char *name, *read, *write;
    bool blob, all_signatures;
} columns[] = {
    {"head", "SELECT seq, head FROM record", "UPDATE record SET head = ? WHERE seq = ?", false,
     false},
    {"note", "SELECT size, note FROM checkpoint", "UPDATE checkpoint SET note = ? WHERE size = ?",
     false, true},
    {"body", "SELECT seq, body FROM body", "UPDATE body SET body = ? WHERE seq = ?", false, false},
    {"salt", "SELECT seq, salt FROM body", "UPDATE body SET salt = ? WHERE seq = ?", true, false},
};

struct cell {
    const struct column *column;
    int64_t key;
    unsigned char *bytes;
    size_t length;
    char words[3][64]; /* one of them names the fault */
    bool newest;       /* the note that is looked at without being asked to */
};

static void write_cell(sqlite3_stmt *statement, const struct cell *cell)
{
    if (cell->column->blob)
        sqlite3_bind_blob64(statement, 1, cell->bytes, cell->length, SQLITE_STATIC);
    else
        sqlite3_bind_text64(statement, 1, (const char *)cell->bytes, cell->length, SQLITE_STATIC,
                            SQLITE_UTF8);
    sqlite3_bind_int64(statement, 2, cell->key);
    CU_ASSERT_EQUAL(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_reset(statement);
}

/* One byte with some of its bits turned. */
static void flip(struct broken *broken, sqlite3_stmt *write, struct cell *cell, size_t at,
                 unsigned char bits)
{
    char *answer = NULL;
    cell->bytes[at] ^= bits;
    write_cell(write, cell);
    bool all = cell->column->all_signatures && (!cell->newest || at % 2 == 0);
    loyalty_status status = run_on(broken->reader, all ? VERIFY_ALL : VERIFY, &answer);
    bool named = answer_has(answer, cell->words[0]) || answer_has(answer, cell->words[1]) ||
                 answer_has(answer, cell->words[2]);
    if (status != LOYALTY_NOT_VERIFIED || !named) {
        printf("\n    %s of %lld, byte %zu turned by %02x: %d, %s\n", cell->column->name,
               (long long)cell->key, at, bits, status, answer);
        CU_FAIL("a changed byte");
    }
    loyalty_free(answer);
    cell->bytes[at] ^= bits;
}

static void name_fault(struct broken *broken, struct cell *cell)
{
    bool is_note = strcmp(cell->column->name, "note") == 0;
    bool is_head = strcmp(cell->column->name, "head") == 0;
    int64_t size = is_note ? cell->key : covering(broken->db, cell->key);
    cell->newest = is_note && size == small_ledger_records();
    snprintf(cell->words[0], sizeof cell->words[0], "record %lld:", (long long)cell->key);
    snprintf(cell->words[1], sizeof cell->words[1],
             "the checkpoint of size %lld:", (long long)size);
    snprintf(cell->words[2], sizeof cell->words[2], "that of record %lld", (long long)cell->key);
    if (is_note)
        strcpy(cell->words[0], cell->words[1]);
    if (!is_head) {
        strcpy(cell->words[1], cell->words[0]);
        strcpy(cell->words[2], cell->words[0]);
    }
}

static void flip_cell(struct broken *broken, sqlite3_stmt *write, struct cell *cell, uint32_t *seed,
                      unsigned *count)
{
    name_fault(broken, cell);
    for (size_t at = 0; at < cell->length; at++) {
        unsigned patterns = at % 16 == 0 ? 2 : 1;
        for (unsigned i = 0; i < patterns; i++)
            flip(broken, write, cell, at, (unsigned char)(1 + chance(seed) % 255));
        *count += patterns;
    }
    write_cell(write, cell);
}

static void every_byte(const struct column *column)
{
    struct broken broken = broken_open("bytes.db");
    sqlite3_stmt *read = NULL, *write = NULL;
    uint32_t seed = 20260101;
    unsigned count = 0;
    CU_ASSERT_EQUAL_FATAL(sqlite3_prepare_v2(broken.db, column->read, -1, &read, NULL), SQLITE_OK);
    CU_ASSERT_EQUAL_FATAL(sqlite3_prepare_v2(broken.db, column->write, -1, &write, NULL),
                          SQLITE_OK);
    struct cell cells[64];
    size_t cell_count = 0;
    while (cell_count < 64 && sqlite3_step(read) == SQLITE_ROW) {
        struct cell *cell = &cells[cell_count++];
        *cell = (struct cell){.column = column, .key = sqlite3_column_int64(read, 0)};
        const void *bytes = sqlite3_column_blob(read, 1);
        cell->length = (size_t)sqlite3_column_bytes(read, 1);
        cell->bytes = malloc(cell->length);
        if (cell->bytes == NULL)
            abort();
        memcpy(cell->bytes, bytes, cell->length);
    }
    sqlite3_finalize(read);
    CU_ASSERT_TRUE(cell_count >= 8 && cell_count < 64);
    for (size_t i = 0; i < cell_count; i++) {
        flip_cell(&broken, write, &cells[i], &seed, &count);
        free(cells[i].bytes);
    }
    sqlite3_finalize(write);
    expect_answer(&broken, VERIFY_ALL, LOYALTY_OK, "\"unanchored\"", "all put back");
    printf(" (%zu rows, %u faults) ", cell_count, count);
    broken_close(&broken);
}

static void every_byte_of_heads(void)
{
    every_byte(&columns[0]);
}
static void every_byte_of_notes(void)
{
    every_byte(&columns[1]);
}
static void every_byte_of_bodies(void)
{
    every_byte(&columns[2]);
}
static void every_byte_of_salts(void)
{
    every_byte(&columns[3]);
}

/* --- Rows ----------------------------------------------------------------------------- */

static void every_kind_is_there(void)
{
    struct broken broken = broken_open("kinds.db");
    int64_t kinds =
        sql_number(broken.db, "SELECT count(DISTINCT json_extract(head, '$.op')) FROM record");
    CU_ASSERT_EQUAL(kinds, 13);
    CU_ASSERT_TRUE(small_ledger_records() >= 15 && small_ledger_records() <= 25);
    expect_answer(&broken, VERIFY_ALL, LOYALTY_OK, "\"integrity\":\"verified\"", "untouched");
    /* The copies that are altered have lost their triggers, and audit says so. */
    expect_answer(&broken, "{\"op\":\"audit\"}", LOYALTY_FAULT, "triggers", "without its guards");
    broken_close(&broken);
}

/* SQL, and what verify says afterwards; {N}: number of the last record, {T}: ten times that. */
static const struct change {
    const char *what, *sql, *words;
} changes[] = {
    {"first record deleted", "DELETE FROM record WHERE seq = 0", "record 0: it is missing"},
    {"record deleted", "DELETE FROM record WHERE seq = 7", "record 7: it is missing"},
    {"last record deleted", "DELETE FROM record WHERE seq = (SELECT max(seq) FROM record)",
     ": it is missing"},
    {"record deleted, the later ones moved up",
     "DELETE FROM record WHERE seq = 7;"
     "UPDATE record SET seq = -seq WHERE 0;"
     "UPDATE record SET seq = seq - 1 WHERE seq > 7;"
     "UPDATE body SET seq = seq - 1 WHERE seq > 7",
     "record 7: its head bears another number"},
    {"two heads swapped",
     "UPDATE record SET head = (SELECT head FROM record r WHERE r.seq = 15 - record.seq)"
     " WHERE seq IN (7, 8)",
     "record 7: its head bears another number"},
    {"two bodies swapped",
     "UPDATE body SET (salt, body) = (SELECT salt, body FROM body b WHERE b.seq = 3)"
     " WHERE seq = 4",
     "record 4: its body was altered"},
    {"head doubled behind the end",
     "INSERT INTO record SELECT (SELECT max(seq) + 1 FROM record), head FROM record WHERE seq = 9",
     ": its head bears another number"},
    {"head doubled over another",
     "UPDATE record SET head = (SELECT head FROM record WHERE seq = 9)"
     " WHERE seq = 8",
     "record 8: its head bears another number"},
    {"well-formed head added behind the end",
     "INSERT INTO record SELECT seq + 1, replace(head, '{\"seq\":' || seq, '{\"seq\":' || (seq + "
     "1))"
     " FROM record WHERE seq = (SELECT max(seq) FROM record);"
     "INSERT INTO body SELECT seq + 1, salt, body FROM body"
     " WHERE seq = (SELECT max(seq) - 1 FROM record);"
     "UPDATE tip SET size = size + 1",
     "the newest checkpoint covers"},
    {"record inserted, the later ones moved down",
     "UPDATE record SET seq = 1000 - seq WHERE seq >= 7;"
     "UPDATE record SET seq = 1001 - seq WHERE seq > 100;"
     "INSERT INTO record SELECT 7, head FROM record WHERE seq = 6",
     "record 7: its head bears another number"},
    {"empty head", "UPDATE record SET head = '' WHERE seq = 5", "record 5:"},
    {"head twice in one row", "UPDATE record SET head = head || head WHERE seq = 5", "record 5:"},
    {"newline behind a head", "UPDATE record SET head = head || char(10) WHERE seq = 5",
     "record 5:"},
    {"half a head", "UPDATE record SET head = substr(head, 1, length(head) / 2) WHERE seq = 5",
     "record 5:"},
    {"head of a megabyte", "UPDATE record SET head = printf('%1000000d', 1) WHERE seq = 5",
     "record 5:"},
    {"time set back",
     "UPDATE record SET head = replace(head, '\"time\":1', '\"time\":0') WHERE seq = 9",
     "record 9:"},
    {"body deleted", "DELETE FROM body WHERE seq = 3", "record 3: its body is missing"},
    {"programme's body deleted", "DELETE FROM body WHERE seq = 1", "record 1: its body is missing"},
    {"body added to a record without one", "INSERT INTO body VALUES (0, zeroblob(16), '{}')",
     "record 0: it has a body that its head does not name"},
    {"empty body", "UPDATE body SET body = '' WHERE seq = 3", "record 3:"},
    {"empty salt", "UPDATE body SET salt = x'' WHERE seq = 3", "record 3:"},
    {"salt and body cut elsewhere",
     "UPDATE body SET salt = CAST(salt || substr(body, 1, 1) AS BLOB), body = substr(body, 2)"
     " WHERE seq = 3",
     "record 3: its body's salt was altered"},
    {"all records deleted", "DELETE FROM record; DELETE FROM body", "record 0: it is missing"},
    {"all checkpoints deleted", "DELETE FROM checkpoint", "the log has no checkpoint"},
    {"newest checkpoint deleted",
     "DELETE FROM checkpoint WHERE size = (SELECT max(size) FROM checkpoint)",
     "the newest checkpoint covers"},
    {"newest checkpoint replaced by an older one",
     "UPDATE checkpoint SET note = (SELECT min(note) FROM checkpoint WHERE size < 10)"
     " WHERE size = (SELECT max(size) FROM checkpoint)",
     ": it signs another size"},
    {"checkpoint beyond the end",
     "INSERT INTO checkpoint SELECT size + 1, note FROM checkpoint ORDER BY size DESC LIMIT 1",
     ": it signs another size"},
    {"empty note",
     "UPDATE checkpoint SET note = '' WHERE size = (SELECT max(size) FROM checkpoint)",
     "the checkpoint of size"},
};

static void rows(void)
{
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct broken broken = broken_open("rows.db");
        sql(broken.db, changes[i].sql);
        expect_fault(&broken, changes[i].words, changes[i].what);
        broken_close(&broken);
    }
}

/* Older checkpoints stand beside the log: the newest signature covers every record
 * without them. Only --all-signatures looks at them. */
static void older_checkpoints(void)
{
    struct broken broken = broken_open("older.db");
    sql(broken.db,
        "UPDATE checkpoint SET note = (SELECT note FROM checkpoint ORDER BY size LIMIT 1)"
        " WHERE size = (SELECT size FROM checkpoint ORDER BY size LIMIT 1 OFFSET 2)");
    expect_answer(&broken, VERIFY, LOYALTY_OK, "\"verified\"", "older checkpoint replaced");
    expect_answer(&broken, VERIFY_ALL, LOYALTY_NOT_VERIFIED, "it signs another size",
                  "older checkpoint replaced");
    sql(broken.db, "DELETE FROM checkpoint WHERE size ="
                   " (SELECT size FROM checkpoint ORDER BY size LIMIT 1 OFFSET 2)");
    expect_answer(&broken, VERIFY_ALL, LOYALTY_OK, "\"verified\"", "older checkpoint deleted");
    sql(broken.db, "INSERT INTO checkpoint SELECT 7, note FROM checkpoint ORDER BY size LIMIT 1");
    expect_answer(&broken, VERIFY_ALL, LOYALTY_NOT_VERIFIED,
                  "the checkpoint of size 7:", "checkpoint invented");
    broken_close(&broken);
}

/* --- The tail --------------------------------------------------------------------------- */

static void expect_anchored(struct broken *broken, const char *note, loyalty_status expected,
                            const char *words, const char *what)
{
    char *request = anchored(note);
    expect_answer(broken, request, expected, words, what);
    free(request);
}

static char *newest_note(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    sqlite3_prepare_v2(db, "SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1", -1, &statement,
                       NULL);
    sqlite3_step(statement);
    const char *text = (const char *)sqlite3_column_text(statement, 0);
    char *note = text == NULL ? NULL : strdup(text);
    sqlite3_finalize(statement);
    if (note == NULL)
        abort();
    return note;
}

static void cut_tail(void)
{
    struct broken broken = broken_open("tail.db");
    char *newest = newest_note(broken.db);
    expect_anchored(&broken, newest, LOYALTY_OK, "\"anchored\"", "untouched, newest anchor");
    expect_anchored(&broken, small_ledger_anchor(), LOYALTY_OK, "\"anchored\"",
                    "untouched, older anchor");
    sql(broken.db, "DELETE FROM checkpoint WHERE size = (SELECT max(size) FROM checkpoint);"
                   "DELETE FROM record WHERE seq >= (SELECT max(size) FROM checkpoint);"
                   "DELETE FROM body WHERE seq >= (SELECT max(size) FROM checkpoint);"
                   "UPDATE tip SET size = (SELECT max(size) FROM checkpoint)");
    expect_answer(&broken, VERIFY_ALL, LOYALTY_OK, "\"unanchored\"", "a commit cut off");
    expect_anchored(&broken, newest, LOYALTY_NOT_VERIFIED, "its tail was cut", "a commit cut off");
    expect_anchored(&broken, small_ledger_anchor(), LOYALTY_OK, "\"anchored\"",
                    "a commit cut off behind the anchor");
    sql(broken.db, "DELETE FROM checkpoint WHERE size > 2; DELETE FROM record WHERE seq >= 2;"
                   "DELETE FROM body WHERE seq >= 2; UPDATE tip SET size = 2");
    expect_answer(&broken, VERIFY_ALL, LOYALTY_OK, "\"unanchored\"", "all but the setup cut off");
    expect_anchored(&broken, small_ledger_anchor(), LOYALTY_NOT_VERIFIED, "its tail was cut",
                    "all but the setup cut off");
    free(newest);
    broken_close(&broken);
}

/* The tip is a projection: what it says of the size is not believed. */
static void tip_lies(void)
{
    struct broken broken = broken_open("tip.db");
    sql(broken.db, "UPDATE tip SET size = size - 1");
    expect_answer(&broken, VERIFY, LOYALTY_NOT_VERIFIED, "", "tip too small");
    sql(broken.db, "UPDATE tip SET size = size + 2");
    expect_answer(&broken, VERIFY, LOYALTY_NOT_VERIFIED, "", "tip too large");
    sql(broken.db, "DELETE FROM tip");
    char *answer = NULL;
    CU_ASSERT_NOT_EQUAL(run_on(broken.reader, VERIFY, &answer), LOYALTY_OK);
    loyalty_free(answer);
    broken_close(&broken);
}

/* A wrong byte leaves a note that does not hold, or no note at all: never a verdict. */
static void expect_no_anchor(struct broken *broken, const char *note)
{
    char *request = anchored(note), *answer = NULL;
    loyalty_status status = run_on(broken->reader, request, &answer);
    bool good = (status == LOYALTY_NOT_VERIFIED || status == LOYALTY_INVALID) &&
                answer_has(answer, "the anchor");
    if (!good)
        printf("\n    anchor with one wrong byte, %s: got %d: %s\n", request, status, answer);
    CU_ASSERT_TRUE(good);
    loyalty_free(answer);
    free(request);
}

static void anchors_that_are_none(void)
{
    static const char *const texts[] = {"x", "shop\n1\nAAAA\n\n", "\n\n\n"};
    struct broken broken = broken_open("anchor.db");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_anchored(&broken, texts[i], LOYALTY_INVALID, "the anchor", "no anchor");
    size_t length = strlen(small_ledger_anchor());
    for (size_t at = 0; at < length; at++) {
        char note[1024];
        memcpy(note, small_ledger_anchor(), length + 1);
        if ((note[at] & 0x80) != 0)
            continue; /* the dash: a request is UTF-8 */
        note[at] = note[at] == 'A' ? 'B' : 'A';
        expect_no_anchor(&broken, note);
    }
    broken_close(&broken);
}

/* --- The stolen key ------------------------------------------------------------------------ */

static void read_signer(struct signer *signer)
{
    char path[600];
    struct error error = {0};
    size_t length = 0;
    snprintf(path, sizeof path, "%s.key", small_ledger());
    char *line = test_read_file(path, &length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(line);
    while (length > 0 && line[length - 1] == '\n')
        length--;
    CU_ASSERT_TRUE_FATAL(signer_parse((struct text){line, length}, signer, &error));
    free(line);
}

static void put_note(sqlite3 *db, int64_t size, const struct buffer *note)
{
    sqlite3_stmt *statement = NULL;
    sqlite3_prepare_v2(db, "UPDATE checkpoint SET note = ? WHERE size = ?", -1, &statement, NULL);
    sqlite3_bind_text(statement, 1, note->bytes, (int)note->length, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, size);
    CU_ASSERT_EQUAL(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_finalize(statement);
}

/* Sign every checkpoint afresh over whatever the heads now are. */
static void sign_again(sqlite3 *db)
{
    struct signer signer;
    struct merkle_edge edge = {0};
    struct error error = {0};
    sqlite3_stmt *statement = NULL;
    read_signer(&signer);
    sqlite3_prepare_v2(db,
                       "SELECT head, size FROM record LEFT JOIN checkpoint ON size = seq + 1"
                       " ORDER BY seq",
                       -1, &statement, NULL);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        struct hash leaf;
        merkle_leaf(sqlite3_column_blob(statement, 0), (size_t)sqlite3_column_bytes(statement, 0),
                    &leaf);
        merkle_edge_append(&edge, &leaf);
        if (sqlite3_column_type(statement, 1) == SQLITE_NULL)
            continue;
        struct buffer note = {0};
        struct checkpoint checkpoint = {.origin = text_of("shop"), .size = edge.size};
        merkle_edge_root(&edge, &checkpoint.root);
        CU_ASSERT_TRUE(checkpoint_sign(&note, &checkpoint, &signer, &error));
        put_note(db, (int64_t)edge.size, &note);
        buffer_free(&note);
    }
    sqlite3_finalize(statement);
    signer_wipe(&signer);
}

static void rewritten(void)
{
    struct broken broken = broken_open("stolen.db");
    sql(broken.db,
        "UPDATE record SET head = replace(replace(head, '\"available\",12', '\"available\",99'),"
        " '\"issued\",-12', '\"issued\",-99') WHERE seq = 4");
    CU_ASSERT_EQUAL(
        sql_number(broken.db, "SELECT instr(head, '-99') > 0 FROM record WHERE seq = 4"), 1);
    expect_fault(&broken, "the records up to", "a head rewritten");
    sign_again(broken.db);
    expect_answer(&broken, VERIFY_ALL, LOYALTY_OK, "\"unanchored\"", "rewritten and signed");
    expect_anchored(&broken, small_ledger_anchor(), LOYALTY_FORK, "contradict each other",
                    "rewritten and signed");
    char *since = with_string("verify", "since", small_ledger_anchor(), NULL);
    expect_answer(&broken, since, LOYALTY_FORK, "contradict each other", "rewritten and signed");
    free(since);
    expect_answer(&broken, "{\"op\":\"audit\"}", LOYALTY_NOT_VERIFIED,
                  "record 4:", "rewritten and signed");
    broken_close(&broken);
}

/* Heads that say the same and that the encoder would not have written. Signed with
 * the stolen key, so that only the strict decoder is left to refuse them. */
static void foreign_spellings(void)
{
    static const char *const spellings[] = {
        "replace(head, '{\"seq\"', '{ \"seq\"')",
        "replace(head, ',\"time\"', ', \"time\"')",
        "head || ' '",
        "head || char(10)",
        "char(65279) || head",
        "replace(head, '\"seq\":4', '\"seq\":04')",
        "replace(head, '\"seq\":4', '\"seq\":4.0')",
        "replace(head, '\"seq\":4', '\"seq\":4e0')",
        "replace(head, '\"seq\":4', '\"seq\":-4')",
        "replace(head, '\"seq\":4', '\"seq\":4,\"seq\":4')",
        "replace(head, '\"op\":\"purchase\"', '\"op\":\"p\\u0075rchase\"')",
        "replace(head, '\"op\":\"purchase\"', '\"op\":\"purchase\",\"part\":0')",
        "replace(head, '\"op\":\"purchase\"', '\"op\":\"purchase\",\"x\":1')",
        "replace(head, '\"op\":\"purchase\"', '\"op\":\"prize\"')",
        "replace(head, ',\"post\":', ',\"lots2\":[],\"post\":')",
        "replace(head, '\"body\":\"', '\"body\":\"00')",
        "rtrim(head, '}') || ',\"gave\":[]}'",
        "upper(head)",
        "json_array(head)",
        "'null'",
    };
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        struct broken broken = broken_open("spelling.db");
        char text[256];
        snprintf(text, sizeof text, "UPDATE record SET head = %s WHERE seq = 4", spellings[i]);
        int64_t before = sqlite3_total_changes(broken.db);
        sql(broken.db, text);
        CU_ASSERT_EQUAL(sqlite3_total_changes(broken.db), before + 1);
        sign_again(broken.db);
        expect_fault(&broken, "record 4:", spellings[i]);
        broken_close(&broken);
    }
}

/* Postings that do not sum to zero, signed: verify adds them up. */
static void signed_imbalance(void)
{
    struct broken broken = broken_open("sum.db");
    sql(broken.db, "UPDATE record SET head = replace(head, '\"issued\",-12', '\"issued\",-13')"
                   " WHERE seq = 4");
    sign_again(broken.db);
    expect_fault(&broken, "record 4:", "postings that do not sum to zero");
    broken_close(&broken);
}

static const struct test_case tampering[] = {
    {"every kind is there", every_kind_is_there},
    {"every byte of heads", every_byte_of_heads},
    {"every byte of notes", every_byte_of_notes},
    {"every byte of bodies", every_byte_of_bodies},
    {"every byte of salts", every_byte_of_salts},
    {"rows", rows},
    {"older checkpoints", older_checkpoints},
    {"cut tail", cut_tail},
    {"tip lies", tip_lies},
    {"anchors that are none", anchors_that_are_none},
    {"rewritten with the stolen key", rewritten},
    {"foreign spellings", foreign_spellings},
    {"signed imbalance", signed_imbalance},
    {NULL, NULL},
};
const struct test_suite test_suites[] = {{"tamper", tampering}, {NULL, NULL}};
