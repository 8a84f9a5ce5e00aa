/* SPDX-License-Identifier: MIT */
/* Protection of pages of a view, and commitment of reserved ones. */
#include <string.h>
#include <sys/mman.h>

#include "backing.h"
#include "lock.h"
#include "os.h"
#include "pagemap.h"
#include "protect.h"
#include "status.h"
#include "view.h"

/* Pages [first, first + count) of one region, all of one state and so of one kind of mapping. */
struct span {
	struct region *region;
	size_t first, count;
	uint16_t state;
};

static void *span_start(const struct span *span)
{
	return (void *)(span->region->base + span->first * OS_PAGE);
}

/* The next run of equal state within @rest pages from @first. */
static struct span span_at(struct region *region, size_t first, size_t rest)
{
	return (struct span){ region, first, region_page_run(region, first, rest), region_page(region, first) };
}

static uint32_t span_protection(const struct span *span)
{
	return span->state & PAGE_CHANGED ? span->state & PAGE_PROTECTION : span->region->protection;
}

static int protect_span(const struct span *span, uint32_t protection)
{
	return os.mprotect(span_start(span), span->count * OS_PAGE, protect_kernel(protection));
}

/* One call moves at most 2 GiB. */
static int copy_bytes(char *to, char *from, size_t size)
{
	for (size_t done = 0; done < size;) {
		struct iovec local = { to + done, size - done }, remote = { from + done, size - done };
		ssize_t got = OS_RETRY(os.process_vm_readv(os_pid(), &local, &remote));

		if (got <= 0)
			return got < 0 ? (int)got : -EFAULT; /* the storage below failed */
		done += (size_t)got;
	}
	return 0;
}

/* No descriptor of the file is left: copy the pages now, so that at least later writes are private. */
static int copy_eagerly(const struct span *span, uint32_t protection)
{
	size_t size = span->count * OS_PAGE;
	intptr_t copy = os.mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int error = 0;

	if (copy < 0)
		return (int)copy;
	if (!(protect_kernel(span_protection(span)) & PROT_READ))
		error = os.mprotect(span_start(span), size, PROT_READ);
	if (error >= 0)
		error = copy_bytes((char *)copy, span_start(span), size);
	if (error >= 0)
		error = os.mprotect((void *)copy, size, protect_kernel(protection));
	if (error >= 0) {
		intptr_t moved = os.mremap((void *)copy, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, span_start(span));

		if (moved >= 0)
			return 0;
		error = (int)moved;
	}
	(void)os.munmap((void *)copy, size); /* a whole mapping of ours: cannot fail */
	return error;
}

/* Map the span's bytes again, in another way. -ESTALE: nothing leads to them but this view. */
static int remap(const struct span *span, uint32_t protection, int flags)
{
	const struct section *section = span->region->section;
	uint64_t offset = section->data_start + span->region->offset + span->first * OS_PAGE;
	intptr_t at;
	int fd;
	fm_status status = section_borrow_fd(span->region->section, span_start(span),
					     protection & FM_WRITE ? O_RDWR : O_RDONLY, &fd);

	if (status_failed(status) && status != FM_E_FILE_INVALID)
		return status == FM_E_NO_MEMORY ? -ENOMEM : -EMFILE;
	if (status_failed(status))
		return flags & MAP_PRIVATE ? copy_eagerly(span, protection) : -ESTALE;
	at = os.mmap(span_start(span), span->count * OS_PAGE, protect_kernel(protection), MAP_FIXED | flags, fd, offset);
	os_close(fd);
	return at < 0 ? (int)at : 0;
}

/* The states exist, so that setting them cannot fail. */
static void set_state(const struct span *span, uint32_t protection, uint16_t mapped)
{
	bool as_mapped = !mapped && protection == span->region->protection;

	(void)region_set_pages(span->region, span->first, span->count,
			       as_mapped ? 0 : (uint16_t)(PAGE_CHANGED | mapped | protection));
}

/* Map the span as private or as shared; its protection in the table stays the old one until all is done. */
static int turn(const struct span *span, uint32_t protection, uint16_t private)
{
	uint16_t turned = span->state & PAGE_TURNED ? 0 : PAGE_TURNED; /* or turned back */
	int error = remap(span, protection, private ? MAP_PRIVATE : MAP_SHARED);

	if (error >= 0)
		set_state(span, span_protection(span), private | turned);
	return error;
}

/* Back from private to shared, except for pages that are copies by now: those keep their bytes. */
static int share_again(const struct span *span, uint32_t protection)
{
	struct span part = *span;
	int error = 0;

	for (size_t done = 0; error >= 0 && done < span->count; done += part.count) {
		bool copy;

		part.first = span->first + done;
		error = os_private_run((uintptr_t)span_start(&part), span->count - done, &copy, &part.count);
		if (error >= 0)
			error = copy ? protect_span(&part, protection) : turn(&part, protection, 0);
	}
	return error;
}

static int change_span(const struct span *span, uint32_t protection)
{
	bool private = (span->region->protection & FM_COPY) || (span->state & PAGE_IS_PRIVATE);

	if ((protection & FM_COPY) && !private)
		return turn(span, protection, PAGE_IS_PRIVATE);
	if (!(protection & FM_COPY) && (protection & FM_WRITE) && (span->state & PAGE_IS_PRIVATE))
		return share_again(span, protection);
	return protect_span(span, protection);
}

/* Back to what the table says, as far as a failed change has reached. What cannot be had back is told. */
static void undo(struct region *region, size_t first, size_t count)
{
	for (size_t done = 0; done < count;) {
		struct span span = span_at(region, first + done, count - done);
		uint32_t old = span_protection(&span);
		uint16_t private = span.state & PAGE_IS_PRIVATE;
		int error = 0;

		if (span.state & PAGE_TURNED)
			error = private ? share_again(&span, old) : turn(&span, old, PAGE_IS_PRIVATE);
		if (error < 0 && !private)
			old &= ~(uint32_t)FM_COPY; /* readable only: writing would be shared */
		if (error < 0 || !(span.state & PAGE_TURNED))
			(void)protect_span(&span, old); /* nothing better can be done */
		if (error < 0)
			set_state(&span, old, private);
		done += span.count;
	}
	for (size_t done = 0; done < count;) { /* copies made meanwhile stay private, and that is settled now */
		struct span span = span_at(region, first + done, count - done);

		if (span.state & PAGE_TURNED)
			set_state(&span, span_protection(&span), span.state & PAGE_IS_PRIVATE);
		done += span.count;
	}
}

/* Each page's new protection into the table; how it is mapped stands there already. */
static void note(struct region *region, size_t first, size_t count, uint32_t protection)
{
	for (size_t done = 0; done < count;) {
		struct span span = span_at(region, first + done, count - done);

		set_state(&span, protection, span.state & PAGE_IS_PRIVATE);
		done += span.count;
	}
}

static fm_status change(struct region *region, size_t first, size_t count, uint32_t protection)
{
	fm_status status = FM_OK;
	size_t done = 0;
	int error = 0;

	if (!atomic_load_explicit(&region->pages, memory_order_relaxed)) { /* make the states before any change */
		status = region_set_pages(region, first, 1, PAGE_CHANGED | (uint16_t)region->protection);
		if (!status_failed(status))
			status = region_set_pages(region, first, 1, 0);
	}
	if (status_failed(status))
		return status;
	while (error >= 0 && done < count) {
		struct span span = span_at(region, first + done, count - done);

		error = change_span(&span, protection);
		done += span.count;
	}
	if (error < 0) {
		undo(region, first, count);
		return error == -ESTALE ? FM_E_FILE_INVALID : error == -EFAULT ? FM_E_IN_PAGE_ERROR : status_of(OP_MAP, error);
	}
	note(region, first, count, protection);
	return FM_OK;
}

/* The protection now, as a query tells it; the kernel is asked only where copies may be. */
static fm_status current(const struct region *region, size_t first, size_t count, uint32_t *ret_old)
{
	struct page_run run;

	view_run(region, region->base + first * OS_PAGE, OS_PAGE, &run);
	*ret_old = run.protection;
	if (!(region->section->attributes & SECTION_RESERVE) && !(region->flags & REGION_GROWABLE))
		return FM_OK;
	for (size_t done = 0; done < count; done += run.size / OS_PAGE) {
		view_run(region, region->base + (first + done) * OS_PAGE, (count - done) * OS_PAGE, &run);
		if (!run.committed)
			return FM_E_NOT_COMMITTED;
	}
	return FM_OK;
}

/* The pages of [address, +length) in their view. Within a grace period. */
static fm_status locate(const void *address, size_t length, struct region **ret_region, size_t *ret_first, size_t *ret_count)
{
	uintptr_t at = (uintptr_t)address;
	struct region *region = region_find(at);
	size_t inside;

	if (length == 0)
		return FM_E_INVALID_PARAMETER;
	if (!region || region->kind != REGION_VIEW)
		return FM_E_CONFLICTING_ADDRESSES;
	inside = at - region->base;
	if (length > region->size - inside)
		return FM_E_CONFLICTING_ADDRESSES;
	*ret_region = region;
	*ret_first = inside / OS_PAGE;
	*ret_count = (inside + length - 1) / OS_PAGE - inside / OS_PAGE + 1;
	return FM_OK;
}

static fm_status check_change(const struct region *region, uint32_t protection)
{
	if (region->flags & REGION_NO_CHANGE)
		return FM_E_SECTION_PROTECTION;
	return protect_within(protection, region->protection) ? FM_OK : FM_E_SECTION_PROTECTION;
}

static fm_status protect_within_view(void *address, size_t length, uint32_t protection, bool commit, uint32_t *ret_old)
{
	struct region *region;
	size_t first, count;
	uint32_t old = 0;
	fm_status status = locate(address, length, &region, &first, &count);

	if (!status_failed(status))
		status = check_change(region, protection);
	if (status_failed(status))
		return status;
	LOCK_SCOPE(lock_stripe(LOCK_REGION, region));
	if (region_gone(region))
		return FM_E_CONFLICTING_ADDRESSES;
	if (commit && (region->section->attributes & SECTION_RESERVE))
		status = section_commit(region->section, region->offset + first * OS_PAGE, count * OS_PAGE);
	if (!status_failed(status))
		status = current(region, first, count, &old);
	if (!status_failed(status))
		status = change(region, first, count, protection);
	if (!status_failed(status) && ret_old)
		*ret_old = old;
	return status;
}

fm_status view_protect(void *address, size_t length, uint32_t protection, uint32_t *ret_old)
{
	unsigned token = grace_enter();
	fm_status status = protect_within_view(address, length, protection, false, ret_old);

	grace_leave(token);
	return status;
}

/* Beyond the end of its file, a growable view commits by growing the file, which stays so whatever fails after that. */
static fm_status commit_file(struct region *region, uint64_t end, uint32_t protection)
{
	struct section *section = region->section;
	uint64_t known = atomic_load_explicit(&section->size, memory_order_relaxed);
	fm_status status;
	int fd;

	if (!(region->flags & REGION_GROWABLE) || end <= ((known + OS_PAGE - 1) & ~(uint64_t)(OS_PAGE - 1)))
		return FM_E_ALREADY_COMMITTED;
	status = check_change(region, protection); /* before the file grows */
	if (!status_failed(status))
		status = section_borrow_fd(section, (void *)region->base, O_RDWR, &fd);
	if (status_failed(status))
		return status;
	status = file_extend(fd, end);
	os_close(fd);
	while (!status_failed(status) && known < end && !atomic_compare_exchange_weak(&section->size, &known, end))
		;
	if (!status_failed(status) && section->named)
		named_grown(section, end);
	return status;
}

fm_status view_commit(void *address, size_t length, uint32_t protection)
{
	unsigned token = grace_enter();
	struct region *region = NULL;
	size_t first, count;
	fm_status status = locate(address, length, &region, &first, &count);

	if (!status_failed(status) && !section_is_memory(region->section))
		status = commit_file(region, region->offset + (first + count) * OS_PAGE, protection);
	if (!status_failed(status))
		status = protect_within_view(address, length, protection, true, NULL);
	grace_leave(token);
	return status;
}
