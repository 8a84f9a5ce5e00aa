/* SPDX-License-Identifier: MIT */
/* SHA-256, for file names that stand for names too long to be file names. */
#ifndef FM_CORE_DIGEST_H
#define FM_CORE_DIGEST_H

#include <stddef.h>

#define DIGEST_FULL 32

void digest_of(const void *bytes, size_t size, unsigned char ret_digest[DIGEST_FULL]);

#endif
