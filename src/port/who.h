/* SPDX-License-Identifier: MIT */
/* The names of this machine and of who runs this process, as UTF-8. */
#ifndef FM_PORT_WHO_H
#define FM_PORT_WHO_H

#include "port.h"

enum { COMPUTER_LONGEST = MAX_COMPUTERNAME_LENGTH, USER_LONGEST = 256 };

/* As NetBIOS would have it: the first part of the host's name in capitals, at most 15 bytes. */
void who_computer(char ret_name[COMPUTER_LONGEST + 1]);
/* The effective user's; without an entry, or in a static program, the number. */
void who_user(char ret_name[USER_LONGEST + 1]);

#endif
