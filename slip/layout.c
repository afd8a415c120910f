/* Breaking, centring and setting text apart, counted in columns of the printer. */
#include "layout.h"

static void end_line(struct layout *layout)
{
    cJSON_AddItemToArray(layout->lines, cJSON_CreateString(buffer_terminate(&layout->line)));
    buffer_clear(&layout->line);
}

static void fill(struct layout *layout, unsigned count, char with)
{
    for (unsigned i = 0; i < count; i++)
        buffer_byte(&layout->line, with);
}

static unsigned width_of(const struct layout *layout, struct text text)
{
    return layout->width(text);
}

/* How much of the text goes on this line: up to a space where a word would be
 * broken. What has no spaces (Chinese, a long number) breaks anywhere. */
static size_t breaks_at(const struct layout *layout, struct text text)
{
    size_t fits = utf8_fit(text, layout->columns, layout->width);
    if (fits == text.length || text.bytes[fits] == ' ')
        return fits;
    for (size_t i = fits; i > 0; i--) {
        if (text.bytes[i - 1] == ' ')
            return i - 1;
        if ((text.bytes[i - 1] & 0x80) != 0)
            break;
    }
    return fits;
}

static struct text without_spaces_before(struct text text)
{
    while (text.length > 0 && text.bytes[0] == ' ')
        text = (struct text){text.bytes + 1, text.length - 1};
    return text;
}

/* The last of its lines stays open, for what may follow on the right. */
static void begin_words(struct layout *layout, struct text text)
{
    while (width_of(layout, text) > layout->columns) {
        size_t length = breaks_at(layout, text);
        if (length == 0) /* spaces alone, before a word that is wider than the paper */
            length = utf8_fit(text, layout->columns, layout->width);
        buffer_add(&layout->line, text.bytes, length);
        end_line(layout);
        text = without_spaces_before((struct text){text.bytes + length, text.length - length});
    }
    buffer_text(&layout->line, text);
}

void layout_words(struct layout *layout, struct text text)
{
    begin_words(layout, text);
    if (layout->line.length > 0)
        end_line(layout);
}

void layout_rule(struct layout *layout)
{
    fill(layout, layout->columns, '-');
    end_line(layout);
}

void layout_centre(struct layout *layout, struct text text)
{
    unsigned width = width_of(layout, text);
    if (width > layout->columns) {
        layout_words(layout, text);
        return;
    }
    fill(layout, (layout->columns - width) / 2, ' ');
    buffer_text(&layout->line, text);
    end_line(layout);
}

void layout_pair(struct layout *layout, struct text left, struct text right)
{
    begin_words(layout, left);
    unsigned taken = width_of(layout, buffer_view(&layout->line));
    unsigned wide = width_of(layout, right);
    if (taken + 1 + wide > layout->columns) {
        end_line(layout);
        taken = 0;
    }
    if (wide > layout->columns) {
        layout_words(layout, right);
        return;
    }
    fill(layout, layout->columns - taken - wide, ' ');
    buffer_text(&layout->line, right);
    end_line(layout);
}

void layout_free(struct layout *layout)
{
    buffer_free(&layout->line);
}
