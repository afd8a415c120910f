/* Rows to requests, outcomes to rejects, and running it again. */
#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "suite.h"
#include "trial.h"

#define COLUMNS                                                                                    \
    "\"columns\":{\"receipt\":\"r\",\"member\":\"m\",\"time\":\"t\",\"sku\":\"s\","                \
    "\"quantity\":\"q\",\"price\":\"p\"}"
#define WITH(rest) "{\"encoding\":\"utf-8\"," COLUMNS rest "}"
#define HEADER "r,m,t,s,q,p\n"
#define REJECTS "r,m,t,s,q,p,part,reject_code,reject_reason\n"
static const char plain[] = WITH("");
static const char prefixed[] = WITH(",\"returns\":{\"receipt_prefix\":\"C\"}");

/* Phones are written as in China. */
static const char at_home[] =
    "{\"loyalty\":1,\"id\":\"shop\",\"timezone\":\"Europe/London\",\"currency\":\"GBP\","
    "\"points\":{\"point\":{}},\"members\":{\"phone_country\":\"86\"}}";

static void expect_under(const char *what, const char *programme, const char *mapping,
                         const char *csv, const char *log, const char *rejects)
{
    struct ledger *ledger = fake_ledger(programme);
    struct trial trial = {.mapping = mapping};
    expect_import(what, &trial, ledger, csv, log, rejects);
    trial_free(&trial);
    fake_ledger_free(ledger);
}

static void expect(const char *what, const char *mapping, const char *csv, const char *log,
                   const char *rejects)
{
    expect_under(what, NULL, mapping, csv, log, rejects);
}

/* --- rows and receipts ----------------------------------------------------------- */

static void test_receipts(void)
{
    expect("consecutive rows are a receipt", plain,
           HEADER "1,7,2011-01-01 10:00,A,6,2.55\n1,7,2011-01-01 10:01,B,2,0\n"
                  "2,8,2011-07-01 10:00,A,0.385,2.00\n",
           "purchase 1 card:7 2011-01-01T10:00:00Z 15.30 A*6=15.30 B*2=0.00\n"
           "purchase 2 card:8 2011-07-01T09:00:00Z 0.77 A*0.385=0.77\n",
           "");
    expect("the member in one row is the receipt's", plain,
           HEADER "1,,2011-01-01,A,1,1\n1,7,2011-01-01,B,1,1\n1,,2011-01-01,C,1,1\n",
           "purchase 1 card:7 2011-01-01T00:00:00Z 3.00 A*1=1.00 B*1=1.00 C*1=1.00\n", "");
    expect("two members", plain, HEADER "1,7,2011-01-01,A,1,1\n1,8,2011-01-01,B,1,1\n", "",
           REJECTS
           "1,7,2011-01-01,A,1,1,,invalid_field,row 2 of this receipt's 2: the rows of this "
           "receipt name different members\n"
           "1,8,2011-01-01,B,1,1,,invalid_field,the rows of this receipt name different "
           "members\n");
    expect("no number", plain, HEADER ",7,2011-01-01,A,1,1\n,7,2011-01-01,B,1,1\n,,x,,,\n", "",
           REJECTS ",7,2011-01-01,A,1,1,,missing_field,the receipt number is empty\n"
                   ",7,2011-01-01,B,1,1,,missing_field,the receipt number is empty\n");
    expect("tills get in between each other", plain,
           HEADER "1,7,2011-01-01,A,1,1\n2,7,2011-01-01,A,1,1\n1,7,2011-01-01,B,1,1\n",
           "purchase 1 card:7 2011-01-01T00:00:00Z 2.00 A*1=1.00 B*1=1.00\n"
           "purchase 2 card:7 2011-01-01T00:00:00Z 1.00 A*1=1.00\n",
           "");
    expect("totals only",
           "{\"encoding\":\"utf-8\",\"columns\":{\"receipt\":\"r\",\"member\":\"m\",\"time\":\"t\","
           "\"amount\":\"a\",\"till\":\"k\",\"store\":\"s\"}}",
           "a,r,s,k,t,m\n1.50,1,S,T,2011-01-01,7\n2,1,S,U,2011-01-01,7\n2,2,S,U/V,2011-01-01,7\n",
           "purchase 1@S/T card:7 2011-01-01T00:00:00Z 1.50\n"
           "purchase 1@S/U card:7 2011-01-01T00:00:00Z 2.00\n",
           "a,r,s,k,t,m,part,reject_code,reject_reason\n"
           "2,2,S,U/V,2011-01-01,7,,invalid_field,\"the till has a \"\"/\"\"\"\n");
}

/* So many receipts further on, a line comes too late: half of its receipt is
 * recorded, and it says so. */
static void test_scattered(void)
{
    struct buffer csv = {0};
    struct ledger *ledger = fake_ledger(NULL);
    struct trial trial = {.mapping = plain};
    buffer_string(&csv, HEADER "first,7,2011-01-01,A,1,1\n");
    for (int i = 1; i < 32; i++)
        buffer_format(&csv, "%d,7,2011-01-01,A,1,1\n", i);
    buffer_string(&csv, "first,7,2011-01-01,B,1,1\nlast,7,2011-01-01,A,1,1\n"
                        "first,7,2011-01-01,C,1,1\n");
    trial_run(&trial, ledger, buffer_view(&csv));
    CU_ASSERT_TRUE(trial.done);
    expect_equal("rejects",
                 REJECTS "first,7,2011-01-01,C,1,1,,key_reused,\"receipt appears again, with other "
                         "lines: sort the file by receipt\"\n",
                 &trial.rejects);
    test_expect_integer("receipts", 34, trial.summary.receipts);
    CU_ASSERT_PTR_NOT_NULL(strstr(buffer_terminate(&ledger->log), " 2.00 A*1=1.00 B*1=1.00\n"));
    buffer_free(&csv);
    trial_free(&trial);
    fake_ledger_free(ledger);
}

static void test_without_member(void)
{
    struct ledger *ledger = fake_ledger(NULL);
    struct trial trial = {.mapping = plain};
    expect_import("counted", &trial, ledger,
                  HEADER "1,,2011-01-01,A,1,1\n1,,2011-01-01,B,-1,x\n2,,never,A,1,1\n"
                         "3,7,2011-01-01,A,1,1\n,,,,,\n",
                  "purchase 3 card:7 2011-01-01T00:00:00Z 1.00 A*1=1.00\n", "");
    test_expect_integer("lines", 5, trial.summary.lines);
    test_expect_integer("receipts", 4, trial.summary.receipts);
    test_expect_integer("lines without member", 4, trial.summary.lines_without_member);
    test_expect_integer("receipts without member", 3, trial.summary.receipts_without_member);
    test_expect_integer("rejected", 0, trial.summary.rejected_lines);
    trial_free(&trial);
    fake_ledger_free(ledger);
}

static void test_members(void)
{
    static const char phones[] = WITH(",\"member_kind\":\"phone\"");
    static const char ids[] = WITH(",\"member_kind\":\"id\"");
    expect("phones", phones,
           HEADER "1,+86 138-0013-8000,2011-01-01,A,1,1\n2,138,2011-01-01,A,1,1\n"
                  "3,+1234567,2011-01-01,A,1,1\n4,+1234567890123456,2011-01-01,A,1,1\n",
           "purchase 1 phone:+8613800138000 2011-01-01T00:00:00Z 1.00 A*1=1.00\n",
           REJECTS
           "2,138,2011-01-01,A,1,1,,invalid_field,\"the member is not a phone in the international "
           "form: \"\"+\"\" and 8 to 15 digits\"\n"
           "3,+1234567,2011-01-01,A,1,1,,invalid_field,\"the member is not a phone in the "
           "international form: \"\"+\"\" and 8 to 15 digits\"\n"
           "4,+1234567890123456,2011-01-01,A,1,1,,invalid_field,\"the member is not a phone in the "
           "international form: \"\"+\"\" and 8 to 15 digits\"\n");
    expect_under("phones at home", at_home, phones,
                 HEADER "1,0138-0013,2011-01-01,A,1,1\n2,138,2011-01-01,A,1,1\n",
                 "purchase 1 phone:+861380013 2011-01-01T00:00:00Z 1.00 A*1=1.00\n",
                 REJECTS "2,138,2011-01-01,A,1,1,,invalid_field,the member is not a phone\n");
    expect("ids", ids, HEADER "1,0123456789AB,2011-01-01,A,1,1\n2,x,2011-01-01,A,1,1\n",
           "purchase 1 id:0123456789AB 2011-01-01T00:00:00Z 1.00 A*1=1.00\n",
           REJECTS "2,x,2011-01-01,A,1,1,,invalid_field,the member is not a member id\n");
    expect("cards", plain, HEADER "1,a b,2011-01-01,A,1,1\n", "",
           REJECTS
           "1,a b,2011-01-01,A,1,1,,invalid_field,the member is not a card: 1 to 64 printable "
           "ASCII characters without spaces\n");
}

/* --- numbers and times ----------------------------------------------------------- */

/* One line: what it comes to, or the code it is rejected with. */
static void expect_line(const char *quantity, const char *price, const char *outcome)
{
    char csv[256], expected[256];
    struct ledger *ledger = fake_ledger(NULL);
    struct trial trial = {.mapping = plain};
    snprintf(csv, sizeof csv, HEADER "1,7,2011-01-01,A,%s,%s\n", quantity, price);
    trial_run(&trial, ledger, text_of(csv));
    CU_ASSERT_TRUE(trial.done);
    buffer_terminate(&ledger->log);
    buffer_terminate(&trial.rejects);
    if (trial.summary.rejected_lines == 0) {
        snprintf(expected, sizeof expected, "%s\n", outcome);
        CU_ASSERT_PTR_NOT_NULL(strstr(ledger->log.bytes, expected));
    } else {
        snprintf(expected, sizeof expected, ",%s,", outcome);
        CU_ASSERT_PTR_NOT_NULL(strstr(trial.rejects.bytes, expected));
    }
    trial_free(&trial);
    fake_ledger_free(ledger);
}

static void test_numbers(void)
{
    expect_line("3", "0.335", "A*3=1.01"); /* 1.005: half up */
    expect_line("3", "0.333333", "A*3=1.00");
    expect_line("0.5", "0.01", "A*0.5=0.01");
    expect_line("0.499999", "0.01", "A*0.499999=0.00");
    expect_line("1000000", "90071992.54", "A*1000000=90071992540000.00");
    expect_line("10000000", "9007199.254740", "A*10000000=90071992547400.00");
    expect_line("10000000", "9007199.254750", "overflow");
    expect_line("9007199254", "9007199254", "overflow");
    expect_line("1", "12.3456789", "invalid_amount");
    expect_line("1e3", "1", "invalid_amount");
    expect_line("+1", "1", "invalid_amount");
    expect_line("-0", "1", "invalid_amount");
    expect_line("0", "1", "invalid_amount");
    expect_line("-1", "1", "invalid_amount"); /* not said to be a return */
    expect_line("1", "-1", "invalid_amount");
    expect_line("", "1", "missing_field");
    expect_line("1", "", "missing_field");
    expect_line("1", "12345678901234567890", "invalid_amount");
}

static void expect_time(const char *format, const char *time, const char *outcome)
{
    char csv[256], mapping[512];
    struct ledger *ledger = fake_ledger(NULL);
    struct trial trial = {.mapping = mapping};
    snprintf(mapping, sizeof mapping, WITH("%s%s%s"), format == NULL ? "" : ",\"time_format\":\"",
             format == NULL ? "" : format, format == NULL ? "" : "\"");
    snprintf(csv, sizeof csv, HEADER "1,7,%s,A,1,1\n", time);
    trial_run(&trial, ledger, text_of(csv));
    CU_ASSERT_TRUE(trial.done);
    buffer_terminate(&ledger->log);
    buffer_terminate(&trial.rejects);
    const char *where = trial.summary.rejected_lines == 0 ? ledger->log.bytes : trial.rejects.bytes;
    if (strstr(where, outcome) == NULL)
        printf("\n    %s: expected %s in %s\n", time, outcome, where);
    CU_ASSERT_PTR_NOT_NULL(strstr(where, outcome));
    trial_free(&trial);
    fake_ledger_free(ledger);
}

static void test_times(void)
{
    expect_time(NULL, "2011-07-01T10:00:00+08:00", " 2011-07-01T02:00:00Z ");
    expect_time(NULL, "2011-07-01 10:00", " 2011-07-01T09:00:00Z ");
    expect_time(NULL, "2011-02-29", "invalid_time");
    expect_time("%Y-%m-%d %H:%M:%S", "2010-12-01 08:26:00", " 2010-12-01T08:26:00Z ");
    expect_time("%m/%d/%Y %H:%M", "7/1/2011 8:26", " 2011-07-01T07:26:00Z ");
    expect_time("%Y%m%d", "20110701", " 2011-06-30T23:00:00Z ");
    expect_time("%d.%m.%Y 100%%", "1.7.2011 100%", " 2011-06-30T23:00:00Z ");
    expect_time("%Y-%m-%d %H:%M", "2011-03-27 01:30", "it does not exist"); /* clocks forward */
    expect_time("%Y-%m-%d %H:%M", "2011-10-30 01:30",
                " 2011-10-30T00:30:00Z "); /* twice: earlier */
    expect_time("%Y-%m-%d", "2011-02-30", "the date does not exist");
    expect_time("%Y-%m-%d %H", "2011-02-01 24", "the time of day does not exist");
    expect_time("%Y-%m-%d", "2011-02-01 ", " 2011-02-01T00:00:00Z "); /* the cell is trimmed */
    expect_time("%Y-%m-%d", "11-02-01", "does not read as");
    expect_time("%Y-%m-%d", "2011-02-011", "does not read as");
    expect_time("%Y-%m-%d", "", "missing_field");
    expect("a later row's time must be one, too", plain,
           HEADER "1,7,2011-01-01,A,1,1\n1,7,yesterday,A,1,1\n", "",
           REJECTS
           "1,7,2011-01-01,A,1,1,,invalid_time,row 2 of this receipt's 2: this is not a date and "
           "time\n"
           "1,7,yesterday,A,1,1,,invalid_time,this is not a date and time\n");
}

/* --- returns --------------------------------------------------------------------- */

static void test_returns(void)
{
    expect("by prefix; magnitudes", prefixed,
           HEADER "1,7,2011-01-01,A,6,2.55\nC2,7,2011-01-02,A,-2,2.55\nC3,7,2011-01-03,A,1,2.55\n",
           "purchase 1 card:7 2011-01-01T00:00:00Z 15.30 A*6=15.30\n"
           "return C2 card:7 2011-01-02T00:00:00Z A*2=5.10\n"
           "return C3 card:7 2011-01-03T00:00:00Z A*1=2.55\n",
           "");
    expect("by sign", WITH(",\"returns\":{\"negative_quantity\":true}"),
           HEADER "1,7,2011-01-01,A,6,2.55\n2,7,2011-01-02,A,-2,2.55\n"
                  "3,7,2011-01-02,A,-2,2.55\n3,7,2011-01-02,A,1,2.55\n",
           "purchase 1 card:7 2011-01-01T00:00:00Z 15.30 A*6=15.30\n"
           "return 2 card:7 2011-01-02T00:00:00Z A*2=5.10\n",
           REJECTS
           "3,7,2011-01-02,A,-2,2.55,,invalid_amount,row 2 of this receipt's 2: the receipt "
           "has lines of both signs: what was sold and what was returned need a receipt "
           "each\n"
           "3,7,2011-01-02,A,1,2.55,,invalid_amount,the receipt has lines of both signs: "
           "what was sold and what was returned need a receipt each\n");
    expect(
        "by a column", WITH(",\"returns\":{\"column\":\"k\",\"value\":\"refund\"}"),
        "r,m,t,s,q,p,k\n1,7,2011-01-01,A,6,2.55,sale\n2,7,2011-01-02,A,2,2.55,refund\n"
        "3,7,2011-01-02,A,1,2.55,refund\n3,7,2011-01-02,A,1,2.55,sale\n",
        "purchase 1 card:7 2011-01-01T00:00:00Z 15.30 A*6=15.30\n"
        "return 2 card:7 2011-01-02T00:00:00Z A*2=5.10\n",
        "r,m,t,s,q,p,k,part,reject_code,reject_reason\n"
        "3,7,2011-01-02,A,1,2.55,refund,,invalid_field,\"row 2 of this receipt's 2: some rows of "
        "this receipt are marked as a return, others are not\"\n"
        "3,7,2011-01-02,A,1,2.55,sale,,invalid_field,\"some rows of this receipt are marked as a "
        "return, others are not\"\n");
}

static const char sold_and_returned[] =
    HEADER "1,7,2011-01-01,A,2,2.55\n1,7,2011-01-01,B,1,1\n2,7,2011-01-02,A,3,2.55\n"
           "C3,7,2011-01-03,A,-7,2.55\nC3,7,2011-01-03,B,-1,1\nC3,7,2011-01-03,Z,-1,9.99\n"
           "C4,7,2011-01-03,Y,-1,1\n";
static const char left_over[] = REJECTS
    "C3,7,2011-01-03,A,-2,2.55,2,no_match,no earlier purchase of this member has this item at "
    "this price\n"
    "C3,7,2011-01-03,Z,-1,9.99,2,no_match,no earlier purchase of this member has this item at "
    "this price\n"
    "C4,7,2011-01-03,Y,-1,1,,no_match,no earlier purchase of this member has this item at this "
    "price\n";

/* What found no purchase goes to the rejects; mended, it is another part of the
 * same return. */
static void test_mending(void)
{
    struct ledger *ledger = fake_ledger(NULL);
    struct trial trial = {.mapping = prefixed};
    expect_import("first", &trial, ledger, sold_and_returned,
                  "purchase 1 card:7 2011-01-01T00:00:00Z 6.10 A*2=5.10 B*1=1.00\n"
                  "purchase 2 card:7 2011-01-02T00:00:00Z 7.65 A*3=7.65\n"
                  "return C3 card:7 2011-01-03T00:00:00Z A*7=17.85 B*1=1.00 Z*1=9.99\n",
                  left_over);
    test_expect_integer("matched", 1, trial.summary.return_lines_matched);
    test_expect_integer("unmatched", 3, trial.summary.return_lines_unmatched);
    test_expect_integer("rejected", 3, trial.summary.rejected_by[ERROR_NO_MATCH]);
    test_expect_integer("records", 4, trial.summary.records);
    test_expect_integer("issued", 13, trial.summary.points[0].issued);
    test_expect_integer("taken back", 28, trial.summary.points[0].taken_back);

    expect_import("the same file again", &trial, ledger, sold_and_returned, "", left_over);
    test_expect_integer("records", 0, trial.summary.records);
    test_expect_integer("purchases known", 2, trial.summary.purchases_known);
    test_expect_integer("returns known", 1, trial.summary.returns_known);
    test_expect_integer("issued", 0, trial.summary.points[0].issued);

    expect_import("the rejects as they are", &trial, ledger, left_over, "", left_over);
    expect_import("mended", &trial, ledger,
                  REJECTS "9,7,2010-12-01,Z,1,9.99,,,\n9,7,2010-12-01,A,1,2.55,,,\n"
                          "C3,7,2011-01-03,A,-2,2.55,2,no_match,x\nC3,7,2011-01-03,Z,-1,9.99,2,,\n",
                  "purchase 9 card:7 2010-12-01T00:00:00Z 12.54 Z*1=9.99 A*1=2.55\n"
                  "return C3/2 card:7 2011-01-03T00:00:00Z A*2=5.10 Z*1=9.99\n",
                  REJECTS
                  "C3,7,2011-01-03,A,-1,2.55,3,no_match,no earlier purchase of this member has "
                  "this item at this price\n");
    trial_free(&trial);
    fake_ledger_free(ledger);
}

static void test_deduct(void)
{
    struct ledger *ledger = fake_ledger(NULL);
    struct trial trial = {.mapping = prefixed, .unmatched = "deduct"};
    expect_import("deducted", &trial, ledger, HEADER "C4,7,2011-01-03,Y,-1,1\n",
                  "return C4 card:7 2011-01-03T00:00:00Z Y*1=1.00\n", "");
    test_expect_integer("deducted", 1, trial.summary.return_lines_deducted);
    trial_free(&trial);
    fake_ledger_free(ledger);
}

/* Amounts instead of prices: the row's amount is shared out. */
static void test_mending_amounts(void)
{
    expect("share of the amount",
           "{\"encoding\":\"utf-8\",\"delimiter\":\";\",\"decimal\":\",\",\"columns\":{\"receipt\":"
           "\"r\","
           "\"member\":\"m\",\"time\":\"t\",\"sku\":\"s\",\"quantity\":\"q\",\"amount\":\"a\"},"
           "\"returns\":{\"negative_quantity\":true}}",
           "r;m;t;s;q;a\n1;7;2011-01-01;A;1,5;3,00\n2;7;2011-01-02;A;-2;-4,00\n",
           "purchase 1 card:7 2011-01-01T00:00:00Z 3.00 A*1.5=3.00\n"
           "return 2 card:7 2011-01-02T00:00:00Z A*2=4.00\n",
           "r;m;t;s;q;a;part;reject_code;reject_reason\n"
           "2;7;2011-01-02;A;-0,5;-1,00;2;no_match;no earlier purchase of this member has this "
           "item at "
           "this price\n");
}

/* A retailer's own column "part" is not ours, and without a header the mapping
 * says where the part will be. */
static void test_parts(void)
{
    struct ledger *dealer = fake_ledger(NULL);
    struct trial own = {
        .mapping = "{\"encoding\":\"utf-8\",\"columns\":{\"receipt\":\"r\",\"member\":\"m\","
                   "\"time\":\"t\",\"sku\":\"part\",\"amount\":\"a\"},"
                   "\"returns\":{\"receipt_prefix\":\"C\"}}"};
    static const char own_rejects[] =
        "r,m,t,part,a,part,reject_code,reject_reason\n"
        "C1,7,2011-01-02,X-9,2,2,no_match,no earlier purchase of this member has this item at this "
        "price\n";
    expect_import("own column", &own, dealer,
                  "r,m,t,part,a\n1,7,2011-01-01,X-1,2\n1,7,2011-01-01,X-2,2\n"
                  "C1,7,2011-01-02,X-1,2\nC1,7,2011-01-02,X-9,2\n",
                  "purchase 1 card:7 2011-01-01T00:00:00Z 4.00 X-1*0=2.00 X-2*0=2.00\n"
                  "return C1 card:7 2011-01-02T00:00:00Z X-1*1=2.00 X-9*1=2.00\n",
                  own_rejects);
    expect_import("its rejects", &own, dealer, own_rejects, "", own_rejects);
    trial_free(&own);
    fake_ledger_free(dealer);
    static const char numbered[] =
        "{\"encoding\":\"utf-8\",\"header\":false,\"columns\":{\"receipt\":1,\"member\":2,\"time\":"
        "3,"
        "\"sku\":4,\"quantity\":5,\"price\":6,\"part\":7},\"returns\":{\"receipt_prefix\":\"C\"}}";
    struct ledger *ledger = fake_ledger(NULL);
    struct trial trial = {.mapping = numbered};
    static const char rejects[] =
        "C2,7,2011-01-02,A,-1,2,2,no_match,no earlier purchase of this member "
        "has this item at this price\n";
    expect_import("no header", &trial, ledger, "1,7,2011-01-01,A,1,2\nC2,7,2011-01-02,A,-2,2\n",
                  "purchase 1 card:7 2011-01-01T00:00:00Z 2.00 A*1=2.00\n"
                  "return C2 card:7 2011-01-02T00:00:00Z A*2=4.00\n",
                  rejects);
    expect_import("its rejects", &trial, ledger, rejects, "", rejects);
    expect_import(
        "a part that is none", &trial, ledger, "C2,7,2011-01-02,A,-1,2,one,,\n", "",
        "C2,7,2011-01-02,A,-1,2,one,invalid_field,the part is not a number from 2 to 9999\n");
    trial_free(&trial);
    fake_ledger_free(ledger);
}

/* --- length, batches, stopping --------------------------------------------------- */

static void many_receipts(struct buffer *csv, int count, const char *description)
{
    buffer_string(csv, "r,m,t,s,q,p,d\n");
    for (int i = 0; i < count; i++)
        buffer_format(csv, "%d,%d,2011-01-01,A,1,1,%s\n", i, i % 7, description);
}

static void test_batches(void)
{
    struct buffer csv = {0};
    struct ledger *ledger = fake_ledger(NULL);
    struct trial trial = {.mapping = plain};
    char description[30001];
    memset(description, 'x', sizeof description - 1);
    description[sizeof description - 1] = '\0';
    many_receipts(&csv, 1000, description);
    trial_run(&trial, ledger, buffer_view(&csv));
    CU_ASSERT_TRUE(trial.done);
    test_expect_integer("purchases", 1000, trial.summary.purchases);
    CU_ASSERT_TRUE(ledger->commits >= 30 / 4); /* 30 MB in batches of 4 */
    test_expect_integer("closings", 1, ledger->closings);
    buffer_free(&csv);
    trial_free(&trial);
    fake_ledger_free(ledger);
}

/* The third commit fails; then all is well again. */
static void test_failing(void)
{
    struct buffer csv = {0}, whole = {0};
    struct ledger *once = fake_ledger(NULL), *twice = fake_ledger(NULL);
    struct trial trial = {.mapping = plain};
    char description[30001];
    memset(description, 'x', sizeof description - 1);
    description[sizeof description - 1] = '\0';
    many_receipts(&csv, 1000, description);
    trial_run(&trial, once, buffer_view(&csv));
    twice->commits_left = 2;
    trial_run(&trial, twice, buffer_view(&csv));
    CU_ASSERT_FALSE(trial.done);
    CU_ASSERT_EQUAL(trial.error.code, ERROR_DISK_FULL);
    CU_ASSERT_EQUAL(twice->closings, 0);
    CU_ASSERT_TRUE(trial.summary.purchases > 0 && trial.summary.purchases < 1000);
    twice->commits_left = -1;
    trial.stop_after = 200;
    trial_run(&trial, twice, buffer_view(&csv));
    CU_ASSERT_FALSE(trial.done);
    CU_ASSERT_EQUAL(trial.error.code, ERROR_INTERRUPTED);
    trial.stop_after = 0;
    trial_run(&trial, twice, buffer_view(&csv));
    CU_ASSERT_TRUE(trial.done);
    expect_equal("the same as in one go", buffer_terminate(&once->log), &twice->log);
    buffer_free(&csv);
    buffer_free(&whole);
    trial_free(&trial);
    fake_ledger_free(once);
    fake_ledger_free(twice);
}

/* A ledger that takes nothing ends the import; a refusal of receipts does not. */
static void test_unwelcome(void)
{
    static const char csv[] = HEADER "1,7,2011-01-01,A,1,1\n2,7,2011-01-01,A,1,1\n";
    struct ledger *ledger = fake_ledger(NULL);
    struct trial trial = {.mapping = plain};
    ledger->refuses = ERROR_HISTORY_CLOSED;
    trial_run(&trial, ledger, text_of(csv));
    CU_ASSERT_FALSE(trial.done);
    CU_ASSERT_EQUAL(trial.error.code, ERROR_HISTORY_CLOSED);
    CU_ASSERT_EQUAL(trial.rejects.length, 0);
    ledger->refuses = ERROR_TOO_LATE;
    expect_import("too late", &trial, ledger, csv, "",
                  REJECTS "1,7,2011-01-01,A,1,1,,too_late,not now\n"
                          "2,7,2011-01-01,A,1,1,,too_late,not now\n");
    trial_free(&trial);
    fake_ledger_free(ledger);
}

/* A receipt beyond all measure is rejected row by row; its neighbours are not. */
static void test_endless_receipt(void)
{
    enum { ROWS = 150000 };
    struct buffer csv = {0};
    struct ledger *ledger = fake_ledger(NULL);
    struct trial trial = {.mapping = plain};
    buffer_string(&csv, HEADER "1,7,2011-01-01,A,1,1\n");
    for (int i = 0; i < ROWS; i++)
        buffer_string(&csv, i == 100 ? "5,7,2011-01-01,A,1,1\n" : "2,7,2011-01-01,A,1,1\n");
    for (int i = 0; i < ROWS; i++)
        buffer_string(&csv, "3,,2011-01-01,A,1,1\n");
    buffer_string(&csv, "4,7,2011-01-01,A,1,1\n");
    trial_run(&trial, ledger, buffer_view(&csv));
    CU_ASSERT_TRUE(trial.done);
    expect_equal("neighbours",
                 "purchase 1 card:7 2011-01-01T00:00:00Z 1.00 A*1=1.00\n"
                 "purchase 5 card:7 2011-01-01T00:00:00Z 1.00 A*1=1.00\n"
                 "purchase 4 card:7 2011-01-01T00:00:00Z 1.00 A*1=1.00\n",
                 &ledger->log);
    test_expect_integer("receipts", 5, trial.summary.receipts);
    test_expect_integer("rejected", ROWS - 1, trial.summary.rejected_by[ERROR_LIMIT]);
    test_expect_integer("rejected receipts", 1, trial.summary.rejected_receipts);
    test_expect_integer("without member", ROWS, trial.summary.lines_without_member);
    test_expect_integer("receipts without member", 1, trial.summary.receipts_without_member);
    buffer_free(&csv);
    trial_free(&trial);
    fake_ledger_free(ledger);
}

static void test_long_return(void)
{
    struct buffer csv = {0};
    struct ledger *ledger = fake_ledger(NULL);
    struct trial trial = {.mapping = prefixed, .unmatched = "deduct"};
    buffer_string(&csv, HEADER);
    for (int i = 0; i <= LIMIT_RETURN_LINES; i++)
        buffer_string(&csv, "C2,7,2011-01-01,A,-1,1\n");
    trial_run(&trial, ledger, buffer_view(&csv));
    test_expect_integer("rejected", LIMIT_RETURN_LINES + 1, trial.summary.rejected_by[ERROR_LIMIT]);
    CU_ASSERT_EQUAL(ledger->count, 0);
    buffer_free(&csv);
    trial_free(&trial);
    fake_ledger_free(ledger);
}

/* --- the answer ------------------------------------------------------------------ */

static void test_answer(void)
{
    struct ledger *ledger = fake_ledger(NULL);
    struct trial trial = {.mapping = prefixed};
    trial_run(&trial, ledger, text_of(sold_and_returned));
    cJSON *answer = import_answer(&trial.summary);
    char *text = cJSON_PrintUnformatted(answer);
    static const char expected[] =
        "{\"op\":\"import\",\"lines\":7,\"receipts\":4,"
        "\"without_member\":{\"receipts\":0,\"lines\":0},\"members_enrolled\":1,"
        "\"purchases\":{\"new\":2,\"known\":0},"
        "\"returns\":{\"new\":1,\"known\":0,\"held_before\":0,\"lines_matched\":1,\"lines_"
        "unmatched\":3,"
        "\"lines_deducted\":0},\"lines_earning_nothing\":0,"
        "\"points\":{\"point\":{\"issued\":13,\"taken_back\":28}},"
        "\"rejected\":{\"receipts\":2,\"lines\":3,\"lines_by_code\":{\"no_match\":3}},\"records\":"
        "4}";
    test_expect_text("answer", expected, strlen(expected), text, strlen(text));
    cJSON_free(text);
    cJSON_Delete(answer);
    trial_free(&trial);
    fake_ledger_free(ledger);
}

static void test_request(void)
{
    struct ledger *ledger = fake_ledger(NULL);
    struct import_summary summary;
    struct import_io io = {0};
    struct error error;
    static const struct {
        const char *request;
        enum error_code code;
    } cases[] = {{"[]", ERROR_INVALID_FIELD},
                 {"{\"maping\":{}}", ERROR_UNKNOWN_FIELD},
                 {"{}", ERROR_MISSING_FIELD},
                 {"{\"mapping\":{},\"history\":1}", ERROR_INVALID_FIELD},
                 {"{\"mapping\":{},\"unmatched\":\"skip\"}", ERROR_INVALID_FIELD},
                 {"{\"mapping\":1}", ERROR_INVALID_FIELD}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CU_ASSERT_FALSE(import_run(ledger, text_of(cases[i].request), &io, &summary, &error));
        test_expect_integer(cases[i].request, cases[i].code, error.code);
    }
    fake_ledger_free(ledger);
}

static const struct test_case mapping_cases[] = {{"mapping faults", test_mapping_faults},
                                                 {"mapping columns", test_mapping_columns},
                                                 {"what earns nothing", test_mapping_earns_nothing},
                                                 {"receipt scope", test_mapping_scope},
                                                 {"request", test_request},
                                                 {0}};
static const struct test_case row_cases[] = {{"pieces", test_rows_pieces},
                                             {"line ends", test_rows_line_ends},
                                             {"byte-order mark", test_rows_byte_order_mark},
                                             {"quotes", test_rows_quotes},
                                             {"number of cells", test_rows_cells},
                                             {"unclosed quotes", test_rows_unclosed},
                                             {"encodings", test_rows_encodings},
                                             {"broken encodings", test_rows_broken_encodings},
                                             {0}};
static const struct test_case import_cases[] = {{"receipts", test_receipts},
                                                {"scattered", test_scattered},
                                                {"without member", test_without_member},
                                                {"members", test_members},
                                                {"numbers", test_numbers},
                                                {"times", test_times},
                                                {"returns", test_returns},
                                                {"mending", test_mending},
                                                {"mending amounts", test_mending_amounts},
                                                {"deducting", test_deduct},
                                                {"parts", test_parts},
                                                {"batches", test_batches},
                                                {"failing and stopping", test_failing},
                                                {"unwelcome", test_unwelcome},
                                                {"endless receipt", test_endless_receipt},
                                                {"long return", test_long_return},
                                                {"answer", test_answer},
                                                {0}};
const struct test_suite test_suites[] = {
    {"mapping", mapping_cases}, {"rows", row_cases}, {"import", import_cases}, {0}};
