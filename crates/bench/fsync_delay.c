/* Loaded before the C library, this makes each sync take UMBEL_FSYNC_DELAY_MICROS longer, as on a slower disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

static void delay(void) {
    const char *micros = getenv("UMBEL_FSYNC_DELAY_MICROS");
    long left = micros ? atol(micros) : 0;
    struct timespec pause = {.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};
    while (nanosleep(&pause, &pause) == -1 && errno == EINTR) {
    }
}

int fsync(int fd) {
    delay();
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int fdatasync(int fd) {
    delay();
    return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
