/* SPDX-License-Identifier: MIT */
#if defined(__x86_64__)
#include "copy.h"

/*
 * rdi, rsi and rdx always tell what is left, so that any fault of the wide part goes on with single bytes,
 * and a fault of those ends the copy at the very byte. From 512 bytes on the processor's own string copy is
 * as fast as memcpy(); it leaves what is left in rcx.
 */
__asm__(".text\n"
	".p2align 6\n"
	".hidden os_copy\n"
	".globl os_copy\n"
	".type os_copy, @function\n"
	"os_copy:\n"
	".cfi_startproc\n"
	"	cmpq $512, %rdx\n"
	"	jae os_copy_string\n"
	"	cmpq $64, %rdx\n"
	"	jb 2f\n"
	"os_copy_wide:\n"
	"1:	movups (%rsi), %xmm0\n"
	"	movups 16(%rsi), %xmm1\n"
	"	movups 32(%rsi), %xmm2\n"
	"	movups 48(%rsi), %xmm3\n"
	"	movups %xmm0, (%rdi)\n"
	"	movups %xmm1, 16(%rdi)\n"
	"	movups %xmm2, 32(%rdi)\n"
	"	movups %xmm3, 48(%rdi)\n"
	"	addq $64, %rsi\n"
	"	addq $64, %rdi\n"
	"	subq $64, %rdx\n"
	"	cmpq $64, %rdx\n"
	"	jae 1b\n"
	"2:	cmpq $8, %rdx\n"
	"	jb os_copy_bytes\n"
	"	movq (%rsi), %rax\n"
	"	movq %rax, (%rdi)\n"
	"	addq $8, %rsi\n"
	"	addq $8, %rdi\n"
	"	subq $8, %rdx\n"
	"	jmp 2b\n"
	"os_copy_bytes:\n"
	"	testq %rdx, %rdx\n"
	"	jz os_copy_end\n"
	"3:	movzbl (%rsi), %eax\n"
	"	movb %al, (%rdi)\n"
	"	incq %rsi\n"
	"	incq %rdi\n"
	"	decq %rdx\n"
	"	jnz 3b\n"
	"os_copy_end:\n"
	"	movq %rdx, %rax\n"
	"	ret\n"
	"os_copy_string:\n"
	"	movq %rdx, %rcx\n"
	"	rep movsb\n"
	"os_copy_string_end:\n"
	"	movq %rcx, %rax\n"
	"	ret\n"
	".cfi_endproc\n"
	".size os_copy, . - os_copy\n");

extern const char os_copy_wide[] __attribute__((visibility("hidden")));
extern const char os_copy_bytes[] __attribute__((visibility("hidden")));
extern const char os_copy_end[] __attribute__((visibility("hidden")));
extern const char os_copy_string[] __attribute__((visibility("hidden")));
extern const char os_copy_string_end[] __attribute__((visibility("hidden")));

uintptr_t os_copy_fixup(uintptr_t pc)
{
	if (pc < (uintptr_t)os_copy_wide || pc >= (uintptr_t)os_copy_string_end)
		return 0;
	if (pc < (uintptr_t)os_copy_bytes)
		return (uintptr_t)os_copy_bytes;
	return pc < (uintptr_t)os_copy_string ? (uintptr_t)os_copy_end : (uintptr_t)os_copy_string_end;
}
#endif
