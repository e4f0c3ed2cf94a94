"""Settings: from the environment, `.env` and one TOML file, in this order of precedence; all mistakes at once.

Every name has the prefix `BROADSHEET_`. A secret may also be given as `NAME_FILE`, the path of a file that holds it.
This module reads no environment itself: `bot.__main__` hands it a mapping.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from platformdirs import user_data_dir
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from bot.errors import BadArgument, BadSettings
from bot.ranking import SearchWeights, Weights
from bot.topics.categories import nearest_category, spell_category
from bot.zones import parse_zone

PREFIX = "BROADSHEET_"
_SHORTEST_TOKEN = 12
_HOST_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _split(value: object) -> object:
    return [part for part in value.replace(",", " ").split() if part] if isinstance(value, str) else value


def _category(name: str) -> str:
    spelled = spell_category(name)
    if spelled is None:
        near = nearest_category(name)
        msg = f"“{name}” is no arXiv category{f'; did you mean {near}?' if near else ''}"
        raise ValueError(msg)
    return spelled


def _zone(name: str) -> str:
    try:
        return parse_zone(name)
    except BadArgument as error:
        raise ValueError(error.user_message) from None


def _base(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        msg = "needs a whole address like https://example.org, without a user or password in it"
        raise ValueError(msg)
    return url.rstrip("/")


def _api(url: str) -> str:
    return _base(url) + "/"


def _host_name(name: str) -> str:
    if not _HOST_NAME.fullmatch(name):
        msg = f"“{name}” is no bare host name like papers.example.org, without https:// and port"
        raise ValueError(msg)
    return name.lower()


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < _SHORTEST_TOKEN:
        msg = f"needs at least {_SHORTEST_TOKEN} characters; leave it out and one is made for you"
        raise ValueError(msg)
    return secret


BaseUrl = Annotated[str, AfterValidator(_base)]
HostName = Annotated[str, AfterValidator(_host_name)]
Category = Annotated[str, AfterValidator(_category)]


class Settings(BaseModel):
    """Everything that an operator can set; `broadsheet settings` and `docs/settings.md` show the descriptions."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    data_dir: Annotated[Path, AfterValidator(Path.expanduser)] = Field(
        default_factory=lambda: Path(user_data_dir("broadsheet", appauthor=False)),
        description="Folder of the database, the access token and everything else that is kept",
    )
    database_url: SecretStr | None = Field(
        default=None, description="Database: sqlite:///PATH or postgresql://…; otherwise SQLite in the data folder"
    )
    hf_url: BaseUrl = Field(default="https://huggingface.co", description="Where Hugging Face's API answers")
    arxiv_api_url: BaseUrl = Field(default="https://export.arxiv.org", description="Where arXiv's query API answers")
    arxiv_feed_url: BaseUrl = Field(
        default="https://rss.arxiv.org", description="Where arXiv's announcement feeds answer"
    )
    arxiv_categories: Annotated[tuple[Category, ...], BeforeValidator(_split)] = Field(
        default=("cs.AI", "cs.CL", "cs.CV", "cs.LG", "cs.RO", "stat.ML"),
        description="arXiv categories to fetch for everybody, beside those that subscriptions name",
    )
    contact: str = Field(default="", description="Mail address or page that sources see as the contact of this bot")
    zone: Annotated[str, AfterValidator(_zone)] = Field(
        default="UTC", description="Time zone of members whose own zone is not known"
    )
    host: str = Field(
        default="127.0.0.1", description="Address the page listens on; beyond loopback it asks for a token"
    )
    port: int = Field(default=8080, ge=0, le=65_535, description="Port that the page listens on; 0 takes a free one")
    token: Annotated[SecretStr, AfterValidator(_long_enough)] | None = Field(
        default=None,
        description="Token that the page asks for beyond loopback, 12 characters or more; "
        "otherwise one is made and kept in the data folder",
    )
    allowed_hosts: Annotated[tuple[HostName, ...], BeforeValidator(_split)] = Field(
        default=(), description="Host names under which a reverse proxy reaches the page, which then asks for a token"
    )
    thumbnails: bool = Field(
        default=True, description="Fetch papers' thumbnails for the page; they are kept in the data folder"
    )
    semantic_model: str = Field(
        default="",
        description="Folder or name of a model2vec model, for about: and for like: by meaning; "
        "needs the extra “semantic”",
    )
    index_memory_mb: int = Field(
        default=64,
        ge=15,
        le=4_096,
        description="Megabytes of memory that the writing of the search index may take before it goes to disk",
    )
    search_upvotes: float = Field(
        default=0.02, ge=0, le=1_000, description="Weight of ln(1 + upvotes) in a search, beside relevance up to 1"
    )
    search_freshness: float = Field(
        default=0.05, ge=0, le=1_000, description="Weight of freshness in a search, beside relevance up to 1"
    )
    search_half_life_days: float = Field(
        default=365.0, ge=0.1, le=36_500, description="After how many days freshness has halved in a search"
    )
    public_url: BaseUrl | None = Field(
        default=None, description="Address under which the outside reaches this server, like https://papers.example.org"
    )
    secret_keys: SecretStr | None = Field(
        default=None,
        description="Keys that seal the tokens of installations, the newest first, with commas between; "
        "otherwise one is made and kept in the data folder (`broadsheet keys new` makes one)",
    )
    slack_bot_token: SecretStr | None = Field(
        default=None, description="Slack, one workspace: the bot token (xoxb-…) of docs/slack.md"
    )
    slack_app_token: SecretStr | None = Field(
        default=None, description="Slack, one workspace: the app-level token (xapp-…) for Socket Mode"
    )
    slack_client_id: str = Field(default="", description="Slack, many workspaces: the app's client id")
    slack_client_secret: SecretStr | None = Field(
        default=None, description="Slack, many workspaces: the app's client secret"
    )
    slack_signing_secret: SecretStr | None = Field(
        default=None, description="Slack, many workspaces: what Slack signs its requests with"
    )
    slack_history: bool = Field(
        default=True,
        description="Ask Slack workspaces for the right to read messages, which settles doubtful deliveries; "
        "without it the channel's preference does",
    )
    slack_api_url: Annotated[str, AfterValidator(_api)] = Field(
        default="https://slack.com/api/", description="Where Slack's Web API answers; ends in /"
    )
    discord_token: SecretStr | None = Field(default=None, description="Discord: the bot's token of docs/discord.md")
    discord_layout: Literal["embeds", "components"] = Field(
        default="embeds",
        description="Discord: how cards are drawn, as embeds, or with Components V2",
    )
    discord_api_url: BaseUrl = Field(
        default="https://discord.com/api/v10", description="Where Discord's API answers, its version included"
    )
    grace_hours: float = Field(
        default=6.0,
        ge=0,
        le=24,
        description="How late a digest may still be posted after downtime; later than this its date is skipped, "
        "which the next digest says",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level that is logged, to standard error"
    )
    rank_upvotes: float = Field(default=1.0, ge=0, le=1_000, description="Weight of ln(1 + upvotes) in the ranking")
    rank_stars: float = Field(
        default=0.3, ge=0, le=1_000, description="Weight of ln(1 + stars of the repository) in the ranking"
    )
    rank_freshness: float = Field(default=2.0, ge=0, le=1_000, description="Weight of freshness in the ranking")
    rank_half_life_days: float = Field(
        default=3.0, ge=0.1, le=3_650, description="After how many days freshness has halved"
    )

    @property
    def weights(self) -> Weights:
        """The ranking's weights."""
        half_life = timedelta(days=self.rank_half_life_days)
        return Weights(self.rank_upvotes, self.rank_stars, self.rank_freshness, half_life)

    @property
    def search_weights(self) -> SearchWeights:
        """What counts in a search beside relevance."""
        half_life = timedelta(days=self.search_half_life_days)
        return SearchWeights(self.search_upvotes, self.search_freshness, half_life)

    @property
    def grace(self) -> timedelta:
        """How late a digest may still be posted."""
        return timedelta(hours=self.grace_hours)

    @property
    def store_url(self) -> str:
        """The database's URL, with its password where it has one: never log it."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir / 'broadsheet.sqlite3'}"

    @model_validator(mode="after")
    def _whole_slack(self) -> Self:
        """Each way of running on Slack needs all of its settings."""
        socket = {"slack_bot_token": self.slack_bot_token, "slack_app_token": self.slack_app_token}
        bot, app = (each.get_secret_value() if each else "" for each in socket.values())
        web = {
            "slack_client_id": self.slack_client_id,
            "slack_client_secret": self.slack_client_secret,
            "slack_signing_secret": self.slack_signing_secret,
            "public_url": self.public_url,
        }
        if any(socket.values()) and any(web[name] for name in web if name != "public_url"):
            raise ValueError(
                "Slack runs either over a socket (bot and app token) or over HTTP (client id, …), not both"
            )
        for group in (socket, web):
            missing = [env_name(name) for name, value in group.items() if not value]
            if missing and any(value for name, value in group.items() if name != "public_url"):
                raise ValueError(f"Slack needs {' and '.join(missing)} too (docs/slack.md)")
        if bot and app and (bot.startswith("xapp-") or app.startswith("xoxb-")):
            raise ValueError(
                f"{env_name('slack_bot_token')} takes the token that begins with xoxb-, "
                f"{env_name('slack_app_token')} the one that begins with xapp- (docs/slack.md)"
            )
        return self

    @property
    def has_slack(self) -> bool:
        """True where Slack is configured, in either way."""
        return self.slack_bot_token is not None or bool(self.slack_client_id)

    @property
    def has_discord(self) -> bool:
        """True where Discord is configured."""
        return self.discord_token is not None

    @property
    def index_dir(self) -> Path:
        """The folder of the search index."""
        return self.data_dir / "index"

    @property
    def is_loopback(self) -> bool:
        """True where the page can be reached from this machine only. A reverse proxy brings others to it."""
        return self.host in _LOOPBACK and not self.known_hosts

    @property
    def known_hosts(self) -> tuple[str, ...]:
        """Host names under which a reverse proxy reaches the server; that of the public address is one."""
        public = urlsplit(self.public_url).hostname if self.public_url else None
        return (*self.allowed_hosts, *([public] if public else ()))


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One setting as it is listed: its name, value (secrets hidden), where the value came from, what it is for."""

    name: str
    value: str
    origin: str
    description: str


def load_settings(environ: Mapping[str, str], *, folder: Path, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read settings from a mapping, `folder/.env` and the TOML file. Raises BadSettings with every mistake there is."""
    return _load(environ, folder=folder, overrides=overrides or {})[0]


def list_settings(environ: Mapping[str, str], *, folder: Path) -> list[SettingLine]:
    """Every setting with its value and origin; secrets are never shown."""
    settings, origins = _load(environ, folder=folder, overrides={})
    return [
        SettingLine(
            env_name(field), _shown(getattr(settings, field)), origins.get(field, "default"), info.description or ""
        )
        for field, info in Settings.model_fields.items()
    ]


def env_name(field: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + field.upper()


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "(hidden)"
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def _load(environ: Mapping[str, str], *, folder: Path, overrides: Mapping[str, Any]) -> tuple[Settings, dict[str, str]]:
    mistakes: list[str] = []
    dotenv = {name: value for name, value in dotenv_values(folder / ".env").items() if value is not None}
    toml = _read_toml(environ, dotenv, folder, mistakes)
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    layers: list[tuple[str, Mapping[str, Any]]] = [
        ("TOML file", toml),
        (".env", _named(dotenv, mistakes)),
        ("environment", _named(environ, mistakes)),
        ("command line", {name: value for name, value in overrides.items() if value is not None}),
    ]
    for origin, layer in layers:
        values |= layer
        origins |= dict.fromkeys(layer, origin)
    known = {name: value for name, value in values.items() if name in Settings.model_fields}
    mistakes += [_unknown(name, origins[name]) for name in values if name not in Settings.model_fields]
    try:
        settings = Settings(**known)
    except ValidationError as error:
        mistakes += [_mistake(each) for each in error.errors(include_input=False, include_url=False)]
        raise BadSettings(tuple(mistakes)) from None
    if mistakes:
        raise BadSettings(tuple(mistakes))
    return settings, origins


def _read_toml(
    environ: Mapping[str, str], dotenv: Mapping[str, str], folder: Path, mistakes: list[str]
) -> dict[str, Any]:
    named = environ.get(PREFIX + "CONFIG") or dotenv.get(PREFIX + "CONFIG")
    path = Path(named) if named else folder / "broadsheet.toml"
    if not path.exists():
        if named:
            mistakes.append(f"{PREFIX}CONFIG: there is no file {path}")
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        mistakes.append(f"{path.name}: {error}")
        return {}


def _named(environ: Mapping[str, str], mistakes: list[str]) -> dict[str, str]:
    """The settings in an environment; `NAME_FILE` gives what the file holds."""
    found: dict[str, str] = {}
    for name, value in environ.items():
        field = name.removeprefix(PREFIX).casefold()
        if not name.startswith(PREFIX) or field == "config":
            continue
        if not value.strip():
            continue  # an empty variable is how compose files and shells leave a setting out
        if field.endswith("_file") and field not in Settings.model_fields:
            try:
                found[field.removesuffix("_file")] = Path(value).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                mistakes.append(f"{name}: the file {value} cannot be read: {error.__class__.__name__}")
            continue
        found[field] = value
    return found


def _unknown(field: str, origin: str) -> str:
    near = get_close_matches(field, list(Settings.model_fields), n=1)
    hint = f"; did you mean {env_name(near[0])}?" if near else ""
    return f"{env_name(field)} ({origin}): there is no such setting{hint}"


def _mistake(error: Mapping[str, Any]) -> str:
    said = str(error["msg"]).removeprefix("Value error, ")
    return f"{env_name(str(error['loc'][0]))}: {said}" if error["loc"] else said
