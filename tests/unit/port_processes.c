/* SPDX-License-Identifier: MIT */
/* What this system does with processes made by CreateProcess: files, signals, zombies, descriptors. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "port.h"

static BOOL start(const char *name, const char *line_text, BOOL inherit, DWORD flags, PROCESS_INFORMATION *ret)
{
	STARTUPINFOA startup = { .cb = sizeof(startup) };
	char line[4096];

	SetLastError(ERROR_SUCCESS);
	snprintf(line, sizeof(line), "%s", line_text ? line_text : "");
	return CreateProcessA(name, line_text ? line : NULL, NULL, NULL, inherit, flags, NULL, NULL, &startup, ret);
}

static PROCESS_INFORMATION shell(const char *script)
{
	PROCESS_INFORMATION process;
	char line[4096];

	snprintf(line, sizeof(line), "sh -c \"%s\"", script);
	REQUIRE(start(NULL, line, TRUE, 0, &process));
	return process;
}

static DWORD code_of(PROCESS_INFORMATION process)
{
	DWORD code = 0;

	CHECK_EQ(WaitForSingleObject(process.hProcess, INFINITE), WAIT_OBJECT_0);
	CHECK(GetExitCodeProcess(process.hProcess, &code));
	return code;
}

static void close_both(PROCESS_INFORMATION process)
{
	CHECK(CloseHandle(process.hThread));
	CHECK(CloseHandle(process.hProcess));
}

static const char *file(const char *name, const char *text, unsigned mode)
{
	static char path[512];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", check_directory(), name);
	stream = fopen(path, "w");
	REQUIRE(stream != NULL);
	fputs(text, stream);
	fclose(stream);
	REQUIRE(chmod(path, mode) == 0);
	return path;
}

TEST(no_zombie_is_left)
{
	PROCESS_INFORMATION process = shell("exit 3");

	CHECK_EQ(code_of(process), 3);
	CHECK(CloseHandle(process.hThread));
	check_row("while a handle is open");
	CHECK_EQ(kill((pid_t)process.dwProcessId, 0), 0);
	CHECK(CloseHandle(process.hProcess));
	check_row("after the last");
	CHECK_EQ(kill((pid_t)process.dwProcessId, 0), -1);
}

TEST(child_without_handles_is_reaped_later)
{
	PROCESS_INFORMATION first = shell("exit 0"), second;
	siginfo_t info;

	close_both(first);
	(void)waitid(P_PID, first.dwProcessId, &info, WEXITED | WNOWAIT); /* a zombie now, or reaped at the close */
	second = shell("exit 0");
	CHECK_EQ(code_of(second), 0);
	close_both(second);
	CHECK_EQ(kill((pid_t)first.dwProcessId, 0), -1);
	CHECK(OpenProcess(SYNCHRONIZE, FALSE, first.dwProcessId) == NULL);
	CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

TEST(signals_are_exit_codes)
{
	static const struct { const char *name; DWORD code; } cases[] = {
		{ "SEGV", 0xc0000005 }, { "BUS", 0xc0000006 }, { "ILL", 0xc000001d }, { "FPE", 0xc0000094 },
		{ "ABRT", 3 }, { "KILL", 137 }, { "TERM", 143 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char script[64];
		PROCESS_INFORMATION process;

		check_row("%s", cases[i].name);
		snprintf(script, sizeof(script), "ulimit -c 0; kill -%s $$", cases[i].name);
		process = shell(script);
		CHECK_EQ(code_of(process), cases[i].code);
		close_both(process);
	}
}

TEST(files_that_are_no_programs)
{
	static const struct { const char *name, *text; unsigned mode; DWORD error; } cases[] = {
		{ "garbage", "\001\002\003\004 neither", 0755, ERROR_BAD_EXE_FORMAT },
		{ "not executable", "#!/bin/sh\nexit 0\n", 0644, ERROR_ACCESS_DENIED },
		{ "no interpreter", "#!/no/such/interpreter\n", 0755, ERROR_FILE_NOT_FOUND },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		PROCESS_INFORMATION process;

		check_row("%s", cases[i].name);
		CHECK(!start(file("program", cases[i].text, cases[i].mode), NULL, FALSE, 0, &process));
		CHECK_EQ(GetLastError(), cases[i].error);
	}
}

TEST(ending_of_a_program_is_added_or_dropped)
{
	static const struct { const char *file, *called; } cases[] = {
		{ "plain", "plain" }, { "plain", "plain.exe" }, { "ends.exe", "ends" }, { "with blank", "with blank" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		PROCESS_INFORMATION process;
		char called[512];

		check_row("%s as %s", cases[i].file, cases[i].called);
		file(cases[i].file, "#!/bin/sh\nexit 5\n", 0755);
		snprintf(called, sizeof(called), "%s/%s", check_directory(), cases[i].called);
		REQUIRE(start(called, NULL, FALSE, 0, &process));
		CHECK_EQ(code_of(process), 5);
		close_both(process);
		REQUIRE(start(NULL, called, FALSE, 0, &process)); /* unquoted: tried up to each blank */
		CHECK_EQ(code_of(process), 5);
		close_both(process);
		snprintf(called, sizeof(called), "%s/%s", check_directory(), cases[i].file);
		REQUIRE(unlink(called) == 0);
	}
}

TEST(descriptors_of_the_child)
{
	static const struct { const char *name; BOOL inherit; const char *open; } cases[] = {
		{ "inherited", TRUE, "test -e /proc/$$/fd/200 && ! test -e /proc/$$/fd/201" },
		{ "not inherited", FALSE, "! test -e /proc/$$/fd/200 && ! test -e /proc/$$/fd/201" },
	};
	REQUIRE(dup2(2, 200) == 200); /* as a program's own that survives exec */
	REQUIRE(dup3(2, 201, O_CLOEXEC) == 201);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		PROCESS_INFORMATION process;
		char line[256];

		check_row("%s", cases[i].name);
		snprintf(line, sizeof(line), "sh -c \"%s\"", cases[i].open);
		REQUIRE(start(NULL, line, cases[i].inherit, 0, &process));
		CHECK_EQ(code_of(process), 0);
		close_both(process);
	}
}

TEST(nothing_is_left_open)
{
	PROCESS_INFORMATION process;
	int before = dup(0), after;

	close(before);
	CHECK(!start("/no/such/program", NULL, FALSE, 0, &process));
	CHECK(!start(NULL, "sh -c true", FALSE, CREATE_SUSPENDED, &process));
	CHECK_EQ(GetLastError(), ERROR_NOT_SUPPORTED);
	process = shell("exit 0");
	CHECK_EQ(code_of(process), 0);
	close_both(process);
	process = shell("exit 0"); /* the first is forgotten with the second */
	CHECK_EQ(code_of(process), 0);
	close_both(process);
	after = dup(0);
	CHECK_EQ(after, before);
	close(after);
}

TEST(others_exit_codes_are_not_known)
{
	pid_t pid = fork();
	HANDLE process;
	DWORD code;

	if (pid == 0) {
		pause();
		_exit(0);
	}
	process = OpenProcess(PROCESS_ALL_ACCESS, FALSE, (DWORD)pid);
	REQUIRE(process != NULL);
	CHECK(GetExitCodeProcess(process, &code));
	CHECK_EQ(code, STILL_ACTIVE);
	CHECK(TerminateProcess(process, 7));
	CHECK_EQ(WaitForSingleObject(process, INFINITE), WAIT_OBJECT_0);
	CHECK_EQ(waitpid(pid, NULL, 0), pid); /* this one reaps it */
	CHECK(!GetExitCodeProcess(process, &code));
	CHECK_EQ(GetLastError(), ERROR_NOT_SUPPORTED);
	CHECK(CloseHandle(process));
}
