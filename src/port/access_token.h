/* SPDX-License-Identifier: MIT */
/* Tokens and the names of privileges. */
#ifndef FM_PORT_ACCESS_TOKEN_H
#define FM_PORT_ACCESS_TOKEN_H

#include "port.h"

extern const struct handle_kind token_kind;

/* The number of a privilege; case does not matter. ERROR_NO_SUCH_PRIVILEGE: none of Windows', or NULL. */
DWORD privilege_find(const char *name, LUID *ret_luid);

#endif
