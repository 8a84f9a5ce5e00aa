/* SPDX-License-Identifier: MIT */
/*
 * What libfilemap-port may use of the core. Exported under FILEMAP_PRIVATE, installed nowhere: the two
 * libraries are of one version. Each does what the function without its prefix does.
 */
#ifndef FM_CORE_INTERNAL_H
#define FM_CORE_INTERNAL_H

#include "handle.h"
#include "lock.h"
#include "names.h"
#include "peer.h"
#include "status.h"

/*
 * fm_internal_kinds - further kinds of handles, known by their numbers and taken from other processes
 * Called once, when the library that has them is loaded. Their order is part of what processes tell one
 * another, so a kind is added at the end. At most EXTRA_KINDS, then NULL.
 */
FM_API void fm_internal_kinds(const struct handle_kind *const *kinds);
/* The core's own. */
FM_API const struct handle_kind *fm_internal_process_kind(void);
FM_API const struct handle_kind *fm_internal_file_kind(void);

FM_API fm_status fm_internal_handle_publish(struct handle *handle, int number);
FM_API fm_status fm_internal_handle_enter(int number, const struct handle_kind *kind, struct handle **ret_handle);
FM_API void fm_internal_handle_leave(struct handle *handle);
FM_API struct handle *fm_internal_handle_look(int number, unsigned *ret_token);
FM_API const _Atomic(uint64_t) *fm_internal_handle_changes(void);
FM_API void fm_internal_grace_leave(unsigned token);
FM_API void fm_internal_grace_retire(struct retired *object, void (*release)(struct retired *self));
FM_API fm_status fm_internal_handle_close(int number);
FM_API fm_status fm_internal_handle_set_inheritable(struct handle *handle, bool inheritable);
FM_API void fm_internal_handle_discard(struct handle *handle);
/* mailbox_ready(): this process may be given handles by others. */
FM_API void fm_internal_handles_ready(void);

/* child.h, and peer_open(). */
FM_API fm_status fm_internal_child_add(pid_t pid);
FM_API bool fm_internal_child_open(pid_t pid);
FM_API void fm_internal_child_close(pid_t pid);
FM_API void fm_internal_child_ending(pid_t pid, uint32_t code);
FM_API fm_status fm_internal_child_exit_code(int pidfd, pid_t pid, uint32_t *ret_code);
FM_API fm_status fm_internal_peer_open(pid_t pid, uint32_t access, bool inheritable, int *ret_number);

FM_API fm_status fm_internal_name_parse(const char *name, struct object_name *ret_name);
FM_API char *fm_internal_name_full(const struct object_name *name);
FM_API fm_status fm_internal_name_acquire(const struct name_request *request, int *ret_fd,
					  struct name_facts *ret_facts);
FM_API void fm_internal_name_release(const struct object_name *name, int fd);
FM_API fm_status fm_internal_name_inspect(int fd, struct name_facts *ret_facts, char **ret_name);
FM_API fm_status fm_internal_name_lock(int fd);

FM_API fm_status fm_internal_status_of(enum operation operation, int error);

FM_API fm_status fm_internal_lock_ready(void);
FM_API void fm_internal_lock_take(unsigned name);
FM_API void fm_internal_lock_drop(unsigned name);
FM_API uint32_t fm_internal_lock_generation(void);

#endif
