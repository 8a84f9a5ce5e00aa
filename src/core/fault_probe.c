/* SPDX-License-Identifier: MIT */
/* May memory of any kind be read or written? Nothing need be installed, and nothing is changed. */
#include <errno.h>

#include <filemap.h>

#include "faulting.h"
#include "lock.h"
#include "os.h"
#include "status.h"
#include "vm.h"

/* 1: done; -errno. */
static ssize_t copy_byte(void *to, const void *from, bool write)
{
	struct iovec local = { write ? (void *)(uintptr_t)from : to, 1 }, remote = { write ? to : (void *)(uintptr_t)from, 1 };

	return OS_RETRY(write ? os.process_vm_writev(os_pid(), &local, &remote)
			      : os.process_vm_readv(os_pid(), &local, &remote));
}

/*
 * Of a page that can be read. The kernel faults it in for writing (Linux 5.14); before that, the byte itself is
 * written back. Before 6.9 it would try for ever to fault in what its storage does not give.
 */
static bool can_be_written(uintptr_t address)
{
	const int populate_write = 23; /* MADV_POPULATE_WRITE */
	int error = os.madvise((void *)(address & ~(uintptr_t)(OS_PAGE - 1)), OS_PAGE, populate_write);

	return error != -EINVAL ? error >= 0 : copy_byte((void *)address, (void *)address, true) == 1;
}

bool fault_had(uintptr_t address, bool write)
{
	char byte;
	ssize_t got = copy_byte(&byte, (void *)address, false);

	if (!write || (got < 0 && got != -EPERM && got != -ENOSYS)) /* a filter forbids to ask */
		return got == 1;
	return can_be_written(address);
}

/* As a touch would, the first one takes the guard. */
static fm_status probe_guard(uintptr_t address)
{
	struct fault fault = { .address = address };
	unsigned token = grace_enter();
	struct region *region = region_find(address);
	enum repair repair = REPAIR_NONE;

	if (region && region->kind != REGION_PLACEHOLDER)
		repair = fault_take_guard(region, &fault);
	grace_leave(token);
	return repair == REPAIR_GUARD ? FM_E_GUARD_PAGE : FM_E_ACCESS_VIOLATION;
}

static fm_status probe_byte(char *at, bool write)
{
	char byte;
	fm_status status = fm_read(&byte, at, 1, NULL);

	if (status == FM_OK)
		return !write || can_be_written((uintptr_t)at) ? FM_OK : FM_E_ACCESS_VIOLATION;
	return status == FM_E_ACCESS_VIOLATION ? probe_guard((uintptr_t)at) : status;
}

fm_status fault_probe(const void *address, size_t size, bool write)
{
	uintptr_t at = (uintptr_t)address;
	fm_status status = lock_ready();

	if (size > UINTPTR_MAX - at)
		return FM_E_ACCESS_VIOLATION;
	for (uintptr_t end = at + size; at < end && !status_failed(status); at = (at | (OS_PAGE - 1)) + 1)
		status = probe_byte((char *)at, write);
	return status;
}

static bool is_zero(const unsigned char *character, unsigned width)
{
	unsigned bits = 0;

	for (unsigned i = 0; i < width; i++)
		bits |= character[i];
	return bits == 0;
}

/* Piece by piece, none across a page, since what lies behind the terminator need not exist. */
fm_status fault_probe_text(const void *text, size_t most, unsigned width)
{
	unsigned char piece[256];
	const char *at = text;
	fm_status status = lock_ready();

	while (most > 0 && !status_failed(status)) {
		size_t room = OS_PAGE - (uintptr_t)at % OS_PAGE, size = sizeof(piece) / width * width, done;

		if (size > room)
			size = room < width ? width : room / width * width;
		if (size / width > most)
			size = most * width;
		status = fault_probe(at, size, false);
		if (!status_failed(status))
			status = fm_read(piece, at, size, &done);
		for (size_t i = 0; i < size && !status_failed(status); i += width)
			if (is_zero(piece + i, width))
				return FM_OK;
		at += size;
		most -= size / width;
	}
	return status;
}
