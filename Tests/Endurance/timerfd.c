/* Keeps the timers of a process away from libfaketime: an LD_PRELOAD shim, to stand before it, for tests only.
 *
 * libfaketime 0.9.10 (Debian 12) adds its offset to each absolute instant that a timerfd is set to, whichever clock the
 * timer runs on, FAKETIME_DONT_FAKE_MONOTONIC or not. Swift's runtime and NIO wait on timers of CLOCK_BOOTTIME and
 * CLOCK_MONOTONIC, which no setting of the wall clock touches. With +3d their instants become negative: the kernel
 * refuses them, and the runtime tries again without a pause. With -2d they lie two days ahead: the process sleeps on.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

int timerfd_settime(int timer, int flags, const struct itimerspec *to, struct itimerspec *was) {
    return (int)syscall(SYS_timerfd_settime, timer, flags, to, was);
}

int timerfd_gettime(int timer, struct itimerspec *is) {
    return (int)syscall(SYS_timerfd_gettime, timer, is);
}
