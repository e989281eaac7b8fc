/* The floor: how fast can the pages be fetched, and how fast can their invites come into SQLite, if nothing else is
 * asked? No events, no log, no checks of what the API says beyond what the work itself needs.
 *
 *     cc -O2 -o floor floor.c -lsqlite3
 *     floor fetch URL              reads every page and throws it away
 *     floor mirror URL DATABASE    fills the table `invite` as invite-mirror has it, document included; when there are
 *                                  rows already, merges: compares each invite with what is stored, in the order of
 *                                  the listing, writes what changed, and sets `listed` to 0 for what is absent
 *
 * One transaction, WAL, synchronous=FULL, prepared statements, a page cache of 32 MiB (with SQLite's 2 MiB the first
 * pass takes half as long again, with more than 128 MiB a fifth less). The next page is asked for as soon as a page is
 * there, so that the server works while the page is taken in. On the second run the stored rows are read by rowid: that
 * is the order in which the first listing brought them, so that nearly every row lies just where it is looked for.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FIELDS_MAX 32
#define HEAD_MAX 4096

struct slice {
    const char *at;
    size_t size;
};

static void die(const char *what) {
    fprintf(stderr, "floor: %s\n", what);
    exit(1);
}

/* ---- HTTP ---- */

static int connection;
static char *answer;                /* the head and the body of the newest answer */
static size_t answer_room, body_at, body_size;

static void connect_to(const char *url) {
    char host[64];
    int port;
    if (sscanf(url, "http://%63[0-9.]:%d", host, &port) != 2) die("the URL is to be http://ADDRESS:PORT");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) die("not an address");
    connection = socket(AF_INET, SOCK_STREAM, 0);
    if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof address) < 0) die("cannot connect");
    int on = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    answer_room = 1 << 20;
    if (!(answer = malloc(answer_room))) die("no memory");
}

static void ask(struct slice after) {
    char request[512];
    int size = snprintf(request, sizeof request,
                        "GET /v1/organizations/invites?limit=1000%s%.*s HTTP/1.1\r\nhost: localhost\r\n"
                        "x-api-key: any\r\nanthropic-version: 2023-06-01\r\n\r\n",
                        after.size ? "&after_id=" : "", (int)after.size, after.at);
    if (write(connection, request, (size_t)size) != size) die("cannot write");
}

static void receive(void) {
    size_t filled = 0, wanted = 0;
    while (!wanted || filled < wanted) {
        ssize_t got = read(connection, answer + filled, answer_room - filled);
        if (got <= 0) die("the connection ended");
        filled += (size_t)got;
        char *end;
        if (!wanted && (end = memmem(answer, filled, "\r\n\r\n", 4))) {
            char *length = memmem(answer, (size_t)(end - answer), "\r\ncontent-length: ", 18);
            if (memcmp(answer, "HTTP/1.1 200", 12) != 0 || !length) die("not the answer that was expected");
            body_at = (size_t)(end + 4 - answer);
            body_size = strtoul(length + 18, NULL, 10);
            wanted = body_at + body_size;
            if (wanted > answer_room && !(answer = realloc(answer, answer_room = wanted))) die("no memory");
        } else if (!wanted && filled >= HEAD_MAX) {
            die("the head is too long");
        }
    }
}

/* ---- JSON ---- */

static const char *at, *end;

static void space(void) {
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) at++;
}

static void expect(char byte) {
    space();
    if (at == end || *at != byte) die("the page is not as it should be");
    at++;
}

static int next_is(char byte) {
    space();
    return at < end && *at == byte;
}

/* A string with its quotes, as it is spelt. */
static struct slice string(void) {
    const char *start = at;
    expect('"');
    for (;;) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        if (!quote) die("a string does not end");
        size_t slashes = 0;
        while (quote - slashes > start + 1 && quote[-1 - (long)slashes] == '\\') slashes++;
        at = quote + 1;
        if (slashes % 2 == 0) return (struct slice){start, (size_t)(at - start)};
    }
}

/* Any value, as it is spelt. */
static struct slice value(void) {
    space();
    const char *start = at;
    if (at < end && *at == '"') return string();
    if (at < end && (*at == '{' || *at == '[')) {
        for (int depth = 0; at < end;) {
            if (*at == '"') {
                string();
                continue;
            }
            if (*at == '{' || *at == '[') depth++;
            if ((*at == '}' || *at == ']') && --depth == 0) {
                at++;
                return (struct slice){start, (size_t)(at - start)};
            }
            at++;
        }
        die("a value does not end");
    }
    while (at < end && !strchr(",}] \n\r\t", *at)) at++;
    return (struct slice){start, (size_t)(at - start)};
}

static struct slice unquoted(struct slice text) {
    if (text.size < 2 || *text.at != '"') return (struct slice){NULL, 0};
    return (struct slice){text.at + 1, text.size - 2};
}

/* ---- one invite ---- */

enum { ID, EMAIL, ROLE, STATUS, INVITED_AT, EXPIRES_AT, COLUMNS };
static const char *const column_names[COLUMNS] = {"id", "email", "role", "status", "invited_at", "expires_at"};

static struct slice columns[COLUMNS];
static char document[65536];
static size_t document_size;

static int before(struct slice a, struct slice b) {
    int order = memcmp(a.at, b.at, a.size < b.size ? a.size : b.size);
    return order ? order < 0 : a.size < b.size;
}

/* Reads one object: its columns, and its document with the keys in order. */
static void scan_invite(void) {
    struct slice names[FIELDS_MAX], values[FIELDS_MAX];
    int count = 0;
    memset(columns, 0, sizeof columns);
    expect('{');
    while (!next_is('}')) {
        if (count) expect(',');
        if (count == FIELDS_MAX) die("too many fields");
        space();
        struct slice name = string();
        expect(':');
        struct slice content = value();
        for (int i = 0; i < COLUMNS; i++)
            if (name.size == strlen(column_names[i]) + 2 && memcmp(name.at + 1, column_names[i], name.size - 2) == 0)
                columns[i] = unquoted(content);
        int place = count++;
        for (; place > 0 && before(name, names[place - 1]); place--) {
            names[place] = names[place - 1];
            values[place] = values[place - 1];
        }
        names[place] = name;
        values[place] = content;
    }
    at++;
    if (!columns[ID].size) die("an invite without an id");
    char *out = document;
    for (int i = 0; i < count; i++) {
        if (out + names[i].size + values[i].size + 3 > document + sizeof document) die("an invite is too long");
        *out++ = i ? ',' : '{';
        out = mempcpy(out, names[i].at, names[i].size);
        *out++ = ':';
        out = mempcpy(out, values[i].at, values[i].size);
    }
    *out++ = '}';
    document_size = (size_t)(out - document);
}

/* ---- the database ---- */

static sqlite3 *db;
static sqlite3_stmt *insert, *update, *by_id, *in_order;
static int64_t order_at;            /* the rowid that `in_order` stands on; 0: at its end */
static uint8_t *seen;
static int64_t seen_room;
static char instant[28];
static long inserted, updated, vanished;

static void check(int code) {
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) die(sqlite3_errmsg(db));
}

static void run(const char *sql) { check(sqlite3_exec(db, sql, NULL, NULL, NULL)); }

static sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement;
    check(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL));
    return statement;
}

static void bind_text(sqlite3_stmt *statement, int place, struct slice text) {
    if (text.at) check(sqlite3_bind_text(statement, place, text.at, (int)text.size, SQLITE_STATIC));
    else check(sqlite3_bind_null(statement, place));
}

static void open_database(const char *path) {
    check(sqlite3_open(path, &db));
    run("PRAGMA page_size = 8192");
    run("PRAGMA journal_mode = WAL");
    run("PRAGMA synchronous = FULL");
    run("PRAGMA cache_size = -32768");
    run("CREATE TABLE IF NOT EXISTS invite (id TEXT NOT NULL PRIMARY KEY, email TEXT, role TEXT, status TEXT,"
        " invited_at TEXT, expires_at TEXT, listed INTEGER NOT NULL CHECK (listed IN (0, 1)),"
        " first_observed_at TEXT NOT NULL, last_changed_at TEXT NOT NULL, document TEXT NOT NULL) STRICT;"
        "CREATE INDEX IF NOT EXISTS invite_listed ON invite (invited_at DESC, listed) WHERE listed = 1;"
        "CREATE INDEX IF NOT EXISTS invite_pending ON invite (status, listed, invited_at)"
        " WHERE status = 'pending';");
    run("BEGIN IMMEDIATE");
    insert = prepare("INSERT INTO invite VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?7, ?8)");
    update = prepare("UPDATE invite SET email = ?2, role = ?3, status = ?4, invited_at = ?5, expires_at = ?6,"
                     " listed = 1, last_changed_at = ?7, document = ?8 WHERE rowid = ?1");
    by_id = prepare("SELECT rowid, listed, document FROM invite WHERE id = ?1");
    in_order = prepare("SELECT rowid, listed, document, id FROM invite WHERE rowid >= ?1 ORDER BY rowid");
    struct timespec clock;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &clock);
    gmtime_r(&clock.tv_sec, &parts);
    size_t size = strftime(instant, sizeof instant, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(instant + size, sizeof instant - size, ".%06dZ", (int)(clock.tv_nsec / 1000 % 1000000));
}

static void mark(int64_t row) {
    if (row >= seen_room) {
        int64_t room = row * 2 + 1024;
        if (!(seen = realloc(seen, (size_t)room))) die("no memory");
        memset(seen + seen_room, 0, (size_t)(room - seen_room));
        seen_room = room;
    }
    seen[row] = 1;
}

static void step_order(void) {
    int code = sqlite3_step(in_order);
    check(code);
    order_at = code == SQLITE_ROW ? sqlite3_column_int64(in_order, 0) : 0;
}

static void order_from(int64_t row) {
    sqlite3_reset(in_order);
    check(sqlite3_bind_int64(in_order, 1, row));
    step_order();
}

static void write_row(sqlite3_stmt *statement) {
    for (int i = EMAIL; i < COLUMNS; i++) bind_text(statement, i + 1, columns[i]);
    bind_text(statement, 7, (struct slice){instant, 27});
    bind_text(statement, 8, (struct slice){document, document_size});
    check(sqlite3_step(statement));
    sqlite3_reset(statement);
}

static int is_same(sqlite3_stmt *row) {
    return sqlite3_column_int(row, 1) == 1 && (size_t)sqlite3_column_bytes(row, 2) == document_size &&
           memcmp(sqlite3_column_blob(row, 2), document, document_size) == 0;
}

static void compare(sqlite3_stmt *row) {
    int64_t place = sqlite3_column_int64(row, 0);
    mark(place);
    if (is_same(row)) return;
    check(sqlite3_bind_int64(update, 1, place));
    write_row(update);
    updated++;
}

static void merge_invite(void) {
    struct slice id = columns[ID];
    if (order_at && (size_t)sqlite3_column_bytes(in_order, 3) == id.size &&
        memcmp(sqlite3_column_blob(in_order, 3), id.at, id.size) == 0) {
        compare(in_order);
        step_order();
        return;
    }
    bind_text(by_id, 1, id);
    int code = sqlite3_step(by_id);
    check(code);
    if (code == SQLITE_ROW) {
        int64_t place = sqlite3_column_int64(by_id, 0);
        compare(by_id);
        if (order_at && place > order_at && place < order_at + 1000) order_from(place + 1);
    } else {
        bind_text(insert, 1, id);
        write_row(insert);
        mark(sqlite3_last_insert_rowid(db));
        inserted++;
    }
    sqlite3_reset(by_id);
}

static void insert_invite(void) {
    bind_text(insert, 1, columns[ID]);
    write_row(insert);
    inserted++;
}

static void close_absent(void) {
    sqlite3_stmt *listed = prepare("SELECT rowid FROM invite WHERE listed = 1");
    sqlite3_stmt *absent = prepare("UPDATE invite SET listed = 0, last_changed_at = ?2 WHERE rowid = ?1");
    int64_t *rows = NULL;
    long room = 0;
    while (sqlite3_step(listed) == SQLITE_ROW) {
        int64_t row = sqlite3_column_int64(listed, 0);
        if (row < seen_room && seen[row]) continue;
        if (vanished == room) rows = realloc(rows, (size_t)(room = room * 2 + 64) * sizeof *rows);
        if (!rows) die("no memory");
        rows[vanished++] = row;
    }
    sqlite3_finalize(listed);
    for (long i = 0; i < vanished; i++) {
        check(sqlite3_bind_int64(absent, 1, rows[i]));
        bind_text(absent, 2, (struct slice){instant, 27});
        check(sqlite3_step(absent));
        sqlite3_reset(absent);
    }
    sqlite3_finalize(absent);
    free(rows);
}

/* ---- the pages ---- */

/* What follows the invites of a page stands at its end: the cursor is found without a look at the invites. */
static int tail(struct slice *last) {
    const char *body = answer + body_at, *stop = body + body_size;
    const char *from = memrchr(body, ']', body_size);
    if (!from) die("a page without data");
    const char *id = memmem(from, (size_t)(stop - from), "\"last_id\":", 10);
    const char *more = memmem(from, (size_t)(stop - from), "\"has_more\":", 11);
    if (!id || !more) die("a page without a cursor");
    static char kept[256];
    at = id + 10;
    end = stop;
    *last = unquoted(value());
    if (last->size > sizeof kept) die("a cursor that is too long");
    last->at = memcpy(kept, last->at ? last->at : "", last->size);
    at = more + 11;
    return next_is('t');
}

static void take_page(char **page, size_t *room, void (*take)(void)) {
    /* The next answer will be written over this one. */
    char *body = answer;
    size_t body_room = answer_room;
    at = answer + body_at;
    end = at + body_size;
    answer = *page;
    answer_room = *room;
    *page = body;
    *room = body_room;
    expect('{');
    space();
    if (string().size != 6) die("a page that does not begin with data");
    expect(':');
    expect('[');
    for (int first = 1; !next_is(']'); first = 0) {
        if (!first) expect(',');
        scan_invite();
        take();
    }
}

int main(int argc, char **argv) {
    int mirrors = argc == 4 && strcmp(argv[1], "mirror") == 0;
    if (!mirrors && !(argc == 3 && strcmp(argv[1], "fetch") == 0)) {
        fprintf(stderr, "usage: floor fetch URL | floor mirror URL DATABASE\n");
        return 64;
    }
    void (*take)(void) = NULL;
    if (mirrors) {
        open_database(argv[3]);
        order_from(0);
        take = order_at ? merge_invite : insert_invite;
    }
    connect_to(argv[2]);
    size_t room = 1 << 20;
    char *page = malloc(room);
    struct slice cursor = {NULL, 0};
    long pages = 0;
    size_t bytes = 0;
    ask(cursor);
    for (int more = 1; more; pages++) {
        receive();
        bytes += body_size;
        more = tail(&cursor);
        if (more) ask(cursor);
        if (mirrors) take_page(&page, &room, take);
    }
    if (mirrors) {
        sqlite3_reset(in_order);
        if (take == merge_invite) close_absent();
        run("COMMIT");
        sqlite3_finalize(insert);
        sqlite3_finalize(update);
        sqlite3_finalize(by_id);
        sqlite3_finalize(in_order);
        check(sqlite3_close(db));
    }
    printf("%ld pages, %zu bytes, %ld inserted, ", pages, bytes, inserted);
    printf("%ld updated, %ld vanished\n", updated, vanished);
    return 0;
}
