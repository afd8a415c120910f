/* The cases of this suite's files. */
#ifndef LOYALTY_TESTS_IMPORT_CASES_H
#define LOYALTY_TESTS_IMPORT_CASES_H

void test_mapping_faults(void);
void test_mapping_columns(void);
void test_mapping_earns_nothing(void);
void test_mapping_scope(void);

void test_rows_pieces(void);
void test_rows_line_ends(void);
void test_rows_byte_order_mark(void);
void test_rows_quotes(void);
void test_rows_cells(void);
void test_rows_unclosed(void);
void test_rows_encodings(void);
void test_rows_broken_encodings(void);

#endif
