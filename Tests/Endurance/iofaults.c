/* Makes the k-th write, sync or truncate on a file of the database fail: an LD_PRELOAD shim, for tests only.
 *
 * IOFAULTS_NAME    a file counts when its path contains this
 * IOFAULTS_AT      which operation fails, from 1; 0: none, they are only counted
 * IOFAULTS_ERRNO   the number of the error
 * IOFAULTS_PERSIST 1: every later one fails too
 * IOFAULTS_COUNT   a file that is told how many operations there were and how many of them failed
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long operations, failures;

static int is_ours(int descriptor) {
    char link[64], path[4096];
    const char *name = getenv("IOFAULTS_NAME");
    if (!name || descriptor < 3) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, name) != NULL;
}

/* Counts an operation: 0 or the error that it is to fail with. */
static int judge(int descriptor) {
    int saved = errno, error = 0;
    if (is_ours(descriptor)) {
        pthread_mutex_lock(&mutex);
        const char *at = getenv("IOFAULTS_AT"), *persist = getenv("IOFAULTS_PERSIST");
        const char *number = getenv("IOFAULTS_ERRNO"), *count = getenv("IOFAULTS_COUNT");
        long wanted = at ? atol(at) : 0;
        operations++;
        if (wanted > 0 && (operations == wanted || (operations > wanted && persist && *persist == '1')))
            error = number ? atoi(number) : EIO;
        if (error) failures++;
        int file = count ? open(count, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
        if (file >= 0) {
            /* dprintf would come back here, but for a file that is not ours. */
            dprintf(file, "%ld %ld\n", operations, failures);
            close(file);
        }
        pthread_mutex_unlock(&mutex);
    }
    errno = saved;
    return error;
}

#define SHIM(result, name, parameters, arguments, descriptor)                   \
    result name parameters {                                                    \
        static result(*real) parameters;                                        \
        if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name);                   \
        int error = judge(descriptor);                                          \
        if (error) {                                                            \
            errno = error;                                                      \
            return -1;                                                          \
        }                                                                       \
        return real arguments;                                                  \
    }

SHIM(ssize_t, write, (int fd, const void *bytes, size_t size), (fd, bytes, size), fd)
SHIM(ssize_t, pwrite, (int fd, const void *bytes, size_t size, off_t at), (fd, bytes, size, at), fd)
SHIM(ssize_t, pwrite64, (int fd, const void *bytes, size_t size, off64_t at), (fd, bytes, size, at), fd)
SHIM(ssize_t, writev, (int fd, const struct iovec *parts, int count), (fd, parts, count), fd)
SHIM(ssize_t, pwritev, (int fd, const struct iovec *parts, int count, off_t at), (fd, parts, count, at), fd)
SHIM(int, fsync, (int fd), (fd), fd)
SHIM(int, fdatasync, (int fd), (fd), fd)
SHIM(int, ftruncate, (int fd, off_t size), (fd, size), fd)
SHIM(int, ftruncate64, (int fd, off64_t size), (fd, size), fd)
SHIM(int, fallocate, (int fd, int mode, off_t at, off_t size), (fd, mode, at, size), fd)
SHIM(int, fallocate64, (int fd, int mode, off64_t at, off64_t size), (fd, mode, at, size), fd)

/* These two return the error itself. */
#define SHIM_RETURNS(name, type)                                                \
    int name(int fd, type at, type size) {                                      \
        static int (*real)(int, type, type);                                    \
        if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name);                   \
        int error = judge(fd);                                                  \
        return error ? error : real(fd, at, size);                              \
    }

SHIM_RETURNS(posix_fallocate, off_t)
SHIM_RETURNS(posix_fallocate64, off64_t)
