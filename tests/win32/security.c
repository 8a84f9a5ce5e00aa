/* SPDX-License-Identifier: MIT */
/* Descriptors, lists and identifiers in memory and as text; objects made with them. */
#include "support.h"

#include <sddl.h>

/* What mingw and Windows call the same; 2-byte fields may lie anywhere. */
static SECURITY_DESCRIPTOR_CONTROL control_of(PSECURITY_DESCRIPTOR descriptor)
{
	SECURITY_DESCRIPTOR_CONTROL control = 0;
	DWORD revision = 0;

	CHECK_WORKS(GetSecurityDescriptorControl(descriptor, &control, &revision));
	CHECK_EQ(revision, SECURITY_DESCRIPTOR_REVISION);
	return control;
}

static ACL *list_of(PSECURITY_DESCRIPTOR descriptor)
{
	BOOL present = FALSE, defaulted = FALSE;
	ACL *list = NULL;

	CHECK_WORKS(GetSecurityDescriptorDacl(descriptor, &present, &list, &defaulted));
	CHECK_EQ(present, TRUE);
	CHECK_EQ(defaulted, FALSE);
	return list;
}

static PSECURITY_DESCRIPTOR of_text(const char *text)
{
	PSECURITY_DESCRIPTOR descriptor = NULL;

	REQUIRE_WORKS(ConvertStringSecurityDescriptorToSecurityDescriptorA(text, SDDL_REVISION_1, &descriptor, NULL));
	CHECK_WORKS(IsValidSecurityDescriptor(descriptor));
	return descriptor;
}

/* The @n-th entry, all of which are ACCESS_ALLOWED_ACEs or the like. */
static const ACCESS_ALLOWED_ACE *entry_of(const ACL *list, unsigned n)
{
	const char *at = (const char *)(list + 1);

	while (n--)
		at += ((const ACE_HEADER *)at)->AceSize;
	return (const ACCESS_ALLOWED_ACE *)at;
}

static SID *everyone(void)
{
	SID_IDENTIFIER_AUTHORITY world = { SECURITY_WORLD_SID_AUTHORITY };
	PSID sid = NULL;

	REQUIRE_WORKS(AllocateAndInitializeSid(&world, 1, SECURITY_WORLD_RID, 0, 0, 0, 0, 0, 0, 0, &sid));
	return sid;
}

TEST(fresh_descriptor_has_no_list)
{
	SECURITY_DESCRIPTOR descriptor;
	BOOL present = TRUE, defaulted = TRUE;
	ACL *list = (ACL *)&descriptor;

	memset(&descriptor, 0x55, sizeof(descriptor));
	REQUIRE_WORKS(InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION));
	CHECK_EQ(control_of(&descriptor), 0);
	CHECK_WORKS(GetSecurityDescriptorDacl(&descriptor, &present, &list, &defaulted));
	CHECK_EQ(present, FALSE);
	CHECK_WORKS(IsValidSecurityDescriptor(&descriptor));
}

TEST(descriptor_has_one_revision)
{
	SECURITY_DESCRIPTOR descriptor;

	CHECK_FAILS(InitializeSecurityDescriptor(&descriptor, 2), ERROR_UNKNOWN_REVISION);
}

TEST(list_can_be_set_and_unset)
{
	SECURITY_DESCRIPTOR descriptor;
	char room[64];
	ACL *list = (ACL *)room;

	REQUIRE_WORKS(InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION));
	REQUIRE_WORKS(InitializeAcl(list, sizeof(room), ACL_REVISION));
	check_row("a list");
	CHECK_WORKS(SetSecurityDescriptorDacl(&descriptor, TRUE, list, FALSE));
	CHECK(list_of(&descriptor) == list);
	check_row("none");
	CHECK_WORKS(SetSecurityDescriptorDacl(&descriptor, TRUE, NULL, FALSE));
	CHECK(list_of(&descriptor) == NULL);
	check_row("not present");
	CHECK_WORKS(SetSecurityDescriptorDacl(&descriptor, FALSE, list, FALSE));
	CHECK_EQ(control_of(&descriptor), 0);
}

TEST(lists_need_room_and_a_revision)
{
	static char room[0x10010];
	ACL *list = (ACL *)room;

	CHECK_FAILS(InitializeAcl(list, sizeof(ACL) - 1, ACL_REVISION), ERROR_INSUFFICIENT_BUFFER);
	CHECK_FAILS(InitializeAcl(list, 0x10000, ACL_REVISION), ERROR_INVALID_PARAMETER);
	CHECK_FAILS(InitializeAcl(list, 64, 1), ERROR_INVALID_PARAMETER);
	CHECK_FAILS(InitializeAcl(list, 64, 5), ERROR_INVALID_PARAMETER);
	CHECK_WORKS(InitializeAcl(list, sizeof(ACL), ACL_REVISION));
	CHECK(IsValidAcl(list));
}

TEST(entries_are_appended_while_there_is_room)
{
	char room[sizeof(ACL) + 2 * 20];
	ACL *list = (ACL *)room;
	SID *sid = everyone();

	REQUIRE_WORKS(InitializeAcl(list, sizeof(room), ACL_REVISION));
	CHECK_WORKS(AddAccessAllowedAce(list, ACL_REVISION, GENERIC_READ, sid));
	CHECK_WORKS(AddAccessAllowedAceEx(list, ACL_REVISION, OBJECT_INHERIT_ACE, GENERIC_ALL, sid));
	CHECK_FAILS(AddAccessAllowedAce(list, ACL_REVISION, GENERIC_ALL, sid), ERROR_ALLOTTED_SPACE_EXCEEDED);
	CHECK_EQ(list->AceCount, 2);
	CHECK_EQ(entry_of(list, 0)->Mask, GENERIC_READ);
	CHECK_EQ(entry_of(list, 0)->Header.AceType, ACCESS_ALLOWED_ACE_TYPE);
	CHECK_EQ(entry_of(list, 1)->Mask, GENERIC_ALL);
	CHECK_EQ(entry_of(list, 1)->Header.AceFlags, OBJECT_INHERIT_ACE);
	CHECK(EqualSid((PSID)&entry_of(list, 1)->SidStart, sid));
	CHECK(IsValidAcl(list));
	FreeSid(sid);
}

TEST(entries_deny)
{
	char room[sizeof(ACL) + 2 * 20];
	ACL *list = (ACL *)room;
	SID *sid = everyone();

	REQUIRE_WORKS(InitializeAcl(list, sizeof(room), ACL_REVISION));
	CHECK_WORKS(AddAccessDeniedAce(list, ACL_REVISION, GENERIC_WRITE, sid));
	CHECK_WORKS(AddAccessDeniedAceEx(list, ACL_REVISION, INHERIT_ONLY_ACE, GENERIC_READ, sid));
	CHECK_FAILS(AddAccessDeniedAce(list, ACL_REVISION, GENERIC_ALL, sid), ERROR_ALLOTTED_SPACE_EXCEEDED);
	CHECK_EQ(entry_of(list, 0)->Header.AceType, ACCESS_DENIED_ACE_TYPE);
	CHECK_EQ(entry_of(list, 0)->Mask, GENERIC_WRITE);
	CHECK_EQ(entry_of(list, 1)->Header.AceType, ACCESS_DENIED_ACE_TYPE);
	CHECK_EQ(entry_of(list, 1)->Header.AceFlags, INHERIT_ONLY_ACE);
	CHECK(IsValidAcl(list));
	FreeSid(sid);
}

TEST(identifiers_have_parts)
{
	SID_IDENTIFIER_AUTHORITY authority = { SECURITY_NT_AUTHORITY };
	SID *first = everyone();
	PSID second = NULL;

	CHECK_EQ(GetLengthSid(first), 12);
	CHECK_EQ(GetSidLengthRequired(1), 12);
	REQUIRE_WORKS(AllocateAndInitializeSid(&authority, 2, SECURITY_BUILTIN_DOMAIN_RID, DOMAIN_ALIAS_RID_ADMINS,
					       0, 0, 0, 0, 0, 0, &second));
	CHECK(IsValidSid(second));
	CHECK_EQ(*GetSidSubAuthorityCount(second), 2);
	CHECK_EQ(*GetSidSubAuthority(second, 1), DOMAIN_ALIAS_RID_ADMINS);
	CHECK(!EqualSid(first, second));
	CHECK(EqualSid(second, second));
	CHECK_FAILS(AllocateAndInitializeSid(&authority, 9, 0, 0, 0, 0, 0, 0, 0, 0, &second), ERROR_INVALID_SID);
	FreeSid(first);
}

/* ---- text ---- */

TEST(text_of_a_telemetry_server) /* as the rF2 plugin writes it */
{
	PSECURITY_DESCRIPTOR descriptor = of_text("D:P(A;OICI;GA;;;SY)(A;OICI;GA;;;BA)(A;OICI;GA;;;WD)");
	const ACL *list = list_of(descriptor);
	SID *sid = everyone();

	CHECK_EQ(control_of(descriptor), SE_DACL_PRESENT | SE_DACL_PROTECTED | SE_SELF_RELATIVE);
	REQUIRE(list != NULL);
	CHECK_EQ(list->AceCount, 3);
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQ(entry_of(list, i)->Mask, GENERIC_ALL);
		CHECK_EQ(entry_of(list, i)->Header.AceFlags, OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE);
	}
	CHECK(EqualSid((PSID)&entry_of(list, 2)->SidStart, sid));
	FreeSid(sid);
	LocalFree(descriptor);
}

TEST(texts_without_entries)
{
	static const struct { const char *text; BOOL present, list; } cases[] = {
		{ "D:", TRUE, TRUE }, { "D:P", TRUE, TRUE }, { "D:NO_ACCESS_CONTROL", TRUE, FALSE }, { "O:SY", FALSE, FALSE },
		{ "", FALSE, FALSE },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		PSECURITY_DESCRIPTOR descriptor;
		BOOL present = FALSE, defaulted;
		ACL *list = NULL;

		check_row("%s", cases[i].text);
		descriptor = of_text(cases[i].text);
		CHECK_WORKS(GetSecurityDescriptorDacl(descriptor, &present, &list, &defaulted));
		CHECK_EQ(present, cases[i].present);
		CHECK_EQ(list != NULL, cases[i].list);
		LocalFree(descriptor);
	}
}

TEST(rights_in_text)
{
	static const struct { const char *text; DWORD mask; } cases[] = {
		{ "D:(A;;GA;;;WD)", GENERIC_ALL }, { "D:(A;;GRGW;;;WD)", GENERIC_READ | GENERIC_WRITE },
		{ "D:(A;;0x1f0003;;;WD)", 0x1f0003 }, { "D:(A;;FA;;;WD)", FILE_ALL_ACCESS },
		{ "D:(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;WD)", 0xf01ff }, { "D:(D;;GX;;;AN)", GENERIC_EXECUTE },
		{ "D:(A;;;;;WD)", 0 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].text);
		PSECURITY_DESCRIPTOR descriptor = of_text(cases[i].text);

		CHECK_EQ(entry_of(list_of(descriptor), 0)->Mask, cases[i].mask);
		CHECK_EQ(entry_of(list_of(descriptor), 0)->Header.AceType,
			 cases[i].text[3] == 'A' ? ACCESS_ALLOWED_ACE_TYPE : ACCESS_DENIED_ACE_TYPE);
		LocalFree(descriptor);
	}
}

TEST(identifiers_in_text)
{
	static const char *const texts[] = { "D:(A;;GA;;;WD)", "D:(A;;GA;;;S-1-1-0)" };
	SID *sid = everyone();

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		check_row("%s", texts[i]);
		PSECURITY_DESCRIPTOR descriptor = of_text(texts[i]);

		CHECK(EqualSid((PSID)&entry_of(list_of(descriptor), 0)->SidStart, sid));
		LocalFree(descriptor);
	}
	FreeSid(sid);
}

TEST(wide_text_is_the_same)
{
	PSECURITY_DESCRIPTOR narrow = NULL, descriptor = NULL;
	ULONG narrow_size = 0, size = 0;
	static const char text[] = "O:SYG:BAD:(A;;GA;;;WD)";

	REQUIRE_WORKS(ConvertStringSecurityDescriptorToSecurityDescriptorA(text, 1, &narrow, &narrow_size));
	REQUIRE_WORKS(ConvertStringSecurityDescriptorToSecurityDescriptorW(wide(text), 1, &descriptor, &size));
	CHECK_EQ(size, narrow_size);
	CHECK(size >= GetSecurityDescriptorLength(descriptor));
	CHECK_EQ(memcmp(descriptor, narrow, GetSecurityDescriptorLength(descriptor)), 0);
	LocalFree(narrow);
	LocalFree(descriptor);
}

TEST(malformed_text_is_refused)
{
	static const struct { const char *text; DWORD error; } cases[] = {
		{ "D:(A;;GA;;;XX)", ERROR_INVALID_SID }, { "D:(A;;GA;;;S-1-)", ERROR_INVALID_SID },
		{ "D:(A;;GA)", ERROR_INVALID_ACL }, { "D:(A;;GA;;;WD", ERROR_INVALID_ACL },
		{ "D:(A;ZZ;GA;;;WD)", ERROR_INVALID_ACL }, { "D:(A;;ZZ;;;WD)", ERROR_INVALID_ACL },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		PSECURITY_DESCRIPTOR descriptor = NULL;

		check_row("%s", cases[i].text);
		CHECK_FAILS(ConvertStringSecurityDescriptorToSecurityDescriptorA(cases[i].text, 1, &descriptor, NULL),
			    cases[i].error);
	}
}

TEST(text_has_one_revision)
{
	PSECURITY_DESCRIPTOR descriptor;

	CHECK_FAILS(ConvertStringSecurityDescriptorToSecurityDescriptorA("D:", 2, &descriptor, NULL),
		    ERROR_UNKNOWN_REVISION);
	CHECK_FAILS(ConvertStringSecurityDescriptorToSecurityDescriptorA(NULL, 1, &descriptor, NULL),
		    ERROR_INVALID_PARAMETER);
}

TEST(block_takes_no_list)
{
	PSECURITY_DESCRIPTOR descriptor = of_text("D:");

	CHECK_FAILS(SetSecurityDescriptorDacl(descriptor, TRUE, NULL, FALSE), ERROR_INVALID_SECURITY_DESCR);
	LocalFree(descriptor);
}

/* ---- objects ---- */

TEST(objects_are_made_with_descriptors)
{
	static const struct { const char *text; BOOL mutex; } cases[] = {
		{ "D:P(A;OICI;GA;;;SY)(A;OICI;GA;;;BA)(A;OICI;GA;;;WD)", TRUE }, { "D:NO_ACCESS_CONTROL", TRUE },
		{ "D:(A;;GA;;;CO)(A;;GR;;;WD)", FALSE },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		SECURITY_ATTRIBUTES attributes = { .nLength = sizeof(attributes) };
		HANDLE section, mutex;

		check_row("%s", cases[i].text);
		attributes.lpSecurityDescriptor = of_text(cases[i].text);
		section = CreateFileMappingA(INVALID_HANDLE_VALUE, &attributes, PAGE_READWRITE, 0, PAGE,
					     check_name("security"));
		CHECK(section != NULL);
		CHECK(CloseHandle(section));
		if (cases[i].mutex) {
			mutex = CreateMutexA(&attributes, FALSE, check_name("security"));
			CHECK(mutex != NULL);
			CHECK(CloseHandle(mutex));
		}
		LocalFree(attributes.lpSecurityDescriptor);
	}
}
