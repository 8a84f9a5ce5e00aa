/* SPDX-License-Identifier: MIT */
/*
 * Fuzz targets: each file x.c is one, with its corpus in corpus/x. What must hold is an ENSURE; a broken one
 * aborts, which is how a fuzzer learns of it. clang links libFuzzer; else replay.c feeds the corpus only.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ENSURE(condition)                                                                          \
	do {                                                                                        \
		if (!(condition)) {                                                                 \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);      \
			abort();                                                                    \
		}                                                                                   \
	} while (0)

/* The input, eaten from the front; what is missing is zero. */
struct feed {
	const uint8_t *data;
	size_t size;
};

static inline unsigned feed_byte(struct feed *feed)
{
	if (feed->size == 0)
		return 0;
	feed->size--;
	return *feed->data++;
}

/* The next @size bytes, or fewer; *ret_size says how many. */
static inline const uint8_t *feed_bytes(struct feed *feed, size_t size, size_t *ret_size)
{
	const uint8_t *bytes = feed->data;

	*ret_size = size < feed->size ? size : feed->size;
	feed->data += *ret_size;
	feed->size -= *ret_size;
	return bytes;
}

/* ---- world.c ---- */

/* A namespace root of this process alone, made once, removed when the process ends. */
const char *fuzz_root(void);
/* How many descriptors are open below a bound that no target reaches. */
unsigned fuzz_descriptors(void);
/* Read all of a received section through a guarded copy and close it; any outcome but a crash is good. */
struct fm_section;
void fuzz_use(struct fm_section *section);

#endif
