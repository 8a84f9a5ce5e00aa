/* SPDX-License-Identifier: MIT */
/* The version of Windows that programs are told. */
#ifndef FM_PORT_VERSION_H
#define FM_PORT_VERSION_H

#include "port.h"

/* The last Windows 10, whose calls are the ones served here. */
enum { VERSION_MAJOR = 10, VERSION_MINOR = 0, VERSION_BUILD = 19045 };

#endif
