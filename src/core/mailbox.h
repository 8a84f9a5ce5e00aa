/* SPDX-License-Identifier: MIT */
/*
 * Handles given to another process, without a daemon and without its help at that moment.
 *
 * A process that makes handles listens on a socket of its own, which nobody else can pretend to be: the
 * kernel tells a sender who listens. What is sent lies in the kernel, with its descriptors, until the
 * receiver meets a number that it does not know; so the sender may be gone by then. The number was chosen
 * by the sender: high, unused in the receiver, and claimed against other senders by a second socket that
 * travels along.
 */
#ifndef FM_CORE_MAILBOX_H
#define FM_CORE_MAILBOX_H

#include "peer.h"

/* Listen, if this process does not yet; after a fork the child does so anew. Cheap when done. A failure
 * only means that nobody can give this process handles. */
void mailbox_ready(void);

/* Take in what has come: handles appear under the numbers that were promised. What another thread was
 * taking in has appeared, too, when it returns. */
void mailbox_collect(void);

/*
 * mailbox_send - give process @peer a handle on the object of @source
 * @access: as handle_kind.duplicate     @ret_number: of the handle over there
 * FM_E_ACCESS_DENIED: not granted, or that process has never made a handle; FM_E_PROCESS_IS_TERMINATING;
 * FM_E_NOT_SUPPORTED: this kind cannot travel; FM_E_INSUFFICIENT_RESOURCES: too much lies there uncollected.
 */
fm_status mailbox_send(const struct peer *peer, struct handle *source, const uint32_t *access, bool inheritable,
		       int *ret_number);

#endif
