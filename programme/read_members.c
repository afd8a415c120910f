/* "members", "claims", "voids" and "retention": who a card or phone at the till is, what of a
 * sale can be put right later, and how long it is known. */
#include "read.h"

#include <assert.h>

#include "json.h"

/* --- members: cards and phones ----------------------------------------------- */

static bool is_digits(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.bytes[i] < '0' || text.bytes[i] > '9')
            return false;
    return true;
}

/* No country code of E.164 is longer, nor is what is dialled before a number at home. */
enum { PHONE_PREFIX = 3 };

static void read_phone_country(struct walk *walk, const struct place *place, void *field,
                               const void *detail)
{
    (void)detail;
    struct text code;
    if (!walk_string(walk, place, LIMIT_NAME, &code))
        return;
    struct text wrong = shown(walk, code);
    if (code.length <= PHONE_PREFIX && is_digits(code) && code.bytes[0] != '0')
        *(struct text *)field = code;
    else
        fault(walk, place,
              _("%.*s is not a country code: write 1 to %d digits without \"+\", not \"0\" first, "
                "like \"44\""),
              TEXT(wrong), PHONE_PREFIX);
}

/* Unlike any other string of the document it may be empty: a country without such a thing. */
static void read_phone_trunk(struct walk *walk, const struct place *place, void *field,
                             const void *detail)
{
    (void)detail;
    if (!cJSON_IsString(place->value)) {
        fault_type(walk, place, _("a string"));
        return;
    }
    struct text trunk = text_of(place->value->valuestring);
    struct text wrong = shown(walk, trunk);
    if (trunk.length <= PHONE_PREFIX && is_digits(trunk))
        *(struct text *)field = text_copy(walk->arena, trunk);
    else
        fault(walk, place,
              _("%.*s is not what stands before a phone at home: write up to %d digits, like "
                "\"0\", or \"\""),
              TEXT(wrong), PHONE_PREFIX);
}

static const char *const unknown_names[] = {"refuse", "enrol", "hold"};
static_assert(sizeof unknown_names / sizeof unknown_names[0] == UNKNOWN_HOLD + 1,
              "a name per policy");
static const struct choice unknowns = CHOICE(unknown_names);
static const struct member members_members[] = {
    {"unknown", OPTIONAL, offsetof(struct programme, members.unknown), read_choice, &unknowns},
    {"phone_country", OPTIONAL, offsetof(struct programme, members.phone_country),
     read_phone_country, NULL},
    {"phone_trunk", OPTIONAL, offsetof(struct programme, members.phone_trunk), read_phone_trunk,
     NULL},
};
static const struct shape members_shape = SHAPE(members_members);

void read_members(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    if (!walk_object(walk, place, &members_shape, field))
        return;
    struct place trunk = inside(place, "phone_trunk");
    if (trunk.value != NULL && member_of(place->value, "phone_country") == NULL)
        fault_name(walk, &trunk, _("goes only with \"phone_country\": add it, or leave this out"));
}

/* --- claims ------------------------------------------------------------------ */

static const struct range claims_range = {1, LIMIT_CLAIMS};
static const char *const code_names[] = {"optional", "required"};
static const struct choice code_choice = CHOICE(code_names);
static const struct member claims_members[] = {
    {"within", OPTIONAL, offsetof(struct programme, claims.within), read_span, NULL},
    {"per_month", OPTIONAL, offsetof(struct programme, claims.per_month), read_whole,
     &claims_range},
    {"code", OPTIONAL, offsetof(struct programme, claims.code_required), read_flag, &code_choice},
};
static const struct shape claims_shape = SHAPE(claims_members);

/* Only a programme that speaks of claims has them. */
void read_claims(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    struct programme *programme = field;
    programme->claims.allowed = true;
    walk_object(walk, place, &claims_shape, programme);
}

/* --- voids ------------------------------------------------------------------- */

static void read_voids_within(struct walk *walk, const struct place *place, void *field,
                              const void *detail)
{
    struct programme *programme = field;
    programme->voids.has_window = true;
    read_span(walk, place, &programme->voids.within, detail);
}

static const struct member voids_members[] = {
    {"within", OPTIONAL, 0, read_voids_within, NULL},
};
static const struct shape voids_shape = SHAPE(voids_members);

void read_voids(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    walk_object(walk, place, &voids_shape, field);
}

/* --- retention --------------------------------------------------------------- */

static void read_retention_bodies(struct walk *walk, const struct place *place, void *field,
                                  const void *detail)
{
    struct programme *programme = field;
    programme->retention.has = true;
    read_span(walk, place, &programme->retention.bodies, detail);
}

static const struct member retention_members[] = {
    {"bodies", REQUIRED, 0, read_retention_bodies, NULL},
};
static const struct shape retention_shape = SHAPE(retention_members);

void read_retention(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    walk_object(walk, place, &retention_shape, field);
}

/* A span that was faulty has been told already. */
static bool is_shorter(struct span kept, struct span needed)
{
    bool read = needed.months != 0 || needed.days != 0 || needed.milliseconds != 0;
    return read && span_compare(kept, needed) < 0;
}

void check_retention(struct walk *walk, const struct place *root, const struct programme *programme)
{
    const struct {
        const char *name;
        bool there;
        struct span span;
    } needs[] = {
        {"receipts.late", true, programme->receipts.late},
        {"returns.window", programme->has_return_window, programme->return_window},
        {"claims.within", programme->claims.allowed, programme->claims.within},
        {"voids.within", programme->voids.has_window, programme->voids.within},
        {"reservations.longest", true, programme->reservations.longest},
    };
    struct place retention = inside(root, "retention");
    struct span kept = programme->retention.bodies;
    if (retention.value == NULL || (kept.months == 0 && kept.days == 0 && kept.milliseconds == 0))
        return;
    struct place bodies = inside(&retention, "bodies");
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        if (needs[i].there && is_shorter(kept, needs[i].span))
            fault(walk, &bodies,
                  _("a record would be erased while it can still be acted on: keep it at least "
                    "as long as \"%s\""),
                  needs[i].name);
    }
}
