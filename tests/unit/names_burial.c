/* SPDX-License-Identifier: MIT */
/* Burying while others rename, remove and replace entries between any two calls. */
#include <errno.h>
#include <dirent.h>

#include "fault.h"
#include "name_help.h"

static struct name_dir *directory_of(enum fm_namespace space)
{
	struct name_dir *dir = NULL;

	REQUIRE_EQ(name_dir_get(space, &dir), FM_OK);
	return dir;
}

static const char *file_of(const char *name)
{
	const char *path = name_on_disk(name);

	return strrchr(path, '/') + 1;
}

static int bury(struct name_dir *dir, const char *name, uint64_t *ret_size)
{
	return name_bury_entry(dir, file_of(name), 0, ret_size);
}

static int entries_of(enum fm_namespace space)
{
	char path[NAME_DIR_PATH];
	int count = 0;
	DIR *list;

	REQUIRE_EQ(fm_namespace_directory(space, path, sizeof(path)), FM_OK);
	list = opendir(path);
	REQUIRE(list != NULL);
	for (struct dirent *entry; (entry = readdir(list));)
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(list);
	return count;
}

/* ---- root burying another user's ---- */

static int (*real_fstat)(int, struct stat *);
static int (*real_renameat2)(int, const char *, int, const char *, unsigned);
static int (*real_mkdirat)(int, const char *, unsigned);

static int fstat_of_another_user(int fd, struct stat *st)
{
	int result = real_fstat(fd, st);

	if (result == 0 && S_ISREG(st->st_mode))
		st->st_uid++;
	return result;
}

static void entries_are_another_users(void)
{
	name_settled_world();
	real_fstat = os.fstat;
	os.fstat = fstat_of_another_user;
}

TEST(a_dead_entry_of_another_user_is_moved_aside_and_removed)
{
	struct name_dir *dir;
	uint64_t size = 0;

	entries_are_another_users();
	dir = directory_of(FM_GLOBAL);
	name_corpse("Global\\x");
	CHECK_EQ(bury(dir, "Global\\x", &size), 1);
	CHECK(size > 0);
	CHECK_EQ(entries_of(FM_GLOBAL), 0);
	name_dir_put(dir);
}

TEST(each_failure_of_burying_another_users_leaves_the_entry_to_the_next)
{
	static const struct {
		const char *call;
		unsigned nth;
		int error, result;
	} cases[] = {
		{ "fstat", 1, EIO, -EIO },
		{ "renameat2", 1, EPERM, -EPERM },
		{ "renameat2", 1, ENOENT, 0 }, /* its owner has removed it */
		{ "renameat2", 1, EINTR, 1 },
		{ "fstatat", 1, EINTR, 1 },
		{ "unlinkat", 1, EINTR, 1 },
		{ "fstatat", 1, EIO, -EIO },
	};
	struct name_dir *dir;

	entries_are_another_users();
	dir = directory_of(FM_GLOBAL);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s %d", cases[i].call, cases[i].error);
		name_corpse("Global\\x");
		fault_arm(cases[i].call, cases[i].nth, FAULT_ONCE, cases[i].error);
		CHECK_EQ(bury(dir, "Global\\x", NULL), cases[i].result);
		CHECK(fault_disarm());
		CHECK_EQ(name_is_on_disk("Global\\x"), cases[i].result != 1);
		(void)bury(dir, "Global\\x", NULL);
		CHECK_EQ(entries_of(FM_GLOBAL), 0);
	}
	name_dir_put(dir);
}

/* The owner of the dead entry puts another user's live one in its place. */
static int rename_too_late(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	os.renameat2 = real_renameat2;
	REQUIRE_EQ(rename(name_on_disk("Global\\live"), name_on_disk("Global\\x")), 0);
	return real_renameat2(from_dir, from, to_dir, to, flags);
}

TEST(a_live_entry_in_place_of_the_dead_one_gets_its_name_back)
{
	struct name_dir *dir;
	int fd;

	entries_are_another_users();
	dir = directory_of(FM_GLOBAL);
	REQUIRE_EQ(name_take("Global\\live", &fd), FM_OK);
	name_corpse("Global\\x");
	real_renameat2 = os.renameat2;
	os.renameat2 = rename_too_late;
	CHECK_EQ(bury(dir, "Global\\x", NULL), 0);
	CHECK(name_is_on_disk("Global\\x"));
	CHECK_EQ(entries_of(FM_GLOBAL), 1);
	name_dir_put(dir);
}

/* ---- hard links ---- */

TEST(of_two_links_only_the_entry_itself_is_removed)
{
	static const struct {
		const char *call; /* NULL: none fails */
		int error, result;
	} cases[] = {
		{ NULL, 0, 1 },
		{ "fstatat", ENOENT, 0 },
		{ "fstatat", EINTR, 1 },
		{ "fstatat", EIO, -EIO },
		{ "unlinkat", EINTR, 1 },
		{ "unlinkat", ENOENT, 0 },
		{ "unlinkat", EPERM, -EPERM },
	};
	struct name_dir *dir;

	name_settled_world();
	dir = directory_of(FM_GLOBAL);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%zu", i);
		name_corpse("Global\\x");
		REQUIRE_EQ(link(name_on_disk("Global\\x"), name_on_disk("Global\\y")), 0);
		if (cases[i].call)
			fault_arm(cases[i].call, 1, FAULT_ONCE, cases[i].error);
		CHECK_EQ(bury(dir, "Global\\x", NULL), cases[i].result);
		CHECK_EQ(cases[i].call ? fault_disarm() : true, true);
		CHECK_EQ(name_is_on_disk("Global\\x"), cases[i].result != 1);
		CHECK(name_is_on_disk("Global\\y"));
		(void)bury(dir, "Global\\x", NULL);
		CHECK_EQ(bury(dir, "Global\\y", NULL), 1);
	}
	name_dir_put(dir);
}

static int (*real_fstatat)(int, const char *, struct stat *, int);
static unsigned other_inode, other_device;

static int fstatat_of_another(int dir, const char *path, struct stat *st, int flags)
{
	int result = real_fstatat(dir, path, st, flags);

	st->st_ino += other_inode;
	st->st_dev += other_device;
	return result;
}

TEST(a_name_that_became_another_files_is_left_to_it)
{
	struct name_dir *dir;

	name_settled_world();
	dir = directory_of(FM_GLOBAL);
	name_corpse("Global\\x");
	REQUIRE_EQ(link(name_on_disk("Global\\x"), name_on_disk("Global\\y")), 0);
	real_fstatat = os.fstatat;
	for (unsigned which = 0; which < 2; which++) {
		check_row("%u", which);
		other_inode = which == 0;
		other_device = which == 1;
		os.fstatat = fstatat_of_another;
		CHECK_EQ(bury(dir, "Global\\x", NULL), 0);
		os.fstatat = real_fstatat;
		CHECK(name_is_on_disk("Global\\x"));
	}
	name_dir_put(dir);
}

/* ---- corpses met by a create ---- */

static int (*real_setlk)(int, struct flock *);

TEST(a_corpse_that_may_not_be_removed_is_told)
{
	static const struct {
		int error;
		fm_status status;
	} cases[] = {
		{ EPERM, FM_E_ACCESS_DENIED }, { EROFS, FM_E_MEDIA_WRITE_PROTECTED }, { EISDIR, FM_E_ACCESS_DENIED },
	};
	int fd;

	name_settled_world();
	name_corpse("x");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%d", cases[i].error);
		fault_arm("unlinkat", 1, FAULT_ONCE, cases[i].error);
		CHECK_EQ(name_take("x", &fd), cases[i].status);
		CHECK(fault_disarm());
		CHECK(name_is_on_disk("x"));
	}
}

/* Somebody removes the entry between the look at its lock and the lock. */
static int setlk_too_late(int fd, struct flock *lock)
{
	if (lock->l_type == F_RDLCK && unlink(name_on_disk("x")) == 0)
		os.ofd_setlk = real_setlk;
	return real_setlk(fd, lock);
}

TEST(an_entry_removed_under_an_opener_is_made_anew)
{
	int first, second;

	name_settled_world();
	REQUIRE_EQ(name_take("x", &first), FM_OK);
	real_setlk = os.ofd_setlk;
	os.ofd_setlk = setlk_too_late;
	CHECK_EQ(name_take("x", &second), FM_OK);
	CHECK(os.ofd_setlk == real_setlk);
	CHECK(name_is_on_disk("x"));
}

/* ---- under a working name ---- */

static int (*real_openat)(int, const char *, int, unsigned);

static int openat_without_unlinked(int dir, const char *path, int flags, unsigned mode)
{
	return (flags & O_TMPFILE) == O_TMPFILE ? -EOPNOTSUPP : real_openat(dir, path, flags, mode);
}

/* A sweeper was there first, while nobody had locked it yet. */
static int rename_after_a_sweep(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	os.renameat2 = real_renameat2;
	REQUIRE_EQ(unlinkat(from_dir, from, 0), 0);
	return real_renameat2(from_dir, from, to_dir, to, flags);
}

TEST(a_working_name_that_is_taken_or_swept_is_followed_by_the_next)
{
	struct name_dir *dir;
	char working[64];
	int fd, left;

	name_settled_world();
	dir = directory_of(FM_LOCAL);
	real_openat = os.openat;
	os.openat = openat_without_unlinked;
	(void)snprintf(working, sizeof(working), ".new-%d-0", (int)getpid());
	left = openat(dir->fd, working, O_CREAT | O_RDWR | O_CLOEXEC, 0600); /* a dead process with our number left it */
	REQUIRE(left >= 0);
	real_renameat2 = os.renameat2;
	os.renameat2 = rename_after_a_sweep;
	CHECK_EQ(name_take("x", &fd), FM_OK);
	CHECK(os.renameat2 == real_renameat2);
	CHECK(name_is_on_disk("x"));
	name_give("x", fd);
	CHECK_EQ(entries_of(FM_LOCAL), 1);
	name_dir_put(dir);
}

TEST(a_file_system_without_any_way_to_make_names_is_not_supported)
{
	int fd;

	name_settled_world();
	real_openat = os.openat;
	os.openat = openat_without_unlinked;
	fault_arm("renameat2", 1, FAULT_ONCE, EOPNOTSUPP);
	CHECK_EQ(name_take("x", &fd), FM_E_NOT_SUPPORTED);
	CHECK(fault_disarm());
	CHECK_EQ(entries_of(FM_LOCAL), 0);
}

TEST(an_interrupted_working_name_is_tried_again)
{
	static const char *const calls[] = { "fchmod", "renameat2" };
	int fd;

	name_settled_world();
	real_openat = os.openat;
	os.openat = openat_without_unlinked;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		struct name_request request = name_ask("Global\\x");
		struct name_facts facts;

		check_row("%s", calls[i]);
		request.mode = 0666;
		fault_arm(calls[i], 1, FAULT_ONCE, EINTR);
		CHECK_EQ(name_acquire(&request, &fd, &facts), FM_OK);
		CHECK(fault_disarm());
		name_give("Global\\x", fd);
	}
}

/* ---- what directories tell ---- */

static ssize_t (*real_getdents64)(int, void *, size_t);

static ssize_t getdents64_of_unknown_types(int fd, void *buffer, size_t size)
{
	ssize_t got = real_getdents64(fd, buffer, size);

	for (ssize_t at = 0; at < got; at += *(unsigned short *)((char *)buffer + at + 16))
		((char *)buffer)[at + 18] = 0; /* DT_UNKNOWN */
	return got;
}

TEST(entries_of_unknown_type_are_looked_at)
{
	unsigned removed = 0;

	name_settled_world();
	name_corpse("x");
	REQUIRE_EQ(mkfifo(name_on_disk("pipe"), 0600), 0);
	real_getdents64 = os.getdents64;
	os.getdents64 = getdents64_of_unknown_types;
	CHECK_EQ(fm_namespace_sweep(FM_LOCAL, &removed, NULL), FM_OK);
	CHECK_EQ(removed, 1);
	CHECK(!name_is_on_disk("x"));
	CHECK(name_is_on_disk("pipe"));
}

static unsigned short bad_size;
static ssize_t bad_length;
static bool bad_told;

/* One entry "x" that says it has @bad_size bytes, in a buffer of @bad_length. */
static ssize_t getdents64_badly(int fd, void *buffer, size_t size)
{
	char *entry = buffer;

	(void)fd, (void)size;
	if (bad_told)
		return 0;
	bad_told = true;
	memset(entry, 'x', 64); /* without an end, where it is shorter */
	memset(entry, 0, 16);
	memcpy(entry + 16, &bad_size, sizeof(bad_size));
	entry[18] = 8; /* DT_REG */
	entry[40] = 0;
	return bad_length;
}

TEST(a_malformed_list_of_entries_is_not_followed)
{
	static const struct {
		unsigned short size;
		ssize_t length;
		int result;
	} cases[] = {
		{ 48, 48, 1 },
		{ 48, 47, 0 },   /* longer than what came */
		{ 48, 20, 0 },   /* not a whole head */
		{ 0, 48, 0 }, { 16, 48, 0 }, { 47, 48, 0 }, { UINT16_MAX, 48, 0 },
		{ 32, 48, 0 },   /* a name without an end */
	};

	real_getdents64 = os.getdents64;
	os.getdents64 = getdents64_badly;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct name_walk walk = { .fd = -1 };
		const char *file = NULL;
		uint64_t inode;

		check_row("%zu", i);
		bad_size = cases[i].size;
		bad_length = cases[i].length;
		bad_told = false;
		CHECK_EQ(name_walk_next(&walk, &file, &inode), cases[i].result);
	}
}

TEST(an_interrupted_list_is_read_again)
{
	name_settled_world();
	name_corpse("x");
	fault_arm("getdents64", 1, FAULT_ONCE, EINTR);
	CHECK_EQ(fm_namespace_sweep(FM_LOCAL, NULL, NULL), FM_OK);
	CHECK(fault_disarm());
	CHECK(!name_is_on_disk("x"));
}

/* ---- the directory itself ---- */

TEST(an_empty_root_is_the_usual_one)
{
	char path[NAME_DIR_PATH], whole[NAME_DIR_PATH];
	size_t length;

	REQUIRE_EQ(setenv("FILEMAP_ROOT", "", 1), 0);
	REQUIRE_EQ(fm_namespace_directory(FM_LOCAL, path, sizeof(path)), FM_OK);
	length = strlen(path);
	CHECK_EQ(strncmp(path, "/dev/shm/", 9), 0);
	CHECK_EQ(fm_namespace_directory(FM_LOCAL, whole, length), FM_E_BUFFER_TOO_SMALL);
	CHECK_EQ(fm_namespace_directory(FM_LOCAL, whole, length + 1), FM_OK);
	CHECK_EQ(fm_namespace_directory(FM_LOCAL, NULL, length), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_namespace_directory(FM_GLOBAL + 1, whole, length), FM_E_INVALID_PARAMETER);
}

TEST(a_root_longer_than_any_path_is_a_missing_path)
{
	static char root[2 * NAME_DIR_PATH];
	int fd;

	memset(root, '/', sizeof(root) - 1);
	REQUIRE_EQ(setenv("FILEMAP_ROOT", root, 1), 0);
	CHECK_EQ(name_take("x", &fd), FM_E_PATH_NOT_FOUND);
}

TEST(a_root_that_is_gone_is_no_device_of_names)
{
	struct stat st;

	name_settled_world();
	REQUIRE_EQ(stat(check_directory(), &st), 0);
	CHECK(name_device(st.st_dev));
	CHECK(!name_device(st.st_dev + 1));
	REQUIRE_EQ(setenv("FILEMAP_ROOT", "/nonexistent/root", 1), 0);
	CHECK(!name_device(st.st_dev));
}

TEST(a_working_name_that_is_somebody_elses_is_refused)
{
	char path[NAME_DIR_PATH];
	int fd;

	name_world();
	(void)snprintf(path, sizeof(path), "%s/.filemap-global.new-%u", check_directory(), (unsigned)geteuid());
	name_write_file(path, "", 0);
	CHECK_EQ(name_take("Global\\x", &fd), FM_E_ACCESS_DENIED);
	REQUIRE_EQ(unlink(path), 0);
	REQUIRE_EQ(mkdir(path, 0700), 0);
	if (geteuid() == 0) {
		REQUIRE_EQ(chown(path, 12345, 12345), 0);
		CHECK_EQ(name_take("Global\\x", &fd), FM_E_ACCESS_DENIED);
		REQUIRE_EQ(chown(path, 0, 0), 0);
	}
	CHECK_EQ(name_take("Global\\x", &fd), FM_OK);
	name_give("Global\\x", fd);
}

/* Another maker has given it its name first. */
static int mkdirat_too_late(int dir, const char *path, unsigned mode)
{
	char directory[NAME_DIR_PATH];

	REQUIRE_EQ(fm_namespace_directory(FM_LOCAL, directory, sizeof(directory)), FM_OK);
	REQUIRE_EQ(mkdir(directory, 0700), 0);
	return real_mkdirat(dir, path, mode);
}

TEST(of_two_makers_of_the_directory_one_makes_it)
{
	char path[NAME_DIR_PATH];
	int fd;

	name_world();
	real_mkdirat = os.mkdirat;
	os.mkdirat = mkdirat_too_late;
	CHECK_EQ(name_take("x", &fd), FM_OK);
	os.mkdirat = real_mkdirat;
	name_give("x", fd);
	(void)snprintf(path, sizeof(path), "%s/.filemap-%u.new-%u", check_directory(), (unsigned)geteuid(),
		       (unsigned)geteuid());
	CHECK_EQ(access(path, F_OK), -1);
}

/* Somebody removes it again and again. */
static int rename_for_nothing(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	(void)to_dir, (void)to, (void)flags;
	REQUIRE_EQ(unlinkat(from_dir, from, AT_REMOVEDIR), 0);
	return 0;
}

TEST(a_directory_that_is_always_removed_is_given_up)
{
	int fd;

	name_world();
	real_renameat2 = os.renameat2;
	os.renameat2 = rename_for_nothing;
	CHECK_EQ(name_take("x", &fd), FM_E_TIMEOUT);
	os.renameat2 = real_renameat2;
	CHECK_EQ(name_take("x", &fd), FM_OK);
	name_give("x", fd);
}

TEST(what_is_no_directory_is_refused)
{
	static const int errors[] = { ELOOP, ENOTDIR, EACCES };
	int fd;

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		check_row("%d", errors[i]);
		name_world();
		fault_arm("openat", 2, FAULT_ONCE, errors[i]);
		CHECK_EQ(name_take("x", &fd), FM_E_ACCESS_DENIED);
		CHECK(fault_disarm());
	}
}

TEST(an_interrupted_first_use_goes_on)
{
	static const char *const calls[] = { "mkdirat", "fstatat", "fchmodat", "renameat2", "fstat" };

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		char root[NAME_DIR_PATH];
		int fd;

		check_row("%s", calls[i]);
		(void)snprintf(root, sizeof(root), "%s/%s", check_directory(), calls[i]);
		REQUIRE_EQ(mkdir(root, 0700), 0);
		REQUIRE_EQ(setenv("FILEMAP_ROOT", root, 1), 0);
		fault_arm(calls[i], 1, FAULT_ONCE, EINTR);
		CHECK_EQ(name_take("x", &fd), FM_OK);
		CHECK(fault_disarm());
		name_give("x", fd);
	}
}

/* Where the program's new directory lies on another device, and where on the same. */
TEST(a_directory_whose_number_was_reused_is_opened_anew)
{
	static const char *const paths[] = { "/proc", NULL };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct name_dir *dir;
		int fd, number;

		check_row("%zu", i);
		name_settled_world();
		dir = directory_of(FM_LOCAL);
		number = open(paths[i] ? paths[i] : check_directory(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		REQUIRE_EQ(dup2(number, dir->fd), dir->fd);
		number = dir->fd;
		name_dir_put(dir);
		CHECK_EQ(name_take("x", &fd), FM_OK);
		CHECK(name_is_on_disk("x"));
		CHECK(fcntl(number, F_GETFD) >= 0); /* the program's now */
		name_give("x", fd);
	}
}

TEST(another_effective_user_has_another_local_directory)
{
	char first[NAME_DIR_PATH], second[NAME_DIR_PATH];
	int fd;

	if (geteuid() != 0)
		check_skip("only root can become another user");
	name_settled_world();
	REQUIRE_EQ(chmod(check_directory(), 0777), 0);
	REQUIRE_EQ(fm_namespace_directory(FM_LOCAL, first, sizeof(first)), FM_OK);
	REQUIRE_EQ(seteuid(12345), 0);
	REQUIRE_EQ(fm_namespace_directory(FM_LOCAL, second, sizeof(second)), FM_OK);
	CHECK(strcmp(first, second) != 0);
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	CHECK(name_is_on_disk("x"));
	name_give("x", fd);
	REQUIRE_EQ(seteuid(0), 0);
	CHECK_EQ(name_open_only("x", &fd), FM_E_NAME_NOT_FOUND);
}

/* Lost between the look at it and the release, twice. */
static int fstat_lost(int fd, struct stat *st)
{
	int result = real_fstat(fd, st);

	if (result == 0 && S_ISDIR(st->st_mode))
		st->st_nlink = 0;
	return result;
}

TEST(a_release_whose_directory_is_lost_each_time_gives_up)
{
	int fd;

	name_settled_world();
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	REQUIRE_EQ(unlink(name_on_disk("x")), 0);
	real_fstat = os.fstat;
	os.fstat = fstat_lost;
	fault_arm("openat", 1, FAULT_ONCE, EACCES);
	name_give("x", fd);
	(void)fault_disarm();
	os.fstat = real_fstat;
	CHECK_EQ(fcntl(fd, F_GETFD), -1);
	CHECK_EQ(name_take("x", &fd), FM_OK);
	name_give("x", fd);
	CHECK_EQ(entries_of(FM_LOCAL), 0);
}
