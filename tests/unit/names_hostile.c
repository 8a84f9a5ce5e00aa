/* SPDX-License-Identifier: MIT */
/* Entries that somebody else has prepared. */
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "name_help.h"

static fm_status open_for(const char *name, bool writable)
{
	struct name_request request = name_ask(name);
	struct name_facts facts;
	fm_status status;
	int fd;

	request.writable = writable;
	status = name_acquire(&request, &fd, &facts);
	if (status >= 0)
		name_give(name, fd);
	return status;
}

TEST(a_symbolic_link_is_refused_and_not_followed)
{
	char target[NAME_DIR_PATH];
	struct stat st;

	name_settled_world();
	(void)snprintf(target, sizeof(target), "%s/target", check_directory());
	name_write_file(target, "precious", 8);
	REQUIRE_EQ(symlink(target, name_on_disk("x")), 0);
	CHECK_EQ(open_for("x", true), FM_E_ACCESS_DENIED);
	CHECK_EQ(open_for("x", false), FM_E_ACCESS_DENIED);
	REQUIRE_EQ(stat(target, &st), 0);
	CHECK_EQ(st.st_size, 8);
	CHECK(name_is_on_disk("x"));
}

TEST(a_fifo_is_refused_without_waiting)
{
	name_settled_world();
	REQUIRE_EQ(mkfifo(name_on_disk("x"), 0600), 0);
	CHECK_EQ(open_for("x", true), FM_E_ACCESS_DENIED);
	CHECK_EQ(open_for("x", false), FM_E_ACCESS_DENIED);
	CHECK(name_is_on_disk("x"));
}

TEST(a_directory_is_refused)
{
	name_settled_world();
	REQUIRE_EQ(mkdir(name_on_disk("x"), 0700), 0);
	CHECK_EQ(open_for("x", true), FM_E_ACCESS_DENIED);
	CHECK_EQ(open_for("x", false), FM_E_ACCESS_DENIED);
	CHECK(name_is_on_disk("x"));
}

TEST(a_socket_is_refused)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	name_settled_world();
	strncpy(address.sun_path, name_on_disk("x"), sizeof(address.sun_path) - 1);
	REQUIRE_EQ(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	CHECK_EQ(open_for("x", true), FM_E_ACCESS_DENIED);
	CHECK_EQ(open_for("x", false), FM_E_ACCESS_DENIED);
}

TEST(a_hard_link_is_not_the_object_of_its_own_name)
{
	int fd, other;

	name_settled_world();
	REQUIRE_EQ(name_take("Global\\a", &fd), FM_OK);
	REQUIRE_EQ(link(name_on_disk("Global\\a"), name_on_disk("Global\\b")), 0);
	CHECK_EQ(open_for("Global\\b", true), FM_E_OBJECT_CORRUPT);
	CHECK_EQ(name_take("Global\\a", &other), FM_NAME_EXISTS);
	name_give("Global\\a", other);
	name_give("Global\\a", fd);
	CHECK(!name_is_on_disk("Global\\a"));
	CHECK_EQ(name_open_only("Global\\b", &fd), FM_E_NAME_NOT_FOUND);
	CHECK(!name_is_on_disk("Global\\b"));
}

TEST(an_object_of_the_other_namespace_is_not_taken)
{
	int fd;

	name_settled_world();
	REQUIRE_EQ(name_take("Global\\x", &fd), FM_OK);
	REQUIRE_EQ(link(name_on_disk("Global\\x"), name_on_disk("Local\\x")), 0);
	CHECK_EQ(open_for("Local\\x", true), FM_E_OBJECT_CORRUPT);
	name_give("Global\\x", fd);
}

TEST(another_name_behind_a_digest_is_seen)
{
	static char first[400], second[400];
	int fd;

	name_settled_world();
	memset(first, 'a', 399);
	memset(second, 'a', 399);
	second[398] = 'b';
	REQUIRE_EQ(name_take(first, &fd), FM_OK);
	REQUIRE_EQ(link(name_on_disk(first), name_on_disk(second)), 0);
	CHECK_EQ(open_for(second, true), FM_E_OBJECT_CORRUPT);
	name_give(first, fd);
}

TEST(every_field_of_a_live_header_is_checked)
{
	static const struct {
		unsigned offset, size;
		uint64_t value;
	} cases[] = {
		{ 0, 1, 'F' },            /* magic */
		{ 8, 4, 0 },              /* version */
		{ 8, 4, 2 },
		{ 12, 4, 0 },             /* kind */
		{ 12, 4, 5 },
		{ 16, 4, 2 },             /* space */
		{ 16, 4, FM_GLOBAL },
		{ 20, 4, 0 },             /* length of the name */
		{ 20, 4, 2 },
		{ 20, 4, NAME_MAX_BYTES + 1 },
		{ 20, 4, UINT32_MAX },
		{ 24, 4, 1 },             /* a path, for memory */
		{ 24, 4, UINT32_MAX },
		{ 28, 4, 0 },             /* backing */
		{ 28, 4, 2 },             /* a file without a path */
		{ 28, 4, 3 },
		{ 32, 4, 0x80000000 },    /* protection */
		{ 40, 8, 4097 },          /* size beyond the file */
		{ 40, 8, INT64_MAX },
		{ 40, 8, UINT64_MAX },
		{ 40, 8, UINT64_MAX - 0xffff },
		{ 48, 8, 1 },             /* extra beyond the file */
		{ 48, 8, UINT64_MAX },
		{ 104, 1, 'y' },          /* the name itself */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char header[112];
		int fd;

		name_settled_world();
		REQUIRE_EQ(name_take("x", &fd), FM_OK);
		REQUIRE_EQ(pread(fd, header, sizeof(header), 0), sizeof(header));
		REQUIRE_EQ(pwrite(fd, &cases[i].value, cases[i].size, cases[i].offset), cases[i].size);
		if (open_for("x", true) != FM_E_OBJECT_CORRUPT)
			check_failed(__FILE__, __LINE__, "case %zu was accepted", i);
		CHECK(name_is_on_disk("x")); /* its holder lives */
		REQUIRE_EQ(pwrite(fd, header, sizeof(header), 0), sizeof(header));
		CHECK_EQ(open_for("x", true), FM_NAME_EXISTS);
		name_give("x", fd);
	}
}

TEST(a_live_object_cut_short_is_corrupt)
{
	static const int lengths[] = { 0, 50, 104, 4096, 0xffff, 0x10000, 0x10fff };

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		int fd;

		name_settled_world();
		REQUIRE_EQ(name_take("x", &fd), FM_OK);
		REQUIRE_EQ(ftruncate(fd, lengths[i]), 0);
		CHECK_EQ(open_for("x", true), FM_E_OBJECT_CORRUPT);
		name_give("x", fd);
		CHECK(!name_is_on_disk("x"));
	}
}

TEST(a_dead_malformed_entry_does_not_block_its_name)
{
	int fd;

	name_settled_world();
	name_write_file(name_on_disk("x"), "junk", 4);
	CHECK_EQ(name_take("x", &fd), FM_OK);
	name_give("x", fd);
}

TEST(a_live_entry_open_to_others_is_refused_in_local)
{
	int fd;

	name_settled_world();
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	REQUIRE_EQ(fchmod(fd, 0604), 0);
	CHECK_EQ(open_for("x", true), FM_E_ACCESS_DENIED);
	REQUIRE_EQ(fchmod(fd, 0600), 0);
	name_give("x", fd);
}

TEST(a_dead_entry_open_to_others_is_refused_in_local)
{
	name_settled_world();
	name_corpse("x");
	REQUIRE_EQ(chmod(name_on_disk("x"), 0660), 0);
	CHECK_EQ(open_for("x", true), FM_E_ACCESS_DENIED);
	CHECK(name_is_on_disk("x"));
}

TEST(an_entry_of_another_user_is_refused_in_local)
{
	int fd;

	if (geteuid() != 0)
		check_skip("only root can make files of another user");
	name_settled_world();
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	REQUIRE_EQ(fchown(fd, 12345, 12345), 0);
	CHECK_EQ(open_for("x", true), FM_E_ACCESS_DENIED);
	name_give("x", fd);
	CHECK(name_is_on_disk("x"));
}

/* In a child, as another user, with the root open to it. Returns the status. */
static fm_status as_other_user(fm_status (*run)(void))
{
	int result[2], status;
	fm_status got;
	pid_t child;

	REQUIRE_EQ(chmod(check_directory(), 0711), 0);
	REQUIRE_EQ(pipe(result), 0);
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		if (setgid(12345) || setuid(12345))
			_exit(1);
		got = run();
		_exit(write(result[1], &got, sizeof(got)) != sizeof(got));
	}
	REQUIRE_EQ(waitpid(child, &status, 0), child);
	REQUIRE_EQ(status, 0);
	REQUIRE_EQ(read(result[0], &got, sizeof(got)), sizeof(got));
	return got;
}

static fm_status open_writable(void)
{
	return open_for("Global\\x", true);
}

static fm_status open_readable(void)
{
	return open_for("Global\\x", false);
}

TEST(a_global_object_obeys_its_mode)
{
	static const struct {
		unsigned mode;
		fm_status write, read;
	} cases[] = {
		{ 0600, FM_E_ACCESS_DENIED, FM_E_ACCESS_DENIED },
		{ 0604, FM_E_ACCESS_DENIED, FM_NAME_EXISTS },
		{ 0606, FM_NAME_EXISTS, FM_NAME_EXISTS },
	};

	if (geteuid() != 0)
		check_skip("only root can become another user");
	name_settled_world();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct name_request request = name_ask("Global\\x");
		struct name_facts facts;
		int fd;

		request.mode = cases[i].mode;
		REQUIRE_EQ(name_acquire(&request, &fd, &facts), FM_OK);
		CHECK_EQ(as_other_user(open_writable), cases[i].write);
		CHECK_EQ(as_other_user(open_readable), cases[i].read);
		name_give("Global\\x", fd);
	}
}

TEST(a_dead_global_object_of_another_user_blocks_its_name)
{
	if (geteuid() != 0)
		check_skip("only root can become another user");
	name_settled_world();
	name_corpse("Global\\x");
	REQUIRE_EQ(chmod(name_on_disk("Global\\x"), 0666), 0);
	CHECK_EQ(as_other_user(open_writable), FM_E_ACCESS_DENIED);
	CHECK_EQ(as_other_user(open_readable), FM_E_ACCESS_DENIED);
	CHECK(name_is_on_disk("Global\\x"));
}

TEST(descriptors_that_are_no_object_are_recognised)
{
	static char page[2 * NAME_DATA_START] = "filemap\n";
	struct name_facts facts = { .size = 77 };
	char path[NAME_DIR_PATH];
	int fds[2], fd;

	name_settled_world();
	CHECK_EQ(name_inspect(-1, &facts, NULL), FM_E_INVALID_HANDLE);
	REQUIRE_EQ(pipe(fds), 0);
	CHECK_EQ(name_inspect(fds[0], &facts, NULL), FM_E_OBJECT_TYPE_MISMATCH);
	fd = open("/", O_RDONLY);
	CHECK_EQ(name_inspect(fd, &facts, NULL), FM_E_OBJECT_TYPE_MISMATCH);
	(void)snprintf(path, sizeof(path), "%s/looks-like-it", check_directory());
	name_write_file(path, page, sizeof(page));
	fd = open(path, O_RDWR);
	CHECK_EQ(name_inspect(fd, &facts, NULL), FM_E_OBJECT_TYPE_MISMATCH);
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	CHECK_EQ(name_inspect(open(name_on_disk("x"), O_PATH), &facts, NULL), FM_E_OBJECT_TYPE_MISMATCH);
	CHECK_EQ(name_inspect(open(name_on_disk("x"), O_WRONLY), &facts, NULL), FM_E_OBJECT_TYPE_MISMATCH);
	CHECK_EQ(facts.size, 77);
	name_give("x", fd);
}

TEST(a_name_with_control_bytes_in_a_header_is_no_name)
{
	struct name_facts facts;
	char *name = NULL;
	int fd;

	name_settled_world();
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	REQUIRE_EQ(pwrite(fd, "\x1b", 1, 104), 1);
	CHECK_EQ(name_inspect(fd, &facts, &name), FM_E_OBJECT_TYPE_MISMATCH);
	CHECK(name == NULL);
	REQUIRE_EQ(pwrite(fd, "x", 1, 104), 1);
	name_give("x", fd);
}
