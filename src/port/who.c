/* SPDX-License-Identifier: MIT */
#include "who.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>

/* It loads libraries: a program that is linked statically goes without it. */
#pragma weak getpwuid_r

void who_computer(char ret_name[COMPUTER_LONGEST + 1])
{
	char host[OS_HOST_NAME];
	size_t length;

	os_host_name(host);
	length = strcspn(host, ".");
	if (length > COMPUTER_LONGEST)
		length = COMPUTER_LONGEST;
	for (size_t i = 0; i < length; i++)
		ret_name[i] = (char)(host[i] >= 'a' && host[i] <= 'z' ? host[i] - 'a' + 'A' : host[i]);
	ret_name[length] = 0;
}

void who_user(char ret_name[USER_LONGEST + 1])
{
	struct passwd entry, *found = NULL;
	char room[4096];

	if (!getpwuid_r || getpwuid_r(os_uid(), &entry, room, sizeof(room), &found) || !found ||
	    strlen(found->pw_name) > USER_LONGEST)
		(void)snprintf(ret_name, USER_LONGEST + 1, "%u", (unsigned)os_uid()); /* always fits */
	else
		memcpy(ret_name, found->pw_name, strlen(found->pw_name) + 1);
}

BOOL WINAPI GetComputerNameA(LPSTR lpBuffer, LPDWORD nSize)
{
	char name[COMPUTER_LONGEST + 1];
	DWORD length;

	if (!nSize)
		return finish(FM_E_INVALID_PARAMETER);
	who_computer(name);
	length = (DWORD)strlen(name);
	if (!lpBuffer || *nSize <= length) {
		*nSize = length + 1;
		SetLastError(ERROR_BUFFER_OVERFLOW);
		return FALSE;
	}
	memcpy(lpBuffer, name, length + 1);
	*nSize = length;
	return TRUE;
}

BOOL WINAPI GetUserNameA(LPSTR lpBuffer, LPDWORD pcbBuffer)
{
	char name[USER_LONGEST + 1];
	DWORD size;

	if (!pcbBuffer)
		return finish(FM_E_INVALID_PARAMETER);
	who_user(name);
	size = (DWORD)strlen(name) + 1;
	if (!lpBuffer || *pcbBuffer < size) {
		*pcbBuffer = size;
		SetLastError(ERROR_INSUFFICIENT_BUFFER);
		return FALSE;
	}
	memcpy(lpBuffer, name, size);
	*pcbBuffer = size;
	return TRUE;
}
