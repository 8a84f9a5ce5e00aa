/* SPDX-License-Identifier: MIT */
/* Compiled for either width of wchar_t. */
#include <stdatomic.h>

#include "command_line.h"

LPWSTR WINAPI GetCommandLineW(VOID)
{
	static _Atomic(LPWSTR) own;
	LPWSTR present = atomic_load(&own), fresh;
	const char *line;
	size_t length;

	if (present)
		return present;
	line = command_line_own();
	length = line ? fm_internal_text_widened_length(line, sizeof(WCHAR)) : 0;
	fresh = line ? os_allocate((length + 1) * sizeof(WCHAR)) : NULL;
	if (!fresh)
		return finish_pointer(FM_E_NO_MEMORY, NULL);
	(void)fm_internal_text_widen(line, fresh, length, sizeof(WCHAR)); /* all of it */
	if (atomic_compare_exchange_strong(&own, &present, fresh))
		return fresh;
	os_free(fresh);
	return present;
}
