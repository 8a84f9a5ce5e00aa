/* SPDX-License-Identifier: MIT */
/* Security descriptors, lists and identifiers in memory: how a program says who may open what it makes. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <securitybaseapi.h>
#elif !defined(FILEMAP_WIN32_SECURITYBASEAPI_H)
#define FILEMAP_WIN32_SECURITYBASEAPI_H

#include "minwinbase.h"

#define InitializeSecurityDescriptor FM_WIN32(InitializeSecurityDescriptor)
#define IsValidSecurityDescriptor FM_WIN32(IsValidSecurityDescriptor)
#define GetSecurityDescriptorControl FM_WIN32(GetSecurityDescriptorControl)
#define GetSecurityDescriptorLength FM_WIN32(GetSecurityDescriptorLength)
#define GetSecurityDescriptorDacl FM_WIN32(GetSecurityDescriptorDacl)
#define SetSecurityDescriptorDacl FM_WIN32(SetSecurityDescriptorDacl)
#define InitializeAcl FM_WIN32(InitializeAcl)
#define IsValidAcl FM_WIN32(IsValidAcl)
#define AddAccessAllowedAce FM_WIN32(AddAccessAllowedAce)
#define AddAccessAllowedAceEx FM_WIN32(AddAccessAllowedAceEx)
#define AddAccessDeniedAce FM_WIN32(AddAccessDeniedAce)
#define AddAccessDeniedAceEx FM_WIN32(AddAccessDeniedAceEx)
#define AllocateAndInitializeSid FM_WIN32(AllocateAndInitializeSid)
#define FreeSid FM_WIN32(FreeSid)
#define InitializeSid FM_WIN32(InitializeSid)
#define IsValidSid FM_WIN32(IsValidSid)
#define EqualSid FM_WIN32(EqualSid)
#define GetLengthSid FM_WIN32(GetLengthSid)
#define GetSidLengthRequired FM_WIN32(GetSidLengthRequired)
#define GetSidSubAuthority FM_WIN32(GetSidSubAuthority)
#define GetSidSubAuthorityCount FM_WIN32(GetSidSubAuthorityCount)
#define AdjustTokenPrivileges FM_WIN32(AdjustTokenPrivileges)

FM_WIN32_BEGIN

/*
 * What a descriptor may say is up to the call that gets it: docs/processes.md tells which lists an object, a
 * file or a directory can have. Entries grant and deny; no other kind reaches an object.
 *   1305 unknown revision   1338 no such descriptor, or one in a block where it must have pointers
 */
WINBASEAPI BOOL WINAPI InitializeSecurityDescriptor(PSECURITY_DESCRIPTOR pSecurityDescriptor, DWORD dwRevision);
WINBASEAPI BOOL WINAPI IsValidSecurityDescriptor(PSECURITY_DESCRIPTOR pSecurityDescriptor);
WINBASEAPI BOOL WINAPI GetSecurityDescriptorControl(PSECURITY_DESCRIPTOR pSecurityDescriptor,
	PSECURITY_DESCRIPTOR_CONTROL pControl, LPDWORD lpdwRevision);
/* Bytes of the descriptor as one block. */
WINBASEAPI DWORD WINAPI GetSecurityDescriptorLength(PSECURITY_DESCRIPTOR pSecurityDescriptor);
WINBASEAPI BOOL WINAPI GetSecurityDescriptorDacl(PSECURITY_DESCRIPTOR pSecurityDescriptor, LPBOOL lpbDaclPresent,
	PACL *pDacl, LPBOOL lpbDaclDefaulted);
/* @pDacl is borrowed. NULL while present: everybody may everything. */
WINBASEAPI BOOL WINAPI SetSecurityDescriptorDacl(PSECURITY_DESCRIPTOR pSecurityDescriptor, BOOL bDaclPresent,
	PACL pDacl, BOOL bDaclDefaulted);

/* 122 no room for a list, 87 too long or of an unknown revision. */
WINBASEAPI BOOL WINAPI InitializeAcl(PACL pAcl, DWORD nAclLength, DWORD dwAclRevision);
WINBASEAPI BOOL WINAPI IsValidAcl(PACL pAcl);
/* 1336 no list, 1337 no identifier, 1306 another revision, 1344 no room, 87 unknown flags. */
WINBASEAPI BOOL WINAPI AddAccessAllowedAce(PACL pAcl, DWORD dwAceRevision, DWORD AccessMask, PSID pSid);
WINBASEAPI BOOL WINAPI AddAccessAllowedAceEx(PACL pAcl, DWORD dwAceRevision, DWORD AceFlags, DWORD AccessMask,
	PSID pSid);
WINBASEAPI BOOL WINAPI AddAccessDeniedAce(PACL pAcl, DWORD dwAceRevision, DWORD AccessMask, PSID pSid);
WINBASEAPI BOOL WINAPI AddAccessDeniedAceEx(PACL pAcl, DWORD dwAceRevision, DWORD AceFlags, DWORD AccessMask,
	PSID pSid);

/* Freed with FreeSid(). 1337: more than 8 parts. */
WINBASEAPI BOOL WINAPI AllocateAndInitializeSid(PSID_IDENTIFIER_AUTHORITY pIdentifierAuthority,
	BYTE nSubAuthorityCount, DWORD nSubAuthority0, DWORD nSubAuthority1, DWORD nSubAuthority2,
	DWORD nSubAuthority3, DWORD nSubAuthority4, DWORD nSubAuthority5, DWORD nSubAuthority6,
	DWORD nSubAuthority7, PSID *pSid);
WINBASEAPI PVOID WINAPI FreeSid(PSID pSid);
WINBASEAPI BOOL WINAPI InitializeSid(PSID Sid, PSID_IDENTIFIER_AUTHORITY pIdentifierAuthority,
	BYTE nSubAuthorityCount);
WINBASEAPI BOOL WINAPI IsValidSid(PSID pSid);
WINBASEAPI BOOL WINAPI EqualSid(PSID pSid1, PSID pSid2);
WINBASEAPI DWORD WINAPI GetLengthSid(PSID pSid);
WINBASEAPI DWORD WINAPI GetSidLengthRequired(UCHAR nSubAuthorityCount);
WINBASEAPI PDWORD WINAPI GetSidSubAuthority(PSID pSid, DWORD nSubAuthority);
WINBASEAPI PUCHAR WINAPI GetSidSubAuthorityCount(PSID pSid);

/*
 * SeChangeNotifyPrivilege is held, and no other: TRUE with last error 1300 if others are named, else with 0.
 *   5 the handle lacks TOKEN_ADJUST_PRIVILEGES, or TOKEN_QUERY for a previous state   50 to remove the one
 *   122 no room for the previous state: nothing is changed
 */
WINBASEAPI BOOL WINAPI AdjustTokenPrivileges(HANDLE TokenHandle, BOOL DisableAllPrivileges, PTOKEN_PRIVILEGES NewState,
	DWORD BufferLength, PTOKEN_PRIVILEGES PreviousState, PDWORD ReturnLength);

FM_WIN32_END

#endif
