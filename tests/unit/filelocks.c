/* SPDX-License-Identifier: MIT */
/* Byte-range locks within: which ranges meet, who waits how, and what the system's refusals mean. */
#include <errno.h>
#include <sys/stat.h>

#include "diskfile_internal.h"
#include "fault.h"
#include "lock.h"
#include "make.h"
#include "os.h"

static int open_file(const char *path)
{
	struct diskfile_request request = { .path = path, .access = DISKFILE_READ | DISKFILE_WRITE, .share = 7,
					    .disposition = DISKFILE_OPEN_EXISTING };
	int number = -1;

	REQUIRE_EQ(diskfile_open(&request, &number), FM_OK);
	return number;
}

static fm_status write_at(int number, uint64_t offset)
{
	size_t done;

	return diskfile_write(number, "x", 1, &offset, &done);
}

static int (*real_getlk)(int fd, struct flock *lock);
static unsigned stripe, asked, unguarded;

static int watch_getlk(int fd, struct flock *lock)
{
	asked++;
	if (lock_try(stripe)) {
		lock_drop(stripe);
		unguarded++;
	}
	return real_getlk(fd, lock);
}

/* Else another thread's lock may have the description made anew, and its number be another file's. */
TEST(a_transfer_asks_while_the_description_of_its_locks_stays)
{
	int number = open_file(make_file("asked", 100));
	struct diskfile *file;

	REQUIRE_EQ(filelock_take(number, 0, 10, 0), FM_OK);
	REQUIRE_EQ(diskfile_enter(number, 0, &file), FM_OK);
	stripe = lock_stripe(LOCK_RANGES, file->locks);
	diskfile_leave(file);
	real_getlk = os.ofd_getlk;
	os.ofd_getlk = watch_getlk;
	CHECK_EQ(write_at(number, 50), FM_OK);
	CHECK_EQ(asked, 1);
	CHECK_EQ(unguarded, 0);
}

TEST(a_forked_child_does_not_write_what_its_parent_locked)
{
	int number = open_file(make_file("forked", 100));
	pid_t child;

	REQUIRE_EQ(filelock_take(number, 0, 10, FILELOCK_EXCLUSIVE), FM_OK);
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		CHECK_EQ(write_at(number, 5), FM_E_FILE_LOCK_CONFLICT);
		CHECK_EQ(write_at(number, 10), FM_OK);
		_exit(check_failures != 0);
	}
	CHECK_EQ(child_result(child), 0);
	CHECK_EQ(write_at(number, 5), FM_OK);
	CHECK_EQ(handle_close(number), FM_OK);
}

/* An empty range lies before its offset: it meets what it is strictly inside of, and nothing of its own kind. */
TEST(ranges_meet_or_they_do_not)
{
	static const struct { uint64_t offset, length; fm_status status; } cases[] = {
		{ 100, 50, FM_E_LOCK_NOT_GRANTED }, { 50, 51, FM_E_LOCK_NOT_GRANTED }, { 149, 1, FM_E_LOCK_NOT_GRANTED },
		{ 50, 50, FM_OK },                  { 150, 1, FM_OK },                 { 100, 0, FM_OK },
		{ 101, 0, FM_E_LOCK_NOT_GRANTED },  { 149, 0, FM_E_LOCK_NOT_GRANTED }, { 150, 0, FM_OK },
		{ 200, 0, FM_OK },                  { 199, 2, FM_E_LOCK_NOT_GRANTED }, { 200, 1, FM_OK },
		{ 199, 1, FM_OK },                  { 300, UINT64_MAX, FM_E_INVALID_LOCK_RANGE },
		{ (uint64_t)1 << 62, 5, FM_E_LOCK_NOT_GRANTED }, /* sixteen share one of the kernel's */
		{ ((uint64_t)1 << 62) + 32, 5, FM_OK },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int number = open_file(make_file("meet", 100));

		check_row("%llu and %llu bytes", (unsigned long long)cases[i].offset, (unsigned long long)cases[i].length);
		REQUIRE_EQ(filelock_take(number, 100, 50, FILELOCK_EXCLUSIVE), FM_OK);
		REQUIRE_EQ(filelock_take(number, 200, 0, FILELOCK_EXCLUSIVE), FM_OK);
		REQUIRE_EQ(filelock_take(number, (uint64_t)1 << 62, 10, FILELOCK_EXCLUSIVE), FM_OK);
		CHECK_EQ(filelock_take(number, cases[i].offset, cases[i].length, FILELOCK_EXCLUSIVE), cases[i].status);
		if (cases[i].status == FM_OK)
			CHECK_EQ(filelock_release(number, cases[i].offset, cases[i].length), FM_OK);
		CHECK_EQ(handle_close(number), FM_OK);
	}
}

/* Shared below exclusive, one within the other: what is left of each when one goes. */
TEST(the_stronger_of_two_locks_of_a_handle_holds)
{
	int number = open_file(make_file("stronger", 100)), other = open_file(make_file("stronger", 100));

	REQUIRE_EQ(filelock_take(number, 10, 30, FILELOCK_EXCLUSIVE), FM_OK);
	REQUIRE_EQ(filelock_take(number, 0, 60, 0), FM_OK); /* over it: the handle's own is no obstacle */
	REQUIRE_EQ(filelock_take(number, 20, 10, 0), FM_OK);
	CHECK_EQ(filelock_take(other, 5, 1, 0), FM_OK);
	CHECK_EQ(filelock_take(other, 15, 1, 0), FM_E_LOCK_NOT_GRANTED);
	REQUIRE_EQ(filelock_release(number, 10, 30), FM_OK);
	CHECK_EQ(filelock_take(other, 15, 1, 0), FM_OK);
	CHECK_EQ(filelock_take(other, 50, 1, FILELOCK_EXCLUSIVE), FM_E_LOCK_NOT_GRANTED);
	CHECK_EQ(write_at(number, 25), FM_E_FILE_LOCK_CONFLICT); /* shared: not even its owner writes */
	REQUIRE_EQ(filelock_release(number, 0, 60), FM_OK);
	CHECK_EQ(filelock_take(other, 50, 1, FILELOCK_EXCLUSIVE), FM_OK);
	CHECK_EQ(filelock_take(other, 25, 1, FILELOCK_EXCLUSIVE), FM_E_LOCK_NOT_GRANTED);
	CHECK_EQ(filelock_release(number, 0, 60), FM_E_RANGE_NOT_LOCKED);
	CHECK_EQ(write_at(number, 5), FM_E_FILE_LOCK_CONFLICT); /* the other's by now */
	CHECK_EQ(write_at(number, 70), FM_OK);
}

TEST(only_regular_files_are_locked)
{
	int directory = open(check_directory(), O_RDONLY | O_CLOEXEC), ends[2];

	REQUIRE_EQ(pipe(ends), 0);
	CHECK_EQ(filelock_take(directory, 0, 1, 0), FM_E_INVALID_PARAMETER);
	CHECK_EQ(filelock_take(ends[0], 0, 1, 0), FM_E_INVALID_DEVICE_REQUEST);
	CHECK_EQ(filelock_release(ends[0], 0, 1), FM_E_INVALID_DEVICE_REQUEST);
}

TEST(refusals_of_the_system_are_told_as_windows_does)
{
	static const struct { int error; unsigned flags; fm_status status; } cases[] = {
		{ EAGAIN, 0, FM_E_LOCK_NOT_GRANTED },
		{ EACCES, 0, FM_E_LOCK_NOT_GRANTED },
		{ EBADF, FILELOCK_EXCLUSIVE, FM_E_ACCESS_DENIED },
		{ EBADF, 0, FM_E_INVALID_HANDLE },
		{ EINVAL, 0, FM_E_NOT_SUPPORTED },
		{ EOPNOTSUPP, 0, FM_E_NOT_SUPPORTED },
		{ ENOLCK, 0, FM_E_INSUFFICIENT_RESOURCES },
	};
	int number = open_file(make_file("refusals", 100));

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("error %d", cases[i].error);
		fault_arm("ofd_setlk", 1, FAULT_FROM, cases[i].error);
		CHECK_EQ(filelock_take(number, 0, 10, cases[i].flags), cases[i].status);
		CHECK(fault_disarm());
		CHECK_EQ(filelock_release(number, 0, 10), FM_E_RANGE_NOT_LOCKED);
	}
	CHECK_EQ(filelock_take(number, 0, 10, FILELOCK_EXCLUSIVE), FM_OK); /* nothing is left in the way */
}

/* Where /proc does not open the file anew, the handle's own description carries the locks. */
TEST(without_a_description_of_their_own_locks_are_the_handles)
{
	static const struct { int error; bool writer; fm_status status; } cases[] = {
		{ ENOENT, true, FM_OK }, { ENOENT, false, FM_OK }, { EACCES, true, FM_OK }, { EPERM, true, FM_OK },
		{ EACCES, false, FM_E_ACCESS_DENIED }, { EPERM, false, FM_E_ACCESS_DENIED },
		{ EMFILE, true, FM_E_TOO_MANY_OPENED_FILES },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int number = open(make_file("own", 100), (cases[i].writer ? O_RDWR : O_RDONLY) | O_CLOEXEC);

		check_row("error %d, %s", cases[i].error, cases[i].writer ? "writer" : "reader");
		fault_arm("openat", 1, FAULT_FROM, cases[i].error);
		CHECK_EQ(filelock_take(number, 0, 10, 0), cases[i].status);
		CHECK(fault_disarm());
		CHECK_EQ(filelock_release(number, 0, 10), cases[i].status == FM_OK ? FM_OK : FM_E_RANGE_NOT_LOCKED);
		CHECK_EQ(handle_close(number), FM_OK);
	}
}

/* ---- waiting, made exact: what is waited for goes when somebody waits ---- */

static int holder;
static uint64_t held_offset;
static unsigned waits, pauses;
static int (*real_setlkw)(int fd, struct flock *lock);

static void let_go(void)
{
	CHECK_EQ(filelock_release(holder, held_offset, 10), FM_OK);
}

static int setlkw_then(int fd, struct flock *lock)
{
	waits++;
	let_go();
	return real_setlkw(fd, lock);
}

static int setlkw_refused(int fd, struct flock *lock)
{
	(void)fd, (void)lock;
	waits++;
	return -ENOLCK;
}

static int pause_then(const struct timespec *time)
{
	CHECK(time->tv_nsec > 0 && time->tv_nsec <= 100000000);
	if (++pauses == 12)
		let_go();
	return 0;
}

static int waiter_for(int *ret_number)
{
	holder = open_file(make_file("waited", 100));
	*ret_number = open_file(make_file("waited", 100));
	waits = pauses = 0;
	real_setlkw = real_setlkw ? real_setlkw : os.ofd_setlkw;
	os.nanosleep = pause_then;
	return filelock_take(holder, held_offset, 10, FILELOCK_EXCLUSIVE);
}

TEST(a_lock_is_waited_for_in_the_kernel)
{
	int number;

	for (unsigned flags = 0; flags <= FILELOCK_EXCLUSIVE; flags++) {
		check_row("flags %u", flags);
		held_offset = 0;
		REQUIRE_EQ(waiter_for(&number), FM_OK);
		os.ofd_setlkw = setlkw_then;
		CHECK_EQ(filelock_take(number, 0, 10, flags | FILELOCK_WAIT), FM_OK);
		CHECK_EQ(waits, 1);
		CHECK_EQ(pauses, 0);
		os.ofd_setlkw = real_setlkw;
		CHECK_EQ(handle_close(number), FM_OK);
		CHECK_EQ(handle_close(holder), FM_OK);
	}
}

TEST(where_the_kernel_cannot_wait_there_are_pauses)
{
	int number;

	held_offset = 20;
	REQUIRE_EQ(waiter_for(&number), FM_OK);
	os.ofd_setlkw = setlkw_refused;
	CHECK_EQ(filelock_take(number, 20, 10, FILELOCK_WAIT), FM_OK);
	CHECK_EQ(waits, 12);
	CHECK_EQ(pauses, 12);
}

TEST(a_handles_own_lock_is_waited_for_where_it_is_an_obstacle)
{
	int number;

	held_offset = 20;
	REQUIRE_EQ(waiter_for(&number), FM_OK);
	os.ofd_setlkw = setlkw_then;
	CHECK_EQ(filelock_take(holder, 25, 0, FILELOCK_EXCLUSIVE | FILELOCK_WAIT), FM_OK); /* empty: no kernel's lock */
	CHECK_EQ(waits, 0);
	CHECK_EQ(pauses, 12);
	REQUIRE_EQ(filelock_take(number, 20, 10, FILELOCK_EXCLUSIVE), FM_OK);
	REQUIRE_EQ(filelock_take(holder, 50, 10, 0), FM_OK);
	pauses = 0;
	holder = number;
	CHECK_EQ(filelock_take(number, 20, 10, 0), FM_OK); /* shared, on its own exclusive one */
	CHECK_EQ(waits, 0);
}

static void *(*real_allocate)(size_t size);
static int first; /* of whom another thread locks meanwhile */

static void *lock_then_allocate(size_t size)
{
	os_allocate_hook = real_allocate;
	CHECK_EQ(filelock_take(first, 50, 10, 0), FM_OK);
	return real_allocate(size);
}

TEST(of_two_threads_first_locks_of_a_file_one_record_stays)
{
	first = open_file(make_file("first", 100));
	real_allocate = os_allocate_hook;
	os_allocate_hook = lock_then_allocate;
	CHECK_EQ(filelock_take(first, 0, 10, 0), FM_OK);
	CHECK_EQ(filelock_release(first, 0, 10), FM_OK);
	CHECK_EQ(filelock_release(first, 50, 10), FM_OK);
}
