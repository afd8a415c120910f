/* programme_phone: what people write, and what is kept. */
#include "fixture.h"

/* As E.164 under these members (NULL: no programme at all); NULL where it is no phone. */
static void phone(const char *members, const char *written, const char *expected)
{
    struct arena arena = {0};
    char document[512];
    const struct programme *programme = NULL;
    struct text e164 = {0};
    snprintf(document, sizeof document, DOCUMENT("UTC", "EUR", "\"points\":{\"p\":{}},%s"),
             members == NULL ? "" : members);
    if (members != NULL)
        programme = fixture_read(&arena, "UTC", document);
    bool is = programme_phone(programme, text_of(written), &arena, &e164);
    expect_string(written, expected == NULL ? "no phone" : expected,
                  is ? e164 : text_of("no phone"));
    arena_free(&arena);
}

#define BRITAIN "\"members\":{\"phone_country\":\"44\"}"
#define CHINA "\"members\":{\"phone_country\":\"86\"}"
#define ITALY "\"members\":{\"phone_country\":\"39\",\"phone_trunk\":\"\"}"
#define HUNGARY "\"members\":{\"phone_country\":\"36\",\"phone_trunk\":\"06\"}"
#define AMERICA "\"members\":{\"phone_country\":\"1\",\"phone_trunk\":\"1\"}"
#define NOWHERE "\"members\":{}"

static void from_abroad(void)
{
    static const char *const places[] = {NULL, NOWHERE, BRITAIN, ITALY};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        phone(places[i], "+442079460958", "+442079460958");
        phone(places[i], " (+44) 20-7946.0958 ", "+442079460958");
        phone(places[i], "00442079460958", "+442079460958");
        phone(places[i], "0 0 44 2079460958", "+442079460958");
        phone(places[i], "+12345678", "+12345678");
        phone(places[i], "+1234567", NULL);
        phone(places[i], "0012345678", "+12345678");
        phone(places[i], "001234567", NULL);
        phone(places[i], "+123456789012345", "+123456789012345");
        phone(places[i], "+1234567890123456", NULL);
        phone(places[i], "00123456789012345", "+123456789012345");
        phone(places[i], "001234567890123456", NULL);
        phone(places[i], "+02079460958", NULL);
        phone(places[i], "000442079460958", NULL);
        phone(places[i], "+00442079460958", NULL);
        phone(places[i], "++442079460958", NULL);
        phone(places[i], "44+2079460958", NULL);
        phone(places[i], "+44/2079460958", NULL);
        phone(places[i], "+44207946095x", NULL);
        phone(places[i],
              "+44\xc2\xa0"
              "2079460958",
              NULL);
        phone(places[i], "", NULL);
        phone(places[i], "+", NULL);
        phone(places[i], "00", NULL);
    }
}

static void without_a_country(void)
{
    phone(NULL, "02079460958", NULL);
    phone(NOWHERE, "02079460958", NULL);
    phone(NOWHERE, "13812345678", NULL);
}

static void at_home(void)
{
    phone(BRITAIN, "020 7946 0958", "+442079460958");
    phone(BRITAIN, "(020) 7946-0958", "+442079460958");
    phone(BRITAIN, "2079460958", "+442079460958");
    phone(BRITAIN, "07700 900123", "+447700900123");
    /* Mobiles of China have nothing in front; what is wired has a 0. */
    phone(CHINA, "138 1234 5678", "+8613812345678");
    phone(CHINA, "010 1234 5678", "+861012345678");
    /* What stands in front in Italy stays. */
    phone(ITALY, "06 1234 5678", "+390612345678");
    phone(ITALY, "333 123 4567", "+393331234567");
    phone(ITALY, "0039 06 1234 5678", "+390612345678");
    phone(HUNGARY, "06 20 123 4567", "+36201234567");
    phone(HUNGARY, "20 123 4567", "+36201234567");
    phone(AMERICA, "1 (212) 555-0100", "+12125550100");
    phone(AMERICA, "(212) 555-0100", "+12125550100");
}

/* Dropped once, and only where it stands whole. */
static void what_stands_in_front(void)
{
    phone(AMERICA, "112125550100", "+112125550100");
    phone(HUNGARY, "0 6201234567", "+36201234567");
    phone(HUNGARY, "0201234567", "+360201234567");
    phone(BRITAIN, "0", NULL);
}

static void edges_at_home(void)
{
    phone(BRITAIN, "012345", NULL);
    phone(BRITAIN, "0123456", "+44123456");
    phone(BRITAIN, "12345", NULL);
    phone(BRITAIN, "123456", "+44123456");
    phone(BRITAIN, "01234567890123", "+441234567890123");
    phone(BRITAIN, "012345678901234", NULL);
}

const struct test_case phone_cases[] = {
    {"from_abroad", from_abroad},
    {"without_a_country", without_a_country},
    {"at_home", at_home},
    {"what_stands_in_front", what_stands_in_front},
    {"edges_at_home", edges_at_home},
    {NULL, NULL},
};
