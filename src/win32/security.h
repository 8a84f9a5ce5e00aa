/* SPDX-License-Identifier: MIT */
/* Security descriptors -> who may open what is made. docs/processes.md tells which lists can be said. */
#ifndef FM_WIN32_SECURITY_H
#define FM_WIN32_SECURITY_H

#include <filemap.h>

#include "acl.h"

/* Kinds of objects, by what their rights mean; STATE: events and semaphores. */
enum secured { SECURED_SECTION, SECURED_MUTEX, SECURED_STATE, SECURED_FILE, SECURED_DIRECTORY };

/*
 * security_acl - who may open an object made with @descriptor; NULL, or one without a list: the default, mode 0
 * @ret_sealed: nobody may, and a duplicate gets no more rights than its source (an empty list; for unnamed
 * objects only)
 * FM_E_UNKNOWN_REVISION, FM_E_INVALID_ACL; FM_E_NOT_SUPPORTED: permission bits and a POSIX access list of
 * ACL_MOST further users and groups cannot express it.
 */
fm_status security_acl(const void *descriptor, enum secured secured, bool named, struct acl *ret_acl, bool *ret_sealed);

#endif
