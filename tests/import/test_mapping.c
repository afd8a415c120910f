/* The mapping document: every fault has its path, and says what would be right. */
#include <string.h>

#include "cases.h"
#include "suite.h"
#include "trial.h"

static const char header[] = "receipt,member,time,sku,quantity,price\n";

/* The import must refuse, naming the field and saying this in message or hint. */
static void expect_refusal(const char *mapping, enum error_code code, const char *field,
                           const char *says)
{
    struct ledger *ledger = fake_ledger(NULL);
    struct trial trial = {.mapping = mapping};
    trial_run(&trial, ledger, text_of(header));
    CU_ASSERT_FALSE(trial.done);
    test_expect_text("code", error_name(code), strlen(error_name(code)),
                     error_name(trial.error.code), strlen(error_name(trial.error.code)));
    test_expect_text("field", field, strlen(field), trial.error.field, strlen(trial.error.field));
    bool said = strstr(trial.error.message, says) != NULL || strstr(trial.error.hint, says) != NULL;
    if (!said)
        test_expect_text("message", says, strlen(says), trial.error.message,
                         strlen(trial.error.message));
    CU_ASSERT_TRUE(said);
    trial_free(&trial);
    fake_ledger_free(ledger);
}

#define COLUMNS                                                                                    \
    "\"columns\":{\"receipt\":\"receipt\",\"member\":\"member\",\"time\":\"time\","                \
    "\"sku\":\"sku\",\"quantity\":\"quantity\",\"price\":\"price\"}"
#define WITH(rest) "{\"encoding\":\"utf-8\"," COLUMNS "," rest "}"

void test_mapping_faults(void)
{
    expect_refusal("[]", ERROR_INVALID_FIELD, "/mapping", "an object");
    expect_refusal("{" COLUMNS "}", ERROR_INVALID_FIELD, "/mapping", "\"encoding\"");
    expect_refusal("{\"encoding\":\"utf8\"," COLUMNS "}", ERROR_INVALID_FIELD, "/mapping/encoding",
                   "\"utf-8\"");
    expect_refusal("{\"encoding\":\"gbk\",\"delimiter\":\"|\"," COLUMNS "}", ERROR_INVALID_FIELD,
                   "/mapping", "half a character");
    expect_refusal(WITH("\"delimeter\":\",\""), ERROR_INVALID_FIELD, "/mapping/delimeter",
                   "\"delimiter\"");
    expect_refusal(WITH("\"time_format\":\"%Y-%m\""), ERROR_INVALID_FIELD, "/mapping/time_format",
                   "%d");
    expect_refusal(WITH("\"time_format\":\"%Y-%m-%d %p\""), ERROR_INVALID_FIELD,
                   "/mapping/time_format", "directive");
    expect_refusal(WITH("\"returns\":{}"), ERROR_INVALID_FIELD, "/mapping/returns",
                   "receipt_prefix");
    expect_refusal(WITH("\"returns\":{\"column\":\"sku\"}"), ERROR_INVALID_FIELD,
                   "/mapping/returns", "value");
    expect_refusal(WITH("\"returns\":{\"receipt_prefix\":\"C\",\"negative_quantity\":true}"),
                   ERROR_INVALID_FIELD, "/mapping/returns", "one of");
    expect_refusal(
        "{\"encoding\":\"utf-8\",\"columns\":{\"receipt\":\"receipt\",\"member\":\"member\","
        "\"time\":\"time\",\"amount\":\"price\"},\"returns\":{\"receipt_prefix\":\"C\"}}",
        ERROR_INVALID_FIELD, "/mapping", "\"sku\"");
    expect_refusal(WITH("\"member_kind\":\"name\""), ERROR_INVALID_FIELD, "/mapping/member_kind",
                   "\"card\"");
}

void test_mapping_columns(void)
{
    expect_refusal("{\"encoding\":\"utf-8\",\"columns\":{\"receipt\":\"receipt\"}}",
                   ERROR_INVALID_FIELD, "/mapping/columns", "\"member\"");
    expect_refusal("{\"encoding\":\"utf-8\",\"columns\":{\"receipt\":\"receipt\","
                   "\"member\":\"member\",\"time\":\"time\"}}",
                   ERROR_INVALID_FIELD, "/mapping/columns", "\"amount\"");
    expect_refusal("{\"encoding\":\"utf-8\",\"columns\":{\"receipt\":\"receipt\","
                   "\"member\":null,\"time\":\"time\",\"amount\":\"price\"}}",
                   ERROR_INVALID_FIELD, "/mapping/columns", "\"member\"");
    expect_refusal("{\"encoding\":\"utf-8\",\"columns\":{\"receipt\":\"receipt\","
                   "\"member\":\"membr\",\"time\":\"time\",\"amount\":\"price\"}}",
                   ERROR_MISSING_FIELD, "member", "the nearest is \"member\"");
    expect_refusal("{\"encoding\":\"utf-8\",\"columns\":{\"receipt\":1,\"member\":\"member\","
                   "\"time\":\"time\",\"amount\":\"price\"}}",
                   ERROR_INVALID_FIELD, "/mapping/columns/receipt", "a string");
    expect_refusal("{\"encoding\":\"utf-8\",\"header\":false,\"columns\":{\"receipt\":1,"
                   "\"member\":2,\"time\":3,\"amount\":\"price\"}}",
                   ERROR_INVALID_FIELD, "/mapping/columns/amount", "number");
    expect_refusal("{\"encoding\":\"utf-8\",\"header\":false,\"columns\":{\"receipt\":1,"
                   "\"member\":2,\"time\":3,\"amount\":7}}",
                   ERROR_MISSING_FIELD, "amount", "first row has 6");
    expect_refusal("{\"encoding\":\"utf-8\",\"delimiter\":\";\"," COLUMNS "}", ERROR_MISSING_FIELD,
                   "receipt", "delimiter");
}

/* What earns nothing is decided in one place, the programme. */
void test_mapping_earns_nothing(void)
{
    expect_refusal(WITH("\"earns_nothing\":[\"POST\",\"M\"]"), ERROR_INVALID_FIELD,
                   "/mapping/earns_nothing", "base.excluding.sku");
    struct ledger *ledger = fake_ledger(NULL);
    struct trial trial = {.mapping = WITH("\"earns_nothing\":[\"POST\",\"D\"]")};
    expect_import("excluded", &trial, ledger,
                  "receipt,member,time,sku,quantity,price\n"
                  "1,7,2011-01-01,A,1,2\n1,7,2011-01-01,POST,1,3\n2,,2011-01-01,POST,1,3\n",
                  "purchase 1 card:7 2011-01-01T00:00:00Z 5.00 A*1=2.00 POST*1=3.00\n", "");
    test_expect_integer("lines", 1, trial.summary.lines_earning_nothing);
    trial_free(&trial);
    fake_ledger_free(ledger);
}

void test_mapping_scope(void)
{
    static const char by_store[] =
        "{\"loyalty\":1,\"id\":\"shop\",\"timezone\":\"Europe/London\",\"currency\":\"GBP\","
        "\"receipts\":{\"unique_by\":[\"store\",\"date\"]},\"points\":{\"point\":{}},"
        "\"earn\":[{\"id\":\"base\",\"per\":\"1.00\",\"gives\":{\"point\":1}}]}";
    struct ledger *ledger = fake_ledger(by_store);
    struct trial trial = {.mapping = WITH("\"returns\":{\"receipt_prefix\":\"C\"}")};
    trial_run(&trial, ledger, text_of(header));
    CU_ASSERT_FALSE(trial.done);
    CU_ASSERT_EQUAL(trial.error.code, ERROR_MISSING_FIELD);
    trial.mapping =
        "{\"encoding\":\"utf-8\",\"columns\":{\"receipt\":\"receipt\",\"member\":\"member\","
        "\"time\":\"time\",\"amount\":\"price\",\"store\":\"sku\",\"sku\":\"quantity\"},"
        "\"returns\":{\"receipt_prefix\":\"C\"}}";
    expect_import("by store", &trial, ledger,
                  "receipt,member,time,sku,quantity,price\n"
                  "1,7,2011-01-01,S1,A,2\n1,7,2011-01-01,S2,A,2\nC1,7,2011-01-02,S2,A,2\n",
                  "purchase 1@S1 card:7 2011-01-01T00:00:00Z 2.00 A*0=2.00\n"
                  "purchase 1@S2 card:7 2011-01-01T00:00:00Z 2.00 A*0=2.00\n"
                  "return S2/2011-01-02/C1@S2 card:7 2011-01-02T00:00:00Z A*1=2.00\n",
                  "");
    trial_free(&trial);
    fake_ledger_free(ledger);
}
