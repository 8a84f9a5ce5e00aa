/* SPDX-License-Identifier: MIT */
/* Reading for others that no way through /proc turns into writing. */
#include "os.h"
#include "section.h"
#include "status.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010 /* Linux 5.1 */
#endif

fm_status fm_section_seal(fm_section *section)
{
	int error;

	if (!section)
		return FM_E_INVALID_HANDLE;
	if (section->section->backing == FM_BACKING_FILE || section->section->named)
		return FM_E_NOT_SUPPORTED; /* only a memfd has seals */
	if (!(section->access & FM_WRITE))
		return FM_E_ACCESS_DENIED;
	error = os.add_seals(section->fd, F_SEAL_FUTURE_WRITE | F_SEAL_GROW | F_SEAL_SHRINK);
	if (error == -EINVAL)
		return FM_E_NOT_SUPPORTED;
	return error < 0 ? status_of(OP_DESCRIPTOR, error) : FM_OK;
}
