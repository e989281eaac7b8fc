"""The root of the log from SQL alone: python3 root.py mirror.db [SIZE]. Compare it with a checkpoint that you kept."""
import base64, hashlib, sqlite3, sys

COLUMNS = ("seq", "pass_id", "invite_id", "kind", "field", "old_value", "new_value", "evidence", "not_before",
           "observed_at", "request_id", "document")


def sha256(data):
    return hashlib.sha256(data).digest()


def encode(value):
    if value is None:
        return b"-\n"
    if len(value) > 4096:
        return b"%d#%s\n" % (len(value), hashlib.sha256(value).hexdigest().encode())
    return b"%d:%s\n" % (len(value), value)


def root(hashes):
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"")
    half = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\x01" + root(hashes[:half]) + root(hashes[half:]))


db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
columns = ", ".join(f"CAST({column} AS BLOB)" for column in COLUMNS)
size = int(sys.argv[2]) if len(sys.argv) > 2 else -1
rows = db.execute(f"SELECT {columns} FROM invite_event ORDER BY seq LIMIT ?", (size,))
leaves = [sha256(b"\x00invite-event/1\n" + b"".join(map(encode, row))) for row in rows]
print(len(leaves), base64.b64encode(root(leaves)).decode())
