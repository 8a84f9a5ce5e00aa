/* SPDX-License-Identifier: MIT */
/* The Windows half of the test library. Each test is a process: this program again, naming the test. */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define ONE "CHECK_ONE" /* set for the process that is the test */

static char directory[MAX_PATH];

const char *check_directory(void)
{
	char root[MAX_PATH - 64];
	static unsigned next;

	while (!directory[0]) {
		if (!GetTempPathA(sizeof(root), root))
			exit(1);
		snprintf(directory, sizeof(directory), "%sfilemap-test-%lu-%u", root, GetCurrentProcessId(),
			 next++);
		if (!CreateDirectoryA(directory, NULL))
			directory[0] = 0;
	}
	return directory;
}

const char *check_name(const char *prefix)
{
	static char ring[8][128];
	static unsigned next;
	char *name = ring[next % 8];

	snprintf(name, sizeof(ring[0]), "%s-%lu-%u", prefix, GetCurrentProcessId(), next++);
	return name;
}

/* The directories of tests are flat. */
static void remove_directory(void)
{
	char path[2 * MAX_PATH];
	WIN32_FIND_DATAA found;
	HANDLE search;

	snprintf(path, sizeof(path), "%s\\*", directory);
	search = FindFirstFileA(path, &found);
	if (search != INVALID_HANDLE_VALUE) {
		do {
			snprintf(path, sizeof(path), "%s\\%s", directory, found.cFileName);
			DeleteFileA(path);
		} while (FindNextFileA(search, &found));
		FindClose(search);
	}
	RemoveDirectoryA(directory);
}

void check_leave(bool skipped)
{
	fflush(NULL);
	if (directory[0])
		remove_directory();
	ExitProcess(skipped ? 77 : check_failures ? 1 : 0);
}

static bool start(const char *name, PROCESS_INFORMATION *ret_process)
{
	char program[MAX_PATH], line[2 * MAX_PATH];
	STARTUPINFOA startup = { .cb = sizeof(startup) };

	if (!GetModuleFileNameA(NULL, program, sizeof(program)))
		return false;
	snprintf(line, sizeof(line), "\"%s\" %s", program, name);
	SetEnvironmentVariableA(ONE, "1");
	return CreateProcessA(program, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, ret_process);
}

void check_run_one(const struct check_test *test, unsigned seconds, struct check_outcome *ret_outcome)
{
	PROCESS_INFORMATION process;
	DWORD code = 1;

	if (getenv(ONE)) {
		test->run();
		check_leave(false);
	}
	if (!start(test->name, &process)) {
		fprintf(stderr, "check: CreateProcess: %lu\n", GetLastError());
		ret_outcome->failed = 1;
		return;
	}
	if (WaitForSingleObject(process.hProcess, seconds * 1000) == WAIT_TIMEOUT) {
		fprintf(stderr, "FAIL %s: time limit\n", test->name);
		TerminateProcess(process.hProcess, 1);
	} else if (GetExitCodeProcess(process.hProcess, &code) && code > 1 && code != 77) {
		fprintf(stderr, "FAIL %s: exit code %#lx\n", test->name, code);
	}
	CloseHandle(process.hThread);
	CloseHandle(process.hProcess);
	ret_outcome->skipped = code == 77;
	ret_outcome->failed = code != 0 && code != 77;
}
