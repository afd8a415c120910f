/* The summary's two ends: which points it counts, and how it is told. */
#ifndef LOYALTY_IMPORT_SUMMARY_H
#define LOYALTY_IMPORT_SUMMARY_H

#include "import.h"
#include "programme.h"

void summary_name_points(struct import_summary *summary, const struct programme *programme);

#endif
