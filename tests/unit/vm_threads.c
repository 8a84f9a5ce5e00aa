/* SPDX-License-Identifier: MIT */
/* Several threads at the same addresses: whatever they get, the table and the kernel agree afterwards. */
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "fault.h"
#include "lock.h"
#include "os.h"
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

/* ---- who waits for a region's lock while the region ends ---- */

static int waits[2]; /* a pipe: a byte when somebody waits for a lock */
static int (*real_futex)(uint32_t *word, int operation, uint32_t value, const struct timespec *timeout);

static int telling_futex(uint32_t *word, int operation, uint32_t value, const struct timespec *timeout)
{
	if ((operation & FUTEX_CMD_MASK) == FUTEX_WAIT)
		REQUIRE_EQ(write(waits[1], "", 1), 1);
	return real_futex(word, operation, value, timeout);
}

static fm_status offer(uintptr_t at)
{
	return vm_offer(at, PAGE);
}

static fm_status reclaim(uintptr_t at)
{
	bool lost;

	return vm_reclaim(at, PAGE, &lost);
}

static fm_status discard(uintptr_t at)
{
	return vm_discard(at, PAGE);
}

/* ---- who changes others' memory while ours is being mapped ---- */

static intptr_t (*real_mmap)(void *at, size_t size, int prot, int flags, int fd, uint64_t offset);
static pthread_t stranger;
static fm_status stranger_status;

static void *protect_as_others(void *at)
{
	stranger_status = protect_at((char *)at + PAGE, PAGE, FM_READ);
	REQUIRE_EQ(write(waits[1], "", 1), 1);
	return NULL;
}

/* What was mapped is not in the table yet. */
static intptr_t mmap_with_stranger(void *at, size_t size, int prot, int flags, int fd, uint64_t offset)
{
	intptr_t mapped = real_mmap(at, size, prot, flags, fd, offset);
	char byte;

	if (at != window)
		return mapped;
	os.mmap = real_mmap;
	REQUIRE_EQ(pthread_create(&stranger, NULL, protect_as_others, at), 0);
	REQUIRE_EQ(read(waits[0], &byte, 1), 1); /* it waits, or is through */
	return mapped;
}

TEST(memory_that_is_being_mapped_is_nobody_elses)
{
	REQUIRE_EQ(pipe2(waits, O_CLOEXEC), 0);
	(void)make_private(PAGE, VM_RESERVE, FM_NOACCESS); /* what is made once is made */
	window = (char *)free_window(2 * PAGE);
	real_futex = os.futex;
	os.futex = telling_futex;
	real_mmap = os.mmap;
	os.mmap = mmap_with_stranger;
	REQUIRE_EQ(allocate_at(window, 2 * PAGE, VM_RESERVE, FM_NOACCESS), FM_OK);
	REQUIRE_EQ(pthread_join(stranger, NULL), 0);
	CHECK_EQ(stranger_status, FM_E_CONFLICTING_ADDRESSES);
	CHECK_EQ(touch(window + PAGE, false), SIGSEGV);
}

struct late {
	fm_status (*call)(uintptr_t at);
	uintptr_t at;
	fm_status status;
};

static void *come_late(void *context)
{
	struct late *late = context;

	late->status = late->call(late->at);
	return NULL;
}

TEST(contents_are_left_alone_once_their_region_has_ended)
{
	fm_status (*const calls[])(uintptr_t at) = { offer, reclaim, discard };

	REQUIRE_EQ(pipe2(waits, O_CLOEXEC), 0);
	real_futex = os.futex;
	os.futex = telling_futex;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		char *memory = make_private(PAGE, VM_RESERVE | VM_COMMIT, RW), byte;
		struct region *region = region_find((uintptr_t)memory);
		struct late late = { .call = calls[i], .at = (uintptr_t)memory };
		unsigned lock = lock_stripe(LOCK_REGION, region);
		pthread_t thread;

		check_row("%zu", i);
		lock_take(lock);
		REQUIRE_EQ(pthread_create(&thread, NULL, come_late, &late), 0);
		REQUIRE_EQ(read(waits[0], &byte, 1), 1);
		CHECK_EQ(region_end(region), FM_OK);
		lock_drop(lock);
		REQUIRE_EQ(pthread_join(thread, NULL), 0);
		CHECK_EQ(late.status, FM_E_INVALID_PARAMETER);
	}
}
