/* Two bits a record, in a growing array: 10 million records take 2.5 MB. */
#include "absent.h"

#include <stdlib.h>
#include <string.h>

#include "entry.h"
#include "memory.h"

enum mark { NO_BODY, BODY_THERE, BODY_MISSING, BODY_ERASED };
enum { MARKS_IN_BYTE = 4, MARK_BITS = 2, FIRST_BYTES = 4096 };
static const unsigned MARK_MASK = 3;

static enum mark mark_at(const struct absences *absences, int64_t seq)
{
    size_t place = (size_t)(seq - absences->from);
    unsigned shift = (unsigned)(place % MARKS_IN_BYTE) * MARK_BITS;
    return (enum mark)((unsigned)absences->marks[place / MARKS_IN_BYTE] >> shift & MARK_MASK);
}

static void set_mark(struct absences *absences, int64_t seq, enum mark mark)
{
    size_t place = (size_t)(seq - absences->from);
    unsigned shift = (unsigned)(place % MARKS_IN_BYTE) * MARK_BITS;
    unsigned char *byte = &absences->marks[place / MARKS_IN_BYTE];
    *byte = (unsigned char)((*byte & ~(MARK_MASK << shift)) | (unsigned)mark << shift);
}

static void make_room(struct absences *absences)
{
    size_t needed = (size_t)(absences->until - absences->from) / MARKS_IN_BYTE + 1;
    if (needed <= absences->capacity)
        return;
    size_t larger = absences->capacity == 0 ? FIRST_BYTES : absences->capacity * 2;
    unsigned char *marks = memory_allocate(larger);
    if (absences->capacity > 0)
        memcpy(marks, absences->marks, absences->capacity);
    free(absences->marks);
    absences->marks = marks;
    absences->capacity = larger;
}

/* Of records before the walk's first nothing is known. */
static bool erase(struct absences *absences, const struct head *head,
                  const struct erased_range *range, struct error *error)
{
    int64_t first = range->first > absences->from ? range->first : absences->from;
    for (int64_t seq = first; seq <= range->last; seq++) {
        if (mark_at(absences, seq) == BODY_THERE)
            return fail_field(error, ERROR_NOT_VERIFIED, "record",
                              _("record %lld: its body was erased by record %lld, and is there"),
                              (long long)seq, (long long)head->seq);
        if (mark_at(absences, seq) != BODY_MISSING)
            continue;
        set_mark(absences, seq, BODY_ERASED);
        absences->erased++;
    }
    return true;
}

bool absences_note(struct absences *absences, const struct head *head, bool has_body,
                   struct error *error)
{
    if (absences->marks == NULL)
        absences->from = absences->until = head->seq;
    make_room(absences);
    set_mark(absences, absences->until++,
             !head->has_body ? NO_BODY
             : has_body      ? BODY_THERE
                             : BODY_MISSING);
    for (size_t i = 0; i < head->erased_count; i++) {
        if (!erase(absences, head, &head->erased[i], error))
            return false;
    }
    return true;
}

bool absences_explained(const struct absences *absences, struct error *error)
{
    for (int64_t seq = absences->from; seq < absences->until; seq++) {
        if (mark_at(absences, seq) == BODY_MISSING)
            return record_broken(error, seq, _("its body is missing"));
    }
    return true;
}

void absences_free(struct absences *absences)
{
    free(absences->marks);
    *absences = (struct absences){0};
}
