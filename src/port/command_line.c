/* SPDX-License-Identifier: MIT */
#include "command_line.h"

#include <stdatomic.h>
#include <string.h>

/* ---- taking apart ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The program's name: marks only toggle. Returns where it ends. */
static const char *take_first(const char *line, char **to)
{
	bool quoted = false;

	for (; *line && (quoted || !is_blank(*line)); line++) {
		if (*line == '"')
			quoted = !quoted;
		else
			*(*to)++ = *line;
	}
	*(*to)++ = 0;
	return line;
}

/* One argument that begins at @line. */
static const char *take_next(const char *line, char **to)
{
	bool quoted = false;

	while (*line && (quoted || !is_blank(*line))) {
		size_t slashes = strspn(line, "\\");

		line += slashes;
		if (*line == '"') {
			memset(*to, '\\', slashes / 2);
			*to += slashes / 2;
			if (slashes % 2 || (quoted && line[1] == '"')) {
				*(*to)++ = '"';
				line += slashes % 2 ? 1 : 2;
			} else {
				quoted = !quoted;
				line++;
			}
			continue;
		}
		memset(*to, '\\', slashes);
		*to += slashes;
		if (*line && (quoted || !is_blank(*line)))
			*(*to)++ = *line++;
	}
	*(*to)++ = 0;
	return line;
}

fm_status command_line_split(const char *line, char ***ret_arguments)
{
	size_t length = strlen(line), most = length / 2 + 3; /* at least a blank between two */
	char **arguments = os_allocate(most * sizeof(*arguments) + 2 * length + 2), *to;
	size_t count = 0;

	if (!arguments)
		return FM_E_NO_MEMORY;
	to = (char *)(arguments + most);
	arguments[count++] = to;
	line = take_first(line, &to);
	for (;;) {
		line += strspn(line, " \t");
		if (!*line)
			break;
		arguments[count++] = to;
		line = take_next(line, &to);
	}
	arguments[count] = NULL;
	*ret_arguments = arguments;
	return FM_OK;
}

/* ---- putting together ---- */

static char *put_plain(char *to, const char *text)
{
	size_t length = strlen(text);

	memcpy(to, text, length);
	return to + length;
}

static char *put_first(char *to, const char *text)
{
	bool mark = !*text || strpbrk(text, " \t");

	if (mark)
		*to++ = '"';
	to = put_plain(to, text);
	if (mark)
		*to++ = '"';
	return to;
}

static char *put_next(char *to, const char *text)
{
	*to++ = ' ';
	if (*text && !strpbrk(text, " \t\""))
		return put_plain(to, text);
	*to++ = '"';
	while (*text) {
		size_t slashes = strspn(text, "\\");
		bool mark = !text[slashes] || text[slashes] == '"';

		memset(to, '\\', slashes * (mark ? 2 : 1));
		to += slashes * (mark ? 2 : 1);
		text += slashes;
		if (*text == '"')
			*to++ = '\\';
		if (*text)
			*to++ = *text++;
	}
	*to++ = '"';
	return to;
}

char *command_line_join(const char *arguments, size_t size)
{
	char *line = os_allocate(4 * size + 4), *to = line; /* two marks and a blank for an empty one */

	if (!line)
		return NULL;
	for (size_t at = 0; at < size; at += strlen(arguments + at) + 1)
		to = at ? put_next(to, arguments + at) : put_first(to, arguments + at);
	*to = 0;
	return line;
}

/* ---- this process's ---- */

/* All of a file of /proc, whose size nobody knows, with a NUL behind it. */
static char *read_all(int fd, size_t *ret_size)
{
	size_t room = 4096, used = 0;
	char *text = os_allocate(room);

	while (text) {
		ssize_t got = OS_RETRY(os.read(fd, text + used, room - used - 1));
		char *larger;

		if (got <= 0)
			break;
		used += (size_t)got;
		if (used < room - 1)
			continue;
		larger = os_allocate(room * 2);
		if (larger)
			memcpy(larger, text, used);
		os_free(text);
		text = larger;
		room *= 2;
	}
	*ret_size = used;
	return text;
}

static char *make_own(void)
{
	OS_CLEANUP_FD int fd = os_open(AT_FDCWD, "/proc/self/cmdline", O_RDONLY, 0);
	size_t size = 0;
	char *arguments = read_all(fd, &size), *line;

	if (!arguments)
		return NULL;
	line = command_line_join(arguments, size);
	os_free(arguments);
	return line;
}

const char *command_line_own(void)
{
	static _Atomic(char *) own;
	char *present = atomic_load(&own), *fresh;

	if (present)
		return present;
	fresh = make_own();
	if (fresh && atomic_compare_exchange_strong(&own, &present, fresh))
		return fresh;
	os_free(fresh);
	return present;
}

LPSTR WINAPI GetCommandLineA(VOID)
{
	const char *line = command_line_own();

	return finish_pointer(line ? FM_OK : FM_E_NO_MEMORY, (char *)(uintptr_t)line);
}
