/* What vouches for this log, and what does not, on one page: for an auditor's file.
 *
 * The log is verified first, with every signature; where it does not hold there is no
 * report but verify's own verdict. Then it is said in words how far each voucher goes: the
 * key's signature, a checkpoint that was kept elsewhere, cosigners. What nobody vouches
 * for is said as well; silence about it is how people come to believe it. */
#include <stdlib.h>

#include "checkpoint.h"
#include "cosigned.h"
#include "kinds.h"
#include "spelling.h"

struct stating {
    struct view *view;
    struct sheet *sheet;
    const cJSON *verified;
    int64_t records;
};

static int64_t number_in(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (item == NULL)
        return -1;
    return cJSON_IsRaw(item) ? strtoll(item->valuestring, NULL, 10) : (int64_t)item->valuedouble;
}

static struct text text_in(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text_of(text == NULL ? "" : text);
}

/* --- Lines ------------------------------------------------------------------------------ */

/* records -1, time MOMENT_NEVER: nothing is said. */
static void write_row(struct stating *in, const char *what, int64_t records, moment time,
                      struct text text)
{
    struct buffer moment_text = {0};
    if (time != MOMENT_NEVER && time != 0) /* a history's first records have no time */
        moment_format(&moment_text, time);
    sheet_row(in->sheet, false);
    sheet_word(in->sheet, text_of(what));
    if (records < 0)
        sheet_blank(in->sheet);
    else
        sheet_points(in->sheet, records, 0);
    sheet_text(in->sheet, buffer_view(&moment_text));
    sheet_text(in->sheet, text);
    buffer_free(&moment_text);
}

static void vouched(struct stating *in, int64_t records, struct text text)
{
    write_row(in, N_("vouched"), records, MOMENT_NEVER, text);
}

static void not_vouched(struct stating *in, int64_t records, const char *text)
{
    write_row(in, N_("not-vouched"), records, MOMENT_NEVER, text_of(text));
}

static bool time_of(struct stating *in, int64_t size, moment *time, struct error *error)
{
    struct head head;
    *time = MOMENT_NEVER;
    arena_reset(&in->view->scratch);
    if (size == 0)
        return true;
    if (!view_read_head(in->view, &in->view->scratch, size - 1, &head, error))
        return false;
    *time = head.time;
    return true;
}

/* --- The log ------------------------------------------------------------------------------ */

static bool count_bodies(void *context, const struct head *head, struct error *error)
{
    (void)error;
    *(int64_t *)context += head->has_body;
    return true;
}

static bool write_log(struct stating *in, struct error *error)
{
    const cJSON *checkpoint = cJSON_GetObjectItemCaseSensitive(in->verified, "checkpoint");
    int64_t bodies = number_in(in->verified, "bodies"), named = 0;
    struct text note = text_in(checkpoint, "note");
    struct note opened;
    moment time;
    if (!view_each_head(in->view, count_bodies, &named, error) ||
        !time_of(in, in->records, &time, error) || !note_parse(note, &opened, error))
        return false;
    struct text root = opened.text;
    for (int line = 0; line < 2; line++) {
        const char *end = memchr(root.bytes, '\n', root.length);
        root = (struct text){end + 1, root.length - (size_t)(end + 1 - root.bytes)};
    }
    root.length--; /* its newline */
    write_row(in, N_("origin"), -1, MOMENT_NEVER, text_in(in->verified, "origin"));
    write_row(in, N_("public-key"), -1, MOMENT_NEVER, text_in(in->verified, "key"));
    write_row(in, N_("records"), in->records, time, (struct text){0});
    write_row(in, N_("bodies"), bodies, MOMENT_NEVER, (struct text){0});
    write_row(in, N_("bodies-missing"), named - bodies, MOMENT_NEVER, (struct text){0});
    write_row(in, N_("checkpoints"), number_in(in->verified, "checkpoints"), MOMENT_NEVER,
              (struct text){0});
    write_row(in, N_("newest-checkpoint"), in->records, time, root);
    return true;
}

static bool write_anchor(struct stating *in, struct error *error)
{
    int64_t size = number_in(in->verified, "anchor");
    moment time = MOMENT_NEVER;
    if (size >= 0 && !time_of(in, size, &time, error))
        return false;
    write_row(in, N_("anchor"), size, time,
              text_of(size < 0 ? _("none was given") : _("the log begins with what it signs")));
    return true;
}

/* --- Cosignatures --------------------------------------------------------------------------- */

static bool holds(const struct stating *in, struct text name)
{
    const cJSON *witness;
    cJSON_ArrayForEach(witness, cJSON_GetObjectItemCaseSensitive(in->verified, "witnesses"))
    {
        if (text_equal(text_in(witness, "name"), name))
            return true;
    }
    return false;
}

/* Key id, then the time in seconds, big-endian: as the cosigner says, where no policy has
 * checked it. */
static moment cosigned_at(struct text base64)
{
    unsigned char bytes[128];
    size_t length = 0;
    uint64_t seconds = 0;
    if (!base64_parse(base64, bytes, sizeof bytes, &length) || length < 12)
        return MOMENT_NEVER;
    for (int i = 4; i < 12; i++)
        seconds = seconds << 8 | bytes[i];
    return seconds > UINT64_C(253402300799) ? MOMENT_NEVER : (moment)seconds * 1000;
}

static void write_cosigner(struct stating *in, int64_t size, bool judged,
                           const struct note_signature *signature)
{
    struct text text =
        text_format(&in->view->arena, "%.*s%s", TEXT(signature->name),
                    judged && holds(in, signature->name) ? _(", by a key of the policy")
                                                         : _(", not checked: a policy names keys"));
    write_row(in, N_("cosigned"), size, cosigned_at(signature->base64), text);
}

/* Newest first; a policy's verdict is about the newest checkpoint that meets it. */
static bool write_cosignatures(struct stating *in, struct error *error)
{
    struct view *view = in->view;
    int64_t judged =
        cJSON_HasObjectItem(in->verified, "witnesses") ? number_in(in->verified, "anchor") : -1;
    for (int64_t size = INT64_MAX;; size--) {
        struct checkpoint_row row;
        struct text text;
        struct note note;
        bool found = false;
        if (!store_cosigned(view->ledger->store, size, &size, error))
            return false;
        if (size < 0)
            return true;
        if (!store_checkpoint(view->ledger->store, &view->arena, size, &row, &found, error) ||
            !cosigned_note(view->ledger, &view->arena, &row, &text, error) ||
            !note_parse(text, &note, error))
            return false;
        for (size_t i = 1; i < note.count; i++) /* the first is the ledger's own */
            write_cosigner(in, row.size, row.size == judged, &note.signatures[i]);
    }
}

/* --- Who vouches for what --------------------------------------------------------------------- */

static void write_vouched(struct stating *in)
{
    struct arena *arena = &in->view->arena;
    const cJSON *witnesses = cJSON_GetObjectItemCaseSensitive(in->verified, "witnesses"), *witness;
    int64_t anchor = number_in(in->verified, "anchor");
    vouched(in, in->records,
            text_format(arena, _("records and bodies are those that %.*s signed"),
                        TEXT(text_in(in->verified, "origin"))));
    if (anchor >= 0 && witnesses == NULL)
        vouched(in, anchor, text_of(_("they were not rewritten since the anchor was taken")));
    cJSON_ArrayForEach(witness, witnesses)
        vouched(in, anchor,
                text_format(arena, _("%.*s has seen the log up to here only grow"),
                            TEXT(text_in(witness, "name"))));
    if (anchor < in->records)
        not_vouched(in, in->records - (anchor < 0 ? 0 : anchor),
                    _("that these, the last, were not rewritten or cut off by who has the key: "
                      "keep the newest checkpoint"));
    not_vouched(in, -1,
                _("that points follow from the programme and balances from the records: "
                  "`loyalty audit` says that"));
    not_vouched(in, -1,
                _("that a sale took place, that tills sent all that they sold, who held "
                  "the key"));
}

bool integrity(struct view *view, const cJSON *verified, struct sheet *sheet, struct error *error)
{
    struct stating in = {.view = view,
                         .sheet = sheet,
                         .verified = verified,
                         .records = number_in(verified, "records")};
    sheet_column(sheet, "what", N_("what"), LEFT);
    sheet_column(sheet, "records", N_("number"), RIGHT);
    sheet_column(sheet, "time", N_("time"), LEFT);
    sheet_column(sheet, "text", N_("which"), LEFT);
    if (!write_log(&in, error) || !write_anchor(&in, error) || !write_cosignatures(&in, error))
        return false;
    write_vouched(&in);
    return true;
}
