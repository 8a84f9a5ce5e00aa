/* SPDX-License-Identifier: MIT */
/*
 * Security descriptors as far as the kernel keeps them: permission bits, and a POSIX access list for further
 * users and groups. What a list says beyond that is refused, never widened.
 */
#include "security.h"

#include "os.h"
#include "win32.h"

/* Who an entry speaks of. */
enum who {
	WHO_EVERYONE, WHO_OWNER, WHO_USER, WHO_GROUP,
	WHO_ROOT,    /* may everything as it is */
	WHO_ABSENT,  /* no process here is that */
	WHO_UNKNOWN
};

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
	{ 5, 1, { 18 }, WHO_ROOT },          /* local system */
	{ 5, 2, { 32, 544 }, WHO_ROOT },     /* administrators */
	{ 5, 1, { 7 }, WHO_ABSENT },         /* anonymous */
	{ 5, 2, { 32, 546 }, WHO_ABSENT },   /* guests */
};

/* What the kinds of objects know as rights: GENERIC_MAPPING, and what each permission bit stands for. */
static const struct kind {
	ACCESS_MASK read, write, execute, all;
	ACCESS_MASK needs[3]; /* of the bits 1, 2 and 4: a bit grants all of this and nothing else */
} kinds[] = {
	[SECURED_SECTION] = { 0x20000 | SECTION_QUERY | SECTION_MAP_READ, 0x20000 | SECTION_MAP_WRITE,
			      0x20000 | SECTION_MAP_EXECUTE, SECTION_ALL_ACCESS, { 0, SECTION_MAP_WRITE, SECTION_MAP_READ } },
	/* Whoever waits writes, so that there is no reading alone. */
	[SECURED_MUTEX] = { STANDARD_RIGHTS_READ | 1, STANDARD_RIGHTS_WRITE, SYNCHRONIZE, 0x1f0001,
			    { 0, SYNCHRONIZE, SYNCHRONIZE } },
	[SECURED_STATE] = { STANDARD_RIGHTS_READ | 1, STANDARD_RIGHTS_WRITE | 2, SYNCHRONIZE, 0x1f0003,
			    { 0, SYNCHRONIZE | 2, SYNCHRONIZE | 2 } },
	[SECURED_FILE] = { FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_GENERIC_EXECUTE, FILE_ALL_ACCESS,
			   { 0, FILE_WRITE_DATA | FILE_APPEND_DATA, FILE_READ_DATA } },
	[SECURED_DIRECTORY] = { FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_GENERIC_EXECUTE, FILE_ALL_ACCESS,
				{ FILE_TRAVERSE, FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY, FILE_LIST_DIRECTORY } },
};

/* What entries have said of somebody so far; the first that speaks of a right decides. */
struct verdict {
	ACCESS_MASK granted, denied;
};

struct reading {
	const struct kind *kind;
	ACCESS_MASK group_denied; /* to the members of some group, who may be anybody */
	struct verdict owner, everyone, named[ACL_MOST];
	struct acl *acl;          /* the named; their verdicts are in the same order */
};

/* ---- whom ---- */

static enum who who_is(const SID *sid, size_t size, uint32_t *ret_id)
{
	size_t parts = sid->SubAuthorityCount;
	BYTE authority = sid->IdentifierAuthority.Value[5];
	DWORD part[2] = { 0, 0 };

	if (sid->Revision != 1 || size < offsetof(SID, SubAuthority) + parts * sizeof(DWORD))
		return WHO_UNKNOWN;
	if (parts == 0 || parts > RTL_NUMBER_OF(part))
		return WHO_UNKNOWN;
	memcpy(part, sid->SubAuthority, parts * sizeof(DWORD));
	for (unsigned i = 0; i < 5; i++)
		if (sid->IdentifierAuthority.Value[i])
			return WHO_UNKNOWN;
	for (unsigned i = 0; i < RTL_NUMBER_OF(known); i++)
		if (known[i].authority == authority && known[i].count == parts &&
		    memcmp(known[i].parts, part, parts * sizeof(DWORD)) == 0)
			return known[i].who;
	*ret_id = part[1];
	if (authority == 22 && parts == 2 && part[0] == 1 && part[1] != UINT32_MAX) /* as Samba writes users ... */
		return part[1] == os_uid() ? WHO_OWNER : WHO_USER;
	if (authority == 22 && parts == 2 && part[0] == 2 && part[1] != UINT32_MAX) /* ... and groups */
		return WHO_GROUP;
	*ret_id = os_gid();
	return authority == 3 && parts == 1 && part[0] == 1 ? WHO_GROUP : WHO_UNKNOWN; /* creator group */
}

/* The verdict on a user or group, which begins as everybody's. NULL: too many. */
static struct verdict *verdict_of(struct reading *reading, bool group, uint32_t id)
{
	struct acl *acl = reading->acl;
	unsigned before = acl->count;
	struct acl_entry *entry = acl_find(acl, group, id);
	size_t at;

	if (!entry)
		return NULL;
	at = (size_t)(entry - acl->entries);
	if (acl->count > before) {
		memmove(reading->named + at + 1, reading->named + at, (before - at) * sizeof(reading->named[0]));
		reading->named[at] = reading->everyone;
	}
	return &reading->named[at];
}

/* ---- what ---- */

static ACCESS_MASK rights_of(const struct kind *kind, ACCESS_MASK mask)
{
	return (mask & 0x01ffffffu) | (mask & GENERIC_READ ? kind->read : 0) | (mask & GENERIC_WRITE ? kind->write : 0) |
	       (mask & GENERIC_EXECUTE ? kind->execute : 0) | (mask & GENERIC_ALL ? kind->all : 0);
}

/* The rights that decide about bits. */
static ACCESS_MASK deciding(const struct kind *kind)
{
	return kind->needs[0] | kind->needs[1] | kind->needs[2] |
	       (kind == &kinds[SECURED_DIRECTORY] ? FILE_DELETE_CHILD : 0u);
}

static void decide(struct verdict *verdict, bool denies, ACCESS_MASK rights)
{
	if (denies)
		verdict->denied |= rights & ~verdict->granted;
	else
		verdict->granted |= rights & ~verdict->denied;
}

static fm_status enter_entry(struct reading *reading, enum who who, uint32_t id, bool denies, ACCESS_MASK rights)
{
	struct verdict *verdict;

	switch (who) {
	case WHO_EVERYONE:
		decide(&reading->owner, denies, rights);
		decide(&reading->everyone, denies, rights);
		for (unsigned i = 0; i < reading->acl->count; i++)
			decide(&reading->named[i], denies, rights);
		return FM_OK;
	case WHO_OWNER:
		decide(&reading->owner, denies, rights);
		return FM_OK;
	case WHO_USER:
	case WHO_GROUP:
		verdict = verdict_of(reading, who == WHO_GROUP, id);
		if (!verdict)
			return FM_E_NOT_SUPPORTED;
		decide(verdict, denies, rights);
		if (denies && who == WHO_GROUP) /* what it keeps, it has been granted before */
			reading->group_denied |= rights & ~verdict->granted;
		return FM_OK;
	default: /* nobody here, or root denied what it may as it is */
		return FM_E_NOT_SUPPORTED;
	}
}

static fm_status read_entry(struct reading *reading, const ACE_HEADER *header)
{
	const ACCESS_ALLOWED_ACE *entry = (const ACCESS_ALLOWED_ACE *)header;
	size_t before_sid = offsetof(ACCESS_ALLOWED_ACE, SidStart);
	bool denies = header->AceType == ACCESS_DENIED_ACE_TYPE;
	ACCESS_MASK rights;
	uint32_t id = 0;
	enum who who;

	if (header->AceFlags & INHERIT_ONLY_ACE)
		return FM_OK; /* not for this object, and nothing is made inside it */
	if (!denies && header->AceType != ACCESS_ALLOWED_ACE_TYPE)
		return FM_E_NOT_SUPPORTED;
	if (header->AceSize < before_sid + offsetof(SID, SubAuthority))
		return FM_E_INVALID_ACL;
	who = who_is((const SID *)&entry->SidStart, header->AceSize - before_sid, &id);
	rights = rights_of(reading->kind, entry->Mask);
	if (who == WHO_ABSENT || (who == WHO_ROOT && !denies))
		return FM_OK;
	if (denies && entry->Mask && !(rights & deciding(reading->kind)))
		return FM_E_NOT_SUPPORTED; /* no bit can be taken away for that */
	if (!denies && (rights & reading->group_denied & deciding(reading->kind)))
		return FM_E_NOT_SUPPORTED; /* a member of the group that was denied it would get it */
	return enter_entry(reading, who, id, denies, rights);
}

/* ---- as bits ---- */

static fm_status bits_of(const struct kind *kind, const struct verdict *verdict, uint8_t *ret_bits)
{
	const ACCESS_MASK traverse = kind->needs[0];
	uint8_t bits = 0;

	for (unsigned i = 0; i < RTL_NUMBER_OF(kind->needs); i++) {
		ACCESS_MASK needs = kind->needs[i], has = verdict->granted & needs;

		if (needs && has == needs)
			bits |= (uint8_t)(1u << i);
		else if (has)
			return FM_E_NOT_SUPPORTED; /* the bit would grant more */
	}
	if (bits && !(verdict->denied & traverse))
		bits |= traverse ? 1 : 0; /* Windows asks nobody who passes through */
	*ret_bits = bits;
	return FM_OK;
}

/* To add to a directory and not to remove what others have there: the sticky bit. */
static bool adds_only(const struct kind *kind, const struct verdict *verdict, uint8_t bits)
{
	return kind == &kinds[SECURED_DIRECTORY] && (bits & 2) && !(verdict->granted & FILE_DELETE_CHILD);
}

/* Names are opened for reading at least, and their owner always may read and write; so may that of a file. */
static bool can_be_said(const struct kind *kind, uint8_t bits)
{
	bool file = kind == &kinds[SECURED_FILE] || kind == &kinds[SECURED_DIRECTORY];

	return file || (bits & 6) != 2;
}

static fm_status conclude(const struct reading *reading)
{
	struct acl *acl = reading->acl;
	uint8_t owner, everyone, mask;
	fm_status status = bits_of(reading->kind, &reading->owner, &owner);
	bool sticky;

	if (!status_failed(status))
		status = bits_of(reading->kind, &reading->everyone, &everyone);
	if (status_failed(status))
		return status;
	if ((owner & 6) != 6 || !can_be_said(reading->kind, everyone))
		return FM_E_NOT_SUPPORTED;
	mask = everyone;
	sticky = adds_only(reading->kind, &reading->everyone, everyone);
	for (unsigned i = 0; i < acl->count; i++) {
		status = bits_of(reading->kind, &reading->named[i], &acl->entries[i].bits);
		if (status_failed(status) || !can_be_said(reading->kind, acl->entries[i].bits))
			return FM_E_NOT_SUPPORTED;
		mask |= acl->entries[i].bits;
		sticky = sticky || adds_only(reading->kind, &reading->named[i], acl->entries[i].bits);
	}
	acl->mode = (sticky ? 01000u : 0u) | (uint32_t)owner << 6 | (uint32_t)mask << 3 | everyone;
	return FM_OK;
}

static fm_status read_list(const ACL *list, const struct kind *kind, struct acl *acl)
{
	struct reading reading = { .kind = kind, .acl = acl };
	size_t at = sizeof(*list);
	fm_status status = FM_OK;

	for (unsigned i = 0; !status_failed(status) && i < list->AceCount; i++) {
		const ACE_HEADER *entry = (const ACE_HEADER *)((const char *)list + at);

		if (list->AclSize < at + sizeof(*entry) || list->AclSize - at < entry->AceSize ||
		    entry->AceSize < sizeof(*entry))
			return FM_E_INVALID_ACL;
		status = read_entry(&reading, entry);
		at += entry->AceSize;
	}
	return status_failed(status) ? status : conclude(&reading);
}

static const ACL *list_of(const SECURITY_DESCRIPTOR *descriptor)
{
	DWORD offset;

	if (!(descriptor->Control & SE_SELF_RELATIVE))
		return descriptor->Dacl;
	memcpy(&offset, (const char *)descriptor + 16, sizeof(offset));
	return offset ? (const ACL *)((const char *)descriptor + offset) : NULL;
}

fm_status security_acl(const void *memory, enum secured secured, bool named, struct acl *ret_acl, bool *ret_sealed)
{
	const SECURITY_DESCRIPTOR *descriptor = memory;
	const ACL *list;

	ret_acl->mode = 0; /* the default */
	ret_acl->count = 0;
	*ret_sealed = false;
	if (!descriptor)
		return FM_OK;
	if (descriptor->Revision != SECURITY_DESCRIPTOR_REVISION)
		return FM_E_UNKNOWN_REVISION;
	if (!(descriptor->Control & SE_DACL_PRESENT))
		return FM_OK;
	list = list_of(descriptor);
	if (!list) { /* no list at all: everybody may everything */
		ret_acl->mode = secured == SECURED_DIRECTORY ? 0777 : 0666;
		return FM_OK;
	}
	if (list->AclSize < sizeof(*list))
		return FM_E_INVALID_ACL;
	if (list->AceCount == 0 && !named) {
		*ret_sealed = true;
		return FM_OK;
	}
	return read_list(list, &kinds[secured], ret_acl);
}
