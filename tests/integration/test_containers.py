"""The image and the compose file, as far as they can be checked where no container engine runs."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as (instruction, arguments), continued lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    kept = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    lines = [line.strip() for line in kept.replace("\\\n", " ").splitlines() if line.strip()]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def arguments(name: str) -> list[str]:
    return [rest for word, rest in instructions() if word == name]


def last_stage() -> list[tuple[str, str]]:
    every = instructions()
    start = max(index for index, (word, _) in enumerate(every) if word == "FROM")
    return every[start:]


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


def copied_from_the_repository() -> list[str]:
    found: list[str] = []
    for rest in arguments("COPY"):
        words = shlex.split(rest)
        if not any(word.startswith("--from=") for word in words):
            found += words[:-1]
    return found


def test_everything_the_image_copies_exists():
    sources = copied_from_the_repository()

    assert sources
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_build_context_lets_through_what_is_copied_and_nothing_else():
    lines = [
        line
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]

    assert lines[0] == "*"
    let_through = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert let_through == {source.removeprefix("./") for source in copied_from_the_repository()}


def test_every_package_of_the_wheel_is_copied():
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    packages = re.search(r"^packages = \[(.*)\]$", pyproject, flags=re.MULTILINE)

    assert packages is not None
    assert set(re.findall(r'"(\w+)"', packages[1])) <= set(copied_from_the_repository())


def test_only_locked_packages_are_installed():
    installs = [rest for rest in arguments("RUN") if "pip install" in rest]

    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert {"--no-deps", "--no-build-isolation"} <= set(installs[1].split())


def test_the_process_is_unprivileged_and_may_write_its_data_folder_only():
    stage = last_stage()
    users = [rest for word, rest in stage if word == "USER"]
    makes_user = next(rest for word, rest in stage if word == "RUN")

    assert users == ["broadsheet"]
    assert "--uid 10001" in makes_user
    assert "install -d -o broadsheet" in makes_user
    assert ("VOLUME", "/data") in stage
    assert any(word == "ENV" and "BROADSHEET_DATA_DIR=/data" in rest for word, rest in stage)


def test_the_image_asks_its_own_health_page_on_the_port_it_serves():
    (check,) = [rest for word, rest in last_stage() if word == "HEALTHCHECK"]
    (command,) = [rest for word, rest in last_stage() if word == "CMD"]
    (port,) = arguments("EXPOSE")

    assert f"http://127.0.0.1:{port}/healthz" in check
    assert command == f'["broadsheet", "run", "--host", "0.0.0.0", "--port", "{port}"]'


def test_the_command_of_the_health_check_is_sound_python():
    (check,) = [rest for word, rest in last_stage() if word == "HEALTHCHECK"]
    words: list[str] = yaml.safe_load(check[check.index("[") :])

    assert words[:2] == ["python", "-c"]
    compile(words[2], "HEALTHCHECK", "exec")


def test_every_published_port_is_bound_to_loopback():
    ports = [port for service in compose()["services"].values() for port in service.get("ports", [])]

    assert ports == ["127.0.0.1:8080:8080"]


def test_the_bot_is_confined():
    bot = compose()["services"]["bot"]

    assert bot["read_only"] is True
    assert bot["tmpfs"] == ["/tmp"]  # noqa: S108 - a mount, not a file of ours
    assert bot["cap_drop"] == ["ALL"]
    assert bot["security_opt"] == ["no-new-privileges:true"]
    assert bot["restart"] == "unless-stopped"
    assert bot["volumes"] == ["data:/data"]
    assert bot["environment"]["BROADSHEET_DATA_DIR"] == "/data"


def test_a_plain_up_needs_neither_a_file_nor_postgres():
    services = compose()["services"]

    assert [name for name, service in services.items() if "profiles" not in service] == ["bot"]
    assert all(file["required"] is False for file in services["bot"]["env_file"])
    assert services["bot"]["depends_on"]["postgres"]["required"] is False


def test_postgres_is_healthy_before_it_is_used_and_its_password_is_not_in_the_file():
    loaded = compose()
    postgres = loaded["services"]["postgres"]

    assert postgres["profiles"] == ["postgres"]
    assert "pg_isready" in " ".join(postgres["healthcheck"]["test"])
    assert loaded["services"]["bot"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert "POSTGRES_PASSWORD" not in postgres["environment"]
    (secret,) = postgres["secrets"]
    assert postgres["environment"]["POSTGRES_PASSWORD_FILE"] == f"/run/secrets/{secret}"
    assert loaded["secrets"][secret] == {"environment": "POSTGRES_PASSWORD"}


def test_every_named_volume_is_declared():
    loaded = compose()
    named = {volume.partition(":")[0] for service in loaded["services"].values() for volume in service["volumes"]}

    assert named == set(loaded["volumes"])


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-postgres.lock"])
def test_each_lock_that_the_image_may_use_is_copied(lock):
    assert lock in copied_from_the_repository()
