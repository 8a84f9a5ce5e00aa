/* SPDX-License-Identifier: MIT */
/* Room on file systems. A cluster is a block, of sectors of 512 bytes where that fits, else of its own size. */
#include "file.h"

enum { SECTOR = 512 };

fm_status disk_space(const char *path, uint64_t *ret_cluster, uint64_t *ret_available, uint64_t *ret_free,
		     uint64_t *ret_total)
{
	char host[PATH_MAX];
	struct statfs st;
	fm_status status = fm_internal_path_host(path ? path : ".", host);
	OS_CLEANUP_FD int fd = -1;
	int error;

	if (status_failed(status))
		return status;
	fd = os_open(AT_FDCWD, host, O_PATH | O_DIRECTORY, 0);
	if (fd == -ENOENT)
		return FM_E_PATH_NOT_FOUND;
	if (fd == -ENOTDIR)
		return FM_E_NOT_A_DIRECTORY;
	error = fd < 0 ? fd : OS_RETRY(os.fstatfs(fd, &st));
	if (error < 0)
		return fm_internal_status_of(OP_OPEN_FILE, error);
	*ret_cluster = (uint64_t)(st.f_frsize ? st.f_frsize : st.f_bsize);
	*ret_available = st.f_bavail;
	*ret_free = st.f_bfree;
	*ret_total = st.f_blocks;
	return FM_OK;
}

static DWORD capped(uint64_t clusters)
{
	return clusters > UINT32_MAX ? UINT32_MAX : (DWORD)clusters;
}

BOOL disk_clusters(const char *path, LPDWORD sectors, LPDWORD bytes, LPDWORD free, LPDWORD total)
{
	uint64_t cluster, available, all_free, all;

	if (!finish(disk_space(path, &cluster, &available, &all_free, &all)))
		return FALSE;
	if (sectors)
		*sectors = (DWORD)(cluster % SECTOR ? 1 : cluster / SECTOR);
	if (bytes)
		*bytes = (DWORD)(cluster % SECTOR ? cluster : SECTOR);
	if (free)
		*free = capped(available);
	if (total)
		*total = capped(all);
	return TRUE;
}

BOOL disk_bytes(const char *path, PULARGE_INTEGER available, PULARGE_INTEGER total, PULARGE_INTEGER free)
{
	uint64_t cluster, blocks_available, blocks_free, blocks;

	if (!finish(disk_space(path, &cluster, &blocks_available, &blocks_free, &blocks)))
		return FALSE;
	if (available)
		available->QuadPart = blocks_available * cluster;
	if (total)
		total->QuadPart = blocks * cluster;
	if (free)
		free->QuadPart = blocks_free * cluster;
	return TRUE;
}

BOOL WINAPI GetDiskFreeSpaceA(LPCSTR lpRootPathName, LPDWORD lpSectorsPerCluster, LPDWORD lpBytesPerSector,
			      LPDWORD lpNumberOfFreeClusters, LPDWORD lpTotalNumberOfClusters)
{
	return disk_clusters(lpRootPathName, lpSectorsPerCluster, lpBytesPerSector, lpNumberOfFreeClusters,
			     lpTotalNumberOfClusters);
}

BOOL WINAPI GetDiskFreeSpaceExA(LPCSTR lpDirectoryName, PULARGE_INTEGER lpFreeBytesAvailableToCaller,
				PULARGE_INTEGER lpTotalNumberOfBytes, PULARGE_INTEGER lpTotalNumberOfFreeBytes)
{
	return disk_bytes(lpDirectoryName, lpFreeBytesAvailableToCaller, lpTotalNumberOfBytes,
			  lpTotalNumberOfFreeBytes);
}
