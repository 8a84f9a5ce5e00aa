/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[256];

const char *check_directory(void)
{
	const char *root = getenv("TMPDIR");

	if (!directory[0]) {
		snprintf(directory, sizeof(directory), "%s/filemap-test-XXXXXX", root ? root : "/tmp");
		if (!mkdtemp(directory)) {
			perror(directory);
			_exit(1);
		}
	}
	return directory;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st, (void)type, (void)walk;
	return remove(path);
}

const char *check_name(const char *prefix)
{
	static char ring[8][128];
	static unsigned next;
	char *name = ring[next % 8];

	snprintf(name, sizeof(ring[0]), "%s-%d-%u", prefix, (int)getpid(), next++);
	return name;
}

const char *check_program(void)
{
	static char path[4096];

	if (!path[0] && readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		path[0] = '\0';
	return path;
}

bool check_kernel(unsigned major, unsigned minor)
{
	struct utsname system;
	unsigned present[2] = { 0, 0 };

	if (uname(&system) != 0 || sscanf(system.release, "%u.%u", &present[0], &present[1]) != 2)
		check_fatal(__FILE__, __LINE__, "no version of the kernel");
	return present[0] > major || (present[0] == major && present[1] >= minor);
}

/* Runs in the test's process: its directory goes with it unless a test moved to another user. */
void check_leave(bool skipped)
{
	fflush(NULL);
	if (directory[0])
		(void)nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	_exit(skipped ? 77 : check_failures ? 1 : 0);
}

void check_run_one(const struct check_test *test, unsigned seconds, struct check_outcome *ret_outcome)
{
	int status = 0;
	pid_t child;

	(void)check_program(); /* in mounts of its own a test may find another path, or none */
	child = fork();
	if (child == 0) {
		setpgid(0, 0);
		alarm(seconds); /* the default action ends the process; its group is killed below */
		test->run();
		check_leave(false);
	}
	if (child < 0 || waitpid(child, &status, 0) != child) {
		perror("check: fork");
		ret_outcome->failed = 1;
		return;
	}
	(void)kill(-child, SIGKILL); /* whatever it left running */
	if (WIFSIGNALED(status)) {
		fprintf(stderr, "FAIL %s: %s\n", test->name,
			WTERMSIG(status) == SIGALRM ? "time limit" : strsignal(WTERMSIG(status)));
		ret_outcome->failed = 1;
	} else {
		ret_outcome->skipped = WEXITSTATUS(status) == 77;
		ret_outcome->failed = WEXITSTATUS(status) != 0 && !ret_outcome->skipped;
	}
}
