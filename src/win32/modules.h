/* SPDX-License-Identifier: MIT */
/* The modules whose functions programs look up when they run. */
#ifndef FM_WIN32_MODULES_H
#define FM_WIN32_MODULES_H

#include <windows.h>

enum module {
	MODULE_NONE = 0,
	MODULE_PROGRAM = 0x1, /* the program itself, which exports nothing */
	MODULE_NT = 0x2,      /* ntdll */
	MODULE_BASE = 0x4,    /* kernel32, kernelbase */
	MODULE_MEMORY = 0x8,  /* api-ms-win-core-memory-* */
	MODULE_PSAPI = 0x10,
	MODULE_ADVAPI = 0x20, /* advapi32 */
};

/* NULL is the program; case and ".dll" do not matter. */
enum module module_of_name(const char *name);
/* A module's handle, and back: MODULE_NONE for what never was one. */
HMODULE module_handle(enum module module);
enum module module_of_handle(HMODULE handle);

#endif
