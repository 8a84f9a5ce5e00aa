/* SPDX-License-Identifier: MIT */
/* Where storms rage, and what they leave there. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "fault.h"
#include "make.h"
#include "storm.h"

static char ground[512];
static bool mounted;

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return written;
}

/* Mounts of our own: root may have them, others in a user space of their own where the system allows that. */
static bool unshare_mounts(void)
{
	char users[64], groups[64];

	(void)snprintf(users, sizeof(users), "%d %d 1", (int)geteuid(), (int)geteuid());
	(void)snprintf(groups, sizeof(groups), "%d %d 1", (int)getegid(), (int)getegid());
	if (geteuid() == 0)
		return unshare(CLONE_NEWNS) == 0;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return false;
	REQUIRE(write_text("/proc/self/setgroups", "deny"));
	REQUIRE(write_text("/proc/self/uid_map", users) && write_text("/proc/self/gid_map", groups));
	return true;
}

static void make_names(const char *name)
{
	fm_section_options options = { .name = name, .size = PAGE };

	fm_section_close(make_section(&options));
}

const char *storm_ground_make(void)
{
	if (!getenv("TMPDIR") && access("/dev/shm", W_OK) == 0) /* where names usually live */
		REQUIRE_EQ(setenv("TMPDIR", "/dev/shm", 1), 0);
	(void)snprintf(ground, sizeof(ground), "%s/ground", check_directory());
	REQUIRE_EQ(mkdir(ground, 0700), 0);
	mounted = unshare_mounts() && mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
		  mount("storm", ground, "tmpfs", 0, "mode=0700") == 0;
	if (!mounted)
		printf("no file system of its own: %s; bytes are not counted\n", strerror(errno));
	REQUIRE_EQ(setenv("FILEMAP_ROOT", ground, 1), 0);
	make_names("warm"); /* what stays once for all: directories, and their descriptors */
	make_names("Global\\warm");
	return ground;
}

struct storm_ground storm_ground_look(void)
{
	struct storm_ground now = { .descriptors = fault_world().descriptors };
	struct statfs fs;

	if (mounted) {
		REQUIRE_EQ(statfs(ground, &fs), 0);
		now.bytes = (uint64_t)(fs.f_blocks - fs.f_bfree) * (uint64_t)fs.f_bsize;
		now.inodes = fs.f_files - fs.f_ffree;
	}
	return now;
}

void storm_ground_check(struct storm_ground before)
{
	struct storm_ground now;
	int names;

	for (unsigned space = FM_LOCAL; space <= FM_GLOBAL; space++)
		CHECK_EQ(fm_namespace_sweep(space, NULL, NULL), FM_OK);
	now = storm_ground_look();
	names = fault_world().names;
	printf("after one sweep are left: %d names, %lld bytes, %lld inodes, %d descriptors\n", names,
	       (long long)(now.bytes - before.bytes), (long long)(now.inodes - before.inodes),
	       now.descriptors - before.descriptors);
	CHECK_EQ(names, 0);
	CHECK_EQ(now.bytes, before.bytes);
	CHECK_EQ(now.inodes, before.inodes);
	CHECK_EQ(now.descriptors, before.descriptors);
	if (mounted)
		(void)umount2(ground, MNT_DETACH); /* for its directory to be removed */
}

uint64_t storm_kills(uint64_t few)
{
	const char *kills = getenv("STORM_KILLS");

	return kills ? strtoull(kills, NULL, 10) : few;
}

void storm_print_deaths(const char *what, const struct storm_deaths *deaths)
{
	printf("%s: %llu kills, %llu of them inside a call, %llu while stopped, %llu in a forked child, "
	       "%llu in an exec'd one; %llu stops\n",
	       what, (unsigned long long)deaths->kills, (unsigned long long)deaths->inside,
	       (unsigned long long)deaths->stopped, (unsigned long long)deaths->of[STORM_FORKED],
	       (unsigned long long)deaths->of[STORM_EXECED], (unsigned long long)deaths->stops);
}
