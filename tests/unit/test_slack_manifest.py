"""The manifest asks for exactly what the code does, and the page about Slack explains all of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.slack import manifest as described
from adapters.slack.app import SlackSide
from adapters.slack.events import Lifecycle
from adapters.slack.installations import Workspaces
from adapters.slack.manifest import EVENTS, HISTORY_SCOPES, SCOPES, manifest, scopes
from bot.cli import app
from bot.cli.invocation import Invocation
from bot.model import ChannelRef, Platform
from bot.settings import Settings, env_name
from tests.fakes.clock import FrozenClock
from tests.fakes.store import MemoryStore

pytestmark = pytest.mark.unit
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "slack.md").read_text(encoding="utf-8")
NEEDS = {
    "apps.connections.open": set(),
    "auth.test": set(),
    "oauth.v2.access": set(),
    "chat.postMessage": {"chat:write"},
    "chat.postEphemeral": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": {"channels:history", "groups:history", "im:history"},
    "conversations.replies": {"channels:history", "groups:history", "im:history"},
    "conversations.info": {"channels:read", "groups:read", "im:read"},
    "conversations.join": {"channels:join"},
    "conversations.open": {"im:write"},
    "users.conversations": {"channels:read", "groups:read"},
    "users.info": {"users:read"},
    "views.open": set(),
    "views.publish": set(),
    "views.update": set(),
}
"""The scopes of each method, as docs.slack.dev lists them."""
OF_EVENTS = {
    "app_home_opened": set(),
    "app_mention": {"app_mentions:read"},
    "app_uninstalled": set(),
    "tokens_revoked": set(),
    "member_joined_channel": {"channels:read", "groups:read"},
    **{name: {"channels:read"} for name in EVENTS if name.startswith("channel_")},
    **{name: {"groups:read"} for name in EVENTS if name.startswith("group_")},
}
OF_FEATURES = {"commands"}


def called() -> set[str]:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "adapters" / "slack").glob("*.py"))
    named = set(re.findall(r'"((?:chat|conversations|users|views|auth|oauth)\.[a-zA-Z0-9.]+)"', sources))
    return named | {"apps.connections.open"}


def test_every_method_that_is_called_has_its_scope_and_every_scope_its_use():
    assert called() == set(NEEDS)
    used = set().union(*NEEDS.values(), *OF_EVENTS.values(), OF_FEATURES)
    assert used == {*SCOPES, *HISTORY_SCOPES}


def test_every_event_is_one_whose_scope_is_asked_for():
    assert set(OF_EVENTS) == set(EVENTS)


def listening(public_url=None, **settings):
    store, clock = MemoryStore(), FrozenClock()
    made = Settings(public_url=public_url, **settings)
    return SlackSide(made, clock, store, Workspaces(store, None, clock, api_url="http://127.0.0.1:9/api/"))


async def test_every_command_event_and_shortcut_of_the_manifest_has_a_listener():
    from slack_bolt.request.async_request import AsyncBoltRequest

    side = listening()
    bolt = side._listening(None)
    told = {"team_id": "T1", "event_id": "Ev1", "type": "event_callback"}
    bodies = [{**told, "event": {"type": name, "user": "", "channel": "C1"}} for name in manifest_events()]
    [command] = manifest()["features"]["slash_commands"]
    [shortcut] = manifest()["features"]["shortcuts"]
    bodies += [
        {"command": command["command"], "team_id": "T1", "user_id": "U1", "channel_id": "C1", "text": ""},
        {"type": "message_action", "callback_id": shortcut["callback_id"], "team": {"id": "T1"}, "user": {"id": "U1"}},
        {"type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1"}, "actions": [{"action_id": "run:0"}]},
    ]
    for body in bodies:
        answer = await bolt.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
        assert answer.status == 200, body
    unknown = {**told, "event": {"type": "reaction_added"}}
    assert (await bolt.async_dispatch(AsyncBoltRequest(body=unknown, mode="socket_mode"))).status == 404
    await side.stop()
    await side.close()


def manifest_events():
    return manifest()["settings"]["event_subscriptions"]["bot_events"]


@pytest.mark.parametrize("kind", [name for name in EVENTS if name.startswith(("channel_", "group_"))])
async def test_every_event_of_a_channel_means_something(kind):
    """`_channel` looks at what stands behind the first underscore: none may fall through to nothing."""
    told = []

    class Noting:
        def __getattr__(self, name):
            async def noted(*_):
                told.append(name)

            return noted

    class Forgetting:
        def forget_channel(self, ref):
            del ref

    ref = ChannelRef(Platform.SLACK, "slack:T1", "C1")
    await Lifecycle(None, Forgetting(), Noting())._channel(kind, ref, "a name", "U1")
    assert told


def test_without_a_public_address_the_app_runs_in_socket_mode():
    made = manifest()
    assert made["settings"]["socket_mode_enabled"]
    assert "request_url" not in json.dumps(made)
    assert "redirect_urls" not in json.dumps(made)


def test_with_a_public_address_every_url_is_there():
    made = manifest(public_url="https://papers.example.org")
    assert not made["settings"]["socket_mode_enabled"]
    assert json.dumps(made).count("https://papers.example.org/slack/events") == 3
    assert made["oauth_config"]["redirect_urls"] == ["https://papers.example.org/slack/oauth_redirect"]


def test_history_is_asked_for_unless_it_is_not_wanted():
    assert set(scopes(history=True)) - set(scopes(history=False)) == set(HISTORY_SCOPES)
    assert manifest(history=False)["oauth_config"]["scopes"]["bot"] == list(SCOPES)


def test_names_and_descriptions_fit_slacks_limits():
    made = manifest()
    [command] = made["features"]["slash_commands"]
    [shortcut] = made["features"]["shortcuts"]
    assert len(made["display_information"]["description"]) <= 140
    assert len(shortcut["name"]) <= 24
    assert len(shortcut["description"]) <= 150
    assert len(command["usage_hint"]) <= 1000


def test_the_command_prints_the_manifest(tmp_path):
    url = "https://papers.example.org"
    environ = {"BROADSHEET_PUBLIC_URL": url, "BROADSHEET_DATA_DIR": str(tmp_path)}
    for options, made in (([], manifest(public_url=url)), (["--socket"], manifest())):
        done = CliRunner().invoke(app, ["slack", "manifest", *options], obj=Invocation(environ, tmp_path))
        assert json.loads(done.output) == made


# --- docs/slack.md


def rows(heading):
    """The first and last column of the table under a heading."""
    part = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| `")]
    return {cells[0].strip("` "): cells[-1].strip() for cells in lines}


def test_the_page_gives_each_scope_with_its_reason():
    assert rows("What it asks for, and why") == {**SCOPES, **HISTORY_SCOPES}


def test_the_page_gives_each_event_with_what_it_does():
    assert rows("What Slack tells it") == EVENTS


def test_the_page_names_each_setting_the_command_and_each_address():
    for field in Settings.model_fields:
        if field.startswith("slack_") or field in {"public_url", "secret_keys"}:
            assert env_name(field) in PAGE
    for name in ("EVENTS_PATH", "REDIRECT_PATH", "INSTALL_PATH", "COMMAND"):
        assert getattr(described, name) in PAGE
    assert "broadsheet slack manifest" in PAGE


def test_the_page_shows_the_manifest_that_the_code_makes():
    [shown] = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert json.loads(shown) == manifest()


def test_every_picture_of_the_page_is_there_light_and_dark():
    named = set(re.findall(r"images/(slack-[a-z]+-(?:light|dark)\.png)", PAGE))
    drawn = {path.name for path in (ROOT / "docs" / "images").glob("slack-*.png")}
    assert named == drawn
    assert {name.replace("dark", "light") for name in named} == {name for name in named if "light" in name}
