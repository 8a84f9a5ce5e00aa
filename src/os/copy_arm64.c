/* SPDX-License-Identifier: MIT */
#if defined(__aarch64__)
#include "copy.h"

/* x0, x1 and x2 always tell what is left; see copy_x86_64.c. */
__asm__(".text\n"
	".p2align 6\n"
	".hidden os_copy\n"
	".globl os_copy\n"
	".type os_copy, %function\n"
	"os_copy:\n"
	".cfi_startproc\n"
	"	hint #34\n" /* bti c */
	"	cmp x2, #64\n"
	"	b.lo 2f\n"
	"os_copy_wide:\n"
	"1:	ldp x3, x4, [x1]\n"
	"	ldp x5, x6, [x1, #16]\n"
	"	ldp x7, x8, [x1, #32]\n"
	"	ldp x9, x10, [x1, #48]\n"
	"	stp x3, x4, [x0]\n"
	"	stp x5, x6, [x0, #16]\n"
	"	stp x7, x8, [x0, #32]\n"
	"	stp x9, x10, [x0, #48]\n"
	"	add x1, x1, #64\n"
	"	add x0, x0, #64\n"
	"	sub x2, x2, #64\n"
	"	cmp x2, #64\n"
	"	b.hs 1b\n"
	"2:	cmp x2, #8\n"
	"	b.lo os_copy_bytes\n"
	"	ldr x3, [x1]\n"
	"	str x3, [x0]\n"
	"	add x1, x1, #8\n"
	"	add x0, x0, #8\n"
	"	sub x2, x2, #8\n"
	"	b 2b\n"
	"os_copy_bytes:\n"
	"	cbz x2, os_copy_end\n"
	"3:	ldrb w3, [x1]\n"
	"	strb w3, [x0]\n"
	"	add x1, x1, #1\n"
	"	add x0, x0, #1\n"
	"	subs x2, x2, #1\n"
	"	b.ne 3b\n"
	"os_copy_end:\n"
	"	mov x0, x2\n"
	"	ret\n"
	".cfi_endproc\n"
	".size os_copy, . - os_copy\n");

extern const char os_copy_wide[] __attribute__((visibility("hidden")));
extern const char os_copy_bytes[] __attribute__((visibility("hidden")));
extern const char os_copy_end[] __attribute__((visibility("hidden")));

uintptr_t os_copy_fixup(uintptr_t pc)
{
	if (pc < (uintptr_t)os_copy_wide || pc >= (uintptr_t)os_copy_end)
		return 0;
	return pc < (uintptr_t)os_copy_bytes ? (uintptr_t)os_copy_bytes : (uintptr_t)os_copy_end;
}
#endif
