/* SPDX-License-Identifier: MIT */
/* Views where something is otherwise: no /proc, storage that fails, other regions beside them, flags rarely used. */
#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "fault.h"
#include "os.h"
#include "section.h"
#include "view.h"
#include "vm_make.h"

static fm_section *memory;
static char *view;

static void make_all(size_t pages)
{
	memory = make_memory(pages * PAGE, 0);
	view = make_view(memory, FM_WRITE, 0, 0);
	for (size_t i = 0; i < pages; i++)
		view[i * PAGE] = (char)(i + 1);
}

/* ---- regions that are no views ---- */

static unsigned visited;

static bool count_view(const fm_view_info *info, void *context)
{
	CHECK(info->base == context);
	visited++;
	return true;
}

TEST(private_memory_is_no_view)
{
	char *block = make_private(PAGE, VM_RESERVE | VM_COMMIT, RW), path[PATH_MAX];
	fm_view_info info;

	make_all(1);
	CHECK_EQ(fm_view_query(block, &info), FM_E_NOT_MAPPED_VIEW);
	CHECK_EQ(fm_view_query(view, NULL), FM_E_ACCESS_VIOLATION);
	CHECK_EQ(fm_view_protect(block, PAGE, FM_READ, NULL), FM_E_CONFLICTING_ADDRESSES);
	CHECK_EQ(fm_view_commit(block, PAGE, RW), FM_E_CONFLICTING_ADDRESSES);
	CHECK_EQ(fm_view_flush(block, 0, FM_FLUSH_START), FM_E_NOT_MAPPED_VIEW);
	CHECK_EQ(fm_view_unmap(block), FM_E_NOT_MAPPED_VIEW);
	CHECK_EQ(fm_view_list(count_view, view), FM_OK);
	CHECK_EQ(visited, 1);
	CHECK_EQ(view_file_name(block, path), FM_E_INVALID_ADDRESS);
	CHECK_EQ(view_file_name(view, path), FM_E_FILE_INVALID);
}

TEST(an_address_without_a_file_has_no_name)
{
	char path[PATH_MAX], *hole = (char *)free_window(UNIT);
	int fd = open(make_file("short", PAGE), O_RDWR | O_CLOEXEC);
	char *mapped = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	char *anonymous = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK_EQ(view_file_name(hole, path), FM_E_INVALID_ADDRESS);
	CHECK_EQ(view_file_name(anonymous, path), FM_E_INVALID_ADDRESS);
	CHECK_EQ(view_file_name((void *)(UINTPTR_MAX - PAGE), path), FM_E_INVALID_ADDRESS);
	CHECK_EQ(view_file_name(mapped, path), FM_OK);
	CHECK(strcmp(strrchr(path, '/'), "/short") == 0);
	REQUIRE_EQ(unlink(path), 0);
	CHECK_EQ(view_file_name(mapped, path), FM_OK); /* the name that it had */
	CHECK(strcmp(strrchr(path, '/'), "/short") == 0);
}

TEST(trimming_passes_placeholders_by)
{
	char *hole = make_placeholder(PAGE);

	make_all(1);
	vm_trim();
	CHECK_EQ(state_at(hole), VM_RESERVED);
	CHECK_EQ(view[0], 1);
}

/* ---- what a view tells ---- */

TEST(attributes_of_the_section_are_told_of_its_views)
{
	static const struct { uint32_t attribute, modifier; } cases[] = {
		{ SECTION_NOCACHE, FM_NOCACHE }, { SECTION_WRITECOMBINE, FM_WRITECOMBINE }, { 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct section_request request = { .file = -1, .size = PAGE, .protection = RW,
						   .attributes = cases[i].attribute };
		fm_section *section;
		struct map_request mapping = { .protection = FM_NOACCESS };
		void *none;

		check_row("attribute %#x", cases[i].attribute);
		REQUIRE_EQ(section_create(&request, &section), FM_OK);
		CHECK_EQ(query_of(make_view(section, FM_WRITE, 0, 0)).map_access, RW | cases[i].modifier);
		REQUIRE_EQ(view_map(section, &mapping, &none, NULL), FM_OK);
		CHECK_EQ(query_of(none).map_access, FM_NOACCESS);
		fm_section_close(section);
	}
}

TEST(without_a_page_map_the_protection_asked_for_is_told)
{
	fm_section *section = make_memory(2 * PAGE, 0);
	char *copies = make_view(section, FM_COPY, 0, 0);

	copies[0] = 1;
	CHECK_EQ(query_of(copies).protection, RW);
	fault_arm("openat", 1, FAULT_FROM, ENOENT);
	CHECK_EQ(query_of(copies).protection, FM_READ | FM_COPY);
	CHECK(fault_disarm());
	CHECK_EQ(query_of(copies).protection, RW);
	fm_section_close(section);
}

TEST(a_growable_view_is_committed_up_to_the_end_of_its_file)
{
	fm_section *section = make_file_section(make_file("growable", 2 * PAGE + 1), FM_READ | FM_WRITE);
	struct map_request request = { .protection = RW, .flags = MAP_REQUEST_GROWABLE, .length = 5 * PAGE };
	void *base;
	char *at;

	REQUIRE_EQ(view_map(section, &request, &base, NULL), FM_OK);
	at = base;
	CHECK_EQ(query_of(at).run_size, 3 * PAGE);
	CHECK_EQ(query_of(at + 3 * PAGE).run_size, 2 * PAGE);
	CHECK(!query_of(at + 3 * PAGE).committed);
	CHECK_EQ(fm_view_commit(at, 3 * PAGE, RW), FM_E_ALREADY_COMMITTED);
	CHECK_EQ(fm_view_protect(at, 2 * PAGE, FM_READ, NULL), FM_OK);
	CHECK_EQ(fm_view_protect(at, 4 * PAGE, FM_READ, NULL), FM_E_NOT_COMMITTED);
	CHECK_EQ(query_of(at).run_size, 2 * PAGE); /* a run that ends before the file does */
	CHECK_EQ(fm_view_commit(at, 5 * PAGE, RW), FM_OK);
	CHECK_EQ(query_of(at).run_size, 5 * PAGE);
	CHECK_EQ(fm_view_unmap(at), FM_OK);
	fm_section_close(section);
}

TEST(pages_of_a_committed_view_of_a_file_are_committed_already)
{
	fm_section *section = make_file_section(make_file("plain", 2 * PAGE), FM_READ | FM_WRITE);
	char *at = make_view(section, FM_WRITE, 0, 0);

	CHECK_EQ(fm_view_commit(at, PAGE, RW), FM_E_ALREADY_COMMITTED);
	fm_section_close(section);
}

/* ---- storage that fails ---- */

static ssize_t read_result;

static ssize_t readv_failing(pid_t pid, const struct iovec *local, const struct iovec *remote)
{
	(void)pid, (void)local, (void)remote;
	return read_result;
}

TEST(pages_that_cannot_be_copied_keep_their_protection)
{
	static const struct { ssize_t result; fm_status status; } cases[] = {
		{ -EFAULT, FM_E_IN_PAGE_ERROR }, { 0, FM_E_IN_PAGE_ERROR }, { -EPERM, FM_E_ACCESS_DENIED },
	};

	make_all(2);
	fm_section_close(memory); /* only the view leads to the memory: its bytes are copied at once */
	os.process_vm_readv = readv_failing;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%d", (int)cases[i].result);
		read_result = cases[i].result;
		CHECK_EQ(fm_view_protect(view, 2 * PAGE, FM_READ | FM_COPY, NULL), cases[i].status);
		CHECK_EQ(query_of(view).protection, RW);
		CHECK_EQ(touch(view, true), 0);
		CHECK_EQ(view[PAGE], 2);
	}
}

/* ---- flushing ---- */

TEST(levels_beyond_the_last_are_refused)
{
	make_all(1);
	CHECK_EQ(fm_view_flush(view, 0, FM_FLUSH_ALL + 1), FM_E_INVALID_PARAMETER);
}

static unsigned range_calls, data_calls, interruptions;
static int range_error;

static int range_failing(int fd, uint64_t offset, uint64_t size, unsigned flags)
{
	(void)fd, (void)offset, (void)size, (void)flags;
	range_calls++;
	return range_error;
}

static int data_interrupted(int fd)
{
	(void)fd;
	data_calls++;
	return interruptions-- > 0 ? -EINTR : 0;
}

TEST(where_ranges_cannot_be_written_the_whole_file_is)
{
	static const struct { int error; unsigned data; fm_status status; } cases[] = {
		{ -ENOSYS, 3, FM_OK }, { -EINVAL, 3, FM_OK }, { -ESPIPE, 3, FM_OK }, { -EIO, 0, FM_E_IO_DEVICE_ERROR },
	};
	fm_section *section = make_file_section(make_file("ranges", PAGE), RW);
	char *at = make_view(section, FM_WRITE, 0, 0);

	os.sync_file_range = range_failing;
	os.fdatasync = data_interrupted;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("error %d", cases[i].error);
		range_error = cases[i].error;
		range_calls = data_calls = 0;
		interruptions = 2;
		CHECK_EQ(fm_view_flush(at, 0, FM_FLUSH_WRITE), cases[i].status);
		CHECK_EQ(range_calls, 1);
		CHECK_EQ(data_calls, cases[i].data);
	}
	fm_section_close(section);
}

static int (*real_msync)(void *at, size_t size, int flags);
static fm_section *instead; /* mapped where the flushed view was; NULL: nothing */

static int msync_while_it_ends(void *at, size_t size, int flags)
{
	const fm_map_options options = { .access = FM_READ, .address = at };
	int result = real_msync(at, size, flags);
	void *base;

	CHECK_EQ(fm_view_unmap(at), FM_OK);
	if (instead)
		CHECK_EQ(fm_view_map_with(instead, &options, &base), FM_OK);
	return result;
}

TEST(a_view_that_ends_while_it_is_flushed_has_been_flushed)
{
	const char *path = make_file("ends", PAGE);

	real_msync = os.msync;
	for (int again = 0; again < 2; again++) {
		fm_section *section = make_file_section(path, RW);
		char *at = make_view(section, FM_WRITE, 0, 0);

		instead = again ? make_memory(PAGE, 0) : NULL;
		os.msync = msync_while_it_ends;
		CHECK_EQ(fm_view_flush(at, 0, FM_FLUSH_DATA), FM_OK);
		os.msync = real_msync;
		fm_section_close(section);
	}
}

/* ---- userfaultfd that is not to be had ---- */

TEST(where_userfaultfd_is_denied_uncommitted_pages_are_zeros)
{
	fm_section_options options = { .size = 2 * PAGE, .flags = FM_SECTION_RESERVE };
	fm_section *section = make_section(&options);
	char *at;

	fault_arm("userfaultfd", 1, FAULT_FROM, EPERM);
	at = make_view(section, FM_WRITE, 0, 0);
	CHECK(fault_disarm());
	CHECK_EQ(touch(at, false), 0);
	CHECK_EQ(at[0], 0);
	CHECK(!query_of(at).committed);
	CHECK_EQ(fm_view_commit(at, PAGE, RW), FM_OK);
	CHECK(query_of(at).committed);
	fm_section_close(section);
}

/* ---- releasing what the kernel would have to split ---- */

TEST(what_cannot_be_unmapped_stays)
{
	char *block = make_private(4 * PAGE, VM_RESERVE | VM_COMMIT, RW);
	const struct { const char *name; char *at; size_t size; } cases[] = {
		{ "all", block, 4 * PAGE }, { "a part", block + PAGE, PAGE }, { "the end", block + 3 * PAGE, PAGE },
	};

	make_all(1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		fault_arm("munmap", 1, FAULT_ONCE, ENOMEM);
		CHECK_EQ(free_at(cases[i].at, cases[i].size, VM_RELEASE), FM_E_NO_MEMORY);
		CHECK(fault_disarm());
		CHECK_EQ(vm_info_of(block).allocation_base, (uintptr_t)block);
		CHECK_EQ(vm_info_of(block).size, 4 * PAGE);
		CHECK_EQ(touch(cases[i].at, true), 0);
	}
	check_row("a view");
	fault_arm("munmap", 1, FAULT_ONCE, ENOMEM);
	CHECK_EQ(fm_view_unmap(view), FM_E_NO_MEMORY);
	CHECK(fault_disarm());
	CHECK_EQ(query_of(view).size, PAGE);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
}
