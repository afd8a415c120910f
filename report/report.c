/* The reports by name: a view, a sheet, a spelling. */
#include "report.h"

#include "exceptions.h"
#include "json.h"
#include "kinds.h"
#include "trading.h"

static const char *const names[] = {
    N_("liability"),
    N_("rollforward"),
    N_("breakage"),
    N_("trial-balance"),
    N_("held"),
    N_("tills"),
    N_("exceptions"),
    N_("integrity"),
    N_("period"),
    N_("tiers"),
    NULL,
};
enum which {
    LIABILITY,
    ROLLFORWARD,
    BREAKAGE,
    TRIAL_BALANCE,
    HELD,
    TILLS,
    EXCEPTIONS,
    INTEGRITY,
    PERIOD,
    TIERS,
    UNKNOWN
};

static bool find_report(struct text name, enum which *which, struct error *error)
{
    unsigned i = 0;
    while (names[i] != NULL && !text_equal(name, text_of(names[i])))
        i++;
    *which = (enum which)i;
    if (*which != UNKNOWN)
        return true;
    fail_field(
        error, name.length == 0 ? ERROR_MISSING_FIELD : ERROR_INVALID_FIELD, "name",
        _("\"name\" must be one of liability, rollforward, breakage, trial-balance, held, tills, "
          "exceptions, integrity, period, tiers"));
    const char *nearest = nearest_name(name, names, UNKNOWN);
    return nearest == NULL ? false : hint(error, _("did you mean \"%s\"?"), nearest);
}

static bool fill_sheet(enum which which, struct view *view, const struct report_options *options,
                       struct months months, const cJSON *verified, struct sheet *sheet,
                       struct error *error)
{
    struct days days;
    switch (which) {
    case LIABILITY:
        return liability(view, sheet, error);
    case ROLLFORWARD:
        return rollforward(view, months, sheet, error);
    case BREAKAGE:
        return breakage(view, sheet, error);
    case TRIAL_BALANCE:
        return trial_balance(view, sheet, error);
    case HELD:
        return held_returns(view, sheet, error);
    case TILLS:
        return days_read(view, options, 1, TRADING_DAYS, &days, error) &&
               tills(view, days, sheet, error);
    case EXCEPTIONS:
        return days_read(view, options, 30, EXCEPTION_DAYS, &days, error) &&
               report_exceptions(view, days, options->most, sheet, error);
    case INTEGRITY:
        return integrity(view, verified, sheet, error);
    case PERIOD:
        return period(view, months, sheet, error);
    case TIERS:
        return tier_levels(view, months, options, sheet, error);
    case UNKNOWN:
        break;
    }
    return false;
}

static bool write_sheet(const struct view *view, const char *name, const struct sheet *sheet,
                        enum report_format format, const struct report_writer *writer,
                        struct error *error)
{
    struct buffer text = {0};
    if (format == FORMAT_CSV) {
        sheet_write_csv(sheet, &text);
    } else {
        buffer_format(&text, _("%s, as of %04d-%02d-%02d, known at %lld records"), _(name),
                      view->as_of.year, view->as_of.month, view->as_of.day,
                      (long long)view->known_at);
        buffer_string(&text, "\n\n");
        sheet_write_table(sheet, &text);
    }
    bool ok = report_send(writer, &text, error);
    buffer_free(&text);
    return ok;
}

/* A roll-forward, a period and the moves between levels are about months, tills and exceptions
 * about days, the others about one day. */
static bool period_read(enum which which, const struct report_options *options,
                        struct months *months, bool *given, struct error *error)
{
    *given = false;
    if ((which == TILLS || which == EXCEPTIONS) && options->period.length == 0)
        return true;
    if (!months_read(options, months, given, error))
        return false;
    if (*given && which == TIERS && options->within.length > 0)
        return fail_field(error, ERROR_INVALID_FIELD, "within",
                          _("say \"within\", or months, not both"));
    return !*given || which == ROLLFORWARD || which == PERIOD || which == TIERS ||
           fail_field(error, ERROR_INVALID_FIELD, "period",
                      _("only rollforward, period and tiers take a period"));
}

/* What only some reports take. */
static bool check_taken(enum which which, const struct report_options *options, struct error *error)
{
    bool known = options->known_note.length > 0 || options->known_size >= 0;
    bool within = which == TIERS && options->within.length > 0;
    if (options->within.length > 0 && which != TIERS)
        return fail_field(error, ERROR_INVALID_FIELD, "within", _("only tiers take \"within\""));
    if (options->most >= 0 && which != EXCEPTIONS && !within)
        return fail_field(error, ERROR_INVALID_FIELD, "most",
                          _("only exceptions, and tiers beside \"within\", take \"most\""));
    if (which == TIERS && known)
        return fail_field(error, ERROR_INVALID_FIELD, "known_at",
                          _("tiers are about the whole log: what was known earlier of levels is "
                            "not kept"));
    if (which != INTEGRITY && options->anchor.length + options->policy.length > 0)
        return fail_field(error, ERROR_INVALID_FIELD,
                          options->anchor.length > 0 ? "anchor" : "policy",
                          _("only integrity takes an anchor or a policy"));
    if (which == INTEGRITY && (known || options->as_of.length > 0))
        return fail_field(error, ERROR_INVALID_FIELD, known ? "known_at" : "as_of",
                          _("integrity is about the whole log as it is now"));
    return true;
}

/* Where the log does not hold there is nothing to report but that. */
static bool verify_first(enum which which, struct ledger *ledger,
                         const struct report_options *options, cJSON **verified,
                         struct error *error)
{
    const struct verify_options asked = {
        .anchor = options->anchor, .policy = options->policy, .all_signatures = true};
    if (which != INTEGRITY)
        return true;
    if (ledger_verify(ledger, &asked, &options->watch, verified, error))
        return true;
    cJSON_Delete(*verified);
    *verified = NULL;
    return false;
}

/* A roll-forward goes up to the end of its last month, if that is over. */
bool report_run(struct ledger *ledger, const struct report_options *options,
                const struct report_writer *writer, cJSON **answer, struct error *error)
{
    enum which which;
    enum report_format format;
    struct months months = {0, 0};
    struct view view;
    cJSON *verified = NULL;
    bool given = false;
    if (!find_report(options->name, &which, error) ||
        !format_read(options, writer, &format, error) ||
        !period_read(which, options, &months, &given, error) ||
        !check_taken(which, options, error) ||
        !verify_first(which, ledger, options, &verified, error))
        return false;
    struct date last = month_last_day(months.last);
    if (!view_open(&view, ledger, options, given && which != TIERS ? &last : NULL, error)) {
        cJSON_Delete(verified);
        return false;
    }
    if (!given)
        months.first = months.last = month_of_date(view.as_of);
    struct sheet sheet = {.arena = &view.arena};
    bool ok = fill_sheet(which, &view, options, months, verified, &sheet, error);
    if (ok) {
        *answer = answer_begin(names[which], &view);
        if (format == FORMAT_JSON)
            sheet_add_json(&sheet, *answer);
        else
            ok = write_sheet(&view, names[which], &sheet, format, writer, error);
    }
    view_close(&view);
    cJSON_Delete(verified);
    return ok;
}
