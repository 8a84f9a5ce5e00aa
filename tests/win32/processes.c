/* SPDX-License-Identifier: MIT */
/* CreateProcess: arguments, environment, directory, handles; ends and exit codes. */
#include "support.h"

static char program[4096];

/* Start CHILD(@name) of this program with the rest of a command line. */
static PROCESS_INFORMATION start(const char *name, const char *rest, BOOL inherit, DWORD flags, void *environment,
				 const char *directory, STARTUPINFOA *startup)
{
	STARTUPINFOA plain = { .cb = sizeof(plain) };
	PROCESS_INFORMATION process;
	static char line[8192];

	REQUIRE(GetModuleFileNameA(NULL, program, sizeof(program)) > 0);
	snprintf(line, sizeof(line), "\"%s\" --child %s %s", program, name, rest);
	REQUIRE_WORKS(CreateProcessA(NULL, line, NULL, NULL, inherit, flags, environment, directory,
				     startup ? startup : &plain, &process));
	return process;
}

/* Wait for its end, forget it: its exit code. */
static DWORD finish(PROCESS_INFORMATION process)
{
	DWORD code = UNTOUCHED;

	CHECK_EQ(WaitForSingleObject(process.hProcess, INFINITE), WAIT_OBJECT_0);
	CHECK_WORKS(GetExitCodeProcess(process.hProcess, &code));
	CHECK(CloseHandle(process.hThread));
	CHECK(CloseHandle(process.hProcess));
	return code;
}

static DWORD run(const char *name, const char *rest)
{
	return finish(start(name, rest, FALSE, 0, NULL, NULL, NULL));
}

/* ---- exit codes ---- */

CHILD(exit_with)
{
	ExitProcess((UINT)atoi(check_argument(0)));
}

CHILD(stay)
{
	Sleep(INFINITE);
}

TEST(exit_code_is_told)
{
	CHECK_EQ(run("exit_with", "0"), 0);
	CHECK_EQ(run("exit_with", "77"), 77);
	CHECK_EQ(run("exit_with", "255"), 255);
}

TEST(exit_code_is_told_again_and_again)
{
	PROCESS_INFORMATION process = start("exit_with", "42", FALSE, 0, NULL, NULL, NULL);
	HANDLE other;
	DWORD code;

	CHECK_EQ(WaitForSingleObject(process.hProcess, INFINITE), WAIT_OBJECT_0);
	for (unsigned i = 0; i < 3; i++) {
		code = UNTOUCHED;
		CHECK_WORKS(GetExitCodeProcess(process.hProcess, &code));
		CHECK_EQ(code, 42);
	}
	other = OpenProcess(PROCESS_QUERY_INFORMATION | SYNCHRONIZE, FALSE, process.dwProcessId);
	REQUIRE(other != NULL);
	CHECK_EQ(WaitForSingleObject(other, 0), WAIT_OBJECT_0);
	CHECK_WORKS(GetExitCodeProcess(other, &code));
	CHECK_EQ(code, 42);
	CHECK(CloseHandle(other));
	CHECK_EQ(finish(process), 42);
}

TEST(running_process_is_active)
{
	PROCESS_INFORMATION process = start("stay", "", FALSE, 0, NULL, NULL, NULL);
	DWORD code = 0;

	CHECK_WORKS(GetExitCodeProcess(process.hProcess, &code));
	CHECK_EQ(code, STILL_ACTIVE);
	CHECK_EQ(WaitForSingleObject(process.hProcess, 0), WAIT_TIMEOUT);
	CHECK_EQ(GetProcessId(process.hProcess), process.dwProcessId);
	CHECK_EQ(GetThreadId(process.hThread), process.dwThreadId);
	CHECK_WORKS(GetExitCodeThread(process.hThread, &code));
	CHECK_EQ(code, STILL_ACTIVE);
	CHECK_WORKS(TerminateProcess(process.hProcess, 1234));
	CHECK_EQ(WaitForSingleObject(process.hThread, INFINITE), WAIT_OBJECT_0);
	CHECK_EQ(finish(process), 1234);
}

TEST(ended_process_cannot_be_terminated)
{
	PROCESS_INFORMATION process = start("exit_with", "1", FALSE, 0, NULL, NULL, NULL);

	CHECK_EQ(WaitForSingleObject(process.hProcess, INFINITE), WAIT_OBJECT_0);
	CHECK_FAILS(TerminateProcess(process.hProcess, 5), ERROR_ACCESS_DENIED);
	CHECK_EQ(finish(process), 1);
}

TEST(rights_on_processes_are_minded)
{
	PROCESS_INFORMATION process = start("stay", "", FALSE, 0, NULL, NULL, NULL);
	HANDLE waits = OpenProcess(SYNCHRONIZE, FALSE, process.dwProcessId);
	HANDLE asks = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, process.dwProcessId);
	DWORD code;

	CHECK_FAILS(GetExitCodeProcess(waits, &code), ERROR_ACCESS_DENIED);
	CHECK_FAILS(TerminateProcess(asks, 1), ERROR_ACCESS_DENIED);
	CHECK_WORKS(GetExitCodeProcess(asks, &code));
	CHECK_EQ(WaitForSingleObject(asks, 0), WAIT_FAILED);
	CHECK(CloseHandle(waits));
	CHECK(CloseHandle(asks));
	CHECK_WORKS(TerminateProcess(process.hProcess, 9));
	CHECK_EQ(finish(process), 9);
}

TEST(own_process_is_active)
{
	DWORD code = 0;

	CHECK_WORKS(GetExitCodeProcess(GetCurrentProcess(), &code));
	CHECK_EQ(code, STILL_ACTIVE);
	CHECK_EQ(GetProcessId(GetCurrentProcess()), GetCurrentProcessId());
}

TEST(several_processes_end)
{
	HANDLE all[8];
	PROCESS_INFORMATION processes[8];

	for (int i = 0; i < 8; i++) {
		char code[8];

		snprintf(code, sizeof(code), "%d", i);
		processes[i] = start("exit_with", code, FALSE, 0, NULL, NULL, NULL);
		all[i] = processes[i].hProcess;
	}
	CHECK_EQ(WaitForMultipleObjects(8, all, TRUE, INFINITE), WAIT_OBJECT_0);
	for (int i = 0; i < 8; i++)
		CHECK_EQ(finish(processes[i]), i);
}

TEST(times_of_a_process)
{
	FILETIME created, ended, kernel, user, now;

	REQUIRE_WORKS(GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel, &user));
	GetSystemTimeAsFileTime(&now);
	CHECK_EQ(CompareFileTime(&created, &now), -1);
	CHECK_EQ(kernel.dwHighDateTime, 0);
	CHECK_EQ(user.dwHighDateTime, 0);
}

/* ---- arguments ---- */

/* By the rules of Microsoft's C library. */
static const struct { const char *line, *arguments[4]; } lines[] = {
	{ "a b", { "a", "b" } }, { "\"a b\" c", { "a b", "c" } }, { "a\\\\b", { "a\\\\b" } },
	{ "a\\\"b c", { "a\"b", "c" } }, { "\"a\\\\\" b", { "a\\", "b" } }, { "\"a\\\\\\\"b\" c", { "a\\\"b", "c" } },
	{ "\"\" a", { "", "a" } }, { "a\"b c\"d e", { "ab cd", "e" } }, { "  a \t b  ", { "a", "b" } },
	{ "\"a b\\\\\" c", { "a b\\", "c" } }, { "\"ab\"\"c\" d", { "ab\"c", "d" } },
};

CHILD(check_arguments)
{
	const char *const *want = lines[atoi(check_argument(0))].arguments;
	int n = 0;

	for (; want[n]; n++) {
		CHECK(check_argument(n + 1) != NULL);
		CHECK(check_argument(n + 1) && strcmp(check_argument(n + 1), want[n]) == 0);
	}
	CHECK(check_argument(n + 1) == NULL);
}

TEST(lines_are_taken_apart)
{
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char rest[256];

		check_row("%s", lines[i].line);
		snprintf(rest, sizeof(rest), "%u %s", (unsigned)i, lines[i].line);
		CHECK_EQ(run("check_arguments", rest), 0);
	}
}

CHILD(check_line)
{
	CHECK(strstr(GetCommandLineA(), " --child check_line \"two words\" ") != NULL);
}

TEST(line_is_told_as_one)
{
	CHECK_EQ(run("check_line", "\"two words\" \"\""), 0);
}

/* ---- environment and directory ---- */

CHILD(check_variable)
{
	char value[256] = "";

	GetEnvironmentVariableA(check_argument(0), value, sizeof(value));
	CHECK_EQ(strcmp(value, check_argument(1)), 0);
}

TEST(environment_is_inherited)
{
	CHECK_WORKS(SetEnvironmentVariableA("FILEMAP_TEST", "mine"));
	CHECK_EQ(run("check_variable", "FILEMAP_TEST mine"), 0);
}

/* Windows' own libraries do not start without some of theirs. */
static char *block_with(const char *more, size_t length)
{
	static char block[65536];
	LPWSTR all = GetEnvironmentStringsW();
	char *to = block;

	for (const WCHAR *at = all; *at; at++) {
		do
			*to++ = (char)*at;
		while (*at++);
		at--;
	}
	memcpy(to, more, length);
	to[length] = 0;
	CHECK(FreeEnvironmentStringsW(all));
	return block;
}

TEST(environment_is_given)
{
	static const char more[] = "FILEMAP_GIVEN=one";
	char *block = block_with(more, sizeof(more));
	static WCHAR wide_block[65536];
	size_t length = 0;

	check_row("narrow");
	CHECK_EQ(finish(start("check_variable", "FILEMAP_GIVEN one", FALSE, 0, block, NULL, NULL)), 0);
	check_row("wide");
	while (block[length] || block[length + 1])
		length++;
	for (size_t i = 0; i < length + 2; i++)
		wide_block[i] = (WCHAR)(unsigned char)block[i];
	CHECK_EQ(finish(start("check_variable", "FILEMAP_GIVEN one", FALSE, CREATE_UNICODE_ENVIRONMENT, wide_block, NULL,
			      NULL)), 0);
}

CHILD(check_directory_has)
{
	CHECK(GetFileAttributesA(check_argument(0)) != INVALID_FILE_ATTRIBUTES);
}

TEST(directory_is_given)
{
	REQUIRE(CreateDirectoryA(path_of("inside"), NULL));
	CHECK(CloseHandle(file_of("inside/mark", 1, GENERIC_READ)));
	CHECK_EQ(finish(start("check_directory_has", "mark", FALSE, 0, NULL, path_of("inside"), NULL)), 0);
}

/* ---- handles ---- */

CHILD(set_event)
{
	HANDLE event = handle_of(check_argument(0));

	SetLastError(UNTOUCHED);
	if (!SetEvent(event))
		ExitProcess(GetLastError());
}

TEST(handles_are_inherited_by_number)
{
	static const struct { const char *name; BOOL handle, process; DWORD code; } cases[] = {
		{ "both want it", TRUE, TRUE, 0 }, { "the handle does not", FALSE, TRUE, ERROR_INVALID_HANDLE },
		{ "the call does not", TRUE, FALSE, ERROR_INVALID_HANDLE },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		SECURITY_ATTRIBUTES attributes = { sizeof(attributes), NULL, cases[i].handle };
		HANDLE event = CreateEventA(&attributes, TRUE, FALSE, NULL);

		check_row("%s", cases[i].name);
		CHECK_EQ(finish(start("set_event", handle_text(event), cases[i].process, 0, NULL, NULL, NULL)),
			 cases[i].code);
		CHECK_EQ(WaitForSingleObject(event, 0), cases[i].code ? WAIT_TIMEOUT : WAIT_OBJECT_0);
		CHECK(CloseHandle(event));
	}
}

CHILD(write_output)
{
	DWORD done;

	CHECK_WORKS(WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), "out", 3, &done, NULL));
	CHECK_WORKS(WriteFile(GetStdHandle(STD_ERROR_HANDLE), "error", 5, &done, NULL));
}

TEST(standard_handles_are_given)
{
	STARTUPINFOA startup = { .cb = sizeof(startup), .dwFlags = STARTF_USESTDHANDLES };
	HANDLE out = file_of("out", 0, GENERIC_RW), error = file_of("error", 0, GENERIC_RW);

	CHECK(SetHandleInformation(out, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
	CHECK(SetHandleInformation(error, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
	startup.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
	startup.hStdOutput = out;
	startup.hStdError = error;
	CHECK_EQ(finish(start("write_output", "", TRUE, 0, NULL, NULL, &startup)), 0);
	CHECK_EQ(file_length(out), 3);
	CHECK_EQ(file_length(error), 5);
	CHECK_EQ(file_byte(error, 0), 'e');
	CHECK(CloseHandle(out));
	CHECK(CloseHandle(error));
}

TEST(process_handle_can_be_inherited)
{
	SECURITY_ATTRIBUTES attributes = { sizeof(attributes), NULL, TRUE };
	STARTUPINFOA startup = { .cb = sizeof(startup) };
	PROCESS_INFORMATION process;
	char line[4200];
	DWORD flags = 0;

	REQUIRE(GetModuleFileNameA(NULL, program, sizeof(program)) > 0);
	snprintf(line, sizeof(line), "\"%s\" --child exit_with 0", program);
	REQUIRE_WORKS(CreateProcessA(program, line, &attributes, NULL, FALSE, 0, NULL, NULL, &startup, &process));
	CHECK_WORKS(GetHandleInformation(process.hProcess, &flags));
	CHECK_EQ(flags, HANDLE_FLAG_INHERIT);
	CHECK_WORKS(GetHandleInformation(process.hThread, &flags));
	CHECK_EQ(flags, 0);
	CHECK_EQ(finish(process), 0);
}

/* ---- refusals ---- */

static BOOL try(const char *name, const char *line_text, const char *directory, DWORD flags)
{
	STARTUPINFOA startup = { .cb = sizeof(startup) };
	PROCESS_INFORMATION process;
	char line[4200];

	snprintf(line, sizeof(line), "%s", line_text ? line_text : "");
	return CreateProcessA(name, line_text ? line : NULL, NULL, NULL, FALSE, flags, NULL, directory, &startup, &process);
}

TEST(programs_that_are_none)
{
	REQUIRE(CreateDirectoryA(path_of("directory"), NULL));
	check_row("missing");
	CHECK_FAILS(try(path_of("missing"), NULL, NULL, 0), ERROR_FILE_NOT_FOUND);
	check_row("missing directory");
	CHECK_FAILS(try(path_of("missing/program"), NULL, NULL, 0), ERROR_PATH_NOT_FOUND);
	check_row("directory");
	CHECK_FAILS(try(path_of("directory"), NULL, NULL, 0), ERROR_ACCESS_DENIED);
	check_row("missing in a line");
	CHECK_FAILS(try(NULL, "no-such-program-anywhere and more", NULL, 0), ERROR_FILE_NOT_FOUND);
	check_row("empty line");
	CHECK_FAILS(try(NULL, "", NULL, 0), ERROR_FILE_NOT_FOUND);
}

TEST(directory_must_exist)
{
	REQUIRE(GetModuleFileNameA(NULL, program, sizeof(program)) > 0);
	CHECK_FAILS(try(program, NULL, path_of("missing"), 0), ERROR_DIRECTORY);
}

TEST(wide_calls_are_the_same)
{
	STARTUPINFOW startup = { .cb = sizeof(startup) };
	PROCESS_INFORMATION process;
	WCHAR line[4200];
	char text[4200];
	size_t length;

	REQUIRE(GetModuleFileNameA(NULL, program, sizeof(program)) > 0);
	length = (size_t)snprintf(text, sizeof(text), "\"%s\" --child exit_with 12", program);
	for (size_t i = 0; i <= length; i++)
		line[i] = (WCHAR)(unsigned char)text[i];
	REQUIRE_WORKS(CreateProcessW(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process));
	CHECK_EQ(finish(process), 12);
}
