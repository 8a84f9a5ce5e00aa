/* SPDX-License-Identifier: MIT */
/* Events. Auto-reset: an event is a token (tokens.h). Manual-reset: a bit, and how often it was set. */
#ifndef FM_PORT_EVENT_H
#define FM_PORT_EVENT_H

#include "object.h"
#include "waitable.h"

extern const struct waitable event_waitable;

void event_set(struct object *object);

#endif
