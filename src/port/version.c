/* SPDX-License-Identifier: MIT */
#include "version.h"

DWORD WINAPI GetVersion(VOID)
{
	return (DWORD)VERSION_BUILD << 16 | VERSION_MINOR << 8 | VERSION_MAJOR;
}

BOOL WINAPI GetVersionExA(LPOSVERSIONINFOA lpVersionInformation)
{
	DWORD size = lpVersionInformation ? lpVersionInformation->dwOSVersionInfoSize : 0;

	if (size != sizeof(OSVERSIONINFOA) && size != sizeof(OSVERSIONINFOEXA))
		return finish(FM_E_BUFFER_TOO_SMALL);
	*lpVersionInformation = (OSVERSIONINFOA){ .dwOSVersionInfoSize = size, .dwMajorVersion = VERSION_MAJOR,
						  .dwMinorVersion = VERSION_MINOR, .dwBuildNumber = VERSION_BUILD,
						  .dwPlatformId = VER_PLATFORM_WIN32_NT };
	if (size == sizeof(OSVERSIONINFOEXA)) {
		OSVERSIONINFOEXA *extended = (OSVERSIONINFOEXA *)lpVersionInformation;

		extended->wServicePackMajor = extended->wServicePackMinor = extended->wSuiteMask = 0;
		extended->wProductType = VER_NT_WORKSTATION;
		extended->wReserved = 0;
	}
	return TRUE;
}

/* ---- compared ---- */

/* Three bits for each kind of fact, the lowest kind first. */
static unsigned place_of(DWORD types)
{
	return types ? 3u * (31u - (unsigned)__builtin_clz(types)) : 0;
}

ULONGLONG NTAPI VerSetConditionMask(ULONGLONG ConditionMask, DWORD TypeMask, BYTE Condition)
{
	const DWORD types = TypeMask & VERSION_TYPES;

	return types ? ConditionMask | (ULONGLONG)(Condition & 7u) << place_of(types) : ConditionMask;
}

static unsigned condition_of(ULONGLONG conditions, DWORD type)
{
	return (unsigned)(conditions >> place_of(type)) & 7u;
}

static bool holds(DWORD here, DWORD asked, unsigned condition)
{
	switch (condition) {
	case VER_EQUAL:
		return here == asked;
	case VER_GREATER:
		return here > asked;
	case VER_GREATER_EQUAL:
		return here >= asked;
	case VER_LESS:
		return here < asked;
	case VER_LESS_EQUAL:
		return here <= asked;
	default:
		return false;
	}
}

/* Versions count as one number: what differs first decides, by the condition of what came before or its own. */
static bool version_holds(const struct version_asked *asked, DWORD types, ULONGLONG conditions)
{
	const struct {
		DWORD type, here, asked;
	} parts[] = {
		{ VER_MAJORVERSION, VERSION_MAJOR, asked->major }, { VER_MINORVERSION, VERSION_MINOR, asked->minor },
		{ VER_SERVICEPACKMAJOR, 0, asked->pack_major }, { VER_SERVICEPACKMINOR, 0, asked->pack_minor },
	};
	unsigned leading = 0;

	for (unsigned i = 0; i < RTL_NUMBER_OF(parts); i++) {
		unsigned own = condition_of(conditions, parts[i].type);
		bool same_way = !leading || leading == VER_EQUAL || own == VER_EQUAL ||
				(leading <= VER_GREATER_EQUAL) == (own <= VER_GREATER_EQUAL);

		if (!(types & parts[i].type))
			continue;
		if (same_way)
			leading = own;
		if (parts[i].here != parts[i].asked)
			return holds(parts[i].here, parts[i].asked, leading);
	}
	return !leading || holds(0, 0, leading);
}

DWORD version_verify(const struct version_asked *asked, DWORD types, ULONGLONG conditions)
{
	const DWORD one_by_one[] = { VER_BUILDNUMBER, VER_PLATFORMID, VER_PRODUCT_TYPE };
	const DWORD here[] = { VERSION_BUILD, VER_PLATFORM_WIN32_NT, VER_NT_WORKSTATION };
	const DWORD there[] = { asked->build, asked->platform, asked->product };
	unsigned suite = condition_of(conditions, VER_SUITENAME);

	if (!types || (types & ~(DWORD)VERSION_TYPES))
		return ERROR_BAD_ARGUMENTS;
	for (DWORD type = 1; type & VERSION_TYPES; type <<= 1)
		if ((types & type) && !condition_of(conditions, type))
			return ERROR_BAD_ARGUMENTS;
	if ((types & VER_SUITENAME) && suite != VER_AND && suite != VER_OR)
		return ERROR_BAD_ARGUMENTS;
	for (unsigned i = 0; i < RTL_NUMBER_OF(here); i++)
		if ((types & one_by_one[i]) && !holds(here[i], there[i], condition_of(conditions, one_by_one[i])))
			return ERROR_OLD_WIN_VERSION;
	if ((types & VER_SUITENAME) && asked->suite) /* none is installed */
		return ERROR_OLD_WIN_VERSION;
	return version_holds(asked, types, conditions) ? ERROR_SUCCESS : ERROR_OLD_WIN_VERSION;
}

BOOL WINAPI VerifyVersionInfoA(LPOSVERSIONINFOEXA lpVersionInformation, DWORD dwTypeMask, DWORDLONG dwlConditionMask)
{
	const struct version_asked asked = VERSION_ASKED(lpVersionInformation);

	return version_finish(version_verify(&asked, dwTypeMask, dwlConditionMask));
}
