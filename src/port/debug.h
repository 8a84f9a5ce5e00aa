/* SPDX-License-Identifier: MIT */
#ifndef FM_PORT_DEBUG_H
#define FM_PORT_DEBUG_H

#include <stdbool.h>

/* Does anybody want to see what a program tells a debugger? */
bool debug_wanted(void);

#endif
