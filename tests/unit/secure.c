/* SPDX-License-Identifier: MIT */
/* A set-user-id program looks at nothing that who runs it could have put into the environment. */
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include "make.h"

enum { NOBODY = 65534, NOT_SECURE = 77 };

static void copy_program(const char *path)
{
	int from = open(check_program(), O_RDONLY | O_CLOEXEC);
	int to = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	static char bytes[1 << 16];
	ssize_t got;

	REQUIRE(from >= 0 && to >= 0);
	while ((got = read(from, bytes, sizeof(bytes))) > 0)
		REQUIRE_EQ(write(to, bytes, (size_t)got), got);
	REQUIRE_EQ(got, 0);
	REQUIRE_EQ(fchmod(to, 04755), 0);
	close(from);
	close(to);
}

CHILD(set_user_id)
{
	char directory[512], expected[64];

	if (!getauxval(AT_SECURE))
		exit(NOT_SECURE);
	snprintf(expected, sizeof(expected), "/dev/shm/filemap-%u", (unsigned)geteuid());
	CHECK(getenv("FILEMAP_ROOT") != NULL);
	CHECK_EQ(fm_namespace_directory(FM_LOCAL, directory, sizeof(directory)), FM_OK);
	CHECK(strcmp(directory, expected) == 0);
}

TEST(a_set_user_id_program_is_not_steered)
{
	char path[512];
	pid_t child;
	int status;

	if (geteuid() != 0)
		check_skip("only root can make a program of another user");
	REQUIRE_EQ(chmod(check_directory(), 0755), 0);
	snprintf(path, sizeof(path), "%s/program", check_directory());
	copy_program(path);
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		if (setgid(NOBODY) || setuid(NOBODY) || setenv("FILEMAP_ROOT", "/tmp", 1))
			_exit(1);
		execl(path, path, "--child", "set_user_id", (char *)NULL);
		_exit(NOT_SECURE);
	}
	status = child_result(child);
	if (status == NOT_SECURE)
		check_skip("the file system of the tests knows no set-user-id programs");
	CHECK_EQ(status, 0);
}
