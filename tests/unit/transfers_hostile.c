/* SPDX-License-Identifier: MIT */
/* What arrives from other processes and is not what it says. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "diskfile.h"
#include "fault.h"
#include "lock.h"
#include "mailbox.h"
#include "os.h"
#include "post.h"
#include "section.h"

enum { SIZE = 0x4000 };

/* As transfer.c's and mailbox.c's messages are laid out. */
struct transfer {
	uint32_t magic, descriptors, access, protection, attributes, zero;
	uint64_t size;
};
struct mail {
	uint32_t magic, kind;
	int32_t number;
	uint32_t inheritable;
	struct parcel parcel;
};

static fm_status received_message(const struct transfer *message, size_t size, const int *fds, size_t count,
				  fm_section **ret_section)
{
	fm_status status;
	int pair[2];

	REQUIRE_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	post(pair[0], message, size, fds, count);
	status = fm_section_receive(pair[1], ret_section);
	close(pair[0]);
	close(pair[1]);
	return status;
}

static struct transfer message_of(uint32_t descriptors)
{
	return (struct transfer){ .magic = 0x31584d46u, .descriptors = descriptors, .access = FM_READ | FM_WRITE,
				  .protection = FM_READ | FM_WRITE, .size = SIZE };
}

/* The receiver's answer to a message that carries @fds. */
static fm_status received(const int *fds, size_t count, fm_section **ret_section)
{
	struct transfer message = message_of((uint32_t)count);

	return received_message(&message, sizeof(message), fds, count, ret_section);
}

static int file_of(const char *leaf)
{
	char path[512];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", check_directory(), leaf);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	REQUIRE(fd >= 0);
	REQUIRE_EQ(ftruncate(fd, SIZE), 0);
	return fd;
}

static int memfd_of(const char *name, size_t size)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	REQUIRE(fd >= 0);
	REQUIRE_EQ(ftruncate(fd, (off_t)size), 0);
	return fd;
}

TEST(more_descriptors_than_belong_to_a_message_are_closed)
{
	int fds[8];
	fm_section *got = NULL;
	struct fault_world before;

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = file_of((char[]){ (char)('a' + i), 0 });
	CHECK_EQ(received(fds, 3, &got), FM_E_OBJECT_CORRUPT);
	before = fault_world();
	for (size_t count = 3; count <= ARRAY_SIZE(fds); count++) {
		check_row("%zu", count);
		CHECK_EQ(received(fds, count, &got), FM_E_OBJECT_CORRUPT);
	}
	CHECK(got == NULL);
	CHECK_SAME_WORLD(before);
}

TEST(socket_that_tells_who_sends_receives_sections)
{
	fm_section_options options = { .size = SIZE };
	fm_section *section = NULL, *got = NULL;
	int pair[2], yes = 1;

	REQUIRE_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	REQUIRE_EQ(setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes)), 0);
	REQUIRE_EQ(fm_section_create(&options, &section), FM_OK);
	CHECK_EQ(fm_section_send(section, pair[0], 0), FM_OK);
	REQUIRE_EQ(fm_section_receive(pair[1], &got), FM_OK);
	fm_section_close(got);
	fm_section_close(section);
}

TEST(a_record_does_not_lead_to_a_descriptor_of_the_receiver)
{
	int secret = file_of("secret"), record;
	fm_section *got = NULL;
	char name[96];

	(void)snprintf(name, sizeof(name), "filemap-file:6:0:7:%x:1:%d", SIZE, secret);
	record = memfd_of(name, 0);
	CHECK_EQ(received(&record, 1, &got), FM_E_OBJECT_CORRUPT);
	CHECK(got == NULL);
	CHECK_EQ(fcntl(secret, F_GETFD), FD_CLOEXEC);
}

/* Taken for a record of this process's own, it would lead to that descriptor. */
TEST(what_cannot_be_told_from_a_record_is_refused)
{
	int secret = file_of("secret"), record;
	fm_section *got = NULL;
	char name[96];

	(void)snprintf(name, sizeof(name), "filemap-file:6:0:7:%x:1:%d", SIZE, secret);
	record = memfd_of(name, 0);
	fault_arm("readlinkat", 1, FAULT_ONCE, ENOMEM);
	CHECK_EQ(received(&record, 1, &got), FM_E_NO_MEMORY);
	CHECK(fault_disarm());
	CHECK(got == NULL);
	CHECK_EQ(fcntl(secret, F_GETFD), FD_CLOEXEC);
}

/* The descriptor of a live name for the file behind @fd, as a deceiver would send it. */
static fm_section *named_file(int fd)
{
	fm_section_options options = { .name = check_name("hostile"), .fd = fd, .use_fd = true };
	fm_section *section = NULL;

	REQUIRE_EQ(setenv("FILEMAP_ROOT", check_directory(), 1), 0);
	REQUIRE_EQ(fm_section_create(&options, &section), FM_OK);
	return section;
}

TEST(a_name_of_a_file_comes_with_that_file)
{
	int mine = file_of("mine"), other = file_of("other");
	fm_section *section = named_file(mine), *got = NULL;
	int right[] = { fm_section_number(section), mine }, wrong[] = { fm_section_number(section), other };

	CHECK_EQ(received(right, 1, &got), FM_E_OBJECT_CORRUPT);
	CHECK_EQ(received(wrong, 2, &got), FM_E_OBJECT_CORRUPT);
	CHECK(got == NULL);
	REQUIRE_EQ(received(right, 2, &got), FM_OK);
	fm_section_close(got);
	fm_section_close(section);
}

TEST(a_name_of_a_file_is_not_reserved) /* its commit map would lie beyond the end of the file */
{
	int mine = file_of("mine");
	fm_section *section = named_file(mine), *got = NULL;
	const uint32_t attributes = SECTION_RESERVE;
	const uint64_t extra = 0x1000;
	int record = fm_section_number(section), fds[] = { record, mine };

	REQUIRE_EQ(ftruncate(record, 0x20000), 0);
	REQUIRE_EQ(pwrite(record, &attributes, sizeof(attributes), 36), sizeof(attributes));
	REQUIRE_EQ(pwrite(record, &extra, sizeof(extra), 48), sizeof(extra));
	CHECK_EQ(received(fds, 2, &got), FM_E_OBJECT_CORRUPT);
	fm_section_close(section);
}

TEST(who_sends_a_file_for_reading_grants_no_writing)
{
	int mine = file_of("mine");
	fm_section *section = named_file(mine), *got = NULL;
	char path[64];
	int fds[2] = { fm_section_number(section), -1 };
	void *view = NULL;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", mine);
	fds[1] = open(path, O_RDONLY | O_CLOEXEC);
	REQUIRE(fds[1] >= 0);
	REQUIRE_EQ(received(fds, 2, &got), FM_OK);
	CHECK_EQ(fm_view_map(got, FM_WRITE, 0, 0, &view), FM_E_ACCESS_DENIED);
	fm_section_close(got);
	fm_section_close(section);
}

TEST(memory_that_its_sender_can_shrink_is_refused)
{
	int fd = memfd_of("filemap:6:0:4000", SIZE);
	fm_section *got = NULL;

	CHECK_EQ(received(&fd, 1, &got), FM_E_OBJECT_CORRUPT);
	REQUIRE_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	REQUIRE_EQ(received(&fd, 1, &got), FM_OK);
	fm_section_close(got);
}

TEST(memory_of_an_impossible_protection_is_refused)
{
	static const char *const names[] = { "filemap:2:0:4000", "filemap:46:0:4000", "filemap:100:0:4000" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int fd = memfd_of(names[i], SIZE);
		fm_section *got = NULL;

		check_row("%s", names[i]);
		REQUIRE_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
		CHECK_EQ(received(&fd, 1, &got), FM_E_OBJECT_CORRUPT);
		close(fd);
	}
}

/* As another user: the answer to opening what was received for writing. */
static int reopen_as_stranger(int socket)
{
	fm_section *got = NULL;
	char path[64];

	if (setgid(65534) < 0 || setuid(65534) < 0 || fm_section_receive(socket, &got) != FM_OK)
		return -1;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fm_section_number(got));
	return open(path, O_RDWR | O_CLOEXEC) < 0 ? errno : 0;
}

TEST(another_user_cannot_write_what_was_sent_for_reading)
{
	static const uint32_t accesses[] = { FM_READ | FM_WRITE, FM_READ | FM_WRITE | FM_EXEC };

	if (geteuid() != 0)
		check_skip("needs a second user");
	for (size_t i = 0; i < ARRAY_SIZE(accesses); i++) {
		fm_section_options options = { .size = SIZE, .access = accesses[i] };
		fm_section *section = NULL;
		int pair[2], result;
		pid_t child;

		check_row("%zu", i);
		REQUIRE_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
		REQUIRE_EQ(fm_section_create(&options, &section), FM_OK);
		REQUIRE_EQ(fm_section_send(section, pair[0], FM_READ), FM_OK);
		child = fork();
		if (child == 0)
			_exit(reopen_as_stranger(pair[1]));
		REQUIRE_EQ(waitpid(child, &result, 0), child);
		CHECK_EQ(WEXITSTATUS(result), EACCES);
		fm_section_close(section);
	}
}

TEST(each_word_of_a_message_is_checked)
{
	static const struct {
		size_t offset;
		uint64_t value;
		size_t size;
		fm_status status;
	} cases[] = {
		{ offsetof(struct transfer, zero), 0, 4, FM_OK },
		{ offsetof(struct transfer, magic), 1, 4, FM_E_OBJECT_CORRUPT },
		{ offsetof(struct transfer, descriptors), 0, 4, FM_E_OBJECT_CORRUPT },
		{ offsetof(struct transfer, descriptors), 2, 4, FM_E_OBJECT_CORRUPT },
		{ offsetof(struct transfer, protection), 0x80000000, 4, FM_E_OBJECT_CORRUPT },
		{ offsetof(struct transfer, attributes), 0x80000000, 4, FM_E_OBJECT_CORRUPT },
		{ offsetof(struct transfer, size), 0, 8, FM_E_OBJECT_CORRUPT },
		{ offsetof(struct transfer, size), SIZE + 1, 8, FM_E_OBJECT_CORRUPT },
		{ offsetof(struct transfer, size), UINT64_MAX, 8, FM_E_OBJECT_CORRUPT },
	};
	int file = file_of("sent");

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fault_world before = fault_world();
		struct transfer message = message_of(1);
		fm_section *got = NULL;

		check_row("%zu", i);
		memcpy((char *)&message + cases[i].offset, &cases[i].value, cases[i].size);
		CHECK_EQ(received_message(&message, sizeof(message), &file, 1, &got), cases[i].status);
		CHECK_EQ(got != NULL, cases[i].status == FM_OK);
		fm_section_close(got);
		if (i > 0) /* the first opens what is opened once */
			CHECK_SAME_WORLD(before);
	}
}

TEST(a_message_of_another_length_is_corrupt)
{
	struct {
		struct transfer message;
		char more;
	} longer = { .message = message_of(1) };
	static const size_t sizes[] = { 1, sizeof(struct transfer) - 1, sizeof(struct transfer) + 1 };
	int file = file_of("sent");

	REQUIRE_EQ(lock_ready(), FM_OK);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct fault_world before = fault_world();
		fm_section *got = NULL;

		check_row("%zu", sizes[i]);
		CHECK_EQ(received_message(&longer.message, sizes[i], &file, 1, &got), FM_E_OBJECT_CORRUPT);
		CHECK_SAME_WORLD(before);
	}
}

TEST(a_message_without_descriptors_is_corrupt)
{
	struct transfer message = message_of(0);
	fm_section *got = NULL;
	int pair[2];

	REQUIRE_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	REQUIRE_EQ(send(pair[0], &message, sizeof(message), 0), sizeof(message));
	CHECK_EQ(fm_section_receive(pair[1], &got), FM_E_OBJECT_CORRUPT);
	fault_arm("recvmsg", 1, FAULT_ONCE, EBADF);
	CHECK_EQ(fm_section_receive(pair[1], &got), FM_E_INVALID_HANDLE);
	CHECK(fault_disarm());
	close(pair[0]);
	CHECK_EQ(fm_section_receive(pair[1], &got), FM_E_END_OF_FILE);
}

TEST(two_descriptors_of_nothing_are_corrupt)
{
	int fds[] = { file_of("a"), file_of("b") };
	fm_section *got = NULL;
	struct fault_world before;

	REQUIRE_EQ(lock_ready(), FM_OK);
	before = fault_world();
	CHECK_EQ(received(fds, 2, &got), FM_E_OBJECT_CORRUPT);
	CHECK_SAME_WORLD(before);
}

TEST(the_file_beside_a_name_must_be_open_and_known)
{
	int mine = file_of("mine");
	fm_section *section = named_file(mine), *got = NULL;
	char path[64];
	int fds[2] = { fm_section_number(section), mine };

	REQUIRE_EQ(received(fds, 2, &got), FM_OK);
	fm_section_close(got);
	got = NULL;
	for (unsigned nth = 1; nth <= 40; nth++) { /* each look at what came */
		struct fault_world before = fault_world();

		check_row("%u", nth);
		fault_arm(nth <= 20 ? "fstat" : "getfl", (nth - 1) % 20 + 1, FAULT_ONCE, EIO);
		if (received(fds, 2, &got) == FM_OK)
			fm_section_close(got);
		(void)fault_disarm();
		CHECK_SAME_WORLD(before);
	}
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", mine);
	fds[1] = open(path, O_PATH | O_CLOEXEC);
	REQUIRE(fds[1] >= 0);
	CHECK_EQ(received(fds, 2, &got), FM_E_OBJECT_CORRUPT);
	fm_section_close(section);
}

TEST(a_socket_that_tells_the_process_receives_sections)
{
	fm_section_options options = { .size = SIZE };
	fm_section *section = NULL, *got = NULL;
	struct fault_world before;
	int pair[2], yes = 1;

	REQUIRE_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	if (setsockopt(pair[1], SOL_SOCKET, 76 /* SO_PASSPIDFD */, &yes, sizeof(yes)) < 0)
		check_skip("no SO_PASSPIDFD: before Linux 6.5");
	REQUIRE_EQ(fm_section_create(&options, &section), FM_OK);
	CHECK_EQ(fm_section_send(section, pair[0], 0), FM_OK);
	before = fault_world();
	REQUIRE_EQ(fm_section_receive(pair[1], &got), FM_OK);
	fm_section_close(got);
	CHECK_SAME_WORLD(before);
	fm_section_close(section);
}

/* ---- sending ---- */

static ssize_t send_half(int fd, const struct msghdr *message, int flags)
{
	(void)fd, (void)flags;
	return (ssize_t)message->msg_iov->iov_len / 2;
}

TEST(what_cannot_be_sent_is_told)
{
	static const struct {
		const char *call;
		int error;
		fm_status status;
	} cases[] = {
		{ "sendmsg", EPIPE, FM_E_END_OF_FILE }, { "sendmsg", ECONNRESET, FM_E_END_OF_FILE },
		{ "sendmsg", ENOMEM, FM_E_NO_MEMORY }, { "sendmsg", EBADF, FM_E_INVALID_HANDLE },
		{ "openat", EMFILE, FM_E_TOO_MANY_OPENED_FILES },
	};
	fm_section *section = named_file(file_of("mine"));
	int pair[2];

	REQUIRE_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	REQUIRE_EQ(fm_section_send(section, pair[0], FM_READ), FM_OK);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fault_world before = fault_world();

		check_row("%s %d", cases[i].call, cases[i].error);
		fault_arm(cases[i].call, 1, FAULT_FROM, cases[i].error);
		CHECK_EQ(fm_section_send(section, pair[0], FM_READ), cases[i].status);
		CHECK(fault_disarm());
		CHECK_SAME_WORLD(before);
	}
	os.sendmsg = send_half;
	CHECK_EQ(fm_section_send(section, pair[0], 0), FM_E_UNSUCCESSFUL);
	fm_section_close(section);
}

/* ---- parcels ---- */

/* What a section of each form puts into a parcel, and what the receiver makes of it while calls fail. */
TEST(each_failed_call_of_a_parcel_leaves_nothing)
{
	enum { NUMBER = 600 };
	fm_section_options options = { .size = SIZE };
	fm_section *sections[3] = { NULL, NULL, named_file(file_of("mine")) };
	fm_section_options of_file = { .fd = file_of("file"), .use_fd = true };

	REQUIRE_EQ(fm_section_create(&options, &sections[0]), FM_OK);
	REQUIRE_EQ(fm_section_create(&of_file, &sections[1]), FM_OK);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		struct fault_world before = fault_world();
		bool fired = true;

		for (unsigned nth = 1; fired; nth++) {
			struct parcel parcel = { .count = 0 };
			struct handle *got = NULL;
			fm_status status;

			check_row("%zu, call %u", i, nth);
			fault_arm("*", nth, FAULT_ONCE, EMFILE);
			status = section_pack((struct handle *)sections[i], NULL, &parcel);
			if (status == FM_OK)
				status = section_unpack(&parcel, NUMBER, &got);
			fired = fault_disarm();
			CHECK_EQ(fcntl(NUMBER, F_GETFD) >= 0, status == FM_OK);
			if (status == FM_OK)
				handle_discard(got);
			CHECK_SAME_WORLD(before);
		}
	}
}

TEST(a_parcel_for_a_number_that_is_taken_or_with_nothing_in_it_is_refused)
{
	fm_section_options options = { .size = SIZE };
	struct parcel parcel = { .count = 0 };
	struct handle *got = NULL;
	fm_section *section = NULL;
	struct fault_world before;

	REQUIRE_EQ(fm_section_create(&options, &section), FM_OK);
	before = fault_world();
	CHECK_EQ(section_unpack(&parcel, 600, &got), FM_E_OBJECT_CORRUPT);
	REQUIRE_EQ(section_pack((struct handle *)section, NULL, &parcel), FM_OK);
	CHECK_EQ(section_unpack(&parcel, 0, &got), FM_E_INVALID_HANDLE);
	CHECK(got == NULL);
	CHECK_SAME_WORLD(before);
	fm_section_close(section);
}

/* ---- mail ---- */

static unsigned long long start_time(void)
{
	char text[1024], *at;
	FILE *file = fopen("/proc/self/stat", "re");

	REQUIRE(file && fgets(text, sizeof(text), file));
	(void)fclose(file);
	at = strrchr(text, ')');
	for (int field = 2; field < 22; field++)
		at = strchr(at + 1, ' ');
	return strtoull(at, NULL, 10);
}

static int connect_to(pid_t pid, unsigned long long start)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int length = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "filemap-%d-%llu", pid, start);

	REQUIRE_EQ(connect(fd, (struct sockaddr *)&address,
			   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)), 0);
	return fd;
}

/* Connected to this process's own mailbox. */
static int mailbox(void)
{
	mailbox_ready();
	return connect_to(getpid(), start_time());
}

TEST(mail_with_too_many_descriptors_is_dropped)
{
	struct mail mail = { .magic = 0x314d4d46u, .number = 700, .parcel = { .count = 2 } };
	int connection = mailbox(), fds[6];
	struct fault_world before;

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = file_of((char[]){ (char)('a' + i), 0 });
	before = fault_world();
	for (size_t count = 4; count <= ARRAY_SIZE(fds); count++) {
		check_row("%zu", count);
		post(connection, &mail, sizeof(mail), fds, count);
		mailbox_collect();
		CHECK_EQ(fcntl(700, F_GETFD), -1);
		close(connection);
		connection = mailbox();
	}
	CHECK_SAME_WORLD(before);
}

TEST(mail_does_not_lead_to_a_descriptor_of_the_receiver)
{
	int secret = file_of("secret"), claim = file_of("claim"), connection = mailbox(), fds[2];
	struct mail mail = { .magic = 0x314d4d46u, .kind = handle_kind_index(&section_kind), .number = 700,
			     .parcel = { .words = { FM_READ | FM_WRITE }, .count = 1 } };
	char name[96];

	(void)snprintf(name, sizeof(name), "filemap-file:6:0:7:%x:1:%d", SIZE, secret);
	fds[0] = memfd_of(name, 0);
	fds[1] = claim;
	post(connection, &mail, sizeof(mail), fds, 2);
	mailbox_collect();
	CHECK_EQ(fcntl(700, F_GETFD), -1);
	CHECK_EQ(fcntl(secret, F_GETFD), FD_CLOEXEC);
}

/* A file for number 700, as a user who has that descriptor might send it. */
static void send_file(pid_t pid, unsigned long long start, const int fds[2])
{
	struct mail mail = { .magic = 0x314d4d46u, .kind = handle_kind_index(&file_kind), .number = 700,
			     .parcel = { .words = { DISKFILE_READ }, .count = 1 } };

	post(connect_to(pid, start), &mail, sizeof(mail), fds, 2);
}

TEST(mail_of_another_user_is_dropped)
{
	const int fds[2] = { file_of("sent"), file_of("claim") };
	unsigned long long start = start_time();
	pid_t self = getpid();

	if (geteuid() != 0)
		check_skip("needs a second user");
	REQUIRE_EQ(setresuid(65533, 65533, 0), 0); /* root's mail is taken */
	mailbox_ready();
	for (int own = 0; own < 2; own++) {
		pid_t child;
		int result;

		check_row("own user %d", own);
		REQUIRE_EQ(seteuid(0), 0);
		child = fork();
		if (child == 0) {
			if (setuid(own ? 65533 : 65534) < 0)
				_exit(1);
			send_file(self, start, fds);
			_exit(check_failures != 0);
		}
		REQUIRE_EQ(seteuid(65533), 0);
		REQUIRE_EQ(waitpid(child, &result, 0), child);
		REQUIRE_EQ(result, 0);
		mailbox_collect();
		CHECK_EQ(fcntl(700, F_GETFD) >= 0, own);
	}
}
