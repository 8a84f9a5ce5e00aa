/* SPDX-License-Identifier: MIT */
/* Memory of others, residency, lost contents, write watch. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "os.h"
#include "vm_make.h"

static int code(int x)
{
	return x + 1;
}

static const char constant[] = "constant";
static char variable[3 * 4096];

#if defined(__aarch64__) /* whose linker puts constants beside code, and leaves gaps between the segments of a program */
enum { CONSTANT = FM_READ | FM_EXEC, IMAGE_HAS_GAPS = 1 };
#else
enum { CONSTANT = FM_READ, IMAGE_HAS_GAPS = 0 };
#endif

TEST(memory_of_others_is_told_truly)
{
	char on_stack, *heap = malloc(1 << 20);
	char *anonymous = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *shared = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const struct { const char *name; const void *at; enum vm_kind kind; uint32_t protection; } cases[] = {
		{ "stack", &on_stack, VM_PRIVATE, RW }, { "heap", heap, VM_PRIVATE, RW },
		{ "mmap", anonymous, VM_PRIVATE, FM_READ }, { "shared", shared, VM_MAPPED, RW },
		{ "code", (const void *)(uintptr_t)code, VM_IMAGE, FM_EXEC | FM_READ },
		{ "constant", constant, VM_IMAGE, CONSTANT }, { "variable", variable + PAGE, VM_IMAGE, RW },
	};

	variable[PAGE] = (char)code(1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vm_info info = vm_info_of(cases[i].at);

		check_row("%s", cases[i].name);
		CHECK_EQ(info.state, VM_COMMITTED);
		CHECK_EQ(info.kind, cases[i].kind);
		CHECK_EQ(info.protection, cases[i].protection);
		CHECK(info.allocation_base && info.allocation_base <= info.base && info.size > 0);
	}
	munmap(anonymous, 2 * PAGE);
	munmap(shared, 2 * PAGE);
	free(heap);
}

TEST(an_image_is_one_allocation)
{
	if (IMAGE_HAS_GAPS)
		check_skip("this program has gaps between its segments, and is told as one allocation for each");
	CHECK_EQ(vm_info_of(constant).allocation_base, vm_info_of(variable).allocation_base);
	CHECK_EQ(vm_info_of((void *)(uintptr_t)code).allocation_base, vm_info_of(variable).allocation_base);
}

/* From the first to the last address: no hole, no overlap, what the table and the kernel say side by side. */
TEST(queries_tile_the_address_space)
{
	fm_section *section = make_memory(3 * PAGE, 0);
	char *view = make_view(section, FM_WRITE, 0, 0), *memory = make_private(3 * PAGE, VM_COMMIT, RW);
	uintptr_t at = 0;
	unsigned steps = 0;
	bool saw_view = false, saw_memory = false;

	while (at <= vm_highest()) {
		struct vm_info info = vm_info_of((void *)at);

		REQUIRE_EQ(info.base, at);
		REQUIRE(info.size > 0 && info.size % PAGE == 0 && info.size <= vm_highest() + 1 - at);
		saw_view |= at == (uintptr_t)view && info.size == 3 * PAGE && info.kind == VM_MAPPED;
		saw_memory |= at == (uintptr_t)memory && info.size == 3 * PAGE && info.kind == VM_PRIVATE;
		at += info.size;
		REQUIRE(++steps < 5000);
	}
	CHECK_EQ(at, vm_highest() + 1);
	CHECK(saw_view && saw_memory);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	CHECK_EQ(free_at(memory, 0, VM_RELEASE), FM_OK);
	fm_section_close(section);
}

TEST(memory_of_others_can_be_protected_within_a_mapping)
{
	char *memory = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t old = 0;

	CHECK_EQ(vm_protect((uintptr_t)memory + PAGE, PAGE, FM_READ, NULL, &old), FM_OK);
	CHECK_EQ(old, RW);
	CHECK_EQ(touch(memory + PAGE, true), SIGSEGV);
	check_row("over the seam that this has made");
	CHECK_EQ(protect_at(memory, 4 * PAGE, RW), FM_OK);
	CHECK_EQ(touch(memory + PAGE, true), 0);
	check_row("copy-on-write");
	CHECK_EQ(protect_at(memory, PAGE, FM_READ | FM_COPY), FM_E_INVALID_PAGE_PROTECTION);
	check_row("guard");
	CHECK_EQ(protect_at(memory, PAGE, RW | FM_GUARD), FM_E_NOT_SUPPORTED);
	check_row("over a gap");
	munmap(memory + 2 * PAGE, PAGE);
	CHECK_EQ(protect_at(memory, 4 * PAGE, FM_READ), FM_E_CONFLICTING_ADDRESSES);
	CHECK_EQ(touch(memory, true), 0);
	check_row("freed by us");
	CHECK_EQ(free_at(memory, 0, VM_RELEASE), FM_E_MEMORY_NOT_ALLOCATED);
	munmap(memory, 4 * PAGE);
}

/* ---- residency ---- */

TEST(lock_is_refused_beyond_the_limit)
{
	struct rlimit limit = { 64 * 1024, 64 * 1024 };
	char *memory = make_private(64 * PAGE, VM_COMMIT, RW);

	if (!LOCKS_ARE_REAL)
		check_skip("the sanitizer makes mlock() do nothing");
	REQUIRE_EQ(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
	if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
		check_skip("cannot become an ordinary user");
	CHECK_EQ(vm_lock((uintptr_t)memory, 8 * PAGE), FM_OK);
	CHECK_EQ(vm_lock((uintptr_t)memory, 64 * PAGE), FM_E_WORKING_SET_QUOTA);
	CHECK_EQ(vm_allow_lock(64 * PAGE), FM_E_PRIVILEGE_NOT_HELD);
	CHECK_EQ(vm_unlock((uintptr_t)memory, 9 * PAGE), FM_E_NOT_LOCKED);
	CHECK_EQ(vm_unlock((uintptr_t)memory, 8 * PAGE), FM_OK);
	CHECK_EQ(vm_unlock((uintptr_t)memory, 8 * PAGE), FM_E_NOT_LOCKED);
}

TEST(trim_keeps_contents)
{
	fm_section *section = make_memory(4 * PAGE, 0);
	char *shared = make_view(section, FM_WRITE, 0, 0), *copy = make_view(section, FM_COPY, 0, 0);
	char *turned = make_view(section, FM_WRITE, 0, 0), *memory = make_private(PAGE, VM_COMMIT, RW);
	struct vm_page page;

	shared[0] = 1;
	copy[PAGE] = 2;
	CHECK_EQ(protect_at(turned, PAGE, FM_READ | FM_COPY), FM_OK);
	turned[0] = 3;
	memory[0] = 4;
	vm_trim();
	vm_query_page((uintptr_t)shared, &page);
	CHECK(!page.resident);
	CHECK(shared[0] == 1 && copy[PAGE] == 2 && turned[0] == 3 && memory[0] == 4);
	fm_section_close(section);
}

TEST(prefetch_passes_by_what_is_not_there)
{
	char *memory = mmap(NULL, 3 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(memory + PAGE, PAGE);
	vm_prefetch((uintptr_t)memory, 3 * PAGE);
	vm_prefetch(0, SIZE_MAX);
	vm_prefetch(UINTPTR_MAX, SIZE_MAX);
	CHECK_EQ(touch(memory, false), 0);
	munmap(memory, 3 * PAGE);
}

/* ---- contents that may be lost; the kernel drops nothing on demand, so the test does ---- */

static int (*real_madvise)(void *at, size_t size, int advice);

static int drop_second_page(void *at, size_t size, int advice)
{
	return advice == MADV_FREE ? real_madvise((char *)at + PAGE, PAGE, MADV_DONTNEED) : real_madvise(at, size, advice);
}

TEST(reclaim_tells_a_lost_page_from_a_kept_one)
{
	char *memory = make_private(4 * PAGE, VM_COMMIT, RW);
	bool lost = false;

	for (unsigned i = 0; i < 3; i++) /* the fourth is of zeros */
		memory[i * PAGE + 100 * i] = 9;
	check_row("none dropped");
	CHECK_EQ(vm_offer((uintptr_t)memory, 4 * PAGE), FM_OK);
	CHECK_EQ(vm_reclaim((uintptr_t)memory, 4 * PAGE, &lost), FM_OK);
	CHECK(!lost && memory[0] == 9 && memory[PAGE + 100] == 9);
	check_row("one dropped");
	real_madvise = os.madvise;
	os.madvise = drop_second_page;
	CHECK_EQ(vm_offer((uintptr_t)memory, 4 * PAGE), FM_OK);
	os.madvise = real_madvise;
	CHECK_EQ(vm_reclaim((uintptr_t)memory + 2 * PAGE, 2 * PAGE, &lost), FM_OK);
	CHECK(!lost && memory[2 * PAGE + 200] == 9);
	CHECK_EQ(vm_reclaim((uintptr_t)memory, 4 * PAGE, &lost), FM_OK);
	CHECK(lost && memory[0] == 9);
	check_row("not offered");
	lost = false;
	CHECK_EQ(vm_reclaim((uintptr_t)memory, 4 * PAGE, &lost), FM_OK);
	CHECK(!lost);
	CHECK_EQ(free_at(memory, 0, VM_RELEASE), FM_OK);
}

TEST(reset_can_be_undone_unless_lost)
{
	char *memory = make_private(4 * PAGE, VM_COMMIT, RW);

	memory[0] = memory[PAGE] = 9;
	CHECK_EQ(allocate_at(memory, 4 * PAGE, VM_RESET, RW), FM_OK);
	CHECK_EQ(allocate_at(memory, 4 * PAGE, VM_RESET_UNDO, RW), FM_OK);
	CHECK(memory[0] == 9 && memory[PAGE] == 9);
	real_madvise = os.madvise;
	os.madvise = drop_second_page;
	CHECK_EQ(allocate_at(memory, 4 * PAGE, VM_RESET, RW), FM_OK);
	os.madvise = real_madvise;
	CHECK_EQ(allocate_at(memory, 4 * PAGE, VM_RESET_UNDO, RW), FM_E_UNSUCCESSFUL);
	CHECK_EQ(free_at(memory, 0, VM_RELEASE), FM_OK);
}

/* ---- write watch ---- */

TEST(watch_sees_only_what_was_committed_and_written)
{
	char *memory;
	void *pages[8];
	size_t count = 8;

	need_watch();
	memory = make_private(64 * UNIT, VM_RESERVE | VM_WRITE_WATCH, RW);
	CHECK_EQ(vm_written((uintptr_t)memory, 64 * UNIT, false, pages, &count), FM_OK);
	CHECK_EQ(count, 0);
	CHECK_EQ(allocate_at(memory + UNIT, UNIT, VM_COMMIT, RW), FM_OK);
	memory[UNIT + 3 * PAGE] = 1;
	CHECK_EQ(allocate_at(memory, 3 * UNIT, VM_COMMIT, RW), FM_OK);
	memory[0] = 1;
	count = 8;
	CHECK_EQ(vm_written((uintptr_t)memory, 64 * UNIT, true, pages, &count), FM_OK);
	CHECK_EQ(count, 2);
	CHECK(pages[0] == memory && pages[1] == memory + UNIT + 3 * PAGE);
	count = 8;
	CHECK_EQ(vm_written((uintptr_t)memory, 64 * UNIT, false, pages, &count), FM_OK);
	CHECK_EQ(count, 0);
	CHECK_EQ(free_at(memory, 0, VM_RELEASE), FM_OK);
}

TEST(a_forked_child_misses_no_write)
{
	char *memory;
	pid_t child;

	need_watch();
	memory = make_private(16 * PAGE, VM_COMMIT | VM_RESERVE | VM_WRITE_WATCH, RW);
	memory[2 * PAGE] = 1;
	child = fork();
	if (child == 0) {
		void *pages[16];
		size_t count = 16, found = 0;

		memory[5 * PAGE] = 1;
		if (vm_written((uintptr_t)memory, 16 * PAGE, true, pages, &count) != FM_OK)
			_exit(9);
		for (size_t i = 0; i < count; i++)
			found += pages[i] == memory + 2 * PAGE || pages[i] == memory + 5 * PAGE;
		memory[7 * PAGE] = 1;
		count = 16;
		if (vm_written((uintptr_t)memory, 16 * PAGE, true, pages, &count) != FM_OK)
			_exit(8);
		_exit(found == 2 && count == 1 && pages[0] == memory + 7 * PAGE ? 0 : 1);
	}
	CHECK_EQ(child_result(child), 0);
	CHECK_EQ(free_at(memory, 0, VM_RELEASE), FM_OK);
}
