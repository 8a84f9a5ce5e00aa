/* SPDX-License-Identifier: MIT */
/* The port's functions for GetProcAddress. In this file because some have a symbol for each width. */
#include "modules.h"
#include "port.h"

/* X(name): sorted by name, all that kernel32 exports of what src/port implements. */
#define FUNCTIONS(X)

static const struct function functions[] = {
#define ROW(name) { #name, (FARPROC)(void (*)(void))name, MODULE_BASE },
	FUNCTIONS(ROW)
#undef ROW
};

__attribute__((constructor)) static void load(void)
{
	fm_internal_functions(sizeof(WCHAR), functions, RTL_NUMBER_OF(functions));
}
