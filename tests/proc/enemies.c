/* SPDX-License-Identifier: MIT */
/*
 * Other users, hostile holders of what is shared, sandboxes. SECURITY.md names the test of each guarantee.
 * Parts that need a second user run as root, in children that have become somebody else.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include "make.h"

enum { STRANGER = 12345, SIZE = 4 * 4096, DATA_START = 0x10000 };

static void own_namespace(void)
{
	REQUIRE_EQ(setenv("FILEMAP_ROOT", check_directory(), 1), 0);
	REQUIRE_EQ(chmod(check_directory(), 01777), 0); /* as /dev/shm */
}

static void need_root(void)
{
	if (geteuid() != 0)
		check_skip("only root can become another user");
}

/* A child that is somebody else; its exit code is what @act returns. */
static pid_t start_stranger(int (*act)(void))
{
	pid_t child = fork();

	REQUIRE(child >= 0);
	if (child == 0) {
		if (setgid(STRANGER) || setuid(STRANGER))
			_exit(111);
		_exit(act());
	}
	return child;
}

static fm_section *make_named(const char *name, uint32_t flags, uint32_t mode)
{
	return make_section(&(fm_section_options){ .name = name, .size = SIZE, .flags = flags, .mode = mode });
}

static const char *path_of(unsigned which, const char *file)
{
	static char path[512];

	REQUIRE_EQ(fm_namespace_directory(which, path, sizeof(path) - 64), FM_OK);
	return strcat(strcat(path, "/"), file);
}

/* A description of a name's file, as a holder with a right to write may open it. */
static int raw(unsigned which, const char *file)
{
	int fd = open(path_of(which, file), O_RDWR | O_CLOEXEC);

	REQUIRE(fd >= 0);
	return fd;
}

static int lock(int fd, short type, off_t byte)
{
	struct flock range = { .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };

	return fcntl(fd, F_OFD_SETLK, &range);
}

/* ---- what a peer with the right to write can do ---- */

TEST(memory_cut_by_a_peer_is_an_error_of_guarded_copies)
{
	fm_section *section, *again = NULL;
	char *view, byte = 1;
	int fd;

	own_namespace();
	section = make_named("Global\\x", 0, 0666);
	view = make_view(section, FM_WRITE, 0, 0);
	fd = raw(FM_GLOBAL, "x");
	REQUIRE_EQ(ftruncate(fd, DATA_START + PAGE), 0);
	CHECK_EQ(fm_read(&byte, view, 1, NULL), FM_OK);
	CHECK_EQ(fm_read(&byte, view + PAGE, 1, NULL), FM_E_IN_PAGE_ERROR);
	CHECK_EQ(fm_write(view + PAGE, &byte, 1, NULL), FM_E_IN_PAGE_ERROR);
	CHECK_EQ(touch(view + PAGE, false), SIGBUS); /* as any mapping */
	CHECK_EQ(query_of(view + PAGE).protection, FM_READ | FM_WRITE);
	CHECK_EQ(fm_section_open("Global\\x", FM_READ, &again), FM_E_OBJECT_CORRUPT);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	fm_section_close(section);
}

TEST(a_commit_map_cut_by_a_peer_is_no_crash)
{
	fm_section *section;
	char *view;
	int fd;

	own_namespace();
	section = make_named("Global\\x", FM_SECTION_RESERVE, 0666);
	view = make_view(section, FM_WRITE, 0, 0);
	REQUIRE_EQ(fm_view_commit(view, PAGE, FM_WRITE), FM_OK);
	CHECK(query_of(view).committed);
	fd = raw(FM_GLOBAL, "x");
	REQUIRE_EQ(ftruncate(fd, DATA_START + SIZE), 0);
	CHECK(!query_of(view).committed);
	CHECK_EQ(fm_view_protect(view, PAGE, FM_READ, NULL), FM_E_NOT_COMMITTED);
	CHECK_EQ(fm_view_commit(view, PAGE, FM_WRITE), FM_E_IN_PAGE_ERROR);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	fm_section_close(section);
}

TEST(a_header_scribbled_over_does_not_reach_who_has_the_section)
{
	unsigned char junk[1024];
	fm_section_info info;
	fm_section *section, *again = NULL;
	char *view, byte = 7;
	int fd;

	own_namespace();
	section = make_named("Global\\x", 0, 0666);
	view = make_view(section, FM_WRITE, 0, 0);
	fd = raw(FM_GLOBAL, "x");
	memset(junk, 0xff, sizeof(junk));
	REQUIRE_EQ(pwrite(fd, junk, sizeof(junk), 0), sizeof(junk));
	CHECK_EQ(fm_section_query(section, &info), FM_OK);
	CHECK_EQ(info.size, SIZE);
	CHECK_EQ(fm_write(view, &byte, 1, NULL), FM_OK);
	CHECK_EQ(fm_view_unmap(make_view(section, FM_READ, PAGE, PAGE)), FM_OK);
	CHECK_EQ(fm_section_open("Global\\x", FM_READ, &again), FM_E_OBJECT_CORRUPT);
	fm_section_close(section);
	CHECK(access(path_of(FM_GLOBAL, "x"), F_OK) != 0); /* the last holder buries it all the same */
}

/* In a child, for ever: the header is whole and broken in turn. */
static void flicker(int fd)
{
	unsigned char good[128], bad[128];

	if (pread(fd, good, sizeof(good), 0) != sizeof(good))
		_exit(1);
	memcpy(bad, good, sizeof(bad));
	for (unsigned i = 0;; i++) {
		memset(bad + 8, (int)i, 96);
		if (pwrite(fd, i % 2 ? good : bad, sizeof(good), 0) != sizeof(good))
			_exit(1);
	}
}

TEST(a_header_that_changes_while_it_is_read_is_an_error_or_whole)
{
	unsigned others = 0;
	fm_section *section, *again;
	pid_t child;
	int fd;

	own_namespace();
	section = make_named("Global\\x", 0, 0666);
	fd = raw(FM_GLOBAL, "x");
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0)
		flicker(fd);
	for (int i = 0; i < 3000; i++) {
		fm_status status = fm_section_open("Global\\x", FM_READ, &again);
		fm_section_info info;

		if (status == FM_OK) {
			REQUIRE_EQ(fm_section_query(again, &info), FM_OK);
			others += info.size > SIZE + DATA_START; /* more than the file has */
			fm_section_close(again);
		} else {
			others += status != FM_E_OBJECT_CORRUPT && status != FM_E_OBJECT_TYPE_MISMATCH;
		}
	}
	CHECK_EQ(others, 0);
	kill(child, SIGKILL);
	(void)child_result(child);
	fm_section_close(section);
}

/* ---- locks ---- */

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

TEST(a_hoarded_undertakers_lock_is_a_timeout_after_a_second)
{
	fm_section *section;
	pid_t child;
	double start;
	int fd;

	own_namespace();
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		(void)make_named("Global\\x", 0, 0666);
		kill(getpid(), SIGKILL);
	}
	REQUIRE_EQ(child_result(child), -SIGKILL);
	fd = raw(FM_GLOBAL, "x");
	REQUIRE_EQ(lock(fd, F_WRLCK, 0), 0);
	start = seconds();
	CHECK_EQ(fm_section_open("Global\\x", FM_READ, &section), FM_E_TIMEOUT);
	CHECK(seconds() - start >= 0.9);
	CHECK(seconds() - start < 5);
}

TEST(a_hoarded_lock_of_extension_is_a_timeout)
{
	fm_section *section;
	double start;
	int fd;

	own_namespace();
	section = make_named("Global\\x", 0, 0666);
	fd = raw(FM_GLOBAL, "x");
	REQUIRE_EQ(lock(fd, F_RDLCK, 1), 0); /* who may only read can do that */
	start = seconds();
	CHECK_EQ(fm_section_extend(section, 2 * SIZE), FM_E_TIMEOUT);
	CHECK(seconds() - start < 5);
	REQUIRE_EQ(lock(fd, F_UNLCK, 1), 0);
	CHECK_EQ(fm_section_extend(section, 2 * SIZE), FM_OK);
	fm_section_close(section);
}

TEST(a_hoarded_readers_lock_keeps_the_name_and_no_more)
{
	fm_section *section, *again;
	char *view, byte = 9;
	int fd;

	own_namespace();
	section = make_named("Global\\x", 0, 0666);
	fd = raw(FM_GLOBAL, "x");
	REQUIRE_EQ(lock(fd, F_RDLCK, 0), 0); /* a handle is no more than that */
	view = make_view(section, FM_WRITE, 0, 0);
	REQUIRE_EQ(fm_write(view, &byte, 1, NULL), FM_OK);
	fm_section_close(section);
	REQUIRE_EQ(fm_section_open("Global\\x", FM_READ, &again), FM_OK);
	CHECK_EQ(*make_view(again, FM_READ, 0, 0), 9);
	fm_section_close(again);
	close(fd);
	CHECK_EQ(fm_section_open("Global\\x", FM_READ, &again), FM_E_NAME_NOT_FOUND);
}

/* ---- reading that must not become writing ---- */

static int reopened(const fm_section *section)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fm_section_number(section));
	return open(path, O_RDWR | O_CLOEXEC);
}

TEST(sealed_memory_cannot_be_written_through_proc)
{
	fm_section *section = make_memory(SIZE, 0), *reader = NULL, *writer = NULL;
	char *view = make_view(section, FM_WRITE, 0, 0), byte = 5;
	void *other = NULL;
	int fd;

	REQUIRE_EQ(fm_section_seal(section), FM_OK);
	REQUIRE_EQ(fm_section_duplicate(section, FM_READ, &reader), FM_OK);
	fd = reopened(reader);
	REQUIRE(fd >= 0); /* that much the kernel lets this user do */
	CHECK(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
	CHECK_EQ(pwrite(fd, "x", 1, 0), -1);
	CHECK_EQ(ftruncate(fd, 0), -1);
	CHECK_EQ(ftruncate(fd, 2 * SIZE), -1);
	CHECK_EQ(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE), -1);
	REQUIRE_EQ(fm_section_duplicate(section, 0, &writer), FM_OK);
	CHECK_EQ(fm_view_map(writer, FM_WRITE, 0, 0, &other), FM_E_ACCESS_DENIED);
	CHECK_EQ(fm_view_map(section, FM_WRITE, 0, 0, &other), FM_E_ACCESS_DENIED);
	CHECK_EQ(fm_write(view, &byte, 1, NULL), FM_OK); /* the view from before */
	CHECK_EQ(*make_view(reader, FM_READ, 0, 0), 5);
	*make_view(reader, FM_COPY, 0, 0) = 6;
	CHECK_EQ(*view, 5);
}

TEST(a_view_for_reading_of_sealed_memory_stays_one)
{
	fm_section *section = make_memory(SIZE, 0);
	char *view;

	REQUIRE_EQ(fm_section_seal(section), FM_OK);
	view = make_view(section, FM_READ, 0, 0);
	CHECK_EQ(mprotect(view, SIZE, PROT_READ | PROT_WRITE), -1);
	CHECK_EQ(errno, EACCES);
}

TEST(only_unnamed_memory_can_be_sealed_and_only_by_who_may_write)
{
	fm_section *reader = NULL, *memory = make_memory(SIZE, 0);

	own_namespace();
	CHECK_EQ(fm_section_seal(make_named("x", 0, 0)), FM_E_NOT_SUPPORTED);
	CHECK_EQ(fm_section_seal(make_file_section(make_file("f", PAGE), 0)), FM_E_NOT_SUPPORTED);
	CHECK_EQ(fm_section_seal(NULL), FM_E_INVALID_HANDLE);
	REQUIRE_EQ(fm_section_duplicate(memory, FM_READ, &reader), FM_OK);
	CHECK_EQ(fm_section_seal(reader), FM_E_ACCESS_DENIED);
}

static int reopen_global(void)
{
	fm_section *section;
	int fd;

	if (fm_section_open("Global\\x", FM_READ, &section) != FM_OK)
		return 112;
	fd = reopened(section);
	return fd < 0 ? errno : 0;
}

TEST(a_reader_of_another_user_cannot_reopen_a_name_for_writing)
{
	need_root();
	own_namespace();
	(void)make_named("Global\\x", 0, 0644);
	CHECK_EQ(child_result(start_stranger(reopen_global)), EACCES);
}

/* ---- names of others ---- */

static int write_global(void)
{
	fm_section *section;
	fm_section_options options = { .name = "Global\\x", .size = SIZE };
	fm_status made = fm_section_create(&options, &section), opened = fm_section_open("Global\\x", FM_READ, &section);

	return made == FM_E_ACCESS_DENIED && opened == FM_E_ACCESS_DENIED ? 0 : 1;
}

TEST(a_name_of_another_user_is_denied_and_not_replaced)
{
	fm_section *section;

	need_root();
	own_namespace();
	section = make_named("Global\\x", 0, 0600);
	CHECK_EQ(child_result(start_stranger(write_global)), 0);
	CHECK_EQ(fm_section_create_new(&(fm_section_options){ .name = "Global\\x", .size = SIZE }, &section),
		 FM_E_NAME_COLLISION);
}

/* Holds Global\x until it is killed. */
static int squat(void)
{
	fm_section *section;
	fm_section_options options = { .name = "Global\\x", .size = SIZE, .mode = 0666 };

	umask(0);
	if (fm_section_create(&options, &section) != FM_OK || kill(getpid(), SIGSTOP))
		return 1;
	return 0;
}

static bool note_owner(const fm_entry *entry, void *context)
{
	*(uint32_t *)context = entry->owner;
	return true;
}

TEST(a_squatted_name_is_told_by_create_new_and_by_its_owner)
{
	uint32_t owner = 0;
	fm_section *section, *mine;
	pid_t child;
	int status;

	need_root();
	own_namespace();
	mine = make_named("Global\\other", 0, 0600); /* so that root made the directory */
	fm_section_close(mine);
	child = start_stranger(squat);
	REQUIRE_EQ(waitpid(child, &status, WUNTRACED), child);
	REQUIRE(WIFSTOPPED(status));
	CHECK_EQ(fm_section_create_new(&(fm_section_options){ .name = "Global\\x", .size = SIZE }, &section),
		 FM_E_NAME_COLLISION);
	CHECK_EQ(fm_section_create(&(fm_section_options){ .name = "Global\\x", .size = SIZE }, &section), FM_NAME_EXISTS);
	REQUIRE_EQ(fm_namespace_list(FM_GLOBAL, note_owner, &owner), FM_OK);
	CHECK_EQ(owner, STRANGER);
	kill(child, SIGKILL);
	(void)child_result(child);
}

static int plant(void)
{
	const char *target = strcat(strcpy((char[512]){ 0 }, check_directory()), "/precious");

	return symlink(target, path_of(FM_GLOBAL, "link")) || mkfifo(path_of(FM_GLOBAL, "fifo"), 0666) ||
	       mkdir(path_of(FM_GLOBAL, "dir"), 0777);
}

TEST(links_and_pipes_planted_by_another_user_are_refused)
{
	static const char *const names[] = { "Global\\link", "Global\\fifo", "Global\\dir" };
	fm_section *section = NULL;

	need_root();
	own_namespace();
	fm_section_close(make_named("Global\\first", 0, 0600));
	REQUIRE(make_file("precious", PAGE));
	REQUIRE_EQ(child_result(start_stranger(plant)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		check_row("%s", names[i]);
		CHECK_EQ(fm_section_create(&(fm_section_options){ .name = names[i], .size = SIZE }, &section),
			 FM_E_ACCESS_DENIED);
		CHECK_EQ(fm_section_open(names[i], FM_READ, &section), FM_E_ACCESS_DENIED);
	}
}

static int unname(void)
{
	return unlink(path_of(FM_GLOBAL, "x")) == 0 ? 0 : errno;
}

TEST(another_user_cannot_take_a_name_away)
{
	fm_section *again;

	need_root();
	own_namespace();
	(void)make_named("Global\\x", 0, 0666);
	CHECK_EQ(child_result(start_stranger(unname)), EPERM); /* the directory is sticky */
	CHECK_EQ(fm_section_open("Global\\x", FM_READ, &again), FM_OK);
}

/* ---- descriptors that are no sections ---- */

static void send_descriptor(int socket, int fd)
{
	struct { uint32_t magic, descriptors, access, protection, attributes, zero; uint64_t size; } message = {
		0x31584d46u, 1, FM_READ | FM_WRITE, FM_READ | FM_WRITE, 0, 0, PAGE };
	char space[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = { 0 };
	struct iovec data = { &message, sizeof(message) };
	struct msghdr header = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof(space) };
	struct cmsghdr *part = CMSG_FIRSTHDR(&header);

	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_RIGHTS;
	part->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(part), &fd, sizeof(fd));
	REQUIRE_EQ(sendmsg(socket, &header, 0), sizeof(message));
}

TEST(a_descriptor_that_is_no_section_is_refused_and_closed)
{
	const char *file = make_file("f", PAGE);
	int pair[2], pipes[2], next;
	fm_section *section = NULL;

	REQUIRE_EQ(pipe(pipes), 0);
	REQUIRE_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	struct { const char *name; int fd; } rows[] = {
		{ "pipe", pipes[0] },
		{ "socket", pair[1] },
		{ "directory", open("/", O_RDONLY | O_DIRECTORY) },
		{ "device", open("/dev/null", O_RDWR) },
		{ "path only", open(file, O_PATH) },
		{ "write only", open(file, O_WRONLY) },
		{ "eventfd", eventfd(0, 0) },
		{ "epoll", epoll_create1(0) },
		{ "memory that can shrink", memfd_create("filemap:6:0:1000", MFD_ALLOW_SEALING) },
		{ "memory of another", memfd_create("other", 0) },
		{ "a record", memfd_create("filemap-file:6:0:7:1000:1:0", MFD_ALLOW_SEALING) },
	};
	next = dup(0);
	close(next);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		check_row("%s", rows[i].name);
		REQUIRE(rows[i].fd >= 0);
		send_descriptor(pair[0], rows[i].fd);
		CHECK(fm_section_receive(pair[1], &section) < 0);
		CHECK(section == NULL);
		CHECK_EQ(fcntl(next, F_GETFD), -1); /* what came is closed */
	}
}

/* ---- a sandbox ---- */

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	close(fd);
	return written;
}

/* In a new user namespace: stay who one is. */
static bool keep_ids(uid_t user, gid_t group)
{
	char users[64], groups[64];

	(void)snprintf(users, sizeof(users), "%u %u 1", user, user);
	(void)snprintf(groups, sizeof(groups), "%u %u 1", group, group);
	return write_text("/proc/self/uid_map", users) && write_text("/proc/self/setgroups", "deny") &&
	       write_text("/proc/self/gid_map", groups);
}

/* Namespaces of its own, and nothing but an empty file system where the names are. */
static bool enter_sandbox(bool hide_proc)
{
	const int own = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET;
	uid_t user = geteuid();
	gid_t group = getegid();

	if (unshare(own) != 0 && (unshare(CLONE_NEWUSER | own) != 0 || !keep_ids(user, group)))
		return false;
	if (mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0)
		return false;
	if (mount("none", getenv("FILEMAP_ROOT"), "tmpfs", 0, NULL) != 0)
		return false;
	return !hide_proc || mount("none", "/proc", "tmpfs", 0, NULL) == 0;
}

static int sandboxed(int socket, bool hide_proc)
{
	fm_section *section, *named;
	fm_status status;
	void *view;

	if (!enter_sandbox(hide_proc))
		return 77;
	status = fm_section_receive(socket, &section);
	if (fm_section_open("x", FM_READ, &named) != FM_E_NAME_NOT_FOUND) /* the name was there when this was sent */
		return 2;
	if (hide_proc)
		return status < 0 ? 0 : 3;
	if (status != FM_OK || fm_view_map(section, FM_WRITE, 0, 0, &view) != FM_OK)
		return 4;
	strcpy(view, "from inside");
	return 0;
}

static void in_sandbox(bool hide_proc)
{
	fm_section *named, *memory = make_memory(SIZE, 0);
	char *view = make_view(memory, FM_READ, 0, 0);
	int pair[2], result;
	pid_t child;

	own_namespace();
	REQUIRE_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	child = fork(); /* before this process has the namespace's directory open */
	REQUIRE(child >= 0);
	if (child == 0)
		_exit(sandboxed(pair[1], hide_proc));
	named = make_named("x", 0, 0);
	REQUIRE_EQ(fm_section_send(memory, pair[0], 0), FM_OK);
	result = child_result(child);
	if (result == 77)
		check_skip("this user gets no namespaces here");
	CHECK_EQ(result, 0);
	CHECK_EQ(strcmp(view, hide_proc ? "" : "from inside"), 0);
	fm_section_close(named);
}

TEST(a_sandbox_sees_no_names_but_shares_what_it_is_sent)
{
	in_sandbox(false);
}

TEST(without_proc_a_sandbox_gets_an_error)
{
	in_sandbox(true);
}
