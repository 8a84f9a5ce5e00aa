/* SPDX-License-Identifier: MIT */
/* Compiled for either width of wchar_t. */
#include <string.h>

#include "environment.h"

static DWORD wide_out(const char *text, LPWSTR buffer, DWORD size)
{
	size_t length = fm_internal_text_widened_length(text, sizeof(WCHAR));

	if (length >= size)
		return (DWORD)length + 1;
	buffer[fm_internal_text_widen(text, buffer, length, sizeof(WCHAR))] = 0;
	return (DWORD)length;
}

DWORD WINAPI GetEnvironmentVariableW(LPCWSTR lpName, LPWSTR lpBuffer, DWORD nSize)
{
	char *name, *value;
	DWORD result = 0;

	if (!finish(narrow(lpName, &name)))
		return 0;
	value = environment_get(name);
	os_free(name);
	if (value)
		result = wide_out(value, lpBuffer, nSize);
	os_free(value);
	return result;
}

BOOL WINAPI SetEnvironmentVariableW(LPCWSTR lpName, LPCWSTR lpValue)
{
	char *name, *value = NULL;
	BOOL done = finish(narrow(lpName, &name)) && finish(narrow(lpValue, &value));

	if (done)
		done = environment_set(name, value);
	os_free(name);
	os_free(value);
	return done;
}

LPWSTR WINAPI GetEnvironmentStringsW(VOID)
{
	size_t size, used = 0;
	char *block = environment_block(&size);
	WCHAR *wide;

	if (!block)
		return NULL;
	wide = os_allocate((size + 1) * sizeof(WCHAR)); /* no character is wider than its bytes */
	for (const char *at = block; wide && *at; at += strlen(at) + 1)
		used += fm_internal_text_widen(at, wide + used, size - used, sizeof(WCHAR)) + 1;
	os_free(block);
	return finish_pointer(wide ? FM_OK : FM_E_NO_MEMORY, wide);
}

BOOL WINAPI FreeEnvironmentStringsW(LPWSTR penv)
{
	os_free(penv);
	return TRUE;
}

DWORD WINAPI GetCurrentDirectoryW(DWORD nBufferLength, LPWSTR lpBuffer)
{
	char path[PATH_MAX];
	int length = os.getcwd(path, sizeof(path));

	return finish(length < 0 ? fm_internal_status_of(OP_OPEN_FILE, length) : FM_OK)
		       ? wide_out(path, lpBuffer, nBufferLength)
		       : 0;
}

BOOL WINAPI SetCurrentDirectoryW(LPCWSTR lpPathName)
{
	char *path;
	BOOL done = finish(narrow(lpPathName, &path));

	if (done)
		done = directory_set(path);
	os_free(path);
	return done;
}
