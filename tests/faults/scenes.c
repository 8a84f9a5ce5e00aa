/* SPDX-License-Identifier: MIT */
#include "scenes.h"

#include <linux/userfaultfd.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "disk.h"

#ifndef MFD_HUGETLB
#define MFD_HUGETLB 4u
#endif

static const char *path_in(const char *directory, const char *name)
{
	static char path[600];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static char *view_of(const char *path, uint32_t access)
{
	fm_section *section = make_file_section(path, access == FM_COPY ? FM_READ | FM_WRITE : 0);
	char *view = make_view(section, access, 0, 0);

	fm_section_close(section);
	return view;
}

/* As another process would. */
static void cut(const char *path)
{
	pid_t child = fork();

	if (child == 0)
		_exit(truncate(path, (off_t)PAGE) != 0);
	REQUIRE_EQ(child_result(child), 0);
}

void scene_cut(const char *directory, struct scene *scene)
{
	const char *path = make_file("cut", 4 * PAGE);

	(void)directory;
	scene->view = view_of(path, FM_WRITE);
	cut(path);
	*scene = (struct scene){ scene->view, scene->view + PAGE, PAGE, true, true, false, false };
}

void scene_cut_copy(const char *directory, struct scene *scene)
{
	const char *path = make_file("copy", 4 * PAGE);

	(void)directory;
	scene->view = view_of(path, FM_COPY);
	scene->view[PAGE] = 9;
	cut(path);
	*scene = (struct scene){ scene->view, scene->view + PAGE, PAGE, true, true, false, false };
}

/* A file of which only the first page has storage, and no room for more. */
static char *sparse_on_full(const char *directory)
{
	const char *path = path_in(directory, "sparse");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	char *view;

	REQUIRE(fd >= 0);
	REQUIRE_EQ(ftruncate(fd, 4 * (off_t)PAGE), 0);
	REQUIRE_EQ(pwrite(fd, "x", 1, 0), 1);
	REQUIRE_EQ(fsync(fd), 0);
	close(fd);
	view = view_of(path, FM_WRITE);
	small_fill(directory);
	return view;
}

void scene_full_tmpfs(const char *directory, struct scene *scene)
{
	small_unshare();
	if (mount("filemap-test", directory, "tmpfs", 0, "size=256k,mode=1777") < 0)
		check_skip("mount tmpfs: %s", strerror(errno));
	scene->view = sparse_on_full(directory);
	*scene = (struct scene){ scene->view, scene->view + PAGE, PAGE, true, true, false, false };
}

void scene_full_disk(const char *directory, struct scene *scene)
{
	char image[600];

	snprintf(image, sizeof(image), "%s/disk", check_directory());
	disk_make(image, 4);
	small_unshare();
	disk_mount(image, directory, "nodelalloc");
	scene->view = sparse_on_full(directory);
	*scene = (struct scene){ scene->view, scene->view + PAGE, PAGE, false, true, false, false };
}

void scene_io_error(const char *directory, struct scene *scene)
{
	small_unshare();
	errors_mount(directory, 4 * PAGE);
	scene->view = view_of(path_in(directory, "file"), FM_WRITE);
	*scene = (struct scene){ scene->view, scene->view, 0, true, true, false, false };
}

static int huge_pool(const char *text)
{
	int fd = open("/proc/sys/vm/nr_hugepages", O_RDWR | O_CLOEXEC), number = -1;
	char now[32] = "";

	if (fd >= 0 && text)
		(void)!write(fd, text, strlen(text));
	if (fd >= 0 && pread(fd, now, sizeof(now) - 1, 0) > 0)
		number = atoi(now);
	if (fd >= 0)
		close(fd);
	return number;
}

static void huge_pool_back(void)
{
	(void)huge_pool("0");
}

/* One page in the pool, which the parent has: the copy of its child has none to go to. */
void scene_no_huge_page(const char *directory, struct scene *scene)
{
	const size_t size = (size_t)2 << 20;
	fm_section_options options = { .use_fd = true };
	static fm_section *section; /* stays open: nothing else leads to a file without a name */

	(void)directory;
	if (geteuid() != 0)
		check_skip("only root can set the pool of huge pages");
	if (huge_pool(NULL) != 0)
		check_skip("the pool of huge pages is in use");
	if (huge_pool("1") != 1)
		check_skip("no huge page can be had");
	atexit(huge_pool_back);
	options.fd = memfd_create("huge", MFD_CLOEXEC | MFD_HUGETLB);
	REQUIRE(options.fd >= 0);
	REQUIRE_EQ(ftruncate(options.fd, (off_t)size), 0);
	if (fm_section_create(&options, &section) != FM_OK || fm_view_map(section, FM_COPY, 0, 0, (void **)&scene->view) != FM_OK) {
		huge_pool_back();
		check_skip("huge pages cannot be mapped");
	}
	close(options.fd);
	scene->view[0] = 1;
	*scene = (struct scene){ scene->view, scene->view, 0, false, true, true, check_kernel(5, 19) };
}

/* Tells the kernel that the page is lost, as after an error of memory, and harms nothing (Linux 6.6). */
void scene_poisoned(const char *directory, struct scene *scene)
{
	struct poison { uint64_t start, length, mode; int64_t updated; } poison = { .length = PAGE };
	struct uffdio_api api = { .api = UFFD_API, .features = 1u << 14 /* UFFD_FEATURE_POISON */ };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | 1);
	fm_section *section = make_memory(4 * PAGE, 0);

	(void)directory;
	scene->view = make_view(section, FM_WRITE, 0, 0);
	fm_section_close(section);
	scene->view[0] = 1;
	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) < 0)
		check_skip("userfaultfd cannot poison: %s", strerror(errno));
	range.range.start = (uintptr_t)scene->view;
	range.range.len = 4 * PAGE;
	REQUIRE_EQ(ioctl(fd, UFFDIO_REGISTER, &range), 0);
	poison.start = (uintptr_t)scene->view + PAGE;
	REQUIRE_EQ(ioctl(fd, _IOWR(UFFDIO, 0x08, struct poison), &poison), 0);
	*scene = (struct scene){ scene->view, scene->view + PAGE, PAGE, true, true, false, false };
}
