/* The file: pieces, line ends, quotes, encodings. */
#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "suite.h"
#include "trial.h"

#define COLUMNS                                                                                    \
    "\"columns\":{\"receipt\":\"r\",\"member\":\"m\",\"time\":\"t\",\"sku\":\"s\",\"amount\":"     \
    "\"a\"}"
static const char utf8[] = "{\"encoding\":\"utf-8\"," COLUMNS "}";
static const char gb18030[] = "{\"encoding\":\"gb18030\"," COLUMNS "}";
static const char latin[] = "{\"encoding\":\"iso-8859-1\"," COLUMNS "}";
static const char windows[] = "{\"encoding\":\"windows-1252\"," COLUMNS "}";

/* One import on a ledger of its own. */
static void expect(const char *what, const char *mapping, const char *csv, const char *log,
                   const char *rejects)
{
    struct ledger *ledger = fake_ledger(NULL);
    struct trial trial = {.mapping = mapping};
    expect_import(what, &trial, ledger, csv, log, rejects);
    trial_free(&trial);
    fake_ledger_free(ledger);
}

static void expect_failure(const char *mapping, struct text csv, enum error_code code,
                           unsigned line)
{
    struct ledger *ledger = fake_ledger(NULL);
    struct trial trial = {.mapping = mapping};
    trial_run(&trial, ledger, csv);
    CU_ASSERT_FALSE(trial.done);
    test_expect_text("code", error_name(code), strlen(error_name(code)),
                     error_name(trial.error.code), strlen(error_name(trial.error.code)));
    test_expect_integer("line", line, trial.error.line);
    trial_free(&trial);
    fake_ledger_free(ledger);
}

#define SOLD(receipt, sku) "purchase " receipt " card:7 2011-01-01T00:00:00Z 2.00 " sku "*0=2.00\n"

/* Whatever the pieces, the same. */
void test_rows_pieces(void)
{
    static const char csv[] = "\xef\xbb\xbfr,m,t,s,a\r\n"
                              "1,7,2011-01-01,\"A \"\"x\"\", y\",2\r\n"
                              "\r\n"
                              "2,7,2011-01-01,\"caf\xc3\xa9\",2\r\n"
                              "3,7,2011-01-01,C,two\r\n"
                              "4,7,2011-01-01,D,2";
    for (size_t piece = 1; piece < sizeof csv; piece++) {
        struct ledger *ledger = fake_ledger(NULL);
        struct trial trial = {.mapping = utf8, .piece = piece};
        expect_import(
            "pieces", &trial, ledger, csv,
            SOLD("1", "A \"x\", y") SOLD("2", "caf\xc3\xa9") SOLD("4", "D"),
            "\xef\xbb\xbfr,m,t,s,a,part,reject_code,reject_reason\n"
            "3,7,2011-01-01,C,two,,invalid_amount,\"the amount \"\"two\"\" is not a plain "
            "decimal number such as 12.50\"\n");
        trial_free(&trial);
        fake_ledger_free(ledger);
    }
}

void test_rows_line_ends(void)
{
    expect("LF", utf8, "r,m,t,s,a\n1,7,2011-01-01,A,2\n", SOLD("1", "A"), "");
    expect("CRLF", utf8, "r,m,t,s,a\r\n1,7,2011-01-01,A,2\r\n", SOLD("1", "A"), "");
    expect("CR", utf8, "r,m,t,s,a\r1,7,2011-01-01,A,2\r", SOLD("1", "A"), "");
    expect("no last one", utf8, "r,m,t,s,a\n1,7,2011-01-01,A,2", SOLD("1", "A"), "");
    expect("blank lines", utf8, "\n\nr,m,t,s,a\n\n1,7,2011-01-01,A,2\n\n", SOLD("1", "A"), "");
    expect("only a header", utf8, "r,m,t,s,a\n", "", "");
    expect_failure(utf8, text_of(""), ERROR_INVALID_CSV, 0);
    expect_failure(utf8, text_of("\n\n"), ERROR_INVALID_CSV, 0);
}

void test_rows_byte_order_mark(void)
{
    expect("BOM", utf8, "\xef\xbb\xbfr,m,t,s,a\n1,7,2011-01-01,A,2\n", SOLD("1", "A"), "");
    expect_failure(latin, text_of("\xef\xbb\xbfr,m,t,s,a\n"), ERROR_INVALID_TEXT, 0);
    expect_failure(utf8, text_of("\xef\xbb"), ERROR_INVALID_TEXT, 0);
    /* UTF-16 is not named, so its header is not found. */
    expect_failure(latin, (struct text){"\xff\xfer\0,\0m\0\n\0", 10}, ERROR_MISSING_FIELD, 1);
}

void test_rows_quotes(void)
{
    expect("inch marks are text", utf8, "r,m,t,s,a\n1,7,2011-01-01,5\" NAIL,2\n",
           SOLD("1", "5\" NAIL"), "");
    expect("spaces around cells", utf8, "r, m ,t,s,a\n1, 7 ,2011-01-01 , A,2 \n", SOLD("1", "A"),
           "");
    expect("a line end in a cell that goes into the ledger", utf8,
           "r,m,t,s,a\n1,7,2011-01-01,\"A\nB\",2\n", "",
           "r,m,t,s,a,part,reject_code,reject_reason\n"
           "1,7,2011-01-01,\"A\nB\",2,,invalid_text,the SKU has control characters or others not "
           "for display\n");
    expect("... and in one that does not", utf8,
           "r,m,t,s,note,a\n1,7,2011-01-01,A,\"two\nlines, \"\"quoted\"\"\",2\n", SOLD("1", "A"),
           "");
    expect("semicolons",
           "{\"encoding\":\"utf-8\",\"delimiter\":\";\",\"decimal\":\",\"," COLUMNS "}",
           "r;m;t;s;a\n1;7;2011-01-01;A;2,00\n2;7;2011-01-01;A;2.00\n", SOLD("1", "A"),
           "r;m;t;s;a;part;reject_code;reject_reason\n"
           "2;7;2011-01-01;A;2.00;;invalid_amount;\"the amount \"\"2.00\"\" is not a plain decimal "
           "number such as 12.50\"\n");
    expect("tabs, empty cells", "{\"encoding\":\"utf-8\",\"delimiter\":\"\\t\"," COLUMNS "}",
           "r\tm\tt\tx\ts\ta\n1\t7\t2011-01-01\t\tA\t2\n", SOLD("1", "A"), "");
}

/* A row with another number of cells spoils the receipt that it may belong to. */
void test_rows_cells(void)
{
    expect(
        "too few", utf8,
        "r,m,t,s,a\n1,7,2011-01-01,A,2\n2,7,2011-01-01,A,2\n2,7\n3,7,2011-01-01,A,2\n",
        SOLD("1", "A") SOLD("3", "A"),
        "r,m,t,s,a,part,reject_code,reject_reason\n"
        "2,7,2011-01-01,A,2,,invalid_csv,row 2 of this receipt's 2: the row has 2 cells instead "
        "of 5: a quote or a delimiter is missing or too many\n"
        "2,7,,,,,invalid_csv,the row has 2 cells instead of 5: a quote or a delimiter is missing "
        "or too many\n");
    expect("too many, first of all, nobody's", utf8,
           "r,m,t,s,a\n1,,2011-01-01,A,2,,\n3,7,2011-01-01,A,2\n", SOLD("3", "A"),
           "r,m,t,s,a,part,reject_code,reject_reason\n"
           "1,,2011-01-01,A,2,,,,invalid_csv,the row has 7 cells instead of 5: a quote or a "
           "delimiter is missing or too many\n");
}

void test_rows_unclosed(void)
{
    static char large[3 * 1024 * 1024];
    expect_failure(utf8, text_of("r,m,t,s,a\n1,7,2011-01-01,\"A,2\n3,7,2011-01-01,A,2\n"),
                   ERROR_INVALID_CSV, 2);
    memset(large, 'x', sizeof large);
    int length = snprintf(large, sizeof large, "r,m,t,s,a\n1,7,2011-01-01,A,2\n\"");
    large[length] = ',';
    expect_failure(utf8, (struct text){large, sizeof large}, ERROR_INVALID_CSV, 3);
    memset(large, ',', sizeof large);
    expect_failure(utf8, (struct text){large, sizeof large}, ERROR_INVALID_CSV, 1);
}

/* Cells are decoded for the ledger, and rejected as they came. */
void test_rows_encodings(void)
{
    expect(
        "GB 18030", gb18030,
        "r,m,t,s,a\n1,7,2011-01-01,\xb2\xe8\x81\x5c,2\n2,7,2011-01-01,\xb2\xe8,x\n",
        SOLD("1", "\xe8\x8c\xb6\xe4\xb9\x97"),
        "r,m,t,s,a,part,reject_code,reject_reason\n"
        "2,7,2011-01-01,\xb2\xe8,x,,invalid_amount,\"the amount \"\"x\"\" is not a plain decimal "
        "number such as 12.50\"\n");
    expect("Latin 1", latin, "r,m,t,s,a\n1,7,2011-01-01,caf\xe9,2\n", SOLD("1", "caf\xc3\xa9"), "");
    expect("Windows", windows, "r,m,t,s,a\n1,7,2011-01-01,5\x80,2\n", SOLD("1", "5\xe2\x82\xac"),
           "");
    expect(
        "a header that is not ASCII",
        "{\"encoding\":\"gbk\",\"columns\":{\"receipt\":\"\xe5\x8d\x95\",\"member\":\"m\","
        "\"time\":\"t\",\"sku\":\"s\",\"amount\":\"a\"}}",
        "\xb5\xa5,m,t,s,a\n1,7,2011-01-01,A,2\n2,7,2011-01-01,A,x\n", SOLD("1", "A"),
        "\xb5\xa5,m,t,s,a,part,reject_code,reject_reason\n"
        "2,7,2011-01-01,A,x,,invalid_amount,\"the amount \"\"x\"\" is not a plain decimal number "
        "such as 12.50\"\n");
}

void test_rows_broken_encodings(void)
{
    expect("also in a column that nobody reads", utf8,
           "r,m,t,s,n,a\n1,7,2011-01-01,A,caf\xe9,2\n2,7,2011-01-01,A,caf\xc3\xa9,2\n"
           "3,,2011-01-01,A,caf\xe9,2\n",
           SOLD("2", "A"),
           "r,m,t,s,n,a,part,reject_code,reject_reason\n"
           "1,7,2011-01-01,A,caf\xe9,2,,invalid_text,the row is not well-formed utf-8\n");
    expect("overlong, surrogate, cut", utf8,
           "r,m,t,s,a\n1,7,2011-01-01,\xc0\xaf,2\n2,7,2011-01-01,\xed\xa0\x80,2\n"
           "3,7,2011-01-01,\xe2\x82,2\n",
           "",
           "r,m,t,s,a,part,reject_code,reject_reason\n"
           "1,7,2011-01-01,\xc0\xaf,2,,invalid_text,the row is not well-formed utf-8\n"
           "2,7,2011-01-01,\xed\xa0\x80,2,,invalid_text,the row is not well-formed utf-8\n"
           "3,7,2011-01-01,\xe2\x82,2,,invalid_text,the row is not well-formed utf-8\n");
    expect("half a character", gb18030, "r,m,t,s,a\n1,7,2011-01-01,\xb2,2\n", "",
           "r,m,t,s,a,part,reject_code,reject_reason\n"
           "1,7,2011-01-01,\xb2,2,,invalid_text,the row is not well-formed gb18030\n");
    expect("a byte that means nothing", windows, "r,m,t,s,a\n1,7,2011-01-01,\x81,2\n", "",
           "r,m,t,s,a,part,reject_code,reject_reason\n"
           "1,7,2011-01-01,\x81,2,,invalid_text,the row is not well-formed windows-1252\n");
}
