/* SPDX-License-Identifier: MIT */
/*
 * Security descriptors as far as permission bits go: owner, and everybody else. What a list says beyond
 * that is refused, never widened.
 */
#include "mapping.h"
#include "os.h"

/* Who an entry speaks of. */
enum who { WHO_EVERYONE, WHO_OWNER, WHO_ROOT, WHO_OTHER };

static const struct {
	BYTE authority;
	BYTE count;
	DWORD parts[2];
	enum who who;
} known[] = {
	{ 1, 1, { 0 }, WHO_EVERYONE },       /* world */
	{ 5, 1, { 11 }, WHO_EVERYONE },      /* authenticated users */
	{ 3, 1, { 0 }, WHO_OWNER },          /* creator owner */
	{ 3, 1, { 4 }, WHO_OWNER },          /* owner rights */
	{ 5, 1, { 18 }, WHO_ROOT },          /* local system: root may everything as it is */
	{ 5, 2, { 32, 544 }, WHO_ROOT },     /* administrators */
};

static enum who who_is(const SID *sid, size_t size)
{
	size_t parts = sid->SubAuthorityCount;
	DWORD part[2] = { 0, 0 };

	if (sid->Revision != 1 || size < offsetof(SID, SubAuthority) + parts * sizeof(DWORD))
		return WHO_OTHER;
	if (parts == 0 || parts > RTL_NUMBER_OF(part))
		return WHO_OTHER;
	memcpy(part, sid->SubAuthority, parts * sizeof(DWORD));
	for (unsigned i = 0; i < 5; i++)
		if (sid->IdentifierAuthority.Value[i])
			return WHO_OTHER;
	for (unsigned i = 0; i < RTL_NUMBER_OF(known); i++)
		if (known[i].authority == sid->IdentifierAuthority.Value[5] && known[i].count == parts &&
		    memcmp(known[i].parts, part, parts * sizeof(DWORD)) == 0)
			return known[i].who;
	if (sid->IdentifierAuthority.Value[5] == 22 && parts == 2 && part[0] == 1 && part[1] == os_uid())
		return WHO_OWNER; /* S-1-22-1-uid, as Samba writes users */
	return WHO_OTHER;
}

static uint32_t bits_of(ACCESS_MASK mask)
{
	uint32_t rights = section_rights(mask);

	return (rights & SECTION_MAP_READ ? 4u : 0) | (rights & SECTION_MAP_WRITE ? 2u : 0);
}

static fm_status read_entry(const ACE_HEADER *entry, uint32_t *owner, uint32_t *everyone)
{
	const ACCESS_ALLOWED_ACE *allowed = (const ACCESS_ALLOWED_ACE *)entry;
	size_t before_sid = offsetof(ACCESS_ALLOWED_ACE, SidStart);

	if (entry->AceFlags & INHERIT_ONLY_ACE)
		return FM_OK; /* not for this object, and none is inside it */
	if (entry->AceType != ACCESS_ALLOWED_ACE_TYPE)
		return FM_E_NOT_SUPPORTED;
	if (entry->AceSize < before_sid + offsetof(SID, SubAuthority))
		return FM_E_INVALID_ACL;
	switch (who_is((const SID *)&allowed->SidStart, entry->AceSize - before_sid)) {
	case WHO_EVERYONE:
		*everyone |= bits_of(allowed->Mask);
		return FM_OK;
	case WHO_OWNER:
		*owner |= bits_of(allowed->Mask);
		return FM_OK;
	case WHO_ROOT:
		return FM_OK;
	default:
		return FM_E_NOT_SUPPORTED;
	}
}

/* The owner of an entry in the namespace always may read and write it, so a list must say so too. */
static fm_status read_list(const ACL *list, uint32_t *ret_mode)
{
	uint32_t owner = 0, everyone = 0;
	size_t at = sizeof(*list);
	fm_status status = FM_OK;

	for (unsigned i = 0; !status_failed(status) && i < list->AceCount; i++) {
		const ACE_HEADER *entry = (const ACE_HEADER *)((const char *)list + at);

		if (list->AclSize < at + sizeof(*entry) || list->AclSize - at < entry->AceSize ||
		    entry->AceSize < sizeof(*entry))
			return FM_E_INVALID_ACL;
		status = read_entry(entry, &owner, &everyone);
		at += entry->AceSize;
	}
	if (status_failed(status))
		return status;
	if ((owner | everyone) != 6 || everyone == 2)
		return FM_E_NOT_SUPPORTED;
	*ret_mode = 0600 | everyone << 3 | everyone;
	return FM_OK;
}

static const ACL *list_of(const SECURITY_DESCRIPTOR *descriptor)
{
	DWORD offset;

	if (!(descriptor->Control & SE_SELF_RELATIVE))
		return descriptor->Dacl;
	memcpy(&offset, (const char *)descriptor + 16, sizeof(offset));
	return offset ? (const ACL *)((const char *)descriptor + offset) : NULL;
}

fm_status security_mode(const void *memory, bool named, uint32_t *ret_mode, bool *ret_sealed)
{
	const SECURITY_DESCRIPTOR *descriptor = memory;
	const ACL *list;

	*ret_mode = 0; /* the default: the owner */
	*ret_sealed = false;
	if (!descriptor)
		return FM_OK;
	if (descriptor->Revision != SECURITY_DESCRIPTOR_REVISION)
		return FM_E_UNKNOWN_REVISION;
	if (!(descriptor->Control & SE_DACL_PRESENT))
		return FM_OK;
	list = list_of(descriptor);
	if (!list) {
		*ret_mode = 0666; /* no list at all: everybody may everything */
		return FM_OK;
	}
	if (list->AclSize < sizeof(*list))
		return FM_E_INVALID_ACL;
	if (list->AceCount == 0 && !named) {
		*ret_sealed = true;
		return FM_OK;
	}
	return read_list(list, ret_mode);
}
