/* SPDX-License-Identifier: MIT */
/* Directory searches. A search is memory, known by a list, so that garbage is told from one. */
#include <dirent.h>
#include <string.h>

#include "file.h"

struct find {
	struct find *next;     /* under LOCK_FINDS, as whether it is in the list */
	int fd;                /* of the directory; -1: one name, which was found */
	size_t used, at;       /* in @entries */
	char pattern[256];
	_Alignas(struct dirent64) char entries[4096];
};

static struct find *finds;

/* ---- patterns ---- */

static char folded(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c | 0x20);
	return c;
}

/* The byte after one character of UTF-8. */
static const char *next_character(const char *text)
{
	text++;
	while (((unsigned char)*text & 0xc0) == 0x80)
		text++;
	return text;
}

/* '*' any characters, '?' one; the last '*' takes back what it gave, so time is bounded by the product. */
static bool matches(const char *pattern, const char *name)
{
	const char *star = NULL, *resume = NULL;

	while (*name) {
		if (*pattern == '*') {
			star = ++pattern;
			resume = name;
		} else if (*pattern == '?') {
			pattern++;
			name = next_character(name);
		} else if (folded(*pattern) == folded(*name)) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star;
			name = resume = next_character(resume);
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

/* "*.*" is all names, with a dot or without. */
static const char *plain_pattern(const char *pattern)
{
	return strcmp(pattern, "*.*") == 0 ? "*" : pattern;
}

/* ---- the list ---- */

static fm_status enlist(struct find *find)
{
	fm_status status = fm_internal_lock_ready();

	if (!status_failed(status)) {
		PORT_LOCK_SCOPE(LOCK_FINDS);
		find->next = finds;
		finds = find;
	}
	return status;
}

static struct find *look_up(HANDLE handle, bool removes)
{
	if (status_failed(fm_internal_lock_ready()))
		return NULL;
	PORT_LOCK_SCOPE(LOCK_FINDS);
	for (struct find **link = &finds; *link; link = &(*link)->next)
		if (*link == (struct find *)handle) {
			struct find *find = *link;

			if (removes)
				*link = find->next;
			return find;
		}
	return NULL;
}

/* ---- searching ---- */

/* The next name that matches; NULL: no more, *ret_error 0 or -errno. */
static const char *next_name(struct find *find, int *ret_error)
{
	*ret_error = 0;
	while (find->fd >= 0) {
		struct dirent64 *entry;

		if (find->at >= find->used) {
			ssize_t got = os.getdents64(find->fd, find->entries, sizeof(find->entries));

			*ret_error = got < 0 ? (int)got : 0;
			if (got <= 0)
				return NULL;
			find->used = (size_t)got;
			find->at = 0;
		}
		entry = (struct dirent64 *)(find->entries + find->at);
		find->at += entry->d_reclen;
		if (matches(find->pattern, entry->d_name))
			return entry->d_name;
	}
	return NULL;
}

/* Where a link leads, or the link itself if that cannot be reached. -ENOENT: it has gone since it was read. */
static int facts_at(int fd, const char *name, struct statx *ret_st)
{
	const unsigned facts = STATX_BASIC_STATS | STATX_BTIME;
	int error = OS_RETRY(os.statx(fd, name, 0, facts, ret_st));

	if (error == -ENOENT || error == -EACCES || error == -ELOOP || error == -ENOTDIR)
		error = OS_RETRY(os.statx(fd, name, AT_SYMLINK_NOFOLLOW, facts, ret_st));
	if (error >= 0 && !(ret_st->stx_mask & STATX_BTIME))
		ret_st->stx_btime = ret_st->stx_mtime;
	return error;
}

static BOOL advance(struct find *find, struct found *ret_found, DWORD none)
{
	const char *name;
	int error;

	while ((name = next_name(find, &error))) {
		error = facts_at(find->fd, name, &ret_found->st);
		if (error == -ENOENT)
			continue;
		if (error < 0)
			break;
		memcpy(ret_found->name, name, strlen(name) + 1);
		return TRUE;
	}
	if (error < 0)
		return finish(fm_internal_status_of(OP_OPEN_FILE, error));
	SetLastError(none);
	return FALSE;
}

static void discard(struct find *find)
{
	os_close(find->fd);
	os_free(find);
}

/* Split at the last separator: the directory as a host path, the pattern a part of @text. */
static fm_status split(const char *text, char ret_directory[PATH_MAX], const char **ret_pattern)
{
	char copy[PATH_MAX];
	const char *pattern = text;
	size_t length;

	for (const char *at = text; *at; at++)
		if (*at == '/' || *at == '\\' || (*at == ':' && at == text + 1))
			pattern = at + 1;
	length = (size_t)(pattern - text);
	if (length >= sizeof(copy) || strlen(pattern) >= sizeof(((struct find *)0)->pattern))
		return FM_E_NAME_TOO_LONG;
	if (!*pattern)
		return FM_E_NAME_NOT_FOUND;
	if (strpbrk(pattern, "<>\"|"))
		return FM_E_NAME_INVALID;
	memcpy(copy, text, length);
	copy[length] = 0;
	*ret_pattern = pattern;
	return fm_internal_path_host(length ? copy : ".", ret_directory);
}

static fm_status open_find(const char *text, struct find **ret_find, bool *ret_single)
{
	char directory[PATH_MAX];
	const char *pattern;
	struct find *find;
	fm_status status = text && text[0] ? split(text, directory, &pattern) : FM_E_PATH_NOT_FOUND;
	int fd;

	if (status_failed(status))
		return status;
	fd = os_open(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY, 0);
	if (fd == -ENOENT || fd == -ENOTDIR)
		return FM_E_PATH_NOT_FOUND;
	if (fd < 0)
		return fm_internal_status_of(OP_OPEN_FILE, fd);
	find = os_allocate(sizeof(*find));
	if (!find) {
		os_close(fd);
		return FM_E_NO_MEMORY;
	}
	find->fd = fd;
	*ret_single = !strpbrk(pattern, "*?");
	pattern = plain_pattern(pattern);
	memcpy(find->pattern, pattern, strlen(pattern) + 1);
	*ret_find = find;
	return FM_OK;
}

/* A name without wildcards is what opening would open, to the letter. */
static BOOL find_single(struct find *find, struct found *ret_found)
{
	int error = facts_at(find->fd, find->pattern, &ret_found->st);

	if (error < 0)
		return finish(fm_internal_status_of(OP_OPEN_FILE, error)); /* -ENOENT: ERROR_FILE_NOT_FOUND */
	memcpy(ret_found->name, find->pattern, strlen(find->pattern) + 1);
	os_close(find->fd);
	find->fd = -1;
	return TRUE;
}

HANDLE find_first(const char *pattern, struct found *ret_found)
{
	struct find *find;
	bool single = false;

	if (!finish(open_find(pattern, &find, &single)))
		return INVALID_HANDLE_VALUE;
	if ((single ? find_single(find, ret_found) : advance(find, ret_found, ERROR_FILE_NOT_FOUND)) &&
	    finish(enlist(find)))
		return find;
	discard(find);
	return INVALID_HANDLE_VALUE;
}

/* Two threads in one search take care themselves, as everywhere. */
BOOL find_next(HANDLE handle, struct found *ret_found)
{
	struct find *find = look_up(handle, false);

	return find ? advance(find, ret_found, ERROR_NO_MORE_FILES) : finish(FM_E_INVALID_HANDLE);
}

BOOL WINAPI FindClose(HANDLE hFindFile)
{
	struct find *find = look_up(hFindFile, true);

	if (!find)
		return finish(FM_E_INVALID_HANDLE);
	discard(find);
	return TRUE;
}

static BOOL give(const struct found *found, LPWIN32_FIND_DATAA data)
{
	memset(data, 0, sizeof(*data));
	data->dwFileAttributes = attributes_of(&found->st);
	data->ftCreationTime = filetime_of(found->st.stx_btime);
	data->ftLastAccessTime = filetime_of(found->st.stx_atime);
	data->ftLastWriteTime = filetime_of(found->st.stx_mtime);
	if (!S_ISDIR(found->st.stx_mode)) {
		data->nFileSizeHigh = (DWORD)(found->st.stx_size >> 32);
		data->nFileSizeLow = (DWORD)found->st.stx_size;
	}
	memcpy(data->cFileName, found->name, strlen(found->name) + 1);
	return TRUE;
}

HANDLE WINAPI FindFirstFileA(LPCSTR lpFileName, LPWIN32_FIND_DATAA lpFindFileData)
{
	struct found found;
	HANDLE find = find_first(lpFileName, &found);

	if (find != INVALID_HANDLE_VALUE)
		(void)give(&found, lpFindFileData);
	return find;
}

BOOL WINAPI FindNextFileA(HANDLE hFindFile, LPWIN32_FIND_DATAA lpFindFileData)
{
	struct found found;

	return find_next(hFindFile, &found) && give(&found, lpFindFileData);
}
