/* SPDX-License-Identifier: MIT */
/*
 * A file in the namespace that somebody else has written: kept alive by a lock, then opened, looked at, swept.
 * Input: a byte of flags, a byte of pages, then the bytes of the file from its start.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "names_internal.h"
#include "section.h"

enum { PLAUSIBLE = 1, DEAD = 2, READ_ONLY = 4 };

static int make_file(struct feed *feed, unsigned flags, unsigned pages)
{
	const struct { char magic[8]; uint32_t version; } start = { "filemap\n", 1 };
	char path[512];
	size_t size;
	const uint8_t *bytes = feed_bytes(feed, NAME_DATA_START, &size);
	int fd;

	(void)snprintf(path, sizeof(path), "%s/filemap-%u/x", fuzz_root(), (unsigned)geteuid());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ENSURE(fd >= 0);
	ENSURE(pwrite(fd, bytes, size, 0) == (ssize_t)size);
	if (flags & PLAUSIBLE) {
		ENSURE(pwrite(fd, &start, 12, 0) == 12);
		ENSURE(ftruncate(fd, (off_t)(NAME_DATA_START + pages * OS_PAGE)) == 0);
	}
	if (!(flags & DEAD))
		ENSURE(name_lock(fd) == FM_OK);
	return fd;
}

static void look(int fd)
{
	struct object_name expected;
	struct name_facts facts;
	char *name = NULL, *path = NULL;
	struct stat st;

	if (name_inspect(fd, &facts, &name) == FM_OK) {
		uint64_t needed;

		ENSURE(name && name_parse(name, &expected) == FM_OK);
		ENSURE(name_file_size(&facts, &needed) == FM_OK);
		ENSURE(fstat(fd, &st) == 0 && needed <= (uint64_t)st.st_size);
		ENSURE(name_header_read(fd, &st, &expected, &facts) == FM_OK);
	}
	os_free(name);
	if (name_path(fd, &path) == FM_OK)
		ENSURE(path && path[0] == '/');
	os_free(path);
}

static bool visit(const fm_entry *entry, void *context)
{
	(void)context;
	ENSURE(entry->name && entry->kind && strlen(entry->name) > 6);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed feed = { data, size };
	unsigned flags = feed_byte(&feed), pages = feed_byte(&feed) % 64, descriptors;
	fm_section *section;
	int fd, copy;

	fuzz_root();
	ENSURE(fm_namespace_list(FM_LOCAL, visit, NULL) == FM_OK); /* makes it, the first time */
	descriptors = fuzz_descriptors();
	fd = make_file(&feed, flags, pages);
	look(fd);
	ENSURE(fm_namespace_list(FM_LOCAL, visit, NULL) == FM_OK);
	if (fm_section_open("x", flags & READ_ONLY ? FM_READ : FM_READ | FM_WRITE, &section) >= 0) {
		ENSURE(!(flags & DEAD));
		fuzz_use(section);
	}
	copy = dup(fd);
	if (fm_section_adopt(copy, &section) == FM_OK)
		fuzz_use(section);
	else
		close(copy);
	close(fd);
	ENSURE(fm_namespace_sweep(FM_LOCAL, NULL, NULL) == FM_OK);
	ENSURE(fuzz_descriptors() == descriptors);
	return 0;
}
