/* SPDX-License-Identifier: MIT */
#include "debug.h"

#include <string.h>

#include "port.h"

bool debug_wanted(void)
{
	const char *trace = os_environment("FILEMAP_TRACE");

	return trace && strcmp(trace, "1") == 0;
}

VOID WINAPI OutputDebugStringA(LPCSTR lpOutputString)
{
	if (lpOutputString && debug_wanted())
		(void)os.write(2, lpOutputString, strlen(lpOutputString)); /* lost is lost */
}
