/* SPDX-License-Identifier: MIT */
/* Text between code pages and wide characters of either width. */
#ifndef FM_PORT_CODEPAGE_H
#define FM_PORT_CODEPAGE_H

#include "port.h"

/* One conversion to wide characters. Lengths are as the caller gave them: -1 is "up to the NUL, with it". */
struct decode_call {
	UINT codepage;
	DWORD flags;
	const char *text;
	int count;
	void *wide;
	int capacity;   /* 0: how many would there be? */
	unsigned width; /* of a wide character, bytes */
};

struct encode_call {
	UINT codepage;
	DWORD flags;
	const void *wide;
	int count;
	unsigned width;
	char *text;
	int capacity;
	const char *fallback; /* for what the code page lacks; NULL: "?" */
	BOOL *used_fallback;  /* may be NULL */
};

/* Units written or needed; 0 and the last error. */
int codepage_decode(const struct decode_call *call);
int codepage_encode(const struct encode_call *call);

#endif
