/* SPDX-License-Identifier: MIT */
/* A registry in which nobody has written anything: the predefined keys, and they are empty. */
#ifndef FM_PORT_REGISTRY_H
#define FM_PORT_REGISTRY_H

#include "port.h"

/* RegOpenKeyEx; @below: a key below it is meant. */
LSTATUS registry_open(HKEY key, bool below, PHKEY ret_key);
/* RegQueryValueEx, whatever the value's name. */
LSTATUS registry_query(HKEY key, const DWORD *reserved, const BYTE *data, const DWORD *size);

#endif
