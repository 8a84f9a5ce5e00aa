/* SPDX-License-Identifier: MIT */
#include "internal_win32.h"

#include <stdatomic.h>
#include <string.h>

#include "mapping.h"

/* One library, two widths. An entry is complete before it is counted. */
static struct {
	const struct function *table;
	unsigned count, width;
} more[4];
static atomic_uint more_count;

void fm_internal_functions(unsigned width, const struct function *table, unsigned count)
{
	unsigned index = atomic_load_explicit(&more_count, memory_order_relaxed);

	if (index == RTL_NUMBER_OF(more))
		return;
	more[index].table = table;
	more[index].count = count;
	more[index].width = width;
	atomic_store_explicit(&more_count, index + 1, memory_order_release);
}

FARPROC more_functions_find(unsigned width, const char *name, unsigned module)
{
	unsigned tables = atomic_load_explicit(&more_count, memory_order_acquire);

	for (unsigned k = 0; k < tables; k++)
		for (unsigned i = 0; more[k].width == width && i < more[k].count; i++)
			if ((more[k].table[i].modules & module) && strcmp(more[k].table[i].name, name) == 0)
				return more[k].table[i].function;
	return NULL;
}

fm_status fm_internal_text_narrow(const void *wide, size_t count, unsigned width, char **ret_text)
{
	return text_narrow(wide, count, width, ret_text);
}

size_t fm_internal_text_wide_length(const void *wide, unsigned width)
{
	return text_wide_length(wide, width);
}

size_t fm_internal_text_widened_length(const char *text, unsigned width)
{
	return text_widened_length(text, width);
}

size_t fm_internal_text_widen(const char *text, void *wide, size_t capacity, unsigned width)
{
	return text_widen(text, wide, capacity, width);
}

fm_status fm_internal_security_acl(const void *descriptor, enum secured secured, bool named, struct acl *ret_acl,
				   bool *ret_sealed)
{
	return security_acl(descriptor, secured, named, ret_acl, ret_sealed);
}
