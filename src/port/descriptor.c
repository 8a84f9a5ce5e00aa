/* SPDX-License-Identifier: MIT */
/* Security descriptors and access control lists in memory. */
#include <string.h>

#include "sid.h"

/* ---- lists ---- */

BOOL WINAPI InitializeAcl(PACL pAcl, DWORD nAclLength, DWORD dwAclRevision)
{
	if (nAclLength < sizeof(*pAcl))
		return security_fail(ERROR_INSUFFICIENT_BUFFER);
	if (nAclLength > UINT16_MAX || dwAclRevision < ACL_REVISION || dwAclRevision > ACL_REVISION_DS)
		return security_fail(ERROR_INVALID_PARAMETER);
	memset(pAcl, 0, nAclLength);
	pAcl->AclRevision = (BYTE)dwAclRevision;
	pAcl->AclSize = (WORD)(nAclLength & ~3u);
	return TRUE;
}

/* Bytes that the entries and the head use; 0: the list is malformed. */
static size_t list_used(const ACL *list)
{
	size_t used = sizeof(*list);

	if (!list || list->AclRevision < ACL_REVISION || list->AclRevision > ACL_REVISION_DS || list->AclSize < used)
		return 0;
	for (unsigned i = 0; i < list->AceCount; i++) {
		const ACE_HEADER *entry = (const ACE_HEADER *)((const char *)list + used);

		if (list->AclSize - used < sizeof(*entry) || entry->AceSize < sizeof(*entry) ||
		    entry->AceSize > list->AclSize - used)
			return 0;
		used += entry->AceSize;
	}
	return used;
}

BOOL WINAPI IsValidAcl(PACL pAcl)
{
	return list_used(pAcl) != 0;
}

DWORD list_append(ACL *list, BYTE type, BYTE flags, DWORD mask, const SID *sid)
{
	size_t used = list_used(list), length = sid_size(sid->SubAuthorityCount);
	size_t size = offsetof(ACCESS_ALLOWED_ACE, SidStart) + length;
	ACCESS_ALLOWED_ACE *entry;

	if (!used)
		return ERROR_INVALID_ACL;
	if (list->AclSize - used < size)
		return ERROR_ALLOTTED_SPACE_EXCEEDED;
	entry = (ACCESS_ALLOWED_ACE *)((char *)list + used);
	entry->Header = (ACE_HEADER){ .AceType = type, .AceFlags = flags, .AceSize = (WORD)size };
	entry->Mask = mask;
	memcpy(&entry->SidStart, sid, length);
	list->AceCount++;
	return ERROR_SUCCESS;
}

static BOOL add(PACL pAcl, BYTE type, DWORD dwAceRevision, DWORD AceFlags, DWORD AccessMask, PSID pSid)
{
	DWORD error;

	if (!IsValidAcl(pAcl))
		return security_fail(ERROR_INVALID_ACL);
	if (!IsValidSid(pSid))
		return security_fail(ERROR_INVALID_SID);
	if (dwAceRevision > ACL_REVISION_DS || pAcl->AclRevision > ACL_REVISION_DS)
		return security_fail(ERROR_REVISION_MISMATCH);
	if (AceFlags & ~(DWORD)VALID_INHERIT_FLAGS)
		return security_fail(ERROR_INVALID_PARAMETER);
	error = list_append(pAcl, type, (BYTE)AceFlags, AccessMask, pSid);
	if (error)
		return security_fail(error);
	if (pAcl->AclRevision < dwAceRevision)
		pAcl->AclRevision = (BYTE)dwAceRevision;
	return TRUE;
}

BOOL WINAPI AddAccessAllowedAceEx(PACL pAcl, DWORD dwAceRevision, DWORD AceFlags, DWORD AccessMask, PSID pSid)
{
	return add(pAcl, ACCESS_ALLOWED_ACE_TYPE, dwAceRevision, AceFlags, AccessMask, pSid);
}

BOOL WINAPI AddAccessAllowedAce(PACL pAcl, DWORD dwAceRevision, DWORD AccessMask, PSID pSid)
{
	return add(pAcl, ACCESS_ALLOWED_ACE_TYPE, dwAceRevision, 0, AccessMask, pSid);
}

BOOL WINAPI AddAccessDeniedAceEx(PACL pAcl, DWORD dwAceRevision, DWORD AceFlags, DWORD AccessMask, PSID pSid)
{
	return add(pAcl, ACCESS_DENIED_ACE_TYPE, dwAceRevision, AceFlags, AccessMask, pSid);
}

BOOL WINAPI AddAccessDeniedAce(PACL pAcl, DWORD dwAceRevision, DWORD AccessMask, PSID pSid)
{
	return add(pAcl, ACCESS_DENIED_ACE_TYPE, dwAceRevision, 0, AccessMask, pSid);
}

/* ---- descriptors ---- */

/* The four offsets of a descriptor in one block begin where pointers would. */
enum { IN_BLOCK_OWNER = 4, IN_BLOCK_GROUP = 8, IN_BLOCK_DACL = 16, IN_BLOCK_HEAD = 20 };

static const void *in_block(const SECURITY_DESCRIPTOR *descriptor, unsigned at)
{
	DWORD offset;

	memcpy(&offset, (const char *)descriptor + at, sizeof(offset));
	return offset ? (const char *)descriptor + offset : NULL;
}

static const void *part(const SECURITY_DESCRIPTOR *descriptor, const void *pointer, unsigned at)
{
	return descriptor->Control & SE_SELF_RELATIVE ? in_block(descriptor, at) : pointer;
}

static ACL *list_of(const SECURITY_DESCRIPTOR *descriptor)
{
	if (!(descriptor->Control & SE_DACL_PRESENT))
		return NULL;
	return (ACL *)(uintptr_t)part(descriptor, descriptor->Dacl, IN_BLOCK_DACL);
}

BOOL WINAPI InitializeSecurityDescriptor(PSECURITY_DESCRIPTOR pSecurityDescriptor, DWORD dwRevision)
{
	if (dwRevision != SECURITY_DESCRIPTOR_REVISION)
		return finish(FM_E_UNKNOWN_REVISION);
	*(SECURITY_DESCRIPTOR *)pSecurityDescriptor = (SECURITY_DESCRIPTOR){ .Revision = SECURITY_DESCRIPTOR_REVISION };
	return TRUE;
}

BOOL WINAPI IsValidSecurityDescriptor(PSECURITY_DESCRIPTOR pSecurityDescriptor)
{
	const SECURITY_DESCRIPTOR *descriptor = pSecurityDescriptor;
	const void *owner, *group;
	ACL *list;

	if (!descriptor || descriptor->Revision != SECURITY_DESCRIPTOR_REVISION)
		return security_fail(ERROR_INVALID_SECURITY_DESCR);
	owner = part(descriptor, descriptor->Owner, IN_BLOCK_OWNER);
	group = part(descriptor, descriptor->Group, IN_BLOCK_GROUP);
	list = list_of(descriptor);
	if ((owner && !IsValidSid((PSID)(uintptr_t)owner)) || (group && !IsValidSid((PSID)(uintptr_t)group)) ||
	    (list && !IsValidAcl(list)))
		return security_fail(ERROR_INVALID_SECURITY_DESCR);
	return TRUE;
}

BOOL WINAPI GetSecurityDescriptorControl(PSECURITY_DESCRIPTOR pSecurityDescriptor,
					 PSECURITY_DESCRIPTOR_CONTROL pControl, LPDWORD lpdwRevision)
{
	const SECURITY_DESCRIPTOR *descriptor = pSecurityDescriptor;

	*lpdwRevision = descriptor->Revision;
	if (descriptor->Revision != SECURITY_DESCRIPTOR_REVISION)
		return finish(FM_E_UNKNOWN_REVISION);
	*pControl = descriptor->Control;
	return TRUE;
}

static size_t rounded(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

DWORD WINAPI GetSecurityDescriptorLength(PSECURITY_DESCRIPTOR pSecurityDescriptor)
{
	const SECURITY_DESCRIPTOR *descriptor = pSecurityDescriptor;
	const SID *owner = part(descriptor, descriptor->Owner, IN_BLOCK_OWNER);
	const SID *group = part(descriptor, descriptor->Group, IN_BLOCK_GROUP);
	const ACL *list = list_of(descriptor);

	return (DWORD)(IN_BLOCK_HEAD + (owner ? sid_size(owner->SubAuthorityCount) : 0) +
		       (group ? sid_size(group->SubAuthorityCount) : 0) + (list ? rounded(list->AclSize) : 0));
}

BOOL WINAPI GetSecurityDescriptorDacl(PSECURITY_DESCRIPTOR pSecurityDescriptor, LPBOOL lpbDaclPresent, PACL *pDacl,
				      LPBOOL lpbDaclDefaulted)
{
	const SECURITY_DESCRIPTOR *descriptor = pSecurityDescriptor;

	if (descriptor->Revision != SECURITY_DESCRIPTOR_REVISION)
		return finish(FM_E_UNKNOWN_REVISION);
	*lpbDaclPresent = (descriptor->Control & SE_DACL_PRESENT) != 0;
	if (*lpbDaclPresent) {
		*pDacl = list_of(descriptor);
		*lpbDaclDefaulted = (descriptor->Control & SE_DACL_DEFAULTED) != 0;
	}
	return TRUE;
}

BOOL WINAPI SetSecurityDescriptorDacl(PSECURITY_DESCRIPTOR pSecurityDescriptor, BOOL bDaclPresent, PACL pDacl,
				      BOOL bDaclDefaulted)
{
	SECURITY_DESCRIPTOR *descriptor = pSecurityDescriptor;

	if (descriptor->Revision != SECURITY_DESCRIPTOR_REVISION)
		return finish(FM_E_UNKNOWN_REVISION);
	if (descriptor->Control & SE_SELF_RELATIVE)
		return security_fail(ERROR_INVALID_SECURITY_DESCR);
	descriptor->Control &= (WORD)~(SE_DACL_PRESENT | SE_DACL_DEFAULTED);
	if (bDaclPresent)
		descriptor->Control |= SE_DACL_PRESENT | (bDaclDefaulted ? SE_DACL_DEFAULTED : 0);
	descriptor->Dacl = bDaclPresent ? pDacl : NULL;
	return TRUE;
}
