/* Members and what they are found by. */
#include "support.h"

#define NOON "2026-03-02T12:00:00Z"

static void identifiers_are_linked_to_one_member(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    expect_text(say(&t, "missing_field", "{'op':'member.add'}"), "error/field", "identifiers");
    say(&t, "invalid_field", "{'op':'member.add','identifiers':['1']}");
    say(&t, "invalid_field", "{'op':'member.add','identifiers':['card:']}");
    say(&t, "invalid_field", "{'op':'member.add','identifiers':['card:a b']}");
    say(&t, "invalid_field", "{'op':'member.add','identifiers':['phone:123456789']}");
    say(&t, "invalid_field", "{'op':'member.add','identifiers':['phone:+1234567']}");
    say(&t, "invalid_field", "{'op':'member.add','identifiers':['phone:+1234567890123456']}");
    const cJSON *one = say(&t, "ok", "{'op':'member.add','identifiers':['card:12345678',"
                                     "'phone:+44 (20) 7946-0958']}");
    expect_text(one, "identifiers/0", "card:\xe2\x80\xa6" "5678");
    expect_text(one, "identifiers/1", "phone:\xe2\x80\xa6" "0958");
    const char *id = at_path(one, "member")->valuestring;
    expect_text(say(&t, "ok", "{'op':'show','member':'phone:+442079460958'}"), "member", id);
    expect_text(say(&t, "ok", "{'op':'show','member':'+44 2079460958'}"), "member", id);
    expect_text(say(&t, "ok", "{'op':'show','member':'12345678'}"), "member", id);
    expect_text(say(&t, "ok", "{'op':'show','member':'%s'}", id), "member", id);
    int64_t size = log_size(&t);
    /* Without a ref the identifiers are the key. */
    const cJSON *again = say(&t, "ok", "{'op':'member.add','identifiers':['card:12345678']}");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(again, "duplicate")));
    expect_text(again, "member", id);
    say(&t, "identifier_taken", "{'op':'member.add','identifiers':['card:12345678','card:2']}");
    say(&t, "identifier_taken", "{'op':'member.add','identifiers':['card:2','card:12345678']}");
    say(&t, "identifier_taken", "{'op':'member.add','ref':'m','identifiers':['card:12345678']}");
    test_expect_integer("records", size, log_size(&t));
    say(&t, "ok", "{'op':'member.add','identifiers':['card:2']}");
    say(&t, "identifier_taken", "{'op':'member.link','member':'card:2','identifiers':['card:12345678']}");
    say(&t, "unknown_member", "{'op':'member.link','member':'card:3','identifiers':['card:4']}");
    say(&t, "unknown_member", "{'op':'member.unlink','member':'card:2','identifiers':['card:12345678']}");
    say(&t, "ok", "{'op':'member.link','member':'card:2','identifiers':['card:4']}");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(
        say(&t, "ok", "{'op':'member.link','member':'card:2','identifiers':['card:4']}"), "duplicate")));
    say(&t, "ok", "{'op':'member.unlink','member':'card:2','identifiers':['card:2'],'ref':'u'}");
    say(&t, "unknown_member", "{'op':'show','member':'card:2'}");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(
        say(&t, "ok", "{'op':'member.unlink','member':'card:2','identifiers':['card:2'],'ref':'u'}"),
        "duplicate")));
    /* Free again for another. */
    expect_text(say(&t, "ok", "{'op':'member.link','member':'card:12345678','identifiers':['card:2']}"),
                "member", id);
    expect_count(say(&t, "ok", "{'op':'member.show','member':'%s'}", id), "identifiers", 3);
    expect_count(say(&t, "ok", "{'op':'member.list'}"), "members", 2);
    expect_count(say(&t, "ok", "{'op':'member.list','limit':1}"), "members", 1);
    trial_end(&t);
}

/* One star for each pound, and phones as in this country; "" says nothing of phones. */
static const char *written_in(const char *country)
{
    static char document[512];
    snprintf(document, sizeof document,
             "{'loyalty':1,'id':'shop','timezone':'Europe/London','currency':'GBP',"
             "'points':{'star':{}},'members':{%s}}",
             country);
    return document;
}

/* However it is written, and whatever the programme says later: the member is who they were. */
static void phones_are_read_as_at_home(void)
{
    struct trial t;
    trial_begin(&t, written_in("'phone_country':'44'"), NOON);
    const cJSON *one = say(&t, "ok", "{'op':'member.add','identifiers':['phone:020 7946 0958']}");
    const char *id = at_path(one, "member")->valuestring;
    static const char *const ways[] = {"phone:+442079460958", "phone:00442079460958",
                                       "phone:2079460958", "phone:(020) 7946-0958",
                                       "020 7946 0958", "2079460958", "00442079460958"};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        expect_text(say(&t, "ok", "{'op':'show','member':'%s'}", ways[i]), "member", id);
    int64_t size = log_size(&t);
    say(&t, "ok", "{'op':'member.add','identifiers':['phone:+442079460958']}");
    test_expect_integer("the same phone", size, log_size(&t));
    say(&t, "ok", "{'op':'purchase','receipt':'1','amount':'1.00','member':'phone:020 7946 0958'}");
    say(&t, "ok", "{'op':'purchase','receipt':'1','amount':'1.00','member':'phone:+442079460958'}");
    test_expect_integer("the same member", size + 1, log_size(&t));
    const cJSON *new = say(&t, "ok", "{'op':'purchase','receipt':'2','amount':'1.00','enrol':true,"
                                     "'member':'phone:07700 900123'}");
    expect_text(say(&t, "ok", "{'op':'show','member':'phone:+447700900123'}"), "member",
                at_path(new, "member")->valuestring);
    say(&t, "invalid_field", "{'op':'show','member':'phone:12345'}");
    /* From now on what is written so is of another country, but nobody is forgotten. */
    char *german = quoted(written_in("'phone_country':'49'"));
    say(&t, "ok", "{'op':'programme.apply','now':'2026-03-03T12:00:00Z','from':"
                  "'2026-03-04T00:00:00Z','programme':%s}", german);
    expect_text(say(&t, "ok", "{'op':'show','now':'2026-03-03T23:59:59Z',"
                              "'member':'phone:020 7946 0958'}"), "member", id);
    say(&t, "unknown_member", "{'op':'show','now':'2026-03-04T00:00:00Z',"
                              "'member':'phone:020 7946 0958'}");
    expect_text(say(&t, "ok", "{'op':'show','now':'2026-03-05T12:00:00Z',"
                              "'member':'phone:+442079460958'}"), "member", id);
    say(&t, "ok", "{'op':'programme.apply','now':'2026-03-05T12:00:00Z','programme':%s}",
        quoted(written_in("")));
    expect_text(say(&t, "invalid_field", "{'op':'show','now':'2026-03-05T12:00:00Z',"
                                         "'member':'phone:020 7946 0958'}"),
                "error/field", "member");
    trial_end(&t);
}

static void phones_without_a_programme(void)
{
    struct trial t;
    trial_begin(&t, NULL, NOON);
    say(&t, "invalid_field", "{'op':'member.add','identifiers':['phone:02079460958']}");
    const cJSON *one = say(&t, "ok", "{'op':'member.add','identifiers':['phone:00442079460958']}");
    expect_text(say(&t, "ok", "{'op':'member.show','member':'phone:+442079460958'}"), "member",
                at_path(one, "member")->valuestring);
    trial_end(&t);
}

static void a_bare_number_must_name_one_member(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    say(&t, "ok", "{'op':'member.add','identifiers':['card:+442079460958']}");
    say(&t, "ok", "{'op':'member.add','identifiers':['phone:+442079460958']}");
    say(&t, "ambiguous_member", "{'op':'show','member':'+442079460958'}");
    say(&t, "ok", "{'op':'show','member':'card:+442079460958'}");
    say(&t, "unknown_member", "{'op':'show','member':'id:000000000000'}");
    say(&t, "unknown_member", "{'op':'show','member':'id:'}");
    trial_end(&t);
}

/* Linked, unlinked and linked again before anything is written. */
static void links_change_within_a_batch(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    say_all(&t, "ok", "{'op':'member.add','identifiers':['card:1']}", "ok",
            "{'op':'member.add','identifiers':['card:2']}", "ok",
            "{'op':'member.unlink','member':'card:1','identifiers':['card:1']}", "unknown_member",
            "{'op':'purchase','member':'card:1','receipt':'a','amount':'1'}", "ok",
            "{'op':'member.link','member':'card:2','identifiers':['card:1']}", "ok",
            "{'op':'purchase','member':'card:1','receipt':'a','amount':'1'}", NULL);
    expect_available(&t, "card:2", "star", 1);
    expect_count(say(&t, "ok", "{'op':'history','member':'card:2'}"), "records", 3);
    const cJSON *page = say(&t, "ok", "{'op':'history','member':'card:2','limit':1}");
    expect_count(page, "records", 1);
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(page, "more")));
    expect_text(page, "records/0/receipt", "a");
    expect_number(page, "records/0/points/star", 1);
    trial_end(&t);
}

const struct test_case member_cases[] = {
    {"identifiers are linked to one member", identifiers_are_linked_to_one_member},
    {"a bare number must name one member", a_bare_number_must_name_one_member},
    {"phones are read as at home", phones_are_read_as_at_home},
    {"phones without a programme", phones_without_a_programme},
    {"links change within a batch", links_change_within_a_batch},
    {NULL, NULL},
};
