/* SPDX-License-Identifier: MIT */
/* Whole paths. A path with a drive letter stays one, with backslashes; any other is this system's. */
#include <string.h>

#include "file.h"

static bool is_separator(char c)
{
	return c == '/' || c == '\\';
}

static bool is_drive(const char *text)
{
	return ((text[0] | 0x20) >= 'a' && (text[0] | 0x20) <= 'z') && text[1] == ':';
}

/* A path that grows by components; @root is what ".." never removes. */
struct path {
	char *text;
	size_t length, root;
	char separator;
};

static void leave_component(struct path *path)
{
	while (path->length > path->root && path->text[path->length - 1] != path->separator)
		path->length--;
	if (path->length > path->root)
		path->length--; /* the separator itself */
}

/* FM_E_NAME_TOO_LONG. Dots and spaces at the end of a component are none on Windows, but are here. */
static fm_status add_component(struct path *path, const char *text, size_t length)
{
	if (length == 0 || (length == 1 && text[0] == '.'))
		return FM_OK;
	if (length == 2 && text[0] == '.' && text[1] == '.') {
		leave_component(path);
		return FM_OK;
	}
	if (path->length + length + 2 > PATH_MAX)
		return FM_E_NAME_TOO_LONG;
	if (path->length > path->root || path->text[path->length - 1] != path->separator)
		path->text[path->length++] = path->separator;
	memcpy(path->text + path->length, text, length);
	path->length += length;
	return FM_OK;
}

static fm_status add_all(struct path *path, const char *text)
{
	fm_status status = FM_OK;

	while (*text && !status_failed(status)) {
		const char *end = text;

		while (*end && !is_separator(*end))
			end++;
		status = add_component(path, text, (size_t)(end - text));
		text = *end ? end + 1 : end;
	}
	return status;
}

static fm_status begin_in_current(struct path *path)
{
	int error = os.getcwd(path->text, PATH_MAX);

	if (error < 0)
		return fm_internal_status_of(OP_OPEN_FILE, error);
	path->length = strlen(path->text);
	return FM_OK;
}

fm_status path_full(const char *text, char ret_full[PATH_MAX])
{
	struct path path = { .text = ret_full, .length = 1, .root = 1, .separator = '/' };
	bool ends = false;
	fm_status status = FM_OK;

	if (!text || !text[0])
		return FM_E_NAME_INVALID;
	if (strncmp(text, "\\\\", 2) == 0) { /* verbatim, a device or a network's: nothing to resolve */
		if (strlen(text) >= PATH_MAX)
			return FM_E_NAME_TOO_LONG;
		memcpy(ret_full, text, strlen(text) + 1);
		return FM_OK;
	}
	if (is_drive(text) && is_separator(text[2])) {
		path.separator = '\\';
		path.length = path.root = 3;
		memcpy(ret_full, (char[]){ text[0], ':', '\\' }, 3);
		text += 3;
	} else if (is_separator(text[0])) {
		ret_full[0] = '/';
	} else {
		text += is_drive(text) ? 2 : 0;
		status = begin_in_current(&path);
	}
	if (!status_failed(status))
		status = add_all(&path, text);
	if (status_failed(status))
		return status;
	ends = text[0] && is_separator(text[strlen(text) - 1]);
	if (ends && path.length > path.root && path.length + 1 < PATH_MAX)
		ret_full[path.length++] = path.separator;
	ret_full[path.length] = 0;
	return FM_OK;
}

const char *path_last(const char *full)
{
	const char *last = NULL;

	for (const char *at = full; *at; at++)
		if (is_separator(*at))
			last = at + 1;
	return last && *last ? last : NULL;
}

/* The length without the terminator; if it does not fit, with it, and nothing is written. */
DWORD WINAPI GetFullPathNameA(LPCSTR lpFileName, DWORD nBufferLength, LPSTR lpBuffer, LPSTR *lpFilePart)
{
	char full[PATH_MAX];
	const char *last;
	size_t length;

	if (!finish(path_full(lpFileName, full)))
		return 0;
	length = strlen(full);
	if (nBufferLength <= length)
		return (DWORD)length + 1;
	memcpy(lpBuffer, full, length + 1);
	last = path_last(full);
	if (lpFilePart)
		*lpFilePart = last ? lpBuffer + (last - full) : NULL;
	return (DWORD)length;
}

/* Narrow paths are UTF-8, whatever a program would like its files' API to be. */
BOOL WINAPI AreFileApisANSI(VOID)
{
	return TRUE;
}
