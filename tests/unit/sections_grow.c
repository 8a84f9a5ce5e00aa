/* SPDX-License-Identifier: MIT */
/* Sections of files asked for with rights that differ from their protection, and views that grow them. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filemap.h>

#include "check.h"
#include "os.h"
#include "section.h"
#include "view.h"

static int file_of(size_t size)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/file", check_directory());
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	REQUIRE(fd >= 0);
	REQUIRE_EQ(ftruncate(fd, (off_t)size), 0);
	return fd;
}

static struct fm_section *create(const char *name, int fd, uint64_t size, uint32_t access)
{
	struct section_request request = { .name = name, .file = fd, .size = size, .protection = FM_READ | FM_WRITE,
					   .access = access };
	struct fm_section *section = NULL;

	REQUIRE(section_create(&request, &section) >= 0);
	return section;
}

TEST(reader_of_a_writable_section_is_held_to_reading_by_the_kernel)
{
	int fd = file_of(4096);
	struct fm_section *section = create(NULL, fd, 8192, FM_QUERY | FM_READ);
	struct map_request request = { .protection = FM_READ };
	struct stat st;
	void *view;

	REQUIRE_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, 8192);
	REQUIRE_EQ(view_map(section, &request, &view, NULL), FM_OK);
	CHECK(mprotect(view, 4096, PROT_READ | PROT_WRITE) < 0);
	CHECK_EQ(view_unmap(view, false), FM_OK);
	section_close(section);
}

TEST(view_that_grows_a_named_file_tells_later_openers)
{
	const char *name = check_name("sections-grow");
	struct fm_section *maker = create(name, file_of(4096), 0, 0), *opener = NULL;
	struct map_request request = { .protection = FM_READ | FM_WRITE, .flags = MAP_REQUEST_GROWABLE,
				       .length = 1 << 20 };
	char *view;

	REQUIRE_EQ(view_map(maker, &request, (void **)&view, NULL), FM_OK);
	CHECK_EQ(view_commit(view + 65536, 4096, FM_READ | FM_WRITE), FM_OK);
	view[65536] = 1;
	REQUIRE_EQ(section_open(name, FM_QUERY | FM_READ, false, &opener), FM_OK);
	CHECK_EQ(section_size(opener), 65536 + 4096);
	section_close(opener);
	section_close(maker);
	CHECK_EQ(view_unmap(view, false), FM_OK);
}
