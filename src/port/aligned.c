/* SPDX-License-Identifier: MIT */
/* Aligned memory: the C library's, which free() takes too. */
#include <malloc.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void *__cdecl _aligned_malloc(size_t size, size_t alignment)
{
	void *memory = NULL;
	int error = EINVAL;

	if (alignment && (alignment & (alignment - 1)) == 0)
		error = posix_memalign(&memory, alignment < sizeof(void *) ? sizeof(void *) : alignment, size ? size : 1);
	if (error) {
		errno = error;
		return NULL;
	}
	return memory;
}

void *__cdecl _aligned_realloc(void *memory, size_t size, size_t alignment)
{
	size_t had = memory ? malloc_usable_size(memory) : 0;
	void *fresh;

	if (memory && size == 0) {
		free(memory);
		return NULL;
	}
	fresh = _aligned_malloc(size, alignment);
	if (fresh && had)
		memcpy(fresh, memory, had < size ? had : size);
	if (fresh)
		free(memory);
	return fresh;
}

void __cdecl _aligned_free(void *memory)
{
	free(memory);
}
