/* SPDX-License-Identifier: MIT */
/* Messages on stderr: what, of which object, why, and what to do about it. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

int complain(const char *format, ...)
{
	va_list list;

	progress_end();
	fflush(stdout);
	fprintf(stderr, "filemap: ");
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fprintf(stderr, "\n");
	return EXIT_FAILED;
}

int complain_errno(const char *what, const char *object)
{
	int error = errno;

	complain("cannot %s %s: %s", what, clean_text(object), strerror(error));
	return error == ENOENT ? EXIT_NOT_FOUND : error == EACCES || error == EPERM ? EXIT_DENIED : EXIT_FAILED;
}

static const char *advice_for(fm_status status)
{
	static const struct {
		fm_status status;
		const char *text;
	} table[] = {
		{ FM_E_NAME_NOT_FOUND, "`filemap list` shows the names there are" },
		{ FM_E_NO_SUCH_FILE, "check the path" },
		{ FM_E_NAME_COLLISION, "leave out --new to open it" },
		{ FM_E_NAME_INVALID, "a name is UTF-8 without control characters, 1 to 32766 bytes" },
		{ FM_E_PATH_NOT_FOUND, "only the prefixes Local\\ and Global\\ may hold a backslash; "
				       "a file's directory must exist" },
		{ FM_E_ACCESS_DENIED, "ask for less access, or ask the owner; `filemap list` shows who that is" },
		{ FM_E_SECTION_PROTECTION, "`filemap show` tells what the section allows" },
		{ FM_E_OBJECT_TYPE_MISMATCH, "the name belongs to a mutex, event or semaphore; take another" },
		{ FM_E_OBJECT_CORRUPT, "another program put a file there; remove it or take another name" },
		{ FM_E_TIMEOUT, "a process stopped while removing this name; try again" },
		{ FM_E_COMMITMENT_LIMIT, "the tmpfs is full: close sections, run `filemap gc`, or enlarge it" },
		{ FM_E_DISK_FULL, "make room or use another file system" },
		{ FM_E_MAPPED_FILE_SIZE_ZERO, "an empty file has nothing to map" },
		{ FM_E_INVALID_FILE_FOR_SECTION, "only regular files can be mapped" },
		{ FM_E_FILE_IS_A_DIRECTORY, "name a regular file" },
		{ FM_E_SECTION_TOO_BIG, "give a smaller --size" },
		{ FM_E_IN_PAGE_ERROR, "the storage below it was cut, is full or broken" },
		{ FM_E_NOT_COMMITTED, "they have no bytes until `filemap write` or fm_view_commit() gives them some" },
		{ FM_E_ACCESS_VIOLATION, "these pages are not accessible" },
		{ FM_E_TOO_MANY_OPENED_FILES, "raise `ulimit -n`" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].status == status)
			return table[i].text;
	return NULL;
}

int complain_status(const char *verb, const char *object, fm_status status)
{
	const char *advice = advice_for(status), *name = fm_status_name(status);

	complain("cannot %s \"%s\": %s (%s)%s%s", verb, clean_text(object), fm_status_text(status),
		 name ? name : "unknown status", advice ? "; " : "", advice ? advice : "");
	switch (status) {
	case FM_E_NAME_NOT_FOUND:
	case FM_E_NO_SUCH_FILE:
	case FM_E_PATH_NOT_FOUND:
		return EXIT_NOT_FOUND;
	case FM_E_NAME_COLLISION:
		return EXIT_EXISTS;
	case FM_E_ACCESS_DENIED:
	case FM_E_SECTION_PROTECTION:
		return EXIT_DENIED;
	default:
		return EXIT_FAILED;
	}
}

void out_of_memory(void)
{
	complain("out of memory");
	exit(EXIT_FAILED);
}

bool output_flush(void)
{
	bool failed = ferror(stdout) != 0;

	if (fflush(stdout) == 0 && !failed)
		return true;
	if (errno != EPIPE)
		complain("cannot write the output: %s", strerror(errno));
	return false;
}
