/* SPDX-License-Identifier: MIT */
#include "wait.h"

#include <linux/futex.h>
#include <stdatomic.h>

#define SECOND 1000000000u
#define FIRST_SLICE 100000u
#define LAST_SLICE 4000000u

static atomic_bool no_waitv; /* the kernel is older, or does not let us */

/* Nanoseconds until @end, at most @most. */
static uint64_t remaining(uint64_t end, uint64_t most)
{
	uint64_t now, left = UINT64_MAX;

	if (end != UINT64_MAX) {
		now = os_monotonic_ns();
		left = now < end ? end - now : 0;
	}
	return left < most ? left : most;
}

/* What a wait that is to be repeated may end with. */
static fm_status woken(int result)
{
	if (result >= 0 || result == -EAGAIN || result == -EINTR || result == -ETIMEDOUT)
		return FM_OK;
	return fm_internal_status_of(OP_DESCRIPTOR, result);
}

static fm_status sleep_word(const struct wait_point *point, uint64_t end, uint64_t most)
{
	uint64_t left = remaining(end, most);
	struct timespec time = { .tv_sec = (time_t)(left / SECOND), .tv_nsec = (long)(left % SECOND) };

	return woken(os.futex(point->word, point->private ? FUTEX_WAIT_PRIVATE : FUTEX_WAIT, point->expected,
			      left == UINT64_MAX ? NULL : &time));
}

static fm_status sleep_words(const struct wait_point *points, unsigned count, uint64_t end, uint64_t most,
			     int *ret_error)
{
	struct futex_waitv words[MAXIMUM_WAIT_OBJECTS];
	uint64_t until = most == UINT64_MAX ? UINT64_MAX : os_monotonic_ns() + most;
	struct timespec time;
	int result;

	if (until > end)
		until = end;
	time = (struct timespec){ .tv_sec = (time_t)(until / SECOND), .tv_nsec = (long)(until % SECOND) };
	for (unsigned i = 0; i < count; i++)
		words[i] = (struct futex_waitv){ .val = points[i].expected,
						 .uaddr = (uintptr_t)points[i].word,
						 .flags = FUTEX_32 | (points[i].private ? FUTEX_PRIVATE_FLAG : 0) };
	result = os.futex_waitv(words, count, until == UINT64_MAX ? NULL : &time);
	*ret_error = result == -ENOSYS || result == -EPERM ? result : 0;
	return *ret_error ? FM_OK : woken(result);
}

/* Rounded up to poll's milliseconds. */
static fm_status sleep_descriptors(struct pollfd *fds, unsigned count, uint64_t end)
{
	uint64_t left = remaining(end, UINT64_MAX), milliseconds = left == UINT64_MAX ? 0 : (left + 999999) / 1000000;

	if (milliseconds > INT32_MAX)
		milliseconds = INT32_MAX;
	return woken(os.poll(fds, count, left == UINT64_MAX ? -1 : (int)milliseconds));
}

/* Short sleeps on the first word, with a look at the descriptors in between. */
static fm_status sleep_slice(struct wait *wait, struct wait_point *words, unsigned count, struct pollfd *fds,
			     unsigned fd_count)
{
	int ready = fd_count ? os.poll(fds, fd_count, 0) : 0, error = 0;
	fm_status status = FM_OK;

	if (ready != 0)
		return woken(ready);
	wait->slice_ns = wait->slice_ns == 0 ? FIRST_SLICE : wait->slice_ns * 2;
	if (wait->slice_ns > LAST_SLICE)
		wait->slice_ns = LAST_SLICE;
	if (count > 1 && !atomic_load_explicit(&no_waitv, memory_order_relaxed))
		status = sleep_words(words, count, wait->end, wait->slice_ns, &error);
	else
		error = -ENOSYS;
	return error ? sleep_word(&words[0], wait->end, wait->slice_ns) : status;
}

fm_status wait_sleep(struct wait *wait, const struct wait_point *points, unsigned count)
{
	struct wait_point words[MAXIMUM_WAIT_OBJECTS];
	struct pollfd fds[MAXIMUM_WAIT_OBJECTS];
	unsigned word_count = 0, fd_count = 0;
	uint64_t most = UINT64_MAX;
	fm_status status;
	int error;

	for (unsigned i = 0; i < count; i++) {
		if (points[i].word)
			words[word_count++] = points[i];
		else
			fds[fd_count++] = (struct pollfd){ .fd = points[i].fd, .events = POLLIN };
		if (points[i].recheck_ns && points[i].recheck_ns < most)
			most = points[i].recheck_ns;
	}
	if (word_count == 0)
		return sleep_descriptors(fds, fd_count, wait->end);
	if (fd_count == 0 && word_count == 1)
		return sleep_word(&words[0], wait->end, most);
	if (fd_count == 0 && !atomic_load_explicit(&no_waitv, memory_order_relaxed)) {
		status = sleep_words(words, word_count, wait->end, most, &error);
		if (!error)
			return status;
		atomic_store_explicit(&no_waitv, true, memory_order_relaxed);
	}
	return sleep_slice(wait, words, word_count, fds, fd_count);
}
