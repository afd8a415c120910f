/* A table of text that lines up, also in Chinese. Cells are added one after the
 * other; a row is full after as many cells as there are columns. */
#ifndef LOYALTY_CLI_TABLE_H
#define LOYALTY_CLI_TABLE_H

#include <stdio.h>

struct table;

/* One letter a column: 'l' or 'r'. */
struct table *table_new(const char *columns);
void table_cell(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The first row is headings: a rule is drawn under it. */
void table_heading(struct table *table);
/* Print it, `indent` columns in, and free it. A table without rows prints nothing. */
void table_print(struct table *table, unsigned indent, FILE *out);

#endif
