/* SPDX-License-Identifier: MIT */
/* Security descriptors of named sections become permission bits, or are refused. */
#include <sys/stat.h>

#include <filemap/win32/windows.h>

#include "name_help.h"

struct who {
	BYTE authority;
	BYTE count;
	DWORD parts[2];
};

static const struct who world = { 1, 1, { 0 } }, owner = { 3, 1, { 0 } }, system_itself = { 5, 1, { 18 } },
			administrators = { 5, 2, { 32, 544 } }, somebody = { 5, 2, { 21, 7 } };

struct entry {
	const struct who *who;
	BYTE type;
	DWORD mask;
};

/* A list in @memory. */
static ACL *list_of(void *memory, const struct entry *entries, size_t count)
{
	ACL *list = memory;
	char *at = (char *)(list + 1);

	list->AclRevision = ACL_REVISION;
	for (size_t i = 0; i < count; i++) {
		ACCESS_ALLOWED_ACE *entry = (ACCESS_ALLOWED_ACE *)(void *)at;
		SID *sid = (SID *)(void *)&entry->SidStart;
		size_t size = offsetof(ACCESS_ALLOWED_ACE, SidStart) + offsetof(SID, SubAuthority) +
			      entries[i].who->count * sizeof(DWORD);

		entry->Header = (ACE_HEADER){ .AceType = entries[i].type, .AceSize = (WORD)size };
		entry->Mask = entries[i].mask;
		sid->Revision = 1;
		sid->SubAuthorityCount = entries[i].who->count;
		sid->IdentifierAuthority.Value[5] = entries[i].who->authority;
		memcpy((char *)sid + offsetof(SID, SubAuthority), entries[i].who->parts,
		       entries[i].who->count * sizeof(DWORD));
		at += size;
		list->AceCount++;
	}
	list->AclSize = (WORD)(at - (char *)list);
	return list;
}

/* The mode of a Global\ section made with it, or minus the error. */
static int mode_with(SECURITY_DESCRIPTOR *descriptor)
{
	SECURITY_ATTRIBUTES attributes = { sizeof(attributes), descriptor, FALSE };
	char name[128];
	struct stat st;
	HANDLE section;

	snprintf(name, sizeof(name), "Global\\%s", check_name("secured"));
	section = CreateFileMappingA(INVALID_HANDLE_VALUE, &attributes, PAGE_READWRITE, 0, 4096, name);
	if (!section)
		return -(int)GetLastError();
	REQUIRE_EQ(stat(name_on_disk(name), &st), 0);
	CHECK(CloseHandle(section));
	return (int)(st.st_mode & 0777);
}

TEST(descriptor_without_a_list)
{
	SECURITY_DESCRIPTOR descriptor = { .Revision = SECURITY_DESCRIPTOR_REVISION };

	name_world();
	check_row("no descriptor");
	CHECK_EQ(mode_with(NULL), 0600);
	check_row("no list present");
	CHECK_EQ(mode_with(&descriptor), 0600);
	check_row("NULL list: everyone");
	descriptor.Control = SE_DACL_PRESENT;
	CHECK_EQ(mode_with(&descriptor), 0666);
	check_row("self-relative, offset 0: everyone");
	descriptor.Control = SE_DACL_PRESENT | SE_SELF_RELATIVE;
	CHECK_EQ(mode_with(&descriptor), 0666);
	check_row("revision 2");
	descriptor.Revision = 2;
	CHECK_EQ(mode_with(&descriptor), -ERROR_UNKNOWN_REVISION);
}

TEST(lists_become_modes_or_are_refused)
{
	static const struct { const char *name; struct entry entries[3]; size_t count; int mode; } cases[] = {
		{ "everyone all", { { &world, 0, GENERIC_ALL } }, 1, 0666 },
		{ "rFactor's", { { &system_itself, 0, GENERIC_ALL }, { &administrators, 0, GENERIC_ALL },
				 { &world, 0, GENERIC_ALL } }, 3, 0666 },
		{ "owner all, everyone reads", { { &owner, 0, GENERIC_ALL }, { &world, 0, GENERIC_READ } }, 2, 0644 },
		{ "owner all", { { &owner, 0, FILE_MAP_ALL_ACCESS } }, 1, 0600 },
		{ "owner reads", { { &owner, 0, GENERIC_READ } }, 1, -ERROR_NOT_SUPPORTED },
		{ "everyone writes only", { { &owner, 0, GENERIC_ALL }, { &world, 0, FILE_MAP_WRITE } }, 2,
		  -ERROR_NOT_SUPPORTED },
		{ "system alone", { { &system_itself, 0, GENERIC_ALL } }, 1, -ERROR_NOT_SUPPORTED },
		{ "somebody else", { { &owner, 0, GENERIC_ALL }, { &somebody, 0, GENERIC_READ } }, 2,
		  -ERROR_NOT_SUPPORTED },
		{ "denied", { { &world, 1, GENERIC_ALL }, { &owner, 0, GENERIC_ALL } }, 2, -ERROR_NOT_SUPPORTED },
		{ "empty", { { NULL, 0, 0 } }, 0, -ERROR_NOT_SUPPORTED },
	};
	name_world();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_Alignas(8) char memory[256] = { 0 };
		SECURITY_DESCRIPTOR descriptor = { .Revision = SECURITY_DESCRIPTOR_REVISION, .Control = SE_DACL_PRESENT,
						   .Dacl = list_of(memory, cases[i].entries, cases[i].count) };

		check_row("%s", cases[i].name);
		CHECK_EQ(mode_with(&descriptor), cases[i].mode);
	}
}

TEST(malformed_lists_are_refused)
{
	_Alignas(8) char memory[256] = { 0 };
	const struct entry entry = { &world, 0, GENERIC_ALL };
	SECURITY_DESCRIPTOR descriptor = { .Revision = SECURITY_DESCRIPTOR_REVISION, .Control = SE_DACL_PRESENT,
					   .Dacl = list_of(memory, &entry, 1) };
	ACE_HEADER *header = (ACE_HEADER *)(void *)(memory + sizeof(ACL));
	WORD size = header->AceSize;

	name_world();
	check_row("more entries than bytes");
	descriptor.Dacl->AceCount = 2;
	CHECK_EQ(mode_with(&descriptor), -ERROR_INVALID_ACL);
	check_row("entry of no size");
	header->AceSize = 0;
	CHECK_EQ(mode_with(&descriptor), -ERROR_INVALID_ACL);
	check_row("entry past the end");
	header->AceSize = 255;
	CHECK_EQ(mode_with(&descriptor), -ERROR_INVALID_ACL);
	check_row("list shorter than its head");
	header->AceSize = size;
	descriptor.Dacl->AclSize = 4;
	CHECK_EQ(mode_with(&descriptor), -ERROR_INVALID_ACL);
}

TEST(local_names_stay_this_users)
{
	SECURITY_DESCRIPTOR descriptor = { .Revision = SECURITY_DESCRIPTOR_REVISION, .Control = SE_DACL_PRESENT };
	SECURITY_ATTRIBUTES attributes = { sizeof(attributes), &descriptor, FALSE };
	const char *name = check_name("local");
	struct stat st;
	HANDLE section;

	name_world();
	section = CreateFileMappingA(INVALID_HANDLE_VALUE, &attributes, PAGE_READWRITE, 0, 4096, name);
	REQUIRE(section != NULL);
	REQUIRE_EQ(stat(name_on_disk(name), &st), 0);
	CHECK_EQ(st.st_mode & 0777, 0600);
	CHECK(CloseHandle(section));
}
