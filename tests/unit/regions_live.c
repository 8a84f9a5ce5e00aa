/* SPDX-License-Identifier: MIT */
/* The region table while it changes: threads, signal handlers, forks. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/time.h>

#include "regions.h"

/* Even ones stay; odd ones come and go. */
enum { COUNT = 2000 };

static uintptr_t place_of(uintptr_t i)
{
	return START + i * STRIDE * 3;
}

static void fill(void)
{
	ready();
	for (uintptr_t i = 0; i < COUNT; i += 2)
		(void)enter(place_of(i), 2);
}

/* One round of the writer's work. */
static void change_all(void)
{
	for (uintptr_t i = 1; i < COUNT; i += 2)
		(void)enter(place_of(i), 3);
	for (uintptr_t i = 1; i < COUNT; i += 2)
		end(place_of(i));
}

/* What any reader may rely on at any time: how many answers were wrong. */
static int wrong_answers(uintptr_t i)
{
	uintptr_t even = place_of(i & ~(uintptr_t)1), odd = place_of(i | 1);
	uintptr_t found = base_at(odd + PAGE), before;
	unsigned token = grace_enter();
	int wrong = base_at(even + 2 * PAGE - 1) != even;

	before = region_find_before(odd - 1)->base;
	wrong += before != even;
	wrong += found != odd && found != 0;
	wrong += base_at(even + 2 * PAGE) != 0;
	grace_leave(token);
	return wrong;
}

static atomic_bool stop;
static atomic_uint looks;

static void *reader(void *context)
{
	unsigned seed = (unsigned)(uintptr_t)context;
	intptr_t wrong = 0;

	while (!stop) {
		wrong += wrong_answers((uintptr_t)rand_r(&seed) % COUNT);
		looks++;
	}
	return (void *)wrong;
}

TEST(readers_are_right_while_a_writer_works)
{
	pthread_t threads[3];

	fill();
	for (uintptr_t i = 0; i < ARRAY_SIZE(threads); i++)
		REQUIRE_EQ(pthread_create(&threads[i], NULL, reader, (void *)(i + 1)), 0);
	while (looks < 200000)
		change_all();
	stop = true;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		void *wrong;

		REQUIRE_EQ(pthread_join(threads[i], &wrong), 0);
		CHECK_EQ((intptr_t)wrong, 0);
	}
}

static atomic_int wrong_in_handler;

static void look(int number)
{
	static unsigned seed = 1;

	(void)number;
	for (int i = 0; i < 20; i++)
		wrong_in_handler += wrong_answers((uintptr_t)rand_r(&seed) % COUNT);
	looks++;
}

TEST(handlers_are_right_while_they_interrupt_a_writer)
{
	struct sigaction action = { .sa_handler = look, .sa_flags = SA_RESTART };
	struct itimerval often = { { 0, 100 }, { 0, 100 } }, never = { { 0, 0 }, { 0, 0 } };

	fill();
	REQUIRE_EQ(sigaction(SIGPROF, &action, NULL), 0);
	REQUIRE_EQ(setitimer(ITIMER_PROF, &often, NULL), 0);
	while (looks < 100)
		change_all();
	REQUIRE_EQ(setitimer(ITIMER_PROF, &never, NULL), 0);
	CHECK_EQ(wrong_in_handler, 0);
}

/* The library takes care of a fork beside working threads; its allocator must, too. */
static void need_allocator_in_child(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	check_skip("a sanitizer's allocator may be locked for ever in a child");
#endif
}

static void *writer(void *context)
{
	while (!stop)
		change_all();
	return context;
}

/* In a child forked at any moment. */
static int use_table(void)
{
	uintptr_t last = 0;
	int wrong = 0;

	for (uintptr_t i = 0; i < COUNT; i++)
		wrong += wrong_answers(i);
	for (struct region *region; (region = region_find_next(last)); last = region->base + region->size)
		wrong += region->base < last;
	for (uintptr_t i = 1; i < COUNT; i += 2) /* over what the cut change has left */
		(void)enter(place_of(i), 3);
	for (uintptr_t i = 0; i < COUNT; i++)
		wrong += base_at(place_of(i) + PAGE) != place_of(i);
	for (uintptr_t i = 0; i < COUNT; i++)
		end(place_of(i));
	return wrong + (region_find_next(0) != NULL);
}

TEST(child_of_any_moment_has_a_whole_table)
{
	pthread_t thread;

	need_allocator_in_child();
	fill();
	REQUIRE_EQ(pthread_create(&thread, NULL, writer, NULL), 0);
	for (int i = 0; i < 100; i++) {
		pid_t child = fork();

		if (child == 0)
			_exit(use_table() != 0);
		REQUIRE_EQ(child_result(child), 0);
	}
	stop = true;
	REQUIRE_EQ(pthread_join(thread, NULL), 0);
}

static fm_section *shared;

static void *mapper(void *context)
{
	while (!stop) {
		char *views[20];

		for (size_t i = 0; i < ARRAY_SIZE(views); i++)
			views[i] = make_view(shared, FM_WRITE, 0, 0);
		for (size_t i = 0; i < ARRAY_SIZE(views); i++) {
			CHECK_EQ(fm_view_protect(views[i], 1, FM_READ, NULL), FM_OK);
			CHECK_EQ(fm_view_unmap(views[i]), FM_OK);
		}
	}
	return context;
}

TEST(child_of_any_moment_can_map_and_unmap)
{
	pthread_t threads[2];

	need_allocator_in_child();
	shared = make_memory(4 * PAGE, 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		REQUIRE_EQ(pthread_create(&threads[i], NULL, mapper, NULL), 0);
	for (int i = 0; i < 60; i++) {
		pid_t child = fork();

		if (child == 0) {
			for (int round = 0; round < 50; round++) {
				char *view = make_view(shared, FM_WRITE, 0, 0);

				CHECK_EQ(fm_view_protect(view, 1, FM_READ, NULL), FM_OK);
				CHECK_EQ(fm_view_unmap(view), FM_OK);
			}
			_exit(check_failures != 0);
		}
		REQUIRE_EQ(child_result(child), 0);
	}
	stop = true;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		REQUIRE_EQ(pthread_join(threads[i], NULL), 0);
}

/* ---- replacing ---- */

static struct region *fresh(uintptr_t base, size_t pages)
{
	struct region *region = region_new(REGION_PRIVATE, base, pages * PAGE, FM_READ);

	REQUIRE(region != NULL);
	return region;
}

static fm_status refuse(void *context)
{
	(void)context;
	return FM_E_NO_MEMORY;
}

TEST(replace_splits_and_joins)
{
	struct region *whole, *parts[3], *again;
	struct region_change split = { &whole, 1, parts, 3, NULL, NULL }, join = { parts, 3, &again, 1, NULL, NULL };

	ready();
	whole = enter(START, 100);
	parts[0] = fresh(START, 30);
	parts[1] = fresh(START + 30 * PAGE, 1);
	parts[2] = fresh(START + 31 * PAGE, 69);
	split.remap = refuse;
	CHECK_EQ(region_replace(&split), FM_E_NO_MEMORY);
	CHECK_EQ(base_at(START + 99 * PAGE), START);
	CHECK_EQ(region_count(), 1);
	split.remap = NULL;
	CHECK_EQ(region_replace(&split), FM_OK);
	CHECK_EQ(region_count(), 3);
	for (uintptr_t i = 0; i < 100; i++)
		CHECK_EQ(base_at(START + i * PAGE), i < 30 ? START : START + (i == 30 ? 30 : 31) * PAGE);
	CHECK_EQ(region_replace(&split), FM_E_CONFLICTING_ADDRESSES);
	again = fresh(START, 100);
	CHECK_EQ(region_replace(&join), FM_OK);
	CHECK_EQ(region_count(), 1);
	for (uintptr_t i = 0; i < 100; i++)
		CHECK_EQ(base_at(START + i * PAGE), START);
}

static void *cover_reader(void *context)
{
	unsigned seed = 3;
	intptr_t wrong = 0;

	while (!stop) {
		wrong += base_at(START + (uintptr_t)rand_r(&seed) % 100 * PAGE) == 0;
		looks++;
	}
	(void)context;
	return (void *)wrong;
}

TEST(replacing_leaves_no_gap_for_readers)
{
	struct region *old[2], *with[2];
	pthread_t thread;
	void *wrong;

	ready();
	old[0] = enter(START, 100);
	REQUIRE_EQ(pthread_create(&thread, NULL, cover_reader, NULL), 0);
	for (size_t round = 0; looks < 200000 || round < 2000; round++) {
		unsigned token = grace_enter(); /* keeps the old ones until their use here is over */
		size_t at = 1 + round % 98;
		bool split = round % 2 == 0;
		struct region_change change = { old, split ? 1 : 2, with, split ? 2 : 1, NULL, NULL };

		with[0] = fresh(START, split ? at : 100);
		with[1] = split ? fresh(START + at * PAGE, 100 - at) : NULL;
		REQUIRE_EQ(region_replace(&change), FM_OK);
		memcpy(old, with, sizeof(old));
		grace_leave(token);
	}
	stop = true;
	REQUIRE_EQ(pthread_join(thread, &wrong), 0);
	CHECK_EQ((intptr_t)wrong, 0);
}

/* ---- pages ---- */

TEST(page_states_run_and_read_back)
{
	static const size_t sizes[] = { 10, 40000, 1 << 20 }; /* the array: allocated, mapped */

	ready();
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct region *region = enter(START, sizes[i]);

		CHECK_EQ(region_page_run(region, 0, sizes[i]), sizes[i]);
		CHECK_EQ(region_set_pages(region, 0, sizes[i], 0), FM_OK);
		CHECK_EQ(region->pages != NULL, i == 0); /* a small one is there from the start */
		CHECK_EQ(region_set_pages(region, 3, 4, PAGE_CHANGED | FM_READ), FM_OK);
		CHECK_EQ(region_page(region, 2), 0);
		CHECK_EQ(region_page(region, 3), PAGE_CHANGED | FM_READ);
		CHECK_EQ(region_page(region, 7), 0);
		CHECK_EQ(region_page_run(region, 0, sizes[i]), 3);
		CHECK_EQ(region_page_run(region, 3, 2), 2);
		CHECK_EQ(region_page_run(region, 3, sizes[i] - 3), 4);
		CHECK_EQ(region_page_run(region, 7, sizes[i] - 7), sizes[i] - 7);
		CHECK_EQ(region_set_pages(region, sizes[i] - 1, 1, PAGE_CHANGED | FM_READ), FM_OK);
		CHECK_EQ(region_page_run(region, 7, sizes[i] - 7), sizes[i] - 8);
		end(START);
	}
}
