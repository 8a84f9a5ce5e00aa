/* SPDX-License-Identifier: MIT */
/*
 * Microsoft's spellings of what this system's C library has: the same functions. Their paths are this
 * system's; only what takes wide paths follows the rule of CreateFile (libfilemap-port).
 */
#ifndef FILEMAP_WIN32_CRT_H
#define FILEMAP_WIN32_CRT_H

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "_filemap.h"

/* Descriptors are the host's, so the flags of open() are too. */
#ifndef _O_BINARY
#define _O_RDONLY O_RDONLY
#define _O_WRONLY O_WRONLY
#define _O_RDWR O_RDWR
#define _O_APPEND O_APPEND
#define _O_CREAT O_CREAT
#define _O_TRUNC O_TRUNC
#define _O_EXCL O_EXCL
#define _O_TEXT 0
#define _O_BINARY 0
#endif

#define _S_IFMT S_IFMT
#define _S_IFDIR S_IFDIR
#define _S_IFCHR S_IFCHR
#define _S_IFIFO S_IFIFO
#define _S_IFREG S_IFREG
#define _S_IREAD S_IRUSR
#define _S_IWRITE S_IWUSR
#define _S_IEXEC S_IXUSR

#define _access access
#define _chdir chdir
#define _chmod chmod
#define _close close
#define _dup dup
#define _dup2 dup2
#define _fdopen fdopen
#define _fileno fileno
#define _fseeki64 fseeko
#define _fstat fstat
#define _ftelli64 ftello
#define _getcwd getcwd
#define _isatty isatty
#define _lseek lseek
#define _lseeki64 lseek
#define _mkdir(path) mkdir(path, 0777)
#define _open open
#define _pclose pclose
#define _popen popen
#define _read read
#define _rmdir rmdir
#define _stat stat
#define _strdup strdup
#define _stricmp strcasecmp
#define _strnicmp strncasecmp
#define _unlink unlink
#define _write write

#define _wunlink FM_WIN32_WIDE(_wunlink)

FM_WIN32_BEGIN

/* Text mode differs from binary mode nowhere: the mode that was is the mode that is. */
static __inline__ int _setmode(int fd, int mode)
{
	(void)mode;
	return fcntl(fd, F_GETFD) < 0 ? -1 : _O_BINARY;
}

/* 0, or -1 and errno: ENOENT, EACCES, EINVAL. */
WINBASEAPI int __cdecl _wunlink(const wchar_t *path);

FM_WIN32_END

#endif
