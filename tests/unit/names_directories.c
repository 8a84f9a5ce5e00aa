/* SPDX-License-Identifier: MIT */
/* The directories of the namespaces: made, verified, lost and found. */
#include "name_help.h"

TEST(a_missing_root_is_a_missing_path)
{
	int fd;

	REQUIRE_EQ(setenv("FILEMAP_ROOT", "/nonexistent/root", 1), 0);
	CHECK_EQ(name_take("x", &fd), FM_E_PATH_NOT_FOUND);
}

TEST(a_relative_root_is_refused)
{
	int fd;

	REQUIRE_EQ(chdir(check_directory()), 0);
	REQUIRE_EQ(setenv("FILEMAP_ROOT", ".", 1), 0);
	CHECK_EQ(name_take("x", &fd), FM_E_PATH_NOT_FOUND);
}

TEST(a_directory_with_another_mode_is_refused_and_not_repaired)
{
	static const struct { enum fm_namespace space; unsigned mode; } cases[] = {
		{ FM_LOCAL, 0755 }, { FM_LOCAL, 0770 }, { FM_LOCAL, 0500 },
		{ FM_GLOBAL, 0777 }, { FM_GLOBAL, 01755 }, { FM_GLOBAL, 0700 },
	};

	name_world();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char path[NAME_DIR_PATH];
		struct stat st;
		int fd;

		REQUIRE_EQ(fm_namespace_directory(cases[i].space, path, sizeof(path)), FM_OK);
		REQUIRE_EQ(mkdir(path, 0700), 0);
		REQUIRE_EQ(chmod(path, cases[i].mode), 0);
		CHECK_EQ(name_take(cases[i].space == FM_LOCAL ? "x" : "Global\\x", &fd), FM_E_ACCESS_DENIED);
		REQUIRE_EQ(stat(path, &st), 0);
		CHECK_EQ(st.st_mode & 07777, cases[i].mode);
		REQUIRE_EQ(rmdir(path), 0);
	}
}

TEST(a_link_or_file_in_place_of_the_directory_is_refused)
{
	char path[NAME_DIR_PATH];
	int fd;

	name_world();
	REQUIRE_EQ(fm_namespace_directory(FM_LOCAL, path, sizeof(path)), FM_OK);
	REQUIRE_EQ(symlink("/tmp", path), 0);
	CHECK_EQ(name_take("x", &fd), FM_E_ACCESS_DENIED);
	REQUIRE_EQ(unlink(path), 0);
	name_write_file(path, "", 0);
	CHECK_EQ(name_take("x", &fd), FM_E_ACCESS_DENIED);
}

TEST(a_local_directory_of_another_user_is_refused)
{
	char path[NAME_DIR_PATH];
	int fd;

	if (geteuid() != 0)
		check_skip("only root can make directories of another user");
	name_world();
	REQUIRE_EQ(fm_namespace_directory(FM_LOCAL, path, sizeof(path)), FM_OK);
	REQUIRE_EQ(mkdir(path, 0700), 0);
	REQUIRE_EQ(chown(path, 12345, 12345), 0);
	CHECK_EQ(name_take("x", &fd), FM_E_ACCESS_DENIED);
}

TEST(directories_are_made_with_their_modes_whatever_the_umask)
{
	char path[NAME_DIR_PATH];
	struct stat st;

	name_world();
	umask(0777);
	name_settled_world();
	REQUIRE_EQ(fm_namespace_directory(FM_LOCAL, path, sizeof(path)), FM_OK);
	REQUIRE_EQ(stat(path, &st), 0);
	CHECK_EQ(st.st_mode & 07777, 0700);
	REQUIRE_EQ(fm_namespace_directory(FM_GLOBAL, path, sizeof(path)), FM_OK);
	REQUIRE_EQ(stat(path, &st), 0);
	CHECK_EQ(st.st_mode & 07777, 01777);
}

TEST(what_a_killed_maker_left_is_used)
{
	char path[NAME_DIR_PATH];
	int fd;

	name_world();
	(void)snprintf(path, sizeof(path), "%s/.filemap-global.new-%u", check_directory(), (unsigned)geteuid());
	REQUIRE_EQ(mkdir(path, 0700), 0);
	CHECK_EQ(name_take("Global\\x", &fd), FM_OK);
	CHECK_EQ(access(path, F_OK), -1);
	name_give("Global\\x", fd);
}

TEST(a_removed_directory_is_made_again)
{
	char path[NAME_DIR_PATH];
	int fd;

	name_settled_world();
	REQUIRE_EQ(fm_namespace_directory(FM_LOCAL, path, sizeof(path)), FM_OK);
	REQUIRE_EQ(rmdir(path), 0);
	CHECK_EQ(name_open_only("x", &fd), FM_E_NAME_NOT_FOUND);
	REQUIRE_EQ(rmdir(path), 0);
	CHECK_EQ(name_take("x", &fd), FM_OK);
	CHECK(name_is_on_disk("x"));
	name_give("x", fd);
	CHECK(!name_is_on_disk("x"));
}

TEST(another_root_is_another_namespace)
{
	char root[NAME_DIR_PATH];
	int first, second;

	name_world();
	REQUIRE_EQ(name_take("x", &first), FM_OK);
	(void)snprintf(root, sizeof(root), "%s/other", check_directory());
	REQUIRE_EQ(mkdir(root, 0700), 0);
	REQUIRE_EQ(setenv("FILEMAP_ROOT", root, 1), 0);
	CHECK_EQ(name_take("x", &second), FM_OK);
	name_give("x", second);
	name_world();
	CHECK_EQ(name_take("x", &second), FM_NAME_EXISTS);
	name_give("x", second);
	name_give("x", first);
	CHECK(!name_is_on_disk("x"));
}

/* As a program that becomes a daemon does. */
TEST(a_host_may_close_the_directory)
{
	int fd;

	name_settled_world();
	closefrom(3);
	CHECK_EQ(name_take("x", &fd), FM_OK);
	CHECK(name_is_on_disk("x"));
	closefrom(3);
	CHECK_EQ(name_take("x", &fd), FM_OK);
	name_give("x", fd);
	CHECK(!name_is_on_disk("x"));
}

TEST(a_host_may_reuse_the_number_of_the_directory)
{
	char path[NAME_DIR_PATH], file[NAME_DIR_PATH + 8];
	int fd;

	name_settled_world();
	(void)snprintf(path, sizeof(path), "%s/mine", check_directory());
	(void)snprintf(file, sizeof(file), "%s/x", path);
	REQUIRE_EQ(mkdir(path, 0700), 0);
	name_write_file(file, "mine", 4);
	closefrom(3);
	for (int i = 0; i < 8; i++)
		REQUIRE(open(path, O_RDONLY | O_DIRECTORY) >= 0);
	CHECK_EQ(name_take("x", &fd), FM_OK);
	CHECK(name_is_on_disk("x"));
	CHECK_EQ(access(file, F_OK), 0); /* a file of that name, which nobody had locked */
	name_give("x", fd);
	CHECK(!name_is_on_disk("x"));
}
