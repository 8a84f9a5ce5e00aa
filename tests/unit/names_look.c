/* SPDX-License-Identifier: MIT */
/* Lists, sweeps and holders. */
#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "fault.h"
#include "name_help.h"

struct found {
	unsigned count;
	bool stop;
	fm_entry last;
	char name[NAME_FILE_SIZE], kind[16], path[64];
};

static bool note(const fm_entry *entry, void *context)
{
	struct found *found = context;

	found->count++;
	found->last = *entry;
	(void)snprintf(found->name, sizeof(found->name), "%s", entry->name);
	(void)snprintf(found->kind, sizeof(found->kind), "%s", entry->kind);
	(void)snprintf(found->path, sizeof(found->path), "%s", entry->path ? entry->path : "-");
	return !found->stop;
}

static struct found list(unsigned which)
{
	struct found found = { 0 };

	CHECK_EQ(fm_namespace_list(which, note, &found), FM_OK);
	return found;
}

TEST(an_empty_namespace_has_no_entries)
{
	name_world();
	CHECK_EQ(list(FM_LOCAL).count, 0);
	CHECK_EQ(list(FM_GLOBAL).count, 0);
}

TEST(a_memory_section_is_listed_with_its_facts)
{
	struct name_request request;
	struct name_facts facts;
	struct found found;
	int fd;

	name_world();
	request = name_ask("Global\\a/b");
	request.mode = 0644;
	request.reserve_storage = true;
	REQUIRE_EQ(name_acquire(&request, &fd, &facts), FM_OK);
	found = list(FM_GLOBAL);
	CHECK_EQ(found.count, 1);
	CHECK(strcmp(found.name, "Global\\a/b") == 0);
	CHECK(strcmp(found.kind, "section") == 0);
	CHECK(strcmp(found.path, "-") == 0);
	CHECK(found.last.alive);
	CHECK_EQ(found.last.backing, FM_BACKING_MEMORY);
	CHECK_EQ(found.last.size, 4096);
	CHECK_EQ(found.last.resident, 8192); /* the header's page and the data's */
	CHECK_EQ(found.last.created, facts.created);
	CHECK_EQ(found.last.creator, getpid());
	CHECK_EQ(found.last.owner, geteuid());
	CHECK_EQ(found.last.mode, 0644);
	CHECK_EQ(found.last.protection, FM_READ | FM_WRITE);
	CHECK_EQ(found.last.inode, facts.inode);
	name_give("Global\\a/b", fd);
	CHECK_EQ(list(FM_GLOBAL).count, 0);
}

TEST(a_file_section_is_listed_with_its_path)
{
	struct name_request request;
	struct name_facts facts;
	struct found found;
	int fd;

	name_world();
	request = name_ask("x");
	request.facts.backing = FM_BACKING_FILE;
	request.facts.device = 5;
	request.facts.inode = 6;
	request.path = "/some/file";
	REQUIRE_EQ(name_acquire(&request, &fd, &facts), FM_OK);
	found = list(FM_LOCAL);
	CHECK(strcmp(found.path, "/some/file") == 0);
	CHECK_EQ(found.last.backing, FM_BACKING_FILE);
	CHECK_EQ(found.last.device, 5);
	CHECK_EQ(found.last.inode, 6);
	CHECK_EQ(found.last.resident, 0);
	name_give("x", fd);
}

TEST(each_kind_has_its_word)
{
	static const struct { enum name_kind kind; const char *word; } cases[] = {
		{ NAME_SECTION, "section" }, { NAME_MUTEX, "mutex" }, { NAME_EVENT, "event" }, { NAME_SEMAPHORE, "semaphore" },
	};

	name_world();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct name_request request = name_ask("x");
		struct name_facts facts;
		int fd;

		request.facts.kind = cases[i].kind;
		REQUIRE_EQ(name_acquire(&request, &fd, &facts), FM_OK);
		CHECK(strcmp(list(FM_LOCAL).kind, cases[i].word) == 0);
		name_give("x", fd);
	}
}

TEST(a_dead_entry_is_listed_as_dead_and_left_alone)
{
	name_settled_world();
	name_corpse("x");
	CHECK(!list(FM_LOCAL).last.alive);
	CHECK(name_is_on_disk("x"));
}

TEST(a_malformed_entry_is_listed_as_unknown)
{
	struct found found;

	name_settled_world();
	name_write_file(name_on_disk("100% junk"), "junk", 4);
	found = list(FM_LOCAL);
	CHECK(strcmp(found.kind, "unknown") == 0);
	CHECK(strcmp(found.name, "Local\\100% junk") == 0);
	CHECK(!found.last.alive);
}

TEST(what_is_no_regular_file_is_not_listed)
{
	name_settled_world();
	REQUIRE_EQ(mkfifo(name_on_disk("fifo"), 0600), 0);
	REQUIRE_EQ(symlink("/", name_on_disk("link")), 0);
	REQUIRE_EQ(mkdir(name_on_disk("directory"), 0700), 0);
	CHECK_EQ(list(FM_LOCAL).count, 0);
}

TEST(a_visitor_may_stop)
{
	struct found found = { .stop = true };
	int fds[3];

	name_world();
	REQUIRE_EQ(name_take("a", &fds[0]), FM_OK);
	REQUIRE_EQ(name_take("b", &fds[1]), FM_OK);
	REQUIRE_EQ(name_take("c", &fds[2]), FM_OK);
	CHECK_EQ(fm_namespace_list(FM_LOCAL, note, &found), FM_OK);
	CHECK_EQ(found.count, 1);
	CHECK_EQ(list(FM_LOCAL).count, 3);
	name_give("a", fds[0]);
	name_give("b", fds[1]);
	name_give("c", fds[2]);
}

TEST(many_entries_are_listed_each_once)
{
	char name[32];
	int fds[500];

	name_world();
	for (int i = 0; i < 500; i++) {
		(void)snprintf(name, sizeof(name), "object number %d", i);
		REQUIRE_EQ(name_take(name, &fds[i]), FM_OK);
	}
	CHECK_EQ(list(FM_LOCAL).count, 500);
	for (int i = 0; i < 500; i++) {
		(void)snprintf(name, sizeof(name), "object number %d", i);
		name_give(name, fds[i]);
	}
	CHECK_EQ(list(FM_LOCAL).count, 0);
}

TEST(wrong_arguments_are_refused)
{
	char buffer[8];

	name_world();
	CHECK_EQ(fm_namespace_list(2, note, NULL), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_namespace_list(FM_LOCAL, NULL, NULL), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_namespace_sweep(2, NULL, NULL), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_namespace_directory(2, buffer, sizeof(buffer)), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_namespace_directory(FM_LOCAL, NULL, 100), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_namespace_directory(FM_LOCAL, buffer, sizeof(buffer)), FM_E_BUFFER_TOO_SMALL);
	CHECK_EQ(fm_name_holders("x", NULL, NULL), FM_E_INVALID_PARAMETER);
}

TEST(a_sweep_removes_the_dead_and_spares_the_living)
{
	unsigned removed = 77;
	uint64_t bytes = 77;
	int fd;

	name_settled_world();
	name_corpse("dead 1");
	name_corpse("dead 2");
	REQUIRE_EQ(name_take("alive", &fd), FM_OK);
	CHECK_EQ(fm_namespace_sweep(FM_LOCAL, &removed, &bytes), FM_OK);
	CHECK_EQ(removed, 2);
	CHECK_EQ(bytes, 2 * 4096); /* their headers */
	CHECK_EQ(list(FM_LOCAL).count, 1);
	CHECK_EQ(fm_namespace_sweep(FM_LOCAL, &removed, &bytes), FM_OK);
	CHECK_EQ(removed, 0);
	CHECK_EQ(bytes, 0);
	name_give("alive", fd);
}

TEST(the_first_use_in_a_process_sweeps)
{
	pid_t child;
	int fd, status;

	name_world();
	child = fork(); /* so that this process has not used the namespace */
	REQUIRE(child >= 0);
	if (child == 0) {
		REQUIRE_EQ(name_take("dead", &fd), FM_OK);
		_exit(0);
	}
	REQUIRE_EQ(waitpid(child, &status, 0), child);
	CHECK(name_is_on_disk("dead"));
	CHECK_EQ(name_open_only("another", &fd), FM_E_NAME_NOT_FOUND);
	CHECK(!name_is_on_disk("dead"));
}

TEST(the_next_call_in_the_namespace_frees_what_is_dead)
{
	int fd;

	name_settled_world();
	name_corpse("dead");
	name_look_pause = 0;
	CHECK_EQ(name_open_only("another", &fd), FM_E_NAME_NOT_FOUND);
	CHECK(!name_is_on_disk("dead"));
}

TEST(between_looks_is_a_pause)
{
	int fd;
	unsigned opens;

	name_settled_world();
	name_corpse("dead");
	fault_count_reset();
	for (int i = 0; i < 100; i++) {
		REQUIRE_EQ(name_take("x", &fd), FM_OK);
		name_give("x", fd);
	}
	opens = fault_count("openat");
	CHECK_EQ(opens, 300); /* the name, the new file, the fresh description; none to look around */
	CHECK(name_is_on_disk("dead"));
}

TEST(a_look_goes_on_where_the_last_one_ended)
{
	static const unsigned most = 64; /* entries of one look */
	unsigned count = 0;
	char name[32];
	int fd, status;
	pid_t child;

	name_settled_world();
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		for (unsigned i = 0; i < 3 * most - 1; i++) {
			(void)snprintf(name, sizeof(name), "dead %u", i);
			REQUIRE_EQ(name_take(name, &fd), FM_OK);
		}
		_exit(0);
	}
	REQUIRE_EQ(waitpid(child, &status, 0), child);
	name_look_pause = 0;
	for (unsigned left = list(FM_LOCAL).count; left > 0; left = list(FM_LOCAL).count, count++) {
		CHECK_EQ(name_open_only("another", &fd), FM_E_NAME_NOT_FOUND);
		CHECK_EQ(list(FM_LOCAL).count, left > most ? left - most : 0);
	}
	CHECK_EQ(count, 3);
}

TEST(a_look_that_fails_fails_no_call)
{
	static const char *const calls[] = { "openat", "getdents64", "lseek" };
	int fd;

	name_settled_world();
	fault_count_reset();
	name_look_pause = 0;
	for (unsigned i = 0; i < ARRAY_SIZE(calls); i++) {
		fault_arm(calls[i], 1, FAULT_ONCE, EMFILE);
		CHECK_EQ(name_take("x", &fd), FM_OK);
		(void)fault_disarm();
		name_give("x", fd);
	}
}

TEST(a_sweep_reports_what_it_could_not_read)
{
	name_settled_world();
	fault_arm("getdents64", 1, FAULT_FROM, EIO);
	CHECK_EQ(fm_namespace_sweep(FM_LOCAL, NULL, NULL), FM_E_IO_DEVICE_ERROR);
	(void)fault_disarm();
	fault_arm("openat", 1, FAULT_FROM, EMFILE);
	CHECK_EQ(fm_namespace_sweep(FM_LOCAL, NULL, NULL), FM_E_TOO_MANY_OPENED_FILES);
	(void)fault_disarm();
}

/* ---- holders ---- */

struct held {
	unsigned count;
	fm_holder self, other;
};

static bool note_holder(const fm_holder *holder, void *context)
{
	struct held *held = context;

	held->count++;
	*(holder->pid == getpid() ? &held->self : &held->other) = *holder;
	return true;
}

TEST(holders_are_found_with_handles_and_views)
{
	struct held held = { 0 };
	pid_t other;
	char *view;
	int fd;

	name_world();
	REQUIRE_EQ(prctl(PR_SET_NAME, "a holder", 0, 0, 0), 0);
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	other = name_holder("x"); /* it has this process's descriptor, too */
	view = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, NAME_DATA_START);
	REQUIRE(view != MAP_FAILED);
	*view = 1;
	CHECK_EQ(fm_name_holders("x", note_holder, &held), FM_OK);
	CHECK_EQ(held.count, 2);
	CHECK_EQ(held.self.handles, 1);
	CHECK_EQ(held.self.views, 1);
	CHECK_EQ(held.self.mapped, 4096);
	CHECK_EQ(held.self.resident, 4096);
	CHECK(strcmp(held.self.command, "a holder") == 0);
	CHECK_EQ(held.other.pid, other);
	CHECK_EQ(held.other.handles, 2);
	CHECK_EQ(held.other.views, 0);
	name_kill(other);
	munmap(view, 4096);
	name_give("x", fd);
}

TEST(views_of_a_file_section_are_those_of_its_file)
{
	struct held held = { 0 };
	struct name_request request;
	struct name_facts facts;
	char path[NAME_DIR_PATH];
	struct stat st;
	void *view;
	int file, fd;

	name_world();
	(void)snprintf(path, sizeof(path), "%s/file", check_directory());
	file = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	REQUIRE_EQ(ftruncate(file, 8192), 0);
	REQUIRE_EQ(fstat(file, &st), 0);
	view = mmap(NULL, 8192, PROT_READ, MAP_SHARED, file, 0);
	REQUIRE(view != MAP_FAILED);
	request = name_ask("x");
	request.facts.backing = FM_BACKING_FILE;
	request.facts.device = st.st_dev;
	request.facts.inode = st.st_ino;
	request.path = path;
	REQUIRE_EQ(name_acquire(&request, &fd, &facts), FM_OK);
	CHECK_EQ(fm_name_holders("x", note_holder, &held), FM_OK);
	CHECK_EQ(held.count, 1);
	CHECK_EQ(held.self.handles, 1);
	CHECK_EQ(held.self.views, 1);
	CHECK_EQ(held.self.mapped, 8192);
	name_give("x", fd);
}

TEST(a_dead_or_missing_name_has_no_holders)
{
	struct held held = { 0 };

	name_settled_world();
	CHECK_EQ(fm_name_holders("x", note_holder, &held), FM_E_NAME_NOT_FOUND);
	name_corpse("x");
	CHECK_EQ(fm_name_holders("x", note_holder, &held), FM_E_NAME_NOT_FOUND);
	CHECK_EQ(fm_name_holders("a\\b", note_holder, &held), FM_E_PATH_NOT_FOUND);
	CHECK_EQ(fm_name_holders(NULL, note_holder, &held), FM_E_INVALID_PARAMETER);
	CHECK_EQ(held.count, 0);
}

TEST(looking_leaves_the_world_as_it_was)
{
	struct fault_world before;
	struct held held = { 0 };
	struct found found = { 0 };
	bool fired = true;
	int fd;

	name_settled_world();
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	before = fault_world();
	for (unsigned nth = 1; fired && nth < 60; nth++) { /* the scan of /proc goes on for ever; its start is enough */
		fault_arm("*", nth, FAULT_ONCE, EMFILE);
		(void)fm_name_holders("x", note_holder, &held);
		fired = fault_disarm();
		CHECK_SAME_WORLD(before);
	}
	fired = true;
	for (unsigned nth = 1; fired; nth++) {
		fault_arm("*", nth, FAULT_ONCE, EMFILE);
		(void)fm_namespace_list(FM_LOCAL, note, &found);
		fired = fault_disarm();
		CHECK_SAME_WORLD(before);
	}
	name_give("x", fd);
}

/* ---- what changes or cannot be read while it is looked at ---- */

TEST(a_list_tells_what_it_cannot_open)
{
	static const struct {
		const char *call;
		unsigned nth;
		int error;
		fm_status status;
		unsigned count;
	} cases[] = {
		{ "fstatat", 1, EINTR, FM_OK, 1 },
		{ "fstatat", 1, ENOENT, FM_OK, 0 },  /* gone meanwhile */
		{ "openat", 2, ENOENT, FM_OK, 0 },
		{ "openat", 2, EACCES, FM_OK, 1 },   /* what the directory tells of it */
		{ "openat", 2, EMFILE, FM_E_TOO_MANY_OPENED_FILES, 0 },
		{ "openat", 2, ENFILE, FM_E_TOO_MANY_OPENED_FILES, 0 },
		{ "openat", 2, ENOMEM, FM_E_NO_MEMORY, 0 },
		{ "ofd_getlk", 1, EIO, FM_OK, 1 },
		{ "fstat", 1, EINTR, FM_OK, 1 },
		{ "fstat", 1, EIO, FM_OK, 1 },
		{ "pread", 2, EIO, FM_OK, 1 },       /* the texts */
	};
	int fd;

	name_settled_world();
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fault_world before = fault_world();
		struct found found = { 0 };

		check_row("%s %d", cases[i].call, cases[i].error);
		fault_arm(cases[i].call, cases[i].nth, FAULT_ONCE, cases[i].error);
		CHECK_EQ(fm_namespace_list(FM_LOCAL, note, &found), cases[i].status);
		CHECK(fault_disarm());
		CHECK_EQ(found.count, cases[i].count);
		CHECK_EQ(found.count && strcmp(found.name, "Local\\x") != 0, 0);
		CHECK_SAME_WORLD(before);
	}
	name_give("x", fd);
}

TEST(what_lies_under_another_name_is_unknown)
{
	static char digest[400];
	struct found found;
	int fd;

	name_settled_world();
	REQUIRE_EQ(name_take("Global\\x", &fd), FM_OK);
	REQUIRE_EQ(link(name_on_disk("Global\\x"), name_on_disk("y")), 0); /* another name and another namespace */
	found = list(FM_LOCAL);
	CHECK_EQ(found.count, 1);
	CHECK(strcmp(found.name, "Local\\y") == 0);
	CHECK(strcmp(found.kind, "unknown") == 0);
	memset(digest, 'd', sizeof(digest) - 1);
	REQUIRE_EQ(rename(name_on_disk("y"), name_on_disk(digest)), 0); /* what no name can be read from */
	found = list(FM_LOCAL);
	CHECK(strcmp(found.kind, "unknown") == 0);
	CHECK_EQ(strncmp(found.name, "Local\\ddd", 9), 0);
	name_give("Global\\x", fd);
}

TEST(a_working_name_is_not_listed)
{
	char path[NAME_DIR_PATH];

	name_settled_world();
	REQUIRE_EQ(fm_namespace_directory(FM_LOCAL, path, sizeof(path) - 16), FM_OK);
	name_write_file(strcat(path, "/.new-1-2"), "", 0);
	CHECK_EQ(list(FM_LOCAL).count, 0);
}

TEST(a_first_look_without_memory_or_descriptors_is_an_error)
{
	struct held held = { 0 };
	struct found found = { 0 };

	name_world();
	fault_arm("mmap", 1, FAULT_FROM, ENOMEM);
	CHECK_EQ(fm_namespace_list(FM_LOCAL, note, &found), FM_E_NO_MEMORY);
	CHECK_EQ(fm_namespace_sweep(FM_LOCAL, NULL, NULL), FM_E_NO_MEMORY);
	CHECK_EQ(fm_name_holders("x", note_holder, &held), FM_E_NO_MEMORY);
	CHECK(fault_disarm());
	fault_arm("openat", 1, FAULT_FROM, EMFILE);
	CHECK_EQ(fm_namespace_list(FM_LOCAL, note, &found), FM_E_TOO_MANY_OPENED_FILES);
	CHECK_EQ(fm_namespace_sweep(FM_LOCAL, NULL, NULL), FM_E_TOO_MANY_OPENED_FILES);
	CHECK_EQ(fm_name_holders("x", note_holder, &held), FM_E_TOO_MANY_OPENED_FILES);
	CHECK(fault_disarm());
}

/* ---- holders ---- */

static const char *only; /* of the files of /proc */
static int (*real_openat)(int, const char *, int, unsigned);

static int openat_but_one(int dir, const char *path, int flags, unsigned mode)
{
	size_t length = strlen(only);

	if (strncmp(path, only, length) == 0 && (path[length] == '\0' || path[length] == '/'))
		return -EACCES;
	return real_openat(dir, path, flags, mode);
}

/* One handle and one touched page of "x". */
static int hold(char **ret_view)
{
	int fd;

	name_settled_world();
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	*ret_view = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, NAME_DATA_START);
	REQUIRE(*ret_view != MAP_FAILED);
	**ret_view = 1;
	return fd;
}

TEST(holders_that_can_be_looked_at_in_part_are_told_in_part)
{
	static const struct {
		const char *file;
		unsigned handles, views, resident;
		bool command;
	} cases[] = {
		{ "all is there", 1, 1, 4096, true }, { "smaps", 1, 1, 0, true }, { "maps", 1, 0, 0, true },
		{ "comm", 1, 1, 4096, false },
		{ "fdinfo", 1, 1, 4096, true }, /* a descriptor that may be locked is a handle */
		{ "fd", 0, 1, 4096, true },
	};
	char *view;
	int fd = hold(&view);

	real_openat = os.openat;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct held held = { 0 };

		check_row("%s", cases[i].file);
		only = cases[i].file;
		os.openat = openat_but_one;
		CHECK_EQ(fm_name_holders("x", note_holder, &held), FM_OK);
		os.openat = real_openat;
		CHECK_EQ(held.count, 1);
		CHECK_EQ(held.self.handles, cases[i].handles);
		CHECK_EQ(held.self.views, cases[i].views);
		CHECK_EQ(held.self.resident, cases[i].resident);
		CHECK_EQ(held.self.command[0] != '\0', cases[i].command);
	}
	name_give("x", fd);
}

static ssize_t (*real_pread)(int, void *, size_t, uint64_t);
static int (*real_fstatat)(int, const char *, struct stat *, int);
static bool interrupt;

static ssize_t pread_interrupted(int fd, void *buffer, size_t size, uint64_t offset)
{
	interrupt = !interrupt;
	return interrupt ? -EINTR : real_pread(fd, buffer, size, offset);
}

static int fstatat_interrupted(int dir, const char *path, struct stat *st, int flags)
{
	interrupt = !interrupt;
	return interrupt ? -EINTR : real_fstatat(dir, path, st, flags);
}

TEST(interrupted_looks_at_holders_go_on)
{
	struct held held = { 0 };
	char *view;
	int fd = hold(&view);

	real_pread = os.pread;
	real_fstatat = os.fstatat;
	os.pread = pread_interrupted;
	os.fstatat = fstatat_interrupted;
	CHECK_EQ(fm_name_holders("x", note_holder, &held), FM_OK);
	os.pread = real_pread;
	os.fstatat = real_fstatat;
	CHECK_EQ(held.count, 1);
	CHECK_EQ(held.self.handles, 1);
	CHECK_EQ(held.self.resident, 4096);
	CHECK_EQ(held.self.command[0] != '\0', true);
	name_give("x", fd);
}

/* The kernel writes a newline of a path as four characters, so its line is longer than the reader's buffer. */
TEST(a_line_longer_than_the_buffer_hides_no_view)
{
	char component[251], *view;
	struct held held = { 0 };
	int fd = hold(&view), file;

	memset(component, '\n', sizeof(component) - 1);
	component[sizeof(component) - 1] = '\0';
	REQUIRE_EQ(chdir(check_directory()), 0);
	for (int depth = 0; depth < 14; depth++) {
		REQUIRE_EQ(mkdir(component, 0700), 0);
		REQUIRE_EQ(chdir(component), 0);
	}
	file = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	REQUIRE_EQ(ftruncate(file, 4096), 0);
	for (int i = 0; i < 8; i++) /* above and below the view */
		REQUIRE(mmap(NULL, 4096, i % 2 ? PROT_READ : PROT_NONE, MAP_SHARED, file, 0) != MAP_FAILED);
	CHECK_EQ(fm_name_holders("x", note_holder, &held), FM_OK);
	CHECK_EQ(held.self.views, 1);
	CHECK_EQ(held.self.resident, 4096);
	REQUIRE_EQ(chdir("/"), 0);
	name_give("x", fd);
}

static int (*real_getlk)(int, struct flock *);

static int getlk_too_late(int fd, struct flock *lock)
{
	REQUIRE_EQ(unlink(name_on_disk("x")), 0);
	return real_getlk(fd, lock);
}

TEST(a_name_that_cannot_be_looked_at_has_no_holders)
{
	static const struct {
		const char *call;
		int error;
		fm_status status;
	} cases[] = {
		{ "openat", EMFILE, FM_E_TOO_MANY_OPENED_FILES }, { "openat", ELOOP, FM_E_ACCESS_DENIED },
		{ "ofd_getlk", EIO, FM_E_IO_DEVICE_ERROR }, { "fstat", EIO, FM_E_IO_DEVICE_ERROR },
		{ "pread", EIO, FM_E_IO_DEVICE_ERROR },
	};
	struct held held = { 0 };
	char *view;

	(void)hold(&view);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s %d", cases[i].call, cases[i].error);
		fault_arm(cases[i].call, 1, FAULT_ONCE, cases[i].error);
		CHECK_EQ(fm_name_holders("x", note_holder, &held), cases[i].status);
		CHECK(fault_disarm());
	}
	real_getlk = os.ofd_getlk;
	os.ofd_getlk = getlk_too_late;
	CHECK_EQ(fm_name_holders("x", note_holder, &held), FM_E_NAME_NOT_FOUND);
	CHECK_EQ(held.count, 0);
}

static bool one_is_enough(const fm_holder *holder, void *context)
{
	(void)holder;
	return ++*(int *)context < 0;
}

TEST(a_visitor_of_holders_may_stop)
{
	int count = 0;
	pid_t other;

	name_settled_world();
	other = name_holder("x");
	(void)name_holder("x");
	CHECK_EQ(fm_name_holders("x", one_is_enough, &count), FM_OK);
	CHECK_EQ(count, 1);
	name_kill(other);
}
