/* SPDX-License-Identifier: MIT */
/*
 * Source annotations, all empty. The old words __in, __out and so on are left undefined on purpose:
 * libstdc++ uses them as names.
 */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <sal.h>
#elif !defined(FILEMAP_WIN32_SAL_H)
#define FILEMAP_WIN32_SAL_H

#define _In_
#define _In_opt_
#define _In_z_
#define _In_opt_z_
#define _In_reads_(n)
#define _In_reads_opt_(n)
#define _In_reads_bytes_(n)
#define _In_reads_bytes_opt_(n)
#define _Inout_
#define _Inout_opt_
#define _Inout_updates_(n)
#define _Inout_updates_bytes_(n)
#define _Out_
#define _Out_opt_
#define _Out_writes_(n)
#define _Out_writes_opt_(n)
#define _Out_writes_z_(n)
#define _Out_writes_bytes_(n)
#define _Out_writes_bytes_opt_(n)
#define _Out_writes_to_(n, m)
#define _Out_writes_to_opt_(n, m)
#define _Out_writes_bytes_to_(n, m)
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _Outptr_result_bytebuffer_(n)
#define _Ret_
#define _Ret_maybenull_
#define _Ret_notnull_
#define _Ret_z_
#define _Check_return_
#define _Must_inspect_result_
#define _Success_(expression)
#define _When_(expression, annotation)
#define _At_(target, annotation)
#define _Pre_
#define _Post_
#define _Null_terminated_
#define _Reserved_
#define _Frees_ptr_opt_
#define _Acquires_lock_(lock)
#define _Releases_lock_(lock)
#define _Guarded_by_(lock)
#define _Requires_lock_held_(lock)
#define _Function_class_(name)
#define _IRQL_requires_max_(level)
#define _Printf_format_string_
#define _Use_decl_annotations_
#define _Analysis_assume_(expression)

#endif
