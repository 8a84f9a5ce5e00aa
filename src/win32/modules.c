/* SPDX-License-Identifier: MIT */
#include "modules.h"

#include <string.h>
#include <strings.h>

#include "internal_win32.h"
#include "win32.h"

static const struct {
	const char *name;
	enum module module;
} names[] = {
	{ "ntdll", MODULE_NT },
	{ "kernel32", MODULE_BASE },
	{ "kernelbase", MODULE_BASE },
	{ "psapi", MODULE_PSAPI },
	{ "advapi32", MODULE_ADVAPI },
};

/* A handle is the address of one of these: no number that a handle of another kind could have. */
static char handles[MODULE_ADVAPI + 1];

static const char api_set[] = "api-ms-win-core-memory-l1-1-";

/* How much of @name counts: without a path, and without ".dll". */
static size_t base_length(const char *name)
{
	size_t length = strlen(name);

	return length > 4 && strcasecmp(name + length - 4, ".dll") == 0 ? length - 4 : length;
}

static bool in_api_set(const char *name, size_t length)
{
	size_t prefix = sizeof(api_set) - 1;

	return length == prefix + 1 && strncasecmp(name, api_set, prefix) == 0 && name[prefix] >= '0' &&
	       name[prefix] <= '9';
}

enum module module_of_name(const char *name)
{
	size_t length;

	if (!name)
		return MODULE_PROGRAM;
	length = base_length(name);
	for (unsigned i = 0; i < RTL_NUMBER_OF(names); i++)
		if (length == strlen(names[i].name) && strncasecmp(name, names[i].name, length) == 0)
			return names[i].module;
	return in_api_set(name, length) ? MODULE_MEMORY : MODULE_NONE;
}

HMODULE module_handle(enum module module)
{
	if (module == MODULE_NONE) {
		SetLastError(ERROR_MOD_NOT_FOUND);
		return NULL;
	}
	return (HMODULE)(void *)&handles[module];
}

enum module module_of_handle(HMODULE handle)
{
	uintptr_t at = (uintptr_t)handle - (uintptr_t)handles;

	if (!handle)
		return MODULE_PROGRAM;
	return at < sizeof(handles) && at && (at & (at - 1)) == 0 ? (enum module)at : MODULE_NONE;
}

unsigned fm_internal_module_of_handle(HMODULE handle)
{
	return module_of_handle(handle);
}

HMODULE WINAPI GetModuleHandleA(LPCSTR lpModuleName)
{
	return module_handle(module_of_name(lpModuleName));
}
