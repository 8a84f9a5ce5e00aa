/* SPDX-License-Identifier: MIT */
/* Byte-range locks within: what is asked under which lock, and of whom a forked child's transfers think. */
#include <sys/stat.h>

#include "diskfile_internal.h"
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
