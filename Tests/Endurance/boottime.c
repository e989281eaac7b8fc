/* libfaketime 0.9.10 fakes CLOCK_BOOTTIME even when it is told to leave the monotonic clocks alone; nobody can set
 * that clock. Loaded before libfaketime, this takes it from the kernel. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*next)(clockid_t, struct timespec *);
    if (clock != CLOCK_REALTIME) return (int)syscall(SYS_clock_gettime, clock, time);
    if (!next) *(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
    return next(clock, time);
}
