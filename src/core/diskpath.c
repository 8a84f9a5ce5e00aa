/* SPDX-License-Identifier: MIT */
#include "diskpath.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "os.h"
#include "status.h"

static bool is_separator(char c)
{
	return c == '/' || c == '\\';
}

static bool is_drive(const char *text)
{
	return ((text[0] | 0x20) >= 'a' && (text[0] | 0x20) <= 'z') && text[1] == ':';
}

/* Past "\\?\", "\\.\" or "\??\". */
static fm_status strip_prefix(const char **text)
{
	const char *rest = *text;
	bool device = strncmp(rest, "\\\\.\\", 4) == 0;

	if (!device && strncmp(rest, "\\\\?\\", 4) != 0 && strncmp(rest, "\\??\\", 4) != 0)
		return strncmp(rest, "\\\\", 2) == 0 ? FM_E_BAD_NETWORK_PATH : FM_OK;
	rest += 4;
	if (strncasecmp(rest, "UNC\\", 4) == 0)
		return FM_E_BAD_NETWORK_PATH;
	if (device && !is_drive(rest) && strcasecmp(rest, "NUL") != 0)
		return FM_E_NAME_NOT_FOUND;
	*text = rest;
	return FM_OK;
}

/* Where the tree of drive @letter begins; NULL: there is no such drive. */
static const char *drive_root(char letter)
{
	char name[] = "FILEMAP_DRIVE_X";
	const char *root;

	name[sizeof(name) - 2] = (char)(letter & ~0x20);
	root = os_environment(name);
	if (root && root[0])
		return root;
	return (letter | 0x20) == 'c' ? "" : NULL;
}

/* C:x is x in the current directory; another drive's current directory is its root. */
static fm_status split_drive(const char **text, const char **ret_root, const char **ret_between)
{
	const char *rest = *text;

	*ret_root = *ret_between = "";
	if (!is_drive(rest))
		return FM_OK;
	*ret_root = drive_root(rest[0]);
	if (!*ret_root)
		return FM_E_PATH_NOT_FOUND;
	rest += 2;
	if ((*ret_root)[0] && !is_separator(rest[0]))
		*ret_between = "/";
	*text = rest;
	return FM_OK;
}

static bool is_forbidden(char c)
{
	return (unsigned char)c < 0x20 || strchr("<>\"|?*", c);
}

fm_status diskpath_host(const char *text, char ret_path[PATH_MAX])
{
	const char *root, *between;
	fm_status status = text && text[0] ? strip_prefix(&text) : FM_E_PATH_NOT_FOUND;
	size_t start;

	if (!status_failed(status) && strcasecmp(text, "NUL") == 0)
		text = "/dev/null";
	if (!status_failed(status))
		status = split_drive(&text, &root, &between);
	if (status_failed(status))
		return status;
	start = strlen(root) + strlen(between);
	if (start + strlen(text) >= PATH_MAX)
		return FM_E_NAME_TOO_LONG;
	if (start + strlen(text) == 0)
		return FM_E_PATH_NOT_FOUND;
	for (const char *at = text; *at; at++)
		if (is_forbidden(*at))
			return FM_E_NAME_INVALID;
	(void)snprintf(ret_path, PATH_MAX, "%s%s%s", root, between, text); /* fits */
	for (char *at = ret_path + start; *at; at++)
		if (*at == '\\')
			*at = '/';
	return FM_OK;
}

void diskpath_parent(const char *path, char ret_parent[PATH_MAX])
{
	const char *end = path + strlen(path);

	while (end > path && end[-1] == '/')
		end--;
	while (end > path && end[-1] != '/')
		end--;
	memcpy(ret_parent, path, (size_t)(end - path));
	ret_parent[end - path] = 0;
	if (end == path)
		strcpy(ret_parent, ".");
}

fm_status diskpath_missing(const char *path)
{
	char parent[PATH_MAX];
	struct stat st;
	int error;

	diskpath_parent(path, parent);
	error = os.fstatat(AT_FDCWD, parent, &st, 0);
	if (error == -ENOENT)
		return FM_E_PATH_NOT_FOUND;
	return error < 0 ? status_of(OP_OPEN_FILE, error) : FM_E_NAME_NOT_FOUND;
}

fm_status diskpath_temporary(char ret_path[PATH_MAX])
{
	static const char *const names[] = { "TMP", "TEMP", "TMPDIR" };
	const char *path = NULL;
	size_t length;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]) && !(path && path[0]); i++)
		path = os_environment(names[i]);
	if (!path || !path[0])
		path = "/tmp";
	length = strlen(path);
	if (length + 2 > PATH_MAX)
		return FM_E_NAME_TOO_LONG;
	(void)snprintf(ret_path, PATH_MAX, "%s%s", path, is_separator(path[length - 1]) ? "" : "/"); /* fits */
	return FM_OK;
}

/* ---- unique names ---- */

static fm_status check_directory(const char *directory)
{
	char host[PATH_MAX];
	struct stat st;
	fm_status status = diskpath_host(directory, host);
	int error;

	if (status_failed(status))
		return status;
	error = os.fstatat(AT_FDCWD, host, &st, 0);
	if (error == -ENOENT || error == -ENOTDIR || (error == 0 && !S_ISDIR(st.st_mode)))
		return FM_E_NOT_A_DIRECTORY;
	return error < 0 ? status_of(OP_OPEN_FILE, error) : FM_OK;
}

static fm_status compose(const char *directory, const char *prefix, uint32_t number, char ret_path[PATH_MAX])
{
	size_t length = strlen(directory);
	const char *separator = strchr(directory, '\\') ? "\\" : "/";
	int count;

	if (is_separator(directory[length - 1]))
		separator = "";
	count = snprintf(ret_path, PATH_MAX, "%s%s%.3s%x.tmp", directory, separator, prefix, number);
	return count >= PATH_MAX ? FM_E_NAME_TOO_LONG : FM_OK;
}

static fm_status make_new(const char *text)
{
	char host[PATH_MAX];
	fm_status status = diskpath_host(text, host);
	int fd;

	if (status_failed(status))
		return status;
	fd = os_open(AT_FDCWD, host, O_WRONLY | O_CREAT | O_EXCL, 0666);
	if (fd < 0)
		return status_of(OP_OPEN_FILE, fd);
	os_close(fd);
	return FM_OK;
}

fm_status diskpath_unique(const char *directory, const char *prefix, uint32_t number, char ret_path[PATH_MAX],
			  uint32_t *ret_number)
{
	uint32_t first = number & 0xffff ? number & 0xffff : (uint32_t)(os_monotonic_ns() >> 10) % 0xffff + 1;
	fm_status status = check_directory(directory);
	uint32_t tried = first;

	if (status_failed(status))
		return status;
	status = compose(directory, prefix, tried, ret_path);
	if (status_failed(status) || number & 0xffff) {
		*ret_number = tried;
		return status;
	}
	while ((status = make_new(ret_path)) == FM_E_NAME_COLLISION) {
		tried = tried % 0xffff + 1;
		if (tried == first)
			return status;
		status = compose(directory, prefix, tried, ret_path); /* it may have a digit more */
		if (status_failed(status))
			return status;
	}
	if (!status_failed(status))
		*ret_number = tried;
	return status;
}
