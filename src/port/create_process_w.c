/* SPDX-License-Identifier: MIT */
/*
 * CreateProcessA and CreateProcessW, compiled for either width of wchar_t: either may be given an
 * environment of wide strings.
 */
#include "create_process.h"

#include <string.h>

/* The block as UTF-8; NULL for NULL. */
static fm_status narrow_block(LPCWSTR block, char **ret_block)
{
	size_t length = 0, used = 0;
	char *whole;

	*ret_block = NULL;
	if (!block)
		return FM_OK;
	while (block[length])
		length += fm_internal_text_wide_length(block + length, sizeof(WCHAR)) + 1;
	whole = os_allocate(length * 4 + 2);
	if (!whole)
		return FM_E_NO_MEMORY;
	for (LPCWSTR at = block; *at; at += fm_internal_text_wide_length(at, sizeof(WCHAR)) + 1) {
		char *text;
		fm_status status = narrow(at, &text);

		if (status_failed(status)) {
			os_free(whole);
			return status;
		}
		strcpy(whole + used, text);
		used += strlen(text) + 1;
		os_free(text);
	}
	*ret_block = whole;
	return FM_OK;
}

/* With the environment, which is @given, wide if the flags say so. */
static BOOL create(struct process_call *call, LPVOID given, PROCESS_INFORMATION *ret_information)
{
	char *block = NULL;
	BOOL done;

	call->environment = given;
	if (call->flags & CREATE_UNICODE_ENVIRONMENT) {
		if (!finish(narrow_block(given, &block)))
			return FALSE;
		call->environment = block;
	}
	done = process_create(call, ret_information);
	os_free(block);
	return done;
}

BOOL WINAPI CreateProcessW(LPCWSTR lpApplicationName, LPWSTR lpCommandLine, LPSECURITY_ATTRIBUTES lpProcessAttributes,
			   LPSECURITY_ATTRIBUTES lpThreadAttributes, BOOL bInheritHandles, DWORD dwCreationFlags,
			   LPVOID lpEnvironment, LPCWSTR lpCurrentDirectory, LPSTARTUPINFOW lpStartupInfo,
			   LPPROCESS_INFORMATION lpProcessInformation)
{
	char *program = NULL, *line = NULL, *directory = NULL;
	BOOL done = finish(lpStartupInfo && lpProcessInformation ? FM_OK : FM_E_INVALID_PARAMETER) &&
		    finish(narrow(lpApplicationName, &program)) && finish(narrow(lpCommandLine, &line)) &&
		    finish(narrow(lpCurrentDirectory, &directory));

	if (done) {
		struct process_call call = {
			.program = program, .line = line, .directory = directory,
			.process_security = lpProcessAttributes, .thread_security = lpThreadAttributes,
			.inherit = bInheritHandles, .flags = dwCreationFlags, .startup_flags = lpStartupInfo->dwFlags,
			.standard = { lpStartupInfo->hStdInput, lpStartupInfo->hStdOutput, lpStartupInfo->hStdError },
		};

		done = create(&call, lpEnvironment, lpProcessInformation);
	}
	os_free(directory);
	os_free(line);
	os_free(program);
	return done;
}

BOOL WINAPI CreateProcessA(LPCSTR lpApplicationName, LPSTR lpCommandLine, LPSECURITY_ATTRIBUTES lpProcessAttributes,
			   LPSECURITY_ATTRIBUTES lpThreadAttributes, BOOL bInheritHandles, DWORD dwCreationFlags,
			   LPVOID lpEnvironment, LPCSTR lpCurrentDirectory, LPSTARTUPINFOA lpStartupInfo,
			   LPPROCESS_INFORMATION lpProcessInformation)
{
	struct process_call call = {
		.program = lpApplicationName, .line = lpCommandLine, .directory = lpCurrentDirectory,
		.process_security = lpProcessAttributes, .thread_security = lpThreadAttributes,
		.inherit = bInheritHandles, .flags = dwCreationFlags,
	};

	if (!finish(lpStartupInfo && lpProcessInformation ? FM_OK : FM_E_INVALID_PARAMETER))
		return FALSE;
	call.startup_flags = lpStartupInfo->dwFlags;
	call.standard[0] = lpStartupInfo->hStdInput;
	call.standard[1] = lpStartupInfo->hStdOutput;
	call.standard[2] = lpStartupInfo->hStdError;
	return create(&call, lpEnvironment, lpProcessInformation);
}
