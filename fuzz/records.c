/* SPDX-License-Identifier: MIT */
/* Inherited descriptors: a byte of flags, one of pages, then the name of the memory that claims to be a handle. */
#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filemap.h>

enum { SEALED = 1, READ_ONLY = 2, OURS = 4, RECORD = 8 };

static int memory(struct feed *feed, unsigned flags, unsigned pages)
{
	char name[128] = { 0 };
	size_t at, size;
	const uint8_t *bytes;
	int fd;

	if (flags & OURS)
		strcpy(name, flags & RECORD ? "filemap-file:" : "filemap:");
	at = strlen(name);
	bytes = feed_bytes(feed, sizeof(name) - 1 - at, &size);
	if (size)
		memcpy(name + at, bytes, size);
	fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0) /* a name that the kernel finds too long or malformed */
		return fd;
	ENSURE(ftruncate(fd, (off_t)pages * 4096) == 0);
	if (flags & SEALED)
		ENSURE(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0);
	if (flags & READ_ONLY) {
		char path[64];
		int narrow;

		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		narrow = open(path, O_RDONLY | O_CLOEXEC);
		ENSURE(narrow >= 0);
		close(fd);
		fd = narrow;
	}
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed feed = { data, size };
	unsigned flags = feed_byte(&feed), pages = feed_byte(&feed), descriptors;
	fm_section *section;
	int fd;

	fuzz_root();
	descriptors = fuzz_descriptors();
	fd = memory(&feed, flags, pages);
	if (fd < 0)
		return 0;
	if (fm_section_adopt(fd, &section) == FM_OK)
		fuzz_use(section);
	else
		ENSURE(close(fd) == 0); /* it stayed ours */
	ENSURE(fuzz_descriptors() == descriptors);
	return 0;
}
