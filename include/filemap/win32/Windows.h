/* SPDX-License-Identifier: MIT */
/* The other spelling. */
#include <windows.h>
