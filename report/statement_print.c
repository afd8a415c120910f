/* A statement as text, 32, 48 or 80 columns wide: for a till's printer, a letter or
 * a mail. What does not fit on the left is cut; a number never is. */
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

/* As much of a text as fits, never half a character; how many columns it takes. */
static size_t fit(struct buffer *out, struct text text, size_t columns)
{
    size_t at = 0, taken = 0;
    while (at < text.length) {
        size_t from = at;
        utf8_next(text, &at);
        size_t is = utf8_width((struct text){text.bytes + from, at - from});
        if (taken + is > columns)
            break;
        taken += is;
        buffer_add(out, text.bytes + from, at - from);
    }
    return taken;
}

/* The line that was put together in `left` and `right`. */
static void end_line(struct printing *in)
{
    size_t room = in->width - in->right.length - (in->right.length > 0);
    size_t taken = fit(in->out, buffer_view(&in->left), room);
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

static const char *what(const struct statement_line *line)
{
    if (line->seq < 0)
        return _("lapsed");
    switch (line->kind) {
    case RECORD_PURCHASE:
        return _("purchase");
    case RECORD_RETURN:
        return _("return");
    case RECORD_REDEEM:
        return _("redeemed");
    case RECORD_CAPTURE:
        return _("redeemed");
    case RECORD_CANCEL:
    case RECORD_RESTORE:
        return _("given back");
    case RECORD_TRANSFER:
        return _("transferred");
    case RECORD_HOUSEHOLD_CREATE:
    case RECORD_HOUSEHOLD_JOIN:
    case RECORD_HOUSEHOLD_LEAVE:
        return _("household");
    case RECORD_MEMBER_MERGE:
        return _("memberships merged");
    case RECORD_ADJUST:
        return _("adjusted");
    case RECORD_GENESIS:
    case RECORD_PROGRAMME:
    case RECORD_HISTORY_OPEN:
    case RECORD_HISTORY_CLOSE:
    case RECORD_MEMBER_ADD:
    case RECORD_MEMBER_LINK:
    case RECORD_MEMBER_UNLINK:
    case RECORD_ELAPSE:
    case RECORD_ACTIVATE:
    case RECORD_RESERVE:
    case RECORD_EXTEND:
    case RECORD_RELEASE:
    case RECORD_RETURN_HELD:
    case RECORD_CLOSE:
    case RECORD_KIND_COUNT:
        break;
    }
    return record_name(line->kind);
}

static void movement(struct printing *in, const struct statement_line *line, unsigned scale)
{
    date_format(&in->left, view_date(in->statement->view, line->at));
    buffer_format(&in->left, " %s", what(line));
    if (line->receipt.length > 0)
        buffer_format(&in->left, " %.*s", TEXT(line->receipt));
    if (line->amount > 0)
        buffer_byte(&in->right, '+');
    decimal_format(&in->right, line->amount, scale);
    end_line(in);
}

static void currency(struct printing *in, unsigned index)
{
    const struct statement *statement = in->statement;
    const struct points *points = &statement->view->points[index];
    rule(in, '-');
    buffer_text(&in->left, localized_text(&points->name, text_of("en"), points->id));
    end_line(in);
    balance(in, _("Opening balance"), statement->opening[index], points->scale);
    for (size_t i = 0; i < statement->line_count; i++) {
        if (statement->lines[i].currency == index)
            movement(in, &statement->lines[i], points->scale);
    }
    balance(in, _("Closing balance"), statement->closing[index], points->scale);
    for (size_t i = 0; i < statement->due_count; i++) {
        if (statement->dues[i].currency != index)
            continue;
        buffer_format(&in->left, "  %s ", _("valid through"));
        date_format(&in->left, view_date(statement->view, statement->dues[i].last));
        decimal_format(&in->right, statement->dues[i].amount, points->scale);
        end_line(in);
    }
}

void statement_print(const struct statement *statement, size_t width, struct buffer *out)
{
    struct printing in = {.statement = statement, .out = out, .width = width};
    struct view *view = statement->view;
    const struct programme *programme = view_version(view, view->end - 1)->programme;
    char id[MEMBER_ID_CHARS + 1];
    member_id_format(statement->member, id);
    rule(&in, '=');
    buffer_text(&in.left, localized_text(&programme->name, text_of("en"), programme->id));
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
