/* SPDX-License-Identifier: MIT */
/* Grace periods: nothing is released under a reader, and all of it afterwards. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "fault.h"
#include "grace.h"
#include "lock.h"
#include "make.h"
#include "os.h"

static atomic_uint released;

static void count(struct retired *self)
{
	released++;
	free(self);
}

static void retire_some(unsigned number)
{
	for (unsigned i = 0; i < number; i++) {
		struct retired *object = calloc(1, sizeof(*object));

		REQUIRE(object != NULL);
		grace_retire(object, count);
	}
}

TEST(without_readers_only_the_last_ones_wait)
{
	REQUIRE_EQ(lock_ready(), FM_OK);
	retire_some(1000);
	CHECK(released >= 990);
}

TEST(nothing_is_released_under_a_reader)
{
	unsigned token, inner, before;

	REQUIRE_EQ(lock_ready(), FM_OK);
	retire_some(10);
	token = grace_enter();
	retire_some(1); /* what was retired before may still go */
	before = released;
	CHECK(before <= 10);
	retire_some(1000);
	inner = grace_enter();
	CHECK(released <= 11);
	grace_leave(inner);
	retire_some(1000);
	CHECK(released <= 11);
	grace_leave(token);
	retire_some(20);
	CHECK(released >= 2011);
}

TEST(settling_releases_all_that_no_reader_holds)
{
	unsigned token;

	REQUIRE_EQ(lock_ready(), FM_OK);
	retire_some(5);
	grace_settle();
	CHECK_EQ(released, 5);
	token = grace_enter();
	retire_some(5);
	grace_settle();
	CHECK_EQ(released, 5);
	grace_leave(token);
	grace_settle();
	CHECK_EQ(released, 10);
}

TEST(a_stream_of_readers_holds_nothing_for_ever)
{
	unsigned tokens[2];

	REQUIRE_EQ(lock_ready(), FM_OK);
	tokens[0] = grace_enter();
	for (unsigned i = 1; i <= 100; i++) { /* there is always one inside */
		tokens[i % 2] = grace_enter();
		grace_leave(tokens[(i + 1) % 2]);
		retire_some(1);
	}
	CHECK(released >= 80);
	grace_leave(tokens[0]);
}

TEST(a_reader_from_before_the_first_call_counts)
{
	unsigned token = grace_enter();

	REQUIRE_EQ(lock_ready(), FM_OK);
	retire_some(5);
	grace_settle();
	CHECK_EQ(released, 0);
	grace_leave(token);
	grace_settle();
	CHECK_EQ(released, 5);
}

static intptr_t (*real_mmap)(void *, size_t, int, int, int, uint64_t);

/* Another thread makes the page of the locks meanwhile. */
static intptr_t mmap_too_late(void *at, size_t size, int prot, int flags, int fd, uint64_t offset)
{
	os.mmap = real_mmap;
	CHECK_EQ(lock_ready(), FM_OK);
	return real_mmap(at, size, prot, flags, fd, offset);
}

TEST(of_two_first_calls_one_makes_the_locks)
{
	int mappings;

	real_mmap = os.mmap;
	mappings = fault_world().mappings;
	os.mmap = mmap_too_late;
	CHECK_EQ(lock_ready(), FM_OK);
	CHECK(os.mmap == real_mmap);
	if (mappings)
		CHECK_EQ(fault_world().mappings, mappings + 1);
}

TEST(child_that_was_inside_does_not_uncount_others)
{
	unsigned token, other;
	pid_t child;

	REQUIRE_EQ(lock_ready(), FM_OK);
	token = grace_enter();
	child = fork();
	if (child == 0) {
		grace_leave(token);
		for (int i = 0; i < 2; i++) { /* with either counter: each retirement goes on to the other one */
			retire_some(4);
			released = 0;
			other = grace_enter();
			retire_some(100);
			CHECK(released <= 10);
			grace_leave(other);
			retire_some(1);
		}
		_exit(check_failures != 0);
	}
	CHECK_EQ(child_result(child), 0);
	grace_leave(token);
}

/* ---- threads: an object shared through one pointer ---- */

struct object {
	struct retired retired;
	atomic_uint alive;
};

static _Atomic(struct object *) current;
static atomic_bool stop;
static atomic_uint reads;

static void die(struct retired *self)
{
	struct object *object = (struct object *)self;

	atomic_store(&object->alive, 0);
	free(object);
	released++;
}

static struct object *make_object(void)
{
	struct object *object = calloc(1, sizeof(*object));

	REQUIRE(object != NULL);
	object->alive = 12345;
	return object;
}

static void *reader(void *context)
{
	intptr_t wrong = 0;

	(void)context;
	while (!stop) {
		unsigned token = grace_enter();
		struct object *object = current;

		for (int i = 0; i < 10; i++)
			wrong += object->alive != 12345;
		grace_leave(token);
		reads++;
	}
	return (void *)wrong;
}

TEST(readers_in_threads_never_see_the_dead)
{
	pthread_t threads[3];
	unsigned retired = 0;

	REQUIRE_EQ(lock_ready(), FM_OK);
	current = make_object();
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		REQUIRE_EQ(pthread_create(&threads[i], NULL, reader, NULL), 0);
	while (reads < 100000 || retired < 20000) {
		struct object *old = atomic_exchange(&current, make_object());

		grace_retire(&old->retired, die);
		retired++;
	}
	stop = true;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		void *wrong;

		REQUIRE_EQ(pthread_join(threads[i], &wrong), 0);
		CHECK_EQ((intptr_t)wrong, 0);
	}
	for (unsigned i = 0; i < 10; i++)
		grace_retire(&make_object()->retired, die);
	CHECK(released >= retired);
}
