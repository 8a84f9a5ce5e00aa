/* SPDX-License-Identifier: MIT */
/* The contract of the functions of names.h. */
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#include "name_help.h"

TEST(the_first_creates_and_the_second_opens)
{
	int first, second;

	name_world();
	CHECK_EQ(name_take("x", &first), FM_OK);
	CHECK_EQ(name_take("x", &second), FM_NAME_EXISTS);
	name_give("x", second);
	name_give("x", first);
}

TEST(a_missing_name_is_not_found)
{
	int fd = 77;

	name_world();
	CHECK_EQ(name_open_only("x", &fd), FM_E_NAME_NOT_FOUND);
	CHECK_EQ(fd, 77);
}

TEST(a_create_that_may_not_open_collides)
{
	struct name_request request;
	struct name_facts facts;
	int holder, fd = 77;

	name_world();
	request = name_ask("x");
	request.may_open = false;
	CHECK_EQ(name_acquire(&request, &holder, &facts), FM_OK);
	CHECK_EQ(name_acquire(&request, &fd, &facts), FM_E_NAME_COLLISION);
	CHECK_EQ(fd, 77);
	name_give("x", holder);
	CHECK(!name_is_on_disk("x"));
}

TEST(another_kind_of_object_is_a_mismatch)
{
	struct name_request request;
	struct name_facts facts;
	int holder, fd;

	name_world();
	REQUIRE_EQ(name_take("x", &holder), FM_OK);
	request = name_ask("x");
	request.facts.kind = NAME_MUTEX;
	CHECK_EQ(name_acquire(&request, &fd, &facts), FM_E_OBJECT_TYPE_MISMATCH);
	request.facts.kind = 0; /* any */
	CHECK_EQ(name_acquire(&request, &fd, &facts), FM_NAME_EXISTS);
	CHECK_EQ(facts.kind, NAME_SECTION);
	name_give("x", fd);
	name_give("x", holder);
}

TEST(facts_come_back_as_they_were_given)
{
	struct name_request request;
	struct name_facts made, opened;
	int first, second;
	time_t before = time(NULL);

	name_world();
	request = name_ask("Global\\x");
	request.facts = (struct name_facts){ .kind = NAME_EVENT, .backing = FM_BACKING_MEMORY, .protection = FM_READ,
					     .attributes = 0x104, .size = 8192, .extra_size = 100, .value = { 1, 2, 3, 4 } };
	REQUIRE_EQ(name_acquire(&request, &first, &made), FM_OK);
	REQUIRE_EQ(name_acquire(&request, &second, &opened), FM_NAME_EXISTS);
	CHECK_EQ(opened.kind, NAME_EVENT);
	CHECK_EQ(opened.backing, FM_BACKING_MEMORY);
	CHECK_EQ(opened.protection, FM_READ);
	CHECK_EQ(opened.attributes, 0x104);
	CHECK_EQ(opened.size, 8192);
	CHECK_EQ(opened.extra_size, 100);
	CHECK_EQ(opened.value[3], 4);
	CHECK_EQ(opened.creator, getpid());
	CHECK(opened.created >= before && opened.created <= time(NULL));
	CHECK_EQ(memcmp(&made, &opened, sizeof(made)), 0);
	name_give("Global\\x", second);
	name_give("Global\\x", first);
}

TEST(the_facts_name_the_file_of_the_bytes)
{
	struct name_request request;
	struct name_facts facts;
	struct stat st;
	int fd;

	name_world();
	request = name_ask("x");
	REQUIRE_EQ(name_acquire(&request, &fd, &facts), FM_OK);
	REQUIRE_EQ(fstat(fd, &st), 0);
	CHECK_EQ(facts.inode, st.st_ino);
	CHECK_EQ(facts.device, st.st_dev);
	name_give("x", fd);
}

TEST(the_file_has_room_for_header_data_and_extra)
{
	static const struct { uint64_t size, extra; } cases[] = { { 0, 0 }, { 1, 0 }, { 4096, 0 }, { 4097, 100 } };
	static const uint64_t want[] = { 0x10000, 0x11000, 0x11000, 0x12064 };

	name_world();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct name_request request = name_ask("x");
		struct name_facts facts;
		struct stat st;
		int fd;

		request.facts.size = cases[i].size;
		request.facts.extra_size = cases[i].extra;
		REQUIRE_EQ(name_acquire(&request, &fd, &facts), FM_OK);
		REQUIRE_EQ(fstat(fd, &st), 0);
		CHECK_EQ(st.st_size, want[i]);
		name_give("x", fd);
	}
}

TEST(reserved_storage_is_there_at_once)
{
	name_world();
	for (int reserve = 0; reserve < 2; reserve++) {
		struct name_request request = name_ask("x");
		struct name_facts facts;
		struct stat st;
		int fd;

		request.facts.size = 1 << 20;
		request.reserve_storage = reserve;
		REQUIRE_EQ(name_acquire(&request, &fd, &facts), FM_OK);
		REQUIRE_EQ(fstat(fd, &st), 0);
		CHECK_EQ(st.st_size, NAME_DATA_START + (1 << 20));
		CHECK_EQ(st.st_blocks * 512 >= 1 << 20, reserve);
		name_give("x", fd);
	}
}

TEST(sizes_beyond_any_file_are_too_big)
{
	static const struct { uint64_t size, extra; } cases[] = {
		{ UINT64_MAX, 0 }, { INT64_MAX, 0 }, { INT64_MAX - 0xffff, 0 }, { 4096, UINT64_MAX }, { 4096, INT64_MAX },
	};

	name_world();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct name_request request = name_ask("x");
		struct name_facts facts;
		int fd;

		request.facts.size = cases[i].size;
		request.facts.extra_size = cases[i].extra;
		CHECK_EQ(name_acquire(&request, &fd, &facts), FM_E_SECTION_TOO_BIG);
	}
	CHECK(!name_is_on_disk("x"));
}

TEST(the_limit_of_file_sizes_is_an_error_and_no_signal)
{
	const struct rlimit limit = { 0x10fff, 0x10fff };
	int fd;

	name_world();
	REQUIRE_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
	CHECK_EQ(name_take("x", &fd), FM_E_FILE_TOO_LARGE);
	CHECK(!name_is_on_disk("x"));
}

TEST(the_last_release_removes_the_name)
{
	int first, second;

	name_world();
	REQUIRE_EQ(name_take("x", &first), FM_OK);
	REQUIRE_EQ(name_take("x", &second), FM_NAME_EXISTS);
	CHECK(name_is_on_disk("x"));
	name_give("x", first);
	CHECK(name_is_on_disk("x"));
	name_give("x", second);
	CHECK(!name_is_on_disk("x"));
	CHECK_EQ(name_open_only("x", &first), FM_E_NAME_NOT_FOUND);
}

TEST(a_view_does_not_keep_the_name)
{
	int fd, mapped;
	char *view;

	name_world();
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	mapped = os_reopen(fd, O_RDWR);
	REQUIRE(mapped >= 0);
	view = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, mapped, NAME_DATA_START);
	REQUIRE(view != MAP_FAILED);
	close(mapped);
	strcpy(view, "still here");
	name_give("x", fd);
	CHECK(!name_is_on_disk("x"));
	CHECK(strcmp(view, "still here") == 0);
}

TEST(the_next_object_of_a_name_is_new_and_zero)
{
	char bytes[4096];
	int fd;

	name_world();
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	REQUIRE_EQ(pwrite(fd, "old", 3, NAME_DATA_START), 3);
	name_give("x", fd);
	CHECK_EQ(name_take("x", &fd), FM_OK);
	REQUIRE_EQ(pread(fd, bytes, sizeof(bytes), NAME_DATA_START), sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		REQUIRE_EQ(bytes[i], 0);
	name_give("x", fd);
}

TEST(another_process_keeps_the_name)
{
	pid_t holder;
	int fd;

	name_world();
	holder = name_holder("x");
	CHECK_EQ(name_open_only("x", &fd), FM_NAME_EXISTS);
	name_give("x", fd);
	CHECK(name_is_on_disk("x"));
	name_kill(holder);
	CHECK_EQ(name_open_only("x", &fd), FM_E_NAME_NOT_FOUND);
}

TEST(a_dead_name_is_not_found_and_buried)
{
	int fd;

	name_world();
	name_corpse("x");
	CHECK_EQ(name_open_only("x", &fd), FM_E_NAME_NOT_FOUND);
	CHECK(!name_is_on_disk("x"));
}

TEST(a_reader_buries_a_dead_name_too)
{
	struct name_request request;
	struct name_facts facts;
	int fd;

	name_world();
	name_corpse("x");
	request = name_ask("x");
	request.writable = request.may_create = false;
	CHECK_EQ(name_acquire(&request, &fd, &facts), FM_E_NAME_NOT_FOUND);
	CHECK(!name_is_on_disk("x"));
}

TEST(a_dead_name_is_created_anew)
{
	int fd;

	name_world();
	name_corpse("x");
	CHECK_EQ(name_take("x", &fd), FM_OK);
	name_give("x", fd);
}

TEST(a_forked_child_keeps_the_handle_of_its_parent)
{
	pid_t child;
	int fd;

	name_world();
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0)
		for (;;)
			pause();
	name_give("x", fd);
	CHECK_EQ(name_open_only("x", &fd), FM_NAME_EXISTS);
	name_kill(child);
	name_give("x", fd);
	CHECK(!name_is_on_disk("x"));
}

TEST(a_child_that_releases_last_removes_the_name)
{
	int fd, status;
	pid_t child;

	name_world();
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		REQUIRE_EQ(raise(SIGSTOP), 0);
		name_give("x", fd);
		_exit(name_is_on_disk("x"));
	}
	REQUIRE_EQ(waitpid(child, &status, WUNTRACED), child);
	name_give("x", fd);
	CHECK(name_is_on_disk("x"));
	REQUIRE_EQ(kill(child, SIGCONT), 0);
	REQUIRE_EQ(waitpid(child, &status, 0), child);
	CHECK_EQ(status, 0);
}

TEST(a_second_description_carries_the_name_once_locked)
{
	int fd, second;

	name_world();
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	second = os_reopen(fd, O_RDONLY);
	REQUIRE(second >= 0);
	CHECK_EQ(name_lock(second), FM_OK);
	name_give("x", fd);
	CHECK(name_is_on_disk("x"));
	name_give("x", second);
	CHECK(!name_is_on_disk("x"));
}

TEST(local_and_global_names_are_apart)
{
	int local, global;

	name_world();
	CHECK_EQ(name_take("Local\\x", &local), FM_OK);
	CHECK_EQ(name_take("Global\\x", &global), FM_OK);
	name_give("Local\\x", local);
	name_give("Global\\x", global);
}

TEST(descriptors_close_on_exec_and_have_the_mode_asked_for)
{
	struct name_request request;
	struct name_facts facts;
	int made, opened;

	name_world();
	request = name_ask("x");
	request.writable = false;
	REQUIRE_EQ(name_acquire(&request, &made, &facts), FM_OK);
	REQUIRE_EQ(name_acquire(&request, &opened, &facts), FM_NAME_EXISTS);
	CHECK_EQ(fcntl(made, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(fcntl(opened, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(fcntl(made, F_GETFL) & O_ACCMODE, O_RDWR);
	CHECK_EQ(fcntl(opened, F_GETFL) & O_ACCMODE, O_RDONLY);
	name_give("x", opened);
	name_give("x", made);
}

TEST(modes_ignore_the_umask_and_stay_private_in_local)
{
	static const struct {
		const char *name;
		unsigned mode, umask, want;
	} cases[] = {
		{ "Local\\x", 0, 0, 0600 },          { "Local\\x", 0666, 0, 0600 },     { "Local\\x", 0, 0777, 0600 },
		{ "Global\\x", 0, 0, 0600 },         { "Global\\x", 0666, 0777, 0666 }, { "Global\\x", 0644, 077, 0644 },
		{ "Global\\x", 0440, 022, 0640 },    { "Global\\x", 07777, 022, 0666 },
	};

	name_world();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct name_request request = name_ask(cases[i].name);
		struct name_facts facts;
		struct stat st;
		int fd;

		request.mode = cases[i].mode;
		umask(cases[i].umask);
		REQUIRE_EQ(name_acquire(&request, &fd, &facts), FM_OK);
		REQUIRE_EQ(fstat(fd, &st), 0);
		CHECK_EQ(st.st_mode & 07777, cases[i].want);
		name_give(cases[i].name, fd);
	}
}

TEST(a_record_of_a_file_carries_its_path)
{
	struct name_request request;
	struct name_facts facts;
	char *path;
	int fd;

	name_world();
	request = name_ask("x");
	request.facts.backing = FM_BACKING_FILE;
	request.facts.size = 1ull << 40; /* of the file; the record stays small */
	request.facts.device = 5;
	request.facts.inode = 6;
	request.path = "/some/file";
	REQUIRE_EQ(name_acquire(&request, &fd, &facts), FM_OK);
	REQUIRE_EQ(name_path(fd, &path), FM_OK);
	CHECK(strcmp(path, "/some/file") == 0);
	REQUIRE_EQ(name_inspect(fd, &facts, NULL), FM_OK);
	CHECK_EQ(facts.device, 5);
	CHECK_EQ(facts.inode, 6);
	os_free(path);
	name_give("x", fd);
}

TEST(memory_has_no_path)
{
	char *path = NULL;
	int fd;

	name_world();
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	CHECK_EQ(name_path(fd, &path), FM_E_OBJECT_CORRUPT);
	CHECK(path == NULL);
	name_give("x", fd);
}

TEST(a_stored_size_only_grows)
{
	struct name_facts facts;
	int fd;

	name_world();
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	REQUIRE_EQ(ftruncate(fd, NAME_DATA_START + 0x8000), 0);
	CHECK_EQ(name_set_size(fd, 0x8000), FM_OK);
	CHECK_EQ(name_set_size(fd, 0x2000), FM_OK); /* of a slower process */
	REQUIRE_EQ(name_inspect(fd, &facts, NULL), FM_OK);
	CHECK_EQ(facts.size, 0x8000);
	name_give("x", fd);
}

TEST(inspection_gives_name_and_facts)
{
	struct name_facts facts;
	char *name;
	int fd;

	name_world();
	REQUIRE_EQ(name_take("Global\\a/b", &fd), FM_OK);
	REQUIRE_EQ(name_inspect(fd, &facts, &name), FM_OK);
	CHECK(strcmp(name, "Global\\a/b") == 0);
	CHECK_EQ(facts.size, 4096);
	os_free(name);
	name_give("Global\\a/b", fd);
}

TEST(names_too_long_for_a_file_work)
{
	static char first_name[NAME_MAX_BYTES + 1], second_name[NAME_MAX_BYTES + 1];
	struct name_facts facts;
	int first, second, again;
	char *name;

	name_world();
	memset(first_name, 'n', NAME_MAX_BYTES);
	memset(second_name, 'n', NAME_MAX_BYTES);
	second_name[NAME_MAX_BYTES - 1] = 'm';
	CHECK_EQ(name_take(first_name, &first), FM_OK);
	CHECK_EQ(name_take(second_name, &second), FM_OK);
	CHECK_EQ(name_take(second_name, &again), FM_NAME_EXISTS);
	REQUIRE_EQ(name_inspect(again, &facts, &name), FM_OK);
	CHECK_EQ(strlen(name), strlen("Local\\") + NAME_MAX_BYTES);
	CHECK(strcmp(name + strlen("Local\\"), second_name) == 0);
	os_free(name);
	name_give(second_name, again);
	name_give(second_name, second);
	name_give(first_name, first);
	CHECK(!name_is_on_disk(first_name));
}

TEST(an_undertaker_who_stops_is_a_timeout)
{
	int fd, undertaker;

	name_world();
	name_corpse("x");
	undertaker = open(name_on_disk("x"), O_RDWR);
	REQUIRE_EQ(name_lock_byte(undertaker, F_WRLCK, 0), 0);
	CHECK_EQ(name_take("x", &fd), FM_E_TIMEOUT);
	close(undertaker);
	CHECK_EQ(name_take("x", &fd), FM_OK);
	name_give("x", fd);
}

TEST(a_foreign_kind_of_lock_does_not_keep_a_name)
{
	int fd, locked;

	name_world();
	name_corpse("x");
	locked = open(name_on_disk("x"), O_RDWR);
	REQUIRE_EQ(flock(locked, LOCK_EX | LOCK_NB), 0);
	CHECK_EQ(name_take("x", &fd), FM_OK);
	name_give("x", fd);
}
