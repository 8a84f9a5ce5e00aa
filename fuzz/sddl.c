/* SPDX-License-Identifier: MIT */
/*
 * Security descriptors as text: what is taken is a valid descriptor of the length told; and a section made with
 * it lets nobody in whom Windows would keep out.
 */
#include "fuzz.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <windows.h>
#include <sddl.h>
#include <securitybaseapi.h>

enum { NOBODY = 0x7ffffff1, IDS = 16 };

/* Somebody: a user and at most two groups. */
struct somebody {
	DWORD user, groups[2];
	BOOL owner;
};

struct attribute {
	uint32_t version;
	struct { uint16_t tag, bits; uint32_t id; } entries[IDS * 4];
};

static BOOL sid_is(const SID *sid, BYTE authority, BYTE count, DWORD first, DWORD second)
{
	static const BYTE zero[5];
	DWORD parts[2] = { 0, 0 };

	if (sid->SubAuthorityCount != count || memcmp(sid->IdentifierAuthority.Value, zero, 5) != 0)
		return FALSE;
	memcpy(parts, (const char *)sid + 8, count * sizeof(DWORD));
	return sid->IdentifierAuthority.Value[5] == authority && parts[0] == first && (count < 2 || parts[1] == second);
}

static BOOL concerns(const SID *sid, const struct somebody *who)
{
	for (unsigned i = 0; i < 2; i++)
		if (sid_is(sid, 22, 2, 2, who->groups[i]) || (who->groups[i] == getegid() && sid_is(sid, 3, 1, 1, 0)))
			return TRUE;
	return sid_is(sid, 1, 1, 0, 0) || sid_is(sid, 5, 1, 11, 0) || sid_is(sid, 22, 2, 1, who->user) ||
	       (who->owner && (sid_is(sid, 3, 1, 0, 0) || sid_is(sid, 3, 1, 4, 0)));
}

/* As Windows walks a list: the first entry that speaks of a right and of who asks decides. */
static BOOL windows_grants(const ACL *list, const struct somebody *who, ACCESS_MASK right, ACCESS_MASK generic)
{
	const char *at = (const char *)(list + 1);

	for (unsigned i = 0; i < list->AceCount; i++) {
		const ACCESS_ALLOWED_ACE *entry = (const ACCESS_ALLOWED_ACE *)(const void *)at;

		at += entry->Header.AceSize;
		if (!(entry->Header.AceFlags & INHERIT_ONLY_ACE) && (entry->Mask & (right | generic | GENERIC_ALL)) &&
		    concerns((const SID *)(const void *)&entry->SidStart, who))
			return entry->Header.AceType == ACCESS_ALLOWED_ACE_TYPE;
	}
	return FALSE;
}

static unsigned named_bits(const struct attribute *list, size_t count, unsigned tag, DWORD id)
{
	for (size_t i = 0; i < count; i++)
		if (list->entries[i].tag == tag && (list->entries[i].id == id || !(tag & 0xa)))
			return list->entries[i].bits;
	return 8; /* none */
}

/* As the kernel does: the owner's bits, the user's, those of any of his groups, everybody's. */
static BOOL kernel_grants(const struct attribute *list, size_t count, const struct somebody *who, unsigned bit)
{
	unsigned mask = named_bits(list, count, 16, 0), bits = named_bits(list, count, 2, who->user);
	BOOL member = FALSE;

	if (who->owner)
		return (named_bits(list, count, 1, 0) & bit) != 0;
	if (bits != 8)
		return (bits & mask & bit) != 0;
	for (unsigned i = 0; i < 2; i++) {
		bits = who->groups[i] == getegid() ? named_bits(list, count, 4, 0) : 8;
		if (bits != 8 && (bits & mask & bit))
			return TRUE;
		member |= bits != 8;
		bits = named_bits(list, count, 8, who->groups[i]);
		if (bits != 8 && (bits & mask & bit))
			return TRUE;
		member |= bits != 8;
	}
	return !member && (named_bits(list, count, 32, 0) & bit);
}

static size_t read_list(struct attribute *list)
{
	char path[512];
	struct stat st;
	ssize_t size;

	snprintf(path, sizeof(path), "%s/filemap-global/sddl", fuzz_root());
	ENSURE(stat(path, &st) == 0);
	size = getxattr(path, "system.posix_acl_access", list, sizeof(*list));
	if (size > 0)
		return ((size_t)size - sizeof(uint32_t)) / sizeof(list->entries[0]);
	for (unsigned i = 0; i < 3; i++) {
		list->entries[i].tag = i == 0 ? 1 : i == 1 ? 4 : 32;
		list->entries[i].bits = st.st_mode >> (6 - 3 * i) & 7;
	}
	list->entries[3].tag = 16;
	list->entries[3].bits = 7;
	return 4;
}

/* Everybody whom the section's list names, alone and in its groups; the owner; a stranger. */
static void nothing_is_widened(const ACL *said)
{
	struct attribute list = { 0 };
	size_t count = read_list(&list);
	DWORD users[IDS * 4] = { NOBODY }, groups[IDS * 4] = { NOBODY, getegid() };
	size_t user_count = 1, group_count = 2;

	for (size_t i = 0; i < count; i++) {
		if (list.entries[i].tag == 2 && user_count < IDS)
			users[user_count++] = list.entries[i].id;
		if (list.entries[i].tag == 8 && group_count < IDS)
			groups[group_count++] = list.entries[i].id;
	}
	for (size_t i = 0; i <= user_count * group_count * group_count; i++) {
		struct somebody who = { .user = users[i % user_count], .groups = { groups[i / user_count % group_count],
				       groups[i / user_count / group_count % group_count] } };

		who.owner = i == user_count * group_count * group_count;
		if (who.owner)
			who.user = geteuid();
		ENSURE(windows_grants(said, &who, SECTION_MAP_READ, GENERIC_READ) || !kernel_grants(&list, count, &who, 4));
		ENSURE(windows_grants(said, &who, SECTION_MAP_WRITE, GENERIC_WRITE) || !kernel_grants(&list, count, &who, 2));
	}
}

static void use(PSECURITY_DESCRIPTOR descriptor, ULONG size)
{
	SECURITY_ATTRIBUTES attributes = { sizeof(attributes), descriptor, FALSE };
	BOOL present = FALSE, defaulted = FALSE;
	PACL list = NULL;
	HANDLE mapping;

	ENSURE(IsValidSecurityDescriptor(descriptor));
	ENSURE(GetSecurityDescriptorLength(descriptor) == size);
	ENSURE(GetSecurityDescriptorDacl(descriptor, &present, &list, &defaulted));
	ENSURE(!present || !list || IsValidAcl(list));
	mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, &attributes, PAGE_READWRITE, 0, 4096, "Global\\sddl");
	if (!mapping)
		return; /* a list that the kernel's cannot express is refused */
	if (present && list)
		nothing_is_widened(list);
	ENSURE(CloseHandle(mapping));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PSECURITY_DESCRIPTOR descriptor = NULL;
	ULONG length = 0;
	char *text = malloc(size + 1);

	fuzz_root();
	ENSURE(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	SetLastError(0);
	if (ConvertStringSecurityDescriptorToSecurityDescriptorA(text, SDDL_REVISION_1, &descriptor, &length)) {
		use(descriptor, length);
		ENSURE(!LocalFree(descriptor));
	} else {
		ENSURE(!descriptor && GetLastError() != 0);
	}
	free(text);
	return 0;
}
