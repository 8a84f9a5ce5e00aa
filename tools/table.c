/* SPDX-License-Identifier: MIT */
/* Columns that fit their widest cell. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

struct table {
	size_t columns, count, room;
	const char *const *headings;
	char **cells; /* row by row; the headings are the first row */
};

void table_cell(struct table *table, const char *text)
{
	if (table->count == table->room) {
		size_t room = table->room ? 2 * table->room : 64;
		char **cells = realloc(table->cells, room * sizeof(*cells));

		if (!cells)
			out_of_memory();
		table->cells = cells;
		table->room = room;
	}
	table->cells[table->count] = strdup(clean_text(text));
	if (!table->cells[table->count])
		out_of_memory();
	table->count++;
}

struct table *table_new(const char *const *headings, size_t columns)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		out_of_memory();
	table->columns = columns;
	table->headings = headings;
	for (size_t i = 0; i < columns; i++)
		table_cell(table, headings[i] + 1);
	return table;
}

static int column_width(const struct table *table, size_t column)
{
	int widest = 0;

	for (size_t i = column; i < table->count; i += table->columns) {
		int width = text_width(table->cells[i]);

		if (width > widest)
			widest = width;
	}
	return widest;
}

void table_print(struct table *table)
{
	int *widths = calloc(table->columns, sizeof(*widths));

	if (!widths)
		out_of_memory();
	for (size_t i = 0; i < table->columns; i++)
		widths[i] = column_width(table, i);
	for (size_t i = 0; i < table->count; i++) {
		size_t column = i % table->columns;
		bool right = table->headings[column][0] == '>', last = column + 1 == table->columns;
		int blanks = widths[column] - text_width(table->cells[i]);

		printf("%*s%s%*s%s", right ? blanks : 0, "", table->cells[i], right || last ? 0 : blanks, "",
		       last ? "\n" : "  ");
		free(table->cells[i]);
	}
	free(widths);
	free(table->cells);
	free(table);
}
