/* SPDX-License-Identifier: MIT */
/* Events. Auto-reset: an event is a token (tokens.h). Manual-reset: a bit, and how often it was set. */
#ifndef FM_PORT_EVENT_H
#define FM_PORT_EVENT_H

#include "object.h"
#include "waitable.h"

extern const struct waitable event_waitable;

void event_set(struct object *object);

/* CreateEventEx, for either width of text; and its flags. */
HANDLE event_create(LPSECURITY_ATTRIBUTES security, const char *name, DWORD flags, DWORD access);
DWORD event_flags(BOOL manual, BOOL set);

#endif
