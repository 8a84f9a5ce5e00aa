/* SPDX-License-Identifier: MIT */
/* Security descriptors that speak of further users and groups: the access lists of what is made with them. */
#include <grp.h>
#include <sddl.h>
#include <sys/xattr.h>

#include "fault.h"
#include "name_help.h"
#include "port.h"

#define MEMBER "S-1-22-1-12345" /* a user ... */
#define TEAM "S-1-22-2-23456"   /* ... and a group that this process is not */
enum { MEMBER_ID = 12345, TEAM_ID = 23456, STRANGER_ID = 34567 };

static const char attribute[] = "system.posix_acl_access";

/* The list of @path as "6 u12345=4 0 g23456=6 m6 o0", without one its permission bits as "644". */
static const char *list_on(const char *path)
{
	static char text[1024];
	struct { uint16_t tag, bits; uint32_t id; } entry;
	char bytes[1024];
	ssize_t size = lgetxattr(path, attribute, bytes, sizeof(bytes));
	size_t used = 0;
	struct stat st;

	REQUIRE_EQ(lstat(path, &st), 0);
	if (size < 0) {
		snprintf(text, sizeof(text), "%o", st.st_mode & 07777);
		return text;
	}
	for (ssize_t at = 4; at < size; at += (ssize_t)sizeof(entry)) {
		memcpy(&entry, bytes + at, sizeof(entry));
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s", used ? " " : "");
		if (entry.tag == 2 || entry.tag == 8)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%c%u=", entry.tag == 2 ? 'u' : 'g', entry.id);
		else if (entry.tag != 1 && entry.tag != 4)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%c", entry.tag == 16 ? 'm' : 'o');
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%u", entry.bits);
	}
	if (st.st_mode & 07000)
		snprintf(text + used, sizeof(text) - used, " t");
	return text;
}

static void check_list(const char *path, const char *wanted)
{
	const char *got = list_on(path);

	if (strcmp(got, wanted) != 0)
		check_failed(__FILE__, __LINE__, "\"%s\", expected \"%s\"", got, wanted);
}

/* A namespace of this test's own on a file system that keeps lists. */
static void listed_world(void)
{
	static const struct { uint32_t version; struct { uint16_t tag, bits; uint32_t id; } entries[5]; } list = {
		2, { { 1, 6, ~0u }, { 2, 4, MEMBER_ID }, { 4, 0, ~0u }, { 16, 4, ~0u }, { 32, 0, ~0u } },
	};
	char path[512];

	name_settled_world();
	REQUIRE_EQ(chmod(check_directory(), 0755), 0);
	snprintf(path, sizeof(path), "%s/probe", check_directory());
	name_write_file(path, "", 0);
	if (setxattr(path, attribute, &list, sizeof(list), 0) != 0)
		check_skip("the file system of the tests keeps no access lists");
	REQUIRE_EQ(unlink(path), 0);
}

static SECURITY_ATTRIBUTES security_of(const char *text)
{
	SECURITY_ATTRIBUTES security = { .nLength = sizeof(security) };

	REQUIRE(ConvertStringSecurityDescriptorToSecurityDescriptorA(text, SDDL_REVISION_1,
								     &security.lpSecurityDescriptor, NULL));
	return security;
}

static HANDLE section_of(const char *name, const char *text)
{
	SECURITY_ATTRIBUTES security = security_of(text);
	HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, &security, PAGE_READWRITE, 0, 4096, name);

	LocalFree(security.lpSecurityDescriptor);
	return section;
}

/* ---- what lists become ---- */

TEST(lists_for_sections)
{
	static const struct { const char *text, *list; } cases[] = {
		{ "D:(A;;GA;;;CO)(A;;GR;;;" MEMBER ")", "6 u12345=4 0 m4 o0" },
		{ "D:(A;;GA;;;CO)(A;;GRGW;;;" MEMBER ")(A;;GR;;;" TEAM ")", "6 u12345=6 0 g23456=4 m6 o0" },
		{ "D:(A;;GA;;;CO)(A;;GR;;;" TEAM ")(A;;GR;;;S-1-22-2-7)(A;;GR;;;S-1-22-1-9)(A;;GR;;;" MEMBER ")",
		  "6 u9=4 u12345=4 0 g7=4 g23456=4 m4 o0" },
		{ "D:(A;;GA;;;CO)(A;;GR;;;WD)(A;;GW;;;" TEAM ")", "6 4 g23456=6 m6 o4" },
		{ "D:(A;;GA;;;CO)(A;;GR;;;" MEMBER ")(A;;GW;;;" MEMBER ")", "6 u12345=6 0 m6 o0" },
		{ "D:(A;;GA;;;CO)(A;;RC;;;" MEMBER ")", "6 u12345=0 0 m0 o0" },
		{ "D:(D;;GA;;;" MEMBER ")(A;;GA;;;WD)", "6 u12345=0 6 m6 o6" },
		{ "D:(D;;GW;;;" MEMBER ")(A;;GA;;;WD)", "6 u12345=4 6 m6 o6" },
		{ "D:(A;;GR;;;" MEMBER ")(D;;GA;;;" MEMBER ")(A;;GA;;;WD)", "6 u12345=4 6 m6 o6" },
		{ "D:(A;;GA;;;" MEMBER ")(D;;GA;;;" MEMBER ")(A;;GA;;;CO)", "6 u12345=6 0 m6 o0" },
		{ "D:(A;;GA;;;CO)(A;;GR;;;" MEMBER ")(D;;GA;;;WD)(A;;GA;;;" MEMBER ")", "6 u12345=4 0 m4 o0" },
		{ "D:(A;;GA;;;CO)(A;;GR;;;" TEAM ")(D;;GA;;;" TEAM ")", "6 0 g23456=4 m4 o0" },
		{ "D:(A;;GA;;;CO)(A;;GA;;;SY)(A;;GR;;;" MEMBER ")", "6 u12345=4 0 m4 o0" },
		{ "D:(A;;GA;;;CO)(A;OICIIO;GA;;;" MEMBER ")", "600" },
		{ "D:(D;;GA;;;AN)(D;;GA;;;BG)(A;;GA;;;AU)(A;;GA;;;BA)", "666" },
		{ "D:(A;;GA;;;CO)(D;;GW;;;WD)(A;;GA;;;WD)", "644" },
	};
	listed_world();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE section = section_of("Global\\listed", cases[i].text);

		check_row("%s", cases[i].text);
		REQUIRE(section != NULL);
		check_list(name_on_disk("Global\\listed"), cases[i].list);
		CHECK(CloseHandle(section));
		CHECK(!name_is_on_disk("Global\\listed"));
	}
}

TEST(lists_that_no_bits_say)
{
	static const char *const cases[] = {
		"D:(A;;GA;;;CO)(A;;GW;;;" MEMBER ")",                 /* writes and does not read */
		"D:(A;;GR;;;CO)(A;;GR;;;" MEMBER ")",                 /* the owner always writes */
		"D:(A;;GA;;;" MEMBER ")",
		"D:(D;;GA;;;" TEAM ")(A;;GA;;;WD)",                   /* members could be of the other group, too */
		"D:(A;;GA;;;CO)(D;;GR;;;" TEAM ")(A;;GR;;;" MEMBER ")",
		"D:(D;;GA;;;CO)(A;;GA;;;WD)",
		"D:(D;;GA;;;SY)(A;;GA;;;WD)",                         /* root may as it is */
		"D:(D;;0x8;;;" MEMBER ")(A;;GA;;;WD)",                /* executing has no bit of its own */
		"D:(A;;GA;;;CO)(A;;GR;;;S-1-5-21-1-2-3-1001)",        /* who is that? */
		"D:(D;;GA;;;S-1-5-21-1-2-3-1001)(A;;GA;;;WD)",
		"D:(A;;GA;;;CO)(A;;GR;;;S-1-22-3-12345)", "D:(A;;GA;;;CO)(A;;GR;;;S-1-22-1-4294967295)",
		"D:(A;;GA;;;CO)(A;;GR;;;S-1-22-1-12345-1)",
	};
	listed_world();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i]);
		SetLastError(0);
		CHECK(!section_of("Global\\listed", cases[i]));
		CHECK_EQ(GetLastError(), ERROR_NOT_SUPPORTED);
		CHECK(!name_is_on_disk("Global\\listed"));
	}
}

TEST(creator_group_is_this_processs)
{
	char wanted[64];
	HANDLE section;

	listed_world();
	snprintf(wanted, sizeof(wanted), "6 0 g%u=4 m4 o0", (unsigned)getegid());
	section = section_of("Global\\listed", "D:(A;;GA;;;CO)(A;;GR;;;CG)");
	REQUIRE(section != NULL);
	check_list(name_on_disk("Global\\listed"), wanted);
	CHECK(CloseHandle(section));
}

TEST(as_many_as_there_is_room_for)
{
	char text[4096] = "D:(A;;GA;;;CO)";
	HANDLE section;
	size_t used = strlen(text);

	listed_world();
	for (unsigned i = 0; i < ACL_MOST; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "(A;;GR;;;S-1-22-1-%u)", 100000 - i);
	section = section_of("Global\\listed", text);
	REQUIRE(section != NULL);
	CHECK_EQ(lgetxattr(name_on_disk("Global\\listed"), attribute, NULL, 0), 4 + 8 * (ACL_MOST + 4));
	CHECK(CloseHandle(section));
	snprintf(text + used, sizeof(text) - used, "(A;;GR;;;S-1-22-1-%u)", 200000);
	CHECK(!section_of("Global\\listed", text));
	CHECK_EQ(GetLastError(), ERROR_NOT_SUPPORTED);
}

TEST(lists_of_local_names_stay_this_users)
{
	HANDLE section;

	listed_world();
	section = section_of("listed", "D:(A;;GA;;;CO)(A;;GR;;;" MEMBER ")");
	REQUIRE(section != NULL);
	check_list(name_on_disk("listed"), "600");
	CHECK(CloseHandle(section));
}

TEST(lists_for_mutexes_and_events) /* whoever waits writes */
{
	static const struct { const char *text, *mutex, *event; } cases[] = {
		{ "D:(A;;GA;;;CO)(A;;GA;;;" MEMBER ")", "6 u12345=6 0 m6 o0", "6 u12345=6 0 m6 o0" },
		{ "D:(A;;0x1f0003;;;CO)(A;;0x100002;;;" MEMBER ")", "6 u12345=6 0 m6 o0", "6 u12345=6 0 m6 o0" },
		{ "D:(A;;GA;;;CO)(A;;0x100000;;;" MEMBER ")", "6 u12345=6 0 m6 o0", NULL },
		{ "D:(A;;GA;;;CO)(A;;GR;;;" MEMBER ")", "6 u12345=0 0 m0 o0", "6 u12345=0 0 m0 o0" },
	};
	listed_world();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		SECURITY_ATTRIBUTES security = security_of(cases[i].text);
		HANDLE mutex = CreateMutexA(&security, FALSE, "Global\\mutex");
		HANDLE event = CreateEventA(&security, FALSE, FALSE, "Global\\event");

		check_row("%s", cases[i].text);
		REQUIRE(mutex != NULL);
		check_list(name_on_disk("Global\\mutex"), cases[i].mutex);
		CHECK(CloseHandle(mutex));
		CHECK_EQ(event != NULL, cases[i].event != NULL);
		if (event) {
			check_list(name_on_disk("Global\\event"), cases[i].event);
			CHECK(CloseHandle(event));
		}
		LocalFree(security.lpSecurityDescriptor);
	}
}

/* ---- files and directories ---- */

static const char *file_path(const char *name)
{
	static char ring[4][512];
	static unsigned next;
	char *path = ring[next++ % 4];

	snprintf(path, sizeof(ring[0]), "%s/%s", check_directory(), name);
	return path;
}

static HANDLE file_of(const char *name, const char *text, DWORD disposition, DWORD flags)
{
	SECURITY_ATTRIBUTES security = security_of(text);
	HANDLE file = CreateFileA(file_path(name), GENERIC_READ | GENERIC_WRITE, 0, &security, disposition, flags, NULL);

	LocalFree(security.lpSecurityDescriptor);
	return file;
}

TEST(lists_for_files)
{
	static const struct { const char *text; DWORD flags; const char *list; } cases[] = {
		{ "D:(A;;FA;;;CO)(A;;FR;;;" MEMBER ")", 0, "6 u12345=4 0 m4 o0" },
		{ "D:(A;;FA;;;CO)(A;;FRFW;;;" MEMBER ")(A;;FR;;;WD)", 0, "6 u12345=6 4 m6 o4" },
		{ "D:(A;;FA;;;CO)(A;;FRFW;;;" MEMBER ")", FILE_ATTRIBUTE_READONLY, "4 u12345=6 0 m4 o0" },
		{ "D:(A;;FA;;;CO)(A;;FW;;;" MEMBER ")", 0, "6 u12345=2 0 m2 o0" },
		{ "D:(A;;GA;;;CO)(A;;GR;;;WD)", 0, "644" },
		{ "D:(A;;GA;;;CO)", 0, "600" },
		{ "D:NO_ACCESS_CONTROL", 0, "666" },
		{ "D:(A;;FA;;;CO)(A;;0x4;;;" MEMBER ")", 0, NULL }, /* appends only */
		{ "D:(D;;SD;;;" MEMBER ")(A;;FA;;;WD)", 0, NULL },  /* removing is the directory's affair */
		{ "D:", 0, NULL },
	};
	listed_world();
	umask(077);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE file = file_of("file", cases[i].text, CREATE_NEW, cases[i].flags);

		check_row("%s", cases[i].text);
		CHECK_EQ(file != INVALID_HANDLE_VALUE, cases[i].list != NULL);
		if (file == INVALID_HANDLE_VALUE) {
			CHECK_EQ(GetLastError(), ERROR_NOT_SUPPORTED);
			CHECK_EQ(access(file_path("file"), F_OK), -1);
			continue;
		}
		check_list(file_path("file"), cases[i].list);
		CHECK(CloseHandle(file));
		CHECK_EQ(unlink(file_path("file")), 0);
	}
}

TEST(read_only_and_back_gives_nobody_more)
{
	static const struct { const char *text, *list; } cases[] = {
		{ "D:(A;;FA;;;CO)(A;;FR;;;WD)", "644" },
		{ "D:(A;;FA;;;CO)(A;;FR;;;" MEMBER ")(A;;FR;;;WD)", "6 u12345=4 4 m4 o4" },
	};
	listed_world();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE file = file_of("file", cases[i].text, CREATE_NEW, 0);

		check_row("%s", cases[i].text);
		REQUIRE(file != INVALID_HANDLE_VALUE);
		CHECK(CloseHandle(file));
		CHECK(SetFileAttributesA(file_path("file"), FILE_ATTRIBUTE_READONLY));
		CHECK(SetFileAttributesA(file_path("file"), FILE_ATTRIBUTE_NORMAL));
		check_list(file_path("file"), cases[i].list);
		CHECK_EQ(unlink(file_path("file")), 0);
	}
}

TEST(what_exists_keeps_its_list)
{
	static const DWORD dispositions[] = { OPEN_EXISTING, OPEN_ALWAYS, CREATE_ALWAYS, TRUNCATE_EXISTING };
	HANDLE file;

	listed_world();
	file = file_of("file", "D:(A;;FA;;;CO)(A;;FR;;;" MEMBER ")", CREATE_NEW, 0);
	REQUIRE(file != INVALID_HANDLE_VALUE);
	CHECK(CloseHandle(file));
	for (size_t i = 0; i < ARRAY_SIZE(dispositions); i++) {
		check_row("disposition %u", (unsigned)dispositions[i]);
		file = file_of("file", "D:(A;;GA;;;WD)", dispositions[i], 0);
		REQUIRE(file != INVALID_HANDLE_VALUE);
		CHECK(CloseHandle(file));
		check_list(file_path("file"), "6 u12345=4 0 m4 o0");
	}
}

TEST(opening_what_exists_asks_nothing_of_the_list)
{
	HANDLE file;

	listed_world();
	name_write_file(file_path("file"), "", 0);
	file = file_of("file", "D:(A;;GR;;;S-1-5-21-1-2-3-1001)", OPEN_EXISTING, 0);
	CHECK(file != INVALID_HANDLE_VALUE);
	CHECK(CloseHandle(file));
}

TEST(replacement_takes_the_list_of_what_it_replaces)
{
	HANDLE file;

	listed_world();
	file = file_of("old", "D:(A;;FA;;;CO)(A;;FRFW;;;" MEMBER ")", CREATE_NEW, 0);
	REQUIRE(file != INVALID_HANDLE_VALUE);
	CHECK(CloseHandle(file));
	name_write_file(file_path("new"), "new", 3);
	CHECK(ReplaceFileA(file_path("old"), file_path("new"), NULL, 0, NULL, NULL));
	check_list(file_path("old"), "6 u12345=6 0 m6 o0");
	check_row("a list that cannot be told");
	name_write_file(file_path("new"), "new", 3);
	REQUIRE_EQ(chmod(file_path("new"), 0666), 0);
	fault_arm("fgetxattr", 1, FAULT_ONCE, EIO);
	CHECK(ReplaceFileA(file_path("old"), file_path("new"), NULL, 0, NULL, NULL));
	CHECK(fault_disarm());
	check_list(file_path("old"), "600");
}

TEST(lists_for_directories)
{
	static const struct { const char *text, *list; } cases[] = {
		{ "D:(A;;FA;;;CO)(A;;FR;;;" MEMBER ")", "7 u12345=5 0 m5 o0" },
		{ "D:(A;;FA;;;CO)(A;;FA;;;" MEMBER ")", "7 u12345=7 0 m7 o0" },
		{ "D:(A;;FA;;;CO)(A;;FRFW;;;" MEMBER ")", "7 u12345=7 0 m7 o0 t" }, /* adds, and removes what is its own */
		{ "D:(A;;FA;;;CO)(A;;0x20;;;" TEAM ")", "7 0 g23456=1 m1 o0" },
		{ "D:(A;;FA;;;CO)(A;;FRFW;;;WD)", "1777" },
		{ "D:(A;;GA;;;WD)", "777" }, { "D:NO_ACCESS_CONTROL", "777" }, { "D:(A;;GA;;;CO)", "700" },
		{ "D:(A;;GA;;;CO)(A;;GR;;;WD)", "755" },
		{ "D:(A;;FA;;;CO)(A;;0x2;;;" MEMBER ")", NULL }, /* files, and no directories */
		{ "D:(D;;FA;;;" TEAM ")(A;;FA;;;WD)", NULL },
	};
	listed_world();
	umask(077);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		SECURITY_ATTRIBUTES security = security_of(cases[i].text);

		check_row("%s", cases[i].text);
		SetLastError(0);
		CHECK_EQ(CreateDirectoryA(file_path("directory"), &security), cases[i].list != NULL);
		LocalFree(security.lpSecurityDescriptor);
		if (!cases[i].list) {
			CHECK_EQ(GetLastError(), ERROR_NOT_SUPPORTED);
			CHECK_EQ(access(file_path("directory"), F_OK), -1);
			continue;
		}
		check_list(file_path("directory"), cases[i].list);
		CHECK_EQ(rmdir(file_path("directory")), 0);
	}
}

TEST(entries_are_not_inherited)
{
	SECURITY_ATTRIBUTES security = security_of("D:(A;OICI;FA;;;CO)(A;OICI;FR;;;" MEMBER ")");
	HANDLE file;

	listed_world();
	umask(022);
	REQUIRE(CreateDirectoryA(file_path("directory"), &security));
	check_list(file_path("directory"), "7 u12345=5 0 m5 o0");
	file = CreateFileA(file_path("directory/file"), GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
	REQUIRE(file != INVALID_HANDLE_VALUE);
	check_list(file_path("directory/file"), "644");
	CHECK(CloseHandle(file));
	LocalFree(security.lpSecurityDescriptor);
}

/* ---- who gets in ---- */

static int open_as(uid_t user, gid_t group, DWORD access, const char *name)
{
	pid_t child = fork();
	int status;

	REQUIRE(child >= 0);
	if (child == 0) {
		if (setgroups(0, NULL) || setgid(group) || setuid(user))
			_exit(255);
		_exit(OpenFileMappingA(access, FALSE, name) ? 0 : (int)GetLastError());
	}
	REQUIRE_EQ(waitpid(child, &status, 0), child);
	REQUIRE(WIFEXITED(status));
	return WEXITSTATUS(status);
}

TEST(another_user_gets_what_the_list_says)
{
	static const struct { uid_t user; gid_t group; DWORD access; int error; } cases[] = {
		{ MEMBER_ID, MEMBER_ID, FILE_MAP_READ, 0 }, { MEMBER_ID, MEMBER_ID, FILE_MAP_WRITE, ERROR_ACCESS_DENIED },
		{ STRANGER_ID, TEAM_ID, FILE_MAP_WRITE, 0 }, { STRANGER_ID, STRANGER_ID, FILE_MAP_READ, ERROR_ACCESS_DENIED },
		{ STRANGER_ID, 0, FILE_MAP_READ, ERROR_ACCESS_DENIED }, /* of the file's own group */
		{ MEMBER_ID, TEAM_ID, FILE_MAP_WRITE, ERROR_ACCESS_DENIED }, /* narrower than Windows: the user decides */
	};
	HANDLE section;

	if (geteuid() != 0)
		check_skip("only root can become another user");
	listed_world();
	section = section_of("Global\\listed", "D:(A;;GA;;;CO)(A;;GR;;;" MEMBER ")(A;;GRGW;;;" TEAM ")");
	REQUIRE(section != NULL);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("user %u, group %u, access %u", cases[i].user, cases[i].group, (unsigned)cases[i].access);
		CHECK_EQ(open_as(cases[i].user, cases[i].group, cases[i].access, "Global\\listed"), cases[i].error);
	}
	CHECK(CloseHandle(section));
}

TEST(another_user_who_is_denied_stays_out)
{
	HANDLE section;

	if (geteuid() != 0)
		check_skip("only root can become another user");
	listed_world();
	section = section_of("Global\\listed", "D:(D;;GA;;;" MEMBER ")(A;;GA;;;WD)");
	REQUIRE(section != NULL);
	CHECK_EQ(open_as(MEMBER_ID, STRANGER_ID, FILE_MAP_READ, "Global\\listed"), ERROR_ACCESS_DENIED);
	CHECK_EQ(open_as(STRANGER_ID, STRANGER_ID, FILE_MAP_WRITE, "Global\\listed"), 0);
	CHECK(CloseHandle(section));
}

/* ---- the protocol ---- */

static bool note_entry(const fm_entry *entry, void *context)
{
	*(fm_entry *)context = *entry;
	return true;
}

TEST(listed_object_of_another_process_is_like_any_other)
{
	int ready[2], status;
	fm_entry entry = { 0 };
	char byte;
	HANDLE section;
	pid_t child;

	listed_world();
	REQUIRE_EQ(pipe2(ready, O_CLOEXEC), 0);
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		if (!section_of("Global\\listed", "D:(A;;GA;;;CO)(A;;GRGW;;;" MEMBER ")(A;;GR;;;WD)") || write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	REQUIRE_EQ(read(ready[0], &byte, 1), 1);
	section = section_of("Global\\listed", "D:(A;;GA;;;CO)");
	REQUIRE(section != NULL);
	CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
	check_list(name_on_disk("Global\\listed"), "6 u12345=6 4 m6 o4");
	CHECK_EQ(fm_namespace_list(FM_GLOBAL, note_entry, &entry), FM_OK);
	CHECK_EQ(entry.mode, 0644); /* of its own group, not the mask */
	CHECK(entry.listed);
	CHECK(entry.alive);
	CHECK_EQ(kill(child, SIGKILL), 0);
	REQUIRE_EQ(waitpid(child, &status, 0), child);
	CHECK(CloseHandle(section));
	CHECK(!name_is_on_disk("Global\\listed"));
}

/* ---- what fails ---- */

static DWORD make_section(void)
{
	HANDLE section = section_of("Global\\listed", "D:(A;;GA;;;CO)(A;;GR;;;" MEMBER ")");

	return section && CloseHandle(section) ? 0 : GetLastError();
}

static DWORD make_file(void)
{
	HANDLE file = file_of("file", "D:(A;;GA;;;CO)(A;;GR;;;" MEMBER ")", CREATE_NEW, 0);

	if (file == INVALID_HANDLE_VALUE || !CloseHandle(file))
		return GetLastError();
	unlink(file_path("file"));
	return 0;
}

static DWORD make_directory(void)
{
	SECURITY_ATTRIBUTES security = security_of("D:(A;;GA;;;CO)(A;;FRFW;;;" MEMBER ")");
	BOOL made = CreateDirectoryA(file_path("directory"), &security);
	DWORD error = made ? 0 : GetLastError();

	LocalFree(security.lpSecurityDescriptor);
	if (made)
		rmdir(file_path("directory"));
	return error;
}

TEST(no_lists_on_this_file_system)
{
	static DWORD (*const makers[])(void) = { make_section, make_file, make_directory };

	listed_world();
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
		check_row("%zu", i);
		fault_arm("fsetxattr", 1, FAULT_FROM, EOPNOTSUPP);
		CHECK_EQ(makers[i](), ERROR_NOT_SUPPORTED);
		CHECK(fault_disarm());
		CHECK(!name_is_on_disk("Global\\listed"));
		CHECK_EQ(access(file_path("file"), F_OK), -1);
		CHECK_EQ(access(file_path("directory"), F_OK), -1);
	}
}

TEST(each_failed_call_leaves_nothing)
{
	static DWORD (*const makers[])(void) = { make_section, make_file, make_directory };
	static const int errors[] = { ENOSPC, EACCES, EINTR, EIO, ENOSYS };

	listed_world();
	for (size_t i = 0; i < ARRAY_SIZE(makers) * ARRAY_SIZE(errors); i++) {
		DWORD (*make)(void) = makers[i / ARRAY_SIZE(errors)];
		int error = errors[i % ARRAY_SIZE(errors)];
		bool fired = true;

		check_row("%zu, errno %d", i / ARRAY_SIZE(errors), error);
		CHECK_EQ(make(), 0);
		for (unsigned nth = 1; fired; nth++) {
			struct fault_world before = fault_world();

			fault_arm("*", nth, FAULT_ONCE, error);
			(void)make(); /* may fail */
			fired = fault_disarm();
			unlink(file_path("file")); /* by a handle's close that failed to ask */
			CHECK_EQ(make(), 0);
			CHECK_SAME_WORLD(before);
			REQUIRE(nth < 200);
		}
	}
}

TEST(nobody_ever_sees_a_name_without_its_list)
{
	for (int kind = FAULT_KILL_BEFORE; kind <= FAULT_KILL_AFTER; kind++) {
		int status = 0;

		for (unsigned nth = 1; !WIFEXITED(status) || nth == 1; nth++) {
			pid_t child;

			listed_world();
			child = fork();
			REQUIRE(child >= 0);
			if (child == 0) {
				fault_arm("*", nth, (enum fault_kind)kind, 0);
				_exit(section_of("Global\\listed", "D:(A;;GA;;;CO)(A;;GR;;;" MEMBER ")") ? 0 : 1);
			}
			REQUIRE_EQ(waitpid(child, &status, 0), child);
			if (name_is_on_disk("Global\\listed"))
				check_list(name_on_disk("Global\\listed"), "6 u12345=4 0 m4 o0");
			CHECK_EQ(make_section(), 0);
			REQUIRE(nth < 200);
		}
	}
}
