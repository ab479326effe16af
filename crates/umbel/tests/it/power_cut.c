/* Notes what is overwritten in the files of a folder, and when they are synced: what a power cut may take away. Ends the server before
 * a sync when it is told to. Loaded before all other libraries into a server under test. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WRITTEN, SYNCED };

/* Before each note: what happened, bytes of the path, where, bytes that are written, and bytes that were there, which follow the path. */
struct head {
    uint64_t kind, path, offset, length, old;
};

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
/* Whether something was written after the last sync. */
static int is_unsynced;

static ssize_t real_write(int fd, const void *bytes, size_t length) {
    static ssize_t (*next)(int, const void *, size_t);
    if (!next) next = dlsym(RTLD_NEXT, "write");
    return next(fd, bytes, length);
}

/* The path of a file of the folder that is kept on the disk, or nothing. */
static const char *path_of(int fd, char path[4096]) {
    const char *folder = getenv("UMBEL_TEST_FOLDER");
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, 4095);
    if (!folder || length < 0) return NULL;
    path[length] = 0;
    int is_shared_memory = length > 4 && !strcmp(path + length - 4, "-shm");
    return strncmp(path, folder, strlen(folder)) || is_shared_memory ? NULL : path;
}

static void note(uint64_t kind, int fd, const char *path, off_t offset, size_t length) {
    static int journal = -1;
    if (journal < 0) journal = open(getenv("UMBEL_TEST_JOURNAL"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    char *old = malloc(length + 1);
    ssize_t there = length ? pread(fd, old, length, offset) : 0;
    struct head head = {kind, strlen(path), offset, length, there > 0 ? there : 0};
    if (real_write(journal, &head, sizeof head) < 0 || real_write(journal, path, head.path) < 0 || real_write(journal, old, head.old) < 0)
        abort();
    free(old);
    is_unsynced = kind == WRITTEN;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
    static ssize_t (*next)(int, const void *, size_t, off64_t);
    if (!next) next = dlsym(RTLD_NEXT, "pwrite64");
    char buffer[4096];
    const char *path = path_of(fd, buffer);
    if (!path) return next(fd, bytes, length, offset);
    pthread_mutex_lock(&turn);
    note(WRITTEN, fd, path, offset, length);
    ssize_t written = next(fd, bytes, length, offset);
    pthread_mutex_unlock(&turn);
    return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }

ssize_t write(int fd, const void *bytes, size_t length) {
    char buffer[4096];
    const char *path = path_of(fd, buffer);
    if (!path) return real_write(fd, bytes, length);
    ssize_t written = pwrite64(fd, bytes, length, lseek(fd, 0, SEEK_CUR));
    if (written > 0) lseek(fd, written, SEEK_CUR);
    return written;
}

int ftruncate64(int fd, off64_t size) {
    static int (*next)(int, off64_t);
    if (!next) next = dlsym(RTLD_NEXT, "ftruncate64");
    char buffer[4096];
    const char *path = path_of(fd, buffer);
    if (!path) return next(fd, size);
    struct stat before;
    pthread_mutex_lock(&turn);
    if (!fstat(fd, &before) && before.st_size > size) note(WRITTEN, fd, path, size, before.st_size - size);
    int done = next(fd, size);
    pthread_mutex_unlock(&turn);
    return done;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int synced(const char *name, int fd) {
    int (*next)(int) = dlsym(RTLD_NEXT, name);
    char buffer[4096];
    const char *path = path_of(fd, buffer);
    if (!path) return next(fd);
    pthread_mutex_lock(&turn);
    if (is_unsynced && !access(getenv("UMBEL_TEST_CUT"), F_OK)) kill(getpid(), SIGKILL);
    int done = next(fd);
    if (!done) note(SYNCED, fd, path, 0, 0);
    pthread_mutex_unlock(&turn);
    return done;
}

int fsync(int fd) { return synced("fsync", fd); }

int fdatasync(int fd) { return synced("fdatasync", fd); }
