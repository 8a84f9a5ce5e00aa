/* SPDX-License-Identifier: MIT */
/* Security identifiers. */
#include "sid.h"

#include <string.h>

BOOL WINAPI IsValidSid(PSID pSid)
{
	const SID *sid = pSid;

	return sid && sid->Revision == SID_REVISION && sid->SubAuthorityCount <= SID_MAX_SUB_AUTHORITIES;
}

DWORD WINAPI GetSidLengthRequired(UCHAR nSubAuthorityCount)
{
	return (DWORD)sid_size(nSubAuthorityCount);
}

DWORD WINAPI GetLengthSid(PSID pSid)
{
	return IsValidSid(pSid) ? (DWORD)sid_size(((const SID *)pSid)->SubAuthorityCount) : 0;
}

BOOL WINAPI EqualSid(PSID pSid1, PSID pSid2)
{
	DWORD length = GetLengthSid(pSid1);

	if (!length || !IsValidSid(pSid2))
		return security_fail(ERROR_INVALID_SID);
	return GetLengthSid(pSid2) == length && memcmp(pSid1, pSid2, length) == 0;
}

BOOL WINAPI InitializeSid(PSID Sid, PSID_IDENTIFIER_AUTHORITY pIdentifierAuthority, BYTE nSubAuthorityCount)
{
	SID *sid = Sid;

	if (nSubAuthorityCount > SID_MAX_SUB_AUTHORITIES)
		return security_fail(ERROR_INVALID_PARAMETER);
	sid->Revision = SID_REVISION;
	sid->SubAuthorityCount = nSubAuthorityCount;
	sid->IdentifierAuthority = *pIdentifierAuthority;
	return TRUE;
}

PDWORD WINAPI GetSidSubAuthority(PSID pSid, DWORD nSubAuthority)
{
	SetLastError(ERROR_SUCCESS);
	return &((SID *)pSid)->SubAuthority[nSubAuthority];
}

PUCHAR WINAPI GetSidSubAuthorityCount(PSID pSid)
{
	SetLastError(ERROR_SUCCESS);
	return &((SID *)pSid)->SubAuthorityCount;
}

BOOL WINAPI AllocateAndInitializeSid(PSID_IDENTIFIER_AUTHORITY pIdentifierAuthority, BYTE nSubAuthorityCount,
				     DWORD nSubAuthority0, DWORD nSubAuthority1, DWORD nSubAuthority2,
				     DWORD nSubAuthority3, DWORD nSubAuthority4, DWORD nSubAuthority5,
				     DWORD nSubAuthority6, DWORD nSubAuthority7, PSID *pSid)
{
	const DWORD parts[] = { nSubAuthority0, nSubAuthority1, nSubAuthority2, nSubAuthority3,
				nSubAuthority4, nSubAuthority5, nSubAuthority6, nSubAuthority7 };
	SID *sid;

	if (nSubAuthorityCount > RTL_NUMBER_OF(parts))
		return security_fail(ERROR_INVALID_SID);
	sid = os_allocate(sid_size(RTL_NUMBER_OF(parts)));
	if (!sid)
		return finish(FM_E_NO_MEMORY);
	(void)InitializeSid(sid, pIdentifierAuthority, nSubAuthorityCount); /* the count is right */
	memcpy(sid->SubAuthority, parts, nSubAuthorityCount * sizeof(DWORD));
	*pSid = sid;
	return TRUE;
}

PVOID WINAPI FreeSid(PSID pSid)
{
	os_free(pSid);
	return NULL;
}
