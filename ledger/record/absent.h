/* Bodies that are not there, and the records that say that they were erased.
 *
 * A body that is gone because a record erased it is no fault, one that is gone otherwise
 * is. Which it was is known from heads alone: the record that erases names what it
 * erases, and stands behind it. So a walk notes what is missing, and a later record
 * accounts for it. Two bits for each record. */
#ifndef LOYALTY_ABSENT_H
#define LOYALTY_ABSENT_H

#include "head.h"

struct absences {
    unsigned char *marks;
    size_t capacity; /* bytes */
    int64_t from, until;
    int64_t erased; /* bodies that are gone, and accounted for */
};
/* One record after the other, from any on. ERROR_NOT_VERIFIED where it erases a body that
 * is there all the same. */
bool absences_note(struct absences *absences, const struct head *head, bool has_body,
                   struct error *error);
/* At the end: no body is missing that nobody has erased. */
bool absences_explained(const struct absences *absences, struct error *error);
void absences_free(struct absences *absences);

#endif
