/* SPDX-License-Identifier: MIT */
/* Mail between processes: what is not as it should be, and each failure of sending and receiving. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "fault.h"
#include "lock.h"
#include "mailbox.h"
#include "make.h"
#include "os.h"
#include "post.h"
#include "section.h"

enum { NUMBER = 700, MAGIC = 0x314d4d46 };

/* As mailbox.c's messages are laid out. */
struct mail {
	uint32_t magic, kind;
	int32_t number;
	uint32_t inheritable;
	struct parcel parcel;
};

static unsigned long long start_time(pid_t pid)
{
	char path[40], text[1024], *at;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	REQUIRE(file && fgets(text, sizeof(text), file));
	(void)fclose(file);
	at = strrchr(text, ')');
	for (int field = 2; field < 22; field++)
		at = strchr(at + 1, ' ');
	return strtoull(at, NULL, 10);
}

/* Bound to or connected with an address of @pid's; @number -1: its mailbox. */
static int address_socket(int type, pid_t pid, int number, int (*use)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0), length;

	length = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "filemap-%d-%llu", (int)pid, start_time(pid));
	if (number >= 0)
		length += snprintf(address.sun_path + 1 + length, 16, "-%d", number);
	REQUIRE_EQ(use(fd, (struct sockaddr *)&address,
		       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)), 0);
	return fd;
}

static int connect_self(void)
{
	mailbox_ready();
	return address_socket(SOCK_SEQPACKET, getpid(), -1, connect);
}

/* A whole letter with a section of memory for NUMBER, and what belongs to it. */
static struct mail letter(int fds[2])
{
	fm_section *section = make_memory(PAGE, 0);
	struct mail mail = { .magic = MAGIC, .kind = handle_kind_index(&section_kind), .number = NUMBER };

	REQUIRE_EQ(section_kind.pack((struct handle *)section, NULL, &mail.parcel), FM_OK);
	fm_section_close(section);
	fds[0] = mail.parcel.fds[0];
	fds[1] = open("/dev/null", O_RDONLY | O_CLOEXEC); /* the claim */
	return mail;
}

static bool is_open(int number)
{
	return fcntl(number, F_GETFD) >= 0;
}

/* ---- receiving ---- */

static const struct handle_kind mute_kind = { .name = "mute" };

static struct mail good;
static struct mail bad_magic, bad_kind, mute, huge_count, wrong_count, no_number, beyond, taken;

static void write_letters(const struct mail *mail)
{
	static const struct handle_kind *const more[] = { &mute_kind, NULL };

	handle_add_kinds(more);
	good = bad_magic = bad_kind = mute = huge_count = wrong_count = no_number = beyond = taken = *mail;
	bad_magic.magic++;
	bad_kind.kind = 1000;
	mute.kind = handle_kind_index(&mute_kind);
	huge_count.parcel.count = UINT32_MAX;
	wrong_count.parcel.count = 2;
	no_number.number = -1;
	beyond.number = 1 << 20;
	taken.number = 0;
}

TEST(mail_that_is_not_as_it_should_be_is_dropped_whole)
{
	static const struct {
		const struct mail *mail;
		size_t size;
		bool kept;
	} cases[] = {
		{ &good, sizeof(good), true }, { &good, sizeof(good) - 1, false },
		{ &bad_magic, sizeof(good), false }, { &bad_kind, sizeof(good), false },
		{ &mute, sizeof(good), false }, { &huge_count, sizeof(good), false },
		{ &wrong_count, sizeof(good), false }, { &no_number, sizeof(good), false },
		{ &beyond, sizeof(good), false }, { &taken, sizeof(good), false },
	};
	int fds[2];
	struct mail mail = letter(fds);
	struct fault_world before;

	write_letters(&mail);
	mailbox_ready();
	before = fault_world();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int connection = connect_self();

		check_row("%zu", i);
		post(connection, cases[i].mail, cases[i].size, fds, 2);
		mailbox_collect();
		CHECK_EQ(is_open(NUMBER), cases[i].kept);
		if (cases[i].kept)
			CHECK_EQ(handle_close(NUMBER), FM_OK);
		close(connection);
		CHECK_SAME_WORLD(before);
	}
}

TEST(mail_that_cannot_be_taken_in_is_dropped_whole)
{
	static const struct {
		const char *call; /* NULL: the n-th allocation */
		unsigned nth;
		int error;
		bool kept;
	} cases[] = {
		{ "accept4", 1, EINTR, true },
		{ "poll", 1, EINTR, true },
		{ "recvmsg", 1, EINTR, true },
		{ "getsockopt", 1, ENOMEM, false },
		{ "recvmsg", 1, EAGAIN, false },
		{ "getfd", 1, EMFILE, false },
		{ "dupfd", 1, EMFILE, false },
		{ "setfd", 1, EBADF, false },
		{ NULL, 1, 0, false },
		{ NULL, 2, 0, false },
		{ NULL, 3, 0, false }, /* the table's */
	};
	int fds[2];
	struct mail mail = letter(fds);
	struct fault_world before;

	mail.inheritable = true;
	mail.number = 2000; /* of a piece of the table that nobody has used */
	make_room_for_descriptors(2000);
	mailbox_ready();
	before = fault_world();
	for (size_t i = ARRAY_SIZE(cases); i-- > 0;) {
		int connection = connect_self();

		check_row("%s %u", cases[i].call ? cases[i].call : "memory", cases[i].nth);
		post(connection, &mail, sizeof(mail), fds, 2);
		if (cases[i].call)
			fault_arm(cases[i].call, cases[i].nth, FAULT_ONCE, cases[i].error);
		else
			fault_arm_allocation(cases[i].nth, FAULT_ONCE);
		mailbox_collect();
		CHECK(fault_disarm());
		CHECK_EQ(is_open(2000), cases[i].kept);
		if (cases[i].kept) {
			CHECK_EQ(fcntl(2000, F_GETFD), 0);
			CHECK_EQ(handle_close(2000), FM_OK);
		}
		close(connection);
		CHECK_SAME_WORLD(before);
	}
}

static uid_t said_user;

static int say_user(int fd, int level, int name, void *value, socklen_t *size)
{
	struct ucred sender = { .uid = said_user };

	(void)fd, (void)level, (void)name;
	*size = sizeof(sender);
	memcpy(value, &sender, sizeof(sender));
	return 0;
}

TEST(mail_is_taken_from_this_user_and_from_root)
{
	static const struct {
		uid_t sender;
		bool kept;
	} cases[] = { { 12345, true }, { 0, true }, { 54321, false } };
	int fds[2];
	struct mail mail = letter(fds);
	const bool root = geteuid() == 0;
	const uid_t self = root ? 12345 : geteuid();

	mailbox_ready();
	os.getsockopt = say_user;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int connection = connect_self();

		check_row("%zu", i);
		post(connection, &mail, sizeof(mail), fds, 2);
		said_user = i == 0 ? self : cases[i].sender;
		REQUIRE(!root || seteuid(self) == 0);
		mailbox_collect();
		REQUIRE(!root || seteuid(0) == 0);
		CHECK_EQ(is_open(NUMBER), cases[i].kept);
		if (cases[i].kept)
			CHECK_EQ(handle_close(NUMBER), FM_OK);
		close(connection);
	}
}

/* The descriptor that this process listens with. */
static int listener(void)
{
	for (int fd = 3; fd < 256; fd++) {
		int yes = 0;
		socklen_t size = sizeof(yes);

		if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &size) == 0 && yes)
			return fd;
	}
	return -1;
}

/* Only where somebody has made the mailbox tell it; the credentials take the room of a descriptor. */
TEST(mail_that_says_who_sends_is_dropped_whole)
{
	int fds[2], yes = 1, connection;
	struct mail mail = letter(fds);
	struct fault_world before;

	mailbox_ready();
	REQUIRE_EQ(setsockopt(listener(), SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes)), 0);
	before = fault_world();
	connection = connect_self();
	post(connection, &mail, sizeof(mail), fds, 2);
	mailbox_collect();
	CHECK(!is_open(NUMBER));
	close(connection);
	CHECK_SAME_WORLD(before);
}

TEST(a_host_may_reuse_the_number_of_the_mailbox)
{
	int pairs[2], fd, connection;
	char byte = 0;

	mailbox_ready();
	fd = listener();
	REQUIRE_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pairs), 0);
	REQUIRE_EQ(dup2(0, fd), fd);
	mailbox_collect();
	REQUIRE_EQ(dup2(pairs[0], fd), fd); /* a socket, too */
	REQUIRE_EQ(write(pairs[1], "x", 1), 1);
	mailbox_collect();
	CHECK_EQ(read(fd, &byte, 1), 1);
	REQUIRE_EQ(close(fd), 0);
	mailbox_collect();
	connection = fork();
	if (connection == 0) { /* it opens its own, and what the number was is not closed */
		REQUIRE_EQ(dup2(0, fd), fd);
		mailbox_ready();
		CHECK(is_open(fd));
		CHECK(listener() >= 0);
		check_leave(false);
	}
	CHECK_EQ(child_result(connection), 0);
}

TEST(a_mailbox_that_could_not_be_opened_is_tried_again)
{
	static const char *const calls[] = { "mmap", "socket", "bind", "listen", "fstat" };

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		struct fault_world before = fault_world();

		check_row("%s", calls[i]);
		fault_arm(calls[i], 1, FAULT_ONCE, ENOMEM);
		mailbox_ready();
		CHECK(fault_disarm());
		CHECK_EQ(listener(), -1);
		CHECK_EQ(fault_world().descriptors, before.descriptors);
		fault_arm("mmap", 1, FAULT_ONCE, ENOMEM);
		mailbox_collect(); /* of nothing */
		CHECK_EQ(fault_disarm(), i == 0);
	}
	mailbox_ready();
	CHECK(listener() >= 0);
}

/* ---- sending ---- */

static struct peer *self_peer(uint32_t access)
{
	struct handle *handle = NULL;
	int number;

	REQUIRE_EQ(peer_open(getpid(), access, false, &number), FM_OK);
	REQUIRE_EQ(handle_enter(number, &process_kind, &handle), FM_OK);
	return (struct peer *)handle;
}

static fm_section *sent;

static fm_status send_one(struct peer *peer, int *ret_number)
{
	return mailbox_send(peer, (struct handle *)sent, NULL, false, ret_number);
}

TEST(what_cannot_be_sent_leaves_nothing_here)
{
	static const struct {
		const char *call;
		unsigned nth;
		int error;
		fm_status status;
	} cases[] = {
		{ "poll", 1, EINTR, FM_OK },
		{ "connect", 1, EINTR, FM_OK },
		{ "sendmsg", 1, EINTR, FM_OK },
		{ "prlimit", 1, EPERM, FM_OK },
		{ "dupfd", 1, EMFILE, FM_E_TOO_MANY_OPENED_FILES },
		{ "socket", 1, EMFILE, FM_E_TOO_MANY_OPENED_FILES },
		{ "socket", 2, EMFILE, FM_E_TOO_MANY_OPENED_FILES },
		{ "connect", 1, EAGAIN, FM_E_INSUFFICIENT_RESOURCES },
		{ "connect", 1, ECONNREFUSED, FM_E_ACCESS_DENIED },
		{ "getsockopt", 1, ENOMEM, FM_E_ACCESS_DENIED },
		{ "openat", 1, EMFILE, FM_E_ACCESS_DENIED }, /* when it started: its address is not known */
		{ "pread", 1, ENOMEM, FM_E_ACCESS_DENIED },
		{ "bind", 1, ENOMEM, FM_E_NO_MEMORY },
		{ "sendmsg", 1, ETOOMANYREFS, FM_E_INSUFFICIENT_RESOURCES },
		{ "sendmsg", 1, EPIPE, FM_E_PROCESS_IS_TERMINATING },
		{ "sendmsg", 1, ECONNRESET, FM_E_PROCESS_IS_TERMINATING },
		{ "sendmsg", 1, ENOMEM, FM_E_NO_MEMORY },
	};
	struct peer *peer = self_peer(PEER_ALL);
	struct fault_world before;

	sent = make_memory(PAGE, 0);
	mailbox_ready();
	before = fault_world();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int number = -1;

		check_row("%s %d", cases[i].call, cases[i].error);
		fault_arm(cases[i].call, cases[i].nth, FAULT_ONCE, cases[i].error);
		CHECK_EQ(send_one(peer, &number), cases[i].status);
		CHECK(fault_disarm());
		CHECK_EQ(number >= 0, cases[i].status == FM_OK);
		CHECK_SAME_WORLD(before);
		mailbox_collect();
		if (number >= 0)
			CHECK_EQ(handle_close(number), FM_OK);
		CHECK_SAME_WORLD(before);
	}
}

TEST(sending_asks_for_the_right_and_for_a_kind_that_travels)
{
	struct handle stay = { .number = 0 };
	struct peer *poor = self_peer(PEER_ALL & ~(uint32_t)PEER_DUPLICATE_HANDLE), *peer = self_peer(PEER_ALL);
	int number = -1;

	sent = make_memory(PAGE, 0);
	mailbox_ready();
	handle_init(&stay, &mute_kind);
	CHECK_EQ(send_one(poor, &number), FM_E_ACCESS_DENIED);
	CHECK_EQ(mailbox_send(peer, &stay, NULL, false, &number), FM_E_NOT_SUPPORTED);
	CHECK_EQ(number, -1);
}

TEST(somebody_elses_socket_under_the_address_gets_nothing)
{
	int ready[2], number = -1;
	pid_t impostor, self = getpid();
	char byte;

	REQUIRE_EQ(pipe2(ready, O_CLOEXEC), 0);
	impostor = fork();
	if (impostor == 0) {
		int fd = address_socket(SOCK_SEQPACKET, self, -1, bind);

		REQUIRE_EQ(listen(fd, 8), 0);
		REQUIRE_EQ(write(ready[1], "x", 1), 1);
		(void)!accept(fd, NULL, NULL); /* nobody asks for more */
		(void)pause();
	}
	REQUIRE_EQ(read(ready[0], &byte, 1), 1);
	sent = make_memory(PAGE, 0);
	CHECK_EQ(send_one(self_peer(PEER_ALL), &number), FM_E_ACCESS_DENIED);
	REQUIRE_EQ(kill(impostor, SIGKILL), 0);
	CHECK_EQ(child_result(impostor), -SIGKILL);
}

static rlim_t said_limit;

static int say_limit(pid_t pid, int resource, struct rlimit *ret_limit)
{
	(void)pid, (void)resource;
	*ret_limit = (struct rlimit){ said_limit, said_limit };
	return 0;
}

TEST(a_number_is_chosen_below_the_receivers_limit)
{
	static const struct {
		rlim_t limit;
		int number;
		fm_status status;
	} cases[] = {
		{ RLIM_INFINITY, 512, FM_OK }, { 1 << 20, 512, FM_OK }, { 1024, 512, FM_OK },
		{ 1022, 511, FM_OK }, { 600, 300, FM_OK },
		{ 4, 0, FM_E_TOO_MANY_OPENED_FILES }, { 0, 0, FM_E_TOO_MANY_OPENED_FILES },
	};
	struct peer *peer = self_peer(PEER_ALL);

	sent = make_memory(PAGE, 0);
	REQUIRE(is_open(2) && is_open(3));
	mailbox_ready();
	os.prlimit = say_limit;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int number = 0;

		check_row("%zu", i);
		said_limit = cases[i].limit;
		CHECK_EQ(send_one(peer, &number), cases[i].status);
		CHECK_EQ(number, cases[i].number);
		mailbox_collect();
		if (number)
			CHECK_EQ(handle_close(number), FM_OK);
	}
}

static int (*real_bind)(int, const struct sockaddr *, socklen_t);

/* The receiver opens 513 itself between the question and the claim. */
static int bind_too_late(int fd, const struct sockaddr *to, socklen_t size)
{
	const struct sockaddr_un *address = (const struct sockaddr_un *)to;

	if (memmem(address->sun_path, sizeof(address->sun_path), "-513", 4))
		REQUIRE_EQ(dup2(0, 513), 513);
	return real_bind(fd, to, size);
}

TEST(a_number_that_is_claimed_or_open_is_passed_by)
{
	struct peer *peer = self_peer(PEER_ALL);
	int number = -1;

	sent = make_memory(PAGE, 0);
	mailbox_ready();
	REQUIRE(address_socket(SOCK_DGRAM, getpid(), 512, bind) >= 0);
	real_bind = os.bind;
	os.bind = bind_too_late;
	CHECK_EQ(send_one(peer, &number), FM_OK);
	CHECK_EQ(number, 514);
}
