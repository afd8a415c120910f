/* Lines of so many columns: where words go on paper. Knows no points. */
#ifndef LOYALTY_SLIP_LAYOUT_H
#define LOYALTY_SLIP_LAYOUT_H

#include <cjson/cJSON.h>

#include "buffer.h"
#include "utf8.h"

struct layout {
    unsigned columns;
    unsigned (*width)(struct text text); /* utf8_width or gb18030_width */
    cJSON *lines;
    struct buffer line;
};

void layout_rule(struct layout *layout);
void layout_centre(struct layout *layout, struct text text);
/* Left and right on one line where they fit; else on lines of their own. */
void layout_pair(struct layout *layout, struct text left, struct text right);
/* Running text, broken between words, or anywhere where there are none. */
void layout_words(struct layout *layout, struct text text);
void layout_free(struct layout *layout); /* all but the lines */

#endif
