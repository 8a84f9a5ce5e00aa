/* SPDX-License-Identifier: MIT */
/*
 * The one table of results: name, NTSTATUS, Win32 error, text.
 *
 * Every call of the library that can fail returns an fm_status, whose value is
 * the NTSTATUS that Windows gives in the same case; fm_status_win32() gives the
 * Win32 error number. A status is a success exactly if it is not negative.
 */
#ifndef FILEMAP_STATUS_H
#define FILEMAP_STATUS_H

#include <stdint.h>

#define FM_STATUS_MAP(X)                                                                           \
	X(FM_OK, 0x00000000u, 0, "success")                                                        \
	X(FM_NAME_EXISTS, 0x40000000u, 183, "the name exists already and was opened")              \
	X(FM_IMAGE_NOT_AT_BASE, 0x40000003u, 0, "the image lies at another base")                  \
	X(FM_E_GUARD_PAGE, 0x80000001u, 0x80000001u, "a guard page was touched")                   \
	X(FM_E_BUFFER_OVERFLOW, 0x80000005u, 234, "the buffer is too small for all data")          \
	X(FM_E_UNSUCCESSFUL, 0xC0000001u, 31, "the system refused for an unforeseen reason")       \
	X(FM_E_NOT_IMPLEMENTED, 0xC0000002u, 1, "not supported by this build")                     \
	X(FM_E_INVALID_INFO_CLASS, 0xC0000003u, 87, "unknown class of information")                \
	X(FM_E_INFO_LENGTH_MISMATCH, 0xC0000004u, 24, "wrong buffer length")                       \
	X(FM_E_ACCESS_VIOLATION, 0xC0000005u, 998, "invalid pointer or inaccessible memory")       \
	X(FM_E_IN_PAGE_ERROR, 0xC0000006u, 999, "the storage under a mapped page failed")          \
	X(FM_E_INVALID_HANDLE, 0xC0000008u, 6, "the handle is invalid")                            \
	X(FM_E_INVALID_PARAMETER, 0xC000000Du, 87, "a parameter is invalid")                       \
	X(FM_E_NO_SUCH_FILE, 0xC000000Fu, 2, "no such file")                                       \
	X(FM_E_INVALID_DEVICE_REQUEST, 0xC0000010u, 1, "the file cannot do this")                   \
	X(FM_E_END_OF_FILE, 0xC0000011u, 38, "past the end of the file")                           \
	X(FM_E_NO_MEMORY, 0xC0000017u, 8, "not enough memory or address space")                    \
	X(FM_E_CONFLICTING_ADDRESSES, 0xC0000018u, 487, "the address range is occupied or wrong")  \
	X(FM_E_NOT_MAPPED_VIEW, 0xC0000019u, 487, "the address is in no view")                     \
	X(FM_E_UNABLE_TO_FREE_VM, 0xC000001Au, 87, "the range cannot be freed at once")            \
	X(FM_E_UNABLE_TO_DELETE_SECTION, 0xC000001Bu, 87, "a view is unmapped, not freed")         \
	X(FM_E_INVALID_VIEW_SIZE, 0xC000001Fu, 5, "the view passes the end of the section")        \
	X(FM_E_INVALID_FILE_FOR_SECTION, 0xC0000020u, 193, "this kind of file cannot be mapped")   \
	X(FM_E_ALREADY_COMMITTED, 0xC0000021u, 5, "views of files are committed already")          \
	X(FM_E_ACCESS_DENIED, 0xC0000022u, 5, "access denied")                                     \
	X(FM_E_BUFFER_TOO_SMALL, 0xC0000023u, 122, "the buffer is too small")                      \
	X(FM_E_OBJECT_TYPE_MISMATCH, 0xC0000024u, 6, "the object is of another type")              \
	X(FM_E_NOT_LOCKED, 0xC000002Au, 158, "the pages are not locked")                           \
	X(FM_E_UNABLE_TO_DECOMMIT, 0xC000002Cu, 487, "the pages cannot be decommitted")            \
	X(FM_E_NOT_COMMITTED, 0xC000002Du, 487, "the pages are not committed")                     \
	X(FM_E_INVALID_PARAMETER_MIX, 0xC0000030u, 87, "these parameters exclude one another")      \
	X(FM_E_MUTANT_NOT_OWNED, 0xC0000046u, 288, "the mutex is not this thread's")               \
	X(FM_E_SEMAPHORE_LIMIT_EXCEEDED, 0xC0000047u, 298, "the semaphore would pass its limit")   \
	X(FM_E_MUTANT_LIMIT_EXCEEDED, 0xC0000191u, 587, "the mutex was taken too often")           \
	X(FM_E_INVALID_PARAMETER_1, 0xC00000EFu, 87, "parameter 1 is invalid")                     \
	X(FM_E_INVALID_PARAMETER_2, 0xC00000F0u, 87, "parameter 2 is invalid")                     \
	X(FM_E_INVALID_PARAMETER_3, 0xC00000F1u, 87, "parameter 3 is invalid")                     \
	X(FM_E_INVALID_PARAMETER_4, 0xC00000F2u, 87, "parameter 4 is invalid")                     \
	X(FM_E_INVALID_PARAMETER_5, 0xC00000F3u, 87, "parameter 5 is invalid")                     \
	X(FM_E_INVALID_PARAMETER_6, 0xC00000F4u, 87, "parameter 6 is invalid")                     \
	X(FM_E_INVALID_PARAMETER_8, 0xC00000F6u, 87, "parameter 8 is invalid")                     \
	X(FM_E_INVALID_PARAMETER_9, 0xC00000F7u, 87, "parameter 9 is invalid")                     \
	X(FM_E_NAME_INVALID, 0xC0000033u, 123, "the name is invalid")                              \
	X(FM_E_NAME_NOT_FOUND, 0xC0000034u, 2, "no object has this name")                          \
	X(FM_E_NAME_COLLISION, 0xC0000035u, 183, "the name exists already")                        \
	X(FM_E_PATH_INVALID, 0xC0000039u, 161, "the path is invalid")                              \
	X(FM_E_PATH_NOT_FOUND, 0xC000003Au, 3, "no such directory or namespace")                   \
	X(FM_E_PATH_SYNTAX_BAD, 0xC000003Bu, 161, "the path has a bad syntax")                     \
	X(FM_E_SECTION_TOO_BIG, 0xC0000040u, 8, "larger than the file or than can be mapped")      \
	X(FM_E_SHARING_VIOLATION, 0xC0000043u, 32, "another user of the file does not share it")   \
	X(FM_E_INVALID_PAGE_PROTECTION, 0xC0000045u, 87, "invalid page protection")                \
	X(FM_E_SECTION_NOT_IMAGE, 0xC0000049u, 87, "the section is not an image")                  \
	X(FM_E_INCOMPATIBLE_FILE_MAP, 0xC000004Du, 87, "incompatible file mapping")                \
	X(FM_E_SECTION_PROTECTION, 0xC000004Eu, 87, "more access than the view or section allows") \
	X(FM_E_FILE_LOCK_CONFLICT, 0xC0000054u, 33, "the range is locked")                         \
	X(FM_E_LOCK_NOT_GRANTED, 0xC0000055u, 33, "the lock was not granted")                      \
	X(FM_E_DELETE_PENDING, 0xC0000056u, 5, "the file is being deleted")                        \
	X(FM_E_UNKNOWN_REVISION, 0xC0000058u, 1305, "unknown revision of a security descriptor")   \
	X(FM_E_INVALID_ACL, 0xC0000077u, 1336, "a malformed access control list")                  \
	X(FM_E_PRIVILEGE_NOT_HELD, 0xC0000061u, 1314, "a privilege is missing")                    \
	X(FM_E_RANGE_NOT_LOCKED, 0xC000007Eu, 158, "the range is not locked")                       \
	X(FM_E_DISK_FULL, 0xC000007Fu, 112, "no space left on the device")                         \
	X(FM_E_SECTION_NOT_EXTENDED, 0xC0000087u, 14, "the section cannot be extended")            \
	X(FM_E_NOT_MAPPED_DATA, 0xC0000088u, 487, "the address is in no data view")                \
	X(FM_E_FILE_INVALID, 0xC0000098u, 1006, "the file was changed or is not usable")           \
	X(FM_E_INSUFFICIENT_RESOURCES, 0xC000009Au, 1450, "not enough system resources")           \
	X(FM_E_FREE_VM_NOT_AT_BASE, 0xC000009Fu, 487, "not the base of the allocation")            \
	X(FM_E_MEMORY_NOT_ALLOCATED, 0xC00000A0u, 487, "the memory is not allocated")              \
	X(FM_E_WORKING_SET_QUOTA, 0xC00000A1u, 1453, "the limit of locked memory is reached")      \
	X(FM_E_MEDIA_WRITE_PROTECTED, 0xC00000A2u, 19, "the file system is read-only")             \
	X(FM_E_TIMEOUT, 0xC00000B5u, 121, "another process holds the name half-open; try again")   \
	X(FM_E_FILE_IS_A_DIRECTORY, 0xC00000BAu, 5, "the file is a directory")                     \
	X(FM_E_NOT_SUPPORTED, 0xC00000BBu, 50, "not supported")                                    \
	X(FM_E_BAD_NETWORK_PATH, 0xC00000BEu, 53, "network paths are not served")                   \
	X(FM_E_NOT_SAME_DEVICE, 0xC00000D4u, 17, "not the same file")                              \
	X(FM_E_INTERNAL_ERROR, 0xC00000E5u, 1359, "an internal error")                             \
	X(FM_E_PROCESS_IS_TERMINATING, 0xC000010Au, 5, "the process has ended")                    \
	X(FM_E_DIRECTORY_NOT_EMPTY, 0xC0000101u, 145, "the directory is not empty")                \
	X(FM_E_CANNOT_DELETE, 0xC0000121u, 5, "the file cannot be deleted")                        \
	X(FM_E_NOT_A_DIRECTORY, 0xC0000103u, 267, "not a directory")                                \
	X(FM_E_NAME_TOO_LONG, 0xC0000106u, 206, "the path is too long")                             \
	X(FM_E_FILE_DELETED, 0xC0000123u, 5, "the file was deleted")                               \
	X(FM_E_MAPPED_FILE_SIZE_ZERO, 0xC000011Eu, 1006, "the file is empty")                      \
	X(FM_E_TOO_MANY_OPENED_FILES, 0xC000011Fu, 4, "too many open descriptors")                 \
	X(FM_E_COMMITMENT_LIMIT, 0xC000012Du, 1455, "more memory than the system can promise")     \
	X(FM_E_INVALID_IMAGE_NOT_MZ, 0xC000012Fu, 193, "not an executable image")                  \
	X(FM_E_INVALID_ADDRESS, 0xC0000141u, 59, "the address is invalid")                         \
	X(FM_E_IO_DEVICE_ERROR, 0xC0000185u, 1117, "the device reported an error")                 \
	X(FM_E_INVALID_LOCK_RANGE, 0xC00001A1u, 307, "the range passes the last offset")             \
	X(FM_E_NOT_SAME_OBJECT, 0xC00001ACu, 1656, "not the same object")                          \
	X(FM_E_MAPPED_ALIGNMENT, 0xC0000220u, 1132, "base or offset is not aligned")               \
	X(FM_E_HANDLE_NOT_CLOSABLE, 0xC0000235u, 6, "the handle is protected from being closed")   \
	X(FM_E_USER_MAPPED_FILE, 0xC0000243u, 1224, "the file is mapped")                          \
	X(FM_E_FILE_TOO_LARGE, 0xC0000904u, 223, "larger than files may be here")                  \
	X(FM_E_NEGATIVE_SEEK, 0xC0070083u, 131, "a position before the start")                      \
	X(FM_E_CANCELLED, 0xC0000120u, 995, "the call was cancelled")                              \
	X(FM_E_OBJECT_CORRUPT, 0xC0000102u, 1392, "the namespace entry is malformed or foreign")

enum fm_status_code {
#define FM_STATUS_ENUM(name, nt, win32, text) name = (int32_t)nt,
	FM_STATUS_MAP(FM_STATUS_ENUM)
#undef FM_STATUS_ENUM
};

typedef int32_t fm_status;

#endif
