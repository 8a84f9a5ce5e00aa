/* SPDX-License-Identifier: MIT */
/*
 * Security descriptors from text: O:owner G:group D:flags(entry)(entry)...
 * An entry is (type;flags;rights;object;inherited object;identifier). What is understood but cannot be part
 * of a descriptor here is refused with 50, what is not understood with the error of its part.
 */
#include <stdlib.h>
#include <string.h>

#include <sddl.h>

#include "sid.h"

enum { HEAD = 20, LIST_SPACE = UINT16_MAX & ~3 };

struct name {
	char text[5];
	uint32_t value;
};

static const struct name list_flags[] = {
	{ "P", SE_DACL_PROTECTED }, { "AR", SE_DACL_AUTO_INHERIT_REQ }, { "AI", SE_DACL_AUTO_INHERITED },
};

static const struct name entry_flags[] = {
	{ "OI", OBJECT_INHERIT_ACE }, { "CI", CONTAINER_INHERIT_ACE }, { "NP", NO_PROPAGATE_INHERIT_ACE },
	{ "IO", INHERIT_ONLY_ACE }, { "ID", INHERITED_ACE },
};

static const struct name rights[] = {
	{ "GA", GENERIC_ALL }, { "GR", GENERIC_READ }, { "GW", GENERIC_WRITE }, { "GX", GENERIC_EXECUTE },
	{ "RC", READ_CONTROL }, { "SD", DELETE }, { "WD", WRITE_DAC }, { "WO", WRITE_OWNER },
	{ "CC", 0x1 }, { "DC", 0x2 }, { "LC", 0x4 }, { "SW", 0x8 }, { "RP", 0x10 }, { "WP", 0x20 },
	{ "DT", 0x40 }, { "LO", 0x80 }, { "CR", 0x100 },
	{ "FA", FILE_ALL_ACCESS }, { "FR", FILE_GENERIC_READ }, { "FW", FILE_GENERIC_WRITE },
	{ "FX", FILE_GENERIC_EXECUTE },
	{ "KA", 0xf003f }, { "KR", 0x20019 }, { "KW", 0x20006 }, { "KX", 0x20019 },
};

static const struct {
	char text[3];
	BYTE authority, count;
	DWORD parts[2];
} identifiers[] = {
	{ "WD", 1, 1, { 0 } }, { "CO", 3, 1, { 0 } }, { "CG", 3, 1, { 1 } }, { "OW", 3, 1, { 4 } },
	{ "NU", 5, 1, { 2 } }, { "IU", 5, 1, { 4 } }, { "SU", 5, 1, { 6 } }, { "AN", 5, 1, { 7 } },
	{ "ED", 5, 1, { 9 } }, { "PS", 5, 1, { 10 } }, { "AU", 5, 1, { 11 } }, { "RC", 5, 1, { 12 } },
	{ "SY", 5, 1, { 18 } }, { "LS", 5, 1, { 19 } }, { "NS", 5, 1, { 20 } }, { "WR", 5, 1, { 33 } },
	{ "BA", 5, 2, { 32, 544 } }, { "BU", 5, 2, { 32, 545 } }, { "BG", 5, 2, { 32, 546 } },
	{ "PU", 5, 2, { 32, 547 } }, { "AO", 5, 2, { 32, 548 } }, { "SO", 5, 2, { 32, 549 } },
	{ "PO", 5, 2, { 32, 550 } }, { "BO", 5, 2, { 32, 551 } }, { "AC", 15, 2, { 2, 1 } },
};

/* An identifier with room for all its parts. */
union identifier {
	SID sid;
	char room[SECURITY_MAX_SID_SIZE];
};

struct parsed {
	const char *at;
	DWORD error;             /* the first; nothing is read any more */
	union identifier owner, group;
	bool has_owner, has_group, has_list;
	WORD control;
	ACL *list;               /* LIST_SPACE bytes; NULL with has_list: everybody may everything */
};

static bool failed(struct parsed *parsed, DWORD error)
{
	if (!parsed->error)
		parsed->error = error;
	return false;
}

/* Take @text if it is next. */
static bool next_is(struct parsed *parsed, const char *text)
{
	size_t length = strlen(text);

	if (strncmp(parsed->at, text, length) != 0)
		return false;
	parsed->at += length;
	return true;
}

static void skip_blanks(struct parsed *parsed)
{
	parsed->at += strspn(parsed->at, " \t\r\n");
}

/* The values of all names that are next, one after the other. */
static uint32_t next_names(struct parsed *parsed, const struct name *names, size_t count)
{
	uint32_t value = 0;

	for (size_t i = 0; i < count; i++) {
		if (next_is(parsed, names[i].text)) {
			value |= names[i].value;
			i = (size_t)-1; /* from the first again */
		}
	}
	return value;
}

/* ---- identifiers ---- */

static bool next_number(struct parsed *parsed, uint64_t most, uint64_t *ret_number)
{
	char *end;

	if (*parsed->at < '0' || *parsed->at > '9')
		return false;
	*ret_number = strtoull(parsed->at, &end, 0);
	parsed->at = end;
	return *ret_number <= most;
}

/* S-1-authority-part-part... */
static bool next_long_identifier(struct parsed *parsed, SID *sid)
{
	uint64_t number;

	if (!next_number(parsed, ((uint64_t)1 << 48) - 1, &number))
		return false;
	for (unsigned i = 0; i < 6; i++)
		sid->IdentifierAuthority.Value[i] = (BYTE)(number >> (40 - 8 * i));
	while (next_is(parsed, "-")) {
		DWORD *part = (DWORD *)(void *)((char *)sid + sid_size(sid->SubAuthorityCount));

		if (sid->SubAuthorityCount == SID_MAX_SUB_AUTHORITIES || !next_number(parsed, UINT32_MAX, &number))
			return false;
		*part = (DWORD)number;
		sid->SubAuthorityCount++;
	}
	return sid->SubAuthorityCount > 0;
}

static bool next_identifier(struct parsed *parsed, union identifier *ret)
{
	*ret = (union identifier){ .sid = { .Revision = SID_REVISION } };
	if (next_is(parsed, "S-1-"))
		return next_long_identifier(parsed, &ret->sid) || failed(parsed, ERROR_INVALID_SID);
	for (unsigned i = 0; i < RTL_NUMBER_OF(identifiers); i++) {
		if (next_is(parsed, identifiers[i].text)) {
			ret->sid.SubAuthorityCount = identifiers[i].count;
			ret->sid.IdentifierAuthority.Value[5] = identifiers[i].authority;
			memcpy(ret->room + sid_size(0), identifiers[i].parts, identifiers[i].count * sizeof(DWORD));
			return true;
		}
	}
	return failed(parsed, ERROR_INVALID_SID);
}

/* ---- entries ---- */

static bool next_semicolon(struct parsed *parsed)
{
	skip_blanks(parsed);
	return next_is(parsed, ";") || failed(parsed, ERROR_INVALID_ACL);
}

static uint32_t next_rights(struct parsed *parsed)
{
	uint64_t number;

	if (*parsed->at < '0' || *parsed->at > '9')
		return next_names(parsed, rights, RTL_NUMBER_OF(rights));
	if (!next_number(parsed, UINT32_MAX, &number))
		failed(parsed, ERROR_INVALID_ACL);
	return (uint32_t)number;
}

/* After the "(". */
static void next_entry(struct parsed *parsed)
{
	union identifier who;
	BYTE type, flags;
	uint32_t mask;

	skip_blanks(parsed);
	type = next_is(parsed, "A;") ? ACCESS_ALLOWED_ACE_TYPE : ACCESS_DENIED_ACE_TYPE;
	if (type == ACCESS_DENIED_ACE_TYPE && !next_is(parsed, "D;")) {
		failed(parsed, *parsed->at >= 'A' && *parsed->at <= 'Z' ? ERROR_NOT_SUPPORTED : ERROR_INVALID_ACL);
		return;
	}
	skip_blanks(parsed);
	flags = (BYTE)next_names(parsed, entry_flags, RTL_NUMBER_OF(entry_flags));
	if (!next_semicolon(parsed))
		return;
	skip_blanks(parsed);
	mask = next_rights(parsed);
	for (unsigned i = 0; i < 3; i++) /* in entries of these types both objects are empty */
		if (!next_semicolon(parsed))
			return;
	skip_blanks(parsed);
	if (!next_identifier(parsed, &who))
		return;
	skip_blanks(parsed);
	if (!next_is(parsed, ")"))
		failed(parsed, *parsed->at == ';' ? ERROR_NOT_SUPPORTED : ERROR_INVALID_ACL);
	else if (list_append(parsed->list, type, flags, mask, &who.sid))
		failed(parsed, ERROR_INVALID_ACL); /* longer than a list can be */
}

/* After "D:". */
static void next_list(struct parsed *parsed)
{
	if (parsed->has_list) {
		failed(parsed, ERROR_INVALID_ACL);
		return;
	}
	parsed->has_list = true;
	parsed->control |= SE_DACL_PRESENT;
	if (next_is(parsed, "NO_ACCESS_CONTROL"))
		return;
	parsed->control |= (WORD)next_names(parsed, list_flags, RTL_NUMBER_OF(list_flags));
	parsed->list = os_allocate(LIST_SPACE);
	if (!parsed->list) {
		failed(parsed, ERROR_NOT_ENOUGH_MEMORY);
		return;
	}
	(void)InitializeAcl(parsed->list, LIST_SPACE, ACL_REVISION); /* the size is right */
	skip_blanks(parsed);
	while (!parsed->error && next_is(parsed, "(")) {
		next_entry(parsed);
		skip_blanks(parsed);
	}
}

static void parse(struct parsed *parsed)
{
	skip_blanks(parsed);
	while (!parsed->error && *parsed->at) {
		if (next_is(parsed, "O:"))
			parsed->has_owner = next_identifier(parsed, &parsed->owner);
		else if (next_is(parsed, "G:"))
			parsed->has_group = next_identifier(parsed, &parsed->group);
		else if (next_is(parsed, "D:"))
			next_list(parsed);
		else
			failed(parsed, next_is(parsed, "S:") ? ERROR_NOT_SUPPORTED : ERROR_INVALID_ACL);
		skip_blanks(parsed);
	}
}

/* ---- the block ---- */

static size_t list_size(const ACL *list)
{
	size_t used = sizeof(*list);

	for (unsigned i = 0; i < list->AceCount; i++)
		used += ((const ACE_HEADER *)((const char *)list + used))->AceSize;
	return used;
}

/* Copy a part behind what is there, and its offset into the head. */
static void put(char *block, size_t *used, unsigned head, const void *part, size_t size)
{
	DWORD offset = (DWORD)*used;

	memcpy(block + head, &offset, sizeof(offset));
	memcpy(block + *used, part, size);
	*used += size;
}

static char *block_of(const struct parsed *parsed, size_t *ret_size)
{
	size_t list = parsed->list ? list_size(parsed->list) : 0, used = HEAD;
	char *block = os_allocate(HEAD + 2 * sizeof(union identifier) + list);
	WORD control = parsed->control | SE_SELF_RELATIVE;

	if (!block)
		return NULL;
	block[0] = SECURITY_DESCRIPTOR_REVISION;
	memcpy(block + offsetof(SECURITY_DESCRIPTOR, Control), &control, sizeof(control));
	if (parsed->has_owner)
		put(block, &used, 4, &parsed->owner, sid_size(parsed->owner.sid.SubAuthorityCount));
	if (parsed->has_group)
		put(block, &used, 8, &parsed->group, sid_size(parsed->group.sid.SubAuthorityCount));
	if (list) {
		parsed->list->AclSize = (WORD)list;
		put(block, &used, 16, parsed->list, list);
	}
	*ret_size = used;
	return block;
}

BOOL sddl_convert(const char *text, DWORD revision, PSECURITY_DESCRIPTOR *ret_descriptor, ULONG *ret_size)
{
	struct parsed parsed = { .at = text };
	char *block = NULL;
	size_t size = 0;

	if (!text || !ret_descriptor)
		return security_fail(ERROR_INVALID_PARAMETER);
	if (revision != SDDL_REVISION_1)
		return security_fail(ERROR_UNKNOWN_REVISION);
	parse(&parsed);
	if (!parsed.error) {
		block = block_of(&parsed, &size);
		if (!block)
			parsed.error = ERROR_NOT_ENOUGH_MEMORY;
	}
	os_free(parsed.list);
	if (parsed.error)
		return security_fail(parsed.error);
	*ret_descriptor = block;
	if (ret_size)
		*ret_size = (ULONG)size;
	return TRUE;
}

BOOL WINAPI ConvertStringSecurityDescriptorToSecurityDescriptorA(LPCSTR StringSecurityDescriptor,
								 DWORD StringSDRevision,
								 PSECURITY_DESCRIPTOR *SecurityDescriptor,
								 PULONG SecurityDescriptorSize)
{
	return sddl_convert(StringSecurityDescriptor, StringSDRevision, SecurityDescriptor, SecurityDescriptorSize);
}
