/* SPDX-License-Identifier: MIT */
/* Several threads at the same addresses: whatever they get, the table and the kernel agree afterwards. */
#include <pthread.h>
#include <stdatomic.h>

#include "fault.h"
#include "view.h"
#include "vm_make.h"

enum { THREADS = 4, STEPS = 1500, PAGES = 64 };

static char *window;
static fm_section *section;
static atomic_uint views_kept;

static unsigned draw(uint64_t *seed, unsigned limit)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(*seed >> 33) % limit;
}

static void replace_by_view(char *at, size_t size)
{
	struct map_request request = { .protection = RW, .flags = MAP_REQUEST_PLACEHOLDER, .length = size,
				       .address = (uintptr_t)at };
	void *base;

	if (view_map(section, &request, &base, NULL) == FM_OK)
		views_kept++;
}

/* Statuses are not looked at: others change what a call finds. */
static void step(uint64_t *seed)
{
	char *at = window + draw(seed, PAGES) * PAGE;
	size_t size = (1 + draw(seed, 16)) * PAGE;
	struct vm_info info;

	switch (draw(seed, 10)) {
	case 0:
		(void)allocate_at(at, size, VM_RESERVE | VM_COMMIT, RW);
		break;
	case 1:
		(void)allocate_at(at, size, VM_RESERVE | VM_RESERVE_PLACEHOLDER, FM_NOACCESS);
		break;
	case 2:
		(void)allocate_at(at, size, VM_COMMIT, RW);
		break;
	case 3:
		(void)free_at(at, size, VM_DECOMMIT);
		break;
	case 4:
		(void)protect_at(at, size, FM_READ);
		break;
	case 5:
		(void)free_at(at, 0, VM_RELEASE);
		break;
	case 6:
		(void)free_at(at, size, VM_RELEASE | VM_PRESERVE_PLACEHOLDER);
		break;
	case 7:
		(void)free_at(at, size, VM_RELEASE | VM_COALESCE_PLACEHOLDERS);
		break;
	case 8:
		info = vm_info_of(at);
		replace_by_view((char *)info.base, info.size);
		break;
	default:
		if (view_unmap(at, draw(seed, 2)) == FM_OK)
			views_kept--;
		break;
	}
}

static void *work(void *argument)
{
	uint64_t seed = (uintptr_t)argument;

	for (unsigned i = 0; i < STEPS; i++)
		step(&seed);
	return NULL;
}

/* What a page can do is what it is said to be. */
static void compare(void)
{
	for (unsigned i = 0; i < PAGES; i++) {
		const char *at = window + i * PAGE;
		struct vm_info info = vm_info_of(at);
		bool committed = info.state == VM_COMMITTED;

		check_row("page %u, state %d, protection %#x", i, info.state, info.protection);
		if (info.state == VM_FREE)
			continue;
		CHECK_EQ(touch(at, false), committed ? 0 : SIGSEGV);
		CHECK_EQ(touch(at, true), committed && (info.protection & FM_WRITE) ? 0 : SIGSEGV);
	}
}

static void clear(void)
{
	for (char *at = window; at < window + (PAGES + 16) * PAGE; at += PAGE) {
		struct vm_info info = vm_info_of(at);

		if (info.kind == VM_MAPPED)
			CHECK_EQ(fm_view_unmap(at), FM_OK);
		else if (info.state != VM_FREE)
			CHECK_EQ(free_at((void *)info.allocation_base, 0, VM_RELEASE), FM_OK);
	}
}

TEST(threads_leave_the_table_whole)
{
	pthread_t threads[THREADS];

	section = make_memory(32 * PAGE, 0);
	window = (char *)free_window((PAGES + 16) * PAGE);
	for (uintptr_t i = 0; i < THREADS; i++)
		REQUIRE_EQ(pthread_create(&threads[i], NULL, work, (void *)(i + 1)), 0);
	for (unsigned i = 0; i < THREADS; i++)
		REQUIRE_EQ(pthread_join(threads[i], NULL), 0);
	compare();
	clear();
	fm_section_close(section);
}
