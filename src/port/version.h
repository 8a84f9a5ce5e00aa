/* SPDX-License-Identifier: MIT */
/* The version of Windows that programs are told. */
#ifndef FM_PORT_VERSION_H
#define FM_PORT_VERSION_H

#include "port.h"

/* The last Windows 10, whose calls are the ones served here. */
enum { VERSION_MAJOR = 10, VERSION_MINOR = 0, VERSION_BUILD = 19045 };

enum { VERSION_TYPES = 0xff };

struct version_asked {
	DWORD major, minor, build, platform, pack_major, pack_minor, suite, product;
};

/* Of an OSVERSIONINFOEX of either width. */
#define VERSION_ASKED(info)                                                                        \
	{                                                                                           \
		.major = (info)->dwMajorVersion, .minor = (info)->dwMinorVersion,                   \
		.build = (info)->dwBuildNumber, .platform = (info)->dwPlatformId,                   \
		.pack_major = (info)->wServicePackMajor, .pack_minor = (info)->wServicePackMinor,   \
		.suite = (info)->wSuiteMask, .product = (info)->wProductType                        \
	}

/* VerifyVersionInfo(): 0, or the last error. */
DWORD version_verify(const struct version_asked *asked, DWORD types, ULONGLONG conditions);

static inline BOOL version_finish(DWORD error)
{
	if (error)
		SetLastError(error);
	return !error;
}

#endif
