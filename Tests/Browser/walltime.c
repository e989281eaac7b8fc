/* Sets the wall clock of one process, and nothing else: an LD_PRELOAD shim, for tests only.
 * WALLTIME_FILE holds the offset in seconds; it is read each time. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
    int status = (int)syscall(SYS_clock_gettime, clock, time);
    const char *path = getenv("WALLTIME_FILE");
    FILE *file = clock == CLOCK_REALTIME && path ? fopen(path, "re") : NULL;
    long offset = 0;
    if (file) {
        if (fscanf(file, "%ld", &offset) == 1) time->tv_sec += offset;
        fclose(file);
    }
    return status;
}
