/* SPDX-License-Identifier: MIT */
#include "program.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "file.h"

/* Is the host's @path a file? */
static fm_status look(const char *path)
{
	struct stat st;
	int error = os.fstatat(AT_FDCWD, path, &st, 0);

	if (error == -ENOENT)
		return fm_internal_path_missing(path);
	if (error < 0)
		return fm_internal_status_of(OP_OPEN_FILE, error);
	return S_ISDIR(st.st_mode) ? FM_E_ACCESS_DENIED : FM_OK;
}

/* Put the current directory in front. */
static fm_status make_absolute(char path[PATH_MAX])
{
	char whole[PATH_MAX];
	int length;

	if (path[0] == '/')
		return FM_OK;
	length = os.getcwd(whole, sizeof(whole));
	if (length < 0)
		return fm_internal_status_of(OP_OPEN_FILE, length);
	if (strlen(whole) + strlen(path) + 2 > PATH_MAX)
		return FM_E_NAME_TOO_LONG;
	strcat(whole, "/");
	strcat(whole, path);
	strcpy(path, whole);
	return FM_OK;
}

/* The host's @path, or the same with the ending that it has not. */
static fm_status resolve(char path[PATH_MAX])
{
	size_t length = strlen(path);
	bool ends = length > 4 && strcasecmp(path + length - 4, ".exe") == 0;
	fm_status status = look(path), other;
	char ending[5];

	if (!status_failed(status))
		return make_absolute(path);
	if (!ends && length + 5 > PATH_MAX)
		return status;
	strcpy(ending, ends ? path + length - 4 : "");
	strcpy(path + (ends ? length - 4 : length), ends ? "" : ".exe");
	other = look(path);
	if (!status_failed(other))
		return make_absolute(path);
	strcpy(path + (ends ? length - 4 : length), ending);
	return status;
}

fm_status program_named(const char *name, char ret_path[PATH_MAX])
{
	fm_status status = fm_internal_path_host(name, ret_path);

	return status_failed(status) ? status : resolve(ret_path);
}

/* ---- searching ---- */

/* @name in a directory of @length bytes; "" is the current one. */
static fm_status look_in(const char *directory, size_t length, const char *name, char ret_path[PATH_MAX])
{
	if (length + strlen(name) + 2 > PATH_MAX)
		return FM_E_NAME_NOT_FOUND;
	(void)snprintf(ret_path, PATH_MAX, "%.*s%s%s", (int)length, directory, length ? "/" : "", name); /* fits */
	return resolve(ret_path);
}

static fm_status look_beside(const char *name, char ret_path[PATH_MAX])
{
	char own[PATH_MAX];
	ssize_t length = os.readlinkat(AT_FDCWD, "/proc/self/exe", own, sizeof(own) - 1);
	const char *last;

	if (length < 0)
		return FM_E_NAME_NOT_FOUND;
	own[length] = 0;
	last = strrchr(own, '/');
	return last ? look_in(own, (size_t)(last - own), name, ret_path) : FM_E_NAME_NOT_FOUND;
}

static fm_status search(const char *name, char ret_path[PATH_MAX])
{
	const char *at = os_environment("PATH");
	fm_status status = look_beside(name, ret_path);

	if (status_failed(status))
		status = look_in("", 0, name, ret_path);
	while (status_failed(status) && at) {
		const char *end = strchrnul(at, ':');

		status = look_in(at, (size_t)(end - at), name, ret_path);
		at = *end ? end + 1 : NULL;
	}
	return status_failed(status) ? FM_E_NAME_NOT_FOUND : FM_OK;
}

static fm_status find(const char *name, char ret_path[PATH_MAX])
{
	fm_status status = fm_internal_path_host(name, ret_path); /* what no file can be called is refused */

	if (status_failed(status))
		return status;
	return strpbrk(name, "/\\:") ? resolve(ret_path) : search(name, ret_path);
}

/* Of "a b c": a, else "a b", else "a b c". What the first says is the error. */
static fm_status find_unquoted(char *name, char ret_path[PATH_MAX])
{
	fm_status first = FM_OK;

	for (size_t at = strcspn(name, " \t");; at += 1 + strcspn(name + at + 1, " \t")) {
		char blank = name[at];
		fm_status status;

		name[at] = 0;
		status = find(name, ret_path);
		name[at] = blank;
		if (!status_failed(status))
			return status;
		if (!first)
			first = status;
		if (!blank)
			return first;
	}
}

fm_status program_of_line(const char *line, char ret_path[PATH_MAX])
{
	bool quoted = *line == '"';
	size_t length = quoted ? strcspn(line + 1, "\"") : strlen(line);
	char *name = os_allocate(length + 1);
	fm_status status;

	if (!name)
		return FM_E_NO_MEMORY;
	memcpy(name, line + quoted, length);
	status = quoted ? find(name, ret_path) : find_unquoted(name, ret_path);
	os_free(name);
	return status;
}
