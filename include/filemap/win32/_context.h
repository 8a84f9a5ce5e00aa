/* SPDX-License-Identifier: MIT */
/* A part of winnt.h: a processor's registers, as an exception handler sees and changes them. */
#ifndef FILEMAP_WIN32_CONTEXT_H
#define FILEMAP_WIN32_CONTEXT_H

#include "basetsd.h"

#if defined(__x86_64__)
#define CONTEXT_AMD64 0x00100000
#define CONTEXT_CONTROL (CONTEXT_AMD64 | 0x1)
#define CONTEXT_INTEGER (CONTEXT_AMD64 | 0x2)
#define CONTEXT_SEGMENTS (CONTEXT_AMD64 | 0x4)
#define CONTEXT_FLOATING_POINT (CONTEXT_AMD64 | 0x8)
#define CONTEXT_DEBUG_REGISTERS (CONTEXT_AMD64 | 0x10)
#define CONTEXT_FULL (CONTEXT_CONTROL | CONTEXT_INTEGER | CONTEXT_FLOATING_POINT)
#define CONTEXT_ALL (CONTEXT_FULL | CONTEXT_SEGMENTS | CONTEXT_DEBUG_REGISTERS)

typedef struct DECLSPEC_ALIGN(16) _M128A {
	ULONGLONG Low;
	LONGLONG High;
} M128A, *PM128A;

/* What the FXSAVE instruction writes. */
typedef struct DECLSPEC_ALIGN(16) _XSAVE_FORMAT {
	WORD ControlWord;
	WORD StatusWord;
	BYTE TagWord;
	BYTE Reserved1;
	WORD ErrorOpcode;
	DWORD ErrorOffset;
	WORD ErrorSelector;
	WORD Reserved2;
	DWORD DataOffset;
	WORD DataSelector;
	WORD Reserved3;
	DWORD MxCsr;
	DWORD MxCsr_Mask;
	M128A FloatRegisters[8];
	M128A XmmRegisters[16];
	BYTE Reserved4[96];
} XSAVE_FORMAT, *PXSAVE_FORMAT, XMM_SAVE_AREA32, *PXMM_SAVE_AREA32;

typedef struct DECLSPEC_ALIGN(16) _CONTEXT {
	DWORD64 P1Home, P2Home, P3Home, P4Home, P5Home, P6Home;
	DWORD ContextFlags;
	DWORD MxCsr;
	WORD SegCs, SegDs, SegEs, SegFs, SegGs, SegSs;
	DWORD EFlags;
	DWORD64 Dr0, Dr1, Dr2, Dr3, Dr6, Dr7;
	DWORD64 Rax, Rcx, Rdx, Rbx, Rsp, Rbp, Rsi, Rdi;
	DWORD64 R8, R9, R10, R11, R12, R13, R14, R15;
	DWORD64 Rip;
	__extension__ union {
		XMM_SAVE_AREA32 FltSave;
		__extension__ struct {
			M128A Header[2];
			M128A Legacy[8];
			M128A Xmm0, Xmm1, Xmm2, Xmm3, Xmm4, Xmm5, Xmm6, Xmm7;
			M128A Xmm8, Xmm9, Xmm10, Xmm11, Xmm12, Xmm13, Xmm14, Xmm15;
		};
	};
	M128A VectorRegister[26];
	DWORD64 VectorControl, DebugControl;
	DWORD64 LastBranchToRip, LastBranchFromRip, LastExceptionToRip, LastExceptionFromRip;
} CONTEXT, *PCONTEXT, *LPCONTEXT;
#else
#define CONTEXT_ARM64 0x00400000
#define CONTEXT_CONTROL (CONTEXT_ARM64 | 0x1)
#define CONTEXT_INTEGER (CONTEXT_ARM64 | 0x2)
#define CONTEXT_FLOATING_POINT (CONTEXT_ARM64 | 0x4)
#define CONTEXT_DEBUG_REGISTERS (CONTEXT_ARM64 | 0x8)
#define CONTEXT_FULL (CONTEXT_CONTROL | CONTEXT_INTEGER | CONTEXT_FLOATING_POINT)
#define CONTEXT_ALL (CONTEXT_FULL | CONTEXT_DEBUG_REGISTERS)

typedef union _ARM64_NT_NEON128 {
	__extension__ struct {
		ULONGLONG Low;
		LONGLONG High;
	};
	double D[2];
	float S[4];
	WORD H[8];
	BYTE B[16];
} ARM64_NT_NEON128, *PARM64_NT_NEON128;

typedef struct DECLSPEC_ALIGN(16) _CONTEXT {
	DWORD ContextFlags;
	DWORD Cpsr;
	__extension__ union {
		__extension__ struct {
			DWORD64 X0, X1, X2, X3, X4, X5, X6, X7, X8, X9, X10, X11, X12, X13, X14;
			DWORD64 X15, X16, X17, X18, X19, X20, X21, X22, X23, X24, X25, X26, X27, X28;
			DWORD64 Fp, Lr;
		};
		DWORD64 X[31];
	};
	DWORD64 Sp, Pc;
	ARM64_NT_NEON128 V[32];
	DWORD Fpcr, Fpsr;
	DWORD Bcr[8];
	DWORD64 Bvr[8];
	DWORD Wcr[2];
	DWORD64 Wvr[2];
} CONTEXT, *PCONTEXT, *LPCONTEXT;
#endif

#endif
