/* SPDX-License-Identifier: MIT */
/* Files, their handles, names and locks: what stands after a call that failed. */
#include <sys/socket.h>
#include <sys/stat.h>

#include "diskfile_internal.h"
#include "failures.h"
#include "filemark.h"
#include "os.h"

enum { ALL = 7 };

static const char *path, *other;
static char goal[512];
static struct diskfile_request wanted;
static int number, second, plain;

static bool exists(const char *name)
{
	struct stat st;

	return lstat(name, &st) == 0;
}

static long long size_of(const char *name)
{
	struct stat st;

	return stat(name, &st) == 0 ? (long long)st.st_size : -1;
}

/* ---- opening ---- */

static void want(uint32_t disposition, uint32_t flags)
{
	path = make_file("file", 100);
	snprintf(goal, sizeof(goal), "%s/goal", check_directory());
	wanted = (struct diskfile_request){ .path = path, .access = DISKFILE_READ | DISKFILE_WRITE, .share = ALL,
					    .disposition = disposition, .flags = flags };
	number = second = plain = -1;
}

static void want_existing(void)
{
	want(DISKFILE_OPEN_EXISTING, 0);
}

static void want_inheritable(void)
{
	want(DISKFILE_OPEN_EXISTING, 0);
	wanted.inheritable = true;
}

static void want_to_delete(void)
{
	want(DISKFILE_OPEN_EXISTING, DISKFILE_DELETE_ON_CLOSE);
}

static void want_to_look(void)
{
	want(DISKFILE_OPEN_EXISTING, 0);
	wanted.access = DISKFILE_READ_ATTRIBUTES;
}

static void want_to_read(void)
{
	want(DISKFILE_OPEN_EXISTING, 0);
	wanted.access = DISKFILE_READ;
}

static void want_emptied(void)
{
	want(DISKFILE_CREATE_ALWAYS, DISKFILE_READONLY);
	wanted.access = DISKFILE_READ;
}

static void want_new(void)
{
	want(DISKFILE_CREATE_NEW, 0);
	wanted.path = goal;
}

static fm_status open_file(void)
{
	return diskfile_open(&wanted, &number);
}

static void check_opened(bool succeeded)
{
	uint32_t access;

	CHECK_EQ(number >= 0, succeeded);
	if (succeeded)
		CHECK_EQ(diskfile_rights(number, &access), FM_OK);
	CHECK_EQ(size_of(path), succeeded && wanted.disposition == DISKFILE_CREATE_ALWAYS ? 0 : 100);
	CHECK_EQ(exists(goal), succeeded && wanted.path == goal);
}

static void clear_files(void)
{
	if (number >= 0)
		CHECK_EQ(handle_close(number), FM_OK);
	if (second >= 0)
		CHECK_EQ(handle_close(second), FM_OK);
	if (plain >= 0)
		close(plain);
	(void)unlink(goal);
	(void)unlink(path);
}

TEST(a_file_is_opened_or_nothing_is)
{
	static const struct failing scenes[] = {
		{ "existing", want_existing, open_file, check_opened, clear_files },
		{ "inheritable", want_inheritable, open_file, check_opened, clear_files },
		{ "to be deleted", want_to_delete, open_file, check_opened, clear_files },
		{ "to look at", want_to_look, open_file, check_opened, clear_files },
		{ "new", want_new, open_file, check_opened, clear_files },
	};

	each_failure_of_all(scenes, ARRAY_SIZE(scenes));
}

static void check_emptied(bool succeeded)
{
	CHECK_EQ(number >= 0, succeeded);
	CHECK(size_of(path) == 0 || !succeeded);
}

TEST(a_file_that_cannot_be_emptied_leaves_no_handle)
{
	static const struct failing scene = { "emptied", want_emptied, open_file, check_emptied, clear_files };

	each_failure(&scene);
}

/* ---- others who make and remove it meanwhile ---- */

static int (*real_setlk)(int fd, struct flock *lock);
static int (*real_openat)(int dir, const char *name, int flags, unsigned mode);
static unsigned removals; /* by another process, between opening and marking */

static int setlk_after_removal(int fd, struct flock *lock)
{
	if (removals && lock->l_type == F_RDLCK) {
		removals--;
		CHECK_EQ(unlink(path), 0);
		if (removals)
			(void)make_file("file", 100);
	}
	return real_setlk(fd, lock);
}

TEST(a_file_removed_while_it_is_opened_is_opened_anew)
{
	static const struct { unsigned removals; uint32_t disposition; fm_status status; long long size; } cases[] = {
		{ 1, DISKFILE_OPEN_EXISTING, FM_E_NAME_NOT_FOUND, -1 }, { 1, DISKFILE_OPEN_ALWAYS, FM_OK, 0 },
		{ 3, DISKFILE_OPEN_EXISTING, FM_E_NAME_NOT_FOUND, -1 }, { 100, DISKFILE_OPEN_EXISTING, FM_E_FILE_DELETED, 100 },
	};
	struct fault_world before;

	want_existing();
	REQUIRE_EQ(open_file(), FM_OK);
	clear_files();
	before = fault_world();
	real_setlk = os.ofd_setlk;
	os.ofd_setlk = setlk_after_removal;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%u times, disposition %u", cases[i].removals, cases[i].disposition);
		want(cases[i].disposition, 0);
		wanted.access = DISKFILE_READ;
		wanted.share = 0;
		removals = cases[i].removals;
		CHECK_EQ(open_file(), cases[i].status);
		removals = 0;
		CHECK_EQ(size_of(path), cases[i].size);
		clear_files();
		CHECK_SAME_WORLD(before);
	}
}

/* There when it is to be made, and gone when it is to be opened. */
static int openat_of_flicker(int dir, const char *name, int flags, unsigned mode)
{
	if (strcmp(name, path) != 0)
		return real_openat(dir, name, flags, mode);
	return flags & O_CREAT ? -EEXIST : -ENOENT;
}

TEST(a_file_that_comes_and_goes_is_missing_in_the_end)
{
	want(DISKFILE_OPEN_ALWAYS, 0);
	real_openat = os.openat;
	os.openat = openat_of_flicker;
	CHECK_EQ(open_file(), FM_E_NAME_NOT_FOUND);
	os.openat = real_openat;
	clear_files();
}

/* ---- handles ---- */

static void make_open(void)
{
	want_existing();
	REQUIRE_EQ(open_file(), FM_OK);
}

static void make_deleted_on_close(void)
{
	want_to_delete();
	REQUIRE_EQ(open_file(), FM_OK);
}

static struct handle *enter(void)
{
	struct handle *handle = NULL;

	CHECK_EQ(handle_enter(number, &file_kind, &handle), FM_OK);
	return handle;
}

static fm_status duplicate(void)
{
	struct diskfile *file = NULL;
	fm_status status = diskfile_enter(number, 0, &file);

	if (status < 0)
		return status;
	status = handle_duplicate(&file->handle, NULL, false, &second);
	diskfile_leave(file);
	return status;
}

static void check_duplicate(bool succeeded)
{
	uint64_t size = 0;

	CHECK_EQ(second >= 0, succeeded);
	CHECK_EQ(diskfile_size(succeeded ? second : number, &size), FM_OK);
	CHECK_EQ(size, 100);
}

static fm_status inherit(void)
{
	struct diskfile *file = NULL;
	fm_status status = diskfile_enter(number, 0, &file);

	if (status < 0)
		return status;
	status = handle_set_inheritable(&file->handle, true);
	diskfile_leave(file);
	return status;
}

static void check_inherited(bool succeeded)
{
	CHECK_EQ(fcntl(number, F_GETFD), succeeded ? 0 : FD_CLOEXEC);
}

static struct parcel parcel;

static fm_status pack(void)
{
	struct diskfile *file = NULL;
	fm_status status = diskfile_enter(number, 0, &file);

	if (status < 0)
		return status;
	parcel.count = 0;
	status = file_kind.pack(&file->handle, NULL, &parcel);
	diskfile_leave(file);
	return status;
}

static void clear_parcel(void)
{
	for (uint32_t i = 0; i < parcel.count; i++)
		close(parcel.fds[i]);
	parcel.count = 0;
	clear_files();
}

static struct handle *unpacked;

static void make_parcel(void)
{
	make_open();
	REQUIRE_EQ(pack(), FM_OK);
	unpacked = NULL;
}

static fm_status unpack(void)
{
	fm_status status = file_kind.unpack(&parcel, 200, &unpacked);

	parcel.count = 0; /* taken over, or closed */
	return status;
}

static void clear_unpacked(void)
{
	if (unpacked)
		handle_discard(unpacked);
	clear_files();
}

/* A descriptor of the program's own, known by its number alone. */
static void make_plain(void)
{
	want_existing();
	plain = open(path, O_RDWR | O_CLOEXEC);
	REQUIRE(plain >= 0);
}

static fm_status adopt(void)
{
	struct handle *handle = NULL;
	fm_status status = handle_recognise(plain, false, &handle);

	if (status >= 0)
		handle->kind->forget(handle);
	return status;
}

static fm_status hand_over(void)
{
	return diskfile_hand_over(number);
}

TEST(a_handle_is_made_or_nothing_is)
{
	static const struct failing scenes[] = {
		{ "duplicate", make_open, duplicate, check_duplicate, clear_files },
		{ "inherit", make_open, inherit, check_inherited, clear_files },
		{ "pack", make_open, pack, NULL, clear_parcel },
		{ "unpack", make_parcel, unpack, NULL, clear_unpacked },
		{ "adopt", make_plain, adopt, NULL, clear_files },
		{ "hand over", make_open, hand_over, NULL, clear_files },
	};

	each_failure_of_all(scenes, ARRAY_SIZE(scenes));
}

TEST(files_give_no_more_than_they_have)
{
	const uint32_t all = 0x10000000;
	struct handle *handle, *copy;
	int copys_number;

	want_to_read();
	REQUIRE_EQ(open_file(), FM_OK);
	handle = enter();
	CHECK_EQ(file_kind.duplicate(handle, &all, &copy, &copys_number), FM_E_ACCESS_DENIED);
	CHECK_EQ(file_kind.pack(handle, &all, &parcel), FM_E_ACCESS_DENIED);
	handle_leave(handle);
	clear_files();
}

TEST(what_comes_in_pieces_or_under_anothers_number_is_closed)
{
	struct fault_world before;
	struct handle *handle;

	make_open();
	before = fault_world();
	for (uint32_t count = 0; count <= PARCEL_FDS; count++) {
		check_row("%u descriptors", count);
		if (count == 1)
			continue;
		parcel = (struct parcel){ .words = { DISKFILE_READ }, .count = count };
		for (uint32_t i = 0; i < count; i++)
			parcel.fds[i] = dup(number);
		CHECK_EQ(file_kind.unpack(&parcel, 200, &handle), FM_E_INVALID_HANDLE);
		CHECK_SAME_WORLD(before);
	}
	check_row("a number that is taken");
	parcel = (struct parcel){ .words = { DISKFILE_READ }, .fds = { dup(number) }, .count = 1 };
	CHECK_EQ(file_kind.unpack(&parcel, number, &handle), FM_E_INVALID_HANDLE);
	CHECK_SAME_WORLD(before);
	clear_files();
}

/* ---- deleting on close ---- */

TEST(only_the_files_own_name_is_removed)
{
	static const struct { const char *name; const char *call; bool renamed, replaced, kept; } cases[] = {
		{ "plain", NULL, false, false, false },
		{ "renamed", NULL, true, false, false },
		{ "replaced", NULL, false, true, true },
		{ "no /proc", "readlinkat", false, false, true },
		{ "no facts", "fstat", false, false, true },
		{ "no facts of the name", "fstatat", false, false, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		make_deleted_on_close();
		if (cases[i].renamed)
			REQUIRE_EQ(rename(path, goal), 0);
		if (cases[i].replaced) {
			REQUIRE_EQ(unlink(path), 0);
			(void)make_file("file", 7);
		}
		if (cases[i].call)
			fault_arm(cases[i].call, 1, FAULT_FROM, EACCES);
		CHECK_EQ(handle_close(number), FM_OK);
		CHECK_EQ(fault_disarm() || !cases[i].call, true);
		number = -1;
		CHECK_EQ(exists(path), cases[i].kept);
		CHECK_EQ(exists(goal), false);
		clear_files();
	}
}

/* ---- names ---- */

static uint32_t move_flags;

static void make_one(void)
{
	want_existing();
	move_flags = 0;
}

static void make_two(void)
{
	want_existing();
	other = make_file("goal", 50);
	move_flags = DISKFILE_MOVE_REPLACE;
}

static fm_status move(void)
{
	return diskfile_move(path, goal, move_flags);
}

static void check_moved(bool succeeded)
{
	CHECK_EQ(size_of(path), succeeded ? -1 : 100);
	CHECK_EQ(size_of(goal), succeeded ? 100 : move_flags ? 50 : -1);
}

static fm_status delete_file(void)
{
	return diskfile_delete(path);
}

static void check_deleted(bool succeeded)
{
	CHECK_EQ(exists(path), !succeeded);
}

TEST(a_name_is_changed_or_stays)
{
	static const struct failing scenes[] = {
		{ "move", make_one, move, check_moved, clear_files },
		{ "replace", make_two, move, check_moved, clear_files },
		{ "delete", make_one, delete_file, check_deleted, clear_files },
	};

	each_failure_of_all(scenes, ARRAY_SIZE(scenes));
}

TEST(errors_of_renaming_are_windows_own)
{
	static const struct { int error; fm_status status; } cases[] = {
		{ EXDEV, FM_E_NOT_SAME_DEVICE }, { EINVAL, FM_E_ACCESS_DENIED }, { ENOTEMPTY, FM_E_ACCESS_DENIED },
		{ ENOENT, FM_E_NAME_NOT_FOUND }, { EROFS, FM_E_MEDIA_WRITE_PROTECTED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("error %d", cases[i].error);
		make_one();
		fault_arm("renameat2", 1, FAULT_FROM, cases[i].error);
		CHECK_EQ(move(), cases[i].status);
		CHECK(fault_disarm());
		check_moved(false);
		clear_files();
	}
	make_one();
	fault_arm("renameat2", 1, FAULT_ONCE, EINVAL); /* a file system that knows no RENAME_NOREPLACE */
	CHECK_EQ(move(), FM_OK);
	CHECK(fault_disarm());
	check_moved(true);
	clear_files();
}

/* As they may be: directories, read-only files, mapped files, links to the same. */
TEST(what_has_the_name_must_be_free_to_go)
{
	static const struct { const char *name; fm_status status; } cases[] = {
		{ "directory", FM_E_ACCESS_DENIED }, { "read-only", FM_E_ACCESS_DENIED }, { "mapped", FM_E_ACCESS_DENIED },
		{ "link", FM_OK }, { "socket", FM_OK },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fm_section *section = NULL;
		mode_t former = umask(0);

		check_row("%s", cases[i].name);
		umask(former);
		make_one();
		move_flags = DISKFILE_MOVE_REPLACE;
		if (i == 0)
			REQUIRE_EQ(mkdir(goal, 0700), 0);
		else if (i == 3)
			REQUIRE_EQ(link(path, goal), 0);
		else if (i == 4)
			REQUIRE_EQ(mkfifo(goal, 0600), 0);
		else
			REQUIRE_EQ(chmod(make_file("goal", 50), i == 1 ? 0400 : 0600), 0);
		if (i == 2)
			section = make_file_section(goal, FM_READ);
		CHECK_EQ(move(), cases[i].status);
		CHECK(exists(goal));
		fm_section_close(section);
		(void)rmdir(goal);
		clear_files();
	}
}

TEST(a_file_replaced_while_it_is_to_go_is_in_use)
{
	struct stat st;
	int fd;

	make_two();
	REQUIRE_EQ(stat(other, &st), 0);
	CHECK_EQ(diskfile_claim(path, &st, &fd), FM_E_SHARING_VIOLATION);
	CHECK_EQ(fd, -1);
	REQUIRE_EQ(stat(path, &st), 0);
	st.st_dev++;
	CHECK_EQ(diskfile_claim(path, &st, &fd), FM_E_SHARING_VIOLATION);
	clear_files();
}

/* ---- sizes ---- */

static fm_status lengthen(void)
{
	return diskfile_set_size(number, 5000);
}

static fm_status shorten(void)
{
	return diskfile_set_size(number, 10);
}

static void check_longer(bool succeeded)
{
	CHECK_EQ(size_of(path), succeeded ? 5000 : 100);
}

static void check_shorter(bool succeeded)
{
	CHECK_EQ(size_of(path), succeeded ? 10 : 100);
}

static fm_status end_here(void)
{
	return diskfile_set_end(number); /* the position is 0 */
}

static void check_empty(bool succeeded)
{
	CHECK_EQ(size_of(path), succeeded ? 0 : 100);
}

static fm_status flush(void)
{
	return diskfile_flush(number);
}

static fm_status look(void)
{
	unsigned type = 0;
	uint64_t size = 0;
	fm_status status = diskfile_size(number, &size);

	return status < 0 ? status : diskfile_type(number, &type);
}

static fm_status seek(void)
{
	uint64_t position = 0;
	fm_status status = diskfile_seek(number, -1, DISKFILE_END, INT64_MAX, &position);

	if (status >= 0)
		CHECK_EQ(position, 99);
	return status < 0 ? status : diskfile_seek(number, 1, DISKFILE_CURRENT, INT64_MAX, &position);
}

TEST(a_size_changes_or_stays)
{
	static const struct failing scenes[] = {
		{ "lengthen", make_open, lengthen, check_longer, clear_files },
		{ "shorten", make_open, shorten, check_shorter, clear_files },
		{ "end", make_open, end_here, check_empty, clear_files },
		{ "flush", make_open, flush, NULL, clear_files },
		{ "look", make_open, look, NULL, clear_files },
		{ "seek", make_open, seek, NULL, clear_files },
	};

	each_failure_of_all(scenes, ARRAY_SIZE(scenes));
}

TEST(sizes_that_no_file_has_are_refused)
{
	make_open();
	CHECK_EQ(diskfile_set_size(number, (uint64_t)INT64_MAX + 1), FM_E_INVALID_PARAMETER);
	CHECK_EQ(size_of(path), 100);
	clear_files();
}

/* ---- transfers ---- */

static const uint64_t start = 10;
static const uint64_t *offset;
static size_t transferred;

static fm_status read_bytes(void)
{
	char bytes[20];

	transferred = 0;
	return diskfile_read(number, bytes, sizeof(bytes), offset, &transferred);
}

static fm_status write_bytes(void)
{
	transferred = 0;
	return diskfile_write(number, "abcdefghij0123456789", 20, offset, &transferred);
}

static fm_status append_bytes(void)
{
	const uint64_t end = DISKFILE_APPEND_AT;

	transferred = 0;
	return diskfile_write(number, "abcdefghij0123456789", 20, &end, &transferred);
}

static void check_transferred(bool succeeded)
{
	CHECK_EQ(transferred, succeeded ? 20 : 0);
	CHECK_EQ(size_of(path), 100);
}

static void check_appended(bool succeeded)
{
	CHECK_EQ(transferred, succeeded ? 20 : 0);
	CHECK_EQ(size_of(path), succeeded ? 120 : 100);
}

/* Appending is all that it may. */
static void make_appending(void)
{
	want_existing();
	wanted.access = DISKFILE_APPEND;
	REQUIRE_EQ(open_file(), FM_OK);
}

TEST(bytes_are_transferred_or_none_is)
{
	static const struct failing scenes[] = {
		{ "read", make_open, read_bytes, check_transferred, clear_files },
		{ "write", make_open, write_bytes, check_transferred, clear_files },
		{ "append", make_open, append_bytes, check_appended, clear_files },
		{ "write, appending", make_appending, write_bytes, check_appended, clear_files },
	};

	offset = NULL;
	each_failure_of_all(scenes, ARRAY_SIZE(scenes));
	offset = &start;
	each_failure_of_all(scenes, 2);
}

/* ---- locks ---- */

static fm_status take(void)
{
	return filelock_take(number, 10, 20, FILELOCK_EXCLUSIVE);
}

static fm_status write_elsewhere(void)
{
	size_t done;
	const uint64_t at = 15;
	struct diskfile_request request = { .path = path, .access = DISKFILE_WRITE, .share = ALL,
					    .disposition = DISKFILE_OPEN_EXISTING };
	int anothers = -1;
	fm_status status;

	REQUIRE_EQ(diskfile_open(&request, &anothers), FM_OK);
	status = diskfile_write(anothers, "x", 1, &at, &done);
	CHECK_EQ(handle_close(anothers), FM_OK);
	return status;
}

static void check_taken(bool succeeded)
{
	CHECK_EQ(write_elsewhere(), succeeded ? FM_E_FILE_LOCK_CONFLICT : FM_OK);
}

static void make_locked(void)
{
	make_open();
	REQUIRE_EQ(filelock_take(number, 10, 20, 0), FM_OK); /* shared: a weaker description */
}

static fm_status take_stronger(void)
{
	return filelock_take(number, 40, 20, FILELOCK_EXCLUSIVE);
}

static void check_still_locked(bool succeeded)
{
	(void)succeeded;
	CHECK_EQ(write_elsewhere(), FM_E_FILE_LOCK_CONFLICT);
}

static fm_status release(void)
{
	return filelock_release(number, 10, 20);
}

static void check_released(bool succeeded)
{
	CHECK_EQ(write_elsewhere(), succeeded ? FM_OK : FM_E_FILE_LOCK_CONFLICT);
}

TEST(a_range_is_locked_or_not)
{
	static const struct failing scenes[] = {
		{ "lock", make_open, take, check_taken, clear_files },
		{ "lock more", make_locked, take_stronger, check_still_locked, clear_files },
		{ "release", make_locked, release, check_released, clear_files },
		{ "duplicate with locks", make_locked, duplicate, check_duplicate, clear_files },
	};

	each_failure_of_all(scenes, ARRAY_SIZE(scenes));
}
