/* SPDX-License-Identifier: MIT */
/* Environment variables: the C library's, under LOCK_PORT among these calls. */
#include "environment.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "object.h"

DWORD text_out(const char *text, LPSTR buffer, DWORD size)
{
	size_t length = strlen(text);

	if (length >= size)
		return (DWORD)length + 1;
	memcpy(buffer, text, length + 1);
	return (DWORD)length;
}

/* "name=value" whose name is @name in any case, an equal one before others; NULL. LOCK_PORT is held. */
static const char *find(const char *name)
{
	size_t length = strlen(name);
	const char *like = NULL;

	for (char **entry = environ; entry && *entry; entry++) {
		if (strncasecmp(*entry, name, length) != 0 || (*entry)[length] != '=')
			continue;
		if (strncmp(*entry, name, length) == 0)
			return *entry;
		if (!like)
			like = *entry;
	}
	return like;
}

static fm_status check_name(const char *name)
{
	if (!name || !*name || strchr(name, '='))
		return FM_E_INVALID_PARAMETER;
	return fm_internal_lock_ready();
}

char *environment_get(const char *name)
{
	const char *entry;
	char *copy;

	if (!finish(check_name(name)))
		return NULL;
	PORT_LOCK_SCOPE(LOCK_PORT);
	entry = find(name);
	if (!entry) {
		SetLastError(ERROR_ENVVAR_NOT_FOUND);
		return NULL;
	}
	entry = strchr(entry, '=') + 1;
	copy = os_allocate(strlen(entry) + 1);
	if (!copy)
		return finish_pointer(FM_E_NO_MEMORY, NULL);
	return strcpy(copy, entry);
}

/* The name as the environment has it, so that a variable keeps its case. */
static char *present_name(const char *name)
{
	const char *entry = find(name);
	size_t length = strlen(name);
	char *copy = os_allocate(length + 1);

	return copy ? memcpy(copy, entry ? entry : name, length) : NULL;
}

BOOL environment_set(const char *name, const char *value)
{
	char *present;
	int failed;

	if (!finish(check_name(name)))
		return FALSE;
	PORT_LOCK_SCOPE(LOCK_PORT);
	if (!value && !find(name)) {
		SetLastError(ERROR_ENVVAR_NOT_FOUND);
		return FALSE;
	}
	present = present_name(name);
	if (!present)
		return finish(FM_E_NO_MEMORY);
	failed = value ? setenv(present, value, 1) : unsetenv(present);
	os_free(present);
	return finish(failed ? FM_E_NO_MEMORY : FM_OK);
}

char *environment_block(size_t *ret_size)
{
	size_t size = 1, used = 0;
	char *block;

	if (!finish(fm_internal_lock_ready()))
		return NULL;
	PORT_LOCK_SCOPE(LOCK_PORT);
	for (char **entry = environ; entry && *entry; entry++)
		size += strlen(*entry) + 1;
	block = os_allocate(size + 1); /* an empty one has two terminators too */
	if (!block)
		return finish_pointer(FM_E_NO_MEMORY, NULL);
	for (char **entry = environ; entry && *entry; entry++) {
		size_t length = strlen(*entry) + 1;

		memcpy(block + used, *entry, length);
		used += length;
	}
	*ret_size = size;
	return block;
}

DWORD WINAPI GetEnvironmentVariableA(LPCSTR lpName, LPSTR lpBuffer, DWORD nSize)
{
	char *value = environment_get(lpName);
	DWORD result = value ? text_out(value, lpBuffer, nSize) : 0;

	os_free(value);
	return result;
}

BOOL WINAPI SetEnvironmentVariableA(LPCSTR lpName, LPCSTR lpValue)
{
	return environment_set(lpName, lpValue);
}

LPSTR WINAPI GetEnvironmentStringsA(VOID)
{
	size_t size;

	return environment_block(&size);
}

BOOL WINAPI FreeEnvironmentStringsA(LPSTR penv)
{
	os_free(penv);
	return TRUE;
}
