/* SPDX-License-Identifier: MIT */
#include "duplicate.h"

#include <stddef.h>

#include "mailbox.h"
#include "status.h"

/* What was taken becomes a handle of this process, with other rights if they are asked for. */
static fm_status keep(struct handle *taken, int number, const struct duplicate_request *request, int *ret_number)
{
	fm_status status = FM_OK;

	taken->number = number;
	if (request->access) {
		status = handle_duplicate(taken, request->access, request->inheritable, ret_number);
		handle_discard(taken);
		return status;
	}
	if (request->inheritable)
		status = handle_set_inheritable(taken, true);
	if (!status_failed(status))
		status = handle_publish(taken, number);
	if (status_failed(status))
		handle_discard(taken);
	else
		*ret_number = number;
	return status;
}

static fm_status from_other(const struct duplicate_request *request, int *ret_number)
{
	struct handle *taken;
	int number;
	fm_status status = peer_take(request->from, request->number, &taken, &number);

	if (status_failed(status))
		return status;
	if (!request->to)
		return keep(taken, number, request, ret_number);
	status = mailbox_send(request->to, taken, request->access, request->inheritable, ret_number);
	handle_discard(taken);
	return status;
}

fm_status duplicate_between(const struct duplicate_request *request, int *ret_number)
{
	struct handle *source;
	fm_status status;

	if (request->from)
		return from_other(request, ret_number);
	status = handle_enter(request->number, NULL, &source);
	if (status_failed(status))
		return status;
	if (request->to)
		status = mailbox_send(request->to, source, request->access, request->inheritable, ret_number);
	else
		status = handle_duplicate(source, request->access, request->inheritable, ret_number);
	handle_leave(source);
	return status;
}
