/* The programme: a retailer's document, read once into one immutable value.
 *
 * Everything that judges a purchase reads this value and nothing else of the
 * document. It lives in the arena it was read into. Texts are slices of that
 * arena. SPEC.md "The programme document" is the normative description;
 * programme/schema.json the one for editors. */
#ifndef LOYALTY_PROGRAMME_H
#define LOYALTY_PROGRAMME_H

#include "civil.h"
#include "decimal.h"
#include "error.h"
#include "memory.h"

/* The semantics that this engine applies to a new programme version. A fix that
 * changes any outcome gets the next number; old ones stay executable. */
enum { SEMANTICS = 1 };

/* What a receipt number is unique within. */
enum receipt_scope { SCOPE_STORE, SCOPE_TILL, SCOPE_DATE, SCOPE_COUNT };

enum expiry_from { FROM_AVAILABLE, FROM_EARNED };
struct month_day {
    int month, day;
};
struct expiry {
    bool dated;             /* lots have a date of their own */
    struct span after;      /* months and days only; zero where there is none */
    enum boundary at;       /* the date is rounded up to the end of this; inclusive */
    struct month_day *days; /* or to the next of these, ascending; NULL none */
    size_t day_count;
    enum expiry_from from;
    bool applies_to_all;    /* points earned before get the dates of this rule, too */
    bool idles;             /* and all lapse so long after the last activity */
    struct span inactive;   /* months and days only */
};

/* When points of a purchase may be spent. */
enum pending_kind { PENDING_NOT, PENDING_FOR, PENDING_RETURN_WINDOW, PENDING_ACTIVATE };

enum transfer_expiry { TRANSFER_KEEP, TRANSFER_ANEW };

/* {"en": "...", "zh-CN": "..."} in document order. A plain string is one text
 * whose language is the empty text. */
struct localized {
    struct text *languages, *texts;
    size_t count;         /* 0 where the document has none */
};

struct points {           /* a points currency */
    struct text id;
    struct localized name;
    bool spendable;
    unsigned scale;       /* decimals of one point, 0 to LIMIT_SCALE */
    struct expiry expires;
    struct {
        enum pending_kind kind;
        struct span span;       /* of PENDING_FOR: days and longer, or hours alone; of
                                 * PENDING_RETURN_WINDOW the programme's returns.window */
    } pending;
    struct {                    /* points pay at the till */
        bool allowed;
        struct fraction rate;   /* minor units of money per point unit */
        int64_t least;          /* point units, at least 1 */
        int64_t share;          /* of the amount: millionths, above 0 */
    } tender;
    struct {
        bool allowed;
        int64_t most, per_month; /* point units; LIMIT_UNITS no limit */
        enum transfer_expiry expires;
    } transfer;
    int64_t proof_above;  /* point units that may be taken at once without a proof;
                           * LIMIT_UNITS any */
    int64_t value;        /* what a point is worth in reports: millionths of the main unit of
                           * money (VALUE_UNIT); 0 where the document does not say */
    int64_t breakage;     /* share of the points never to be redeemed, as expected: millionths */
};
enum { VALUE_UNIT = 1000000, VALUE_DECIMALS = 6 };

/* Which lines a rule looks at: sorted by bytes, for binary search. */
struct line_filter {
    struct text *skus, *categories;
    size_t sku_count, category_count;
};

enum earn_rounding { EARN_DOWN, EARN_UP, EARN_NEAREST, EARN_EVEN, EARN_CARRY };
enum earn_each { EACH_RECEIPT, EACH_LINE };

struct earn_gift {
    unsigned currency;       /* index into programme.points */
    struct fraction rate;    /* point units (at the currency's scale) per minor unit of money */
};
struct earn_rule {
    struct text id;
    struct localized name;        /* what members are told that it is for */
    struct earn_gift *gives;
    size_t gift_count;
    enum earn_rounding rounding;
    enum earn_each each;
    int least_level;              /* of the member: index into tiers.levels; -1 any */
    int only_level;               /* just this one; -1 any */
    struct line_filter only;      /* empty: every line */
    struct line_filter excluding;
};

enum shortfall { SHORTFALL_DEBT, SHORTFALL_FORGIVE, SHORTFALL_REFUSE };
enum on_join { JOIN_BRING, JOIN_FORFEIT };
enum on_leave { LEAVE_TAKE, LEAVE_LEAVE };

/* A purchase that names a card or phone nobody has. */
enum unknown_member { UNKNOWN_REFUSE, UNKNOWN_ENROL, UNKNOWN_HOLD };

/* What one operator may give and take by hand, in whole points of any currency. */
struct adjust_limit {
    struct text operator_id;    /* "*": whoever is not named */
    int64_t most, per_day;      /* whole points; LIMIT_UNITS no limit */
};

/* Purchases and claims that operators enter for themselves. */
enum own_card { OWN_CARD_REFUSE, OWN_CARD_FLAG, OWN_CARD_ALLOW };

/* What a second operator must approve. */
enum approval_of {
    APPROVAL_ADJUST,
    APPROVAL_CLAIM,
    APPROVAL_REASSIGN,
    APPROVAL_REDEEM,
    APPROVAL_RETURN,
    APPROVAL_NO_RECEIPT,
    APPROVAL_TRANSFER,
    APPROVAL_VOID,
    APPROVAL_COUNT
};
enum { ALWAYS = -1 };
struct approval {
    bool demanded;
    int64_t above;              /* only of more whole points, or minor units of money; or ALWAYS */
};

/* --- Tiers (SPEC.md section 22) -------------------------------------------- */

enum measure_kind { MEASURE_EARNED, MEASURE_SPEND, MEASURE_VISITS, MEASURE_DAYS, MEASURE_ACTION };
struct measure {
    struct text id;             /* the programme's name of it; of a single "measure" its kind */
    struct text key;            /* how the ledger knows it: "earned:star", "visits:1000" */
    enum measure_kind kind;
    unsigned currency;          /* of MEASURE_EARNED: index into programme.points */
    int64_t least;              /* of visits and days: minor units, at least 1 */
    struct text action;
};
struct demand {
    unsigned measure;           /* index into tiers.measures */
    int64_t units;              /* > 0: point units, minor units, or how many */
};
struct demands {                /* all of these */
    struct demand *list;
    size_t count;
};
struct requirement {            /* one of these; none: not to be reached by measure */
    struct demands *any;
    size_t count;
};
enum window_kind {
    WINDOW_ROLLING, WINDOW_YEAR, WINDOW_QUARTER, WINDOW_MEMBERSHIP, WINDOW_TIER, WINDOW_LIFETIME
};
enum on_promotion { PROMOTION_KEEP, PROMOTION_RESET, PROMOTION_EXCESS };
enum review_kind { REVIEW_NEVER, REVIEW_DATED, REVIEW_ANNIVERSARY, REVIEW_CONTINUOUS };
struct review {
    enum review_kind kind;
    struct expiry dates;        /* of REVIEW_DATED: `after` (zero: none), `at` or `days` */
};
enum at_review { REVIEW_QUALIFIED, REVIEW_ONE_DOWN, REVIEW_NO_FALL };
struct level_gift {
    unsigned currency;          /* index into programme.points */
    int64_t amount;             /* point units, > 0 */
};
struct level_way {              /* an action that leads there */
    struct text action;
    bool ends;                  /* the level is held for so long, else it is reached */
    struct span valid;          /* months and days */
};
struct tier_level {
    struct text id;
    struct localized name;
    struct text *was;           /* levels of older versions that it takes the place of */
    size_t was_count;
    struct requirement from, keep;
    struct review review;       /* the first level: REVIEW_NEVER unless it says so itself */
    enum at_review at_review;
    bool reset_at_review;
    struct span grace;          /* months and days; zero: none */
    struct fraction *multiply;  /* one for each of programme.points, at their place; 1/1 by default */
    struct {
        struct level_gift *gives;
        size_t count;           /* 0: nothing */
        bool again, take_back;
    } entry;
    unsigned *forfeits;         /* currencies: indexes into programme.points */
    size_t forfeit_count;
    struct level_way *ways;
    size_t way_count;
};
struct tiers {
    struct measure *measures;
    size_t measure_count;
    struct {
        enum window_kind kind;
        struct span span;       /* of WINDOW_ROLLING: months and days */
    } window;
    enum on_promotion on_promotion;
    bool at_once;               /* what comes back may undo a climb at once */
    bool crossing_new;          /* a purchase that climbs earns as the new level */
    bool requalify;             /* when this version comes into force */
    struct text *operators;     /* who may set levels, sorted; none: whoever names themselves */
    size_t operator_count;
    struct tier_level *levels;  /* lowest first */
    size_t level_count;
};
struct action {
    struct text id;
    struct localized name;
};

enum quota_every { EVERY_NEVER, EVERY_DAY, EVERY_WEEK, EVERY_MONTH, EVERY_QUARTER, EVERY_YEAR };
struct benefit {
    struct text id;
    struct localized name, explanation;
    int least_level;            /* index into tiers.levels; -1 without tiers */
    enum quota_every every;     /* EVERY_NEVER: no quota */
    int64_t times[LIMIT_LEVELS]; /* of each level, those that the document leaves out filled in;
                                 * [0] where there are no tiers */
    int64_t seats;              /* LIMIT_UNITS: no limit */
    struct date from, through;  /* year 0: no bound */
};

struct programme {
    struct text id;
    struct localized name;
    struct text timezone;
    const struct zone *zone;         /* from the bytes given to programme_read */
    struct text currency;            /* ISO 4217 */
    unsigned currency_digits;        /* 0, 2 or 3 */
    struct {
        enum receipt_scope unique_by[SCOPE_COUNT]; /* in the order of the enum */
        size_t unique_count;
        int business_day_minutes;    /* the day starts so many minutes after midnight */
        struct span late;            /* how far `at` may lie behind the ledger's clock */
        struct text *late_operators; /* who may go further; sorted */
        size_t late_operator_count;
    } receipts;
    struct {
        bool tax_included;           /* false: tax is taken off before points are earned */
        bool discounts_deduct;       /* false: points are earned on the price before discount */
        bool points_deduct;          /* false: what points paid earns, too */
        struct line_filter excluding;
        struct text *excluding_tenders; /* what these pay earns nothing; sorted */
        size_t excluding_tender_count;
    } base;
    struct points *points;
    size_t points_count;
    struct earn_rule *earn;
    size_t earn_count;
    enum shortfall shortfall;
    bool has_return_window;
    struct span return_window;       /* months and days only */
    bool hold_unknown;               /* a return whose receipt is not there waits for it */
    struct {
        struct span timeout, longest;
    } reservations;
    struct {
        int64_t most;                /* members; 0: no households */
        enum on_join on_join;
        enum on_leave on_leave;
    } households;
    struct adjust_limit *adjust_limits; /* ascending by operator */
    size_t adjust_limit_count;
    bool refuse_closed;              /* what arrives with a date in a closed month */
    struct {
        enum unknown_member unknown;
        struct text phone_country;   /* of phones written without "+"; empty: they are none */
        struct text phone_trunk;     /* what stands before such a phone at home; may be empty */
    } members;
    struct {
        bool allowed;                /* sales without a member can be claimed */
        struct span within;          /* how long after the sale's `at` */
        int64_t per_month;           /* of one member; LIMIT_UNITS no limit */
        bool code_required;
    } claims;
    struct {
        bool has_window;             /* false: for ever */
        struct span within;          /* how long after its `time` an operation can be voided */
    } voids;
    struct {
        bool has;                    /* false: bodies are kept for ever */
        struct span bodies;          /* how long after its `time` what a record says is kept */
    } retention;
    struct {
        bool allowed;
        int64_t most;                /* minor units of one; LIMIT_UNITS no limit */
    } no_receipt;                    /* returns by amount, without a receipt */
    const struct tiers *tiers;       /* NULL: there are none */
    struct action *actions;          /* ascending by id */
    size_t action_count;
    struct benefit *benefits;        /* in document order */
    size_t benefit_count;
    enum own_card own_card;
    struct approval approvals[APPROVAL_COUNT];
    struct text *approvers;          /* sorted; where there are none, anybody but the operator */
    size_t approver_count;
};

/* Every fault of a document, not only the first; at most LIMIT_FAULTS. */
struct programme_fault {
    unsigned line, column;     /* from 1, in the text given */
    struct text path;          /* JSON Pointer: "/earn/0/per" */
    struct text message;       /* what is wrong, and what would be accepted */
};
struct programme_faults {
    struct programme_fault *faults; /* in order of line and column */
    size_t count;
    struct programme_fault *notes;  /* what is allowed, and may surprise */
    size_t note_count;
};

/* Read and check a document. zone_bytes: the TZif file for its "timezone", or
 * the empty text to take it from the system (only `check` and `apply` do that).
 * On failure NULL, `faults` (in the arena) lists all of them and `error` (code
 * ERROR_INVALID_PROGRAMME, or json_check's for what is no JSON; line, column, field = path) the first. */
const struct programme *programme_read(struct arena *arena, struct text document,
                                       struct text zone_bytes, struct programme_faults *faults,
                                       struct error *error);

/* May `next` follow `previous`? Refused (ERROR_PROGRAMME_CHANGE, field = path)
 * where what ledgers depend on would change: the id, the currency, what receipts
 * are unique by, a points currency dropped, its scale or spendability, a level dropped that
 * none takes the place of. */
bool programme_may_follow(const struct programme *previous, const struct programme *next,
                          struct error *error);

/* Does each level of the last version mean what its id has ever meant? Versions are looked at
 * one after the other, so an id that was dropped may come back for what took its place, and for
 * nothing else: ERROR_PROGRAMME_CHANGE. */
bool programme_levels_mean(const struct programme *const versions[], size_t count,
                           struct error *error);

/* The common denominator of what a member can have carried in one currency
 * (named by id) under all `count` versions: at most LIMIT_CARRY_DENOMINATOR, else
 * ERROR_PROGRAMME_CHANGE. One version alone is checked by programme_read. */
bool programme_carry_bound(const struct programme *const versions[], size_t count,
                           struct error *error);

/* The rate at which a member of that level earns the gift; level -1, or `tiers` NULL: the gift's
 * own. False only while a document is read, where a term is beyond LIMIT_RATE_TERM. */
bool level_rate(const struct tiers *tiers, int level, const struct earn_gift *gift,
                struct fraction *rate);

/* *common (0 counts as 1) becomes its least common multiple with the denominators of all rates
 * of the gift; false, and unchanged, beyond LIMIT_CARRY_DENOMINATOR. */
bool carry_common(const struct tiers *tiers, const struct earn_gift *gift, int64_t *common);

/* Index of a points currency by id, or -1. */
int programme_points_index(const struct programme *programme, struct text id);

/* The last day that counts of what counts from `date`: `after` on, moved by `at`. */
struct date expiry_last_day(const struct expiry *expiry, struct date date);

/* Index of a level by id, or -1. */
int programme_level_index(const struct programme *programme, struct text id);
/* The same in the last of these versions, each the next of the one before, of a level that one of
 * them had: where it was dropped, of what takes its place. */
int programme_level_now(const struct programme *const versions[], size_t count, struct text id);
const struct action *programme_action(const struct programme *programme, struct text id);
const struct benefit *programme_benefit(const struct programme *programme, struct text id);

/* The name in the language that is nearest (language.h), else in "en", else the first,
 * else the id. */
struct text localized_text(const struct localized *name, struct text language, struct text otherwise);

/* When points that count from `at` lapse: the local midnight after the inclusive
 * date; MOMENT_NEVER. */
moment points_expiry(const struct programme *programme, const struct points *points, moment at);
/* The same of points earned at `at`, with the time for which they are pending. */
moment points_expiry_earned(const struct programme *programme, const struct points *points,
                            moment at);
/* From when points of a purchase at `at` may be spent; 0 at once; MOMENT_NEVER
 * where an operation releases them. */
moment points_available(const struct programme *programme, const struct points *points, moment at);
/* When all points lapse if nothing happens after `at`; MOMENT_NEVER without such a
 * rule. */
moment points_idle(const struct programme *programme, const struct points *points, moment at);
/* Money that so many point units pay, in minor units, rounded down; false where it is
 * beyond LIMIT_UNITS. */
bool points_worth(const struct points *points, int64_t units, int64_t *minor);
/* Does what a tender of this type paid earn nothing? */
bool programme_excludes_tender(const struct programme *programme, struct text type);
/* What limits this operator (empty: none was named); NULL nothing does. */
const struct adjust_limit *programme_adjust_limit(const struct programme *programme,
                                                  struct text operator_id);

/* A phone as people write it, in E.164 ("+" and 8 to 15 digits, the first not 0); false where it
 * is none. Without "+" or "00" in front it is one of members.phone_country; `programme` may be
 * NULL. */
bool programme_phone(const struct programme *programme, struct text written, struct arena *arena,
                     struct text *phone);

/* The business day that `at` belongs to: by the clock on the wall, the day
 * before while it shows less than receipts.business_day_starts. */
struct date programme_business_day(const struct programme *programme, moment at);

/* Does the filter name this line? An empty filter names none. */
bool line_filter_names(const struct line_filter *filter, struct text sku, struct text category);

#endif
