/* Serves List Invites and Get Invite from rendered pages, fast enough not to matter in a measurement.
 *
 *     cc -O2 -o server server.c
 *     server FOLDER [VARIANT]          the first line of its output is the URL; ends with SIGTERM
 *
 * FOLDER is what pages.py made. A page is a piece of a file that stands in memory; what stands around it is written for
 * each answer, with a request id of its own. Any secret will do. For the one who measures:
 *
 *     GET /-/variant/NAME              another variant from now on
 *     GET /-/requests                  "LISTS GETS": the requests since this was asked last
 *
 * One process, one thread, epoll, HTTP/1.1 with keep-alive on the loopback.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define ORGANISATION "7f1a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b"
#define REQUEST_MAX 16384

struct variant {
    char name[32];
    const char *text;
    size_t size;
    uint32_t rows;
    uint64_t *offsets;  /* rows + 1 of them; a row ends one byte (a comma) before the next one's offset */
    uint32_t *table;    /* hash of the id -> row + 1 */
    uint32_t mask;
};

struct connection {
    int descriptor;
    size_t filled;
    char request[REQUEST_MAX];
    char head[1024], tail[512];
    struct iovec parts[3];
    int part;           /* the next one to write; 3: nothing is being written */
    int closes;
};

static const char *folder;
static struct variant variants[8];
static int variant_count;
static struct variant *now;
static uint64_t lists, gets, request_number;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static uint64_t hash(const char *text, size_t size) {
    uint64_t value = 1469598103934665603u;
    for (size_t i = 0; i < size; i++) value = (value ^ (unsigned char)text[i]) * 1099511628211u;
    return value ^ (value >> 29);
}

/* The id of a row: {"id":"...", as pages.py writes it. */
static const char *row_id(const struct variant *v, uint32_t row, size_t *size) {
    const char *id = v->text + v->offsets[row] + 7;
    *size = (size_t)((const char *)memchr(id, '"', 256) - id);
    return id;
}

static int find(const struct variant *v, const char *id, size_t size, uint32_t *row) {
    for (uint64_t i = hash(id, size);; i++) {
        uint32_t entry = v->table[i & v->mask];
        if (entry == 0) return 0;
        size_t length;
        const char *known = row_id(v, entry - 1, &length);
        if (length == size && memcmp(known, id, size) == 0) {
            *row = entry - 1;
            return 1;
        }
    }
}

static struct variant *load(const char *name, size_t name_size) {
    for (int i = 0; i < variant_count; i++)
        if (strlen(variants[i].name) == name_size && memcmp(variants[i].name, name, name_size) == 0)
            return &variants[i];
    if (variant_count == 8 || name_size == 0 || name_size >= sizeof variants[0].name || memchr(name, '/', name_size))
        return NULL;
    struct variant *v = &variants[variant_count];
    memset(v, 0, sizeof *v);
    memcpy(v->name, name, name_size);
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.json", folder, v->name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return NULL;
    struct stat status;
    if (fstat(file, &status) < 0) die(path);
    v->size = (size_t)status.st_size;
    v->text = mmap(NULL, v->size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (v->text == MAP_FAILED) die(path);
    close(file);
    size_t room = v->size / 64 + 2;
    v->offsets = malloc(room * sizeof *v->offsets);
    if (!v->offsets) die("malloc");
    const char *end = v->text + v->size;
    for (const char *at = v->text; at < end;) {
        v->offsets[v->rows++] = (uint64_t)(at - v->text);
        const char *stop = memmem(at, (size_t)(end - at), "},{", 3);
        at = stop ? stop + 2 : end;
    }
    v->offsets[v->rows] = v->size + 1;
    uint32_t slots = 16;
    while (slots < 2 * v->rows) slots *= 2;
    v->mask = slots - 1;
    v->table = calloc(slots, sizeof *v->table);
    if (!v->table) die("calloc");
    for (uint32_t row = 0; row < v->rows; row++) {
        size_t size;
        const char *id = row_id(v, row, &size);
        uint64_t i = hash(id, size);
        while (v->table[i & v->mask]) i++;
        v->table[i & v->mask] = row + 1;
    }
    variant_count++;
    return v;
}

/* Takes up an answer of a body in three parts: `before` and `after` short text, `middle` a piece of a file. */
static void answer(struct connection *c, const char *status, const char *before, const char *middle, size_t middle_size,
                   const char *after) {
    size_t before_size = strlen(before), after_size = strlen(after);
    request_number++;
    int head = snprintf(
        c->head, sizeof c->head,
        "HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %zu\r\nrequest-id: req_011CBench%012llu\r\n"
        "anthropic-organization-id: " ORGANISATION "\r\n%s\r\n%s",
        status, before_size + middle_size + after_size, (unsigned long long)request_number,
        c->closes ? "connection: close\r\n" : "", before);
    memcpy(c->tail, after, after_size);
    c->parts[0] = (struct iovec){c->head, (size_t)head};
    c->parts[1] = (struct iovec){(void *)middle, middle_size};
    c->parts[2] = (struct iovec){c->tail, after_size};
    c->part = 0;
}

static void refuse(struct connection *c, const char *status, const char *type, const char *message) {
    char body[400];
    snprintf(body, sizeof body,
             "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":\"%s\"},"
             "\"request_id\":\"req_011CBench%012llu\"}",
             type, message, (unsigned long long)request_number + 1);
    answer(c, status, "", NULL, 0, body);
}

static void list(struct connection *c, const char *query, const char *end) {
    uint32_t from = 0;
    long limit = 20;
    while (query < end) {
        const char *stop = memchr(query, '&', (size_t)(end - query));
        if (!stop) stop = end;
        size_t size = (size_t)(stop - query);
        if (size > 6 && memcmp(query, "limit=", 6) == 0) {
            limit = strtol(query + 6, NULL, 10);
        } else if (size > 9 && memcmp(query, "after_id=", 9) == 0) {
            if (!find(now, query + 9, size - 9, &from)) {
                refuse(c, "400 Bad Request", "invalid_request_error", "after_id: there is no such invite");
                return;
            }
            from++;
        } else {
            refuse(c, "400 Bad Request", "invalid_request_error", "only limit and after_id are served here");
            return;
        }
        query = stop + 1;
    }
    if (limit < 1 || limit > 1000) {
        refuse(c, "400 Bad Request", "invalid_request_error", "limit: 1 to 1000");
        return;
    }
    uint32_t to = now->rows - from < (uint32_t)limit ? now->rows : from + (uint32_t)limit;
    if (from == to) {
        answer(c, "200 OK", "{\"data\":[", NULL, 0, "],\"first_id\":null,\"has_more\":false,\"last_id\":null}");
        return;
    }
    size_t first_size, last_size;
    const char *first = row_id(now, from, &first_size), *last = row_id(now, to - 1, &last_size);
    char tail[sizeof c->tail];
    snprintf(tail, sizeof tail, "],\"first_id\":\"%.*s\",\"has_more\":%s,\"last_id\":\"%.*s\"}", (int)first_size, first,
             to < now->rows ? "true" : "false", (int)last_size, last);
    const char *text = now->text + now->offsets[from];
    answer(c, "200 OK", "{\"data\":[", text, now->offsets[to] - 1 - now->offsets[from], tail);
}

static void respond(struct connection *c, const char *path, const char *end) {
    static const char invites[] = "/v1/organizations/invites";
    size_t size = (size_t)(end - path), known = sizeof invites - 1;
    if (size >= known && memcmp(path, invites, known) == 0 && (size == known || path[known] == '?')) {
        lists++;
        list(c, path + known + (size > known), end);
    } else if (size > known + 1 && memcmp(path, invites, known) == 0 && path[known] == '/') {
        gets++;
        uint32_t row;
        if (find(now, path + known + 1, size - known - 1, &row))
            answer(c, "200 OK", "", now->text + now->offsets[row], now->offsets[row + 1] - 1 - now->offsets[row], "");
        else
            refuse(c, "404 Not Found", "not_found_error", "Invite not found");
    } else if (size > 11 && memcmp(path, "/-/variant/", 11) == 0) {
        struct variant *v = load(path + 11, size - 11);
        if (v) now = v;
        answer(c, v ? "200 OK" : "404 Not Found", "", NULL, 0, v ? v->name : "there is no such variant");
    } else if (size == 11 && memcmp(path, "/-/requests", 11) == 0) {
        char body[64];
        snprintf(body, sizeof body, "%llu %llu", (unsigned long long)lists, (unsigned long long)gets);
        lists = gets = 0;
        answer(c, "200 OK", "", NULL, 0, body);
    } else {
        refuse(c, "404 Not Found", "not_found_error", "Not found");
    }
}

/* Writes as much as the socket takes: 1 when all is written, 0 when it has to wait, -1 when the connection is over. */
static int flush(struct connection *c) {
    while (c->part < 3) {
        ssize_t written = writev(c->descriptor, c->parts + c->part, 3 - c->part);
        if (written < 0) return errno == EAGAIN ? 0 : errno == EINTR ? 0 : -1;
        size_t left = (size_t)written;
        while (c->part < 3 && left >= c->parts[c->part].iov_len) left -= c->parts[c->part++].iov_len;
        if (c->part < 3) {
            c->parts[c->part].iov_base = (char *)c->parts[c->part].iov_base + left;
            c->parts[c->part].iov_len -= left;
        }
    }
    return c->closes ? -1 : 1;
}

/* Answers whatever has arrived: -1 when the connection is over, 0 when an answer waits for the socket, else 1. */
static int serve(struct connection *c) {
    for (;;) {
        if (c->part < 3) {
            int done = flush(c);
            if (done != 1) return done;
        }
        char *end = memmem(c->request, c->filled, "\r\n\r\n", 4);
        if (end) {
            size_t used = (size_t)(end + 4 - c->request);
            char *line = memchr(c->request, '\r', c->filled), *space;
            *end = 0;
            c->closes = strcasestr(c->request, "\r\nconnection: close") != NULL;
            space = memchr(c->request + 4, ' ', (size_t)(line - c->request - 4));
            if (memcmp(c->request, "GET ", 4) != 0 || !space)
                refuse(c, "405 Method Not Allowed", "invalid_request_error", "only GET is served here");
            else
                respond(c, c->request + 4, space);
            memmove(c->request, c->request + used, c->filled - used);
            c->filled -= used;
            continue;
        }
        if (c->filled == sizeof c->request) return -1;
        ssize_t got = read(c->descriptor, c->request + c->filled, sizeof c->request - c->filled);
        if (got == 0) return -1;
        if (got < 0) return errno == EAGAIN || errno == EINTR ? 1 : -1;
        c->filled += (size_t)got;
    }
}

static void accept_one(int listener, int poll) {
    int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return;
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct connection *c = calloc(1, sizeof *c);
    if (!c) die("calloc");
    c->descriptor = descriptor;
    c->part = 3;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) < 0) die("epoll_ctl");
}

int main(int argc, char **argv) {
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: server FOLDER [VARIANT]\n");
        return 64;
    }
    folder = argv[1];
    const char *first = argc > 2 ? argv[2] : "base";
    now = load(first, strlen(first));
    if (!now) {
        fprintf(stderr, "server: %s has no variant %s; make it with pages.py\n", folder, first);
        return 66;
    }
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 128) < 0)
        die("listen");
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("http://127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    int poll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[64];
    if (poll < 0 || epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event) < 0) die("epoll");
    for (;;) {
        int count = epoll_wait(poll, events, 64, -1);
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;
            if (!c) {
                accept_one(listener, poll);
            } else if (serve(c) < 0) {
                close(c->descriptor);
                free(c);
            }
        }
    }
}
