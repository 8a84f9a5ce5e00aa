/* SPDX-License-Identifier: MIT */
/* Sections over Unix sockets: one message, one or two descriptors. All that arrives is hostile. */
#include <string.h>

#include "backing.h"
#include "lock.h"
#include "os.h"
#include "status.h"

#define TRANSFER_MAGIC 0x31584d46u /* "FMX1" */

struct transfer {
	uint32_t magic;
	uint32_t descriptors;
	uint32_t access;
	uint32_t protection;  /* the rest: unnamed files only */
	uint32_t attributes;
	uint32_t zero;
	uint64_t size;
};

static fm_status send_message(int socket, struct transfer *message, const int *fds)
{
	ssize_t sent = os_send(socket, message, sizeof(*message), fds, message->descriptors);

	if (sent < 0)
		return sent == -EPIPE || sent == -ECONNRESET ? FM_E_END_OF_FILE : status_of(OP_SOCKET, (int)sent);
	return sent == (ssize_t)sizeof(*message) ? FM_OK : FM_E_UNSUCCESSFUL;
}

/*
 * Anybody who has a descriptor of a memfd may open it anew for writing, as long as its mode lets everybody
 * write. Only the owner can change that; who sends on what he got himself grants no more than he was granted.
 */
static void forbid_others_to_write(const struct fm_section *handle)
{
	const struct section *section = handle->section;

	if (section->backing == FM_BACKING_MEMORY && !section->named && !(handle->access & FM_WRITE))
		(void)os.fchmod(handle->fd, section->protection & FM_EXEC ? 0755 : 0644);
}

fm_status section_send(struct fm_section *handle, int socket, uint32_t access)
{
	struct fm_section *copy;
	fm_status status = section_duplicate(handle, access, &copy);
	struct section *section;
	int fds[2], map_fd = -1;

	if (status_failed(status))
		return status;
	section = copy->section;
	forbid_others_to_write(copy);
	struct transfer message = { .magic = TRANSFER_MAGIC, .descriptors = 1, .access = access,
				    .protection = section->protection, .attributes = section->attributes,
				    .size = section_size(copy) };
	fds[0] = copy->fd;
	if (section->backing == FM_BACKING_FILE) {
		status = section_map_fd(copy, &map_fd);
		fds[section->named] = map_fd; /* beside a record it proves that the sender has the file open */
		message.descriptors += section->named;
	}
	if (!status_failed(status))
		status = send_message(socket, &message, fds);
	section_close(copy); /* what travels keeps the object alive */
	return status;
}

static void close_all(const int *fds, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		os_close(fds[i]);
}

#ifndef SCM_PIDFD
#define SCM_PIDFD 4 /* Linux 6.5 */
#endif

enum { MOST_FDS = 2 };

/* The first descriptors that came; false: there were more. Those are closed. */
static bool collect(struct msghdr *header, int fds[MOST_FDS], unsigned *ret_count)
{
	bool fit = true;

	for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part)) {
		size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (part->cmsg_level != SOL_SOCKET || (part->cmsg_type != SCM_RIGHTS && part->cmsg_type != SCM_PIDFD))
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
			if (part->cmsg_type == SCM_PIDFD) { /* the socket asks for it; nobody here does */
				os_close(fd);
			} else if (*ret_count < MOST_FDS) {
				fds[(*ret_count)++] = fd;
			} else {
				os_close(fd);
				fit = false;
			}
		}
	}
	return fit;
}

/* Every descriptor that came is in @fds, also when the message is refused. The sender's credentials come
 * and its pidfd come beside them where the socket asks for those (SO_PASSCRED, SO_PASSPIDFD). */
static fm_status take_message(int socket, struct transfer *message, int fds[MOST_FDS], unsigned *ret_count)
{
	char control[CMSG_SPACE(MOST_FDS * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int))]
		__attribute__((aligned(__alignof__(struct cmsghdr))));
	struct iovec data = { message, sizeof(*message) };
	struct msghdr header = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control,
				 .msg_controllen = sizeof(control) };
	ssize_t got = OS_RETRY(os.recvmsg(socket, &header, MSG_CMSG_CLOEXEC));
	bool fit;

	*ret_count = 0;
	if (got < 0)
		return status_of(OP_SOCKET, (int)got);
	fit = collect(&header, fds, ret_count);
	if (got == 0 && *ret_count == 0)
		return FM_E_END_OF_FILE;
	if (!fit || got != (ssize_t)sizeof(*message) || (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ||
	    message->magic != TRANSFER_MAGIC || message->descriptors != *ret_count || *ret_count == 0)
		return FM_E_OBJECT_CORRUPT;
	return FM_OK;
}

static struct section_request request_of(const struct transfer *message, int fd)
{
	return (struct section_request){ .file = fd, .size = message->size, .protection = message->protection,
					 .attributes = message->attributes, .access = message->access };
}

/* An unnamed section of a file: the message's words, held against the descriptor. Takes @fd over. */
static fm_status adopt_file(const struct transfer *message, int fd, bool portable, struct fm_section **ret_handle)
{
	struct section_request request = request_of(message, fd);
	struct stat st;
	fm_status status = FM_E_OBJECT_CORRUPT;

	request.portable = portable;
	if (os.fstat(fd, &st) == 0 && message->size > 0 && message->size <= (uint64_t)st.st_size &&
	    !(message->attributes & ~(uint32_t)SECTION_KEPT) &&
	    !(message->protection & ~(uint32_t)(FM_READ | FM_WRITE | FM_EXEC | FM_COPY))) {
		int mode = os.getfl(fd);

		if (mode >= 0 && (mode & O_ACCMODE) != O_RDWR) /* sent with fewer rights than the section has */
			request.protection &= ~(uint32_t)FM_WRITE;
		status = section_create(&request, ret_handle);
	}
	os_close(fd);
	return status;
}

/*
 * Beside the record of a name lies the file itself. The record leads to it by a path, which asks for the
 * receiver's right to open; that alone would let a sender have the receiver map a file of the receiver's.
 */
static fm_status check_companion(struct fm_section *handle, const int *fds, unsigned count)
{
	const struct section *section = handle->section;
	struct stat st;
	int mode;

	if (!section->named || section->backing != FM_BACKING_FILE)
		return count == 1 ? FM_OK : FM_E_OBJECT_CORRUPT;
	mode = count == 2 ? os.getfl(fds[1]) : -EBADF;
	if (mode < 0 || (mode & O_PATH) || os.fstat(fds[1], &st) < 0 || st.st_dev != section->device ||
	    st.st_ino != section->inode)
		return FM_E_OBJECT_CORRUPT;
	if ((mode & O_ACCMODE) != O_RDWR)
		handle->access &= ~(uint32_t)(FM_WRITE | FM_EXTEND);
	return FM_OK;
}

/*
 * A section of memory or of a name; takes the descriptors over. FM_E_OBJECT_TYPE_MISMATCH: the only one is
 * something else, and stays the caller's. A record of an unnamed file speaks of a descriptor of the process
 * that looks at it, so none ever travels.
 */
static fm_status adopt_received(const int *fds, unsigned count, struct fm_section **ret_handle)
{
	struct fm_section *handle;
	int record = file_is_record(fds[0]);
	fm_status status = record < 0 ? status_of(OP_DESCRIPTOR, record)
			 : record > 0 ? FM_E_OBJECT_CORRUPT : section_adopt(fds[0], &handle);

	if (status == FM_E_OBJECT_TYPE_MISMATCH && count == 1)
		return status;
	if (status_failed(status)) {
		os_close(fds[0]);
	} else {
		status = check_companion(handle, fds, count);
		if (status_failed(status))
			section_close(handle);
		else
			*ret_handle = handle;
	}
	close_all(fds + 1, count - 1);
	return status == FM_E_OBJECT_TYPE_MISMATCH ? FM_E_OBJECT_CORRUPT : status;
}

fm_status section_receive(int socket, struct fm_section **ret_handle)
{
	struct transfer message;
	int fds[2] = { -1, -1 };
	unsigned count;
	fm_status status = lock_ready();

	if (status_failed(status))
		return status;
	status = take_message(socket, &message, fds, &count);
	if (status_failed(status)) {
		close_all(fds, count);
		return status;
	}
	status = adopt_received(fds, count, ret_handle);
	if (status == FM_E_OBJECT_TYPE_MISMATCH)
		return adopt_file(&message, fds[0], false, ret_handle);
	if (!status_failed(status))
		(*ret_handle)->access &= message.access | FM_QUERY; /* may only narrow */
	return status;
}

/* ---- parcels: the same between handles that are numbers ---- */

/* Words of a section's parcel. */
enum { WORD_ACCESS, WORD_PROTECTION, WORD_ATTRIBUTES, WORD_SIZE, WORD_IDENTITY = WORD_SIZE + 2 };

static fm_status pack_copy(struct fm_section *copy, struct parcel *parcel)
{
	const struct section *section = copy->section;
	uint64_t size = section_size(copy);
	int fds[2] = { copy->fd, -1 }, map_fd = -1;
	fm_status status = FM_OK;

	parcel->count = 1;
	if (section->backing == FM_BACKING_FILE) {
		status = section_map_fd(copy, &map_fd);
		fds[section->named] = map_fd;
		parcel->count += section->named;
	}
	parcel->words[WORD_ACCESS] = copy->access;
	parcel->words[WORD_PROTECTION] = section->protection;
	parcel->words[WORD_ATTRIBUTES] = section->attributes;
	memcpy(&parcel->words[WORD_SIZE], &size, sizeof(size));
	memcpy(&parcel->words[WORD_IDENTITY], &section->identity, sizeof(section->identity));
	for (uint32_t i = 0; !status_failed(status) && i < parcel->count; i++) {
		parcel->fds[i] = os.dupfd(fds[i], 0);
		if (parcel->fds[i] < 0) {
			status = status_of(OP_DESCRIPTOR, parcel->fds[i]);
			close_all(parcel->fds, i);
		}
	}
	return status;
}

fm_status section_pack(struct handle *source, const uint32_t *access, struct parcel *ret_parcel)
{
	struct fm_section *handle = (struct fm_section *)source, *copy;
	fm_status status = section_duplicate(handle, access ? section_rights(*access) : handle->access, &copy);

	if (status_failed(status))
		return status;
	status = pack_copy(copy, ret_parcel);
	section_close(copy);
	return status;
}

fm_status section_move(struct fm_section *handle, int number)
{
	int fd = os.dupfd(handle->fd, number), old = handle->fd;

	if (fd < 0)
		return status_of(OP_DESCRIPTOR, fd);
	if (fd != number) {
		os_close(fd);
		return FM_E_INVALID_HANDLE; /* somebody else has it by now */
	}
	if (handle->section->map_fd == old)
		handle->section->map_fd = fd;
	handle->fd = fd;
	os_close(old);
	return FM_OK;
}

static fm_status unpack_descriptors(const struct parcel *parcel, struct fm_section **ret_handle)
{
	struct transfer message = { .access = parcel->words[WORD_ACCESS],
				    .protection = parcel->words[WORD_PROTECTION],
				    .attributes = parcel->words[WORD_ATTRIBUTES] };
	fm_status status = parcel->count ? adopt_received(parcel->fds, parcel->count, ret_handle) : FM_E_OBJECT_CORRUPT;

	if (status != FM_E_OBJECT_TYPE_MISMATCH)
		return status;
	memcpy(&message.size, &parcel->words[WORD_SIZE], sizeof(message.size));
	status = adopt_file(&message, parcel->fds[0], true, ret_handle);
	if (!status_failed(status))
		memcpy(&(*ret_handle)->section->identity, &parcel->words[WORD_IDENTITY], sizeof(uint64_t));
	return status;
}

/* The sender, of the same user, says what is granted; the descriptors' modes say what is possible. */
uint32_t section_granted(uint32_t said, uint32_t possible)
{
	const uint32_t checked = FM_READ | FM_WRITE | FM_EXEC | FM_EXTEND;

	return (said & ~checked) | (said & possible & checked);
}

fm_status section_unpack(const struct parcel *parcel, int number, struct handle **ret_handle)
{
	struct fm_section *handle;
	fm_status status = unpack_descriptors(parcel, &handle);

	if (status_failed(status))
		return status;
	handle->access = section_granted(parcel->words[WORD_ACCESS], handle->access);
	status = section_move(handle, number);
	if (!status_failed(status) && handle->section->portable)
		status = file_make_record(handle); /* with the identity and the rights that came */
	if (status_failed(status))
		section_close(handle);
	else
		*ret_handle = &handle->handle;
	return status;
}
