#!/usr/bin/env python3
"""dlt with its SCD2 strategy, which keeps every version of a row with the time from which and to which it held.

    dlt_scd2.py URL FOLDER duckdb|sqlite [arrow|objects]

As dlt is at its best here: pages go to it as Arrow tables, which spares it the row by row normalising (`objects` does
that instead: lists of dicts, orjson, its own row hash), 50 pages at a time; the row hash comes from dlt's own helper;
parquet loader files without compression; telemetry and state sync off. dlt retires absent rows by itself. An index for
SQLite was tried and made no difference: the merge reads all of both tables anyway.
FOLDER keeps the database and dlt's own files.
"""

import http.client
import io
import os
import pathlib
import sys
import urllib.parse

url, folder, kind = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), sys.argv[3]
form = sys.argv[4] if len(sys.argv) > 4 else "arrow"
os.environ.update({
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "DATA_WRITER__BUFFER_MAX_ITEMS": "50000",
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "false",
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_ID": "false",
    "NORMALIZE__DATA_WRITER__COMPRESSION": "none",
    "NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION": "true",
    "LOAD__DELETE_COMPLETED_JOBS": "true",
    "LOAD__WORKERS": "2",
    "DLT_DATA_DIR": str(folder / "dlt"),
})

import dlt  # noqa: E402
import orjson  # noqa: E402
import pyarrow  # noqa: E402
import pyarrow.json  # noqa: E402
from dlt.sources.helpers.transform import add_row_hash_to_table  # noqa: E402

NAMES = ("id", "email", "expires_at", "invited_at", "role", "status", "type")
ROW = pyarrow.schema([(name, pyarrow.string()) for name in NAMES])
PAGE = pyarrow.schema([("data", pyarrow.list_(pyarrow.struct(list(ROW)))), ("has_more", pyarrow.bool_()),
                       ("last_id", pyarrow.string()), ("first_id", pyarrow.string())])
TOGETHER = 50  # Pages.


def bodies():
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)
    after = ""
    while True:
        connection.request("GET", f"/v1/organizations/invites?limit=1000{after}", headers={"x-api-key": "any"})
        response = connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise SystemExit(f"the API answered {response.status}")
        last = yield body
        if last is None:
            return
        after = "&after_id=" + urllib.parse.quote(last)


def read_page(body):
    options = pyarrow.json.ReadOptions(block_size=len(body) + 1)
    parsing = pyarrow.json.ParseOptions(explicit_schema=PAGE, unexpected_field_behavior="error")
    page = pyarrow.json.read_json(io.BytesIO(body), read_options=options, parse_options=parsing)
    rows = pyarrow.Table.from_batches(
        [pyarrow.RecordBatch.from_struct_array(chunk.flatten()) for chunk in page["data"].chunks])
    return rows, page["last_id"][0].as_py() if page["has_more"][0].as_py() else None


def read_objects(body):
    page = orjson.loads(body)
    return page["data"], page["last_id"] if page["has_more"] else None


def pages(read):
    source = bodies()
    body = next(source)
    while True:
        rows, last = read(body)
        yield rows
        if last is None:
            return
        body = source.send(last)


def listing():
    if form == "objects":
        yield from pages(read_objects)
        return
    some = []
    for rows in pages(read_page):
        some.append(rows)
        if len(some) == TOGETHER:
            yield pyarrow.concat_tables(some).combine_chunks()
            some = []
    if some:
        yield pyarrow.concat_tables(some).combine_chunks()


def main():
    disposition = {"disposition": "merge", "strategy": "scd2"}
    if form == "arrow":
        disposition["row_version_column_name"] = "row_hash"
    columns = {name: {"data_type": "text"} for name in NAMES}
    resource = dlt.resource(listing, name="invite", write_disposition=disposition, columns=columns)
    if form == "arrow":
        resource.add_map(add_row_hash_to_table("row_hash"))
    if kind == "duckdb":
        destination = dlt.destinations.duckdb(str(folder / "invite.duckdb"))
    else:
        destination = dlt.destinations.sqlalchemy(f"sqlite:///{folder / 'invite.db'}")
    pipeline = dlt.pipeline("invites", pipelines_dir=str(folder / "pipelines"), destination=destination,
                            dataset_name="main" if kind == "sqlite" else "mirror")
    pipeline.config.restore_from_destination = False
    pipeline.run(resource, loader_file_format="parquet")
    if pipeline.has_pending_data:
        raise SystemExit("dlt has not loaded everything")


if __name__ == "__main__":
    main()
