/* SPDX-License-Identifier: MIT */
/* Handles duplicated within a process, out of another and into another. */
#ifndef FM_CORE_DUPLICATE_H
#define FM_CORE_DUPLICATE_H

#include "peer.h"

struct duplicate_request {
	struct peer *from;        /* whose handle @number is; NULL: this process's */
	int number;
	const struct peer *to;    /* who gets the duplicate; NULL: this process */
	const uint32_t *access;   /* as handle_kind.duplicate */
	bool inheritable;
};

/* *ret_number is valid in @to. Errors of handle_enter(), peer_take(), mailbox_send() and the kind's. */
fm_status duplicate_between(const struct duplicate_request *request, int *ret_number);

#endif
