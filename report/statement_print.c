/* A statement as text, 32, 48 or 80 columns wide: for a till's printer, a letter or
 * a mail. What does not fit on the left is cut; a number never is, and a receipt stands on
 * lines of its own where there is no room beside it. */
#include "kinds.h"
#include "statement.h"
#include "utf8.h"

struct printing {
    const struct statement *statement;
    struct buffer *out, left, right;
    size_t width;
};

static void rule(struct printing *in, char byte)
{
    for (size_t i = 0; i < in->width; i++)
        buffer_byte(in->out, byte);
    buffer_byte(in->out, '\n');
}

/* The line that was put together in `left` and `right`. */
static void end_line(struct printing *in)
{
    size_t room = in->width - in->right.length - (in->right.length > 0);
    struct text left = buffer_view(&in->left);
    left.length = utf8_fit(left, (unsigned)room, utf8_width);
    buffer_text(in->out, left);
    size_t taken = utf8_width(left);
    for (; in->right.length > 0 && taken + in->right.length < in->width; taken++)
        buffer_byte(in->out, ' ');
    buffer_text(in->out, buffer_view(&in->right));
    buffer_byte(in->out, '\n');
    buffer_clear(&in->left);
    buffer_clear(&in->right);
}

static void balance(struct printing *in, const char *label, int64_t units, unsigned scale)
{
    buffer_string(&in->left, label);
    decimal_format(&in->right, units, scale);
    end_line(in);
}

/* What a record is to the member; others are told by their own names. */
static const char *const words[RECORD_KIND_COUNT] = {
    [RECORD_PURCHASE] = N_("purchase"),
    [RECORD_RETURN] = N_("return"),
    [RECORD_REDEEM] = N_("redeemed"),
    [RECORD_CAPTURE] = N_("redeemed"),
    [RECORD_CANCEL] = N_("given back"),
    [RECORD_RESTORE] = N_("given back"),
    [RECORD_TRANSFER] = N_("received"),
    [RECORD_HOUSEHOLD_CREATE] = N_("joined the household"),
    [RECORD_HOUSEHOLD_JOIN] = N_("joined the household"),
    [RECORD_HOUSEHOLD_LEAVE] = N_("left the household"),
    [RECORD_MEMBER_MERGE] = N_("memberships merged"),
    [RECORD_ADJUST] = N_("adjusted"),
    [RECORD_CLAIM] = N_("purchase claimed"),
    [RECORD_REASSIGN] = N_("purchase moved away"),
    [RECORD_VOID] = N_("voided"),
    [RECORD_ACTION] = N_("for an action"),
    [RECORD_TIER_SET] = N_("for a level"),
};

static const char *what(const struct statement_line *line)
{
    if (line->seq < 0)
        return _("lapsed");
    if (line->kind == RECORD_TRANSFER && line->amount < 0)
        return _("given away");
    return words[line->kind] == NULL ? record_name(line->kind) : _(words[line->kind]);
}

/* On as many lines as it takes. */
static void put_receipt(struct printing *in, struct text receipt)
{
    while (receipt.length > 0) {
        size_t fits = utf8_fit(receipt, (unsigned)in->width - 2, utf8_width);
        buffer_format(&in->left, "  %.*s", (int)fits, receipt.bytes);
        end_line(in);
        receipt = (struct text){receipt.bytes + fits, receipt.length - fits};
    }
}

/* Beside what stands on the line already? */
static bool has_room(const struct printing *in, struct text receipt)
{
    return utf8_width(buffer_view(&in->left)) + 1 + utf8_width(receipt) + 1 + in->right.length <=
           in->width;
}

static void movement(struct printing *in, const struct statement_line *line, unsigned scale)
{
    date_format(&in->left, view_date(in->statement->view, line->dated));
    buffer_format(&in->left, " %s", what(line));
    if (line->is_late)
        buffer_format(&in->left, " (%s)", _("late"));
    if (line->amount > 0)
        buffer_byte(&in->right, '+');
    decimal_format(&in->right, line->amount, scale);
    bool beside = has_room(in, line->receipt);
    if (line->receipt.length > 0 && beside)
        buffer_format(&in->left, " %.*s", TEXT(line->receipt));
    end_line(in);
    if (!beside)
        put_receipt(in, line->receipt);
}

static void part(struct printing *in, const char *label, int64_t units, unsigned scale)
{
    if (units == 0)
        return;
    buffer_format(&in->left, "  %s", label);
    decimal_format(&in->right, units, scale);
    end_line(in);
}

/* What waits for an operation has no day. */
static void dues(struct printing *in, const struct statement_dues *dues, const char *label,
                 unsigned index)
{
    const struct view *view = in->statement->view;
    for (size_t i = 0; i < dues->count; i++) {
        if (dues->list[i].currency != index || dues->list[i].at == MOMENT_NEVER)
            continue;
        buffer_format(&in->left, "  %s ", label);
        date_format(&in->left, view_date(view, dues->list[i].at));
        decimal_format(&in->right, dues->list[i].amount, view->points[index].scale);
        end_line(in);
    }
}

static void currency(struct printing *in, unsigned index)
{
    const struct statement *statement = in->statement;
    const struct points *points = &statement->view->points[index];
    rule(in, '-');
    buffer_text(&in->left, localized_text(&points->name, language_tag(), points->id));
    end_line(in);
    balance(in, _("Opening balance"), statement->opening[index], points->scale);
    for (size_t i = 0; i < statement->line_count; i++) {
        if (statement->lines[i].currency == index)
            movement(in, &statement->lines[i], points->scale);
    }
    balance(in, _("Closing balance"), statement->closing[index], points->scale);
    part(in, _("not yet available"), statement->sides[index][ACCOUNT_PENDING], points->scale);
    part(in, _("reserved"), statement->sides[index][ACCOUNT_RESERVED], points->scale);
    dues(in, &statement->coming, _("available from"), index);
    dues(in, &statement->lapsing, _("valid through"), index);
}

void statement_print(const struct statement *statement, size_t width, struct buffer *out)
{
    struct printing in = {.statement = statement, .out = out, .width = width};
    struct view *view = statement->view;
    const struct programme *programme = view_version(view, view->end - 1)->programme;
    char id[MEMBER_ID_CHARS + 1];
    member_id_format(statement->member, id);
    rule(&in, '=');
    buffer_text(&in.left, localized_text(&programme->name, language_tag(), programme->id));
    end_line(&in);
    buffer_format(&in.left, _("Statement for %s"),
                  month_text(&view->arena, statement->month).bytes);
    end_line(&in);
    buffer_format(&in.left, "id:%s", id);
    end_line(&in);
    for (unsigned c = 0; c < view->points_count; c++)
        currency(&in, c);
    rule(&in, '=');
    buffer_free(&in.left);
    buffer_free(&in.right);
}

/* --- As rows ----------------------------------------------------------------------- */

static struct text date_text(const struct statement *statement, moment at)
{
    struct buffer text = {0};
    date_format(&text, view_date(statement->view, at));
    struct text copy = text_copy(&statement->view->arena, buffer_view(&text));
    buffer_free(&text);
    return copy;
}

static void balance_row(const struct statement *statement, struct sheet *sheet, unsigned index,
                        const char *name, moment at, int64_t units)
{
    const struct points *points = &statement->view->points[index];
    sheet_row(sheet, false);
    sheet_text(sheet, points->id);
    sheet_text(sheet, date_text(statement, at));
    sheet_text(sheet, text_of(name));
    for (int i = 0; i < 5; i++)
        sheet_blank(sheet);
    sheet_points(sheet, units, points->scale);
}

static void movement_row(const struct statement *statement, struct sheet *sheet,
                         const struct statement_line *line, int64_t balance)
{
    const struct points *points = &statement->view->points[line->currency];
    char id[MEMBER_ID_CHARS + 1];
    member_id_format(line->member, id);
    sheet_row(sheet, false);
    sheet_text(sheet, points->id);
    sheet_text(sheet, date_text(statement, line->dated));
    sheet_text(sheet, text_of(line->seq < 0 ? "lapse" : record_name(line->kind)));
    if (line->seq < 0)
        sheet_blank(sheet);
    else
        sheet_points(sheet, line->seq, 0);
    sheet_text(sheet, line->receipt);
    sheet_text(sheet, text_format(&statement->view->arena, "id:%s", id));
    sheet_text(sheet, line->is_late ? text_of("late") : (struct text){0});
    sheet_points(sheet, line->amount, points->scale);
    sheet_points(sheet, balance, points->scale);
}

void statement_fill_sheet(const struct statement *statement, struct sheet *sheet)
{
    static const char *const names[] = {"currency", "date", "op",     "seq",    "receipt",
                                        "member",   "late", "points", "balance"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        sheet_column(sheet, names[i], names[i], i == 7 || i == 8 ? RIGHT : LEFT);
    for (unsigned c = 0; c < statement->view->points_count; c++) {
        int64_t balance = statement->opening[c];
        balance_row(statement, sheet, c, "opening", statement->from, balance);
        for (size_t i = 0; i < statement->line_count; i++) {
            if (statement->lines[i].currency != c)
                continue;
            balance += statement->lines[i].amount;
            movement_row(statement, sheet, &statement->lines[i], balance);
        }
        balance_row(statement, sheet, c, "closing",
                    statement->until < statement->view->end ? statement->until - 1
                                                            : statement->view->end - 1,
                    balance);
    }
}
