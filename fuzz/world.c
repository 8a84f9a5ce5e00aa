/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "section.h"

static char root[256];

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st, (void)type, (void)walk;
	return remove(path);
}

static void remove_root(void)
{
	(void)nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* What the library opens once in a process. */
static void warm_up(void)
{
	fm_section_options options = { .name = "warm", .size = 1, .flags = FM_SECTION_RESERVE };
	fm_section *section;
	void *view;

	ENSURE(fm_section_create(&options, &section) == FM_OK);
	ENSURE(fm_view_map(section, FM_READ, 0, 0, &view) == FM_OK);
	ENSURE(fm_view_unmap(view) == FM_OK);
	fm_section_close(section);
	ENSURE(fm_namespace_sweep(FM_GLOBAL, NULL, NULL) == FM_OK);
}

const char *fuzz_root(void)
{
	if (!root[0]) {
		const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

		(void)snprintf(root, sizeof(root), "%s/filemap-fuzz-XXXXXX", base);
		ENSURE(mkdtemp(root));
		ENSURE(setenv("FILEMAP_ROOT", root, 1) == 0);
		atexit(remove_root);
		warm_up();
	}
	return root;
}

unsigned fuzz_descriptors(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 128; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

void fuzz_use(fm_section *section)
{
	fm_section_info info;
	char buffer[64];
	void *view;

	ENSURE(fm_section_query(section, &info) == FM_OK);
	/* A view of SEC_NO_CHANGE cannot be ended: they would pile up. */
	if (!(section->section->attributes & SECTION_NO_CHANGE) && fm_view_map(section, FM_READ, 0, 0, &view) == FM_OK) {
		fm_view_info about;

		ENSURE(fm_view_query(view, &about) == FM_OK);
		(void)fm_read(buffer, view, sizeof(buffer), NULL);
		(void)fm_read(buffer, (char *)about.base + about.size - sizeof(buffer), sizeof(buffer), NULL);
		ENSURE(fm_view_unmap(view) == FM_OK);
	}
	fm_section_close(section);
}
