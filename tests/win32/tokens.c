/* SPDX-License-Identifier: MIT */
/* The process token, privileges by name, and adjusting them. */
#include "support.h"

#define ENABLED_FROM_START (SE_PRIVILEGE_ENABLED | SE_PRIVILEGE_ENABLED_BY_DEFAULT)

static HANDLE own_token(DWORD access)
{
	HANDLE token = NULL;

	REQUIRE_WORKS(OpenProcessToken(GetCurrentProcess(), access, &token));
	return token;
}

static TOKEN_PRIVILEGES one(const char *name, DWORD attributes)
{
	TOKEN_PRIVILEGES privileges = { .PrivilegeCount = 1 };

	REQUIRE_WORKS(LookupPrivilegeValueA(NULL, name, &privileges.Privileges[0].Luid));
	privileges.Privileges[0].Attributes = attributes;
	return privileges;
}

/* The last error of a call that works. */
static DWORD adjusted(HANDLE token, BOOL all, TOKEN_PRIVILEGES *privileges)
{
	SetLastError(UNTOUCHED);
	REQUIRE(AdjustTokenPrivileges(token, all, privileges, 0, NULL, NULL));
	return GetLastError();
}

TEST(token_of_this_process_opens)
{
	HANDLE process = OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, GetCurrentProcessId()), token = NULL;

	check_row("pseudo handle");
	CHECK_WORKS(CloseHandle(own_token(TOKEN_QUERY)));
	check_row("handle");
	REQUIRE(process != NULL);
	REQUIRE_WORKS(OpenProcessToken(process, TOKEN_QUERY, &token));
	CHECK_WORKS(CloseHandle(token));
	check_row("closed");
	CHECK_FAILS(CloseHandle(token), ERROR_INVALID_HANDLE);
	CHECK_WORKS(CloseHandle(process));
}

TEST(token_needs_a_process)
{
	HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL), token = NULL;
	HANDLE blind = OpenProcess(SYNCHRONIZE, FALSE, GetCurrentProcessId());

	REQUIRE(event != NULL && blind != NULL);
	check_row("NULL");
	CHECK_FAILS(OpenProcessToken(NULL, TOKEN_QUERY, &token), ERROR_INVALID_HANDLE);
	check_row("event");
	CHECK_FAILS(OpenProcessToken(event, TOKEN_QUERY, &token), ERROR_INVALID_HANDLE);
	check_row("without a right to ask");
	CHECK_FAILS(OpenProcessToken(blind, TOKEN_QUERY, &token), ERROR_ACCESS_DENIED);
	check_row("no place for the token");
	CHECK_FAILS(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, NULL), ERROR_NOACCESS);
	CHECK(token == NULL);
	CHECK_WORKS(CloseHandle(event));
	CHECK_WORKS(CloseHandle(blind));
}

TEST(privileges_have_numbers)
{
	static const struct { const char *name; DWORD number; } cases[] = {
		{ "SeLockMemoryPrivilege", 4 }, { "selockmemoryprivilege", 4 }, { "SeSecurityPrivilege", 8 },
		{ "SeProfileSingleProcessPrivilege", 13 }, { "SeBackupPrivilege", 17 }, { "SeRestorePrivilege", 18 },
		{ "SeDebugPrivilege", 20 }, { "SECHANGENOTIFYPRIVILEGE", 23 }, { "SeManageVolumePrivilege", 28 },
		{ "SeCreateGlobalPrivilege", 30 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		LUID narrow_luid = { .LowPart = UNTOUCHED, .HighPart = -1 }, wide_luid = narrow_luid;

		check_row("%s", cases[i].name);
		REQUIRE_WORKS(LookupPrivilegeValueA(NULL, cases[i].name, &narrow_luid));
		REQUIRE_WORKS(LookupPrivilegeValueW(NULL, wide(cases[i].name), &wide_luid));
		CHECK_EQ(narrow_luid.LowPart, cases[i].number);
		CHECK_EQ(narrow_luid.HighPart, 0);
		CHECK_EQ(memcmp(&narrow_luid, &wide_luid, sizeof(LUID)), 0);
	}
}

TEST(other_names_are_no_privileges)
{
	LUID luid;

	check_row("narrow");
	CHECK_FAILS(LookupPrivilegeValueA(NULL, "SeNoSuchPrivilege", &luid), ERROR_NO_SUCH_PRIVILEGE);
	check_row("wide");
	CHECK_FAILS(LookupPrivilegeValueW(NULL, wide("SeNoSuchPrivilege"), &luid), ERROR_NO_SUCH_PRIVILEGE);
	check_row("empty");
	CHECK_FAILS(LookupPrivilegeValueA(NULL, "", &luid), ERROR_NO_SUCH_PRIVILEGE);
	check_row("another system");
	CHECK_FAILS(LookupPrivilegeValueA("\\\\no-such-host.invalid", "SeDebugPrivilege", &luid),
		    RPC_S_SERVER_UNAVAILABLE);
}

TEST(one_privilege_is_held)
{
	HANDLE token = own_token(TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY);
	TOKEN_PRIVILEGES held = one("SeChangeNotifyPrivilege", SE_PRIVILEGE_ENABLED);
	TOKEN_PRIVILEGES other = one("SeLockMemoryPrivilege", SE_PRIVILEGE_ENABLED), before = { .PrivilegeCount = UNTOUCHED };
	DWORD size = 0;

	check_row("the one");
	CHECK_EQ(adjusted(token, FALSE, &held), ERROR_SUCCESS);
	check_row("another");
	CHECK_EQ(adjusted(token, FALSE, &other), ERROR_NOT_ALL_ASSIGNED);
	check_row("what changed");
	CHECK(AdjustTokenPrivileges(token, FALSE, &other, sizeof(before), &before, &size));
	CHECK_EQ(GetLastError(), ERROR_NOT_ALL_ASSIGNED);
	CHECK_EQ(before.PrivilegeCount, 0);
	CHECK_WORKS(CloseHandle(token));
}

TEST(previous_state_restores)
{
	HANDLE token = own_token(TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY);
	TOKEN_PRIVILEGES before = { .PrivilegeCount = UNTOUCHED }, after = before;
	DWORD size = 0;

	check_row("all off");
	REQUIRE_WORKS(AdjustTokenPrivileges(token, TRUE, NULL, sizeof(before), &before, &size));
	CHECK_EQ(size, sizeof(before));
	CHECK_EQ(before.PrivilegeCount, 1);
	CHECK_EQ(before.Privileges[0].Luid.LowPart, 23);
	CHECK_EQ(before.Privileges[0].Attributes, ENABLED_FROM_START);
	check_row("nothing left to put off");
	CHECK_EQ(adjusted(token, TRUE, NULL), ERROR_SUCCESS);
	check_row("on again");
	REQUIRE_WORKS(AdjustTokenPrivileges(token, FALSE, &before, sizeof(after), &after, &size));
	CHECK_EQ(after.PrivilegeCount, 1);
	CHECK_EQ(after.Privileges[0].Attributes, SE_PRIVILEGE_ENABLED_BY_DEFAULT);
	CHECK_WORKS(CloseHandle(token));
}

TEST(adjusting_is_refused)
{
	HANDLE query = own_token(TOKEN_QUERY), change = own_token(TOKEN_ADJUST_PRIVILEGES);
	HANDLE both = own_token(TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY);
	TOKEN_PRIVILEGES on = one("SeChangeNotifyPrivilege", SE_PRIVILEGE_ENABLED), before;
	DWORD size = 0;

	check_row("without the right");
	CHECK_FAILS(AdjustTokenPrivileges(query, FALSE, &on, 0, NULL, NULL), ERROR_ACCESS_DENIED);
	check_row("without the right to ask");
	CHECK_FAILS(AdjustTokenPrivileges(change, FALSE, &on, sizeof(before), &before, &size), ERROR_ACCESS_DENIED);
	check_row("no token");
	CHECK_FAILS(AdjustTokenPrivileges(NULL, FALSE, &on, 0, NULL, NULL), ERROR_INVALID_HANDLE);
	check_row("no privileges");
	CHECK_FAILS(AdjustTokenPrivileges(both, FALSE, NULL, 0, NULL, NULL), ERROR_INVALID_PARAMETER);
	check_row("no room for what was");
	CHECK_FAILS(AdjustTokenPrivileges(both, TRUE, NULL, sizeof(DWORD), &before, &size), ERROR_INSUFFICIENT_BUFFER);
	CHECK_EQ(size, sizeof(before));
	check_row("and nothing was changed");
	REQUIRE_WORKS(AdjustTokenPrivileges(both, FALSE, &on, sizeof(before), &before, &size));
	CHECK_EQ(before.PrivilegeCount, 0);
	CHECK_WORKS(CloseHandle(query));
	CHECK_WORKS(CloseHandle(change));
	CHECK_WORKS(CloseHandle(both));
}
