/* SPDX-License-Identifier: MIT */
/* What happens when the library is loaded: its kinds of handles are made known. Nothing else does. */
#include "access_token.h"
#include "object.h"
#include "thread.h"

/* In this order for ever: processes tell one another kinds by their places. */
static const struct handle_kind *const kinds[] = {
	&mutex_kind, &event_kind, &semaphore_kind, &thread_kind, &token_kind, NULL
};

__attribute__((constructor)) static void load(void)
{
	fm_internal_kinds(kinds);
}
