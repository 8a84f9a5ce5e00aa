/* SPDX-License-Identifier: MIT */
/* Marks on files: the moments of an open that races cannot be made to hit. */
#include "diskfile.h"
#include "fault.h"
#include "filemark.h"
#include "make.h"
#include "os.h"

static int other; /* a description of somebody else */
static int (*real_getlk)(int fd, struct flock *lock);
static int (*real_nanosleep)(const struct timespec *time);
static bool seen_trying;
static unsigned waits;

static int open_again(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	REQUIRE(fd >= 0);
	return fd;
}

static void set_mark(int fd, short type, uint32_t mark)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_len = 1,
			      .l_start = FILEMARK_BASE + __builtin_ctz(mark) };

	REQUIRE_EQ(fcntl(fd, F_OFD_SETLK, &lock), 0);
}

/* Somebody who shares nothing, and is still trying. */
static const char *make_rival(const char *name)
{
	const char *path = make_file(name, 100);

	other = open_again(path, O_RDWR);
	REQUIRE_EQ(filemark_open(other, DISKFILE_READ, 0), FM_OK);
	set_mark(other, F_RDLCK, FILEMARK_TRYING);
	return path;
}

/* The rival gives up just when he is looked for. */
static int getlk_too_late(int fd, struct flock *lock)
{
	if (lock->l_start == FILEMARK_BASE && lock->l_len == 1)
		filemark_drop(other, FILEMARK_ALL);
	return real_getlk(fd, lock);
}

TEST(a_rival_that_just_gave_up_is_no_conflict)
{
	int fd = open_again(make_rival("late"), O_RDWR);

	real_getlk = os.ofd_getlk;
	os.ofd_getlk = getlk_too_late;
	CHECK_EQ(filemark_open(fd, DISKFILE_READ, 0), FM_OK);
}

static int give_up_while_waiting(const struct timespec *time)
{
	waits++;
	filemark_drop(other, FILEMARK_ALL);
	return real_nanosleep(time);
}

TEST(a_rival_that_still_tries_is_waited_for)
{
	int fd = open_again(make_rival("trying"), O_RDWR);

	real_nanosleep = os.nanosleep;
	os.nanosleep = give_up_while_waiting;
	CHECK_EQ(filemark_open(fd, DISKFILE_READ, 0), FM_OK);
	CHECK_EQ(waits, 1);
}

TEST(a_rival_that_stopped_while_trying_is_a_conflict) /* after a bounded wait */
{
	int fd = open_again(make_rival("stopped"), O_RDWR);

	CHECK_EQ(filemark_open(fd, DISKFILE_READ, 0), FM_E_SHARING_VIOLATION);
	CHECK(!filemark_held(other, FILEMARK_ALL));
}

static int getlk_seen_by_other(int fd, struct flock *lock)
{
	struct flock look = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = FILEMARK_BASE, .l_len = 1 };

	seen_trying = real_getlk(other, &look) == 0 && look.l_type == F_RDLCK;
	return real_getlk(fd, lock);
}

TEST(who_looks_is_seen_trying) /* and no longer when he is through */
{
	const char *path = make_file("seen", 100);
	int fd = open_again(path, O_RDWR);

	other = open_again(path, O_RDWR);
	real_getlk = os.ofd_getlk;
	os.ofd_getlk = getlk_seen_by_other;
	REQUIRE_EQ(filemark_open(fd, DISKFILE_READ, 7), FM_OK);
	CHECK(seen_trying);
	os.ofd_getlk = real_getlk;
	CHECK(!filemark_held(other, FILEMARK_TRYING));
	CHECK(filemark_held(other, FILEMARK_USE_READ));
}

TEST(who_cuts_is_waited_for_by_sections)
{
	const char *path = make_file("cutting", 100);
	int fd = open_again(path, O_RDONLY);

	other = open_again(path, O_RDWR);
	REQUIRE_EQ(filemark_cut(other), FM_OK);
	real_nanosleep = os.nanosleep;
	os.nanosleep = give_up_while_waiting;
	CHECK_EQ(filemark_section(fd, true), FM_OK);
	CHECK_EQ(waits, 1);
	CHECK_EQ(filemark_cut(other), FM_E_USER_MAPPED_FILE);
}

static int no_pause(const struct timespec *time)
{
	(void)time;
	waits++;
	return 0;
}

TEST(who_stopped_while_cutting_is_a_lock_conflict) /* for sections and for others who cut, bounded */
{
	const char *path = make_file("stopped-cutting", 100);
	int fd = open_again(path, O_RDWR);

	other = open_again(path, O_RDWR);
	REQUIRE_EQ(filemark_cut(other), FM_OK);
	os.nanosleep = no_pause;
	CHECK_EQ(filemark_section(fd, true), FM_E_FILE_LOCK_CONFLICT);
	CHECK_EQ(filemark_cut(fd), FM_E_FILE_LOCK_CONFLICT);
	CHECK_EQ(waits, 2000);
}

TEST(a_foreign_lock_on_the_whole_file_is_no_mark) /* lockf() of a program that knows nothing of marks */
{
	static const struct {
		const char *name;
		short type;
	} cases[] = { { "shared", F_RDLCK }, { "exclusive", F_WRLCK } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *path = make_file(cases[i].name, 100);
		struct flock whole = { .l_type = cases[i].type, .l_whence = SEEK_SET };
		int fd = open_again(path, O_RDWR);

		check_row("%s", cases[i].name);
		other = open_again(path, O_RDWR);
		REQUIRE_EQ(fcntl(other, F_OFD_SETLK, &whole), 0);
		CHECK_EQ(filemark_open(fd, DISKFILE_READ | DISKFILE_WRITE, 0), FM_OK);
		CHECK_EQ(filemark_section(fd, true), FM_OK);
		filemark_drop(fd, FILEMARK_SECTION);
		CHECK_EQ(filemark_cut(fd), FM_OK);
		close(fd);
		close(other);
	}
}

TEST(without_such_locks_nothing_fails) /* network and FUSE file systems */
{
	static const int errors[] = { ENOLCK, ENOSYS, EINVAL, EOPNOTSUPP, EBADF };
	const char *path = make_file("without", 100);

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		int fd = open_again(path, O_RDWR);

		check_row("error %d", errors[i]);
		fault_arm("ofd_setlk", 1, FAULT_FROM, errors[i]);
		CHECK_EQ(filemark_open(fd, DISKFILE_READ | DISKFILE_WRITE, 0), FM_OK);
		CHECK_EQ(filemark_section(fd, true), FM_OK);
		CHECK_EQ(filemark_cut(fd), FM_OK);
		CHECK(fault_disarm());
		close(fd);
	}
}

TEST(a_section_costs_one_call)
{
	int fd = open_again(make_file("cheap", 100), O_RDWR);

	fault_count_reset();
	CHECK_EQ(filemark_section(fd, true), FM_OK);
	CHECK_EQ(fault_count("*"), 1);
}
