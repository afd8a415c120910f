/* Who must not act alone: "operators", "approvals", and returns that nobody has a
 * receipt of. */
#include "read.h"

/* --- operators ----------------------------------------------------------------- */

static const char *const own_card_names[] = {"refuse", "flag", "allow"};
_Static_assert(sizeof own_card_names / sizeof own_card_names[0] == OWN_CARD_ALLOW + 1,
               "a name per policy");
static const struct choice own_card_choice = CHOICE(own_card_names);
static const struct member operators_members[] = {
    {"own_card", OPTIONAL, offsetof(struct programme, own_card), read_choice, &own_card_choice},
};
const struct shape operators_shape = SHAPE(operators_members);

/* --- approvals ------------------------------------------------------------------ */

/* Whole points, because they are of any currency. */
static void read_above_points(struct walk *walk, const struct place *place, void *field,
                              const void *detail)
{
    (void)detail;
    walk_points(walk, place, 0, field);
}

static void read_above_money(struct walk *walk, const struct place *place, void *field,
                             const void *detail)
{
    (void)detail;
    walk_money(walk, place, field);
}

static const struct member above_points_members[] = {
    {"above", OPTIONAL, offsetof(struct approval, above), read_above_points, NULL},
};
static const struct member above_money_members[] = {
    {"above", OPTIONAL, offsetof(struct approval, above), read_above_money, NULL},
};
static const struct shape of_points = SHAPE(above_points_members);
static const struct shape of_money = SHAPE(above_money_members);
static const struct shape of_neither = {NULL, 0};

/* What the document names is demanded; without "above" whatever it is about. */
static void read_approval(struct walk *walk, const struct place *place, void *field,
                          const void *detail)
{
    struct approval *approval = field;
    *approval = (struct approval){.demanded = true, .above = ALWAYS};
    walk_object(walk, place, detail, approval);
}

static void read_approvers(struct walk *walk, const struct place *place, void *field,
                           const void *detail)
{
    (void)detail;
    struct programme *programme = field;
    read_texts(walk, place, LIMIT_NAME, &programme->approvers, &programme->approver_count);
    if (cJSON_IsArray(place->value) && place->value->child == NULL)
        fault(walk, place,
              _("names nobody, so that nothing could be approved: name who may, or "
                "leave \"by\" out"));
}

#define APPROVAL(name, which, about)                                                               \
    {                                                                                              \
        name, OPTIONAL, offsetof(struct programme, approvals[which]), read_approval, about         \
    }
static const struct member approvals_members[] = {
    APPROVAL("adjust", APPROVAL_ADJUST, &of_points),
    APPROVAL("claim", APPROVAL_CLAIM, &of_neither),
    APPROVAL("reassign", APPROVAL_REASSIGN, &of_neither),
    APPROVAL("redeem", APPROVAL_REDEEM, &of_points),
    APPROVAL("return", APPROVAL_RETURN, &of_money),
    APPROVAL("return_without_receipt", APPROVAL_NO_RECEIPT, &of_money),
    APPROVAL("transfer", APPROVAL_TRANSFER, &of_points),
    APPROVAL("void", APPROVAL_VOID, &of_money),
    {"by", OPTIONAL, 0, read_approvers, NULL},
};
const struct shape approvals_shape = SHAPE(approvals_members);

/* --- returns.no_receipt ----------------------------------------------------------- */

static void read_most(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    walk_money(walk, place, field);
}

static const struct member no_receipt_members[] = {
    {"most", OPTIONAL, offsetof(struct programme, no_receipt.most), read_most, NULL},
};
static const struct shape no_receipt_shape = SHAPE(no_receipt_members);

/* Only a programme that speaks of them allows them. */
void read_no_receipt(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    struct programme *programme = field;
    programme->no_receipt.allowed = true;
    programme->no_receipt.most = LIMIT_UNITS;
    walk_object(walk, place, &no_receipt_shape, programme);
}
